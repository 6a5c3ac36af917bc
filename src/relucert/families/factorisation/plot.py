"""Figures 4.1 and 4.2 of Du's thesis at reduced width: curves in doubles, pictures by matplotlib (the extra "plot")."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relucert.base import store
from relucert.base.dyadic import from_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.families.factorisation.guess import doubles
from relucert.families.factorisation.problem import BalanceProblem, Seeded

Array = NDArray[np.float64]
FORMATS = ("svg", "png", "pdf")
UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}}
SIZE, RANK = (30, 20), 3  # of M in Figure 4.1
WIDTHS, SAMPLES = (20, 20, 20, 5), 50  # of Figure 4.2; the thesis has 1000-100-100-10 and 1000 samples
STEP = Fraction(1, 1000)
EVEN, UNEVEN = (0.25, 0.25, 0.25), (0.5, 0.25, 0.125)  # scales of the layers of a start
HEAD = "figure,curve,step,value"
Curves = dict[str, list[float]]


def check(form: str) -> None:
    """Raises InputError for a format that is not known, ModuleNotFoundError without matplotlib."""
    if form not in FORMATS:
        raise InputError(f"--format {form}: expected one of {', '.join(FORMATS)}")
    import matplotlib.figure  # noqa: F401


def factorisation(seed: int, steps: int) -> Curves:
    """Figure 4.1: the error and |U|/|V| of gradient descent on f, and on f + |U^T U - V^T V|^2/8."""
    shapes = [(SIZE[0], RANK), (SIZE[1], RANK)] * 2
    p, q, u0, v0 = (doubles(rows) for rows in Seeded(seed, (1, 0)).matrices(shapes))
    m = p @ q.T / np.linalg.norm(p @ q.T, 2)
    curves: Curves = {}
    for name, weight in (("f", 0.0), ("f with the regulariser", 0.5)):
        u, v, errors, ratios = u0 / 10, v0 / 20, [], []
        for _ in range(steps + 1):
            residual, b = u @ v.T - m, u.T @ u - v.T @ v
            errors.append(float(np.linalg.norm(residual)))
            ratios.append(float(np.linalg.norm(u) / np.linalg.norm(v)))
            u, v = u - 0.1 * (residual @ v + weight * u @ b), v - 0.1 * (residual.T @ u - weight * v @ b)
        curves[f"error, {name}"], curves[f"|U|/|V|, {name}"] = errors, ratios
    return curves


def network(seed: int, even: bool) -> BalanceProblem:
    """Figure 4.2: a ReLU network of three layers, from a start whose layers have equal scales, or others."""
    shapes = [(b, a) for a, b in pairwise(WIDTHS)]
    drawn = Seeded(seed, (1, 0)).matrices([*shapes, (SAMPLES, WIDTHS[0]), (SAMPLES, WIDTHS[-1])])
    scales = EVEN if even else UNEVEN
    layers = tuple(_scaled(w, c) for w, c in zip(drawn, scales, strict=False))
    x, y = drawn[-2:]
    return BalanceProblem("relu", WIDTHS, _scaled(x, 0.25), y, STEP, layers)


def _scaled(rows: Rows, c: float) -> Rows:
    """c rows, c a power of 2."""
    return tuple(tuple(from_float(c * x) for x in row) for row in doubles(rows).tolist())


def differences(problem: BalanceProblem, steps: int) -> Curves:
    """Of Figure 4.2: |W_h|^2 - |W_(h+1)|^2 along the run, and the loss."""
    layers = [doubles(w) for w in problem.layers]
    x, y, eta = doubles(problem.x), doubles(problem.y), float(problem.eta)
    curves: Curves = {f"|W_{h}|^2 - |W_{h + 1}|^2": [] for h in range(1, len(layers))}
    curves["loss"] = []
    for _ in range(steps + 1):
        squares = [float(np.sum(w * w)) for w in layers]
        for h in range(1, len(layers)):
            curves[f"|W_{h}|^2 - |W_{h + 1}|^2"].append(squares[h - 1] - squares[h])
        inputs = [x]
        for w in layers[:-1]:
            inputs.append(np.maximum(inputs[-1] @ w.T, 0))
        error = inputs[-1] @ layers[-1].T - y
        curves["loss"].append(float(np.sum(error * error)) / 2)
        moved = []
        for h in reversed(range(len(layers))):
            moved.append(layers[h] - eta * error.T @ inputs[h])
            error = (error @ layers[h]) * (inputs[h] > 0)
        layers = moved[::-1]
    return curves


def write(seed: int, steps: int, directory: Path, form: str) -> list[Path]:
    """Both figures and a table of their curves."""
    drawn = {"4.1": [factorisation(seed, steps)]}
    drawn["4.2"] = [differences(network(seed, even), steps) for even in (True, False)]
    paths = []
    for name, panels in drawn.items():
        paths.append(directory / f"figure-{name}.{form}")
        store.write(paths[-1], _picture(panels, form))
    paths.append(directory / "figures.csv")
    store.write(paths[-1], _table(drawn).encode())
    return paths


def _table(drawn: dict[str, list[Curves]]) -> str:
    lines = [HEAD]
    for name, panels in drawn.items():
        for k, curves in enumerate(panels):
            for curve, values in curves.items():
                label = f"{name}{'ab'[k]}" if len(panels) > 1 else name
                lines.extend(f'{label},"{curve}",{t},{x!r}' for t, x in enumerate(values))
    return "\n".join(lines) + "\n"


def _picture(panels: Sequence[Curves], form: str) -> bytes:
    import matplotlib
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    axes = figure.subplots(1, 2)
    if len(panels) == 1:
        for axis, kind in zip(axes, ("error", "|U|/|V|"), strict=True):
            for name, values in panels[0].items():
                if name.startswith(kind):
                    axis.plot(values, label=name)
            axis.set_yscale("log" if kind == "error" else "linear")
    else:
        for axis, curves, title in zip(axes, panels, ("equal scales", "other scales"), strict=True):
            for name, values in curves.items():
                axis.plot(values, label=name)
            axis.set_title(f"start with {title} of the layers")
    for axis in axes:
        axis.set_xlabel("step")
        axis.legend()
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):
        figure.savefig(buffer, format=form, dpi=150, metadata=UNDATED.get(form, {}))
    return buffer.getvalue()
