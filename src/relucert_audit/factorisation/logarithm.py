"""Natural logarithms of positive rationals, enclosed."""

from fractions import Fraction

from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import interval as ivl
from relucert_audit.interval import Interval, dyadic, enclosure


def log(x: Fraction) -> Interval:
    """ln x = k ln 2 + ln m, m in (1/2, 2), and ln m = 2 artanh((m - 1)/(m + 1))."""
    k = x.numerator.bit_length() - x.denominator.bit_length()
    m = x / Fraction(2) ** k
    return k * 2 * artanh(Fraction(1, 3)) + 2 * artanh((m - 1) / (m + 1))


def artanh(z: Fraction) -> Interval:
    """z + z^3/3 + z^5/5 + .., for |z| <= 1/3: what follows a term is below an eighth of it in size."""
    x = ivl.rational(z)
    total, power, n = dyadic(0, 0), x, 1
    while n <= iv.prec:  # |z|^n < |z| 3^(1 - n)
        total, power, n = total + power / n, power * x * x, n + 2
    return total + power / n * enclosure(0, 9, 0) / 8
