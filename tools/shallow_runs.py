"""Small two-layer networks at random: what is proved about them, against descent with 512 bits.

    python tools/shallow_runs.py [COUNT]

prints how many were certified, how many contradicted. Descent is here written in W, neuron by neuron, by the formula of
docs/spec/wide-network-v1.md; the prover's is in Z and V.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from flint import arb, arb_mat

from relucert.base.dyadic import from_float
from relucert.families.ntk.shallow_problem import Seeded, Start, Training
from relucert.families.ntk.shallow_prove import Result, default_step, prove
from relucert.kernel.ball import precision
from relucert.kernel.ntk.shallow import Bounds, ToZeroLoss

BITS = 512
NOISE = -440  # 2^NOISE: below this the path is not known
FURTHER = 200
Choice = Callable[[], float]  # the derivative of relu at a kink


class Run(NamedTuple):
    """Matrices of balls of radius 0: W (m, d), X (n, d); y, a."""

    weights: arb_mat
    x: arb_mat
    y: list[arb]
    signs: list[int]


class Now(NamedTuple):
    """W, z = W X^T, e = y - u."""

    weights: arb_mat
    z: arb_mat
    e: list[arb]


def random_training(rng: np.random.Generator, n: int, d: int, m: int) -> tuple[Training, Run]:
    """With the default step."""
    x = [[rng.standard_normal() / d**0.5 for _ in range(d)] for _ in range(n)]
    y = [rng.standard_normal() for _ in range(n)]
    weights = [[rng.standard_normal() for _ in range(d)] for _ in range(m)]
    return training(x, y, weights, [int(rng.choice((1, -1))) for _ in range(m)])


def training(
    x: list[list[float]],
    y: list[float],
    weights: list[list[float]],
    signs: list[int],
    step: Fraction | None = None,
) -> tuple[Training, Run]:
    def rows(table: list[list[float]]) -> tuple[tuple[tuple[int, int], ...], ...]:
        return tuple(tuple(map(from_float, row)) for row in table)

    start = Start(rows(weights), tuple(signs))
    made = Training(rows(x), rows([y])[0], len(weights), start, step)
    if step is None:
        made = Training(made.x, made.y, made.width, start, default_step(made.net()))
    return made, Run(arb_mat(weights), arb_mat(x), [arb(v) for v in y], signs)


def seeded(x: list[list[float]], y: list[float], m: int, seed: int) -> Training:
    rows = tuple(tuple(map(from_float, row)) for row in x)
    start = Start(Seeded(seed), seed)
    return Training(rows, tuple(map(from_float, y)), m, start, Fraction(1))


def descent(run: Run, step: Fraction, choice: Choice = lambda: 0.0) -> Iterator[Now]:
    """Points of descent, each rounded to the precision that is set; `choice` at exact kinks."""
    eta, size = arb(step.numerator) / step.denominator, arb(len(run.signs)).sqrt()
    weights, across = run.weights, run.x.transpose()
    while True:
        z = weights * across
        table = z.tolist()
        u = [
            sum((a * max(arb(0), row[i]) for a, row in zip(run.signs, table, strict=True)), arb(0)) / size
            for i in range(len(run.y))
        ]
        e = [(a - b).mid() for a, b in zip(run.y, u, strict=True)]
        yield Now(weights, z, e)
        slopes = [
            [a * (1 if v > 0 else 0 if v < 0 else choice()) * w for v, w in zip(row, e, strict=True)]
            for a, row in zip(run.signs, table, strict=True)
        ]
        moved = weights + arb_mat(slopes) * run.x * (eta / size)
        weights = arb_mat([[v.mid() for v in row] for row in moved.tolist()])


def length(values: list[arb]) -> arb:
    return sum((v * v for v in values), arb(0)).sqrt()


def moves(a: arb_mat, b: arb_mat) -> arb:
    """The largest distance of a row of a from that of b."""
    return max((length(row) for row in (a - b).tolist()), key=float)


def contradictions(
    result: Result, run: Run, further: int = FURTHER, choice: Choice = lambda: 0.0
) -> list[str]:
    """What of a certified result is not so on the path of descent; nothing if all is."""
    outcome, step = result.outcome, result.training.step
    if not isinstance(outcome, ToZeroLoss) or step is None or outcome.bounds.switching is None:
        raise ValueError("nothing is claimed about descent")
    with precision(BITS):
        path = descent(run, step, choice)
        before = [next(path) for _ in range(result.steps + 1)]
        after = [next(path) for _ in range(further)]
        return _against(outcome.bounds, before[0], before[-1], after)


def _against(of: Bounds, start: Now, first: Now, after: list[Now]) -> list[str]:
    found, size, noise = [], length(first.e), arb((1, NOISE))
    if not size * size / 2 <= of.loss:
        found.append("loss")
    if of.first_travel is not None and not moves(first.weights, start.weights) <= of.first_travel:
        found.append("first_travel")
    changed: set[int] = set()
    for t, at in enumerate(after, start=1):
        if not length(at.e) <= (1 - of.rate) ** t * size + noise:
            found.append(f"rate at {t}")
        if not moves(at.weights, first.weights) <= of.travel:
            found.append(f"travel at {t}")
        pairs = zip(first.z.entries(), at.z.entries(), strict=True)
        changed |= {k for k, (a, b) in enumerate(pairs) if not a * b > 0}
    if of.switching is None or len(changed) > of.switching:
        found.append("switching")
    return found


def main(count: int) -> int:
    rng = np.random.default_rng(14)
    certified = wrong = 0
    for i in range(count):
        n = int(rng.integers(1, 6))
        made, run = random_training(
            rng, n, int(rng.integers(max(2, n - 1), 2 * n + 2)), int(rng.integers(10, 61))
        )
        result = prove(made, made.net(), int(rng.choice((0, 10, 40, 80))))
        if isinstance(result.outcome, ToZeroLoss):
            certified += 1
            against = contradictions(result, run)
            if against:
                wrong += 1
                print(f"instance {i}: {', '.join(against)}")
    print(f"{count} instances, {certified} certified, {wrong} contradicted by {FURTHER} further steps")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
