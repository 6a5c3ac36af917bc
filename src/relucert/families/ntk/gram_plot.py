"""The smallest eigenvalue against the depth, by matplotlib (the extra "plot")."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from relucert.base import store
from relucert.base.errors import InputError
from relucert.families.ntk.gram import GramResult
from relucert.kernel import ball
from relucert.kernel.ntk.gram import PositiveDefinite

FORMATS = (".png", ".svg", ".pdf")
UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # the same bytes each time


def check(path: Path, depths: int) -> None:
    """Before the work: raises InputError for what cannot be drawn, ModuleNotFoundError without matplotlib."""
    if depths < 2:
        raise InputError("--plot draws a table over depths: give --depths, such as 1:50")
    if path.suffix not in FORMATS:
        raise InputError(f"--plot {path}: a plot is one of {', '.join(FORMATS)}")
    try:
        import matplotlib.figure  # noqa: F401
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[plot]"'
        raise ModuleNotFoundError(remedy, name=f"{error.name}; {remedy}") from error  # the name is printed
    store.prepare(path.parent)


def draw(results: Sequence[GramResult], path: Path) -> None:
    """Enclosures of lambda_min, the bound of Theorem 14.G, and the bound of the largest eigenvalue."""
    import matplotlib
    from matplotlib.figure import Figure

    found = [(r.problem.depth, r.outcome) for r in results if isinstance(r.outcome, PositiveDefinite)]
    if not found:
        raise InputError(f"--plot {path}: nothing to draw, as no matrix is proved to be positive definite")
    of = results[0].problem
    figure = Figure(figsize=(7.2, 4.8), layout="constrained")
    axes = figure.subplots()
    depths = [depth for depth, _ in found]
    low, high = ([float(o.lambda_min[side]) for _, o in found] for side in (0, 1))
    axes.fill_between(depths, low, high, color="#1b6ca8", lw=1.2)
    axes.plot(depths, low, "o", ms=3, color="#1b6ca8", label="smallest eigenvalue (enclosure)")
    angles = [(depth, float(o.by_geometry)) for depth, o in found if ball.proves_positive(o.by_geometry)]
    if angles:
        axes.plot(*zip(*angles, strict=True), "--", color="#2e8b57", label="bound by the angles (14.G)")
    axes.plot(
        depths, [float(o.largest) for _, o in found], ":", color="0.4", label="largest eigenvalue (bound)"
    )
    axes.set_yscale("log")
    axes.set_xlabel("depth H")
    axes.set_title(
        f"{of.architecture} {of.activation}, {len(of.x)} inputs in dimension {len(of.x[0])}", fontsize=10
    )
    axes.legend(fontsize=8)
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):
        form = path.suffix[1:]
        figure.savefig(buffer, format=form, dpi=160, metadata=UNDATED.get(form))
    store.write(path, buffer.getvalue())
