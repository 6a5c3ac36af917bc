"""Exact problems of the designed landscape: which teacher, which mu and lambda."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from relucert.base.errors import InputError
from relucert.base.rational import exact_number
from relucert.certificate.numbers import Json
from relucert.kernel.ball import full_rank
from relucert.kernel.landscape.weights import Weights, weights

MOST_WEIGHTS = 10_000
MOST_ROWS = 256  # of a teacher that is given
MOST_DIGITS = 300  # of numerators and denominators
FORBIDDEN = Fraction(12)


@dataclass(frozen=True)
class LandscapeProblem:
    """The objective G for the teacher e_0, .., e_(d-1) with output weights a*, or, where `teacher` has the d rows
    of B*, F (docs/theorem/landscape.md section 13). All numbers are exact.

    Raises InputError where the theorems say nothing: d < 2, a weight that is not positive, mu <= 0 or mu = 12,
    lambda <= 0, a teacher of another shape, or one that is singular.
    """

    a_star: tuple[Fraction, ...]
    mu: Fraction
    lam: Fraction
    teacher: tuple[tuple[Fraction, ...], ...] | None = None

    def __post_init__(self) -> None:
        d = len(self.a_star)
        most = MOST_WEIGHTS if self.teacher is None else MOST_ROWS
        if not 2 <= d <= most:
            raise InputError(f"a* has {d} entries; expected 2 to {most}")
        for i, x in enumerate(self.a_star):
            if x <= 0:
                raise InputError(f"a*, entry {i} is {x}: Theorem 13.A needs positive output weights")
        check_mu_lambda(self.mu, self.lam)
        if self.teacher is not None:
            _check_shape(self.teacher, d)
        _check_sizes(self)
        if self.teacher is not None and not full_rank(
            [[x.as_integer_ratio() for x in row] for row in self.teacher]
        ):
            raise InputError(
                "the teacher is singular: one of its rows is a combination of the others; give rows of full rank"
            )

    @classmethod
    def from_text(
        cls, a_star: str | Sequence[str], mu: str, lam: str, teacher: Sequence[Sequence[str]] | None = None
    ) -> LandscapeProblem:
        """From exact decimals and fractions: "1,0.5,1/3", or a list of them."""
        entries = a_star.split(",") if isinstance(a_star, str) else a_star
        rows = None
        if teacher is not None:
            rows = tuple(
                tuple(exact_number(x, f"B*, row {j}, entry {i}") for i, x in enumerate(row))
                for j, row in enumerate(teacher)
            )
        numbers = tuple(exact_number(x, f"a*, entry {i}") for i, x in enumerate(entries))
        return cls(numbers, exact_number(mu, "mu"), exact_number(lam, "lambda"), rows)

    @property
    def d(self) -> int:
        return len(self.a_star)

    @property
    def objective(self) -> str:
        return "G" if self.teacher is None else "F"

    def weights(self) -> Weights:
        """At the present precision."""
        numbers = [x.as_integer_ratio() for x in self.a_star]
        ends = (self.mu.as_integer_ratio(), self.lam.as_integer_ratio())
        return weights(numbers, *ends, inverted=self.teacher is not None)

    def record(self) -> Json:
        """As the member `problem` of a claim."""
        found: Json = {"objective": self.objective, "a_star": [str(x) for x in self.a_star]}
        if self.teacher is not None:
            found["teacher"] = [[str(x) for x in row] for row in self.teacher]
        return {**found, "mu": str(self.mu), "lambda": str(self.lam)}


def check_mu_lambda(mu: Fraction, lam: Fraction) -> None:
    """Raises InputError for values of which nothing is known."""
    if mu <= 0:
        raise InputError(f"mu = {mu}: expected a positive number, such as 6")
    if mu == FORBIDDEN:
        raise InputError(
            "mu = 12: two rows on one direction of the teacher have a flat direction there, which second "
            "derivatives do not decide; take mu below or above 12"
        )
    if lam <= 0:
        raise InputError(f"lambda = {lam}: expected a positive number; without it the objective is unbounded")


def _check_shape(rows: tuple[tuple[Fraction, ...], ...], d: int) -> None:
    if len(rows) != d or any(len(row) != d for row in rows):
        shape = f"{len(rows)} rows of {', '.join(sorted({str(len(row)) for row in rows}))}"
        raise InputError(f"the teacher has {shape} entries; expected {d} rows of {d}, one for each weight")


def _check_sizes(of: LandscapeProblem) -> None:
    for i, x in enumerate(of.a_star):
        check_size(x, f"a*, entry {i}")
    check_size(of.mu, "mu")
    check_size(of.lam, "lambda")
    for j, row in enumerate(of.teacher or ()):
        for i, x in enumerate(row):
            check_size(x, f"B*, row {j}, entry {i}")


def check_size(x: Fraction, where: str) -> None:
    """Raises InputError for a number that a certificate does not take. `where` stands in errors."""
    if max(abs(x.numerator), x.denominator) >= 10**MOST_DIGITS:
        raise InputError(f"{where} has more than {MOST_DIGITS} digits: use a shorter number")
