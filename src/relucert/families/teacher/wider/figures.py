"""Figures of certificates of wider networks: what their splits are, how the loss falls there, parts of neurons.

Numbers that are proved are those of the claim; losses are computed here in floating point, and said to be.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most
from relucert.families import drawing
from relucert.families.charts import Bar, parts, signed
from relucert.families.drawing import LARGEST, Floats, real, table
from relucert.families.family import Figure
from relucert.families.teacher import around
from relucert.families.teacher.around import Place
from relucert.families.teacher.methods import COLLAPSED, SPLIT, TRAINED, ZERO
from relucert.families.teacher.network import Network

FLOATING = "Computed in floating point, drawn for orientation; no part of the proof."
MOST_SPLITS, MOST_SUMS = 24, 60  # that are drawn
SAMPLES = 121  # of a curve
BEYOND = 0.1  # how far it goes beyond both ends, relative to their distance
SIDES = {"same": "parts of the same sign", "opposite": "a part of the other sign"}
KINDS = {"strict-saddle": "saddle", "degenerate-minimum": "near"}
PARTS = {"same": ((0.5, 0.5), 1.0), "opposite": ((1.5, 0.5), -1.0)}  # of the split that is drawn
NAMES = {"strict-saddle": "strict saddle", "degenerate-minimum": "minimum"}


def stated(claim: Json) -> list[Figure]:
    """What the claim states of a wider network, drawn from its numbers alone. Raises as `words` does."""
    if claim["method"] == SPLIT:
        return [_splits(claim)]
    if claim["method"] == TRAINED and "weights" in claim:
        return [_output_weights(claim)]
    return [_parts(claim)] if claim["method"] == COLLAPSED else []


def falls(claim: Json, of: Place, hessian: Floats) -> list[Figure]:
    """The loss of the wider network where it falls. hessian: (n d, n d), at the point."""
    if claim["method"] == ZERO:
        return _new_neuron(claim, of)
    if claim["method"] == COLLAPSED and "neuron" in claim:
        i = int(claim["neuron"]) - 1
        return _split(of, hessian, i, _fractions(claim["fractions"][i]), 1.0)
    saddles = _saddles(claim) if claim["method"] == SPLIT and not isinstance(claim["point"], dict) else []
    if not saddles:
        return []
    _, neuron, side = max(saddles, key=lambda x: x[0])
    return _split(of, hessian, neuron - 1, *PARTS[side])


def _saddles(claim: Json) -> list[tuple[float, int, str]]:
    """Splits that are strict saddles: the size of the claimed number, the neuron, the sign of the parts."""
    both = zip(claim["splits"], claim["bounds"]["splits"], strict=True)
    return [
        (abs(real(numbers[side])), int(split["neuron"]), side)
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
            label = f"neuron {split['neuron']}, {SIDES[side]}: {NAMES[verdict]}"
            bars.append(Bar(label, text, real(numbers[side]), KINDS[verdict]))
    shown = bars[:MOST_SPLITS]
    more = f" The first {len(shown)} of {len(bars)} are drawn." if len(shown) < len(bars) else ""
    caption = (
        "Bounds of eigenvalues of S_i(W*), as the claim states them. Parts of the same sign: where one eigenvalue is "
        "negative every such split is a strict saddle, where all but one are positive it is a minimum, not strict. A "
        f"part of the other sign: the same with the signs exchanged.{more}"
    )
    words = "; ".join(f"{x.label} {x.text}" for x in shown)
    return Figure("What the splits of a neuron are", signed(shown, words), caption)


def _output_weights(claim: Json) -> Figure:
    """Of the point of the claim."""
    values = _fractions(claim["weights"])
    shown = [Bar(f"neuron {i}", f"{x:.6g}", x, "near") for i, x in enumerate(values[:MOST_SPLITS], 1)]
    more = f" The first {len(shown)} of {len(values)} are drawn." if len(shown) < len(values) else ""
    caption = (
        "The output weights c_i of the point of the claim; its neurons are w_i/|c_i|, w_i as drawn under Weights, so "
        f"that the network is that of the w_i with output weights 1 or -1.{more}"
    )
    return Figure("Output weights", signed(shown, "; ".join(f"{x.label} {x.text}" for x in shown)), caption)


def _parts(claim: Json) -> Figure:
    """The neurons of the point of the claim, by the one of the smaller network that they are parts of."""
    rows, count = [], 0
    for i, fractions in enumerate(claim["fractions"]):
        inside = [(f"neuron {count + a + 1}", x) for a, x in enumerate(_fractions(fractions))]
        rows.append((f"neuron {i + 1}", inside))
        count += len(fractions)
    shown = rows[:MOST_SUMS]
    words = "; ".join(
        f"{name}: {', '.join(f'{part} {size:.4g}' for part, size in inside)}" for name, inside in shown
    )
    caption = (
        "Each line is a neuron of the smaller network, whose weights are above; its parts are the neurons of the point "
        "that the claim is about, in their order, as long as their fraction."
    )
    return Figure("Which neurons are parts of which", parts(shown, words), caption)


def _split(of: Place, hessian: Floats, i: int, shares: Sequence[float], sign: float) -> list[Figure]:
    reach = float(np.linalg.norm(of.point[i])) / 2
    values = apart(of, hessian, i, shares, sign, np.linspace(-reach, reach, SAMPLES))
    here = float(around.losses(of.point, of))
    if not (abs(here) < LARGEST and np.isfinite(values).all()):
        return []
    listed = ", ".join(f"{x:.4g}" for x in shares)
    other = "" if sign > 0 else ", the second with the other sign"
    words = f"Curve: the loss is {here:.4g} at the split and down to {values.min():.4g} beside it"
    caption = (
        f"Neuron {i + 1} is split into {listed} of it{other}. The first two move apart along an eigenvector of S_i, "
        f"up to half its length either way. {FLOATING}"
    )
    svg = drawing.curve(values, [(0.5, here, "the split")], 0.0, words)
    return [Figure(f"Loss where neuron {i + 1} is split", svg, caption)]


def apart(of: Place, hessian: Floats, i: int, shares: Sequence[float], sign: float, away: Floats) -> Floats:
    """The loss (m,) where neuron i is split and the first two parts are moved by these lengths (m,) along the
    eigenvector of S_i with the smallest eigenvalue, or where `sign` is -1 with the largest one.

    hessian: (n d, n d), of the network before. shares: of the parts, with the output weight of the neuron, but the
    second `sign` times it. By Theorem 18.S the second derivative at 0 is the eigenvalue times the output weight times
    1/shares[0] + sign/shares[1].
    """
    d = of.point.shape[1]
    # S_i is the diagonal block up to a multiple of the identity: the eigenvectors are the same.
    _, vectors = np.linalg.eigh(hessian[i * d : (i + 1) * d, i * d : (i + 1) * d])
    across = vectors[:, 0] if sign > 0 else vectors[:, -1]
    pieces = np.outer(shares, of.point[i]) + np.zeros((len(away), 1, 1))
    pieces[:, 0] += away[:, None] * across
    pieces[:, 1] -= sign * away[:, None] * across
    rest = np.broadcast_to(np.delete(of.point, i, axis=0), (len(away), len(of.point) - 1, d))
    signs = of.signs[0]
    own = signs[i] * np.array([1, sign, *[1] * (len(shares) - 2)])
    return around.losses(np.concatenate([rest, pieces], axis=1), _wider(of, [*np.delete(signs, i), *own]))


def _wider(of: Place, signs: Sequence[float]) -> Place:
    """The place with other output weights of the neurons, for more of them."""
    slope = of.network.slope if of.network is not None else (0, 1)
    return of._replace(network=Network(tuple(map(int, signs)), tuple(map(int, of.signs[1])), slope))


def _new_neuron(claim: Json, of: Place) -> list[Figure]:
    """The loss as a neuron grows from 0 along the target that the claim names, to twice the length for which the claim
    has a number."""
    j = int(claim["target"]) - 1
    best = 2 * real(claim["bounds"]["slope"]) / float(of.targets[j] @ of.targets[j])
    values = grown(of, j, 2 * best * np.linspace(-BEYOND, 1 + BEYOND, SAMPLES))
    here, there = (float(x) for x in grown(of, j, np.array([0.0, best])))
    if not np.isfinite([*values, here, there]).all():
        return []
    least = at_least(claim["bounds"]["decrease"])
    words = f"Curve: the loss is {here:.4g} with the new neuron at 0 and {there:.4g} with it on the way to the target"
    caption = (
        f"The new neuron grows from 0 towards target {j + 1}. {FLOATING} The claim states: the loss falls from 0 on, "
        f"and at the second dot, at {best:.4g} of the target, it is lower by at least {least}."
    )
    svg = drawing.curve(
        values, [(0.0, here, "neuron at 0"), (0.5, there, f"lower by ≥ {least}")], BEYOND, words
    )
    return [Figure("Loss as the new neuron grows", svg, caption)]


def grown(of: Place, j: int, lengths: Floats) -> Floats:
    """The loss (m,) with one more neuron, output weight 1, at these multiples (m,) of target j."""
    new = lengths[:, None, None] * of.targets[j]
    points = np.concatenate([np.broadcast_to(of.point, (len(lengths), *of.point.shape)), new], axis=1)
    return around.losses(points, _wider(of, [*of.signs[0], 1]))


def _fractions(given: Sequence[object]) -> list[float]:
    return [float(x) for x in table([given])[0]]
