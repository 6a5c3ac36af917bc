"""Figures of a certificate of the teacher-student network: weights, spectrum, loss around the point, radii.

Numbers that are proved are those of the claim; all others are computed here in floating point, and said to be.
"""

from __future__ import annotations

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, less, within
from relucert.families import drawing
from relucert.families.drawing import Floats, Length, Line, real
from relucert.families.family import Figure
from relucert.families.teacher import around, heat, runs_figures
from relucert.families.teacher.around import CLOSE, Goal, Place
from relucert.families.teacher.methods import CONVERGES, OWNERS, RUNS, SIGNED_RUNS
from relucert.families.teacher.wider import figures as wider

FLOATING = "Computed in floating point, drawn for orientation; no part of the proof."
MOST_EIGENVALUES = 1_000  # n d up to which the spectrum is computed for a page
MOST_ANGLES = 300_000_000  # that are computed for the loss on a plane: seconds
SAMPLES = 201  # of the loss on the segment
COLUMNS, ROWS = 91, 55  # of the loss on the plane
BEYOND = 0.3  # how far the segment and the plane go beyond both ends, relative to their distance
# Of the level lines, relative to the loss at the point.
LEVELS = (0.1, 0.25, 0.5, 0.8, 1.03, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0)
ALONE = {  # methods that are not about a critical point
    RUNS: runs_figures.of_runs,
    SIGNED_RUNS: runs_figures.of_runs,
    CONVERGES: runs_figures.of_convergence,
    OWNERS: runs_figures.of_owners,
}


def figures(claim: Json) -> list[Figure]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim."""
    if claim["method"] in ALONE:
        return ALONE[claim["method"]](claim)
    radii = _radii(claim)
    of = around.place(claim)
    if of is None:
        return [*heat.pattern(claim), *wider.stated(claim), _left_out(claim), radii]
    goal = around.goal(claim, of)
    found, missing = [heat.weights(of), *wider.stated(claim), radii], []
    vectors, angles = None, (len(of.point) + len(of.targets)) ** 2
    if of.point.size > MOST_EIGENVALUES or 2 * of.point.size * angles > MOST_ANGLES:
        missing.append("the spectrum")
    else:
        hessian = around.hessian(of)
        values, vectors = np.linalg.eigh(hessian)
        found += [*wider.falls(claim, of, hessian), _spectrum(claim, values)]
    if goal is not None:
        found.append(_segment(of, goal))
    if vectors is None or ROWS * COLUMNS * angles > MOST_ANGLES:
        missing.append("the loss on a plane")
    elif (plane := _plane(of, goal, vectors)) is not None:
        found.append(plane)
    if missing:
        found.append(Figure("Left out", "", f"Not computed for a point of this size: {', '.join(missing)}."))
    return found


def _left_out(claim: Json) -> Figure:
    problem = claim["problem"]
    shape = f"{problem['n']} neurons with {problem['d']} coordinates"
    why = f"Not drawn: {shape} are too many, or their entries are beyond what double precision can square."
    return Figure("Spectrum and loss", "", why)


def _spectrum(claim: Json, values: Floats) -> Figure:
    bounds = claim["bounds"]
    smallest, largest = bounds["lambda_min"], bounds["lambda_max"]
    proved = [
        Line(f"λmin {within(smallest)}", real(smallest[0]), real(smallest[1])),
        Line(f"λmax ≤ {at_most(largest)}", real(largest), real(largest)),
    ]
    stated = " and ".join(line.label for line in proved)
    words = (
        f"{len(values)} eigenvalues of the Hessian at the point, from {values[0]:.4g} to {values[-1]:.4g}, computed "
        f"in floating point. Proved: {stated}"
    )
    caption = (
        f"Dots: the eigenvalues of the Hessian at the point (d = {claim['problem']['d']}), in order, computed in "
        "floating point and drawn for "
        f"orientation. Lines: what the claim states as proved, {stated}."
    )
    return Figure("Spectrum of the Hessian", drawing.spectrum(values, proved, words), caption)


def _segment(of: Place, goal: Goal) -> Figure:
    """The loss from the point to another one, and a little beyond both."""
    shares = np.linspace(-BEYOND, 1 + BEYOND, SAMPLES)
    values = around.losses(of.point + shares[:, None, None] * (goal.point - of.point), of)
    start, end = (float(around.losses(x, of)) for x in (of.point, goal.point))
    top = float(values[(shares >= 0) & (shares <= 1)].max())
    barrier = f" It rises to {top:.4g} on the way." if top > max(start, end) * (1 + CLOSE) else ""
    low = "0" if goal.name == "global minimum" else f"{end:.4g}"
    words = f"Curve: the loss is {start:.4g} at W and {low} at the {goal.name}.{barrier}"
    caption = (
        f"The loss from W, where it is {start:.4g}, to {goal.words}, where it is {low}.{barrier} The distance is "
        f"{np.linalg.norm(goal.point - of.point):.4g}. {FLOATING}"
    )
    marks = [(0.0, start, "W"), (1.0, end, goal.name)]
    return Figure(f"Loss on the way to a {goal.name}", drawing.curve(values, marks, BEYOND, words), caption)


def _plane(of: Place, goal: Goal | None, vectors: Floats) -> Figure | None:
    """The loss on a plane through the point, at one scale in all directions. None: it has one dimension only."""
    if goal is None:
        if vectors.shape[1] < 2:
            return None
        across, up = vectors[:, 0], vectors[:, 1]
        unit = float(np.linalg.norm(of.point)) / (COLUMNS - 1)
        zero = (COLUMNS - 1) / 2
        spanned = "by the two eigenvectors of the Hessian with the smallest eigenvalues"
    else:
        way = (goal.point - of.point).ravel()
        distance = float(np.linalg.norm(way))
        across = way / distance
        rest = vectors - np.outer(across, across @ vectors)
        sizes = np.linalg.norm(rest, axis=0)
        first = int(np.argmax(sizes > 0.5))  # of the smallest eigenvalues, one that is not along the way
        if not sizes[first] > 0.5:
            return None
        up = rest[:, first] / sizes[first]
        unit = distance * (1 + 2 * BEYOND) / (COLUMNS - 1)
        zero = BEYOND * distance / unit
        spanned = (
            f"by the way to the {goal.name} (across) and an eigenvector of the Hessian with a small eigenvalue, made "
            "orthogonal to it (upwards)"
        )
    columns, rows = np.arange(COLUMNS) - zero, np.arange(ROWS) - (ROWS - 1) / 2
    moved = columns[None, :, None] * across + rows[:, None, None] * up
    values = around.losses(of.point + unit * moved.reshape(ROWS, COLUMNS, *of.point.shape), of)
    here = float(around.losses(of.point, of))
    marks = [(zero, (ROWS - 1) / 2, "W")]
    if goal is not None:
        marks.append((zero + distance / unit, (ROWS - 1) / 2, goal.name))
    words = f"Level lines of the loss on a plane through W, from {values.min():.4g} to {values.max():.4g}"
    caption = (
        f"Level lines of the loss on the plane through W that is spanned {spanned}; the stronger the colour, "
        f"the lower. The picture is {unit * (COLUMNS - 1):.3g} wide. {FLOATING}"
    )
    svg = drawing.plane(values, _levels(here, float(values.max())), marks, words)
    return Figure("Loss on a plane through the point", svg, caption)


def _levels(here: float, largest: float) -> list[float]:
    """Of the level lines: about the loss at the point, or where that is 0, halves of the largest value."""
    if here > CLOSE * largest:
        return [here * share for share in reversed(LEVELS)]
    return [largest / 2**i for i in range(1, len(LEVELS))]


def _radii(claim: Json) -> Figure:
    bounds = claim["bounds"]
    svg, left_out = drawing.lengths(_distances(bounds), "Radii on a logarithmic scale")
    caption = (
        "Distances from the point in Frobenius norm, as the claim states them, on a logarithmic scale. An upper bound "
        "(≤) is rounded up, a lower one (≥) down."
    )
    if "basin" in bounds:
        caption += f" Gradient descent: with any fixed step below {at_least(bounds['basin']['step'])}."
    return Figure("Radii, on a logarithmic scale", svg, caption + left_out)


def _distances(bounds: Json) -> list[Length]:
    found = []
    if "existence_radius" in bounds:
        radius = bounds["existence_radius"]
        found.append(Length("the critical point lies within", radius, f"≤ {at_most(radius)}", "near"))
    if "basin" in bounds:
        radius = bounds["basin"]["radius"]
        found.append(
            Length("gradient descent converges from within", radius, f"≥ {at_least(radius)}", "basin")
        )
    # As in the sentence: only where the critical point is nearer than that.
    if "uniqueness_radius" in bounds and less(bounds["existence_radius"], bounds["uniqueness_radius"]):
        radius = bounds["uniqueness_radius"]
        found.append(
            Length("no other critical point is nearer than", radius, f"≥ {at_least(radius)}", "alone")
        )
    if "distance" in bounds:  # with trained output weights
        radius = bounds["distance"]
        found.append(
            Length("the point of the claim is from the manifold", radius, f"≤ {at_most(radius)}", "near")
        )
    if "exclusion_radius" in bounds:
        radius = bounds["exclusion_radius"]
        found.append(Length("there is no critical point within", radius, f"≥ {at_least(radius)}", "alone"))
    return found
