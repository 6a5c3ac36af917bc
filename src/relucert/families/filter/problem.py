"""One filter: the exact data of a run of gradient descent, docs/theorem/filter.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from numbers import Rational

from relucert.base.errors import InputError
from relucert.base.rational import exact_number

MOST_ENTRIES = 50_000
MOST_BITS = 2**11  # of a numerator, and of the common denominator of all entries
LARGEST_STEP = Fraction(2)


@dataclass(frozen=True)
class FilterProblem:
    """Gradient descent w <- w - eta grad from w0 on the loss with target w*, both in R^p, p >= 2.

    accuracy: how near to w* is near enough, in units of |w*|. Raises InputError where Theorem 11.B has
    nothing to say: w* or w0 is 0, eta is not in (0, 2], accuracy is not positive.
    """

    target: tuple[Fraction, ...]
    start: tuple[Fraction, ...]
    eta: Fraction = LARGEST_STEP
    accuracy: Fraction = Fraction(1, 10**6)

    def __post_init__(self) -> None:
        if not all(isinstance(x, Rational) for x in (*self.target, *self.start, self.eta, self.accuracy)):
            raise InputError("expected fractions.Fraction or int: floats are not what they look like")
        for name in ("target", "start"):  # numpy's integers are rational too, and overflow
            object.__setattr__(
                self, name, tuple(Fraction(int(x.numerator), int(x.denominator)) for x in getattr(self, name))
            )
        p = len(self.target)
        if not 2 <= p <= MOST_ENTRIES:
            raise InputError(
                f"w* has {p} entries; expected 2 to {MOST_ENTRIES} (on a line there is no angle)"
            )
        if len(self.start) != p:
            raise InputError(f"w0 has {len(self.start)} entries, w* has {p}")
        if not any(self.target):
            raise InputError("w* = 0: the teacher is the zero function; give at least one nonzero entry")
        if not any(self.start):
            raise InputError("w0 = 0: the loss is not differentiable there; start anywhere else")
        check_step(self.eta)
        if self.accuracy <= 0:
            raise InputError(f"accuracy = {_shown(self.accuracy)}: expected a positive number")
        for name, x in (("eta", self.eta), ("the accuracy", self.accuracy)):
            if max(x.numerator.bit_length(), x.denominator.bit_length()) > MOST_BITS:
                raise InputError(f"{name} has more than {MOST_BITS} bits: use a shorter number")
        common = 1
        for name, entries in (("w*", self.target), ("w0", self.start)):
            for i, x in enumerate(entries):
                common = lcm(common, x.denominator)
                if max(common.bit_length(), abs(x.numerator).bit_length()) > MOST_BITS:
                    raise InputError(
                        f"{name}, entry {i}: more than {MOST_BITS} bits with its common denominator"
                    )

    @classmethod
    def from_text(
        cls, target: str | Sequence[str], start: str | Sequence[str], eta: str = "2", accuracy: str = "1e-6"
    ) -> FilterProblem:
        """From exact decimals and fractions: "1,-0.5,1/3", or a list of them."""
        return cls(
            vector(target, "w*"),
            vector(start, "w0"),
            exact_number(eta, "eta"),
            exact_number(accuracy, "the accuracy"),
        )

    @property
    def dimension(self) -> int:
        """p."""
        return len(self.target)

    def invariants(self) -> tuple[Fraction, ...]:
        """|w*|^2, |w0|^2, w0.w*, the squared area of their parallelogram, |w0 - w*|^2/|w*|^2: all exact."""
        v, w = _dot(self.target, self.target), _dot(self.start, self.start)
        inner = _dot(self.start, self.target)
        return v, w, inner, v * w - inner**2, (v + w - 2 * inner) / v


def check_step(eta: Fraction) -> None:
    """Raises InputError for a step that Theorem 11.B does not take."""
    if not 0 < eta <= LARGEST_STEP:
        raise InputError(f"eta = {_shown(eta)}: Theorem 11.B needs 0 < eta <= {LARGEST_STEP}")


def vector(entries: str | Iterable[str], name: str) -> tuple[Fraction, ...]:
    """Entries separated by commas or white space, or a list of them. Raises InputError."""
    if isinstance(entries, str):
        given = entries.strip()
        entries = re.split(r"\s*,\s*|\s+", given) if given else []  # "1,,2" has an empty entry, an error
    return tuple(exact_number(part, f"{name}, entry {i}") for i, part in enumerate(entries))


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Exact, with one common denominator."""
    d, e = (lcm(*(x.denominator for x in row)) for row in (a, b))
    total = sum(
        x.numerator * (d // x.denominator) * y.numerator * (e // y.denominator)
        for x, y in zip(a, b, strict=True)
    )
    return Fraction(total, d * e)


def _shown(value: Fraction) -> str:
    full = str(value)
    return full if len(full) <= 40 else f"{full[:40]}.."
