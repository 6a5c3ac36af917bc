"""The branch of critical points against s = k^(-1/2), by matplotlib (the extra "plot")."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from relucert.base import store
from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.families.uniform.guess import smallest_eigenvalue
from relucert.families.uniform.prove import Box, Proof
from relucert.families.uniform.words import ENTRIES
from relucert.kernel.ball import Ball
from relucert.kernel.uniform.branch import MATRICES, SCALARS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".png", ".svg", ".pdf")
UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # the same bytes each time
MARKED = (6, 20, 100, 1000)
COLOURS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910")


def check(path: Path) -> None:
    """Before the work: raises InputError for a format that is not known, ModuleNotFoundError without matplotlib."""
    if path.suffix not in FORMATS:
        raise InputError(f"--plot {path}: a plot is one of {', '.join(FORMATS)}")
    try:
        import matplotlib.figure  # noqa: F401
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[plot]"'
        raise ModuleNotFoundError(remedy, name=f"{error.name}; {remedy}") from error  # the name is printed
    store.prepare(path.parent)


def draw(proof: Proof, path: Path) -> None:
    """Three pictures over one another: unknowns, eigenvalues, loss; enclosures as bands."""
    import matplotlib
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 8.4), layout="constrained")
    unknowns, eigenvalues, loss = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 2))
    for name, colour, balls in zip(
        ENTRIES, COLOURS, zip(*(b.at.entries for b in proof.boxes), strict=True), strict=True
    ):
        _band(unknowns, proof.boxes, balls, colour, name)
    unknowns.set_ylabel("the five unknowns")
    for name, colour in zip((*SCALARS, *MATRICES), COLOURS, strict=True):
        middles = [_smallest(box, name) for box in proof.boxes]
        eigenvalues.plot([(b.low + b.high) / 2 for b in proof.boxes], middles, color=colour, lw=1, label=name)
    claimed = [
        to_float(max((t.bound for t in proof.tiers if b in proof.of(t)), key=to_float)) for b in proof.boxes
    ]
    eigenvalues.step(
        [b.low for b in proof.boxes], claimed, where="post", color="black", lw=1.5, label="proved bound"
    )
    eigenvalues.set_ylabel("smallest eigenvalue of each block\n(floating point), and the proved bound")
    _band(loss, proof.boxes, [b.at.loss for b in proof.boxes], COLOURS[0], "k F(W)")
    loss.set_ylabel("k F(W) (enclosure)")
    loss.set_xlabel("s = k^(-1/2)")
    for axes in (unknowns, eigenvalues, loss):
        for k in MARKED:
            axes.axvline(k**-0.5, color="0.7", lw=0.7, zorder=0)
        axes.legend(fontsize=8, ncols=2)
    for k in MARKED:
        unknowns.annotate(
            f"k = {k}", (k**-0.5, 1), xycoords=("data", "axes fraction"), fontsize=7, ha="center", va="bottom"
        )
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):
        form = path.suffix[1:]
        figure.savefig(buffer, format=form, dpi=160, metadata=UNDATED.get(form))
    store.write(path, buffer.getvalue())


def _band(
    axes: Axes, boxes: tuple[Box, ...], balls: list[Ball] | tuple[Ball, ...], colour: str, name: str
) -> None:
    """An enclosure on each box as a rectangle."""
    ends = [x for box in boxes for x in (box.low, box.high)]
    low = [float(x.lower()) for x in balls for _ in range(2)]
    high = [float(x.upper()) for x in balls for _ in range(2)]
    axes.fill_between(ends, low, high, color=colour, lw=0.8, label=name)


def _smallest(box: Box, name: str) -> float:
    block = getattr(box.blocks, name)
    return float(block.mid()) if name in SCALARS else smallest_eigenvalue(block)
