"""The exact data of a statement: which loss landscape it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from relucert.base.errors import InputError
from relucert.base.exact import Rows, check_rows, exact_rows
from relucert.families.teacher.network import Network, check_network, reaches_zero

TEACHER_STUDENT = "teacher-student-relu"


@dataclass(frozen=True)
class Problem:
    """The loss of n student neurons against k fixed targets in R^d, standard Gaussian input.

    targets: k rows of d exact dyadics; neurons: n. network: output weights and slope (families.teacher.network makes
    it), None if all are 1 and the activation is the ReLU. Hashable; equal problems are equal statements.
    """

    targets: Rows
    neurons: int
    family: str = TEACHER_STUDENT
    network: Network | None = None

    def __post_init__(self) -> None:
        if self.neurons < 1:
            raise InputError(f"a network needs at least one neuron, not {self.neurons}")
        check_rows(self.targets, "target")
        check_network(self.network, self.n, self.k)

    @classmethod
    def orthonormal(cls, k: int, n: int | None = None, network: Network | None = None) -> Problem:
        """Targets e_1 .. e_k of R^k (Safran & Shamir 2018), n neurons (default k)."""
        if k < 1:
            raise InputError(f"a teacher needs at least one target, not {k}")
        return cls(unit_rows(k, k), k if n is None else n, network=network)

    @classmethod
    def from_targets(cls, targets: Iterable[Iterable[object]], n: int) -> Problem:
        """Targets as rows of numbers (floats by their exact value, dyadic pairs as they are)."""
        return cls(exact_rows(targets, "target"), n)

    @property
    def k(self) -> int:
        return len(self.targets)

    @property
    def n(self) -> int:
        return self.neurons

    @property
    def dimension(self) -> int:
        """d, the input dimension."""
        return len(self.targets[0])

    @property
    def reaches_zero(self) -> bool:
        """Whether inf F = 0 is proved: then every minimum with a positive loss is spurious."""
        return reaches_zero(self.n, self.k, self.network)

    @property
    def is_plain(self) -> bool:
        """Whether nothing but targets and a number of neurons makes it, as Theorems 18.G and 18.K ask."""
        return self == Problem(self.targets, self.neurons)

    @property
    def is_orthonormal(self) -> bool:
        """Whether the targets are exactly e_1 .. e_k of R^k."""
        return self.k == self.dimension and self.targets == Problem.orthonormal(self.k).targets


def unit_rows(k: int, d: int) -> Rows:
    """e_1 .. e_k of R^d."""
    return tuple(tuple((int(i == j), 0) for j in range(d)) for i in range(k))
