"""Losses and points of docs/families/expression-examples.md: python tools/expression_examples.py FOLDER

A JSON file for each example, with its loss, a point near a minimum and a lower one;
`relucert verify FOLDER/*.json --gauge auto` proves them. ORBITS are those where a symmetry moves the point.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from relucert import losses
from relucert.base.dyadic import from_float
from relucert.families.expression.loss import Loss

XOR, XOR_LABELS = [[1, 1], [1, -1], [-1, 1], [-1, -1]], [-1, 1, 1, -1]
RIDGE = Fraction(1, 256)


class Example(NamedTuple):
    """point: near a critical one, which Newton steps find; witness: of a minimum, where the loss is lower."""

    loss: Loss
    point: Sequence[float]
    witness: Sequence[float] | None = None


def xor_tanh() -> Example:
    """Two tanh units on XOR: one of them answers with a constant."""
    return Example(
        losses.mlp(XOR, XOR_LABELS, [2], "tanh", ridge=RIDGE),
        [-0.561, -1.522, 0.561, -1.522, -1.522, -1.522, -0.956, 0.956, 0.0],
        [-1.016, -1.016, 1.016, 1.016, 0.907, 0.907, 1.553, 1.553, -1.257],
    )


def xor_softplus() -> Example:
    """Two softplus units on XOR."""
    return Example(
        losses.mlp(XOR, XOR_LABELS, [2], "softplus", ridge=RIDGE),
        [-2.036, -2.036, -1.189, -1.189, -0.716, 1.744, -1.995, 1.8, -1.671],
        [-1.467, 1.467, 1.467, -1.467, -0.559, -0.559, 1.221, 1.221, -2.067],
    )


def one_tanh_unit() -> Example:
    """A single tanh unit without bias on six points, no ridge."""
    data = [[1, -2], [4, 4], [-4, -3], [-3, -3], [1, -1], [0, -2]]
    labels = [Fraction(x, 4) for x in (3, 1, 1, -3, -2, 3)]
    return Example(losses.mlp(data, labels, [], output="tanh", bias=False), [-2.029, -1.488], [0.158, -0.122])


def committee() -> Example:
    """Three erf units learn three, in the plane, from all of the Gaussian: no finite data."""
    targets = [[4, 6], [-3, 4], [-4, -5]]
    return Example(
        losses.committee(3, 3, targets=targets),
        [4.2972, -5.7532, -3.6013, 5.0614, -3.7534, 4.7731],
        [4, 6, -3, 4, -4, -5],
    )


def _relu_network() -> Loss:
    """Two ReLU units and three bumps to fit."""
    data = [[2, 0], [3, 1], [3, -1], [-2, 2], [-1, 2], [-2, 1], [-2, -2], [-1, -2], [-2, -1]]
    return losses.mlp(data, [1, 2, 2, 2, 1, 1, 4, 2, 2], [2], "relu")


def relu() -> Example:
    """With output weights 1; each point is far from every kink."""
    return Example(_relu_network().fixed({6: 1, 7: 1, 8: 0}), [1, 0, -1, 1, -1, -2], [1, 0, -2, -2, -1, -4])


def relu_orbit() -> Example:
    """With free output weights: each unit has its scale, w -> t w, b -> t b, a -> a/t."""
    return Example(_relu_network().fixed({8: 0}), [1, 0, -1, 1, -1, -2, 1, 1], [1, 0, -2, -2, -1, -4, 1, 1])


def rotations() -> Example:
    """Approximations U V^T of diag(9, 4, 1) of rank two, without the 4; R turns U and V."""
    of = losses.matrix_factorisation([[9, 0, 0], [0, 4, 0], [0, 0, 1]], 2, balance=1)
    return Example(of, [3, 0, 0, 0, 0, 1] * 2)


def designed_landscape() -> Example:
    """Ge, Lee & Ma's G with mu = 24: both rows on the direction of the smaller weight."""
    return Example(losses.designed_landscape([1, 2], 24, 2), [1.0539, 0, 1.0539, 0], [1.1177, 0, 0, 1.2899])


def weighted_rank_one() -> Example:
    """The best approximation of the identity of rank one, with weights."""
    of = losses.matrix_factorisation([[1, 0], [0, 1]], 1, weights=[[3, 8], [8, 2]], balance=1)
    return Example(of, [0, 1, 0, 1], [1, 0, 1, 0])


EXAMPLES = {
    "xor-tanh": xor_tanh,
    "xor-softplus": xor_softplus,
    "one-tanh-unit": one_tanh_unit,
    "erf-committee": committee,
    "relu": relu,
    "designed-landscape": designed_landscape,
    "weighted-rank-one": weighted_rank_one,
}

ORBITS = {"relu-orbit": relu_orbit, "rotations": rotations}


def write(folder: Path) -> None:
    """A file for each example."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in (EXAMPLES | ORBITS).items():
        loss, point, witness = make()
        whole = {
            "family": "smooth-expression",
            "loss": loss.graph.as_json(),
            "points": [[from_float(x) for x in map(float, point)]],
        }
        if witness is not None:
            whole["witness"] = [from_float(x) for x in map(float, witness)]
        (folder / f"{name}.json").write_text(json.dumps(whole) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
