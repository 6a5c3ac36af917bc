"""Figures of certificates of the designed landscape: rows, radii, spectrum, level lines, runs.

Numbers that are proved are those of the claim; all others are computed here in floating point, and said to be.
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, pi

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, within
from relucert.families import drawing, squares
from relucert.families.charts import Bar, Curve, Mark, progress, signed
from relucert.families.drawing import LARGEST, Floats, Length, Line, middle, ratio, real, table
from relucert.families.family import Figure
from relucert.families.landscape import floats
from relucert.families.landscape.floats import Designed, Estimated, Objective

FLOATING = "computed in floating point, drawn for orientation; no part of the proof."
TOO_LARGE = Figure("Not drawn", "", "Not drawn: a point too large, or numbers beyond double precision.")
COLUMNS, ROWS = 73, 49  # of a plane
LEVELS = (
    0.01,
    0.03,
    0.07,
    0.13,
    0.21,
    0.31,
    0.43,
    0.57,
    0.73,
    0.9,
)  # shares of the plane that are below a line
REACH = 1.6  # of a plane, relative to the longest row
MOST_EIGENVALUES = 64  # entries of a point whose Hessian is computed
MOST_NUMBERS = 4_000_000  # of a Hessian and of a plane, all at once: rows by samples or coordinates
MOST_WORK = 60_000_000  # products of a run
FEWEST_STEPS, MOST_STEPS = 20, 3_000
FURTHER = 2  # how much longer a run is drawn than to where the claim applies


def figures(claim: Json) -> list[Figure]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim."""
    return METHODS[claim["method"]](claim)


def objective(problem: Json) -> Objective:
    mu, lam = ratio(problem["mu"]), ratio(problem["lambda"])
    if problem["objective"] == "G-hat":
        samples = problem["samples"]
        return Estimated(table(samples["x"]), table([samples["y"]])[0], lam, mu)
    weights = np.array([ratio(x) for x in problem["a_star"]])
    teacher = None
    if "teacher" in problem:
        teacher = np.array([[ratio(x) for x in row] for row in problem["teacher"]])
    return floats.designed(weights, mu, lam, teacher)


def _point(claim: Json) -> list[Figure]:
    of, point = objective(claim["problem"]), table(claim["point"])
    if not np.abs(point).max() < LARGEST or not np.isfinite(of.values(point)):
        return [_radii(claim), TOO_LARGE]
    found = [*_rows(of, point), _radii(claim)]
    each = len(point) * (len(of.y) if isinstance(of, Estimated) else point.shape[1])
    if point.size > MOST_EIGENVALUES or point.size * each > MOST_NUMBERS:
        return found
    values, vectors = np.linalg.eigh(floats.hessian(of, point))
    found.append(_spectrum(claim, values))
    small = COLUMNS * ROWS * each <= MOST_NUMBERS and len(values) > 1
    return [*found, _plane(of, point, vectors)] if small else found


def _rows(of: Objective, point: Floats) -> list[Figure]:
    shown = of.directions(point)
    rows, columns = (
        [f"{name} {i}" for i in range(size)]
        for name, size in zip(("row", "direction"), shown.shape, strict=True)
    )
    words = f"Heat map of {len(rows)} rows, entries from {shown.min():.4g} to {shown.max():.4g}"
    turned = isinstance(of, Designed) and of.turn is not None
    what = "directions that the claim speaks of" if turned else "coordinates"
    caption = f"The rows of the point by the {what}, both counted from 0."
    caption += f" The entries are {FLOATING}" if turned else ""
    svg = squares.heat(shown, rows, columns, words)
    return [Figure("Rows", svg, caption)] if svg else []


def _radii(claim: Json) -> Figure:
    bounds, found = claim["bounds"], []
    for name, label, upper, kind in (
        ("existence_radius", "the critical point lies within", True, "near"),
        ("distance", "the global minimum lies within", True, "near"),
        ("basin", "nearer to the minimum, descent converges", False, "basin"),
        ("uniqueness_radius", "no other critical point is nearer than", False, "alone"),
        ("exclusion", "there is no critical point within", False, "alone"),
    ):
        if name in bounds:
            text = f"≤ {at_most(bounds[name])}" if upper else f"≥ {at_least(bounds[name])}"
            found.append(Length(label, bounds[name], text, kind))
    svg, left_out = drawing.lengths(found, "Radii on a logarithmic scale")
    where = "the point" if "point" in claim else "each minimum"
    caption = f"Distances from {where} in Frobenius norm, as the claim states them, on a logarithmic scale."
    if "step" in bounds:
        caption += f" Gradient descent: with any fixed step below {at_least(bounds['step'])}."
    return Figure("Radii, on a logarithmic scale", svg, caption + left_out)


def _spectrum(claim: Json, values: Floats) -> Figure:
    bounds, proved, said = claim["bounds"], [], ""
    if "lambda_min" in bounds:
        ends = bounds["lambda_min"]
        proved = [Line(f"λmin {within(ends)}", *map(real, ends))]
        said = f" Line: what the claim states as proved, {proved[0].label}."
    words = f"{len(values)} eigenvalues of the Hessian at the point, from {values[0]:.4g} to {values[-1]:.4g}"
    caption = (
        f"Dots: the eigenvalues of the Hessian at the point, in order, from differences, {FLOATING}{said}"
    )
    return Figure("Spectrum of the Hessian", drawing.spectrum(values, proved, words), caption)


def _plane(of: Objective, point: Floats, vectors: Floats) -> Figure:
    reach = REACH * max(float(np.linalg.norm(point, axis=1).max()), 1.0)
    step = 2 * reach / (COLUMNS - 1)
    across, up = (vectors[:, i].reshape(point.shape) for i in (0, 1))
    columns, rows = np.arange(COLUMNS) - (COLUMNS - 1) / 2, np.arange(ROWS) - (ROWS - 1) / 2
    moved = columns[None, :, None, None] * across + rows[:, None, None, None] * up
    values = of.values(point + step * moved)
    caption = (
        "Level lines of the objective on the plane through the point that is spanned by the two eigenvectors of the "
        f"Hessian with the smallest eigenvalues; the stronger the colour, the lower. The picture is {2 * reach:.3g} "
        f"wide. All of it is {FLOATING}"
    )
    return _lines(
        "Objective around the point", values, [((COLUMNS - 1) / 2, (ROWS - 1) / 2, "point")], caption
    )


def _lines(title: str, values: Floats, marks: list[tuple[float, float, str]], caption: str) -> Figure:
    if not np.isfinite(values).all():
        return TOO_LARGE
    words = f"Level lines from {values.min():.4g} to {values.max():.4g}"
    return Figure(title, drawing.plane(values, np.quantile(values, LEVELS).tolist(), marks, words), caption)


def _whole(claim: Json) -> list[Figure]:
    of = objective(claim["problem"])
    if not isinstance(of, Designed):
        raise ValueError("another objective")
    doubled = claim["verdict"] == "spurious-minimum" and claim["minimum"]["kind"] == "doubled"
    one, other = 0, 1
    if doubled:
        one, other = int(claim["minimum"]["twice"]), int(claim["minimum"]["never"])
    elif claim["verdict"] == "unbounded-below":
        one = int(np.argmax(of.alpha))
        other = 0 if one else 1
    return [_moving(claim, of, one, other, doubled=doubled), *_numbers(claim)]


def _moving(claim: Json, of: Designed, one: int, other: int, *, doubled: bool) -> Figure:
    """The objective where one row moves in the plane of two directions, the others being at directions."""
    part = Designed(of.alpha[[one, other]], of.lam, of.nu)
    lengths = part.lengths()
    fixed = np.array([0.0, lengths[1]])
    marks, verdict = [], claim["verdict"]
    if doubled:
        size = np.sqrt(of.lam / (of.lam + (1 - of.nu) * part.alpha[0]))
        fixed, marks = np.array([size, 0.0]), [(size, 0.0, "spurious"), (-size, 0.0, "spurious")]
    elif verdict != "unbounded-below":
        name = "global" if verdict == "no-spurious-minimum" else "spurious"
        marks = [(side * lengths[0], 0.0, name) for side in (-1, 1)]
    reach = REACH * max(float(lengths.max()), 1.0) * (2 if verdict == "unbounded-below" else 1)
    step = 2 * reach / (COLUMNS - 1)
    columns, rows = np.arange(COLUMNS) - (COLUMNS - 1) / 2, np.arange(ROWS) - (ROWS - 1) / 2
    moving = np.stack(np.broadcast_arrays(step * columns[None, :], step * rows[:, None]), axis=-1)
    values = part.values(np.stack([moving, np.broadcast_to(fixed, moving.shape)], axis=-2))
    places = [(x / step + (COLUMNS - 1) / 2, y / step + (ROWS - 1) / 2, name) for x, y, name in marks]
    second = one if doubled else other
    caption = (
        f"Level lines of the objective as one row moves along the directions {one} (across) and {other} (upwards), "
        f"another row standing at direction {second} and every other one at its own; the stronger the colour, the "
        f"lower. The picture is {2 * reach:.3g} wide, in the units of section 13. All of it is {FLOATING}"
    )
    return _lines("Objective as one row moves", values, places, caption)


def _numbers(claim: Json) -> list[Figure]:
    """What the claim states in numbers."""
    bounds, bars = claim["bounds"], []
    if "gap" in bounds:
        value, gap = middle(bounds["value"]), real(bounds["gap"])
        bars = [
            Bar("objective at the spurious minimum", within(bounds["value"]), value, "saddle"),
            Bar("it gets lower by more than", f"> {at_least(bounds['gap'])}", gap, "near"),
        ]
    if "saddle" in bounds:
        bars = [
            Bar(
                "smallest eigenvalue elsewhere",
                f"< −{at_least(bounds['saddle'])}",
                -real(bounds["saddle"]),
                "saddle",
            ),
            Bar(
                "eigenvalues at the minima",
                f"≥ {at_least(bounds['lambda_min'])}",
                real(bounds["lambda_min"]),
                "near",
            ),
            Bar(
                "eigenvalues at the minima",
                f"≤ {at_most(bounds['lambda_max'])}",
                real(bounds["lambda_max"]),
                "near",
            ),
        ]
    if not bars:
        return []
    words = "; ".join(f"{x.label} {x.text}" for x in bars)
    title = "How much lower it gets" if "gap" in bounds else "Eigenvalues at critical points"
    found = [Figure(title, signed(bars, words), "As the claim states it.")]
    return [*found, _radii(claim)] if "basin" in bounds else found


def _descent(claim: Json) -> list[Figure]:
    of, point, problem = objective(claim["problem"]), table(claim["point"]), claim["problem"]
    steps = int(claim["steps"])
    last = min(max(FURTHER * steps, FEWEST_STEPS), MOST_STEPS, MOST_WORK // (4 * point.size))
    if not isinstance(of, Designed) or of.turn is not None:
        raise ValueError("a run on another objective")
    if not np.abs(point).max() < LARGEST:
        return [TOO_LARGE]
    places, signs = claim["minimum"]["permutation"], claim["minimum"]["signs"]
    goal, lengths = np.zeros_like(point), of.lengths()
    for j, (i, sign) in enumerate(zip(places, signs, strict=True)):
        goal[j, i] = lengths[i] if sign == "+" else -lengths[i]
    eta, at, distances, heights = ratio(problem["step"]), point, [], []
    least = of.values(goal)
    for _ in range(last + 1):
        distances.append(float(np.linalg.norm(at - goal)))
        heights.append(float(of.values(at) - least))
        at = at - eta * of.slope(at)
    return _run(claim, np.array(distances), np.array(heights))


def _run(claim: Json, distances: Floats, heights: Floats) -> list[Figure]:
    steps, bounds, at = int(claim["steps"]), claim["bounds"], np.arange(len(distances), dtype=float)
    distance, radius = bounds["distance"], bounds["start_radius"]
    mark = Mark(float(steps), real(distance), f"≤ {at_most(distance)} at step {steps}", beside=True)
    words = f"Distance to the global minimum along the run, at step {steps} at most {at_most(distance)}"
    every = f" from every start within {at_least(radius)} of the point" if real(radius) > 0 else ""
    caption = (
        f"Frobenius norm of the difference to the global minimum P on a logarithmic scale. Curve: from the point, "
        f"{FLOATING} Dot: what the claim states, at most {at_most(distance)} at step {steps}{every}, and convergence "
        "to P."
    )
    drawn = progress([Curve("curve", at, distances)], [], [mark], words, evenly=True)
    falls = progress(
        [Curve("curve", at, heights)], [], [], "The objective above its minimum along the run", evenly=True
    )
    above = (
        f"The objective above its least value along the same run, on a logarithmic scale. All is {FLOATING}"
    )
    return [
        Figure("Distance to the global minimum", drawn, caption),
        Figure("Objective along the run", falls, above),
    ]


def _split_neuron(claim: Json) -> list[Figure]:
    alpha, beta, tau = (ratio(claim["problem"][name]) for name in ("alpha", "beta", "tau"))
    angles = np.linspace(-pi / 2, pi / 2, COLUMNS)
    values = floats.split_neuron(alpha, beta, tau, angles[None, :], angles[:, None])
    caption = (
        "Level lines of f' as the first neuron (across) and the second one (upwards) turn by up to a right angle, "
        f"their output weights -tau and 1 + tau fixed; the stronger the colour, the lower. All of it is {FLOATING} "
        "What the claim states of the point in the middle, output weights moving too: half the second derivative "
        f"across the line of such minima is at least {at_least(claim['bounds']['curvature'])}."
    )
    centre = (COLUMNS - 1) / 2
    return [_lines("f' as the neurons turn", values, [(centre, centre, "minimum")], caption)]


def _unit_rows(claim: Json) -> list[Figure]:
    """P' as the rows p and q turn to where it is 0; the other rows and columns add nothing."""
    problem = claim["problem"]
    x = ratio(problem["x"])
    weights = np.array([ratio(problem["a_star"][int(problem[name])]) for name in ("p", "q", "l")])
    start = atan2(x**0.5, (1 - x) ** 0.5)
    turns = np.linspace(-pi / 4, 3 * pi / 4, COLUMNS)
    first, second = turns[None, :], turns[:, None]
    zero = np.zeros((COLUMNS, COLUMNS))
    row_p = np.stack([np.sin(first) + zero, zero, np.cos(first) + zero], axis=-1)
    row_q = np.stack([np.sin(second) + zero, np.cos(second) + zero, zero], axis=-1)
    row_l = np.stack([zero, zero, zero + 1], axis=-1)
    values = floats.unit_rows(weights, np.stack([row_p, row_q, row_l], axis=-2))
    scale = turns[1] - turns[0]
    named = ((0.0, start, "W"), (pi / 2, 0.0, "0"))
    marks = [((x - turns[0]) / scale, (y - turns[0]) / scale, name) for x, y, name in named]
    p, q, least = (problem[name] for name in ("p", "q", "l"))
    caption = (
        f"Level lines of P' as row {p} turns from e_{least} towards e_{p} (across, from -1/8 to 3/8 of a turn) and row "
        f"{q} from e_{q} towards e_{p} (upwards, the same): the local minimum W of the claim, and a place where P' is "
        f"0. The stronger the colour, the lower. All of it is {FLOATING} What the claim states: P' is nowhere smaller "
        f"than at W where every row is within {at_least(claim['bounds']['radius'])} of its own there."
    )
    return [_lines("P' as two rows turn", values, marks, caption)]


METHODS: dict[str, Callable[[Json], list[Figure]]] = {
    "critical-points": _whole,
    "nearest-minimum": _point,
    "hessian": _point,
    "empirical": _point,
    "unit-rows": _unit_rows,
    "split-neuron": _split_neuron,
    "descent": _descent,
}
