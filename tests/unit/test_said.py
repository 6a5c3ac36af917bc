"""What the commands say about many points, runs or starts: with the problem, and what is proved apart from
what is only counted."""

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest

from relucert.base.dyadic import to_float
from relucert.families.teacher import robust_command, statement
from relucert.families.teacher.robust import UNLIKELY, robustness
from symmetric_points import found

PROBLEM = ("--a-star", "1,-1/2,0.3", "--w-norm", "2", "--patch", "5")
NETWORK = [
    "weight-normalised one-hidden-layer CNN", "3 patches of size 5", "a* = (1, -1/2, 3/10)", "|w*| = 2",
    "standard Gaussian input", "population loss",
]  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def words_of(text):
    """On one line, as lines are broken where the terminal ends."""
    return " ".join(text.split())


def lacks(text, parts):
    return [part for part in parts if part not in words_of(text)]


def more_neurons():
    """A file with a point of k + 1 neurons."""
    at = found("a neuron too many")
    values = {"values": at.values, "extra": at.extra}
    floats = {name: [[to_float(x) for x in row] for row in rows] for name, rows in values.items()}
    Path("start.jsonl").write_text(json.dumps({"class_sizes": at.sizes, **floats}) + "\n")
    return "--start", "start.jsonl"


@pytest.mark.parametrize(("n", "start"), [("k", tuple), ("k + 1", more_neurons)])
def test_a_family_is_said_with_its_problem(relucert, n, start):
    code, out, _ = relucert("family", "--classes", "k-1,1", "--k", "8:9", "-o", "out", "--jobs", 1, *start())
    assert code == 0
    assert lacks(out, [
        f"classes k-1,1, n = {n} ReLU neurons against k orthonormal targets, standard Gaussian input, population loss:",
        "k = 8 .. 9 (2 values): spurious local minimum, in every dimension d >= k",
    ]) == []  # fmt: skip


def test_a_landscape_and_runs_are_said_with_their_network(relucert):
    _, out, _ = relucert("cnn", "landscape", *PROBLEM)
    assert lacks(out, [*NETWORK, "every critical point", "there is a spurious minimum"]) == []
    _, out, _ = relucert("cnn", "run", *PROBLEM, "--seed", 2, "--eta", "0.1", "--steps", 300)
    assert (
        lacks(
            out, [*NETWORK, "gradient descent", "in v and a", "eta = 1/10", "converges to a ", "angle about "]
        )
        == []
    )
    _, out, _ = relucert("cnn", "restarts", *PROBLEM, "--seed", 2)
    assert re.search(r"[0-4] of 4 are proved to converge to the global minimum", words_of(out))


def test_a_table_of_random_starts_says_what_is_proved_and_what_is_counted(relucert):
    options = ("--k", 4, "--ratio", "1", "--runs", 5, "--norm", "1/2", "--w-norm", "3")
    _, out, _ = relucert("cnn", "table", *options)
    assert lacks(out, [
        "weight normalisation", "patches of size p", "standard Gaussian input", "population loss", "|a*|^2 = 1/4",
        "|w*| = 3", "the step 95%, in two digits, of min(2 pi/(k + pi - 1), 2/(|w*|^2 (N + S^2)))",
        "independent v, uniform on the unit sphere, and a, uniform in the ball of radius |S| |w*|/sqrt k",
        "observed: 5 runs in floating point, counted, not certified",
        "bound: proved lower bound of the probability (Theorem 10.C)",
    ]) == []  # fmt: skip


def test_one_filter_is_said_with_its_problem(relucert):
    start = ("--w-star", "1,-0.5,1/3", "--start", "0.7,0,1/2", "--eta", "1", "--radius", "1/10")
    _, out, _ = relucert("filter", *start, "--accuracy", "1/100")
    assert lacks(out, [
        "p = 3, eta = 1, standard Gaussian input, population loss", "at most 1/100 |w*|", "|w0 - w*| <=",
        "A start uniform in the ball of radius 1/10 |w*| about 0, p = 3, converges to w* with probability 1",
        "with every step in (0, 2]", "with probability in [",
    ]) == []  # fmt: skip


def test_near_and_random_targets_are_said_with_all_hypotheses():
    corpus = Path(__file__).parents[1] / "corpus/accept/spurious-6-6-polished.json"
    near = robustness(statement.candidate(json.loads(corpus.read_text())["statement"], "x"))
    sentence = robust_command.sentence(near)
    mantissa, exponent = map(int, re.search(r"D = ([0-9]+) \* 2\^(-[0-9]+)", sentence).groups())
    exact, least = Fraction(mantissa) * Fraction(2) ** exponent, near.random_dimension
    assert (least + 1) * exact**2 > 42  # t > 0 in all the dimensions, with the very D of the sentence
    assert lacks(sentence, [
        "For every d >= 6 and all targets V = (v_1 .. v_6) in R^d",
        "with Frobenius norm |P - I|_F <= D, P = (V^T V)^(1/2)",
        "population loss of 6 ReLU neurons with standard Gaussian input", "a strict local minimum that is not global",
        "of the point turned by Q in Frobenius norm, V = Q P", "independent targets drawn from N(0, c I_d), c > 0",
        f"every d > {least}", "scaled by sqrt(c d)", "probability at least 1 - exp(-d t^2/2), t = D - sqrt(42/d)",
        f"at least {1 - UNLIKELY} from d = {near.dimension_for(UNLIKELY)} on",
    ]) == []  # fmt: skip


def test_verify_says_the_problem_of_each_point(relucert):
    Path("net.json").write_text(json.dumps({"points": [[[1, 0], [0, 1]]]}))
    _, out, _ = relucert("verify", "net.json")
    about = "n = 2 neurons, k = 2 orthonormal targets, in every dimension d >= 2"
    assert lacks(out, [about, "lambda_min >=", "loss in ["]) == []
    Path("given.json").write_text(json.dumps({"points": [[[1, 0], [0, 1]]], "targets": [[1, 0], [1, 1]]}))
    _, out, _ = relucert("verify", "given.json")
    assert lacks(out, ["k = 2 given targets, in dimension d = 2", "no critical point within"]) == []
    problem = {"family": "one-hidden-layer-cnn", "a_star": [1, "-1/2", "3/10"], "w_norm": 2, "patch": 5}
    points = [{"v": v, "a": [x * 2 for x in (1, -0.5, 0.3)]} for v in ([1, 0, 0, 0, 0], [0, 1, 0, 0, 0])]
    Path("cnn.json").write_text(json.dumps({**problem, "points": points}))
    _, out, _ = relucert("verify", "cnn.json")
    assert (
        lacks(out, [*NETWORK, "of the point, none of another kind nearer than", "no critical point within"])
        == []
    )


def test_a_result_in_python_says_its_problem():
    from relucert import Candidate, Problem, verify

    one = str(verify(Candidate.from_rows([[1, 0], [0, 1]], Problem.orthonormal(2))))
    other = str(verify(Candidate.from_rows([[1, 0]], Problem.orthonormal(2, 1))))
    assert (
        lacks(one, ["k = 2 orthonormal targets", "every d >= 2", "basin step, any fixed one below: "]) == []
    )
    assert lacks(other, ["n = 1 neuron,", "k = 2 orthonormal targets", "input dimension: 2"]) == []
