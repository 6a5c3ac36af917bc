"""Figures 7.2 to 7.4 of Du's thesis, by matplotlib (the extra "plot"). Nothing here is proved but the times.

Descent is drawn from logarithms of the coordinates, with T_1, .., T_d from Theorem 16.E: doubles would stand still.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import e, exp, hypot, log, log1p
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from relucert.base import store
from relucert.base.errors import InputError
from relucert.families.octopus.problem import OctopusProblem, random_start
from relucert.families.octopus.prove import escape_times
from relucert.kernel.octopus.double import Doubles, doubles, settled, step
from relucert.kernel.octopus.escape import Escapes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("svg", "png", "pdf")
UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # the same bytes each time
CURVATURES = ("1", "3/2", "2", "3")
FIGURES = {"figure-7-3": 5, "figure-7-4": 10}
SAMPLES = 60  # of a saddle
SMALLEST = -700.0  # logarithm of what a double still holds
NOISE_WAIT, NOISE = 1, 0.01  # the thesis's t_thres, and g/(gamma tau) = r/tau
PLAIN, NOISY = "#c0392b", "#1b6ca8"


def check(directory: Path, form: str) -> None:
    """Before the work: raises InputError for a format that is not known, ModuleNotFoundError without matplotlib."""
    if form not in FORMATS:
        raise InputError(f"--format {form}: a figure is one of {', '.join(FORMATS)}")
    try:
        import matplotlib.figure  # noqa: F401
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[plot]"'
        raise ModuleNotFoundError(remedy, name=f"{error.name}; {remedy}") from error  # the name is printed
    store.prepare(directory)


def draw(directory: Path, form: str, seed: int) -> Iterator[Path]:
    """The figures one by one; their paths."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.6, 5), layout="constrained")
    contours(figure)
    yield _write(figure, directory / f"figure-7-2.{form}")
    for name, d in FIGURES.items():
        figure = Figure(figsize=(8.4, 6.4), layout="constrained")
        for axes, L in zip(figure.subplots(2, 2, sharey=False).flat, CURVATURES, strict=True):
            problem = OctopusProblem.from_text(d, L, step=str(1 / (4 * Fraction(L))))
            runs(axes, problem, seed)
        yield _write(figure, directory / f"{name}.{form}")


def contours(figure: Figure) -> None:
    """Figure 7.2: f in the plane, L = 3, gamma = 1, tau = e, where it is defined."""
    import numpy as np

    c = doubles(OctopusProblem.from_text(2, "3").function)
    ends = np.linspace(-6 * e, 6 * e, 361)
    table = np.array([[value(c, (abs(x), abs(y))) for x in ends] for y in ends])
    axes = figure.subplots()
    drawn = axes.contourf(ends / e, ends / e, table, levels=24, cmap="viridis")
    axes.contour(ends / e, ends / e, table, levels=24, colors="white", linewidths=0.3)
    figure.colorbar(drawn, label="f")
    axes.set(xlabel="x_1/tau", ylabel="x_2/tau", title="L = 3, gamma = 1, tau = e", aspect="equal")


def runs(axes: Axes, problem: OctopusProblem, seed: int) -> None:
    """f along descent and along perturbed descent, against the number of steps."""
    start = random_start(problem.d, seed)
    outcome = escape_times(problem, start).outcome
    c = doubles(problem.function)
    xs, ys = descent(c, start)
    axes.plot(xs, ys, color=PLAIN, lw=1.2, label="gradient descent")
    values = list(perturbed(c, start, Random(seed)))  # noqa: S311 - not a secret
    axes.plot(range(1, len(values) + 1), values, color=NOISY, lw=1.2, label="with noise")
    if isinstance(outcome, Escapes):
        for time in outcome.times:
            axes.axvline(1 + time, color="0.8", lw=0.6, zorder=0)
        axes.set_title(f"L = {problem.L}: T_{problem.d} = {outcome.times[-1]:,}", fontsize=9)
    axes.set_xscale("log")
    axes.set(xlabel="1 + steps", ylabel="f")
    axes.legend(fontsize=7)


def value(c: Doubles, a: Sequence[float]) -> float:
    """f at |x| = a; NaN outside D."""
    k = settled(c, a)
    tau, L, gamma = c.tau, c.L, c.gamma
    nu = tau**2 * (37 * L + 13 * gamma) / 6
    if any(x > 6 * tau for x in a[:k]) or any(x > tau for x in a[k + 1 :]):
        return float("nan")
    total = sum(L * (x - 4 * tau) ** 2 for x in a[:k]) + sum(L * x**2 for x in a[k + 2 :]) - k * nu
    if k == c.d:
        return total
    following = a[k + 1] if k + 1 < c.d else 0.0
    if a[k] <= tau:
        return total - gamma * a[k] ** 2 + L * following**2
    s = (a[k] - tau) / tau
    u = 1 - s
    g1 = -2 * gamma * (s + s**2 / 2 - 5 * s**3 / 3 + 3 * s**4 / 4) - L * (14 * s**3 / 3 - 5 * s**4 / 2)
    g2 = (L + gamma) * u**3 * (10 - 15 * u + 6 * u**2) - gamma
    return total + tau**2 * (g1 - gamma) + g2 * following**2


def descent(c: Doubles, start: Sequence[Fraction]) -> tuple[list[int], list[float]]:
    """1 + t and f along descent: a few times in each cell, all in each buffer. Logarithms where it waits."""
    growth, decay = log1p(2 * c.eta * c.gamma), log1p(-2 * c.eta * c.L)
    logs = [log(abs(x)) for x in start]
    times, values = [], []
    a = [abs(float(x)) for x in start]
    t = 0
    for k in range(c.d):
        wait = max(0, -int(-(log(c.tau) - logs[k]) // growth))
        for n in sorted({round((wait + 1) ** (i / SAMPLES)) - 1 for i in range(SAMPLES + 1)}):
            times.append(1 + t + n)
            values.append(value(c, _later(c, a, logs, k, n, growth, decay)))
        a = _later(c, a, logs, k, wait, growth, decay)
        t += wait
        logs = [x + wait * decay for x in logs]
        while a[k] < 2 * c.tau:
            following = step(c, a)
            share = _bend(c, a[k])
            logs = [x + (share if i == k + 1 else decay) for i, x in enumerate(logs)]
            a, t = following, t + 1
            times.append(1 + t)
            values.append(value(c, a))
        logs[k] = 0.0
    for n in range(1, 60):
        a = step(c, a)
        times.append(1 + t + n)
        values.append(value(c, a))
    return times, values


def _later(
    c: Doubles, a: Sequence[float], logs: Sequence[float], k: int, n: int, growth: float, decay: float
) -> list[float]:
    """The coordinates after n more steps in cell k (from 0)."""
    shrunk = exp(max(n * decay, SMALLEST))
    settled_ = [4 * c.tau + (x - 4 * c.tau) * shrunk for x in a[:k]]
    waiting = [exp(max(x + n * decay, SMALLEST)) for x in logs[k + 1 :]]
    return [*settled_, exp(max(logs[k] + n * growth, SMALLEST)), *waiting]


def _bend(c: Doubles, z: float) -> float:
    """ln(1 - 2 eta g_2(z))."""
    u = 1 - max(z / c.tau - 1, 0.0)
    return log1p(-2 * c.eta * ((c.L + c.gamma) * u**3 * (10 - 15 * u + 6 * u**2) - c.gamma))


def perturbed(c: Doubles, start: Sequence[Fraction], rng: Random) -> Iterator[float]:
    """f along descent with noise, by doubles: |x|, as f is even and the noise symmetric."""
    a = [abs(float(x)) for x in start]
    last = -NOISE_WAIT - 1
    for t in range(100_000):
        yield value(c, a)
        following = step(c, a)
        small = hypot(*(x - y for x, y in zip(a, following, strict=True))) <= c.eta * NOISE * c.gamma * c.tau
        if small and settled(c, a) == c.d:
            return
        if small and t - last > NOISE_WAIT:
            last = t
            way = [rng.gauss(0, 1) for _ in a]
            size = NOISE * c.tau * rng.random() ** (1 / c.d) / hypot(*way)
            following = step(c, [abs(x + size * w) for x, w in zip(a, way, strict=True)])
        a = following


def _write(figure: Figure, path: Path) -> Path:
    import matplotlib

    buffer = io.BytesIO()
    form = path.suffix[1:]
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):
        figure.savefig(buffer, format=form, dpi=160, metadata=UNDATED.get(form))
    store.write(path, buffer.getvalue())
    return path
