"""Figures that need nothing but the page they are in: SVG with a text alternative, and PNG for matrices.

Colours that depend on the scheme are left to the style sheet; a PNG is transparent where the value is 0.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Callable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from relucert.study.study import NONE, Row
from relucert.study.tables import Line

NEGATIVE, POSITIVE = (37, 112, 201), (217, 95, 2)  # distinct for the colour-blind, too
BINS = 44
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 264, 108, 34, 20, 6  # of a histogram


def png(point: NDArray[np.float64], largest: float) -> str:
    """A matrix as a data URI, a pixel an entry: the hue is the sign, the opacity the root of the size.

    largest: the absolute value that is opaque.
    """
    size = np.sqrt(np.minimum(np.abs(point) / largest, 1)) if largest > 0 else np.zeros_like(point)
    alpha = np.rint(255 * size).astype(np.uint8)
    hue = np.where(point[..., None] < 0, NEGATIVE, POSITIVE).astype(np.uint8)
    pixels = np.dstack([np.where(alpha[..., None] > 0, hue, 0), alpha]).astype(np.uint8)
    height, width = point.shape
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)  # each with filter 0
    whole = (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))  # 8 bits, RGBA
        + _chunk(b"IDAT", zlib.compress(lines, 9))
        + _chunk(b"IEND", b"")
    )
    return "data:image/png;base64," + base64.b64encode(whole).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def histogram(row: Row, largest: float) -> str:
    """The final objective of every run of a row, on a scale from 0 to `largest`; counts are logarithmic."""
    spurious = np.array(
        [i != NONE and row.families[i].verdict == "spurious-minimum" for i in row.per_run.family], dtype=bool
    )
    loss = np.array(row.per_run.loss)
    # What is beyond the scale, or below 0 by rounding, belongs to the last and the first bin.
    bins = np.clip(loss / largest * BINS, 0, BINS - 1).astype(np.int64)
    ceiling = math.log10(10 * max(row.runs, 10))

    def height(count: float) -> float:
        return (HEIGHT - BOTTOM - TOP) * math.log10(10 * count) / ceiling if count else 0.0

    base, bar = HEIGHT - BOTTOM, (WIDTH - LEFT - 4) / BINS
    counts = np.bincount(bins, minlength=BINS)
    inner = np.bincount(bins[spurious], minlength=BINS)
    paths = []
    for name, own, others in (("other", counts - inner, inner), ("spurious", inner, counts - inner)):
        # Two in a bin stand side by side: heights on a logarithmic scale do not add.
        data = "".join(
            f"M{LEFT + (i + (0.5 if name == 'spurious' and others[i] else 0)) * bar:.1f} {base}"
            f"v{-height(own[i]):.1f}h{bar / (2 if others[i] else 1) - 0.4:.1f}V{base}z"
            for i in np.flatnonzero(own)
        )
        paths.append(f'<path class="{name}" d="{data}"/>')
    marks = "".join(
        f'<path class="grid" d="M{LEFT} {base - height(10**e):.1f}H{WIDTH - 4}"/>'
        f'<text x="{LEFT - 4}" y="{base - height(10**e) + 3:.1f}" text-anchor="end">{10**e}</text>'
        for e in range(int(math.log10(max(row.runs, 10))) + 1)
    )
    ticks = "".join(
        f'<text x="{LEFT + share * (WIDTH - LEFT - 4):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">'
        f"{share * largest:.2g}</text>"
        for share, anchor in ((0, "start"), (0.5, "middle"), (1, "end"))
    )
    axis = f'<path class="axis" d="M{LEFT} {base}H{WIDTH - 4}"/>'
    return _svg(WIDTH, HEIGHT, _described(row, loss, spurious), marks + "".join(paths) + axis + ticks)


def _described(row: Row, loss: NDArray[np.float64], spurious: NDArray[np.bool_]) -> str:
    """A histogram in words."""
    parts = []
    for name, values in (("at spurious minima", loss[spurious]), ("elsewhere", loss[~spurious])):
        if len(values):
            low, middle, high = np.quantile(values, [0, 0.5, 1])
            spread = f"objective from {low:.3g} to {high:.3g}, median {middle:.3g}"
            parts.append(f"{len(values)} {name}, {spread}")
    return f"k = {row.k}, n = {row.n}, {row.runs} runs: " + "; ".join(parts)


def heat_map(
    lines: Sequence[Line], title: str, text: Callable[[Line], str], strength: Callable[[Line], float]
) -> str:
    """One cell per (k, n), k downwards and n - k across, with its number; strength: from 0 to 1."""
    across = range(min(x.n - x.k for x in lines), max(x.n - x.k for x in lines) + 1)
    down = sorted({x.k for x in lines})
    left, top, wide, high = 52, 26, 88, 24
    heads = "".join(
        f'<text x="{left + (i + 0.5) * wide}" y="{top - 9}" text-anchor="middle">{_surplus(extra)}</text>'
        for i, extra in enumerate(across)
    ) + "".join(
        f'<text x="{left - 8}" y="{top + (i + 0.5) * high + 4}" text-anchor="end">k = {k}</text>'
        for i, k in enumerate(down)
    )
    cells = "".join(
        f'<rect class="cell" x="{left + (x.n - x.k - across[0]) * wide + 1}" '
        f'y="{top + down.index(x.k) * high + 1}" '
        f'width="{wide - 2}" height="{high - 2}" fill-opacity="{0.04 + 0.46 * strength(x):.2f}"/>'
        f'<text class="number" x="{left + (x.n - x.k - across[0] + 0.5) * wide}" '
        f'y="{top + (down.index(x.k) + 0.5) * high + 4}" text-anchor="middle">{escape(text(x))}</text>'
        for x in lines
    )
    words = "; ".join(f"k = {x.k}, n = {x.n}: {text(x)}" for x in lines)
    size = left + len(across) * wide + 4, top + len(down) * high + 4
    return _svg(*size, f"{title}. {words}", heads + cells)


def _surplus(extra: int) -> str:
    return "n = k" if extra == 0 else f"n = k {'+' if extra > 0 else '−'} {abs(extra)}"


def _svg(width: int, height: int, words: str, inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(words)}">{inside}</svg>'
    )
