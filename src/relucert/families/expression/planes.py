"""The loss on a plane or a line through the point of a certificate, in floating point; where descent converges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least
from relucert.families import drawing
from relucert.families.drawing import Floats, real
from relucert.families.expression.search import FloatLoss, losses
from relucert.families.family import Figure

FLOATING = "Computed in floating point, drawn for orientation; no part of the proof."
COLUMNS, ROWS = 81, 49
SAMPLES = 201  # of a line
LEVELS = (
    0.02,
    0.05,
    0.1,
    0.17,
    0.26,
    0.36,
    0.48,
    0.6,
    0.74,
    0.88,
)  # shares of the plane that are below a line
REACH = 1.2  # of the plane either way, relative to the point
FARTHEST = 1e6  # of the plane at most
BASINS = 2.0  # of it, relative to how far descent is drawn in
BEYOND = 0.3  # how far it goes beyond point and witness, relative to their distance
CLEAR = 0.5  # the least part of an eigenvector that is left across the way to the witness
CIRCLE = 73  # points of it
SEEN = 1.5  # columns of the radius of the least circle that is drawn
MOST_VALUES = 5_000_000  # nodes times rows of data, on the plane


def around(
    claim: Json, of: FloatLoss, point: Floats, witness: Floats | None, vectors: Floats | None
) -> list[Figure]:
    """vectors: (m, m), those of the Hessian by ascending eigenvalues, if they are known."""
    if COLUMNS * ROWS * len(of.graph.nodes) * of.columns.shape[1] > MOST_VALUES:
        return []
    if len(point) == 1:
        return _line(of, point) if witness is None else []  # the way to the witness is drawn already
    way = None if witness is None else witness - point
    directions, spanned = _directions(point, way, vectors)
    if directions is None:
        return []
    across, up = directions
    step = _step(claim, point, way, directions)
    ahead = 0.0 if way is None else float(way @ across) / 2
    aside = 0.0 if way is None else float(way @ up) / 2
    columns = step * (np.arange(COLUMNS) - (COLUMNS - 1) / 2) + ahead
    rows = step * (np.arange(ROWS) - (ROWS - 1) / 2) + aside
    places = point + columns[None, :, None] * across + rows[:, None, None] * up
    values = losses(of, places.reshape(-1, len(point))).reshape(ROWS, COLUMNS)
    finite = values[np.isfinite(values)]
    if not len(finite) or not finite.max() > finite.min():
        return []
    here = ((COLUMNS - 1) / 2 - ahead / step, (ROWS - 1) / 2 - aside / step)
    marks = [(*here, "x0")]
    if way is not None:
        marks.append((here[0] + 2 * ahead / step, here[1] + 2 * aside / step, "witness"))
    circle, said = _circle(claim, here, step)
    words = f"Level lines of the loss on a plane through x0, from {finite.min():.4g} to {finite.max():.4g}"
    caption = (
        f"Level lines of the loss on the plane through x0 that is spanned by {spanned}; the stronger the colour, the "
        f"lower. The picture is {step * (COLUMNS - 1):.3g} wide. {FLOATING}{said}"
    )
    svg = drawing.plane(values, np.unique(np.quantile(finite, LEVELS)).tolist(), marks, words, circle)
    return [Figure("Loss on a plane through the point", svg, caption)]


def _directions(
    point: Floats, way: Floats | None, vectors: Floats | None
) -> tuple[tuple[Floats, Floats] | None, str]:
    """Two unit vectors, orthogonal to one another, and what they are."""
    if len(point) == 2:
        return (np.array([1.0, 0.0]), np.array([0.0, 1.0])), "its two parameters, the first across"
    if vectors is None:
        return None, ""
    if way is None:
        return (
            vectors[:, 0],
            vectors[:, 1],
        ), "the two eigenvectors of the Hessian with the smallest eigenvalues"
    across = way / np.linalg.norm(way)
    rest = vectors - np.outer(across, across @ vectors)
    sizes = np.linalg.norm(rest, axis=0)
    first = int(np.argmax(sizes > CLEAR))  # of the smallest eigenvalues
    if not sizes[first] > CLEAR:
        return None, ""
    spanned = (
        "the way to the witness (across) and an eigenvector of the Hessian with a small eigenvalue (upwards)"
    )
    return (across, rest[:, first] / sizes[first]), spanned


def _line(of: FloatLoss, point: Floats) -> list[Figure]:
    """Of a loss with one parameter."""
    reach = REACH * max(float(np.abs(point).max()), 1.0)
    values = losses(of, point + np.linspace(-reach, reach, SAMPLES)[:, None])
    here = float(losses(of, point[None, :])[0])
    if not np.isfinite([*values, here]).all():
        return []
    words = f"Curve: the loss is {here:.4g} at x0"
    caption = f"The loss around x0, where it is {here:.4g}; the picture is {2 * reach:.3g} wide. {FLOATING}"
    return [Figure("Loss around the point", drawing.curve(values, [(0.5, here, "x0")], 0.0, words), caption)]


def _step(claim: Json, point: Floats, way: Floats | None, directions: tuple[Floats, Floats]) -> float:
    """Of a column and of a row."""
    if way is not None:
        sizes = [abs(float(way @ x)) for x in directions]
        wide, high = (x * (1 + 2 * BEYOND) / (n - 1) for x, n in zip(sizes, (COLUMNS, ROWS), strict=True))
        return max(wide, high)
    reach = REACH * max(float(np.abs(point).max()), 1.0)
    if "basin" in claim["bounds"]:
        reach = max(reach, min(BASINS * real(claim["bounds"]["basin"]), FARTHEST))
    return 2 * reach / (COLUMNS - 1)


def _circle(
    claim: Json, here: tuple[float, float], step: float
) -> tuple[list[Sequence[tuple[float, float]]], str]:
    """From where descent is proved to converge, where it can be seen, and what it is."""
    if "basin" not in claim["bounds"]:
        return [], ""
    size = real(claim["bounds"]["basin"]) / step
    if not SEEN <= size < COLUMNS:
        return [], ""
    turns = np.linspace(0, 2 * np.pi, CIRCLE)
    ring = [
        (here[0] + size * x, here[1] + size * y) for x, y in zip(np.cos(turns), np.sin(turns), strict=True)
    ]
    radius = at_least(claim["bounds"]["basin"])
    return [ring], f" Circle: what the claim states, gradient descent converges from within {radius} of x0."
