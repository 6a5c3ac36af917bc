"""Figures of certificates of the one-hidden-layer CNN: the lowest loss at each angle of the filter, weights,
eigenvalues, runs.

Numbers that are proved are those of the claim; all others are computed here in floating point, and said to be.
"""

from __future__ import annotations

from math import pi

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, within
from relucert.families import squares
from relucert.families.charts import Bar, Curve, Mark, Scale, graph, progress, signed
from relucert.families.cnn import floats
from relucert.families.cnn.floats import Point, Teacher
from relucert.families.cnn.words import NAMES
from relucert.families.drawing import LARGEST, SMALLEST, Floats, middle, ratio, real, table, times
from relucert.families.family import Figure

FLOATING = "Curve: computed in floating point, drawn for orientation; no part of the proof."
TOO_LARGE = Figure("Not drawn", "", "Not drawn: numbers beyond double precision.")
SAMPLES = 181  # of an angle from 0 to pi
FEWEST_STEPS, MOST_STEPS = 200, 3_000  # of a run that is drawn
FURTHER = 4  # how much longer it is drawn than to where the claim applies
BEFORE = 1e-9  # of the angle of a run: below it is rounding
KINDS = {True: "saddle", False: "basin"}  # of eigenvalues, by whether they are negative


def figures(claim: Json) -> list[Figure]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim."""
    problem = claim["problem"]
    of = Teacher(np.array([ratio(x) for x in problem["a_star"]]), ratio(problem["w_norm"]))
    at = _point(claim, of) if "point" in claim else None
    sizes = np.array(
        [*np.abs(of.a_star), of.w_norm, *(() if at is None else np.abs([*at.axis, *at.v, *at.a]))]
    )
    if not sizes.max() < LARGEST or not of.w_norm * np.abs(of.a_star).max() > SMALLEST:
        return [TOO_LARGE]
    if "eta" in claim and at is not None:
        return [*_run(claim, of, at), *_weights(of, at)]
    found = [_angle(claim, of, at)]
    if "spectrum" in claim["bounds"]:
        found.append(_eigenvalues(claim["bounds"]))
    return found if at is None else [*found, *_weights(of, at)]


def _point(claim: Json, of: Teacher) -> Point:
    axis, v, a = (table([claim["point"][name]])[0] for name in ("axis", "v", "a"))
    if len(axis) != len(v) or len(a) != len(of.a_star):
        raise ValueError("the point has another shape than the network")
    axis = axis / np.abs(axis).max()
    return Point(axis / np.linalg.norm(axis), v, a)


def _angle(claim: Json, of: Teacher, at: Point | None) -> Figure:
    """The landscape as a function of the angle alone, and where the claim has what in it."""
    bounds, phi = claim["bounds"], np.linspace(0, pi, SAMPLES)
    values = floats.lowest(of, phi)
    if at is None:
        marks = [
            Mark(middle(x["angle"]), middle(x["objective"]), NAMES[x["verdict"]], beside=True)
            for x in bounds["critical_points"]
        ]
        stated = "; ".join(
            f"{NAMES[x['verdict']]} with loss {within(x['objective'])}" for x in bounds["critical_points"]
        )
        stated = f"the critical points and their losses, {stated}"
        if "barrier" in bounds:
            stated += (
                f". From the spurious minima the way over the saddles rises by {within(bounds['barrier'])}"
            )
    else:
        name = "the point" if claim["verdict"] == "not-critical" else NAMES[claim["verdict"]]
        where = bounds["loss"]
        marks = [Mark(floats.angles(at)[0], middle(where), name, beside=True)]
        stated = f"the loss at the point is {within(where)}; the angle of the dot is floating point"
    words = (
        f"The lowest loss against the angle from 0 to pi, between {values.min():.4g} and {values.max():.4g}"
    )
    svg = graph([Curve("curve", phi, values)], [], marks, (Scale("angle of v and w*"), Scale("loss")), words)
    caption = (
        f"The lowest loss that output weights reach with the student's filter v at each angle from the teacher's w*. "
        f"{FLOATING} What the claim states: {stated}."
    )
    return Figure("Loss at each angle of the filter", svg, caption)


def _eigenvalues(bounds: Json) -> Figure:
    bars = [
        Bar(times(x["multiplicity"]), within(x["value"]), middle(x["value"]), KINDS[middle(x["value"]) < 0])
        for x in bounds["spectrum"]
    ]
    words = "; ".join(f"{x.label} {x.text}" for x in bars)
    caption = "The eigenvalues of the Hessian at |v| = 1 with their multiplicities, as the claim states them."
    return Figure("Eigenvalues of the Hessian", signed(bars, words), caption)


def _weights(of: Teacher, at: Point) -> list[Figure]:
    rows = "teacher", "student"
    output = np.array([of.w_norm * of.a_star, at.a])
    size = np.linalg.norm(at.v)
    filters = np.array([at.axis, at.v / size]) if size > 0 else np.array([at.axis])
    found = []
    for title, entries, what, caption in (
        (
            "Output weights",
            output,
            "patch",
            "Above: those of the teacher, times |w*|. Below: those of the point.",
        ),
        (
            "Filters",
            filters,
            "coordinate",
            "Above: the direction of the teacher's filter. Below: that of the point.",
        ),
    ):
        columns = [f"{what} {j + 1}" for j in range(entries.shape[1])]
        svg = squares.heat(entries, rows, columns, f"{title}: two rows of {entries.shape[1]}")
        found += [Figure(title, svg, caption)] if svg else []
    return found


def _run(claim: Json, of: Teacher, at: Point) -> list[Figure]:
    step, bounds = int(claim["step"]), claim["bounds"]
    last = min(max(FURTHER * step, FEWEST_STEPS), MOST_STEPS)
    phi, psi, losses = floats.descend(of, at, ratio(claim["eta"]), last)
    if not np.isfinite(losses).all():
        return [TOO_LARGE]
    steps, name = np.arange(last + 1.0), "psi" if "flattest" in bounds else "phi"
    angle = psi if name == "psi" else phi
    angle = np.where(angle > BEFORE, angle, 0.0)
    of_what = "Pi minus the angle of v and w*" if name == "psi" else "The angle of v and w*"
    after = np.linspace(0, max(last - step, 0), SAMPLES)
    lines, said = _lines(bounds, after, name)
    mark = Mark(float(step), middle(bounds[name]), f"{within(bounds[name])} at step {step}", beside=True)
    curves = [Curve("curve", steps, angle), *(Curve("bound", step + after, x) for x in lines)]
    words = f"The angle along the run; at step {step} {within(bounds[name])}"
    caption = (
        f"{of_what} on a logarithmic scale. {FLOATING} What the claim states: the dot, at step {step}, and the "
        f"{'lines' if len(lines) > 1 else 'line'} from there on: {said}."
    )
    drawn = progress(curves, [], [mark], words, evenly=True)
    found = [Figure("Angle along the run", drawn, caption)] if drawn else []
    end = float(floats.lowest(of, np.array([pi]))[0]) if name == "psi" else 0.0
    ends = "0" if name == "phi" else f"{end:.4g} at the spurious minima"
    svg = graph(
        [Curve("curve", steps, losses), Curve("mark", np.array([0.0, last]), np.array([end, end]))],
        [],
        [],
        (Scale("step"), Scale("loss")),
        f"The loss along the run, from {losses[0]:.4g} to {losses[-1]:.4g}",
    )
    caption = f"The loss along the run; dashed: {ends}. {FLOATING}"
    return [*found, Figure("Loss along the run", svg, caption)]


def _lines(bounds: Json, after: Floats, name: str) -> tuple[list[Floats], str]:
    """What the claim states of the angle so many steps later, and in words."""
    end = real(bounds[name][1])
    if "decay" in bounds:
        shrunk = np.tan(end / 2) * (1 - real(bounds["decay"])) ** after
        return [
            2 * np.arctan(shrunk)
        ], f"tan(angle/2) falls each step by at least {at_least(bounds['decay'])} of itself"
    start, least, most = real(bounds[name][0]), real(bounds["flattest"]), real(bounds["steepest"])
    lines = [end / (1 + least * end * after / 2), start / (1 + 2 * most * start * after)]
    said = (
        f"j steps on between x/(1 + 2 {at_most(bounds['steepest'])} x j) and "
        f"x/(1 + {at_least(bounds['flattest'])} x j/2), x being its size at the dot"
    )
    return lines, said
