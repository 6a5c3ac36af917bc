"""Rows of exact dyadics from numbers as people have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral

from relucert.base.dyadic import Dyadic, canonical, to_float
from relucert.base.errors import InputError
from relucert.base.visible import shown

Rows = tuple[tuple[Dyadic, ...], ...]

LARGEST = 2**14  # bits of a mantissa, and size of an exponent: far beyond any use


def exact_rows(rows: Iterable[Iterable[object]], what: str) -> Rows:
    """Rows of exact dyadics. `what` names a row in errors: 'neuron' or 'target'."""
    return tuple(
        tuple(_exact(x, f"{what} {i}, coordinate {j}") for j, x in enumerate(row))
        for i, row in enumerate(rows)
    )


def unit_of(*points: Sequence[Sequence[Dyadic]]) -> int:
    """The largest e such that an entry is 2**e or more in size. Raises ValueError if all are 0."""
    return max(e + m.bit_length() for rows in points for row in rows for m, e in row if m) - 1


def floats_in(rows: Sequence[Sequence[Dyadic]], unit: int) -> list[list[float]]:
    """Rows of doubles in units of 2**unit (see `unit_of`), so that guesses do not depend on the scale."""
    return [[to_float((m, e - unit)) for m, e in row] for row in rows]


def _exact(value: object, where: str) -> Dyadic:
    if isinstance(value, tuple | list):
        if len(value) == 2 and all(isinstance(x, int) and not isinstance(x, bool) for x in value):
            return _limited(value[0], value[1], where)
        raise InputError(f"{where}: expected a number or a pair of integers (m, e) meaning m * 2**e")
    if isinstance(value, str | bytes):
        raise InputError(f"{where}: {shown(value)} is not a number")
    if getattr(value, "shape", None) == ():  # a scalar of NumPy, or an array without dimensions
        value = value[()]  # type: ignore[index]
    if isinstance(value, bool):
        raise InputError(f"{where}: {shown(value)} is not a number")
    if isinstance(value, Integral):
        try:
            integer = int(value)
        except (TypeError, ValueError) as error:  # a time is an integer for NumPy
            raise InputError(f"{where}: {shown(value)} is not a number") from error
        return _limited(integer, 0, where)
    ratio = getattr(value, "as_integer_ratio", None)  # floats of every width, fractions, decimals
    if ratio is None:
        raise InputError(f"{where}: {shown(value)} is not a real number")
    try:
        numerator, denominator = ratio()
    except (ValueError, OverflowError) as error:
        raise InputError(f"{where}: {shown(value)} is not a finite number") from error
    if denominator & (denominator - 1):
        raise InputError(
            f"{where}: {shown(value)} is not an integer times a power of 2; give the double that you mean, float(..)"
        )
    return _limited(int(numerator), 1 - int(denominator).bit_length(), where)


def _limited(mantissa: int, exponent: int, where: str) -> Dyadic:
    if mantissa.bit_length() > LARGEST or abs(exponent) > LARGEST:
        raise InputError(f"{where}: more than {LARGEST} bits, or an exponent beyond +-{LARGEST}")
    return canonical(mantissa, exponent)


def check_rows(rows: Sequence[Sequence[Dyadic]], what: str) -> None:
    """At least one row, all of the same length, none of them 0 (the loss is not differentiable there)."""
    if not rows or not rows[0]:
        raise InputError(f"expected at least one {what} with at least one coordinate")
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise InputError(f"{what} {i} has {len(row)} coordinates, {what} 0 has {len(rows[0])}")
        if not any(m for m, _ in row):
            raise InputError(f"{what} {i} is at the origin: the loss is not differentiable there")
