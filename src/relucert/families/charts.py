"""More figures of a claim, as in `drawing`: quantities along a run, sums of parts, bounds of both signs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from relucert.base.visible import escaped
from relucert.families.drawing import (
    LARGEST,
    SMALLEST,
    WIDTH,
    Axis,
    Floats,
    across,
    decades,
    dot,
    down,
    linear,
    path,
    polyline,
    svg,
    text,
)

HUES = 6  # of neighbouring parts of a sum, after which they come again
ROOM = 0.2  # decades below the smallest value, for its label
DEEPEST = 30  # decades below the largest value of a run, from which on it is rounding
LETTER = 7  # pixels of one, about


class Level(NamedTuple):
    """A number that the claim states, of all steps from one to another; how people read it."""

    value: float
    label: str
    since: float = 1.0
    until: float | None = None


class Mark(NamedTuple):
    """What the claim states of one step."""

    step: float
    value: float
    label: str


class Curve(NamedTuple):
    """kind: the class of its line; steps, values: (m,)."""

    kind: str
    steps: Floats
    values: Floats


class Bar(NamedTuple):
    """A number of either sign that a claim states. label: of what; text: as people read it; kind: its colour."""

    label: str
    text: str
    value: float
    kind: str


def progress(curves: Sequence[Curve], levels: Sequence[Level], marks: Sequence[Mark], words: str) -> str:
    """Curves on two logarithmic axes, steps from 1. What is not positive is left out; empty where nothing is left."""
    curves = [_positive(x) for x in curves]
    levels = [x for x in levels if SMALLEST < x.value < LARGEST]
    marks = [x for x in marks if SMALLEST < x.value < LARGEST and x.step >= 1]
    heights = [
        *(v for x in curves for v in x.values.tolist()),
        *(x.value for x in levels),
        *(x.value for x in marks),
    ]
    widths = [
        *(s for x in curves for s in x.steps.tolist()),
        *(x.until or x.since for x in levels),
        *(x.step for x in marks),
    ]
    if not heights or not widths or not max(widths) > 1:
        return ""
    left, right, top, bottom = 44, WIDTH - 14, 10, 214
    highest = math.log10(max(heights))
    lowest = math.floor(max(math.log10(min(heights)), highest - DEEPEST) - ROOM)
    x = _logarithmic(decades(0.0, math.log10(max(widths)), left, right), 0.0)
    y = _logarithmic(decades(lowest, highest, bottom, top), lowest)
    drawn = down(y, left, right) + across(x, top, bottom)
    for level in levels:
        start, end = x.place(level.since), right if level.until is None else x.place(level.until)
        height = y.place(level.value) - 0.8
        drawn += (
            f'<rect class="proved" x="{start:.1f}" y="{height:.1f}" width="{end - start:.1f}" height="1.6"/>'
        )
    for curve in curves:
        points = zip(map(x.place, curve.steps.tolist()), map(y.place, curve.values.tolist()), strict=True)
        drawn += path(curve.kind, polyline(points)) if len(curve.steps) else ""
    # Labels come last, so that no curve is over them.
    for level in levels:
        drawn += text(right, y.place(level.value) - 5, level.label, "end", "number halo")
    for mark in marks:
        drawn += dot("point", x.place(mark.step), y.place(mark.value), mark.label)
    drawn += text((left + right) / 2, bottom + 30, "step", "middle")
    return svg(bottom + 36, words, drawn)


def _positive(curve: Curve) -> Curve:
    kept = (curve.steps >= 1) & (curve.values > SMALLEST) & (curve.values < LARGEST)
    return Curve(curve.kind, curve.steps[kept], curve.values[kept])


def _logarithmic(exponents: Axis, lowest: float) -> Axis:
    """An axis of numbers from one of their decimal logarithms; what is below the lowest stands there."""
    ticks = [(10.0**e, label) for e, label in exponents.ticks]
    return Axis(lambda v: exponents.place(max(math.log10(v), lowest)), ticks)


def parts(rows: Sequence[tuple[str, Sequence[tuple[str, float]]]], words: str) -> str:
    """A bar for each sum: its name, and its parts with their names, as long as they are large."""
    left, right, high = 72, WIDTH - 8, 24
    most = max((math.fsum(max(size, 0.0) for _, size in inside) for _, inside in rows), default=0.0)
    if not SMALLEST < most < LARGEST:
        return ""
    axis = linear(0.0, max(most, 1.0), left, right)
    bottom = len(rows) * high + 6
    drawn = across(axis, 2, bottom)
    for i, (name, inside) in enumerate(rows):
        top, at = i * high + 6, 0.0
        drawn += text(left - 6, top + 12, name, "end", "number")
        for j, (part, size) in enumerate(inside):
            start, end = axis.place(at), axis.place(at + max(size, 0.0))
            at += max(size, 0.0)
            drawn += (
                f'<rect class="part hue{j % HUES}" x="{start:.1f}" y="{top}" width="{max(end - start, 0.5):.1f}" '
                f'height="{high - 6}"><title>{escaped(f"{part}: {size:.6g}")}</title></rect>'
            )
            short = part.rpartition(" ")[2]
            if end - start > LETTER * (len(short) + 1):
                drawn += text((start + end) / 2, top + 13, short, "middle", "inside")
    return svg(bottom + 22, words, drawn)


def signed(given: Sequence[Bar], words: str) -> str:
    """A bar from 0 to each number, to the left where it is negative."""
    values = [x.value for x in given if abs(x.value) < LARGEST]
    if not values or not max(map(abs, values)) > SMALLEST:
        return ""
    left, right, high = 14, WIDTH - 14, 34
    axis = linear(min(*values, 0.0), max(*values, 0.0), left, right)
    bottom, zero = len(given) * high + 4, axis.place(0.0)
    drawn = across(axis, 2, bottom)
    for i, x in enumerate(given):
        top = i * high + 14
        drawn += text(left, top, x.label, kind="number") + text(right, top, x.text, "end", "number")
        if abs(x.value) < LARGEST:
            ends = sorted((zero, axis.place(x.value)))
            drawn += (
                f'<rect class="{x.kind}" x="{ends[0]:.1f}" y="{top + 5}" width="{max(ends[1] - ends[0], 1):.1f}" '
                f'height="7" rx="1.5"/>'
            )
    drawn += path("axis", f"M{zero:.1f} 2V{bottom}")
    return svg(bottom + 22, words, drawn)


def spaced(last: int, count: int) -> Floats:
    """Whole steps from 1 to `last`, about `count`, at about equal distances of their logarithms."""
    return np.unique(np.rint(np.geomspace(1, max(last, 1), count)))
