"""Deep networks: claims of the prover, the same made false, too tight or malformed."""

import json
from contextlib import redirect_stdout
from fractions import Fraction
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from certificates import audit, changed, exact, member, number

from relucert.cli import app
from relucert_audit import format as fmt
from relucert_audit.interval import dyadic, precision
from relucert_audit.ntk import deep, deep_theorem

CASES = {
    "softplus": ["-m", "24", "-s", "2"],
    "erf": ["-m", "12", "-s", "1", "-H", "2", "--activation", "erf"],
    "tanh": ["-m", "16", "-s", "2", "-H", "3", "--activation", "tanh", "--resnet"],
    "given": ["--activation", "tanh", "-H", "2", "--start", "given"],
}
ZERO, ONE = ["0", 0], ["1", 0]


def files(folder):
    """Data, labels near the outputs of one start, and weights."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((3, 5))
    x = np.round(x / np.linalg.norm(x, axis=1)[:, None], 2)
    layers = [np.round(rng.standard_normal(shape), 3).tolist() for shape in ((20, 5), (20, 20))]
    start = {"layers": layers, "output": np.round(rng.standard_normal(20), 3).tolist()}
    for name, content in (("data", {"x": x.tolist(), "y": [0.5, -0.25, 1.0]}), ("given", start)):
        Path(folder, f"{name}.json").write_text(json.dumps(content))


@cache
def made(name):
    """The prover's certificate."""
    with TemporaryDirectory() as folder:
        files(folder)
        options = [f"{folder}/given.json" if x == "given" else x for x in CASES[name]]
        with redirect_stdout(StringIO()):
            app(
                ["ntk", "deep", f"{folder}/data.json", "-o", f"{folder}/out", "--json", *options],
                standalone_mode=False,
            )
        (path,) = Path(folder, "out").glob("*.json")
        return json.loads(path.read_bytes())


def judged(document):
    """(result, step, name) of the worst finding."""
    report = audit(document)
    return (report.result, *(report.finding[1:3] if report.finding else (None, None)))


def scaled(document, name, factor):
    value = exact(member(document, f"bounds.{name}")) * Fraction(factor)
    return changed(document, f"bounds.{name}", number(value, upper=name != "rate"))


@pytest.mark.parametrize("name", CASES)
def test_claims_of_the_prover(name):
    assert judged(made(name)) == ("accepted", None, None)
    assert judged(scaled(made(name), "loss", 2))[0] == "accepted"
    assert judged(scaled(made(name), "rate", "1/2"))[0] == "accepted"


@pytest.mark.parametrize("name", CASES)
def test_bounds_that_are_too_tight(name):
    assert judged(scaled(made(name), "loss", "99/100")) == ("rejected", 3, "loss")
    assert judged(scaled(made(name), "rate", "5/4")) == ("not-confirmed", 4, "rate")
    assert judged(scaled(made(name), "travel", "3/4")) == ("not-confirmed", 4, "travel")
    assert judged(scaled(made(name), "travel", 1000)) == ("not-confirmed", 4, "travel")


@pytest.mark.parametrize("name", CASES)
def test_the_prover_found_the_same(name):
    """Both sides of J.1 and J.2, found by other ways."""
    document = made(name)
    cert = deep.read(fmt.unwrap(json.dumps(document).encode()))
    with precision(192):
        deep.prove(cert, 160)
        ((net, at),) = cert.ends
        theorem = deep_theorem.theorem(net, at, dyadic(*cert.bounds["travel"].exact))
    found = theorem.hypotheses
    for said in document["statement"]["evidence"][0]["inequalities"]:
        for side, mine in zip(("left", "right"), found[said["step"]], strict=False):
            if said["step"] != "J.0":
                assert float(exact(said[side])) == pytest.approx(float(mine.b), rel=1e-2)
    travel, eta = float(exact(member(document, "bounds.travel"))), float(cert.eta)
    kappa, s = 1 - float(found["J.1"][0].b) / 2, float(found["J.0"][1].b) - float(found["J.0"][0].b)
    assert float(found["J.2"][1].b) == pytest.approx(travel * s * kappa)
    assert float(theorem.gain.b) == pytest.approx(2 * eta * s**2 * kappa)


# a claim of other data may be true as well; that of tanh is not
OTHER = {
    "problem.activation": "erf",
    "problem.step": "1/1000",
    "problem.y.0": ["3", 0],
    "problem.x.0.0": ONE,
    "start.weights.seed": 77,
    "start.weights.scale": ["3", -1],
    "steps": 3,
}


REFUSED = "rejected", "not-confirmed"


@pytest.mark.parametrize("path", OTHER)
def test_other_problems(path):
    assert judged(changed(made("tanh"), path, OTHER[path]))[0] in REFUSED


def test_other_networks():
    dense = changed(changed(made("tanh"), "problem.architecture", "dense"), "problem.c_res", None)
    assert judged(dense)[0] in REFUSED
    assert judged(changed(made("tanh"), "problem.c_res", "1"))[0] in REFUSED


def test_a_step_that_is_too_long():
    assert judged(changed(made("softplus"), "problem.step", "50")) == ("not-confirmed", 3, "steps")


def test_admission():
    x = member(made("softplus"), "problem.x")
    assert judged(changed(made("softplus"), "problem.x", [x[0], x[1], x[0]])) == ("rejected", 1, "x")
    for bound, value in (("rate", 0), ("rate", 1), ("rate", -1), ("travel", -1), ("loss", -1)):
        wrong = number(Fraction(value), upper=bound != "rate")
        assert judged(changed(made("softplus"), f"bounds.{bound}", wrong)) == ("rejected", 1, bound)
    assert judged(changed(made("softplus"), "bounds.travel", number(Fraction(0), True)))[0] == "not-confirmed"


MALFORMED = [
    ("softplus", "problem.activation", "relu"),
    ("softplus", "problem.architecture", "tree"),
    ("softplus", "problem.architecture", "residual"),
    ("softplus", "problem.c_res", "1/2"),
    ("tanh", "problem.c_res", None),
    ("tanh", "problem.c_res", "0"),
    ("tanh", "problem.depth", 1),
    ("softplus", "problem.depth", 0),
    ("softplus", "problem.width", 0),
    ("softplus", "problem.step", "-1/4"),
    ("softplus", "problem.step", "2/4"),
    ("softplus", "problem.y", [ONE]),
    ("softplus", "problem.x", []),
    ("softplus", "problem.x", [[ONE], [ONE, ONE]]),
    ("softplus", "problem.more", 1),
    ("softplus", "steps", -1),
    ("softplus", "steps", "3"),
    ("softplus", "start.weights", {"seed": 1}),
    ("softplus", "start.weights", {"seed": -1, "scale": ONE}),
    ("softplus", "start.weights", {"layers": [], "output": [ONE]}),
    ("softplus", "start.weights", {"layers": [[[ONE]]], "output": []}),
    ("given", "start.weights.layers.1", [[ONE]]),
    ("given", "start.weights.output", [ONE]),
    ("softplus", "start.signs", "+"),
    ("softplus", "bounds.loss", None),
    ("softplus", "bounds.switching", 0),
    ("softplus", "verdict", "converges"),
]


@pytest.mark.parametrize("name, path, value", MALFORMED)
def test_malformed(name, path, value):
    assert judged(changed(made(name), path, value))[0] == "malformed"


LIMITS = [
    ("problem.width", 513),
    ("problem.depth", 17),
    ("steps", 2001),
    ("problem.x.0.0", ["1", -257]),
    ("problem.x.0.0", ["1", 128]),
    ("start.weights.scale", ["1", 128]),
    ("problem.step", f"1/{10**301}"),
]


@pytest.mark.parametrize("path, value", LIMITS)
def test_limits(path, value):
    assert judged(changed(made("softplus"), path, value)) == ("not-confirmed", 0, "resource limit")


def test_weights_too_large_for_the_digits():
    assert judged(changed(made("softplus"), "start.weights.scale", ["1", 100])) == (
        "not-confirmed",
        3,
        "steps",
    )
    assert judged(changed(made("erf"), "start.weights.scale", ["1", 5])) == ("not-confirmed", 3, "steps")


def test_a_finer_start_is_rounded():
    """Entries that are no multiples of the checker's unit: the claim still holds, by its margins."""
    first = exact_dyadic(member(made("given"), "start.weights.layers.0.0.0")) + Fraction(1, 2**250)
    fine = changed(made("given"), "start.weights.layers.0.0.0", [str(first.numerator), -250])
    fine = changed(fine, "problem.x.0.0", fine_dyadic(member(made("given"), "problem.x.0.0")))
    assert judged(fine)[0] == "accepted"


def test_a_step_so_short_that_its_rate_is_lost_beside_1(tmp_path):
    """One datum, whose label the start nearly gives: Theorem 14.W holds at once, with any step."""
    for name, content in (
        ("data", {"x": [[1.0, 0.0]], "y": [0.7367]}),
        ("start", {"layers": [[[1.0, 0.0], [-1.0, 1.0]]], "output": [1.0, -1.0]}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    step = f"1/{10**250}"
    options = ["--start", f"{tmp_path}/start.json", "--step", step, "--run", "0", "-o", f"{tmp_path}/out"]
    with redirect_stdout(StringIO()):
        app(["ntk", "deep", f"{tmp_path}/data.json", *options], standalone_mode=False)
    (path,) = Path(tmp_path, "out").glob("*.json")
    document = json.loads(path.read_bytes())
    assert 0 < exact(member(document, "bounds.rate")) < Fraction(1, 10**249)
    assert judged(document) == ("accepted", None, None)
    assert judged(scaled(document, "rate", "5/4")) == ("not-confirmed", 4, "rate")


def exact_dyadic(pair):
    return Fraction(int(pair[0])) * Fraction(2) ** pair[1]


def fine_dyadic(pair):
    value = exact_dyadic(pair) + Fraction(1, 2**250)
    return [str(value.numerator), -250]
