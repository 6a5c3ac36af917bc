"""Figures of certificates about gradient descent: the loss along a run, its way to where it ends, owners of neurons.

Numbers that are proved are those of the claim; the runs are computed here in floating point, and said to be.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, within
from relucert.families import drawing
from relucert.families.charts import Curve, Level, Mark, parts, progress, spaced
from relucert.families.drawing import Floats, Length, real
from relucert.families.family import Figure
from relucert.families.teacher import around, heat
from relucert.families.teacher.around import Place

FLOATING = "Curves: computed in floating point, drawn for orientation; no part of the proof."
TOO_LARGE = "Not drawn: too many neurons, or numbers beyond double precision."
MOST_RUNS = 8  # that are drawn
MOST_STEPS = 3_000
MOST_ANGLES = 20_000_000  # of all runs that are drawn: a second or two
SAMPLES = 120  # steps of a run at which it is drawn
BEYOND = 100  # how much farther a bound is drawn than to where it begins to fall
AFTER = 1_000  # steps that are drawn of a run without an end


def of_runs(claim: Json) -> list[Figure]:
    """Of the method "runs". Raises as `words` does."""
    shown = claim["runs"][:MOST_RUNS]
    places = [_place(claim, run["start"]) for run in shown]
    minima = sorted({run["end"]["minimum"] for run in shown if "end" in run})
    found = [_radii(claim, shown[0])] if len(claim["runs"]) == 1 and "end" in shown[0] else []
    if any(of is None for of in places):
        return [
            *found,
            Figure("Runs", "", "Not drawn: too many neurons, or numbers beyond double precision."),
        ]
    runs = [_run(run, of, claim, len(shown)) for run, of in zip(shown, places, strict=True) if of is not None]
    found += [_losses(claim, runs), *_distances(claim, runs)]
    for m in minima[:MOST_RUNS]:
        of = around.place(claim["minima"][m])
        if of is not None:
            found.append(heat.weights(of, f"Weights of minimum {m}"))
    return found


def _place(claim: Json, point: Json) -> Place | None:
    return around.place({"problem": claim["problem"], "point": point})


class _Run(NamedTuple):
    """A run as it is drawn: what is claimed of it, and its losses (m,) and points (m, n, k) at `steps`, to `last`."""

    claimed: Json
    last: int
    steps: Floats
    losses: Floats
    points: Floats


def _run(run: Json, of: Place, claim: Json, beside: int) -> _Run:
    most = MOST_ANGLES // (beside * (len(of.point) + len(of.targets)) ** 2)
    last = min(int(run["steps"]), MOST_STEPS, most)
    steps = spaced(last, SAMPLES)
    return _Run(run, last, steps, *around.descend(of, float(Fraction(claim["step"])), steps))


def _cut(runs: list[_Run]) -> str:
    """What the caption says where the curves end early."""
    short = [x.last for x in runs if x.last < x.claimed["steps"]]
    return f" They are drawn up to step {max(short)}; the runs go on." if short else ""


def _some(claim: Json, runs: list[_Run]) -> str:
    every = len(claim["runs"])
    if every == 1:
        return "The loss along the run"
    return (
        "The loss along the runs"
        if len(runs) == every
        else f"The loss along the first {len(runs)} of {every} runs"
    )


def _losses(claim: Json, runs: list[_Run]) -> Figure:
    levels, marks, said = [], [], []
    for m in sorted({x.claimed["end"]["minimum"] for x in runs if "end" in x.claimed}):
        low, high = claim["minima"][m]["bounds"]["objective"]
        levels.append(Level(real(high), f"minimum {m}: {within([low, high])}"))
        said.append(f"minimum {m} has the loss {within([low, high])}")
    below = [x.claimed for x in runs if "until" in x.claimed]
    if below:
        since, until = max(float(x["steps"]) for x in below), min(float(x["until"]) for x in below)
        levels.append(
            Level(float(Fraction(claim["floor"])), f"below {claim['floor']}", max(since, 1.0), until)
        )
        said.append(
            f"from a dot on, at least to step {until:.0f}, the loss stays below {claim['floor']}, and at it no higher "
            "than drawn"
        )
        marks = [
            Mark(x["steps"], real(x["objective"]), f"at most {at_most(x['objective'])} at step {x['steps']}")
            for x in below
        ]
    words = f"{_some(claim, runs)}, from {runs[0].losses[0]:.4g} at step 1"
    drawn = progress([Curve("curve", x.steps, x.losses) for x in runs], levels, marks, words)
    caption = f"{_some(claim, runs)}, both axes logarithmic. {FLOATING}{_cut(runs)}"
    return Figure("Loss along the run", drawn, f"{caption} As the claim states: {'; '.join(said)}.")


def _distances(claim: Json, runs: list[_Run]) -> list[Figure]:
    """How far each run is from the point of its minimum, with neurons and coordinates in the claimed order."""
    curves, marks, levels = [], [], {}
    for x in (x for x in runs if "end" in x.claimed):
        end, minimum = x.claimed["end"], claim["minima"][x.claimed["end"]["minimum"]]
        goal = around.place(minimum)
        if goal is None:
            return []
        image = x.points[:, end["rows"]][:, :, end["columns"]]
        with np.errstate(all="ignore"):
            curves.append(Curve("curve", x.steps, np.linalg.norm(image - goal.point, axis=(1, 2))))
        distance, radius = x.claimed["distance"], minimum["bounds"]["basin"]["radius"]
        steps = x.claimed["steps"]
        marks.append(Mark(steps, real(distance), f"at most {at_most(distance)} at step {steps}"))
        label = f"minimum {end['minimum']} attracts from within {at_least(radius)}"
        levels[end["minimum"]] = Level(real(radius), label)
    drawn = progress(
        curves, list(levels.values()), marks, "Distances of the runs from the points of their minima"
    )
    caption = (
        "Frobenius norm of the difference to the point of the minimum where the run ends, neurons and coordinates in "
        f"the order that the claim states. {FLOATING}{_cut(runs)} Lines: from within gradient descent converges to the "
        "minimum. Dots: the distance that is proved."
    )
    return [Figure("Distance to where it ends", drawn, caption)] if drawn else []


def _radii(claim: Json, run: Json) -> Figure:
    bounds = claim["minima"][run["end"]["minimum"]]["bounds"]
    near, distance, basin = bounds["existence_radius"], run["distance"], bounds["basin"]["radius"]
    found = [
        Length("the minimum lies within, from its point", near, f"≤ {at_most(near)}", "near"),
        Length(
            f"the run at step {run['steps']}, from that point", distance, f"≤ {at_most(distance)}", "alone"
        ),
        Length("gradient descent converges from within", basin, f"≥ {at_least(basin)}", "basin"),
    ]
    if "neighbourhood" in run:
        radius = run["neighbourhood"]["radius"]
        found.append(Length("starts as near go the same way", radius, f"≥ {at_least(radius)}", "basin"))
    svg, left_out = drawing.lengths(found, "Radii on a logarithmic scale")
    caption = f"Distances in Frobenius norm, as the claim states them, on a logarithmic scale.{left_out}"
    return Figure("Radii, on a logarithmic scale", svg, caption)


def of_convergence(claim: Json) -> list[Figure]:
    """Of the method "converges": who belongs to which target, and the loss along the run. Raises as `words` does."""
    of = _place(claim, claim["point"])
    if of is None:
        return [Figure("Run", "", TOO_LARGE)]
    bounds = claim["bounds"]
    start, rate = (real(bounds[x]) for x in ("objective", "rate"))
    last = min(AFTER, MOST_ANGLES // (len(of.point) + len(of.targets)) ** 2)
    steps = spaced(last, SAMPLES)
    losses, _ = around.descend(of, float(Fraction(claim["step"])), steps)
    curves = [Curve("curve", steps, losses)]
    if start > 0 < rate:
        with np.errstate(all="ignore"):
            turn = start ** (-1 / 3) / rate  # where the bound begins to fall
            bound_at = np.geomspace(1, max(BEYOND * turn, last), SAMPLES)
            curves.append(Curve("mark", bound_at, (start ** (-1 / 3) + rate * bound_at) ** -3))
    drawn = progress(curves, [], [], f"The loss along the first {last} steps")
    caption = (
        f"The loss along the first {last} steps, both axes logarithmic. Curve: computed in floating point, drawn for "
        "orientation. Dashed: what the claim states, at most (F^(-1/3) + rate T)^(-3) after T steps, F being "
        f"{at_most(bounds['objective'])} and the rate {at_least(bounds['rate'])}."
    )
    return [owned(claim, of), heat.weights(of), Figure("Loss along the run", drawn, caption)]


def of_owners(claim: Json) -> list[Figure]:
    """Of the method "owners". Raises as `words` does."""
    of = _place(claim, claim["point"])
    if of is None:
        return [Figure("Weights", "", TOO_LARGE)]
    return [owned(claim, of), heat.weights(of)]


def owned(claim: Json, of: Place) -> Figure:
    """Of each target the neurons that belong to it, by their shares."""
    shares = np.einsum("ij,ij->i", of.point, of.targets[np.array(claim["owners"], dtype=int) - 1])
    sizes = np.square(of.targets).sum(axis=1)
    rows = []
    for j in range(len(of.targets)):
        mine = [i for i, owner in enumerate(claim["owners"]) if owner == j + 1]
        rows.append((f"target {j + 1}", [(f"neuron {i + 1}", float(shares[i] / sizes[j])) for i in mine]))
    caption = (
        "Of each target the neurons that the claim gives to it, a bar as long as the neuron is along the target, which "
        "has length 1 here."
    )
    words = "; ".join(f"{name}: {', '.join(part for part, _ in inside)}" for name, inside in rows)
    return Figure("Which neurons belong to which target", parts(rows, words), caption)
