"""Arrays of symbols: NumPy's functions, entry by entry.

NumPy asks an operand's __array_ufunc__ what a function of it is; the answers are in UFUNCS. Shapes, slices and
broadcasting are NumPy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special

from relucert.families.expression.exact_values import Exact
from relucert.families.expression.symbol import Symbol, Tape, is_number, refused, user_line

Operation = Callable[..., Any]


def node(operation: str) -> Operation:
    """The operation as a function of a symbol."""
    return lambda x: x.of(operation)


def maximum(a: Any, b: Any) -> Any:
    """Of two entries, one of which is a symbol."""
    if is_number(a, 0) or is_number(b, 0):
        return (b if is_number(a, 0) else a).of("relu")
    return a.of("max", b) if isinstance(a, Symbol) else b.tape.of(a).of("max", b)


def log_of_sum(a: Any, b: Any) -> Any:
    """log(e^a + e^b), with softplus."""
    if is_number(b, 0):
        return a.of("softplus")
    return a + (b - a).of("softplus")


UFUNCS: dict[Any, Operation] = {
    np.add: lambda a, b: a + b,
    np.subtract: lambda a, b: a - b,
    np.multiply: lambda a, b: a * b,
    np.true_divide: lambda a, b: a / b,
    np.power: lambda a, b: a**b,
    np.negative: lambda a: -a,
    np.positive: lambda a: a,
    np.absolute: abs,
    np.square: lambda a: a * a,
    np.reciprocal: lambda a: 1 / a,
    np.sqrt: node("sqrt"),
    np.exp: node("exp"),
    np.log: node("log"),
    np.sin: node("sin"),
    np.cos: node("cos"),
    np.arcsin: node("asin"),
    np.arctan: node("atan"),
    np.tanh: node("tanh"),
    np.maximum: maximum,
    np.minimum: lambda a, b: -maximum(-a, -b),
    np.logaddexp: log_of_sum,
    special.erf: node("erf"),
    special.expit: node("sigmoid"),
}
COMPARISONS = {np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal}
KNOWN = ", ".join(sorted({x.__name__ for x in UFUNCS} | {"matmul", "sum", "dot"}))


class Symbols(np.ndarray[Any, Any]):
    """An array of symbols and numbers."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return apply(ufunc, method, inputs, options)

    def dot(self, other: Any) -> Any:  # type: ignore[override]
        return product(self, other)

    def __array_function__(self, function: Any, types: Any, given: Any, options: Any) -> Any:
        if function in (np.dot, np.vdot, np.inner) and not options and all(np.ndim(x) == 1 for x in given):
            return product(*given)
        return super().__array_function__(function, types, given, options)


def plain(value: Any) -> Any:
    """As an ordinary array of objects."""
    return np.asarray(value, dtype=object).view(np.ndarray)


def wrapped(value: Any) -> Any:
    """An array of objects as Symbols; one without dimensions as its entry."""
    if not isinstance(value, np.ndarray):
        return value
    return value.view(Symbols) if value.ndim else value[()]


def symbol_in(values: Iterable[Any]) -> Symbol | None:
    """The first symbol among arrays."""
    return next((x for value in values for x in plain(value).flat if isinstance(x, Symbol)), None)


def apply(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """A function of NumPy, of which an input is a symbol or an array of them. Raises InputError."""
    given = {name for name, value in options.items() if not _default(name, value)}
    first = symbol_in(inputs)
    if ufunc in COMPARISONS:
        raise refused(
            f"{ufunc.__name__} of {first!r}, which has no value yet: a loss has no branches; use relu, abs or maximum "
            "(relucert.functions)"
        )
    if method == "__call__" and not given - {"out"}:
        found = product(*inputs) if ufunc is np.matmul else _entrywise(ufunc, inputs, first)
    elif method == "reduce" and not given - {"out", "axis", "keepdims"}:
        found = _reduced(ufunc, plain(inputs[0]), options.get("axis", 0), bool(options.get("keepdims")))
    else:
        raise refused(
            f"{ufunc.__name__}.{method} of {first!r}, with {sorted(given)}, is not known; known: {KNOWN}"
        )
    return _into(options["out"], found) if "out" in given else found


def _default(name: str, value: Any) -> bool:
    """Whether an option is not given, or has nothing to say to symbols."""
    unset = value is None or value is np._NoValue or (isinstance(value, tuple) and value[0] is None)
    return unset or (name == "where" and value is True) or name in ("dtype", "casting", "subok")


def _entrywise(ufunc: Any, inputs: Sequence[Any], first: Symbol | None) -> Any:
    known = UFUNCS.get(ufunc)
    if known is None:
        raise refused(f"{ufunc.__name__} of {first!r} is not among the operations of a loss; known: {KNOWN}")

    def one(*entries: Any) -> Any:
        entries = tuple(x.item() if isinstance(x, np.generic) else x for x in entries)
        if first is not None and not any(isinstance(x, Symbol) for x in entries):
            entries = tuple(first.tape.of(x) for x in entries)  # exact from here on
        return known(*entries)

    return wrapped(np.frompyfunc(one, len(inputs), 1)(*map(plain, inputs)))


def _reduced(ufunc: Any, table: Any, axis: Any, keepdims: bool) -> Any:
    """Along an axis, some axes, or all (None)."""
    if ufunc not in (np.add, np.multiply, np.maximum, np.minimum):
        raise refused(f"{ufunc.__name__}.reduce of symbols is not known; known: {KNOWN}")
    axes = set(range(table.ndim)) if axis is None else {int(i) % table.ndim for i in np.atleast_1d(axis)}
    kept = [i for i in range(table.ndim) if i not in axes]
    rows = table.transpose(*kept, *sorted(axes)).reshape(
        int(np.prod([table.shape[i] for i in kept], dtype=int)), -1
    )
    found = np.empty(len(rows), dtype=object)
    for i, row in enumerate(rows):
        found[i] = total(row) if ufunc is np.add else _folded(ufunc, row)
    shape = (
        [1 if i in axes else n for i, n in enumerate(table.shape)]
        if keepdims
        else [table.shape[i] for i in kept]
    )
    return wrapped(found.reshape(shape))


def _folded(ufunc: Any, row: Sequence[Any]) -> Any:
    if not len(row):
        raise refused(f"{ufunc.__name__} of no entries")
    found, first = row[0], symbol_in([row])
    for x in row[1:]:
        found = _entrywise(ufunc, (found, x), first)
    return found


def total(row: Sequence[Any]) -> Any:
    """The sum of entries, as one node."""
    first = symbol_in([row])
    if first is None:
        return sum((_fraction(x) for x in row), Fraction(0))
    tape = first.tape
    return Symbol(tape, tape.sum([tape.of(x).index for x in row if not is_number(x, 0)], user_line()))


def product(a: Any, b: Any) -> Any:
    """a @ b of vectors and matrices."""
    left, right = plain(a), plain(b)
    if not (1 <= left.ndim <= 2 and 1 <= right.ndim <= 2) or left.shape[-1] != right.shape[0]:
        raise refused(
            f"a product of the shapes {left.shape} and {right.shape}; expected vectors or matrices that fit"
        )
    rows = left if left.ndim == 2 else left[None]
    columns = right.T if right.ndim == 2 else right[None]
    found = np.empty((len(rows), len(columns)), dtype=object)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            found[i, j] = _inner(row, column)
    return wrapped(found.reshape(left.shape[:-1] + right.shape[1:]))


def _inner(left: Any, right: Any) -> Any:
    first = symbol_in([left, right])
    if first is None:
        return sum((_fraction(x) * _fraction(y) for x, y in zip(left, right, strict=True)), Fraction(0))
    pairs = [(x, y) for x, y in zip(left, right, strict=True) if not (is_number(x, 0) or is_number(y, 0))]
    tape: Tape = first.tape
    if len(pairs) == 1:
        return tape.of(pairs[0][0]) * pairs[0][1]
    sides = [[tape.of(x).index for x in side] for side in zip(*pairs, strict=True)]
    return Symbol(tape, tape.dot(sides[0], sides[1], user_line()) if sides else tape.sum([]))


def _fraction(value: Any) -> Fraction:
    return Exact()(value, user_line())


def _into(out: Any, found: Any) -> Any:
    target = out[0] if isinstance(out, tuple) else out
    if getattr(target, "dtype", None) != np.dtype(object):
        raise refused("symbols do not fit into an array of floats; write a = a + b in place of a += b")
    target[...] = found
    return target
