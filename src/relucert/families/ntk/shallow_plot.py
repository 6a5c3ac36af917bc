"""Loss, smallest eigenvalue of H and movement against steps, in floating point, beside what is proved and beside the
bounds of Du's thesis, by matplotlib (the extra "plot")."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np

from relucert.base import store
from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.families.ntk.shallow_prove import Result, default_step
from relucert.families.ntk.shallow_search import Array, gram
from relucert.kernel.ntk.shallow import ToZeroLoss
from relucert.kernel.ntk.shallow_run import Net

FORMATS = (".png", ".svg", ".pdf")
UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # the same bytes each time
FURTHER = 75  # steps beyond those that were enclosed
OURS, TRUE, THESIS = "#1b6ca8", "black", "#c0392b"


class Curves(NamedTuple):
    """For t = 0, 1, ..: the loss, lambda_min(H), the largest movement of a neuron."""

    loss: Array
    smallest: Array
    moved: Array


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


def curves(net: Net, eta: float, steps: int) -> Curves:
    """Descent in floating point, in Z and V (docs/theorem/ntk.md, Theorem 14.N)."""
    k, signs = gram(net), np.array(net.signs, dtype=np.float64)[:, None]
    y = np.array([to_float(v) for v in net.labels])
    z = np.ldexp(np.array([float(v) for v in net.inner.entries.entries()]), net.inner.exponent)
    z = z.reshape(net.m, net.n)
    v, found = np.zeros_like(z), []
    for _ in range(steps + 1):
        active = (z > 0).astype(np.float64)
        error = y - (signs * np.maximum(z, 0)).sum(axis=0) / np.sqrt(net.m)
        smallest = np.linalg.eigvalsh(k * (active.T @ active) / net.m)[0]
        moved = np.sqrt(np.maximum((v @ k * v).sum(axis=1), 0).max())
        found.append((error @ error / 2, smallest, moved))
        move = eta / np.sqrt(net.m) * signs * active * error
        z, v = z + move @ k, v + move
    return Curves(*np.array(found).T)


def infinite(k: Array) -> float:
    """The smallest eigenvalue of H^inf for rows of any length."""
    size = np.sqrt(np.diagonal(k))
    cosine = k / np.outer(size, size)
    angle = 2 * np.arctan2(np.sqrt(np.abs(1 - cosine)), np.sqrt(np.abs(1 + cosine)))
    return float(np.linalg.eigvalsh(k * (np.pi - angle) / (2 * np.pi))[0])


def draw(result: Result, net: Net, path: Path) -> None:
    """Three pictures over one another. For flow, steps of the default length stand for it."""
    import matplotlib
    from matplotlib.figure import Figure

    k, training = gram(net), result.training
    eta = float(default_step(net) if training.step is None else training.step)
    at = Curves(*curves(net, eta, result.steps + FURTHER))
    time, least = np.arange(len(at.loss)), infinite(k)
    figure = Figure(figsize=(7.2, 8.4), layout="constrained")
    loss, smallest, moved = figure.subplots(3, 1, sharex=True)
    loss.semilogy(time, at.loss, color=TRUE, label="loss (floating point)")
    loss.semilogy(
        time, at.loss[0] * (1 - eta * least / 2) ** time, color=THESIS, ls="--",
        label="thesis, if m were as large as it asks",
    )  # fmt: skip
    smallest.plot(time, at.smallest, color=TRUE, label="smallest eigenvalue of H")
    smallest.axhline(least / 2, color=THESIS, ls="--", label="thesis: half of that for infinite width")
    moved.semilogy(time[1:], at.moved[1:], color=TRUE, label="largest movement of a neuron (floating point)")
    radius = 4 * np.sqrt(net.n * 2 * at.loss[0] / net.m) / least if least > 0 else np.inf
    if np.isfinite(radius):
        moved.axhline(radius, color=THESIS, ls="--", label="thesis")
    if isinstance(result.outcome, ToZeroLoss):
        of, after = result.outcome.bounds, time >= result.steps
        rate = float(of.rate) * (eta if training.step is None else 1)
        shrinks = (
            np.exp(-2 * rate * time) if training.step is None else (1 - rate) ** (2.0 * (time - result.steps))
        )
        loss.semilogy(time[after], float(of.loss) * shrinks[after], color=OURS, label="proved")
        smallest.hlines(rate / eta, result.steps, time[-1], color=OURS, label="proved rate/step")
        whole = float(of.travel) + (float(of.first_travel) if of.first_travel is not None else 0.0)
        moved.hlines(whole, result.steps, time[-1], color=OURS, label="proved")
    for axes, name in ((loss, "loss"), (smallest, "eigenvalue"), (moved, "|w_r(t) - w_r(0)|")):
        axes.axvline(result.steps, color="0.7", lw=0.7, zorder=0)
        axes.set_ylabel(name)
        axes.legend(fontsize=8)
    moved.set_xlabel(f"steps of {eta:.3g}; the theorem is applied at the grey line")
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):
        form = path.suffix[1:]
        figure.savefig(buffer, format=form, dpi=160, metadata=UNDATED.get(form))
    store.write(path, buffer.getvalue())
