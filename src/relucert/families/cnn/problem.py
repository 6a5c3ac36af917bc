"""Exact problems of the one-hidden-layer CNN family: which teacher, how many patches, of which size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from relucert.base.errors import InputError
from relucert.base.rational import exact_number
from relucert.kernel.cnn import teacher as cnn

MOST_PATCHES = 4096
LARGEST_PATCH = 10**9
MOST_BITS = 2**12  # of numerators and denominators of W, S and N


@dataclass(frozen=True)
class CnnProblem:
    """The loss of a student (v, a) against the teacher (w*, a*), v and w* in R^p, a and a* in R^k.

    a_star: the k output weights, exact. w_norm: W = |w*| > 0; the direction of w* does not matter.
    patch: p, the size of a patch. Raises InputError where the theorems of docs/theorem/cnn.md section 9 do not
    apply: k = 0, a* = 0, W <= 0, p < 2.
    """

    a_star: tuple[Fraction, ...]
    w_norm: Fraction
    patch: int

    def __post_init__(self) -> None:
        if not 1 <= len(self.a_star) <= MOST_PATCHES:
            raise InputError(f"a* must have 1 to {MOST_PATCHES} entries, not {len(self.a_star)}")
        if not any(self.a_star):
            raise InputError("a* = 0: the teacher is the zero function; give at least one nonzero entry")
        if self.w_norm <= 0:
            raise InputError(f"the norm of w* must be positive, not {self.w_norm}")
        if isinstance(self.patch, bool) or not isinstance(self.patch, int):
            raise InputError(f"the patch size p must be an integer, not {self.patch!r}")
        if not 2 <= self.patch <= LARGEST_PATCH:
            raise InputError(
                f"the patch size p must be 2 to {LARGEST_PATCH}, not {self.patch}: "
                "on a line (p = 1) v has no angle to descend in"
            )
        for name, value in (("W", self.w_norm), ("S", self.total), ("N", self.squares)):
            if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
                raise InputError(f"{name} has more than {MOST_BITS} bits: use shorter numbers in a* and |w*|")

    @classmethod
    def from_text(cls, a_star: str | Sequence[str], w_norm: str, patch: int) -> CnnProblem:
        """From exact decimals and fractions: "1,-0.5,1/3" (or a list of them) and "0.3"."""
        entries = a_star.split(",") if isinstance(a_star, str) else a_star
        weights = tuple(exact_number(text, f"a*, entry {i}") for i, text in enumerate(entries))
        return cls(weights, exact_number(w_norm, "the norm of w*"), patch)

    @property
    def k(self) -> int:
        return len(self.a_star)

    @property
    def total(self) -> Fraction:
        """S, the sum of a*."""
        return sum(self.a_star, Fraction(0))

    @property
    def squares(self) -> Fraction:
        """N = |a*|^2."""
        return sum((x * x for x in self.a_star), Fraction(0))

    def teacher(self) -> cnn.Teacher:
        """The scalars W, S, N and k as balls of the present precision."""
        return cnn.teacher(self.k, *(x.as_integer_ratio() for x in (self.w_norm, self.total, self.squares)))
