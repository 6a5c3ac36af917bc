"""What all methods read alike: rationals, matrices of dyadics as integers with one exponent, and starts."""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from relucert_audit import format as fmt
from relucert_audit.exact import Matrix
from relucert_audit.finding import Findings, refuted
from relucert_audit.format import NOT_CONFIRMED, Dyadic, Refusal, malformed, take
from relucert_audit.seeded import UNIT, weights

MOST_DIGITS, WIDEST = 300, 2048  # WIDEST: entries of runs are multiples of 2^-WIDEST below 2^WIDEST
SEED = {"seed": int, "scale": fmt.dyadic}


def limit(what: str) -> Refusal:
    return Refusal(NOT_CONFIRMED, 0, fmt.LIMIT, what)


def rational(value: Any, where: str) -> Fraction:
    """An integer or a fraction in lowest terms, both parts of at most 300 digits."""
    if isinstance(value, str) and len(value) > 2 * MOST_DIGITS + 2:
        raise malformed(f"{where} has a number of more than {MOST_DIGITS} digits")
    x = fmt.rational(value, where)
    if max(abs(x.numerator), x.denominator) >= 10**MOST_DIGITS:
        raise malformed(f"{where} has a number of more than {MOST_DIGITS} digits")
    return x


def positive(value: Any, where: str) -> Fraction:
    x = rational(value, where)
    if x <= 0:
        raise malformed(f"{where} is not positive")
    return x


def not_negative(value: Any, where: str) -> Fraction:
    x = rational(value, where)
    if x < 0:
        raise malformed(f"{where} is negative")
    return x


def count(value: Any, where: str) -> int:
    """An integer from 1 on."""
    n = take(value, int, where)
    if n < 1:
        raise malformed(f"{where} is not positive")
    return int(n)


class Dyadics(NamedTuple):  # mantissa 2^exponent, entry by entry
    mantissa: Matrix
    exponent: int

    def shifted(self, exponent: int) -> Matrix:
        """In units of 2^exponent, rounded down; exact if exponent is not above self.exponent."""
        shift = self.exponent - exponent
        return self.mantissa << shift if shift >= 0 else self.mantissa >> -shift

    def unit(self) -> int:
        """Of what the entries are multiples: the largest power 2^e, or 0 for a matrix of zeros."""
        union = 0
        for x in self.mantissa.flat:
            union |= abs(int(x))
        return self.exponent + (union & -union).bit_length() - 1 if union else 0


def matrix(rows: fmt.Rows, what: str) -> Dyadics:
    """At least one row and one entry, all rows of one length. Raises Refusal."""
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise malformed(f"{what} is not made of rows of one length")
    low = min((x.e for row in rows for x in row if x.m), default=0)
    most = max((x.m.bit_length() + x.e - low for row in rows for x in row if x.m), default=0)
    if most > 2 * WIDEST:
        raise limit(f"the bits that the entries of {what} span")
    entries = [[x.m << (x.e - low) if x.m else 0 for x in row] for row in rows]
    return Dyadics(np.array(entries, dtype=object), low)


def within(of: Dyadics, what: str) -> Dyadics:
    """The same. Raises Refusal unless all entries are multiples of 2^-2048 below 2^2048 in size."""
    size = max(abs(int(x)).bit_length() for x in of.mantissa.flat)
    if size and (of.exponent < -WIDEST or of.exponent + size > WIDEST):
        raise limit(f"an entry of {what} that is no multiple of 2^-{WIDEST} below 2^{WIDEST}")
    return of


def seeded(given: dict[str, Any], shapes: list[tuple[int, int]]) -> list[Dyadics]:
    """The matrices of a start by a seed, one after the other, row after row."""
    scale: Dyadic = given["scale"]
    if scale.m.bit_length() > WIDEST or abs(scale.e) > WIDEST:
        raise limit("the scale of a start")
    found, q = [], 0
    for height, width in shapes:
        entries = scale.m * weights(given["seed"], q, height * width).astype(object)
        found.append(within(Dyadics(entries.reshape(height, width), scale.e - UNIT), "start"))
        q += height * width
    return found


def above_zero(cert: Any, names: tuple[str, ...]) -> Findings:
    """These bounds are positive where they are present: step 1."""
    for name in names:
        if name in cert.bounds and cert.bounds[name].exact.m <= 0:
            yield refuted(1, name, "not positive")


def at_most_one(cert: Any, name: str) -> Findings:
    """Step 1."""
    if Dyadic(1, 0).lt(cert.bounds[name].exact):
        yield refuted(1, name, "above 1")
