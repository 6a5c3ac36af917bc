"""`relucert uniform`: what it proves, prints and writes, and what it refuses."""

import json
import sys
from pathlib import Path

import pytest

from relucert import certificate
from relucert.base.errors import InputError
from relucert.certificate.provenance import versions
from relucert.families.uniform import commands, prove
from relucert.families.uniform.prove import TABLE, Failure, Proof, Tier, at_least
from relucert.families.uniform.statement import statement
from relucert.families.uniform.words import words

FAST = ("uniform", "--from", "1000000", "--lower-bound", "0.05")
HYPOTHESES = (
    "every integer k >= 1000000,", "every input dimension d >= k", "n = k ReLU neurons", "k orthonormal targets",
    "standard Gaussian input", "population loss F", "spurious local minimum W", "critical point",
    "positive definite Hessian, all its eigenvalues above 0.0500000", "k F(W) is in [0.297", "not global",
)  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def proof():
    found = prove.prove([Tier(10**6, at_least("0.05", "x"))])
    assert isinstance(found, Proof)
    return found


@pytest.fixture
def no_work(monkeypatch):
    """Whoever starts to prove anything fails."""
    monkeypatch.setattr(prove, "prove", lambda *_: pytest.fail("the work has begun"))


def files():
    return sorted(Path("out").iterdir()) if Path("out").exists() else []


def test_a_certificate_that_the_checker_accepts(relucert):
    code, out, _ = relucert(*FAST, "-o", "out")
    assert code == 0
    (path,) = files()
    whole = json.loads(path.read_bytes())
    assert path.stem == certificate.digest(whole["statement"])
    lines = out.splitlines()
    assert [part for part in HYPOTHESES if part not in lines[0]] == []
    assert lines[-1].strip() == str(path)
    code, out, _ = relucert("audit", "out", "--json")
    row = json.loads(out)
    assert (code, row["result"], row["verdict"]) == (0, "accepted", "spurious-minimum")
    code, out, _ = relucert("show", "out")
    assert code == 0
    assert lines[0] in " ".join(out.split())
    assert "U.3" in out
    assert "unknown, not checked" not in out


def test_json_names_the_claim_as_show_does(relucert):
    code, out, _ = relucert(*FAST, "-o", "out", "--json")
    (row,) = map(json.loads, out.splitlines())
    assert code == 0
    assert row.keys() == {"verdict", "claim", "bounds", "certificate", "claim_digest"}
    assert (row["verdict"], [Path(row["certificate"])]) == ("spurious-minimum", files())
    assert "k >= 1000000" in row["bounds"]
    code, out, _ = relucert("show", "out", "--json")
    shown = json.loads(out)
    assert (code, shown["claim"]) == (0, row["claim"])
    assert shown["claim_digest"] == row["claim_digest"]
    code, out, _ = relucert("audit", "out", "--json")
    assert json.loads(out)["claim_digest"] == row["claim_digest"]


def test_the_same_command_writes_the_same_bytes(relucert):
    found = []
    for folder in ("one", "two"):
        assert relucert(*FAST, "-o", folder)[0] == 0
        (path,) = Path(folder).iterdir()
        found.append((path.name, path.read_bytes()))
    assert found[0] == found[1]
    assert json.loads(found[0][1])["signatures"]


def test_the_library_states_the_same(relucert, proof):
    assert relucert(*FAST, "-o", "out")[0] == 0
    (path,) = files()
    provenance = {**versions(), "source": "relucert uniform", "search": None}
    assert json.loads(path.read_bytes())["statement"] == statement(proof, provenance)


def test_without_a_bound_that_of_the_table_is_proved(relucert):
    code, out, _ = relucert("uniform", "--classes", "k-1, 1", "--from", 10**6, "-o", "out", "--json")
    assert code == 0
    assert "above 0.08700" in json.loads(out)["claim"]


def test_the_table_from_a_k_between_its_own():
    starts = [tier.start for tier in commands._tiers(50, None)]
    assert starts == [50, 100, 1000]
    assert commands._tiers(50, None)[0].bound == at_least("0.0534", "x")
    assert [tier.start for tier in commands._tiers(6, None)] == [k for k, *_ in TABLE]
    assert commands._tiers(5, None)[0] == Tier(5, (0, 0))


@pytest.mark.parametrize(("form", "head"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_plots(relucert, form, head):
    pytest.importorskip("matplotlib")
    path = Path("new") / f"picture.{form}"
    assert relucert(*FAST, "-o", "out", "--plot", path)[0] == 0
    first = path.read_bytes()
    assert first.startswith(head)
    assert relucert(*FAST, "-o", "out", "--plot", path)[0] == 0
    assert path.read_bytes() == first


@pytest.mark.usefixtures("no_work")
def test_a_plot_that_cannot_be_is_refused_before_the_work(relucert, monkeypatch):
    code, _, errors = relucert(*FAST, "-o", "out", "--plot", "a.gif")
    assert (code, "a.gif: a plot is one of .png, .svg, .pdf" in errors) == (2, True)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, errors = relucert(*FAST, "-o", "out", "--plot", "a.svg")
    assert (code, 'pip install "relucert[plot]"' in errors) == (3, True)
    assert not files()


BAD = {
    "classes": (("--classes", "k-2,2"), "the pattern k-1,1 is"),
    "classes, numbers": (("--classes", "5,1"), "the pattern k-1,1 is"),
    "from 0": (("--from", "0"), "the first k must be 2 to 9007199254740991; the theorem holds from 6 on"),
    "from 1": (("--from", "1"), "the first k must be"),
    "from -6": (("--from", "-6"), "the first k must be"),
    "from 10^17": (("--from", "100000000000000000"), "the first k must be"),
    "from 6.5": (("--from", "6.5"), "--from"),
    "bound -1": (("--lower-bound", "-1"), "expected 0 or more, for a minimum"),
    "bound nan": (("--lower-bound", "nan"), "not a finite decimal"),
    "bound 1/0": (("--lower-bound", "1/0"), "1/0"),
    "bound abc": (("--lower-bound", "abc"), "'abc' is not a finite decimal"),
    "bound empty": (("--lower-bound", ""), "is not a finite decimal"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(relucert, name):
    arguments, said = BAD[name]
    code, out, errors = relucert("uniform", *arguments, "-o", "out")
    assert (code, out) == (2, "")
    assert said in errors
    assert not files()


def test_a_bound_above_the_limit_is_inconclusive(relucert):
    """1/4 - 1/(2 pi) = 0.0908.. is the limit; the failure names block and box."""
    code, out, errors = relucert(
        "uniform", "--from", "1000000", "--lower-bound", "0.1", "-o", "out", "--json"
    )
    row = json.loads(out)
    assert code == 5
    assert row["verdict"] == "inconclusive"
    assert row["s"][0] == 0
    assert "to infinity (s = k^(-1/2) in [0, " in row["reason"]
    assert "block: its smallest eigenvalue, about 0.0908451, is not proved to exceed 0.1" in row["reason"]
    assert "--from 6" not in row["reason"]
    assert row["reason"] in errors
    assert not files()


def test_from_5_is_inconclusive(relucert, monkeypatch):
    """At k = 5 the critical point is a saddle: for real k it turns into one near 5.59."""
    monkeypatch.setattr(prove, "NARROWEST", 2.0**-16)
    code, out, errors = relucert("uniform", "--from", "5", "--lower-bound", "0", "-o", "out")
    assert (code, out) == (5, "")
    assert "not proved for k " in errors
    assert "the standard block" in errors
    assert "at k = 5 this critical point is a saddle" in errors
    assert "--from 6" in errors
    assert not files()


def test_a_failure_is_no_statement():
    found = prove.prove([Tier(10**6, at_least("0.0909", "x"))])
    assert isinstance(found, Failure)
    assert found.low == 0
    with pytest.raises(InputError, match="the first k must be"):
        prove.prove([])


def test_the_sentence_has_every_hypothesis_and_only_of_known_problems(proof):
    claim = statement(proof, {})["claim"]
    sentence, facts = words(claim)
    assert [part for part in HYPOTHESES if part not in sentence] == []
    assert [name for name, _ in facts] == ["k >= 1000000", "limits for k -> infinity", "proved on"]
    for name, new in (
        ("classes", "k-2,2"),
        ("neurons", "k+1"),
        ("targets", "given"),
        ("from", 7),
        ("d", "k"),
    ):
        with pytest.raises(ValueError, match=r"another problem|first k"):
            words(claim | {"problem": claim["problem"] | {name: new}})
    with pytest.raises(ValueError, match="another problem or verdict"):
        words(claim | {"verdict": "global-minimum"})
