"""The certificates of certificates/signed: python tools/signed_examples.py FOLDER [--key KEY]

What becomes of published minima as the activation max(t, s t) gets another slope s, and spurious minima of a student
with output weights of both signs and of |t|. docs/families/signed.md says what they mean.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from relucert import Candidate, Problem, Verification, verify
from relucert.base.dyadic import to_float
from relucert.certificate import parse
from relucert.commands.keys import signing_key
from relucert.families.teacher import statement
from relucert.families.teacher.network import network
from relucert.families.teacher.search import newton
from relucert.families.teacher.search.descent import advance, begin_at, descend, loss_and_gradient

STUDY = Path(__file__).resolve().parents[1] / "certificates"
SIX = "6-6/d0c104109720189815aa27fb9181a909dd7da9416bab073684998efe2d8c905e.json"
STEP = Fraction(1, 50)  # of the slope, small enough for Newton's method to follow
NINE = "5e0c6834299994e69bed2c625f936f060648fc4377a4beda337c107b3c2a2ed4"
THIRTEEN = "4c72d336c83cf016f45c129851897e59264ccc8d3423b6a93f7524a2a4493fde"
FINE, LARGEST = 1000, 32  # slopes are multiples of 1/FINE, their steps at most LARGEST/FINE
NEWTON_STEPS = 6
COLUMNS = ("k", "n", "slope", "verdict", "objective_low", "objective_high", "lambda_min", "digest")


def published(name: str) -> Candidate:
    """The point of a certificate of the study."""
    path = STUDY / name
    return statement.candidate(parse(path.read_bytes(), name)["statement"], name)


def at_slope(near: Candidate, slope: Fraction) -> Verification:
    """What is near this point with another slope, all output weights 1; Newton steps in doubles come first."""
    problem = near.problem
    of = network(problem.n, problem.k, None, None, slope)
    if of is None:
        return verify(near)
    point, targets = (
        np.array([[to_float(x) for x in row] for row in rows]) for rows in (near.point, problem.targets)
    )
    for _ in range(NEWTON_STEPS):
        _, gradient = loss_and_gradient(point, targets, of)
        matrix = newton.hessian(point, targets, of)
        point = point - np.linalg.solve(matrix, gradient.ravel()).reshape(point.shape)
    return verify(Candidate.from_rows(point.tolist(), replace(problem, network=of)))


def follow(near: Candidate, end: Fraction) -> tuple[Verification, Verification]:
    """The spurious minimum at the last slope on the way from 0 to `end` at which it is proved to be one, slopes being
    multiples of 1/FINE; and what is at the next. At `end` both are the same."""
    way, slope, step = 1 if end > 0 else -1, Fraction(0), LARGEST
    last = at_slope(near, slope)
    while slope != end:
        step = min(step, int(abs(end - slope) * FINE))
        found = at_slope(last.candidate, slope + Fraction(way * step, FINE))
        if found.verdict == "spurious-minimum":
            last, slope, step = found, slope + Fraction(way * step, FINE), min(2 * step, LARGEST)
        elif step > 1:
            step //= 2  # too far for Newton's method, or beyond the last slope
        else:
            return last, found
    return last, last


def six() -> Iterator[Verification]:
    """The minimum of (6, 6) at slopes near 1 and -1, and for |t|, where it is global."""
    near = published(SIX)
    yield follow(near, Fraction(999, 1000))[0]
    below = follow(near, Fraction(-999, 1000))[0]
    yield below
    yield at_slope(below.candidate, Fraction(-1))


def one_neuron() -> Iterator[Verification]:
    """A single neuron with the slope -1/2, turned away from its target."""
    problem = replace(Problem.orthonormal(1), network=network(1, 1, None, None, "-1/2"))
    yield verify(Candidate.from_rows([[-0.8]], problem))


def absolute_value() -> Iterator[Verification]:
    """One |t| for two targets of different lengths: near the shorter one the loss is higher."""
    targets = [[1, 0], [0, 1.25]]
    problem = replace(Problem.from_targets(targets, 1), network=network(1, 2, None, None, "-1"))
    starts = np.array([[[1.0, 0.1]], [[0.1, 1.0]]])
    runs = begin_at(starts, np.array(targets), network=problem.network)
    advance(runs, 1e-12)
    high, low = runs.weights.tolist()
    yield verify(Candidate.from_rows(high, problem), witness=low)


def seven_and_one() -> Iterator[Verification]:
    """Eight ReLU neurons, one of them with output weight -1, and a teacher like them: random starts."""
    signs = ",".join(["+"] * 7 + ["-"])
    problem = replace(Problem.orthonormal(8), network=network(8, 8, signs, signs))
    targets = np.eye(8)
    ends = descend(targets, 8, 40, 0, tolerance=1e-9, max_steps=40_000, network=problem.network)
    lows: set[str] = set()
    for weights, loss, good in zip(ends.weights, ends.loss, ends.converged, strict=True):
        if good and loss > 1e-3 and f"{loss:.5f}" not in lows:
            lows.add(f"{loss:.5f}")
            yield verify(Candidate.from_rows(weights.tolist(), problem))


def unmatched() -> Iterator[Verification]:
    """Two ReLU neurons, output weights 1 and -1, three targets with 1, 1 and -1: a minimum that is not the lowest."""
    targets = np.diag([1.0, 1.25, 1.0])
    problem = replace(Problem.from_targets(targets.tolist(), 2), network=network(2, 3, "+,-", "+,+,-"))
    ends = descend(targets, 2, 40, 0, tolerance=1e-10, max_steps=40_000, network=problem.network)
    order = [i for i in np.argsort(ends.loss) if ends.converged[i]]
    lowest = ends.weights[order[0]].tolist()
    for i in order[1:]:
        if ends.loss[i] > ends.loss[order[0]] + 1e-3:
            found = verify(Candidate.from_rows(ends.weights[i].tolist(), problem))
            if found.verdict == "local-minimum":
                yield verify(found.candidate, witness=lowest)
                return


EXAMPLES: dict[str, Callable[[], Iterator[Verification]]] = {
    "six": six,
    "one-neuron": one_neuron,
    "absolute-value": absolute_value,
    "seven-and-one": seven_and_one,
    "unmatched": unmatched,
    "nine": lambda: iter(follow(published(f"9-9/{NINE}.json"), Fraction(-999, 1000))),
    "thirteen": lambda: iter(follow(published(f"13-14/{THIRTEEN}.json"), Fraction(999, 1000))),
}


def write(folder: Path, key: Path | None, names: list[str]) -> None:
    """A certificate for each, and the index of the folder."""
    signer = signing_key(key)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for found in EXAMPLES[name]():
            print(name, found.verdict, statement.issue(found, folder, signer).name)
    with (folder / "index.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        lines.writeheader()
        lines.writerows(
            sorted(map(_line, folder.glob("*.json")), key=lambda x: (x["k"], x["n"], x["digest"]))
        )


def _line(path: Path) -> dict[str, object]:
    claim = json.loads(path.read_bytes())["statement"]["claim"]
    low, high = (x["decimal"] for x in claim["bounds"]["objective"])
    of = claim["problem"]
    return {
        "k": of["k"], "n": of["n"], "slope": of["slope"], "verdict": claim["verdict"], "objective_low": low,
        "objective_high": high, "lambda_min": claim["bounds"]["lambda_min"][0]["decimal"], "digest": path.stem,
    }  # fmt: skip


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--key", type=Path)
    options.add_argument("--only", choices=EXAMPLES, action="append")
    given = options.parse_args()
    write(given.folder, given.key, given.only or list(EXAMPLES))
