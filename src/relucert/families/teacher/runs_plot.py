"""A run, drawn: loss, gradient norm and radius of the enclosure against the step, by matplotlib (the extra "plot")."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

from relucert.base import store
from relucert.base.errors import InputError
from relucert.certificate.numbers import Json
from relucert.families.teacher.runs import Result

FORMATS = (".png", ".svg", ".pdf")
LINES = (
    ("loss", "black", "-"),
    ("gradient norm", "#2166ac", "-"),
    ("radius of the enclosure", "#b2182b", "--"),
)


def check(path: Path) -> None:
    """Raises InputError for a format that is not known, ModuleNotFoundError without matplotlib."""
    if path.suffix not in FORMATS:
        raise InputError(f"{path}: a plot is one of {', '.join(FORMATS)}")
    import matplotlib.figure  # noqa: F401


def plot(result: Result, minimum: Json | None, path: Path) -> None:
    """All on one logarithmic axis. The values are drawn, not claimed."""
    import matplotlib
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    steps = [row[0] for row in result.curve]
    for column, (label, color, style) in enumerate(LINES, 1):
        values = [row[column] if row[column] > 0 else math.nan for row in result.curve]
        axes.plot(steps, values, color=color, linestyle=style, label=label)
    axes.set_yscale("log")
    axes.set_xlabel("step")
    run = result.run or {}
    end = (
        "below the floor" if minimum is None else f"in the basin of a {minimum['verdict'].replace('-', ' ')}"
    )
    axes.axvline(run.get("steps", steps[-1]), color="gray", linestyle=":", label=end)
    axes.legend(loc="best", fontsize="small")
    buffer = io.BytesIO()
    metadata: dict[str, Any] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):  # the same bytes each time
        figure.savefig(buffer, format=path.suffix[1:], dpi=150, metadata=metadata)
    store.write(path, buffer.getvalue())
