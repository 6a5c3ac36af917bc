"""Matrices as squares: the hue of an entry is its sign, the opacity the root of its size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from relucert.base.visible import escaped
from relucert.families.drawing import LARGEST, SMALLEST, WIDTH, Floats, svg, text

MARK = 12  # pixels for the mark of a row
LEAST_LINE = 8.0  # pixels of a row that has room for one
SIDE = 34.0  # pixels of a square at most
MOST_ENTRIES = 10_000  # that are drawn


def heat(entries: Floats, rows: Sequence[str], columns: Sequence[str], words: str) -> str:
    """A matrix with its scale; empty where it is too large to draw, or 0, or beyond double precision.

    rows, columns: what they are, for whoever points at a square.
    """
    largest = float(np.abs(entries).max(initial=0.0))
    if entries.size > MOST_ENTRIES or not SMALLEST < largest < LARGEST:
        return ""
    height, inside = matrix(entries, rows, columns, largest, 4)
    return svg(height + 50, words, inside + legend(largest, height + 10))


def matrix(
    entries: Floats,
    titles: Sequence[str],
    heads: Sequence[str],
    largest: float,
    top: float,
    marks: Sequence[str] = (),
) -> tuple[float, str]:
    """Where it ends, and a square for each entry: the hue is the sign, the opacity the root of the size. marks: of the
    rows, on their left."""
    side = min((WIDTH - 8 - 2 * MARK) / entries.shape[1], SIDE)
    left = (WIDTH - side * entries.shape[1]) / 2
    gap = min(side / 12, 1.0)
    height, width = side * entries.shape[0], side * entries.shape[1]
    cells = [f'<rect class="frame" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>']
    for i, row in enumerate(entries.tolist()):
        for j, x in enumerate(row):
            size = math.sqrt(min(abs(x) / largest, 1.0))
            cells.append(
                f'<rect class="{_sign(x)}" x="{left + j * side + gap / 2:.1f}" y="{top + i * side + gap / 2:.1f}" '
                f'width="{side - gap:.1f}" height="{side - gap:.1f}" fill-opacity="{size:.2f}">'
                f"<title>{escaped(f'{titles[i]}, {heads[j]}: {x:.6g}')}</title></rect>"
            )
    cells += [
        text(left - 4, top + (i + 0.5) * side + 4, mark, "end", "number")
        for i, mark in enumerate(marks)
        if mark and side >= LEAST_LINE
    ]
    return top + height, "".join(cells)


def _sign(x: float) -> str:
    return "negative" if x < 0 else "positive"


def legend(largest: float, top: float) -> str:
    """Sizes from minus the largest to the largest."""
    shares = (-1.0, -0.5, -0.2, -0.05, 0.0, 0.05, 0.2, 0.5, 1.0)
    wide = (WIDTH - 8) / len(shares)
    return "".join(
        f'<rect class="frame" x="{4 + i * wide:.1f}" y="{top:.1f}" width="{wide:.1f}" height="12"/>'
        f'<rect class="{_sign(x)}" x="{4 + i * wide:.1f}" y="{top:.1f}" width="{wide:.1f}" height="12" '
        f'fill-opacity="{math.sqrt(abs(x)):.2f}"/>'
        # Every second one has its label: there is no room for all.
        + (text(4 + (i + 0.5) * wide, top + 26, f"{x * largest:.3g}", "middle") if i % 2 == 0 else "")
        for i, x in enumerate(shares)
    )
