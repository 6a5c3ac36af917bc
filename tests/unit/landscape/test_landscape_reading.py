"""How problems and points of the designed landscape are read, and what is refused: with the file, the entry, the
remedy, exit code 2, and nothing written."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relucert.base.dyadic import from_float
from relucert.base.errors import InputError
from relucert.families.landscape import points
from relucert.families.landscape.candidate import LandscapeCandidate, SampledProblem
from relucert.families.landscape.commands import problem_of
from relucert.families.landscape.family import FAMILY
from relucert.families.landscape.problem import LandscapeProblem

EYE = np.eye(3)
WHOLE = {
    "family": "designed-landscape", "a_star": ["1", 0.5, "1/3"], "mu": 6, "lambda": 0.1, "points": [EYE.tolist()],
}  # fmt: skip
SAMPLES = {"samples": {"x": [[1, 0.5], [0, 1]], "y": [1, -2]}, "mu": 6, "lambda": 1, "points": [[[1, 0]]]}
ROWS = tuple(tuple(from_float(x) for x in row) for row in EYE.tolist())


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name, value):
    text = value if isinstance(value, str) else json.dumps(value)
    with open(name, "w") as file:
        file.write(text)


def read(value, name="p.json"):
    write(name, value)
    return points.read_points(Path(name), Path(name).read_bytes())


def test_a_file_with_its_problem():
    """Decimals of the problem are what they say, not the doubles next to them."""
    (found,) = read(WHOLE)
    assert found.problem.a_star == (1, Fraction(1, 2), Fraction(1, 3))
    assert (found.problem.mu, found.problem.lam) == (6, Fraction(1, 10))
    assert found.problem.objective == "G"
    assert found.point == ROWS
    assert found.source == "p.json[0]"


def test_entries_of_points_are_doubles_hexadecimals_and_pairs():
    (found,) = read({**WHOLE, "a_star": [1, 1], "points": [[[0.1, "0x1.8p-3"], [["3", -5], [1, 2]]]]})
    assert found.point == ((from_float(0.1), (3, -4)), ((3, -5), (1, 2)))


def test_a_teacher_makes_it_f():
    teacher = [["3/5", "4/5", 0], ["-0.8", 0.6, 0], [0, 0, "1"]]
    (found,) = read({**WHOLE, "teacher": teacher})
    assert found.problem.objective == "F"
    assert found.problem.teacher[1] == (Fraction(-4, 5), Fraction(3, 5), 0)
    assert found.problem.record()["teacher"][0] == ["3/5", "4/5", "0"]


def test_samples_make_it_g_hat():
    (found,) = read(SAMPLES)
    assert isinstance(found.problem, SampledProblem)
    assert found.problem.record()["samples"] == {
        "x": [[["1", 0], ["1", -1]], [["0", 0], ["1", 0]]],
        "y": [["1", 0], ["-1", 1]],
    }


def without(name):
    return {key: value for key, value in WHOLE.items() if key != name}


BAD = [
    ({**WHOLE, "colour": 1}, "unknown member 'colour'; known: family, a_star"),
    ({**WHOLE, "a_star": [1, -1, 1]}, "a*, entry 1 is -1"),
    ({**WHOLE, "a_star": [1, 0, 1]}, "a*, entry 1 is 0"),
    ({**WHOLE, "a_star": [1], "points": [[[1]]]}, "a* has 1 entries; expected 2 to"),
    ({**WHOLE, "a_star": "1,1"}, "a_star is missing, or is not a list of numbers"),
    ({**WHOLE, "a_star": [True, 1, 1]}, "a_star is missing, or is not a list of numbers"),
    ({**WHOLE, "a_star": ["1/0", 1, 1]}, "a*, entry 0: '1/0' divides by zero"),
    ({**WHOLE, "a_star": ["one", 1, 1]}, "a*, entry 0: 'one' is not a finite decimal or fraction"),
    (
        {**WHOLE, "a_star": ["0." + 301 * "1", 1, 1]},
        "a*, entry 0 has more than 300 digits: use a shorter number",
    ),
    (without("a_star"), "a_star is missing"),
    ({**WHOLE, "mu": 12}, "mu = 12: two rows on one direction of the teacher have a flat direction there"),
    ({**WHOLE, "mu": "12.000"}, "mu = 12"),
    ({**WHOLE, "mu": 0}, "mu = 0: expected a positive number"),
    ({**WHOLE, "mu": -3}, "mu = -3: expected a positive number"),
    ({**WHOLE, "mu": "1e350"}, "mu has more than 300 digits"),
    ({**WHOLE, "mu": [6]}, "mu is missing, or is not a number"),
    (without("lambda"), "lambda is missing, or is not a number"),
    ({**WHOLE, "lambda": 0}, "lambda = 0: expected a positive number"),
    ({**WHOLE, "family": "cnn"}, "the family is 'cnn', expected 'designed-landscape'"),
    ({**WHOLE, "teacher": [[1, 0, 0], [0, 1, 0], [1, 1, 0]]}, "the teacher is singular"),
    ({**WHOLE, "teacher": [[0.1, 0.2, 0], [0.3, 0.6, 0], [0, 0, 1]]}, "the teacher is singular"),
    ({**WHOLE, "teacher": [[1, 0], [0, 1]]}, "the teacher has 2 rows of 2 entries; expected 3 rows of 3"),
    ({**WHOLE, "teacher": 5}, "teacher: expected a list of rows"),
    (
        {**WHOLE, "points": [[[1, 0], [0, 1]]]},
        "point 0: the point has 2 rows of [2] entries; expected rows of 3",
    ),
    ({**WHOLE, "points": [EYE.tolist(), EYE[:2].tolist()]}, "point 1: the point has 2 rows; expected 3"),
    (
        {**WHOLE, "points": [[[1, 0, 0], [0, 1], [0, 0, 1]]]},
        "point 0: the point has 3 rows of [2, 3] entries",
    ),
    ({**WHOLE, "points": [[[1, 0, "x"], [0, 1, 0], [0, 0, 1]]]}, "point 0: row 0, entry 2: 'x'"),
    (
        {**WHOLE, "points": [[[1, True, 0], [0, 1, 0], [0, 0, 1]]]},
        "point 0: row 0, coordinate 1: True is not a number",
    ),
    ({**WHOLE, "points": []}, "holds no points"),
    (without("points"), 'expected a JSON object with a member "points"'),
    ([[1, 0], [0, 1]], 'expected a JSON object with a member "points"'),
    (
        '{"a_star": [1, 1], "mu": 6, "lambda": NaN, "points": [[[1, 0], [0, 1]]]}',
        "NaN is not a finite number",
    ),
    ('{"mu": 6, "mu": 7, "lambda": 1, "a_star": [1, 1], "points": []}', "the same key twice"),
    ("{", "not JSON"),
    ("", "the file is empty"),
    ({**SAMPLES, "a_star": [1, 1]}, "samples stand in place of a_star and teacher; leave one out"),
    ({**SAMPLES, "mu": 12}, "mu = 12"),
    ({**SAMPLES, "samples": {"x": [[1, 0]], "y": [1, 2]}}, "1 samples x and 2 of y; expected as many"),
    ({**SAMPLES, "samples": {"x": [[1, 0], [1]], "y": [1, 2]}}, "sample 1 of x has 1 entries"),
    (
        {**SAMPLES, "samples": {"x": [[1], [1]], "y": [1, 2]}, "points": [[[1]]]},
        "sample 0 of x has 1 entries",
    ),
    ({**SAMPLES, "samples": {"x": [], "y": []}}, "expected as many, at least one"),
    ({**SAMPLES, "samples": {"x": [[1, 0]]}}, "expected samples as an object with the members x and y"),
    ({**SAMPLES, "samples": None}, "expected samples as an object with the members x and y"),
    ({**SAMPLES, "samples": {"x": [[1, 0], [0, 1]], "y": 3}}, "expected a list of rows"),
]


@pytest.mark.parametrize(("value", "text"), BAD, ids=[text[:40] for _, text in BAD])
def test_a_bad_file_is_refused_by_name(relucert, here, value, text):
    write("bad.json", value)
    code, _, error = relucert("landscape", "verify", "bad.json", "-o", "out")
    assert code == 2
    assert error.startswith("error: bad.json")
    assert text in error.replace("\n", " ")
    assert not (here / "out").exists()


# --- tables and options --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["t.npy", "t.npz", "t.csv", "t.json"])
def test_tables_with_the_problem_of_the_options(here, name):
    if name == "t.npz":
        np.savez(name, B=EYE)
    elif name == "t.csv":
        np.savetxt(name, EYE, delimiter=",")
    elif name == "t.npy":
        np.save(name, EYE)
    else:
        write(name, EYE.tolist())
    problem = problem_of("1,0.5,1/3", None, None)
    assert (problem.mu, problem.lam) == (6, 1)
    (found,) = points.read_tables(here / name, problem)
    assert found == LandscapeCandidate(problem, ROWS, found.source)


def test_an_array_of_three_dimensions_is_several_points(here):
    np.save("t.npy", np.stack([EYE, 2 * EYE]))
    found = points.read_tables(here / "t.npy", problem_of("1,1,1", "5", "2"))
    assert [x.source for x in found] == ["t.npy[0]", "t.npy[1]"]
    assert found[1].point[0][0] == (1, 1)


@pytest.mark.parametrize("name", ["teacher.npy", "teacher.json", "teacher.csv"])
def test_a_teacher_from_a_file(here, name):
    rows = [[0.5, 0.25], [0.1, 2]]
    if name == "teacher.npy":
        np.save(name, np.array(rows))
    elif name == "teacher.csv":
        np.savetxt(name, np.array(rows), delimiter=",")
    else:
        write(name, {"teacher": rows})
    found = problem_of("1,2", "3", "1/7", here / name)
    tenth = (
        Fraction(1, 10) if name == "teacher.json" else Fraction(0.1)
    )  # texts are exact, doubles are doubles
    assert found.teacher == ((Fraction(1, 2), Fraction(1, 4)), (tenth, 2))


def test_samples_from_files(here):
    np.savez("d.npz", x=np.array([[1, 0.5], [0, 1]]), y=np.array([1, -2]))
    write("d.json", SAMPLES["samples"])
    one, other = (points.read_samples(here / name, Fraction(6), Fraction(1)) for name in ("d.npz", "d.json"))
    assert one == other
    assert one == read(SAMPLES)[0].problem


REFUSED = [
    (("p.npy",), "p.npy: say which problem: --a-star"),
    (("p.npy", "--mu", "3"), "p.npy: say which problem: --a-star"),
    (("p.npy", "--a-star", "1,2"), "p.npy, point 0: the point has 3 rows of [3] entries; expected rows of 2"),
    (("p.npy", "--a-star", "1,,2"), "a*, entry 1: '' is not a finite decimal"),
    (("p.npy", "--a-star", "1,2,0"), "a*, entry 2 is 0"),
    (("p.npy", "--a-star", "1,2,3", "--mu", "12"), "mu = 12"),
    (("p.npy", "--a-star", "1,2,3", "--lambda", "-1"), "lambda = -1"),
    (
        ("p.npy", "--a-star", "1,2,3", "--variable", "B"),
        "p.npy: --variable is for files of arrays with names",
    ),
    (("p.npy", "--a-star", "1,2,3", "--teacher", "t2.npy"), "t2.npy: the teacher has 2 rows of 2 entries"),
    (("p.npy", "--a-star", "1,2,3", "--teacher", "zero.npy"), "zero.npy: the teacher is singular"),
    (("p.npy", "--a-star", "1,2,3", "--teacher", "v.npy"), "v.npy: expected the teacher as a table"),
    (("p.npy", "--a-star", "1,2,3", "--teacher", "nan.npy"), "nan.npy: entry [0, 0] is nan"),
    (("p.npy", "--a-star", "1,2,3", "--data", "d.npz"), "--data stands in place of --a-star and --teacher"),
    (("p.npy", "--data", "d.npz"), "d.npz: 3 samples x and 2 of y"),
    (("p.npy", "--data", "p.npy"), "p.npy: expected a .npz file with arrays x and y"),
    (("p.npy", "--data", "one.npz"), "one.npz: there is no variable 'y'"),
    (("nan.npy", "--a-star", "1,2,3"), "nan.npy: entry [0, 0] is nan; expected finite numbers"),
    (("v.npy", "--a-star", "1,2,3"), "v.npy: expected 2 dimensions, or 3 for several points"),
    (("none.npy", "--a-star", "1,2,3"), "none.npy: no such file"),
    (("own.json", "--a-star", "1,2,3"), "own.json: has a problem of its own"),
    (("p.npy", "--a-star", "1,2,3", "--max-precision", "10"), "the highest precision must be 64 to 16384"),
    (("p.npy", "--a-star", "1,2,3", "--exclusion", "nan"), "the exclusion radius must be between 0 and 0.5"),
]


@pytest.mark.parametrize(("arguments", "text"), REFUSED, ids=[text[:40] for _, text in REFUSED])
def test_bad_options_and_tables_are_refused(relucert, here, arguments, text):
    for name, array in (
        ("p.npy", EYE), ("t2.npy", EYE[:2, :2]), ("zero.npy", 0 * EYE), ("v.npy", EYE[0]), ("nan.npy", EYE * np.nan),
    ):  # fmt: skip
        np.save(name, array)
    np.savez("d.npz", x=EYE, y=EYE[0, :2])
    np.savez("one.npz", x=EYE)
    write("own.json", WHOLE)
    code, _, error = relucert("landscape", "verify", *arguments, "-o", "out")
    assert (code, text in error.replace("\n", " ")) == (2, True), error
    assert not list((here / "out").glob("*"))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("certify",), "give --a-star"),
        (("certify", "--a-star", "1"), "a* has 1 entries"),
        (("certify", "--a-star", "1,-1"), "a*, entry 1 is -1"),
        (("certify", "--a-star", "1,1", "--mu", "12"), "mu = 12"),
        (("certify", "--a-star", "1,1", "--mu", "0"), "mu = 0"),
        (("certify", "--a-star", "1,1", "--lambda", "0"), "lambda = 0"),
        (("spurious", "--a-star", "1,2"), "Theorem 13.P needs at least three output weights"),
        (("spurious", "--a-star", "1,1,1"), "Theorem 13.P needs one output weight below all others"),
        (("spurious", "--a-star", "1,8/5,8/5"), "Theorem 13.P needs one output weight below all others"),
        (("spurious", "--tau", "0"), "tau = 0: expected a positive number"),
        (("spurious", "--alpha", "-1"), "alpha = -1: expected a positive number"),
    ],
)
def test_other_commands_refuse_what_says_nothing(relucert, here, arguments, text):
    code, _, error = relucert("landscape", *arguments, "-o", "out")
    assert (code, text in error.replace("\n", " ")) == (2, True), error
    assert not (here / "out").exists()


def test_the_family_takes_no_layout(here):
    from relucert.families.family import Layout

    with pytest.raises(InputError, match="has its own problem"):
        FAMILY.read(here / "p.json", b"{}", Layout(variable="B"))


def test_too_many_samples_or_rows_are_refused():
    one = tuple((1, 0) for _ in range(2))
    few = SampledProblem((one,) * 2, ((1, 0),) * 2, Fraction(6), Fraction(1))
    LandscapeCandidate(few, (one,) * 288)
    with pytest.raises(InputError, match="at most 576 entries"):
        LandscapeCandidate(few, (one,) * 289)
    wide = tuple((1, 0) for _ in range(100))
    with pytest.raises(InputError, match="N d\\^4"):
        SampledProblem((wide,) * 2, ((1, 0),) * 2, Fraction(6), Fraction(1))
    with pytest.raises(InputError, match="256"):
        LandscapeProblem((Fraction(1),) * 257, Fraction(6), Fraction(1), ((Fraction(1),) * 257,) * 257)
