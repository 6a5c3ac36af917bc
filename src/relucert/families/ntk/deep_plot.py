"""What was proved of a run of a deep network, against steps, by matplotlib (the extra "plot")."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from relucert.base import store
from relucert.families.ntk.deep_prove import DeepResult
from relucert.families.ntk.shallow_plot import FURTHER, OURS, TRUE, UNDATED
from relucert.kernel.ntk.shallow import ToZeroLoss


def draw(result: DeepResult, path: Path) -> None:
    """The loss; the smallest eigenvalue of J J^T; |y - u| beside what Lemma 14.J asks; the distance from the start."""
    import matplotlib
    from matplotlib.figure import Figure

    samples = result.samples
    steps = [x.step for x in samples]
    ends = [(x.step, x.end) for x in samples if x.end is not None]
    times = [t for t, _ in ends]
    least = [float(e.least) for _, e in ends]
    figure = Figure(figsize=(7.2, 10.0), layout="constrained")
    loss, smallest, asked, moved = figure.subplots(4, 1, sharex=True)
    loss.semilogy(steps, [float(x.error) ** 2 / 2 for x in samples], color=TRUE, label="loss")
    smallest.plot(times, np.square(least), color=TRUE, label="smallest eigenvalue of J J^T, lower bound")
    asked.semilogy(steps, [float(x.error) for x in samples], color=TRUE, label="|y - u|")
    best = [s * s / (4 * float(e.bend)) for s, (_, e) in zip(least, ends, strict=True)]
    asked.semilogy(
        times, best, color=OURS, ls="--", label="s_0^2/(4 Lam), what the theorem asks but for the step"
    )
    moved.plot(
        steps, [float(x.moved) for x in samples], color=TRUE, label="distance of all weights from the start"
    )
    if isinstance(result.outcome, ToZeroLoss):
        of, last = result.outcome.bounds, result.steps
        after = np.arange(last, last + FURTHER + 1)
        shrinks = (1 - float(of.rate)) ** (2.0 * (after - last))
        loss.semilogy(after, float(of.loss) * shrinks, color=OURS, label="proved bound")
        far = float(samples[-1].moved) + float(of.travel)
        moved.hlines(far, last, int(after[-1]), color=OURS, label="proved bound, for ever")
    for axes, name in ((loss, "loss"), (smallest, "eigenvalue"), (asked, "error"), (moved, "distance")):
        axes.axvline(result.steps, color="0.7", lw=0.7, zorder=0)
        axes.set_ylabel(name)
        axes.legend(fontsize=8, loc="lower right" if axes is moved else "best")
    moved.set_xlabel(f"steps of {float(result.training.step):.3g}; the theorem is applied at the grey line")
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):
        form = path.suffix[1:]
        figure.savefig(buffer, format=form, dpi=160, metadata=UNDATED.get(form))
    store.write(path, buffer.getvalue())
