"""Figures 7.2 to 7.4 of Du's thesis, by matplotlib (the extra "plot"). Nothing here is proved but the times.

Descent is drawn from logarithms of the coordinates, with T_1, .., T_d from Theorem 16.E: doubles would stand still.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from math import e
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from relucert.base import store
from relucert.base.errors import InputError
from relucert.families.octopus.floats import Shaken, descent, perturbed, value
from relucert.families.octopus.problem import OctopusProblem, random_start
from relucert.families.octopus.prove import escape_times
from relucert.kernel.octopus.double import doubles
from relucert.kernel.octopus.escape import Escapes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("svg", "png", "pdf")
UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # the same bytes each time
CURVATURES = ("1", "3/2", "2", "3")
FIGURES = {"figure-7-3": 5, "figure-7-4": 10}
NOISE_WAIT, NOISE = 1, 0.01  # the thesis's t_thres, and g/(gamma tau) = r/tau
MOST_STEPS = 100_000  # of a run with noise
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
    shaken = Shaken(NOISE * c.gamma, NOISE, NOISE_WAIT)
    values = list(perturbed(c, start, shaken, Random(seed), MOST_STEPS))  # noqa: S311 - not a secret
    axes.plot(range(1, len(values) + 1), values, color=NOISY, lw=1.2, label="with noise")
    if isinstance(outcome, Escapes):
        for time in outcome.times:
            axes.axvline(1 + time, color="0.8", lw=0.6, zorder=0)
        axes.set_title(f"L = {problem.L}: T_{problem.d} = {outcome.times[-1]:,}", fontsize=9)
    axes.set_xscale("log")
    axes.set(xlabel="1 + steps", ylabel="f")
    axes.legend(fontsize=7)


def _write(figure: Figure, path: Path) -> Path:
    import matplotlib

    buffer = io.BytesIO()
    form = path.suffix[1:]
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):
        figure.savefig(buffer, format=form, dpi=160, metadata=UNDATED.get(form))
    store.write(path, buffer.getvalue())
    return path
