"""Figures of certificates of wider networks: what their splits are, how the loss falls there, parts of neurons.

Numbers that are proved are those of the claim; losses are computed here in floating point, and said to be.
"""

from __future__ import annotations

import numpy as np

from relucert.base.dyadic import to_float
from relucert.certificate.numbers import Json, number
from relucert.certificate.shown import at_least, at_most
from relucert.families import drawing
from relucert.families.charts import Bar, parts, signed
from relucert.families.drawing import LARGEST, Floats
from relucert.families.family import Figure
from relucert.families.teacher import around
from relucert.families.teacher.around import Place
from relucert.families.teacher.methods import COLLAPSED, SPLIT, ZERO
from relucert.families.teacher.network import Network

FLOATING = "Computed in floating point, drawn for orientation; no part of the proof."
MOST_SPLITS, MOST_SUMS = 24, 60  # that are drawn
SAMPLES = 121  # of a curve
BEYOND = 0.1  # how far it goes beyond both ends, relative to their distance
SIDES = {"same": "parts of the same sign", "opposite": "a part of the other sign"}
KINDS = {"strict-saddle": "saddle", "degenerate-minimum": "near"}
NAMES = {"strict-saddle": "strict saddle", "degenerate-minimum": "minimum"}


def stated(claim: Json) -> list[Figure]:
    """What the claim states of a wider network, drawn from its numbers alone. Raises as `words` does."""
    if claim["method"] == SPLIT:
        return [_splits(claim)]
    return [_parts(claim)] if claim["method"] == COLLAPSED else []


def falls(claim: Json, of: Place, hessian: Floats) -> list[Figure]:
    """The loss of the wider network where it falls. hessian: (n d, n d), at the point."""
    if claim["method"] == ZERO:
        return _new_neuron(claim, of)
    if claim["method"] == COLLAPSED and "neuron" in claim:
        return _split(of, hessian, int(claim["neuron"]) - 1, "same")
    saddles = _saddles(claim) if claim["method"] == SPLIT and not isinstance(claim["point"], dict) else []
    if not saddles:
        return []
    _, neuron, side = max(saddles)
    return _split(of, hessian, neuron - 1, side)


def _saddles(claim: Json) -> list[tuple[float, int, str]]:
    """Splits that are strict saddles: the size of the claimed number, the neuron, the sign of the parts."""
    both = zip(claim["splits"], claim["bounds"]["splits"], strict=True)
    return [
        (abs(_float(numbers[side])), int(split["neuron"]), side)
        for split, numbers in both
        for side in SIDES
        if split.get(side) == "strict-saddle"
    ]


def _splits(claim: Json) -> Figure:
    bars = []
    for split, numbers in zip(claim["splits"], claim["bounds"]["splits"], strict=True):
        for side in (x for x in SIDES if x in split):
            verdict = split[side]
            upper = (side == "same") == (verdict == "strict-saddle")
            text = f"≤ {at_most(numbers[side])}" if upper else f"≥ {at_least(numbers[side])}"
            bars.append(
                Bar(
                    f"neuron {split['neuron']}, {SIDES[side]}: {NAMES[verdict]}",
                    text,
                    _float(numbers[side]),
                    KINDS[verdict],
                )
            )
    shown = bars[:MOST_SPLITS]
    more = f" The first {len(shown)} of {len(bars)} are drawn." if len(shown) < len(bars) else ""
    caption = (
        "Bounds of eigenvalues of S_i(W*), as the claim states them. Parts of the same sign: a negative eigenvalue makes every "
        "such split a strict saddle, none but one 0 makes it a minimum, not strict. A part of the other sign: the same with "
        f"a positive one.{more}"
    )
    return Figure(
        "What the splits of a neuron are",
        signed(shown, "; ".join(f"{x.label} {x.text}" for x in shown)),
        caption,
    )


def _parts(claim: Json) -> Figure:
    """The neurons of the point that was given, by the one of the smaller network that they are parts of."""
    rows, count = [], 0
    for i, fractions in enumerate(claim["fractions"]):
        inside = [
            (f"neuron {count + a + 1}", to_float(number({"exact": x}, "fractions")))
            for a, x in enumerate(fractions)
        ]
        rows.append((f"neuron {i + 1}", inside))
        count += len(fractions)
    shown = rows[:MOST_SUMS]
    words = "; ".join(
        f"{name}: {', '.join(f'{part} {size:.4g}' for part, size in inside)}" for name, inside in shown
    )
    caption = (
        "Each line is a neuron of the smaller network, whose weights are above; its parts are the neurons of the point that the "
        "claim is about, in their order, as long as their fraction."
    )
    return Figure("Which neurons are parts of which", parts(shown, words), caption)


def _split(of: Place, hessian: Floats, i: int, side: str) -> list[Figure]:
    """The loss as the two parts of neuron i move apart along the eigenvector of S_i that the verdict is about."""
    d = of.point.shape[1]
    signs, others = of.signs
    # S_i is the diagonal block up to a multiple of the identity: the eigenvectors are the same.
    _, vectors = np.linalg.eigh(hessian[i * d : (i + 1) * d, i * d : (i + 1) * d])
    across = vectors[:, 0] if side == "same" else vectors[:, -1]
    shares, sign = ((0.5, 0.5), 1.0) if side == "same" else ((1.5, 0.5), -1.0)
    reach = float(np.linalg.norm(of.point[i])) / 2
    away = np.linspace(-reach * (1 + 2 * BEYOND), reach * (1 + 2 * BEYOND), SAMPLES)
    one = shares[0] * of.point[i] + away[:, None] * across
    other = shares[1] * of.point[i] - sign * away[:, None] * across
    rest = np.broadcast_to(np.delete(of.point, i, axis=0), (SAMPLES, len(of.point) - 1, d))
    points = np.concatenate([rest, one[:, None], other[:, None]], axis=1)
    output = (*np.delete(signs, i), signs[i], sign * signs[i])
    slope = of.network.slope if of.network is not None else (0, 1)
    wide = Network(tuple(map(int, output)), tuple(map(int, others)), slope)
    values = around.losses(points, Place(of.point, of.targets, wide))
    here = float(around.losses(of.point, of))
    if not (abs(here) < LARGEST and np.isfinite(values).all()):
        return []
    halves = "two halves" if side == "same" else "3/2 and, with the other sign, 1/2 of it"
    words = f"Curve: the loss is {here:.4g} at the split and down to {values.min():.4g} beside it"
    caption = (
        f"Neuron {i + 1} is split into {halves}, which move apart along an eigenvector of S_i, up to half its length either way. "
        f"{FLOATING}"
    )
    svg = drawing.curve(values, [(0.5, here, "the split")], BEYOND, words)
    return [Figure(f"Loss where neuron {i + 1} is split", svg, caption)]


def _new_neuron(claim: Json, of: Place) -> list[Figure]:
    """The loss as a neuron grows from 0 along the target that the claim names."""
    target = of.targets[int(claim["target"]) - 1]
    best = 2 * _float(claim["bounds"]["slope"]) / float(target @ target)
    shares = np.linspace(-BEYOND, 1 + BEYOND, SAMPLES)
    # From 0 to twice the length for which the claim has a number.
    grown = 2 * best * shares[:, None] * target
    points = np.concatenate([np.broadcast_to(of.point, (SAMPLES, *of.point.shape)), grown[:, None]], axis=1)
    signs, others = of.signs
    slope = of.network.slope if of.network is not None else (0, 1)
    wide = Network((*map(int, signs), 1), tuple(map(int, others)), slope)
    place = Place(of.point, of.targets, wide)
    values, here = around.losses(points, place), float(around.losses(of.point, of))
    there = float(around.losses(np.vstack([of.point, best * target]), place))
    if not np.isfinite([*values, here, there]).all():
        return []
    least = at_least(claim["bounds"]["decrease"])
    words = f"Curve: the loss is {here:.4g} with the new neuron at 0 and {there:.4g} with it on the way to the target"
    caption = (
        f"The new neuron grows from 0 towards target {claim['target']}. {FLOATING} What the claim states as proved: the loss falls "
        f"from 0 on, and at the second dot, at {best:.4g} of the target, it is lower by at least {least}."
    )
    svg = drawing.curve(
        values, [(0.0, here, "neuron at 0"), (0.5, there, f"lower by ≥ {least}")], BEYOND, words
    )
    return [Figure("Loss as the new neuron grows", svg, caption)]


def _float(value: object) -> float:
    return to_float(number(value, "bounds"))
