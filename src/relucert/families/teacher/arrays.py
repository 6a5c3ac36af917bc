"""A point of the network from a program: an array, a tensor or a nested list, and its layout."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from numbers import Real
from typing import Any

from relucert.base.errors import InputError
from relucert.base.exact import Rows, check_rows, exact_rows
from relucert.base.given import table
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.layout import COLUMNS, LAYOUTS, ROWS, fitting, undecided
from relucert.families.teacher.network import Signs, Slope
from relucert.families.teacher.problem import Problem

NAMES = {"rows": ROWS, "columns": COLUMNS, ROWS: ROWS, COLUMNS: COLUMNS}
OPTIONS = {ROWS: "layout='rows'", COLUMNS: "layout='columns'"}
ORTHONORMAL = "orthonormal"
Make = Callable[[Rows], Candidate]


def candidate(
    point: Any,
    layout: str | None = None,
    targets: Any = None,
    *,
    witness: Any = None,
    signs: Signs | None = None,
    teacher_signs: Signs | None = None,
    slope: Slope | None = None,
) -> Candidate:
    """The point whose neurons are the rows, or the columns, of a table of numbers.

    layout: "rows" or "columns", of the targets and the witness too; where it is not said, targets (a row each) may
    tell. targets: a table, or "orthonormal": e_1 .. e_d (the default, if n >= d). The other options are those of
    `families.teacher.verify.verify`. Raises InputError.
    """
    if layout is not None and layout not in NAMES:
        raise InputError(f"layout={layout!r}: expected 'rows' or 'columns'")
    if getattr(point, "ndim", 2) == 1 or (
        isinstance(point, list | tuple) and any(isinstance(x, Real) for x in point)
    ):
        raise InputError(
            "say which loss the point is of: verify(point, loss); or give neurons as a table (n, d)"
        )
    rows = exact_rows(table(point, "point"), "row")
    fixed = _targets(targets, layout)
    network = {"signs": signs, "teacher_signs": teacher_signs, "slope": slope}
    make = partial(_candidate, fixed, network)
    if layout is None:
        shape = (len(rows), len(rows[0]))
        layout = fitting(shape, len(fixed[0]) if isinstance(fixed, tuple) else None)
        if layout is None:
            made = {name: partial(make, _laid_out(rows, name)) for name in LAYOUTS}
            raise InputError(undecided(shape, made, OPTIONS))
    found = make(_laid_out(rows, layout))
    if witness is None:
        return found
    return found.with_witness(_laid_out(exact_rows(table(witness, "witness"), "row of the witness"), layout))


def _laid_out(rows: Rows, layout: str | None) -> Rows:
    """Neurons in rows."""
    return tuple(zip(*rows, strict=True)) if layout is not None and NAMES[layout] == COLUMNS else rows


def _targets(targets: Any, layout: str | None) -> Rows | str | None:
    if targets is None or (isinstance(targets, str) and targets == ORTHONORMAL):
        return targets
    if isinstance(targets, str):
        raise InputError(f"targets={targets!r}: expected a table of numbers, or {ORTHONORMAL!r}")
    found = _laid_out(exact_rows(table(targets, "targets"), "row of the targets"), layout)
    check_rows(found, "target")
    return found


def _candidate(targets: Rows | str | None, network: dict[str, Any], rows: Rows) -> Candidate:
    n, d = len(rows), len(rows[0])
    if targets is None and n < d:
        raise InputError(
            f"{n} neurons in R^{d}, and no targets: give targets=.., or targets={ORTHONORMAL!r} for e_1 .. e_d; if the "
            "neurons are the columns, layout='columns'"
        )
    problem = Problem(targets, n) if isinstance(targets, tuple) else Problem.orthonormal(d, n)
    return Candidate.from_rows(rows, problem).with_network(**network)
