"""A family against k: smallest eigenvalues and the loss, on logarithmic scales."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from relucert.families.teacher.symmetric.family import Pattern, Row

CURVES: dict[str, tuple[str, Callable[[Row], float]]] = {
    "smallest eigenvalue of the Hessian": ("o", lambda row: float(row.lambda_min)),
    "smallest eigenvalue in dimensions beyond k": ("s", lambda row: float(row.lambda_min_outside or "nan")),
    "loss times k": ("^", lambda row: int(row.k) * float(row.objective_high)),
}


def draw(pattern: Pattern, rows: Sequence[Row], form: str) -> bytes:
    """The picture as "svg" or "png"; a negative eigenvalue is drawn by its size, with an empty mark.

    Needs matplotlib.
    """
    import matplotlib
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.5), layout="constrained")
    axes = figure.subplots()
    decided = [row for row in rows if row.decided]
    ks = [int(row.k) for row in decided]
    size = 3.0 if len(ks) < 100 else 1.5
    for name, (mark, value) in CURVES.items():
        values = [value(row) for row in decided]
        for sign, fill in ((1, "full"), (-1, "none")):
            chosen = [(k, sign * x) for k, x in zip(ks, values, strict=True) if sign * x > 0]
            if chosen:
                colour = f"C{list(CURVES).index(name)}"
                label = name if sign > 0 else f"minus the {name}"
                x, y = ([pair[i] for pair in chosen] for i in (0, 1))
                axes.plot(x, y, mark, color=colour, label=label, fillstyle=fill, markersize=size)
    axes.set(xscale="log", yscale="log", xlabel="k", title=f"critical points with classes {pattern}")
    if decided:
        axes.legend(fontsize="small")
    axes.grid(visible=True, which="major", alpha=0.3)
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "relucert"}):  # the same bytes each time
        figure.savefig(buffer, format=form, dpi=160, metadata={"Date": None} if form == "svg" else None)
    return buffer.getvalue()
