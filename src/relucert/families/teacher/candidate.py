"""A frozen exact point and where it came from. It carries no verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from relucert.base.dyadic import Dyadic
from relucert.base.errors import InputError
from relucert.base.exact import Rows, check_rows, exact_rows
from relucert.families.teacher.problem import Problem


@dataclass(frozen=True)
class Candidate:
    """A point of the landscape of `problem`: n rows (neurons) of d exact dyadics.

    source: where it came from, for people; origin: facts about the search, copied to the provenance.
    Raises InputError if the shape is not (n, d) or a neuron is at the origin.
    """

    problem: Problem
    point: Rows
    source: str = ""
    origin: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        check_rows(self.point, "neuron")
        shape = len(self.point), len(self.point[0])
        expected = self.problem.n, self.problem.dimension
        if shape != expected:
            raise InputError(
                f"expected {expected[0]} neurons with {expected[1]} coordinates, "
                f"found {shape[0]} with {shape[1]}"
            )

    @classmethod
    def from_rows(
        cls, rows: Iterable[Iterable[object]], problem: Problem | None = None, source: str = ""
    ) -> Candidate:
        """Neurons as rows of numbers: floats by their exact value, pairs of integers (m, e) as m * 2**e.

        Without a problem the targets are e_1 .. e_d; with fewer neurons than that it is to be said.
        """
        point = exact_rows(rows, "neuron")
        check_rows(point, "neuron")
        n, d = len(point), len(point[0])
        if problem is None and n < d:
            raise InputError(
                f"{n} neurons in R^{d}, and no targets: say which (--targets FILE), or that they are "
                f"e_1 .. e_{d} (--orthonormal); if the neurons are its columns, transpose it"
            )
        return cls(problem or Problem.orthonormal(d, n), point, source)

    def in_the_span(self) -> Candidate | None:
        """Where the targets are e_1 .. e_k of R^d, d > k, and all neurons lie in R^k: the point in R^k.

        What is proved of it there for every dimension holds in R^d (docs/theorem/teacher.md, Theorem M).
        None otherwise.
        """
        k, problem = self.problem.k, self.problem
        unit = Problem.orthonormal(problem.dimension).targets[:k]
        outside = any(mantissa for row in self.point for mantissa, _ in row[k:])
        if k == problem.dimension or problem.targets != unit or outside:
            return None
        rows = tuple(row[:k] for row in self.point)
        return Candidate(Problem.orthonormal(k, problem.n), rows, self.source, self.origin)

    def moved_to(self, point: Iterable[Iterable[Dyadic]]) -> Candidate:
        """The same candidate at another point."""
        return Candidate(self.problem, tuple(map(tuple, point)), self.source, self.origin)
