"""Figures of certificates of matrix factorisation and of the balance of layers: critical values, singular values, runs.

Numbers that are proved are those of the claim; the runs are computed here in floating point, and said to be.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import prod

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, within
from relucert.families.charts import Bar, Curve, Level, Mark, Scale, graph, progress, signed
from relucert.families.drawing import LARGEST, SMALLEST, Floats, middle, ratio, real, table, times
from relucert.families.factorisation.guess import doubles
from relucert.families.factorisation.problem import Seeded
from relucert.families.family import Figure

FLOATING = "computed in floating point, drawn for orientation; no part of the proof."
TOO_LARGE = Figure("Not drawn", "", "Not drawn: matrices too large, or numbers beyond double precision.")
MOST_LEVELS = 24  # singular values that are drawn
SAMPLES = 30  # of the way from one critical point to the next, and of a line
MOST_ENTRIES = 20_000  # of the factors of a run that is drawn
MOST_WORK = 100_000_000  # products along it
FEWEST_STEPS, MOST_STEPS = 40, 3_000
FALLS = 1e-8  # how far the proved bound is drawn down
MOST_NEURONS = 40


def figures(claim: Json) -> list[Figure]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim."""
    return METHODS[claim["method"]](claim)


def _landscape(claim: Json) -> list[Figure]:
    levels = claim["singular_values"]
    each = [x for x in levels for _ in range(min(int(x["multiplicity"]), MOST_LEVELS))][:MOST_LEVELS]
    values = np.array([middle(x["value"]) for x in each])
    if not len(values):
        return []  # M is 0
    if not SMALLEST < values.max() < LARGEST:
        return [TOO_LARGE]
    bars = [
        Bar(times(x["multiplicity"]), within(x["value"]), middle(x["value"]), "near")
        for x in levels[:MOST_LEVELS]
    ]
    words = "; ".join(f"{x.label} {x.text}" for x in bars)
    more = f" The first {len(bars)} of {len(levels)} are drawn." if len(bars) < len(levels) else ""
    caption = f"The positive singular values of M with their multiplicities, as the claim states them.{more}"
    bars_of = Figure("Singular values", signed(bars, words), caption)
    whole = sum(int(x["multiplicity"]) for x in levels)
    return [bars_of] if whole > MOST_LEVELS else [_way(claim, values), bars_of]


def _way(claim: Json, values: Floats) -> Figure:
    """f as U V^T grows from 0 by one singular direction after the other, a critical point at each end."""
    rank = min(int(claim["problem"]["rank"]), len(values))
    squares = values**2 / 2
    heights = np.array([squares[i:].sum() for i in range(rank + 1)])
    shares = np.linspace(0, 1, SAMPLES)
    steps = np.concatenate([i + shares for i in range(rank)])
    along = np.concatenate([heights[i + 1] + squares[i] * (1 - shares**2) ** 2 for i in range(rank)])
    names = [*("saddle" for _ in range(rank)), "minimum"]
    marks = [Mark(float(i), float(heights[i]), name, beside=i in (0, rank)) for i, name in enumerate(names)]
    words = f"f from {heights[0]:.4g} at 0, through {rank} strict saddles, to {heights[-1]:.4g} at a global minimum"
    least = within(claim["bounds"]["minimum"])
    caption = (
        "f as U and V grow from 0 along one pair of singular vectors after the other, the largest first: a critical "
        f"point at each whole number, by Theorem 15.L. What the claim states: the least value is {least}. The curve "
        f"and the other heights are {FLOATING}"
    )
    scales = Scale("pairs of singular vectors in U V^T"), Scale("f")
    return Figure(
        "f from the origin to a minimum",
        graph([Curve("curve", steps, along)], [], marks, scales, words),
        caption,
    )


def _descent(claim: Json) -> list[Figure]:
    m, problem = table(claim["problem"]["target"]), claim["problem"]
    rank, last = int(problem["rank"]), _last(claim, 4 * m.size * int(problem["rank"]))
    shapes = [(len(m), rank), (m.shape[1], rank)]
    if sum(map(prod, shapes)) > MOST_ENTRIES or not np.abs(m).max() < LARGEST or not last:
        return [TOO_LARGE]
    u, v = _matrices(claim["start"], ("u", "v"), shapes)
    run = _factors(m, u, v, ratio(problem["step"]), last)
    losses, products, drifts = (np.array(x) for x in run)
    if claim["verdict"] == "converges-to-global-minimum":
        return [_losses(claim, losses), *_singular(m, products, rank)]
    kept = np.isfinite(losses)
    steps = np.arange(len(losses), dtype=float)[kept]
    return [
        _plain(
            "f along the run", steps, losses[kept], "f along the run; the claim says that it never rises."
        ),
        _drift(claim, steps, drifts[kept]),
    ]


def _factors(
    m: Floats, u: Floats, v: Floats, eta: float, last: int
) -> tuple[list[float], list[Floats], list[float]]:
    """f, the singular values of U V^T and |U^T U - V^T V| (last + 1 each) along gradient descent."""
    losses: list[float] = []
    products: list[Floats] = []
    drifts: list[float] = []
    for _ in range(last + 1):
        residual = u @ v.T - m
        losses.append(float(np.sum(residual**2)) / 2)
        drifts.append(float(np.linalg.norm(u.T @ u - v.T @ v)))
        sizes = np.full(min(m.shape), np.nan)
        if np.isfinite(residual).all():
            sizes = np.asarray(np.linalg.svd(u @ v.T, compute_uv=False), dtype=np.float64)
        products.append(sizes)
        u, v = u - eta * residual @ v, v - eta * residual.T @ u
    return losses, products, drifts


def _matrices(start: Json, names: tuple[str, ...], shapes: list[tuple[int, int]]) -> list[Floats]:
    if "seed" in start:
        mantissa, exponent = start["scale"]
        return [
            doubles(x) for x in Seeded(int(start["seed"]), (int(mantissa), int(exponent))).matrices(shapes)
        ]
    found = [table(start[name]) for name in names] if names else [table(x) for x in start["weights"]]
    if [x.shape for x in found] != shapes:
        raise ValueError("the start has another shape than the problem")
    return found


def _last(claim: Json, work: int) -> int:
    """The last step that is drawn: where the proved bound has fallen far."""
    rate = real(claim["bounds"]["rate"]) if "rate" in claim["bounds"] else 0.0
    further = np.log(FALLS) / np.log1p(-rate) if SMALLEST < rate < 1 else MOST_STEPS
    steps = int(claim.get("steps", 0))
    return int(min(max(steps + further + 1, FEWEST_STEPS), MOST_STEPS, MOST_WORK // max(work, 1)))


def _losses(claim: Json, losses: Floats) -> Figure:
    """f along a run that converges, beside what the claim states."""
    steps, bounds, last = int(claim["steps"]), claim["bounds"], len(losses) - 1
    first, rate = real(bounds["loss"]), real(bounds["rate"])
    curves = [Curve("curve", np.arange(last + 1.0), losses)]
    if last > steps:
        after = np.linspace(0, last - steps, SAMPLES)
        curves.append(Curve("bound", steps + after, first * (1 - rate) ** after))
    mark = Mark(float(steps), first, f"≤ {at_most(bounds['loss'])}", beside=True)
    words = f"f along the run; at step {steps} at most {at_most(bounds['loss'])}, and falling from there on"
    caption = (
        f"f on a logarithmic scale. Curve: {FLOATING} What the claim states, the dot and the line: at most "
        f"{at_most(bounds['loss'])} after {steps} steps, and t steps later at most "
        f"(1 - {at_least(bounds['rate'])})^t times that."
    )
    return Figure("f along the run", progress(curves, [], [mark], words, evenly=True), caption)


def _singular(m: Floats, products: Floats, rank: int) -> list[Figure]:
    """Of U V^T along the run, and those of M."""
    if not np.isfinite(products).all():
        return []
    steps, targets = np.arange(len(products), dtype=float), np.linalg.svd(m, compute_uv=False)
    ends = np.array([0.0, steps[-1]])
    curves = [Curve("curve", steps, products[:, i]) for i in range(min(rank, MOST_LEVELS))]
    curves += [Curve("mark", ends, np.array([x, x])) for x in targets[: min(rank, MOST_LEVELS)]]
    words = f"The {len(curves) // 2} largest singular values of U V^T along the run, rising to those of M"
    svg = graph(curves, [], [], (Scale("step"), Scale("singular values")), words)
    caption = f"The largest singular values of U V^T along the run; dashed: those of M. All is {FLOATING}"
    return [Figure("Singular values along the run", svg, caption)] if svg else []


def _drift(claim: Json, steps: Floats, drifts: Floats) -> Figure:
    bound = claim["bounds"]["imbalance"]
    level = Level(real(bound), f"|B| ≤ {at_most(bound)} for ever")
    words = f"|U^T U - V^T V| along the run, for ever at most {at_most(bound)}"
    scales = Scale("step"), Scale("|B|")
    caption = (
        f"|B| = |U^T U - V^T V| along the run. Curve: {FLOATING} Line: what the claim states, at most {at_most(bound)} "
        "for ever."
    )
    svg = graph([Curve("curve", steps, drifts)], [level], [], scales, words)
    return Figure("Balance along the run", svg, caption)


def _plain(title: str, steps: Floats, values: Floats, said: str) -> Figure:
    """A curve of positive values alone."""
    svg = progress([Curve("curve", steps, values)], [], [], title, evenly=True)
    return Figure(title, svg, f"{said} On a logarithmic scale. The curve is {FLOATING}")


def _rank_one(claim: Json) -> list[Figure]:
    """By the four numbers of the start, which decide all."""
    start, problem, bounds = claim["start"], claim["problem"], claim["bounds"]
    if "alpha" not in start:
        return []  # a start that is random
    s, eta = ratio(problem["s"]), ratio(problem["step"])
    at, losses = np.array([ratio(start[name]) for name in ("alpha", "beta", "a2", "b2")]), []
    for _ in range(_last(claim, 1) + 1):
        alpha, beta, a, b = at
        losses.append(((alpha * beta - s) ** 2 + alpha**2 * b + beta**2 * a + a * b) / 2)
        p, q = 1 - eta * (beta**2 + b), 1 - eta * (alpha**2 + a)
        at = np.array([p * alpha + eta * s * beta, q * beta + eta * s * alpha, p * p * a, q * q * b])
    values = np.array(losses)
    if claim["verdict"] == "converges-to-global-minimum":
        return [_losses(claim, values)]
    kept = values < LARGEST
    said = (
        f"f along the run until it is too large to draw; the claim says that it diverges, from step {claim['steps']} "
        f"on by at least {at_least(bounds['growth'])} a step of both rests."
    )
    return [_plain("f along the run", np.arange(len(values), dtype=float)[kept], values[kept], said)]


def _balance(claim: Json) -> list[Figure]:
    problem = claim["problem"]
    x, y, widths, last = table(problem["x"]), table(problem["y"]), problem["widths"], int(claim["steps"])
    shapes = [(b, a) for a, b in pairwise(widths)]
    count = sum(map(prod, shapes))
    found = [_bars(claim)]
    if (
        count <= MOST_ENTRIES
        and 0 < 6 * last * count * len(x) <= MOST_WORK
        and sum(widths[1:-1]) <= MOST_NEURONS
    ):
        layers = _matrices(claim["start"], (), shapes)
        slope = _linear if problem["activation"] == "linear" else _relu(ratio(problem["kink"]))
        run = _network(layers, x, y, ratio(problem["step"]), last, slope)
        if all(np.isfinite(part).all() for part in run):
            found += _run(claim, *run)
    return found


def _bars(claim: Json) -> Figure:
    given = [
        Bar(f"layer {h}, neuron {i}", within(x), middle(x), "near")
        for h, layer in enumerate(claim["bounds"]["neurons"], 1)
        for i, x in enumerate(layer, 1)
    ]
    bars = sorted(given, key=lambda x: -abs(x.value))[:MOST_LEVELS]
    more = f" The {len(bars)} largest of {len(given)} are drawn." if len(bars) < len(given) else ""
    words = "; ".join(f"{x.label} {x.text}" for x in bars)
    caption = (
        f"By how much {claim['steps']} steps change |row i of W_h|^2 - |column i of W_(h+1)|^2 of every neuron, as the "
        f"claim states it, the largest first.{more}"
    )
    return Figure("Change of balance", signed(bars, words), caption)


def _run(claim: Json, balances: Floats, losses: Floats) -> list[Figure]:
    steps, last, bounds = np.arange(len(losses), dtype=float), float(claim["steps"]), claim["bounds"]
    ends = [x for layer in bounds["neurons"] for x in layer]
    curves = [Curve("curve", steps, values - values[0]) for values in balances.T]
    marks = [Mark(last, middle(x), within(x)) for x in ends]
    words = f"The change of balance of {len(ends)} neurons along {len(losses) - 1} steps"
    caption = f"The same along the run. Curves: {FLOATING} Dots: what the claim states of the last step."
    drawn = graph(curves, [], marks, (Scale("step"), Scale("change")), words)
    loss = bounds["loss"]
    mark = Mark(last, middle(loss), f"{within(loss)} at step {claim['steps']}", beside=True)
    fall = graph(
        [Curve("curve", steps, losses)], [], [mark], (Scale("step"), Scale("loss")), "The loss along the run"
    )
    return [
        Figure("Change of balance along the run", drawn, caption),
        Figure("Loss along the run", fall, f"Curve: {FLOATING} Dot: what the claim states, {within(loss)}."),
    ]


Slope = Callable[[Floats], Floats]


def _linear(z: Floats) -> Floats:
    return np.ones_like(z)


def _relu(kink: float) -> Slope:
    """kink: the derivative at 0."""
    return lambda z: np.where(z > 0, 1.0, np.where(z < 0, 0.0, kink))


def _network(
    layers: list[Floats], x: Floats, y: Floats, eta: float, last: int, slope: Slope
) -> tuple[Floats, Floats]:
    """Of every hidden neuron |row of W_h|^2 - |column of W_(h+1)|^2 (last + 1, neurons), and the loss (last + 1,)."""
    balances, losses = [], []
    for _ in range(last + 1):
        pairs = pairwise(layers)
        balances.append(np.concatenate([(w**2).sum(axis=1) - (z**2).sum(axis=0) for w, z in pairs]))
        states, slopes = [x.T], []
        for w in layers[:-1]:
            inner = w @ states[-1]
            slopes.append(slope(inner))
            states.append(slopes[-1] * inner)
        error = layers[-1] @ states[-1] - y.T
        losses.append(float(np.sum(error**2)) / 2)
        moved: list[Floats] = []
        for h in reversed(range(len(layers))):
            moved.insert(0, layers[h] - eta * error @ states[h].T)
            error = layers[h].T @ error * slopes[h - 1] if h else error
        layers = moved
    return np.array(balances), np.array(losses)


METHODS: dict[str, Callable[[Json], list[Figure]]] = {
    "landscape": _landscape,
    "descent": _descent,
    "rank-one": _rank_one,
    "schedule": lambda _: [],  # one number
    "balance": _balance,
}
