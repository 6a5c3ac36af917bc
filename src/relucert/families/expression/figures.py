"""Figures of a certificate of a loss written as a graph: spectrum, the way to the witness, radii.

Numbers that are proved are those of the claim; all others are computed here in floating point, and said to be.
"""

from __future__ import annotations

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, within
from relucert.families import drawing
from relucert.families.drawing import LARGEST, Floats, Length, Line, real, table
from relucert.families.expression import planes
from relucert.families.expression.reading import parse
from relucert.families.expression.search import FloatLoss, float_loss, losses, value_and_gradient
from relucert.families.family import Figure

FLOATING = "Computed in floating point, drawn for orientation; no part of the proof."
MOST_WORK = 400_000  # nodes that are evaluated for a spectrum, a thousand rows of data counting once
ROWS_AT_ONCE = 1_000
DIFFERENCE = 1e-5  # of two gradients, relative to the entry
NOISE = 1e-7  # eigenvalues that are smaller, relative to the largest, are rounding
SAMPLES, BEYOND = 201, 0.15  # of the loss on the way to the witness


def figures(claim: Json) -> list[Figure]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim, InputError for a malformed loss."""
    radii = _radii(claim)
    graph = parse(claim["problem"]["loss"])
    point = table([claim["point"]])[0]
    if len(point) != graph.parameters:
        raise ValueError("the point has another dimension than the loss")
    try:
        of = float_loss(graph)
    except OverflowError:  # exact numbers beyond the doubles
        of = None
    if of is None or not np.abs(point).max() < LARGEST:
        return [radii, Figure("Spectrum and loss", "", "Not drawn: numbers beyond double precision.")]
    work = len(graph.nodes) * (1 + of.columns.shape[1] // ROWS_AT_ONCE)
    found, witness, vectors = [radii], _witness(claim, point), None
    if not graph.constraints and 2 * graph.parameters * work <= MOST_WORK:
        matrix = _hessian(of, point)
        if np.abs(matrix).max() < LARGEST:
            values, vectors = np.linalg.eigh(matrix)
            found.append(_spectrum(claim, values))
    if witness is not None and SAMPLES * work <= MOST_WORK:
        found += _segment(claim, of, point, witness)
    return [*found, *planes.around(claim, of, point, witness, vectors)]


def _witness(claim: Json, point: Floats) -> Floats | None:
    """None where there is none, or none that double precision holds."""
    if "witness" not in claim:
        return None
    witness = table([claim["witness"]])[0]
    if len(witness) != len(point):
        raise ValueError("the witness has another dimension than the loss")
    return witness if np.abs(witness).max() < LARGEST else None


def _hessian(of: FloatLoss, point: Floats) -> Floats:
    """(m, m), by differences of gradients."""
    rows = []
    for i, x in enumerate(point.tolist()):
        step = DIFFERENCE * max(abs(x), 1.0)
        ends = []
        for sign in (-1, 1):
            moved = point.copy()
            moved[i] += sign * step
            ends.append(value_and_gradient(of, moved)[1])
        rows.append((ends[1] - ends[0]) / (2 * step))
    matrix = np.array(rows)
    result: Floats = (matrix + matrix.T) / 2
    return result


def _spectrum(claim: Json, values: Floats) -> Figure:
    values[np.abs(values) < NOISE * np.abs(values).max()] = 0.0
    proved = []
    # With symmetries and constraints the proved bounds are those of other matrices.
    if "lambda_min" in claim["bounds"] and "symmetry" not in claim:
        ends = claim["bounds"]["lambda_min"]
        proved = [Line(f"λmin {within(ends)}", *map(real, ends))]
    words = f"{len(values)} eigenvalues of the Hessian at x0, from {values[0]:.4g} to {values[-1]:.4g}"
    caption = (
        "Dots: the eigenvalues of the Hessian at x0, in order, from differences of gradients in floating point, drawn "
        f"for orientation. Below {NOISE:g} of the largest they count as 0."
    )
    if proved:
        caption += f" Line: what the claim states as proved of the critical point, {proved[0].label}."
    return Figure("Spectrum of the Hessian", drawing.spectrum(values, proved, words), caption)


def _segment(claim: Json, of: FloatLoss, point: Floats, witness: Floats) -> list[Figure]:
    """The loss from x0 to the witness, and a little beyond both."""
    shares = np.linspace(-BEYOND, 1 + BEYOND, SAMPLES)
    values = losses(of, point + shares[:, None] * (witness - point))
    start, end = losses(of, np.array([point, witness])).tolist()
    if not max(abs(start), abs(end)) < LARGEST:
        return []
    words = f"Curve: the loss is {start:.4g} at x0 and {end:.4g} at the witness"
    caption = (
        f"The loss from x0, where it is {start:.4g}, to the witness, where it is {end:.4g}. The distance is "
        f"{np.linalg.norm(witness - point):.4g}. {FLOATING} What the claim states as proved: F is lower at the witness "
        f"by at least {at_least(claim['bounds']['gap'])}."
    )
    if "barrier" in claim["bounds"]:
        rise = at_least(claim["bounds"]["barrier"])
        caption += (
            f" Every path from the minimum to such a point gets at least {rise} higher than the minimum."
        )
    marks = [(0.0, start, "x0"), (1.0, end, "witness")]
    return [Figure("Loss on the way to the witness", drawing.curve(values, marks, BEYOND, words), caption)]


def _radii(claim: Json) -> Figure:
    bounds = claim["bounds"]
    found = []
    if "existence_radius" in bounds:
        radius = bounds["existence_radius"]
        found.append(Length("a critical point lies within", radius, f"≤ {at_most(radius)}", "near"))
    if "basin" in bounds:
        radius = bounds["basin"]
        found.append(
            Length("gradient descent converges from within", radius, f"≥ {at_least(radius)}", "basin")
        )
    if "box" in bounds:
        radius = bounds["box"]
        found.append(Length("no other one, entry by entry, within", radius, f"≥ {at_least(radius)}", "alone"))
    if "exclusion" in bounds:
        radius = bounds["exclusion"]
        found.append(
            Length("no critical point, entry by entry, within", radius, f"≥ {at_least(radius)}", "alone")
        )
    where = "(x0, mu0)" if "multipliers" in claim else "x0"
    caption = (
        f"Distances from {where} as the claim states them, on a logarithmic scale: Euclidean ones, or the largest "
        "difference of an entry. The sentence above says of which points; an upper bound (≤) is rounded up, a lower "
        "one (≥) down."
    )
    if "basin" in bounds and "step" in bounds:
        caption += f" Gradient descent: with any fixed step below {at_least(bounds['step'])}."
    svg, left_out = drawing.lengths(found, "Radii on a logarithmic scale")
    return Figure("Radii, on a logarithmic scale", svg, caption + left_out)
