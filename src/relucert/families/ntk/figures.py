"""Figures of certificates of wide networks: the loss along a run beside what is proved, how far weights go, Gram
matrices.

Numbers that are proved are those of the claim; the runs are computed here in floating point, and said to be.
"""

from __future__ import annotations

from fractions import Fraction
from math import log, log1p, prod

import numpy as np

from relucert.base.seeded import PLACES, gaussians, signs
from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, within
from relucert.families import drawing, squares
from relucert.families.charts import Curve, Mark, Scale, graph, progress
from relucert.families.drawing import LARGEST, SMALLEST, Floats, Length, real, table
from relucert.families.family import Figure
from relucert.families.ntk import floats

FLOATING = "Curve: computed in floating point, drawn for orientation; no part of the proof."
TOO_LARGE = "Not drawn: a network or data too large, or numbers beyond double precision."
MOST_NUMBERS = 100_000  # weights at the start, of a run that is drawn
MOST_WORK = 200_000_000  # products along it
MOST_STEPS = 1_500
FALLS = 1e-8  # how far the proved bound is drawn down
SAMPLES = 120  # of a line
MOST_INPUTS = 64  # whose angles are drawn


def figures(claim: Json) -> list[Figure]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim."""
    return METHODS[claim["method"]](claim)


def _shallow(claim: Json) -> list[Figure]:
    problem, start = claim["problem"], claim["start"]
    n, d, m = len(problem["x"]), len(problem["x"][0]), int(problem["width"])
    step, last = Fraction(problem["step"]), int(claim["steps"])
    last = _last(claim, n * d * m)
    losses = None
    if m * d <= MOST_NUMBERS and last > 0:
        of = floats.Shallow(*_data(problem), _weights(start["weights"], (m, d)), _signs(start["signs"], m))
        losses = floats.shallow_losses(of, float(step), last)
    return [_losses(claim, losses), _moved(claim)]


def _deep(claim: Json) -> list[Figure]:
    problem, given = claim["problem"], claim["start"]["weights"]
    n, d, m, depth = len(problem["x"]), len(problem["x"][0]), int(problem["width"]), int(problem["depth"])
    count = m * d + (depth - 1) * m * m + m
    last = _last(claim, 3 * n * count)
    losses = None
    if count <= MOST_NUMBERS and last > 0:
        shapes = [(m, d), *[(m, m)] * (depth - 1), (1, m)]
        if "seed" in given:
            numbers = gaussians("weights", int(given["seed"]), count)
            *layers, output = floats.filled(numbers, _scale(given["scale"]), *shapes)
        else:
            layers, output = [table(layer) for layer in given["layers"]], table([given["output"]])
        c_res = float(Fraction(problem["c_res"])) if "c_res" in problem else None
        k = floats.factors(problem["activation"], m, depth, c_res)
        x, y = _data(problem)
        of = floats.Deep(x, y, tuple(layers), output[0], k, problem["activation"], c_res is not None)
        losses = floats.deep_losses(of, float(Fraction(problem["step"])), last)
    return [_losses(claim, losses), _moved(claim)]


def _data(problem: Json) -> tuple[Floats, Floats]:
    return table(problem["x"]), table([problem["y"]])[0]


def _scale(pair: list[object]) -> float:
    return float(table([[pair]])[0, 0]) * 2.0**-PLACES


def _weights(given: Json, shape: tuple[int, int]) -> Floats:
    if isinstance(given, dict):
        (found,) = floats.filled(
            gaussians("weights", int(given["seed"]), prod(shape)), _scale(given["scale"]), shape
        )
        return found
    return table(given)


def _signs(given: Json, m: int) -> Floats:
    if isinstance(given, dict):
        return np.array(signs(int(given["seed"]), m), dtype=np.float64)
    return np.array([1.0 if a == "+" else -1.0 for a in given])


def _last(claim: Json, work: int) -> int:
    """The last step that is drawn: where the proved bound has fallen far."""
    rate = real(claim["bounds"]["rate"])
    further = log(FALLS) / (2 * log1p(-rate)) if SMALLEST < rate < 1 else MOST_STEPS
    return min(int(claim["steps"] + further) + 1, MOST_STEPS, MOST_WORK // max(work, 1))


def _losses(claim: Json, losses: Floats | None) -> Figure:
    """The run, from its start, and what the claim states of it from some step on."""
    steps, bounds = int(claim["steps"]), claim["bounds"]
    loss, rate = real(bounds["loss"]), real(bounds["rate"])
    last = steps + MOST_STEPS if losses is None else len(losses) - 1
    curves = [] if losses is None else [Curve("curve", np.arange(last + 1.0), losses)]
    if last > steps and SMALLEST < loss < LARGEST:
        after = np.linspace(0.0, last - steps, SAMPLES)
        curves.append(Curve("bound", steps + after, loss * (1 - rate) ** (2 * after)))
    mark = Mark(float(steps), loss, f"≤ {at_most(bounds['loss'])}", beside=True)
    words = f"The loss along the run; at step {steps} at most {at_most(bounds['loss'])}, and falling from there on"
    drawn = progress(curves, [], [mark], words, evenly=True)
    run = TOO_LARGE if losses is None else FLOATING
    caption = (
        f"The loss on a logarithmic scale. {run} What the claim states, the dot and the line that falls from it: at "
        f"most {at_most(bounds['loss'])} at step {steps}, and t steps later at most "
        f"(1 - {at_least(bounds['rate'])})^(2t) times that."
    )
    return Figure("Loss along the run", drawn, caption)


def _moved(claim: Json) -> Figure:
    bounds, steps = claim["bounds"], int(claim.get("steps", 0))
    who = "all weights together" if claim["method"] == "deep-gradient-descent" else "each neuron"
    since = f"from step {steps} on" if steps else "from the start on"
    found = [Length(f"{who} {since}", bounds["travel"], f"≤ {at_most(bounds['travel'])}", "near")]
    if "first_travel" in bounds:
        first = bounds["first_travel"]
        found.append(Length(f"{who} up to step {steps}", first, f"≤ {at_most(first)}", "alone"))
    svg, left_out = drawing.lengths(found, "How far weights go, on a logarithmic scale")
    caption = f"How far weights go at most, as the claim states it, on a logarithmic scale.{left_out}"
    return Figure("How far the weights go", svg, caption)


def _flow(claim: Json) -> list[Figure]:
    """The bound of gradient flow alone: a run in time would need steps of its own."""
    bounds = claim["bounds"]
    loss, rate = real(bounds["loss"]), real(bounds["rate"])
    found = []
    if SMALLEST < loss < LARGEST and SMALLEST < rate < LARGEST:
        time = np.array([0.0, -log(FALLS) / (2 * rate)])
        heights = np.log10(loss) - 2 * rate * time / log(10)
        mark = Mark(0.0, float(heights[0]), f"≤ {at_most(bounds['loss'])}", beside=True)
        scales = Scale("time"), Scale("loss", powers=True)
        words = f"The proved bound of the loss, from {at_most(bounds['loss'])} at the start"
        svg = graph([Curve("bound", time, heights)], [], [mark], scales, words)
        caption = (
            f"What the claim states, on a logarithmic scale: the loss is at most {at_most(bounds['loss'])} at the "
            f"start, and at time t at most exp(-2 g t) times what it was, g = {at_least(bounds['rate'])}."
        )
        found.append(Figure("Bound of the loss in time", svg, caption))
    return [*found, _moved(claim)]


def _gram(claim: Json) -> list[Figure]:
    x = table(claim["problem"]["x"])
    found = [_eigenvalues(claim)] if claim["verdict"] == "positive-definite" else []
    if len(x) <= MOST_INPUTS and np.abs(x).max() < LARGEST:
        found.append(_angles(claim, x))
    return found


def _eigenvalues(claim: Json) -> Figure:
    bounds = claim["bounds"]
    least, largest = bounds["lambda_min"], bounds["largest"]
    given = [Length("smallest eigenvalue", least[0], within(least), "near")]
    if "by_geometry" in bounds:
        angles = bounds["by_geometry"]
        given.append(Length("from the angles alone", angles, f"≥ {at_least(angles)}", "alone"))
    given.append(Length("largest eigenvalue", largest, f"≤ {at_most(largest)}", "basin"))
    svg, left_out = drawing.lengths(given, "Eigenvalues on a logarithmic scale")
    caption = f"Bounds of the eigenvalues of the Gram matrix, as the claim states them.{left_out}"
    return Figure("Eigenvalues of the Gram matrix", svg, caption)


def _angles(claim: Json, x: Floats) -> Figure:
    names = [f"input {i}" for i in range(len(x))]
    near = (
        f" The smallest angle between two of their lines is {floats.smallest_angle(x):.4g}."
        if len(x) > 1
        else ""
    )
    which = (
        f" The claim says that the inputs {', '.join(map(str, claim['dependent']))} make the matrix singular."
        if "dependent" in claim
        else ""
    )
    svg = squares.heat(
        floats.cosines(x), names, names, f"Heat map of the cosines of the angles between {len(x)} inputs"
    )
    caption = (
        f"Cosines of the angles between the inputs, in their order, counted from 0: what the matrix depends on.{near} "
        f"Computed in floating point, drawn for orientation; no part of the proof.{which}"
    )
    return Figure("Angles between the inputs", svg, caption)


METHODS = {
    "gradient-descent": _shallow,
    "gradient-flow": _flow,
    "deep-gradient-descent": _deep,
    "gram": _gram,
}
