"""Figures of one certificate: SVG that needs nothing but the page it is in, with a text alternative.

All is for the eye: floating point, never part of a proof. Colours are left to the style sheet of the page
(figures.css), so that both schemes have their own. Texts of a claim are escaped here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert.base.dyadic import Dyadic, to_float
from relucert.base.visible import escaped
from relucert.certificate.numbers import number

Floats = NDArray[np.float64]

WIDTH = 380  # of every figure: about that of a phone, so that its letters are read there
MOST_DECADES = 6  # labelled on an axis
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
TEN = math.log2(10)
MANY = 60  # eigenvalues whose dots are small
LONGEST_SCALE = 40  # decades that the bars of margins show at most
LETTERS = 42  # of an inequality beside its margin
SMALLEST, LARGEST = 1e-100, 1e100  # sizes beyond which nothing is drawn: their squares are doubles


class Axis(NamedTuple):
    """Where a number stands, in pixels, and the marks with their labels."""

    place: Callable[[float], float]
    ticks: list[tuple[float, str]]


class Length(NamedTuple):
    """A labelled number of a claim. value: the exact one; text: as people read it; kind: the class of its colour."""

    label: str
    value: object
    text: str
    kind: str


def svg(height: float, words: str, inside: str, kind: str = "") -> str:
    """kind: a class, for the style sheet."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" class="drawn {kind}" '
        f'role="img" aria-label="{escaped(words)}">{inside}</svg>'
    )


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escaped(words)}</text>'


def path(kind: str, data: str) -> str:
    return f'<path class="{kind}" d="{data}"/>'


def dot(kind: str, x: float, y: float, words: str, size: float = 4) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{size}"><title>{escaped(words)}</title></circle>'


def power(exponent: int) -> str:
    """10 to an integer, as people write it."""
    if exponent in (0, 1):
        return "1" if exponent == 0 else "10"
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def real(bound: object) -> float:
    """A number of a claim as the nearest double, or an infinity."""
    return to_float(number(bound, "bounds"))


def middle(ends: Sequence[object]) -> float:
    """Of the two ends of an enclosure."""
    low, high = map(real, ends)
    return low / 2 + high / 2


def ratio(text: str) -> float:
    """A fraction of a claim as the nearest double, or an infinity."""
    given = Fraction(text)
    try:
        return float(given)
    except OverflowError:
        return math.inf if given > 0 else -math.inf


def table(rows: Sequence[Sequence[object]]) -> Floats:
    """Rows of dyadics ["m", e] of a claim as the nearest doubles, or infinities. Raises ValueError for uneven rows."""
    return np.array([[real({"exact": x}) for x in row] for row in rows], dtype=np.float64)


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"


def exponent_of(value: Dyadic) -> float | None:
    """The decimal logarithm of a positive exact number, however large or small. None for the others."""
    mantissa, exponent = value
    return (math.log2(mantissa) + exponent) / TEN if mantissa > 0 else None


def decades(low: float, high: float, start: float, end: float) -> Axis:
    """Of exponents: from 10^low at `start` to 10^high at `end`, widened to whole decades."""
    first, last = math.floor(low), math.ceil(high)
    if first == last:
        last += 1
    step = next(
        size for i in count() for size in (10**i, 2 * 10**i, 5 * 10**i) if size * MOST_DECADES >= last - first
    )
    ticks = [(float(e), power(e)) for e in range(-(-first // step) * step, last + 1, step)]
    return Axis(lambda x: start + (x - first) / (last - first) * (end - start), ticks)


def linear(low: float, high: float, start: float, end: float) -> Axis:
    """Of numbers, low <= high, with round numbers as marks."""
    if not high - low > SMALLEST:
        high = low + max(abs(low), 1.0)
    rough = (high - low) / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(x * size for x in (1, 2, 5, 10) if x * size >= rough)
    marks = [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return Axis(lambda x: start + (x - low) / (high - low) * (end - start), [(x, f"{x:.5g}") for x in marks])


def both_signs(values: Floats, start: float, end: float) -> Axis:
    """Of numbers of both signs: the logarithm of the size away from 0, and linear in a zone around 0."""
    sizes = np.abs(values[values != 0])
    if not len(sizes):
        return linear(-1.0, 1.0, start, end)
    largest = float(sizes.max())
    zone = max(float(sizes.min()), largest * 1e-4)

    def folded(x: float) -> float:
        return math.copysign(math.log10(1 + abs(x) / zone), x)

    low, high = min(folded(float(values.min())), 0.0), max(folded(float(values.max())), 0.0)
    inside = linear(low, high, start, end)
    exponents = range(math.ceil(math.log10(zone)), math.floor(math.log10(largest)) + 1)
    marks = [(0.0, "0")]
    for e in exponents:
        marks += [(sign * 10.0**e, ("−" if sign < 0 else "") + power(e)) for sign in (-1, 1)]
    shown = [(x, label) for x, label in marks if low <= folded(x) <= high]
    return Axis(lambda x: inside.place(folded(x)), shown)


def down(axis: Axis, left: float, right: float) -> str:
    """The marks of a vertical axis, its labels on the left."""
    return "".join(
        path("grid", f"M{left:.1f} {axis.place(x):.1f}H{right:.1f}")
        + text(left - 5, axis.place(x) + 3.5, label, "end")
        for x, label in axis.ticks
    )


def across(axis: Axis, top: float, bottom: float) -> str:
    """The marks of a horizontal axis, its labels below."""
    return "".join(
        path("grid", f"M{axis.place(x):.1f} {top:.1f}V{bottom:.1f}")
        + text(axis.place(x), bottom + 14, label, "middle")
        for x, label in axis.ticks
    )


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """The data of a path."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def lengths(given: Sequence[Length], words: str) -> tuple[str, str]:
    """Numbers on one logarithmic axis, a label above each; and those left out, which are not positive."""
    exponents = [exponent_of(number(x.value, x.label)) for x in given]
    shown = [(x, e) for x, e in zip(given, exponents, strict=True) if e is not None]
    others = "; ".join(f"{x.label} {x.text}" for x, e in zip(given, exponents, strict=True) if e is None)
    left_out = f" Not drawn: {others}." if others else ""
    if not shown:
        return "", left_out
    left, right, high = 14, WIDTH - 14, 38
    low, top = min(e for _, e in shown), max(e for _, e in shown)
    axis = decades(low - 0.5, top, left, right)  # the shortest one is to be seen
    bottom = len(shown) * high + 4
    rows = "".join(
        text(left, i * high + 14, x.label, kind="number")
        + text(right, i * high + 14, x.text, "end", "number")
        + f'<rect class="{x.kind}" x="{left}" y="{i * high + 20}" width="{axis.place(e) - left:.1f}" '
        f'height="9" rx="1.5"/>'
        for i, (x, e) in enumerate(shown)
    )
    listed = "; ".join(f"{x.label}: {x.text}" for x, _ in shown)
    return svg(bottom + 22, f"{words}. {listed}", across(axis, 2, bottom) + rows), left_out


class Margin(NamedTuple):
    """An inequality: its step, what it says, the decimal logarithm of right over left, and its margin as people read
    it."""

    step: str
    text: str
    factor: float | None
    words: str


def margins(given: Sequence[Margin]) -> str:
    """A bar for each, as long as the logarithm of its factor."""
    left, right, high = 14, WIDTH - 14, 34
    longest = max((x.factor for x in given if x.factor is not None), default=0.0)
    axis = decades(0.0, min(max(longest, 1.0), LONGEST_SCALE), left, right)
    bottom = len(given) * high + 4
    rows = ""
    for i, x in enumerate(given):
        top = i * high + 14
        rows += f"<g><title>{escaped(f'{x.step} {x.text}')}</title>"
        rows += text(left, top, _cut(f"{x.step}: {x.text}"), kind="number") + text(right, top, x.words, "end")
        if x.factor is not None:
            end = axis.place(min(max(x.factor, 0.0), LONGEST_SCALE))
            rows += (
                f'<rect class="near" x="{left}" y="{top + 5}" width="{end - left:.1f}" height="7" rx="1.5"/>'
            )
        rows += "</g>"
    listed = "; ".join(f"{x.step} {x.words}" for x in given)
    return svg(bottom + 22, f"Margins on a logarithmic scale. {listed}", across(axis, 2, bottom) + rows)


def _cut(words: str) -> str:
    return words if len(words) <= LETTERS else f"{words[:LETTERS]}.."


def contours(values: Floats, levels: Sequence[float], x: Axis, y: Axis) -> str:
    """Level lines of values (rows, columns) on the unit steps of the axes, by linear interpolation. There are none
    next to a value that is not finite."""
    drawn = []
    finite = np.isfinite(values)
    known = finite[:-1, :-1] & finite[:-1, 1:] & finite[1:, :-1] & finite[1:, 1:]
    for level in levels:
        above = values >= level
        mixed = (
            above[:-1, :-1].astype(int) + above[:-1, 1:] + above[1:, :-1] + above[1:, 1:]
        ) % 4  # 0 where all four corners agree
        mixed[~known] = 0
        pieces = [piece for i, j in np.argwhere(mixed) for piece in _crossings(values, level, int(i), int(j))]
        data = "".join(
            f"M{x.place(a):.1f} {y.place(b):.1f}L{x.place(c):.1f} {y.place(d):.1f}" for a, b, c, d in pieces
        )
        drawn.append(path("level", data) if data else "")
    return "".join(drawn)


def _crossings(values: Floats, level: float, i: int, j: int) -> list[tuple[float, float, float, float]]:
    """Pieces of a level line in a cell, each from (x, y) to (x, y); one piece, or two where it is a saddle."""
    corners = [(i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j)]
    found: list[tuple[float, float]] = []
    for (a, b), (c, d) in zip(corners, corners[1:] + corners[:1], strict=True):
        one, other = float(values[a, b]), float(values[c, d])
        if (one >= level) != (other >= level):
            share = (level - one) / (other - one)
            found.append((b + share * (d - b), a + share * (c - a)))
    return [(*found[m], *found[m + 1]) for m in range(0, len(found) - 1, 2)]


def bands(values: Floats, levels: Sequence[float], x: Axis, y: Axis) -> str:
    """What lies below each level, shaded: the lower, the stronger. Every row of a band is one run of pixels."""
    drawn = []
    for level in levels:
        data = ""
        for i, row in enumerate(values < level):
            edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
            for a, b in zip(edges[::2], edges[1::2], strict=True):
                start, end, low, high = x.place(a - 0.5), x.place(b - 0.5), y.place(i - 0.5), y.place(i + 0.5)
                data += f"M{start:.1f} {low:.1f}H{end:.1f}V{high:.1f}H{start:.1f}z"
        drawn.append(path("band", data) if data else "")
    return "".join(drawn)


class Line(NamedTuple):
    """A proved enclosure, drawn as a line: its label and its ends."""

    label: str
    low: float
    high: float


def spectrum(values: Floats, proved: Sequence[Line], words: str) -> str:
    """Eigenvalues in ascending order, a dot each; proved: of the smallest and perhaps of the largest."""
    left, right, top, bottom = 44, WIDTH - 6, 10, 214
    proved = [x for x in proved if max(abs(x.low), abs(x.high)) < LARGEST]
    ends = [x for line in proved for x in (line.low, line.high)]
    every = np.array([*values.tolist(), *ends])
    if every.min() > 0:
        inside = decades(math.log10(every.min()), math.log10(every.max()), bottom, top)
        axis = Axis(lambda x: inside.place(math.log10(x)), [(10.0**x, label) for x, label in inside.ticks])
    else:
        axis = both_signs(every, bottom, top)
    wide = (right - left) / len(values)
    dots = "".join(
        f"M{left + (i + 0.5) * wide:.1f} {axis.place(x):.1f}h0" for i, x in enumerate(values.tolist())
    )
    lines = ""
    for i, line in enumerate(proved):
        high, low = axis.place(line.high), axis.place(line.low)
        lines += (
            f'<rect class="proved" x="{left}" y="{high - 0.6:.1f}" width="{right - left}" '
            f'height="{max(low - high, 0) + 1.2:.1f}"/>'
        )
        # The smallest eigenvalues are on the left, so there is room on the right; and the other way round.
        lines += text(right, high - 6, line.label, "end", "number") if i == 0 else ""
        lines += text(left + 4, low + 15, line.label, "start", "number") if i > 0 else ""
    count = text((left + right) / 2, bottom + 18, f"{len(values)} eigenvalues, in order", "middle")
    kind = "dots" if len(values) > MANY else "dots few"
    return svg(bottom + 24, words, down(axis, left, right) + lines + path(kind, dots) + count)


def curve(values: Floats, marks: Sequence[tuple[float, float, str]], beyond: float, words: str) -> str:
    """A function on a segment, at equal steps from -beyond to 1 + beyond; marks: place, value, name.

    The scale is that of the segment; what is off it, beyond the segment or not finite, is left out.
    """
    left, right, top, bottom = 44, WIDTH - 6, 10, 190
    places = np.linspace(-beyond, 1 + beyond, len(values))
    inside = [v for v in values[(places >= 0) & (places <= 1)].tolist() if abs(v) < LARGEST]
    inside += [value for _, value, _ in marks]
    room = 0.15 * (max(inside) - min(inside))
    x = Axis(lambda t: left + (t + beyond) / (1 + 2 * beyond) * (right - left), [])
    y = linear(min(inside) - room, max(inside) + room, bottom, top)
    runs: list[list[tuple[float, float]]] = [[]]
    for t, v in zip(places.tolist(), values.tolist(), strict=True):
        if abs(v) < LARGEST and top <= y.place(v) <= bottom:
            runs[-1].append((x.place(t), y.place(v)))
        elif runs[-1]:
            runs.append([])
    drawn = down(y, left, right) + path("curve", "".join(polyline(run) for run in runs if run))
    for t, height, name in marks:
        drawn += path("mark", f"M{x.place(t):.1f} {bottom}V{y.place(height):.1f}")
        drawn += dot("point", x.place(t), y.place(height), f"{name}: {height:.6g}")
        drawn += text(x.place(t), bottom + 16, name, "middle", "number")
    return svg(bottom + 24, words, drawn)


def plane(
    values: Floats,
    levels: Sequence[float],
    marks: Sequence[tuple[float, float, str]],
    words: str,
    ways: Sequence[Sequence[tuple[float, float]]] = (),
) -> str:
    """Values (rows, columns) at equal steps with level lines; marks: (column, row, name); ways: of (column, row)."""
    rows, columns = values.shape
    left, right, top = 6, WIDTH - 6, 6
    step = (right - left) / columns
    bottom = top + rows * step
    x, y = Axis(lambda j: left + (j + 0.5) * step, []), Axis(lambda i: bottom - (i + 0.5) * step, [])
    frame = f'<rect class="frame" x="{left}" y="{top}" width="{right - left}" height="{bottom - top:.1f}"/>'
    drawn = bands(values, levels, x, y) + contours(values, levels, x, y) + frame
    drawn += "".join(path("way", polyline((x.place(j), y.place(i)) for j, i in way)) for way in ways)
    for j, i, name in marks:
        drawn += dot("point", x.place(j), y.place(i), name)
        drawn += text(x.place(j), y.place(i) - 9, name, "middle", "number halo")
    return svg(bottom + 6, words, drawn)
