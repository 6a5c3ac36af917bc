"""Ge, Lee & Ma's Figures 1 to 3 in population form: runs, curves, pictures by matplotlib (the extra "plot")."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from relucert.base import store
from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.families.landscape import dynamics
from relucert.families.landscape.dynamics import Curve, Loss
from relucert.families.landscape.problem import check_mu_lambda

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "png", "pdf")
UNDATED: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
POINTS = 400  # of a curve
FLOOR, CEILING = 1e-16, 1e3  # of the axis of the test loss, the same for all three
MOST_ROWS, MOST_STEPS = 200, 10**6
DESIGNED = "G"
HEAD = ("figure", "objective", "seed", "step", "test_loss", "error")


@dataclass(frozen=True)
class Series:
    """The runs of one figure: fixed step `eta`; start: rows uniform on the unit sphere, a = 1."""

    figure: int
    name: str
    words: str
    loss: Loss
    eta: Fraction
    steps: int
    unit: bool

    @property
    def file(self) -> str:
        return f"figure-{self.figure}"


@dataclass(frozen=True)
class Run:
    """A run in doubles and, for G, what is proved about the run from the same start: a digest of a certificate."""

    series: Series
    seed: int
    curve: Curve
    certificate: str | None

    @property
    def proved(self) -> str:
        return "not proved" if self.certificate is None else "proved: converges to a global minimum"


def series(d: int, mu: Fraction, lam: Fraction, steps: int | None) -> tuple[Series, ...]:
    """The three. The paper prints no steps: these are our choice. Raises InputError for what has no picture."""
    check_mu_lambda(mu, lam)
    if not 2 <= d <= MOST_ROWS:
        raise InputError(f"--d {d}: expected 2 to {MOST_ROWS}")
    if steps is not None and not 1 <= steps <= MOST_STEPS:
        raise InputError(f"--steps {steps}: expected 1 to {MOST_STEPS}")
    if mu > 12 or float(lam) <= float(mu) * dynamics.HALF_WEIGHT / 12:
        raise InputError(
            f"mu = {mu}, lambda = {lam}: the minimum of G, from which the test loss is measured, is known for "
            "mu < 12 and lambda > mu/(24 sqrt(2 pi))"
        )
    return (
        Series(1, "l2", "the ReLU network's l2 loss", dynamics.relu, Fraction(2, d), steps or 12_000, False),
        Series(2, "f'", "f', rows of norm 1, a trained", dynamics.mixture, Fraction(1, 200), steps or 1_500, True),
        Series(3, DESIGNED, f"G above its minimum, mu = {mu}, lambda = {lam}",
               dynamics.designed(float(mu), float(lam)), Fraction(1, 20), steps or 1_500, False),
    )  # fmt: skip


def curve(kind: Series, rows: Rows) -> Curve:
    """One run in doubles, from these d rows of d and a = 1."""
    start = np.array([[to_float(x) for x in row] for row in rows])
    every = max(1, kind.steps // POINTS)
    return dynamics.descend(
        kind.loss, (start, np.ones(len(rows))), float(kind.eta), kind.steps, every, unit=kind.unit
    )


def record(run: Run) -> dict[str, object]:
    """Where a run ends, as JSON values."""
    return {
        "figure": run.series.figure,
        "objective": run.series.name,
        "seed": run.seed,
        "eta": str(run.series.eta),
        "steps": run.series.steps,
        "test_loss": _finite(run.curve.losses[-1]),
        "error": _finite(run.curve.errors[-1]),
        "end": run.proved,
        "certificate": run.certificate,
    }


def _finite(value: float) -> float | None:
    """JSON has no infinities: None for a run that diverges."""
    return value if math.isfinite(value) else None


def to_csv(runs: Sequence[Run]) -> bytes:
    """All curves, a line for each point."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(HEAD)
    for run in runs:
        head = run.series.figure, run.series.name, run.seed
        lines.writerows((*head, *point) for point in _points(run.curve))
    return text.getvalue().encode()


def _points(curve: Curve) -> Iterator[tuple[int, str, str]]:
    for step, loss, wrong in zip(curve.steps, curve.losses, curve.errors, strict=True):
        yield step, f"{loss:.6g}", f"{wrong:.6g}"


def check(form: str) -> None:
    """Raises InputError for a format that is not known, ModuleNotFoundError without matplotlib."""
    if form not in FORMATS:
        raise InputError(f"--format {form}: a picture is one of {', '.join(FORMATS)}")
    import matplotlib.figure  # noqa: F401


def picture(runs: Sequence[Run], form: str) -> bytes:
    """Test loss on the left, error of (6.1) on the right; a colour for each seed."""
    from matplotlib.figure import Figure

    kind = runs[0].series
    figure = Figure(figsize=(8.4, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for i, run in enumerate(runs):
        look: dict[str, Any] = {"color": f"C{i % 10}", "lw": 1, "label": f"seed {run.seed}"}
        left.plot(run.curve.steps, [x if x >= FLOOR else math.nan for x in run.curve.losses], **look)
        right.plot(run.curve.steps, run.curve.errors, **look)
    left.set_yscale("log")
    left.set_ylim(FLOOR, CEILING)
    left.set_ylabel("test loss")
    right.set_ylim(-0.02, 1.02)
    right.set_ylabel("error e(Q) of the rows")
    right.legend(fontsize=7)
    for axes in (left, right):
        axes.set_xlabel(f"step of gradient descent, eta = {kind.eta}")
    proved = sum(run.certificate is not None for run in runs)
    ends = f"{proved} of {len(runs)} ends proved" if proved else "ends not proved"
    figure.suptitle(f"Figure {kind.figure}, population form: {kind.words}; {ends}", fontsize=9)
    return _rendered(figure, form)


def _rendered(figure: Figure, form: str) -> bytes:
    """The same bytes each time."""
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):
        figure.savefig(buffer, format=form, dpi=150, metadata=UNDATED.get(form, {}))
    return buffer.getvalue()


def write(runs: Sequence[Run], directory: Path, form: str) -> list[Path]:
    """A picture for each figure, and figures.csv; returns the paths."""
    kinds = list(dict.fromkeys(run.series for run in runs))
    written = []
    for kind in kinds:
        written.append(directory / f"{kind.file}.{form}")
        store.write(written[-1], picture([run for run in runs if run.series is kind], form))
    written.append(directory / "figures.csv")
    store.write(written[-1], to_csv(runs))
    return written
