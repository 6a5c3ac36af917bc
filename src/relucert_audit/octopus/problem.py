"""The function of docs/spec/octopus-v1.md and a step of gradient descent: how they are read and admitted.

In units of tau all depends on l = 2 eta L and h = 2 eta gamma alone. Coordinates are counted from 0."""

from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from mpmath import libmp  # type: ignore[import-untyped]

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.finding import Findings, TooWeak, refuted, weak
from relucert_audit.format import Refusal, malformed
from relucert_audit.interval import Interval, dyadic
from relucert_audit.octopus import logs

MOST_DIGITS, MOST_LONG, MOST = 300, 4000, 10**6  # MOST: coordinates
E = "e"


def limit(what: str) -> Refusal:
    return Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, what)


def rational(value: Any, where: str) -> Fraction:
    """An integer or a fraction in lowest terms, both parts of at most 300 digits."""
    if isinstance(value, str) and len(value) > 2 * MOST_DIGITS + 2:
        raise malformed(f"{where} has a number of more than {MOST_DIGITS} digits")
    x = fmt.rational(value, where)
    if max(abs(x.numerator), x.denominator) >= 10**MOST_DIGITS:
        raise malformed(f"{where} has a number of more than {MOST_DIGITS} digits")
    return x


def width(value: Any, where: str) -> Fraction | None:
    """tau; None for e."""
    return None if value == E else rational(value, where)


def long(value: Any, where: str) -> int:
    """A positive integer of at most 4,000 digits, as a string. (Decimal: int alone may refuse long strings.)"""
    fits = isinstance(value, str) and value.isascii() and value.isdecimal() and value[0] != "0"
    if not fits or len(value) > MOST_LONG:
        raise malformed(f"{where} is not a positive integer of at most {MOST_LONG} digits")
    return int(Decimal(value))


PROBLEM = {"d": int, "L": rational, "gamma": rational, "tau": width}
STEPPED = PROBLEM | {"step": rational}


class Problem(NamedTuple):  # tau: None for e; eta: 0 without a step
    d: int
    L: Fraction
    gamma: Fraction
    tau: Fraction | None
    eta: Fraction = Fraction(0)

    @property
    def l(self) -> Fraction:  # noqa: E743
        return 2 * self.eta * self.L

    @property
    def h(self) -> Fraction:
        return 2 * self.eta * self.gamma

    @property
    def buffer(self) -> int:
        """The most steps in a buffer, where h > 0: Theorem 16.D."""
        return ceil(1 / self.h)


def read_problem(raw: dict[str, Any]) -> Problem:
    """Of `problem`, read with the shape PROBLEM or STEPPED. Raises Refusal."""
    if raw["d"] < 2:
        raise malformed("problem has d < 2")
    if raw["d"] > MOST:
        raise limit("the number of coordinates")
    eta = raw.get("step", Fraction(0))
    return Problem(raw["d"], raw["L"], raw["gamma"], raw["tau"], eta)


def admit(of: Problem) -> Findings:
    """Of step 1, what the function alone says."""
    if not of.L >= of.gamma > 0:
        yield refuted(1, "problem", "L >= gamma > 0 does not hold")
    if of.tau is not None and of.tau <= 0:
        yield refuted(1, "tau", "is not positive")


def admit_step(of: Problem, most: bool = False) -> Findings:
    """Of step 1, also what gradient descent needs; `most`: 2 eta L = 1 will do."""
    yield from admit(of)
    if of.eta <= 0 or of.l > 1 or (of.l == 1 and not most):
        yield refuted(1, "step", f"is not positive, or 2 eta L {'>' if most else '>='} 1")
    low, high = logs.e_ends()
    if of.tau is not None and of.tau < high:
        finding = refuted if of.tau <= low else weak
        yield finding(1, "tau", "is less than e" if of.tau <= low else "is not proved to be at least e")


def admit_point(x: list[Fraction]) -> Findings:
    if any(abs(value) > 1 for value in x):
        yield refuted(1, "point", "does not lie in [-1, 1]^d")


class Numbers:
    """Intervals for a problem with a step, at the working precision. lg = ln(1 + h), ls = -ln(1 - l)."""

    def __init__(self, of: Problem) -> None:
        self.l, self.h = ivl.rational(of.l), ivl.rational(of.h)
        self.lg, self.ls = logs.log(1 + of.h), -logs.log(1 - of.l)


def log_tau(of: Problem) -> Interval:
    return dyadic(1, 0) if of.tau is None else logs.log(of.tau)


def least_ceil(x: Interval) -> int:
    """A lower bound of the least integer that is not below x; where x may be an integer, that integer."""
    return whole(x._mpi_[0], libmp.round_ceiling)


def most_floor(x: Interval) -> int:
    """An upper bound of the greatest integer that is not above x; where x may be an integer, that integer."""
    return whole(x._mpi_[1], libmp.round_floor)


def whole(end: Any, rounding: str) -> int:
    if end in (libmp.finf, libmp.fninf, libmp.fnan):
        raise TooWeak("a number is not bounded")
    return int(libmp.to_int(end, rounding))
