"""`relucert filter`: what it proves, prints and writes, and what it refuses."""

import json
from fractions import Fraction

import numpy as np
import pytest

from relucert import certificate
from relucert.base.errors import InputError
from relucert.base.rational import exact_number
from relucert.families.filter.problem import FilterProblem, vector
from relucert.families.filter.prove import certify, probability, random_start, record
from relucert.families.filter.statement import statement
from relucert.kernel.outcome import Inconclusive


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


NEAR = ("--w-star", "1,-0.5,1/3", "--start", "0.7,0,1/2")


def test_a_start_gets_a_certificate_that_the_checker_accepts(relucert, tmp_path):
    code, out, _ = relucert("filter", *NEAR, "--eta", "1", "-o", "out")
    assert code == 0
    assert out.startswith("converges to target  (p = 3, eta = 1, standard Gaussian input, population loss)")
    assert "Theorem 2.2, beta = p:" in out
    assert "Theorem 2.2, beta = 1/pi:" in out
    (path,) = (tmp_path / "out").iterdir()
    assert str(path.name) in out
    code, out, _ = relucert("audit", "out", "--json")
    row = json.loads(out)
    assert (code, row["result"], row["verdict"]) == (0, "accepted", "converges-to-target")
    code, out, _ = relucert("show", "out")
    assert code == 0
    assert "converges to w*" in out
    assert "B.5" in out


def test_the_same_start_gives_the_same_certificate(relucert, tmp_path):
    for _ in range(2):
        relucert("filter", *NEAR, "-o", "out")
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_json_lines(relucert):
    code, out, _ = relucert("filter", *NEAR, "--radius", "0.5", "-o", "out", "--json")
    descent, chances = map(json.loads, out.splitlines())
    assert code == 0
    assert descent["verdict"] == "converges-to-target"
    assert descent["reason"] is None
    assert float(descent["rate"]) < 0.5
    theirs, better, ours = (row["steps"] for row in descent["published"])
    assert descent["steps"] < ours < better < theirs
    assert chances["dimension"] == 3
    low, high = map(float, chances["near"])
    assert low <= 13 / 32 <= high  # a lens of two balls in R^3


def test_probability_alone(relucert):
    code, out, _ = relucert("filter", "--dimension", "2", "--radius", "2", "--json")
    assert code == 0
    low, high = map(float, json.loads(out)["near"])
    assert low <= 0.25 <= high
    code, out, _ = relucert("filter", "--dimension", "2", "--radius", "0.01")
    assert code == 0
    assert "converges to w* with probability 1" in out
    assert "|w0 - w*| < |w*| with probability in [0.4989" in out
    assert random_start(2, Fraction(2))["nearer"] is None


def test_files_of_numbers(relucert, tmp_path):
    (tmp_path / "v.json").write_text('[1, "-0.5", 0.1e0]')
    (tmp_path / "w.txt").write_text("0.7 0\n1/2\n")
    code, _, _ = relucert("filter", "--w-star", "v.json", "--start", "w.txt", "-o", "out", "--json")
    assert code == 0
    claim = json.loads(next((tmp_path / "out").iterdir()).read_bytes())["statement"]["claim"]
    assert claim["problem"]["target"] == ["1", "-1/2", "1/10"]
    assert claim["point"] == ["7/10", "0", "1/2"]


def test_the_opposite_ray_is_inconclusive(relucert, tmp_path):
    """There descent tends to 0, so nothing may be claimed, at no precision."""
    code, out, _ = relucert("filter", "--w-star", "1,2", "--start", "-1/3,-2/3", "-o", "out")
    assert code == 5
    assert "B.3 not proved" in out
    assert "never leaves" in out
    assert not (tmp_path / "out").exists()
    result = certify(FilterProblem.from_text("1,2", "-1/3,-2/3"))
    assert isinstance(result.outcome, Inconclusive)
    assert result.outcome.failed.name == "B.3"
    with pytest.raises(InputError, match="inconclusive"):
        statement(result, {})


def test_next_to_the_opposite_ray():
    """Decided as long as the number of steps can be written; otherwise the reason says so."""
    near = certify(FilterProblem.from_text("1,0", "-1,1e-3"))
    assert near.outcome.bounds.steps > 10**9
    nearer = certify(FilterProblem.from_text("1,0", "-1,1e-30"))
    assert "more than 9007199254740991 steps" in record(nearer)["reason"]


BAD = {
    "target zero": (("--w-star", "0,0", "--start", "1,0"), "w* = 0"),
    "start zero": (("--w-star", "1,0", "--start", "0,0"), "w0 = 0"),
    "dimension 1": (("--w-star", "1", "--start", "2"), "expected 2 to"),
    "empty": (("--w-star", "", "--start", "1,0"), "w* has 0 entries"),
    "empty entry": (("--w-star", "1,,2", "--start", "1,1"), "w*, entry 1: ''"),
    "lengths": (("--w-star", "1,0", "--start", "1,0,0"), "w0 has 3 entries, w* has 2"),
    "step 0": ((*NEAR, "--eta", "0"), "0 < eta <= 2"),
    "step negative": ((*NEAR, "--eta", "-1"), "0 < eta <= 2"),
    "step too large": ((*NEAR, "--eta", "2.0000000000000000000000000001"), "0 < eta <= 2"),
    "step nan": ((*NEAR, "--eta", "nan"), "not a finite decimal"),
    "step infinite": ((*NEAR, "--eta", "inf"), "not a finite decimal"),
    "accuracy 0": ((*NEAR, "--accuracy", "0"), "expected a positive number"),
    "not finite": (("--w-star", "1,inf", "--start", "1,0"), "neither a file nor a list"),
    "no file": (("--w-star", "no.json", "--start", "1,0"), "neither a file nor a list"),
    "divides by 0": (("--w-star", "1,1/0", "--start", "1,0"), "divides by zero"),
    "one vector": (("--w-star", "1,0"), "give both"),
    "nothing": ((), "give --w-star and --start, or --dimension"),
    "no radius": (("--dimension", "3"), "--dimension needs --radius"),
    "radius 0": (("--dimension", "3", "--radius", "0"), "radius must be positive"),
    "random with too large a step": (("--dimension", "5", "--radius", "1", "--eta", "5"), "0 < eta <= 2"),
    "random in too many dimensions": (("--dimension", "100001", "--radius", "1"), "2 to 100000"),
    "random on a line": (("--dimension", "1", "--radius", "1"), "dimension must be 2"),
    "dimensions": ((*NEAR, "--dimension", "4", "--radius", "1"), "w* has 3 entries"),
    "long": (("--w-star", "1,0", "--start", "1," + "1" * 401), "at most 400 digits"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_exit_code_2(name, relucert, tmp_path):
    arguments, message = BAD[name]
    code, out, err = relucert("filter", *arguments, "-o", "out")
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content", [b"[1, [2]]", b"[1, nan]", b"[1, 2", b"\xff\xfe", b"1 two", b'[1, {"a": 1}]']
)
def test_bad_files(content, relucert, tmp_path):
    (tmp_path / "v").write_bytes(content)
    code, out, err = relucert("filter", "--w-star", "v", "--start", "1,0", "-o", "out")
    assert (code, out) == (2, "")
    assert err.startswith("error:")


def test_many_different_denominators():
    """A common denominator of more than 2048 bits is refused before anything is multiplied out."""
    entries = [f"1/{10**60 + i}" for i in range(100)]
    with pytest.raises(InputError, match=r"w\*, entry 1\d: more than 2048 bits"):
        FilterProblem.from_text(entries, entries)


def test_floats_are_refused_by_the_library():
    with pytest.raises(InputError, match="Fraction"):
        FilterProblem((Fraction(1), Fraction(0)), (Fraction(1), 0.1))
    with pytest.raises(InputError, match="Fraction"):
        FilterProblem((Fraction(1), Fraction(0)), (Fraction(1), Fraction(1)), 1.5)


def test_numbers_are_exact():
    assert vector("0.1, -1e-3 2/6", "w*") == (Fraction(1, 10), Fraction(-1, 1000), Fraction(1, 3))
    for text in ("1e401", "1e-1000", "0x1", "1_0", "1/2/3", "", "--1", "1/-2", "\u0661"):
        with pytest.raises(InputError):
            exact_number(text, "x")


def test_a_statement_has_no_floats_and_parses_again():
    whole = certificate.envelope(statement(certify(FilterProblem.from_text("3,4", "1,1")), {}), [])
    claim = certificate.parse(whole, "x")["statement"]["claim"]
    assert claim["bounds"]["steps"] == certify(FilterProblem.from_text("3,4", "1,1")).outcome.bounds.steps
    assert claim["schema"] == "relucert-certificate/1.1"


def test_scaling_changes_nothing():
    """The problem is homogeneous: w* and w0 times any factor give the same numbers."""
    one, other = (
        certify(FilterProblem.from_text(f"{c}e{e},0", f"{c}e{e},{2 * c}e{e}")).outcome.bounds
        for c, e in ((1, 0), (3, -200))
    )
    assert one.steps == other.steps
    assert float(one.decrease) == float(other.decrease)


def test_probability_of_a_radius_with_many_digits_is_refused():
    with pytest.raises(InputError, match="radius"):
        probability(3, Fraction(1, 10**10))


def test_whole_numbers_of_other_types_do_not_overflow():
    large = np.array([2**40, 3 * 2**40])
    one = FilterProblem(tuple(large), (Fraction(1), Fraction(2)), Fraction(1))
    assert one.invariants()[0] == 10 * 2**80
