"""A point of the network from a program: an array, a tensor or a nested list, and its layout."""

from __future__ import annotations

from typing import Any

import numpy as np

from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows, check_rows, exact_rows
from relucert.base.given import table
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.points import COLUMNS, ROWS
from relucert.families.teacher.problem import Problem

NAMES = {"rows": ROWS, "columns": COLUMNS, ROWS: ROWS, COLUMNS: COLUMNS}
ORTHONORMAL = "orthonormal"


def candidate(point: Any, layout: str | None = None, targets: Any = None) -> Candidate:
    """The point whose neurons are the rows, or the columns, of a table of numbers.

    layout: "rows" or "columns", of the targets too; where it is not said, targets (a row each) may tell. targets: a
    table, or "orthonormal": e_1 .. e_d (the default, if n >= d). Raises InputError.
    """
    if layout is not None and layout not in NAMES:
        raise InputError(f"layout={layout!r}: expected 'rows' or 'columns'")
    given = exact_rows(table(point, "point"), "row")
    fixed = _targets(targets, layout)
    ways = {"rows": given, "columns": _transposed(given)}
    if layout is None:
        d = len(fixed[0]) if isinstance(fixed, tuple) else None
        fits = [name for name, rows in ways.items() if len(rows[0]) == d]
        if len(fits) != 1:
            raise InputError(_undecided(ways, fixed))
        layout = fits[0]
    return _candidate(ways["columns" if NAMES[layout] == COLUMNS else "rows"], fixed)


def _targets(targets: Any, layout: str | None) -> Rows | str | None:
    if targets is None or (isinstance(targets, str) and targets == ORTHONORMAL):
        return targets
    if isinstance(targets, str):
        raise InputError(f"targets={targets!r}: expected a table of numbers, or {ORTHONORMAL!r}")
    found = exact_rows(table(targets, "targets"), "row of the targets")
    if layout is not None and NAMES[layout] == COLUMNS:
        found = _transposed(found)
    check_rows(found, "target")
    return found


def _transposed(rows: Rows) -> Rows:
    return tuple(zip(*rows, strict=True))


def _candidate(rows: Rows, targets: Rows | str | None) -> Candidate:
    if isinstance(targets, str):
        return Candidate.from_rows(rows, Problem.orthonormal(len(rows[0]), len(rows)))
    if targets is None and len(rows) < len(rows[0]):
        raise InputError(
            f"{len(rows)} neurons in R^{len(rows[0])}, and no targets: give targets=.., or targets={ORTHONORMAL!r} "
            "for e_1 .. e_d; if the neurons are the columns, layout='columns'"
        )
    return Candidate.from_rows(rows, None if targets is None else Problem(targets, len(rows)))


def _undecided(ways: dict[str, Rows], targets: Rows | str | None) -> str:
    """What the gradient is in each layout, for people: the right one is small at a converged point."""
    shape = len(ways["rows"]), len(ways["columns"])
    found = "; ".join(f"as {name} {_gradient(rows, targets)}" for name, rows in ways.items())
    return (
        f"the shape {shape} does not tell whether neurons are rows or columns ({found}); "
        "say layout='rows' or layout='columns'"
    )


def _gradient(rows: Rows, targets: Rows | str | None) -> str:
    """The norm of the gradient in floating point, or why there is none."""
    from relucert.families.teacher.search.descent import loss_and_gradient

    try:
        of = _candidate(rows, targets)
    except InputError as error:
        return str(error)
    w, v = (np.array([[to_float(x) for x in row] for row in part]) for part in (of.point, of.problem.targets))
    return f"the gradient norm is {np.linalg.norm(loss_and_gradient(w, v)[1]):.2g}"
