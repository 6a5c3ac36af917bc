"""Points of the designed landscape, and of the objective of given samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.certificate.numbers import Json, dyadics, rows
from relucert.families.landscape.problem import LandscapeProblem, check_mu_lambda, check_size
from relucert.kernel import ball
from relucert.kernel.landscape import empirical
from relucert.kernel.landscape.empirical import Sampled

MOST_UNKNOWNS = 576  # entries of a point whose Hessian is looked at
MOST_NUMBERS, MOST_PRODUCTS, MOST_DIMENSION = 10**6, 10**8, 40  # N m d, N d^4 and d


@dataclass(frozen=True)
class SampledProblem:
    """The objective G^ of N samples (x_n, y_n), x_n in R^d: docs/theorem/landscape.md, 13.1.

    Raises InputError for shapes that do not fit, too many samples, mu or lambda that is not positive.
    """

    x: Rows
    y: tuple[tuple[int, int], ...]
    mu: Fraction
    lam: Fraction

    def __post_init__(self) -> None:
        if not self.x or len(self.x) != len(self.y):
            raise InputError(
                f"{len(self.x)} samples x and {len(self.y)} of y; expected as many, at least one"
            )
        odd = next((i for i, row in enumerate(self.x) if len(row) != max(self.d, 2)), None)
        if odd is not None:
            raise InputError(
                f"sample {odd} of x has {len(self.x[odd])} entries; expected as many as sample 0 has, at least 2"
            )
        check_mu_lambda(self.mu, self.lam)
        check_size(self.mu, "mu")
        check_size(self.lam, "lambda")
        if self.d > MOST_DIMENSION or len(self.x) * self.d**4 > MOST_PRODUCTS:
            raise InputError(
                f"{len(self.x)} samples of dimension {self.d}: at most dimension {MOST_DIMENSION}, and N d^4 at most "
                f"{MOST_PRODUCTS}"
            )

    @property
    def d(self) -> int:
        return len(self.x[0])

    @property
    def objective(self) -> str:
        return "G-hat"

    def sampled(self) -> Sampled:
        """At the present precision."""
        x = [[ball.exact(v) for v in row] for row in self.x]
        ends = (ball.ratio(v.as_integer_ratio()) for v in (self.mu, self.lam))
        return empirical.sampled(x, [ball.exact(v) for v in self.y], *ends)

    def record(self) -> Json:
        """As the member `problem` of a claim."""
        samples = {"x": rows(self.x), "y": dyadics(self.y)}
        return {"objective": self.objective, "samples": samples, "mu": str(self.mu), "lambda": str(self.lam)}


Problem = LandscapeProblem | SampledProblem


@dataclass(frozen=True)
class LandscapeCandidate:
    """A point: rows b_j of exact dyadics. Raises InputError for a shape that does not fit the problem."""

    problem: Problem
    point: Rows
    source: str = ""
    origin: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        d, m = self.problem.d, len(self.point)
        lengths = sorted({len(row) for row in self.point})
        if not self.point or lengths != [d]:
            raise InputError(f"the point has {m} rows of {lengths} entries; expected rows of {d}")
        if isinstance(self.problem, LandscapeProblem) and m != d:
            raise InputError(f"the point has {m} rows; expected {d}, as many as output weights")
        if isinstance(self.problem, SampledProblem) and (
            m * d > MOST_UNKNOWNS or m * d * len(self.problem.x) > MOST_NUMBERS
        ):
            raise InputError(
                f"the point has {m} rows of {d}, and there are {len(self.problem.x)} samples; at most "
                f"{MOST_UNKNOWNS} entries, and {MOST_NUMBERS} times the number of samples"
            )

    def moved_to(self, point: Rows) -> LandscapeCandidate:
        return replace(self, point=point, origin={**self.origin, "polished": True})
