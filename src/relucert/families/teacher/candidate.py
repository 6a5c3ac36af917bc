"""A frozen exact point and where it came from. It carries no verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from relucert.base.dyadic import Dyadic
from relucert.base.errors import InputError
from relucert.base.exact import Rows, check_rows, exact_rows
from relucert.families.teacher.network import Signs, Slope, network
from relucert.families.teacher.problem import Problem, unit_rows


@dataclass(frozen=True)
class Candidate:
    """A point of the landscape of `problem`: n rows (neurons) of d exact dyadics.

    source: where it came from, for people; origin: facts about the search, copied to the provenance.
    witness: another point of the problem, where the loss may be lower (Theorem W of docs/theorem/teacher.md).
    output_weights: a_1 .. a_n where they are trained; `point` is then (|a_i| w_i), and the problem has their signs.
    Raises InputError if a shape is not (n, d), a neuron is at the origin, a witness is of no use (n >= k), or output
    weights do not have the signs of the problem, or come with a witness.
    """

    problem: Problem
    point: Rows
    source: str = ""
    origin: Mapping[str, object] = field(default_factory=dict, compare=False)
    witness: Rows | None = None
    output_weights: tuple[Dyadic, ...] | None = None

    def __post_init__(self) -> None:
        self._check(self.point, "")
        if self.output_weights is not None:
            self._check_output_weights(self.output_weights)
        if self.witness is not None:
            self._check(self.witness, " of the witness")
            check_needs_witness(self.problem)

    def _check(self, rows: Rows, whose: str) -> None:
        check_rows(rows, f"neuron{whose}")
        shape = len(rows), len(rows[0])
        expected = self.problem.n, self.problem.dimension
        if shape != expected:
            targets = f"; the targets are in R^{expected[1]}" * (shape[1] != expected[1])
            raise InputError(
                f"expected {expected[0]} neurons{whose} with {expected[1]} coordinates, "
                f"found {shape[0]} with {shape[1]}{targets}"
            )

    def _check_output_weights(self, weights: tuple[Dyadic, ...]) -> None:
        problem = self.problem
        if len(weights) != problem.n:
            raise InputError(f"{len(weights)} output weights for {problem.n} neurons")
        signs = (1,) * problem.n if problem.network is None else problem.network.signs
        if any(sign * m <= 0 for sign, (m, _) in zip(signs, weights, strict=True)):
            raise InputError(
                "the signs of the neurons are not those of the output weights; leave the signs out"
            )
        if self.witness is not None:
            raise InputError("no claim about trained output weights has a witness; leave it out")

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
                f"e_1 .. e_{d} (--orthonormal); if the neurons are its columns, transpose it "
                "(--layout neurons-in-columns)"
            )
        return cls(problem or Problem.orthonormal(d, n), point, source)

    def in_the_span(self) -> Candidate | None:
        """Where the targets are e_1 .. e_k of R^d, d > k, and all neurons lie in R^k: the point in R^k.

        What is proved of it there for every dimension holds in R^d (docs/theorem/teacher.md, Theorem M).
        None otherwise.
        """
        k, problem = self.problem.k, self.problem
        outside = any(m for row in (*self.point, *(self.witness or ())) for m, _ in row[k:])
        if k == problem.dimension or problem.targets != unit_rows(k, problem.dimension) or outside:
            return None
        rows = tuple(row[:k] for row in self.point)
        other = None if self.witness is None else tuple(row[:k] for row in self.witness)
        inside = replace(Problem.orthonormal(k, problem.n), network=problem.network)
        return replace(self, problem=inside, point=rows, witness=other)

    def moved_to(self, point: Iterable[Iterable[Dyadic]]) -> Candidate:
        """The same candidate at another point."""
        return replace(self, point=tuple(map(tuple, point)))

    def with_network(
        self, signs: Signs | None = None, teacher_signs: Signs | None = None, slope: Slope | None = None
    ) -> Candidate:
        """The same point of the loss with output weights and a slope, as for `network.network`. Raises InputError."""
        if (signs, teacher_signs, slope) == (None, None, None):
            return self
        problem = self.problem
        if problem.network is not None:
            raise InputError("the point has its own signs and slope; leave them out")
        of = network(problem.n, problem.k, signs, teacher_signs, slope)
        return replace(self, problem=replace(problem, network=of))

    def with_output_weights(
        self, weights: Iterable[object], teacher_signs: Signs | None = None, slope: Slope | None = None
    ) -> Candidate:
        """The point (w, a) with trained output weights, w this point: Theorem 18.T of docs/theorem/wider.md.

        weights: n numbers, none 0, exact as for `from_rows`. Raises InputError.
        """
        if self.problem.network is not None or self.witness is not None:
            raise InputError("a point with trained output weights has no signs of its own, and no witness")
        (given,) = exact_rows([weights], "output weights")
        if len(given) != self.problem.n:
            raise InputError(f"{len(given)} output weights for {self.problem.n} neurons")
        for i, (m, _) in enumerate(given):
            if m == 0:
                raise InputError(
                    f"output weight {i} is 0: neuron {i} has no effect there, and nothing is proved; leave the "
                    "neuron out"
                )
        rows = [[(abs(m) * x, e + y) for x, y in row] for (m, e), row in zip(given, self.point, strict=True)]
        signs = [1 if m > 0 else -1 for m, _ in given]
        of = network(self.problem.n, self.problem.k, signs, teacher_signs, slope)
        return replace(
            self,
            problem=replace(self.problem, network=of),
            point=exact_rows(rows, "neuron"),
            output_weights=given,
        )

    def with_witness(self, rows: Iterable[Iterable[object]]) -> Candidate:
        """The same candidate, and a point where the loss may be lower: rows of numbers as for `from_rows`."""
        return replace(self, witness=exact_rows(rows, "neuron of the witness"))


def check_needs_witness(problem: Problem) -> None:
    """Raises InputError where inf F = 0 is known, so that a witness is of no use."""
    if problem.reaches_zero and problem.network is not None:
        raise InputError(
            "a witness is of no use: each sign occurs among the neurons at least as often as among the targets, so the "
            "loss has the infimum 0, and a minimum with a positive loss is spurious; leave it out"
        )
    if problem.reaches_zero:
        raise InputError(
            f"a witness is of no use with {problem.n} neurons and {problem.k} targets: for n >= k the loss has "
            "the infimum 0, and a minimum with a positive loss is spurious; leave it out"
        )
