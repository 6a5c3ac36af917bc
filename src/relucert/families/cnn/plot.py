"""Figures of runs and tables of the one-hidden-layer CNN, by matplotlib (the extra "plot")."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relucert.base import store
from relucert.base.errors import InputError
from relucert.families.cnn.descent import GLOBAL, CnnRun, Sample
from relucert.families.cnn.table import Cell

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")
FLOOR = 1e-30  # the line ends there: the enclosures are about as wide
SLOW, FAST = "#c7d9ee", "#fbe0c4"


def check(path: Path) -> None:
    """Raises InputError for a format that is not known, ModuleNotFoundError without matplotlib."""
    if path.suffix not in FORMATS:
        raise InputError(f"{path}: a plot is one of {', '.join(FORMATS)}")
    import matplotlib.figure  # noqa: F401


def fast_phase(run: CnnRun) -> int | None:
    """The first sampled step from which phi < pi/3 and q > W N/2: the second phase of Du et al. begins."""
    problem = run.start.problem
    half = float(problem.w_norm * problem.squares) / 2

    def is_fast(x: Sample) -> bool:
        return float(x.view.phi) < math.pi / 3 and float(x.state.q) > half

    slow = [i for i, x in enumerate(run.samples) if not is_fast(x)]
    first = slow[-1] + 1 if slow else 0
    return run.samples[first].step if first < len(run.samples) else None


def plot_run(run: CnnRun, path: Path) -> None:
    """Loss, and the angle of v and w*, against the step, with the phases and the step that decides."""
    figure = _figure(6.4, 6.0)
    upper, lower = figure.subplots(2, 1, sharex=True)
    steps = [x.step for x in run.samples]
    upper.plot(steps, _above_floor([float(x.loss) for x in run.samples]), color="black")
    upper.set_yscale("log")
    upper.set_ylabel("loss")
    angles = [float(x.view.psi if run.verdict != GLOBAL else x.view.phi) for x in run.samples]
    lower.plot(steps, _above_floor(angles), color="black")
    lower.set_yscale("log")
    lower.set_ylabel("angle of v and w*" if run.verdict == GLOBAL else "pi - angle of v and w*")
    lower.set_xlabel("step")
    lower.set_xscale("symlog", linthresh=1)
    begins = fast_phase(run)
    for axes in (upper, lower):
        slow_until = run.steps if begins is None else begins
        if slow_until > 0:
            axes.axvspan(0, slow_until, color=SLOW, label="slow phase")
        if begins is not None:
            axes.axvspan(begins, run.steps, color=FAST, label="fast phase")
        if run.entry is not None:
            axes.axvline(run.entry.sample.step, color="black", linestyle=":", label="decided")
    upper.legend(loc="best", fontsize="small")
    upper.set_title(f"{run.verdict.replace('-', ' ')}, eta = {run.eta}", fontsize="medium")
    _save(figure, path)


def _above_floor(values: Sequence[float]) -> list[float]:
    """Values below the floor are not drawn."""
    return [x if x >= FLOOR else math.nan for x in values]


def plot_table(cells: Sequence[Cell], path: Path) -> None:
    """The share of successes over S^2/N, a panel for each p: observed, and the proved bound (dashed)."""
    patches = sorted({cell.problem.patch for cell in cells})
    ks = sorted({cell.problem.k for cell in cells})
    figure = _figure(4.2 * len(patches) + 1, 4.0)
    panels = figure.subplots(1, len(patches), sharey=True, squeeze=False)[0]
    for axes, p in zip(panels, patches, strict=True):
        for i, k in enumerate(ks):
            row = sorted(
                (c for c in cells if (c.problem.patch, c.problem.k) == (p, k)), key=lambda c: c.ratio
            )
            ratios = [float(c.ratio) for c in row]
            axes.plot(ratios, [c.to_global for c in row], color=f"C{i % 10}", marker="o", label=f"k = {k}")
            axes.plot(ratios, [float(c.least_global) for c in row], color=f"C{i % 10}", linestyle="--")
        axes.set_title(f"p = {p}", fontsize="medium")
        axes.set_xlabel("S^2/N")
    panels[0].set_ylabel("global minimum: share of runs (o), proved bound of the probability (- -)")
    panels[0].set_ylim(0, 1.05)
    panels[-1].legend(loc="best", fontsize="small")
    _save(figure, path)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: Figure, path: Path) -> None:
    import matplotlib

    buffer = io.BytesIO()
    metadata: dict[str, Any] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):  # the same bytes each time
        figure.savefig(buffer, format=path.suffix[1:], dpi=150, metadata=metadata)
    store.write(path, buffer.getvalue())
