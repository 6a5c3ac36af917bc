"""Figures of certificates of the octopus: f along its arms, times of escape, runs in doubles and with noise.

Numbers that are proved are those of the claim; all others are computed here in floating point, and said to be.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import islice
from random import Random

import numpy as np

from relucert.base.dyadic import to_float
from relucert.certificate.numbers import Json, number
from relucert.certificate.shown import at_least, within
from relucert.families import drawing
from relucert.families.charts import Curve, Mark, Scale, graph
from relucert.families.drawing import LARGEST, SMALLEST, exponent_of, ratio
from relucert.families.family import Figure
from relucert.families.octopus.floats import Shaken, descent, perturbed, value
from relucert.families.octopus.problem import OctopusProblem
from relucert.kernel.octopus.double import Doubles, doubles, step

FLOATING = "Computed in floating point, drawn for orientation; no part of the proof."
TOO_LARGE = Figure("Not drawn", "", "Not drawn: numbers beyond double precision, or too many dimensions.")
MOST_ARMS = 6  # saddles on the way that is drawn
MOST_DIMENSIONS = 20  # of runs that are drawn
MOST_STEPS = 4_000
MOST_IN_BUFFERS = 20_000
MOST_TIMES = 40  # that have a dot
DIGITS = 12  # of a time that are shown
SAMPLES = 40  # of an arm, and of a line of times
POINTS = 400  # of a coordinate along a run
SIZE = 73  # of the plane: rows and columns
REACH = 6.0  # of D, in units of tau
LEVELS = 16  # lines on the plane
SEED = 0


def figures(claim: Json) -> list[Figure]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim, InputError for a malformed one of
    its problem."""
    of = claim["problem"]
    problem = OctopusProblem.from_text(of["d"], of["L"], of["gamma"], of["tau"], of.get("step"))
    c = doubles(problem.function)
    if not all(SMALLEST < x < LARGEST for x in (c.L, c.gamma, c.tau)):
        return [TOO_LARGE]
    return list(METHODS[claim["method"]](claim, c))


def _critical(claim: Json, c: Doubles) -> list[Figure]:
    return [_way(claim, c), _plane(c)]


def _way(claim: Json, c: Doubles) -> Figure:
    """f as one coordinate after the other goes from 0 to 4 tau; what follows them is 0, so that it may be left out."""
    arms = min(c.d, MOST_ARMS)
    shares = np.linspace(0, arms, arms * SAMPLES + 1)
    part = c._replace(d=arms)
    values = [value(part, [4 * c.tau * min(max(t - i, 0.0), 1.0) for i in range(arms)]) for t in shares]
    marks = []
    for k in range(arms + 1):
        name = "a minimum" if k == c.d else f"saddle {k}"
        marks.append(Mark(float(k), values[k * SAMPLES], name, beside=True))
    words = f"f from 0 at the first saddle to {values[-1]:.6g} after {arms} coordinates"
    end = (
        f"at the minimum the claim has f {within(claim['bounds']['value'])}"
        if arms == c.d
        else f"{c.d - arms} more coordinates follow in the same way to a minimum, where the claim has f "
        f"{within(claim['bounds']['value'])}"
    )
    caption = (
        "f as one coordinate after the other goes from 0 to 4 tau and the later ones are 0: a saddle, with one way "
        f"down, at each whole number{' but the last' if arms == c.d else ''}; {end}. {FLOATING}"
    )
    scales = Scale("coordinates that have gone to 4 tau"), Scale("f")
    svg = graph([Curve("curve", shares, np.array(values))], [], marks, scales, words)
    return Figure("f along an arm of the octopus", svg, caption)


def _plane(c: Doubles) -> Figure:
    part = c._replace(d=2)
    places = np.linspace(-REACH, REACH, SIZE)
    table = np.array([[value(part, (c.tau * abs(x), c.tau * abs(y))) for x in places] for y in places])
    low, high = float(np.nanmin(table)), float(np.nanmax(table))
    levels = np.linspace(low, high, LEVELS + 2)[1:-1].tolist()
    middle, four = (SIZE - 1) / 2, 4 * (SIZE - 1) / (2 * REACH)
    ends = "minimum" if c.d == 2 else "saddle 2"
    marks = [
        (middle, middle, "saddle 0"),
        *((middle + side * four, middle, "saddle 1") for side in (-1, 1)),
        *((middle + i * four, middle + j * four, ends) for i in (-1, 1) for j in (-1, 1)),
    ]
    rest = "" if c.d == 2 else ", the others being 0"
    caption = (
        f"Level lines of f where x_1 (across) and x_2 (upwards) go from -6 tau to 6 tau{rest}; the stronger the "
        f"colour, the lower. Nothing is drawn outside the domain D. {FLOATING}"
    )
    svg = drawing.plane(table, levels, marks, f"Level lines of f, from {low:.4g} to {high:.4g}")
    return Figure("f in the plane of two coordinates", svg, caption)


def _escape(claim: Json, c: Doubles) -> list[Figure]:
    exponents = [exponent_of((int(t), 0)) or 0.0 for t in claim["bounds"]["times"]]
    d, numbers = len(exponents), claim["bounds"]["times"]
    at = np.arange(1.0, d + 1)
    shown = [d - 1] if d > MOST_TIMES else range(d)
    short = [*map(_short, numbers)]
    marks = [Mark(at[i], exponents[i], f"T_{i + 1} = {short[i]}") for i in shown]
    svg = graph(
        [Curve("bound", at, np.array(exponents))],
        [],
        marks,
        (Scale("saddle k"), Scale("T_k", powers=True)),
        f"Times of escape from T_1 = {short[0]} to T_{d} = {short[-1]} on a logarithmic scale",
    )
    caption = (
        "The step at which descent first has |x_k| >= 2 tau, as the claim states it, on a logarithmic scale: in a "
        "straight line each saddle takes a fixed number of times as long as the one before."
    )
    found = [Figure("How long each saddle holds descent", svg, caption)]
    return found if d > MOST_DIMENSIONS else [*found, *_along(claim, c)]


def _short(time: str) -> str:
    return time if len(time) <= DIGITS else f"{time[:DIGITS]}.. ({len(time)} digits)"


def _along(claim: Json, c: Doubles) -> list[Figure]:
    """f along the run, with the claimed times."""
    if (
        not 2 * c.eta * c.gamma * MOST_IN_BUFFERS >= c.d
    ):  # each buffer takes up to 1/(2 eta gamma) steps, one by one
        return []
    times = [int(t) for t in claim["bounds"]["times"]]
    later, values = descent(c, [Fraction(x) for x in claim["point"]])
    if not all(map(math.isfinite, values)):
        return []
    after = dict(zip(later, values, strict=True))
    marks = [
        Mark(math.log10(1 + t), after[1 + t], f"T_{k} = {t}")
        for k, t in enumerate(times, 1)
        if 1 + t in after
    ]
    steps = np.array([math.log10(t) for t in later])
    words = f"f along the run from {values[0]:.4g} to {values[-1]:.4g}, flat near each saddle"
    caption = (
        "f along gradient descent from the start of the claim, against 1 + steps on a logarithmic scale. Curve: "
        "computed in floating point, drawn for orientation; no part of the proof. Dots: at the times that the claim "
        "states."
    )
    scales = Scale("1 + step", powers=True), Scale("f")
    svg = graph([Curve("curve", steps, np.array(values))], [], marks, scales, words)
    return [Figure("f along the run", svg, caption)]


def _every(claim: Json, c: Doubles) -> list[Figure]:
    """The recursion of Theorem 16.S by logarithms, and what the claim states of its end."""
    time = int(claim["bounds"]["time"])
    exponents = _recursion(c)
    if exponents is None:
        return [TOO_LARGE]
    at = np.unique(np.rint(np.linspace(1, c.d, min(c.d, SAMPLES)))).astype(int)
    label = f"T_{c.d} ≥ {_short(claim['bounds']['time'])}"
    mark = Mark(float(c.d), exponent_of((time, 0)) or 0.0, label, beside=True)
    scales = Scale("saddle k"), Scale("steps", powers=True)
    words = f"A lower bound of the time for each saddle, up to 10^{exponents[-1]:.4g} for saddle {c.d}"
    caption = (
        "Dot: the number of steps that the claim states as needed from every start, on a logarithmic scale. Curve: "
        "what Theorem 16.S gives for each saddle, computed in floating point, drawn for orientation; no part of the "
        "proof."
    )
    svg = graph([Curve("curve", at.astype(float), exponents[at - 1])], [], [mark], scales, words)
    return [Figure("How long every start takes at least", svg, caption)]


def _recursion(c: Doubles) -> drawing.Floats | None:
    """log10 a_k (d,). None where numbers are beyond double precision."""
    growth, decay = math.log1p(2 * c.eta * c.gamma), -math.log1p(-2 * c.eta * c.L)
    if not growth > SMALLEST:
        return None
    ratio, wait = 1 + decay / growth, math.log(c.tau) / growth
    # a_(k+1) = r a_k + wait is a_k + wait/(r - 1) times r, up to rounding to whole steps.
    shift = wait / (ratio - 1)
    first = math.log10(wait + shift)
    powers = first + np.arange(c.d) * math.log10(ratio)
    small = np.where(powers < 15, powers, 15)  # beyond it the shift is not seen
    return np.where(powers < 15, np.log10(np.maximum(10**small - shift, 1.0)), powers)


def _stuck(claim: Json, c: Doubles) -> list[Figure]:
    """The coordinate that stands still, from the start."""
    bounds = claim["bounds"]
    k, rest = int(bounds["coordinate"]) - 1, number({"exact": bounds["rest"]}, "rest")
    if c.d > MOST_DIMENSIONS:
        return [TOO_LARGE]
    a = [abs(to_float(number({"exact": x}, "point"))) for x in claim["point"]]
    last = min(int(bounds["step"]) + 1, MOST_STEPS)
    seen, sizes = {*np.rint(np.linspace(0, last, POINTS)).tolist()}, []
    for t in range(last + 1):
        if t in seen:
            sizes.append((t, a))
        a = step(c, a)
    curves = []
    for i in range(k + 1):
        kept = [(float(t), math.log10(x[i])) for t, x in sizes if x[i] > 0]
        steps, values = np.array(kept).reshape(-1, 2).T
        curves.append(Curve("curve" if i == k else "mark", steps, values))
    height = exponent_of(rest)
    label = f"|x_{k + 1}| from step {bounds['step']} on"
    marks = [] if height is None else [Mark(float(bounds["step"]), height, label, beside=True)]
    ends = "at 0, which is not on a logarithmic scale," if height is None else "at the dot"
    cut = f" Drawn up to step {last}." if last <= int(bounds["step"]) else ""
    caption = (
        f"Curve: |x_{k + 1}| along the run in double precision, on a logarithmic scale; dashed: the coordinates before "
        f"it. Computed here again, for orientation.{cut} What the claim states: |x_{k + 1}| stays for ever {ends} from "
        f"step {bounds['step']} on."
    )
    scales = Scale("step"), Scale("|x|", powers=True)
    words = f"|x_{k + 1}| falls until it stands still from step {bounds['step']} on"
    return [Figure("How the run comes to stand still", graph(curves, [], marks, scales, words), caption)]


def _perturbed(claim: Json, c: Doubles) -> list[Figure]:
    """One run with noise, and by when the claim says that most have arrived."""
    noise, bounds = claim["problem"]["noise"], claim["bounds"]
    if c.d > MOST_DIMENSIONS:
        return [TOO_LARGE]
    shaken = Shaken(ratio(noise["threshold"]), ratio(noise["radius"]), int(noise["wait"]))
    start = [Fraction(1)] * c.d
    run = perturbed(c, start, shaken, Random(SEED), MOST_STEPS)  # noqa: S311 - not a secret
    values = np.array(list(islice(run, MOST_STEPS)))
    kept = np.isfinite(values)
    lowest = value(c, [4 * c.tau] * c.d)
    curve = Curve("curve", np.arange(len(values), dtype=float)[kept], values[kept])
    late, chance = int(bounds["steps"]), f"with probability at least {at_least(bounds['probability'])}"
    marks, when = [], f"by step {late}, beyond the picture"
    if late <= MOST_STEPS:
        marks = [Mark(float(late), lowest, f"by step {late} {chance}")]
        when = f"by step {late}, the dot"
    floor = Curve("mark", np.array([0.0, curve.steps[-1]]), np.array([lowest, lowest]))
    caption = (
        "Curve: f along one run from (1, .., 1) with one draw of the noise, dashed: f at the minima, both computed in "
        "floating point, drawn for orientation; no part of the proof. What the claim states, of every start in the "
        f"cube: {when}, {chance} an iterate was within {noise['accuracy']} tau of a minimum."
    )
    scales = Scale("step"), Scale("f")
    words = f"f along one run with noise, from {values[0]:.4g} to {curve.values[-1]:.4g}"
    return [Figure("f along a run with noise", graph([curve, floor], [], marks, scales, words), caption)]


METHODS = {
    "critical-points": _critical,
    "escape": _escape,
    "every-start": _every,
    "double-precision": _stuck,
    "perturbed": _perturbed,
}
