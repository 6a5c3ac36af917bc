"""Random deep networks: how many `relucert ntk deep` proves, and whether descent in 512 bits ever contradicts.

    PYTHONPATH=src python tools/deep_study.py OUT.jsonl [--count 60] [--further 300]

Descent is followed from the start, by formulas of its own, to --further steps beyond the certified one: the loss and
the movement must be within what is claimed. Lines that are in OUT already are not made again.
"""

from __future__ import annotations

import argparse
import json
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from flint import arb, arb_mat, ctx

from relucert.base.dyadic import from_float
from relucert.families.ntk.deep_problem import Architecture, DeepTraining
from relucert.families.ntk.deep_prove import DeepResult, prove, with_default_step
from relucert.families.ntk.shallow_problem import Seeded
from relucert.kernel.ntk.shallow import Bounds, ToZeroLoss

BITS = 512


def problem(index: int) -> DeepTraining:
    """Unit rows, labels 1 and -1, weights by the seed `index`."""
    draw = np.random.default_rng(index)
    n, d, m, depth = (int(draw.choice(s)) for s in ((3, 5, 8), (5, 10, 20), (20, 40), (1, 2, 3)))
    name = str(draw.choice(("softplus", "erf", "tanh")))
    c_res = Fraction(1, 2) if depth > 1 and draw.integers(2) else None
    rows = draw.normal(size=(n, d))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    x = tuple(tuple(map(from_float, row)) for row in rows.tolist())
    y = tuple((int(v), 0) for v in draw.choice((-1, 1), n))
    return with_default_step(
        DeepTraining(x, y, Architecture(name, m, depth, c_res), Seeded(index), Fraction(1))
    )


class Descent:
    """In 512 bits, centres only: their rounding is far below what is claimed."""

    def __init__(self, training: DeepTraining) -> None:
        of, weights, data = training.of, training.weights(), training.data()
        self.name, self.residual = of.activation, of.c_res is not None
        self.factors = [k.mid() for k in of.net().factors]
        self.layers, self.output = list(weights.layers), weights.output
        self.x, self.y = data.inputs, data.labels
        self.eta = arb(training.step.numerator) / training.step.denominator

    def activate(self, z: arb) -> tuple[arb, arb]:
        if self.name == "softplus":
            return (1 + z.exp()).log(), z.exp() / (1 + z.exp())
        if self.name == "erf":
            return z.erf(), 2 * (-z * z).exp() / arb.pi().sqrt()
        return z.tanh(), 1 / (z.cosh() * z.cosh())

    def step(self) -> arb:
        """One step; returns |y - u| before it."""
        states, slopes, n = [self.x], [], self.x.ncols()
        for h, (w, k) in enumerate(zip(self.layers, self.factors, strict=True)):
            pairs = [self.activate(v) for v in (w * states[-1]).entries()]
            now = arb_mat(w.nrows(), n, [k * v for v, _ in pairs])
            slopes.append([k * v for _, v in pairs])
            states.append(now + states[-1] if self.residual and h else now)
        error = self.y - self.output * states[-1]
        back = self.output.transpose() * error  # of the samples together, each weighted with its error
        moves = []
        for h in reversed(range(len(self.layers))):
            moved = arb_mat(back.nrows(), n, [a * b for a, b in zip(slopes[h], back.entries(), strict=True)])
            moves.insert(0, moved * states[h].transpose())
            through = self.layers[h].transpose() * moved
            back = through + back if self.residual and h else through
        self.output = (self.output + error * states[-1].transpose() * self.eta).mid()
        self.layers = [(w + g * self.eta).mid() for w, g in zip(self.layers, moves, strict=True)]
        return length([error])


def length(tables: list[arb_mat]) -> arb:
    return sum((v * v for t in tables for v in t.entries()), arb(0)).sqrt().mid()


def contradicted(result: DeepResult, bounds: Bounds, further: int) -> bool:
    """Whether descent does what the bounds exclude."""
    before = ctx.prec
    ctx.prec = BITS
    try:
        run = Descent(result.training)
        for _ in range(result.steps):
            run.step()
        begin = [*run.layers, run.output]
        most = (2 * bounds.loss).sqrt()
        for _ in range(further):
            error = run.step()
            moved = length([a - b for a, b in zip([*run.layers, run.output], begin, strict=True)])
            if not (error <= most and moved <= bounds.travel):
                return True
            most = error * (1 - bounds.rate)
    finally:
        ctx.prec = before
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--further", type=int, default=300)
    given = parser.parse_args()
    lines = given.out.read_text().splitlines() if given.out.exists() else []
    found = {line["index"]: line for line in map(json.loads, lines)}
    for index in range(given.count):
        if index in found:
            continue
        begin = time.perf_counter()
        training = problem(index)
        result = prove(training, None)
        line = {
            "index": index, "n": len(training.x), "d": len(training.x[0]), **training.of.record(),
            "verdict": result.verdict, "steps": result.steps, "precision": result.precision,
            "seconds": round(time.perf_counter() - begin, 1),
        }  # fmt: skip
        if isinstance(result.outcome, ToZeroLoss):
            line |= {"rate": float(result.outcome.bounds.rate), "travel": float(result.outcome.bounds.travel)}
            line["contradicted"] = contradicted(result, result.outcome.bounds, given.further)
        found[index] = line
        with given.out.open("a") as file:
            file.write(json.dumps(line) + "\n")
    proved = [line for line in found.values() if "contradicted" in line]
    bad = sum(line["contradicted"] for line in proved)
    print(f"{len(proved)} of {len(found)} certified, {bad} contradicted")


if __name__ == "__main__":
    main()
