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
SHARE = 0.1  # of the height that is left above and below on an axis of numbers
DEEPEST = 30  # decades below the largest value of a run, from which on it is rounding
HIGHEST = 12  # pixels of the foot of a label from above
LETTER = 7  # pixels of one, about


class Level(NamedTuple):
    """A number that the claim states, of all steps from one to another (None: to the edge); how people read it."""

    value: float
    label: str
    since: float | None = None
    until: float | None = None


class Mark(NamedTuple):
    """What the claim states of one step. beside: whether its label stands beside the dot, or only where one points."""

    step: float
    value: float
    label: str
    beside: bool = False


class Band(NamedTuple):
    """What the claim encloses: at `steps` (m,) between `low` and `high` (m,)."""

    steps: Floats
    low: Floats
    high: Floats


class Scale(NamedTuple):
    """What an axis shows. powers: whether its numbers are decimal logarithms."""

    label: str
    powers: bool = False


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


def progress(
    curves: Sequence[Curve],
    levels: Sequence[Level],
    marks: Sequence[Mark],
    words: str,
    *,
    evenly: bool = False,
) -> str:
    """Curves of positive values by their logarithms, over those of the steps from 1, or `evenly` over steps from 0.

    What is not positive is left out, what is `DEEPEST` decades below the largest value stands there; empty where
    nothing is left.
    """
    first = 0.0 if evenly else 1.0
    curves = [_positive(x, first) for x in curves]
    levels = [x for x in levels if SMALLEST < x.value < LARGEST]
    marks = [x for x in marks if SMALLEST < x.value < LARGEST and x.step >= first]
    heights = [v for x in curves for v in x.values.tolist()]
    heights += [x.value for x in levels] + [x.value for x in marks]
    if not heights:
        return ""
    lowest = max(math.log10(min(heights)), math.log10(max(heights)) - DEEPEST)

    def up(value: float) -> float:
        return max(math.log10(value), lowest)

    def along(step: float) -> float:
        return step if evenly else math.log10(step)

    def end(step: float | None) -> float | None:
        return None if step is None else along(step)

    return graph(
        [
            Curve(x.kind, np.array([*map(along, x.steps.tolist())]), np.array([*map(up, x.values.tolist())]))
            for x in curves
        ],
        [Level(up(x.value), x.label, end(x.since), end(x.until)) for x in levels],
        [x._replace(step=along(x.step), value=up(x.value)) for x in marks],
        (Scale("step", powers=not evenly), Scale("", powers=True)),
        words,
        start=0.0,
    )


def _positive(curve: Curve, first: float) -> Curve:
    kept = (curve.steps >= first) & (curve.values > SMALLEST) & (curve.values < LARGEST)
    return Curve(curve.kind, curve.steps[kept], curve.values[kept])


def graph(
    curves: Sequence[Curve],
    levels: Sequence[Level],
    marks: Sequence[Mark],
    scales: tuple[Scale, Scale],
    words: str,
    *,
    bands: Sequence[Band] = (),
    start: float | None = None,
) -> str:
    """Across and up as the scales say. start: of the axis across, if not the smallest number there; empty where nothing
    is beyond it. Raises ValueError for numbers that are not finite."""
    widths = [
        *(s for x in curves for s in x.steps.tolist()),
        *(s for x in bands for s in x.steps.tolist()),
        *(s for x in levels for s in (x.since, x.until) if s is not None),
        *(x.step for x in marks),
    ]
    heights = [
        *(v for x in curves for v in x.values.tolist()),
        *(v for x in bands for v in (*x.low.tolist(), *x.high.tolist())),
        *(x.value for x in levels),
        *(x.value for x in marks),
    ]
    if not all(map(math.isfinite, [*widths, *heights])):
        raise ValueError("a graph of numbers that are not finite")
    first = min(widths, default=0.0) if start is None else start
    if not heights or not max(widths, default=first) > first:
        return ""
    left, right, top, bottom = 44, WIDTH - 14, 10, 214
    room = ROOM if scales[1].powers else SHARE * (max(heights) - min(heights))
    x = _axis(scales[0], first, max(widths), left, right)
    y = _axis(scales[1], min(heights) - room, max(heights) + (0.0 if scales[1].powers else room), bottom, top)
    drawn = down(y, left, right) + across(x, top, bottom)
    for band in bands:
        edge = [*zip(band.steps.tolist(), band.high.tolist(), strict=True)]
        edge += reversed([*zip(band.steps.tolist(), band.low.tolist(), strict=True)])
        drawn += path("enclosed", polyline((x.place(a), y.place(b)) for a, b in edge) + "z")
    for level in levels:
        begin = left if level.since is None else x.place(level.since)
        end = right if level.until is None else x.place(level.until)
        drawn += (
            f'<rect class="proved" x="{begin:.1f}" y="{y.place(level.value) - 0.8:.1f}" width="{end - begin:.1f}" '
            f'height="1.6"/>'
        )
    for curve in map(_thinned, curves):
        points = zip(map(x.place, curve.steps.tolist()), map(y.place, curve.values.tolist()), strict=True)
        drawn += path(curve.kind, polyline(points)) if len(curve.steps) else ""
    drawn += _labels(levels, marks, x, y) + text((left + right) / 2, bottom + 30, scales[0].label, "middle")
    return svg(bottom + 36, words, drawn)


def _thinned(curve: Curve) -> Curve:
    """About two points a pixel at most."""
    if len(curve.steps) <= 2 * WIDTH:
        return curve
    kept = np.rint(np.linspace(0, len(curve.steps) - 1, 2 * WIDTH)).astype(int)
    return Curve(curve.kind, curve.steps[kept], curve.values[kept])


def _axis(scale: Scale, low: float, high: float, start: float, end: float) -> Axis:
    return (decades if scale.powers else linear)(low, high, start, end)


def _labels(levels: Sequence[Level], marks: Sequence[Mark], x: Axis, y: Axis) -> str:
    """They come last, so that no curve is over them."""
    drawn = "".join(
        text(WIDTH - 14, y.place(level.value) - 5, level.label, "end", "number halo") for level in levels
    )
    for mark in marks:
        at, height = x.place(mark.step), y.place(mark.value)
        drawn += dot("point", at, height, mark.label)
        if mark.beside:
            side, anchor = (8, "start") if at + LETTER * (len(mark.label) + 1) < WIDTH else (-8, "end")
            drawn += text(at + side, max(height - 6, HIGHEST), mark.label, anchor, "number halo")
    return drawn


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
