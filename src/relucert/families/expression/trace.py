"""A loss from a Python function: it is run once, on symbols."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from relucert.base.errors import InputError
from relucert.families.expression.arrays import Symbols, symbol_in
from relucert.families.expression.exact_values import Exact
from relucert.families.expression.graph import Graph
from relucert.families.expression.symbol import Symbol, Tape

Shape = tuple[int, ...]
Program = Callable[..., Any]


def shapes_of(shape: Any) -> tuple[Shape, ...]:
    """Of one array (an integer, or a tuple of them) or of several (a list of shapes). Raises InputError."""
    given = shape if isinstance(shape, list) else [shape]
    found = tuple((x,) if isinstance(x, int) else x for x in given)
    for x in found:
        if not (isinstance(x, tuple) and all(type(n) is int and n >= 1 for n in x)):
            raise InputError(
                f"shape: {x!r} is not one; give an integer, a tuple such as (2, 3), or a list of them"
            )
    if not found:
        raise InputError("shape: no array; the loss needs a parameter")
    return found


def trace(
    f: Program,
    shapes: Sequence[Shape],
    data: Any = None,
    mean: bool = True,
    regulariser: Program | None = None,
    constraints: Program | None = None,
) -> Graph:
    """The graph of f(*arrays), of the given shapes; with data, of its mean or sum over the rows, f(*arrays, row).

    regulariser(*arrays) is added once; constraints(*arrays) gives numbers that are to be 0.
    """
    tape, exact = Tape(), Exact()
    arrays, count = [], 0
    for shape in shapes:
        size = math.prod(shape)
        arrays.append(_array(tape, "param", range(count, count + size), shape))
        count += size
    rows = None if data is None else exact_table(data, exact)
    more = [] if rows is None else [_array(tape, "input", range(len(rows[0])), (len(rows[0]),))]
    output = _number(tape, f(*arrays, *more), "the function")
    decay = None if regulariser is None else _number(tape, regulariser(*arrays), "the regulariser")
    if decay is not None and rows is None:
        output, decay = output + decay, None
    found = [] if constraints is None else list(np.atleast_1d(np.asarray(constraints(*arrays), dtype=object)))
    roots = [_number(tape, x, f"constraint {i}").index for i, x in enumerate(found)]
    graph = tape.graph(
        output.index, count, data=rows, scale=Fraction(1, len(rows)) if rows is not None and mean else Fraction(1),
        regulariser=None if decay is None else decay.index, constraints=roots,
    )  # fmt: skip
    exact.inexact += tape.exact.inexact
    exact.warn()
    return graph


def exact_table(data: Any, exact: Exact, what: str = "data") -> list[list[Fraction]]:
    """A table of numbers by their exact values. Raises InputError."""
    table = np.asarray(data, dtype=object)
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2 or 0 in table.shape:
        raise InputError(f"{what} must be a table with a row for each sample; found the shape {table.shape}")
    return [
        [exact(x, f"{what}, row {i}, entry {j}") for j, x in enumerate(row)] for i, row in enumerate(table)
    ]


def _array(tape: Tape, leaf: str, numbers: range, shape: Shape) -> Any:
    found = np.empty(len(numbers), dtype=object)
    for i, number in enumerate(numbers):
        found[i] = Symbol(tape, tape.add(leaf, number))
    return found.reshape(shape).view(Symbols)


def _number(tape: Tape, value: Any, what: str) -> Symbol:
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    if not isinstance(value, Symbol):
        if symbol_in([value]) is not None:
            raise InputError(
                f"{what} returned an array of shape {np.shape(value)}; return one number, such as its sum"
            )
        raise InputError(
            f"{what} returned {str(value)[:40]}, which does not depend on its arguments; return the loss"
        )
    return tape.of(value)
