"""Small claims about runs of gradient descent, as the prover makes them."""

import json
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from relucert.base.dyadic import to_float
from relucert.base.exact import exact_rows
from relucert.families.teacher import runs_statement
from relucert.families.teacher.runs import prove_run

CERTIFICATES = Path(__file__).parents[1] / "certificates"
KINDS = ("converges", "around", "below", "decided")
STEP = Fraction(1, 10)


@cache
def stored(row, verdict="spurious-minimum"):
    """The claim about a stored minimum."""
    claims = [
        json.loads(x.read_text())["statement"]["claim"] for x in sorted((CERTIFICATES / row).glob("*.json"))
    ]
    return next(x for x in claims if x["verdict"] == verdict)


def floats(claim):
    return np.array([[to_float((int(m), e)) for m, e in row] for row in claim["point"]])


def near(claim, size, seed=0):
    """A start about so far from a minimum, in the order of an image of it."""
    rng, point = np.random.default_rng(seed), floats(claim)
    noise = rng.standard_normal(point.shape)
    moved = (point + size * noise / np.linalg.norm(noise))[rng.permutation(len(point))]
    return exact_rows(moved[:, rng.permutation(moved.shape[1])].tolist(), "neuron")


def split(k):
    """A global minimum with one neuron more than targets."""
    return exact_rows([[0.5] + [0] * (k - 1), *np.eye(k).tolist()[1:], [0.5] + [0] * (k - 1)], "neuron")


@cache
def statement(kind):
    return _statement(*_parts(kind))


def _statement(n, k, results, minima, given):
    claim = runs_statement.claim(n, k, STEP, results, minima, **given)
    return runs_statement.statement(claim, [result for result, _ in results], {})


def _parts(kind):
    floor = {"floor": Fraction(1, 1000)}
    if kind in ("converges", "around"):
        minimum = stored("6-6")
        result = prove_run(near(minimum, 0.02), STEP, minimum, neighbourhood=kind == "around")
        origin = {"seed": 3, "first": 7} if kind == "around" else {"seed": 4, "numbers": [5]}
        return 6, 6, [(result, 0)], [minimum], {"origin": origin}
    if kind == "below":
        return 2, 1, [(prove_run(exact_rows([[0.75], [0.125]], "neuron"), STEP, None), None)], [], floor
    minimum = stored("12-13")
    ends = [prove_run(near(minimum, 1e-4), STEP, minimum), prove_run(split(12), STEP, None, until=2000)]
    return 13, 12, [(ends[0], 0), (ends[1], None)], [minimum], floor
