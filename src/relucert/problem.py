"""The exact data of a statement: which loss landscape it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from relucert.dyadic import Dyadic, canonical, from_float

Rows = tuple[tuple[Dyadic, ...], ...]

LARGEST = 2**14  # bits of a mantissa, and size of an exponent: far beyond any use

TEACHER_STUDENT = "teacher-student-relu"


class InputError(ValueError):
    """Input that cannot be used; the message names the entry and the remedy."""


@dataclass(frozen=True)
class Problem:
    """The loss of n student neurons against k fixed targets in R^d, standard Gaussian input.

    targets: k rows of d exact dyadics; neurons: n. Hashable; equal problems are equal statements.
    """

    targets: Rows
    neurons: int
    family: str = TEACHER_STUDENT

    def __post_init__(self) -> None:
        if self.neurons < 1:
            raise InputError(f"a network needs at least one neuron, not {self.neurons}")
        check_rows(self.targets, "target")

    @classmethod
    def orthonormal(cls, k: int, n: int | None = None) -> Problem:
        """Targets e_1 .. e_k of R^k (Safran & Shamir 2018), n neurons (default k)."""
        if k < 1:
            raise InputError(f"a teacher needs at least one target, not {k}")
        rows = tuple(tuple((int(i == j), 0) for j in range(k)) for i in range(k))
        return cls(rows, k if n is None else n)

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
    def is_orthonormal(self) -> bool:
        """Whether the targets are exactly e_1 .. e_k of R^k."""
        return self.k == self.dimension and self.targets == Problem.orthonormal(self.k).targets


def exact_rows(rows: Iterable[Iterable[object]], what: str) -> Rows:
    """Rows of exact dyadics. `what` names a row in errors: 'neuron' or 'target'."""
    return tuple(
        tuple(_exact(x, f"{what} {i}, coordinate {j}") for j, x in enumerate(row))
        for i, row in enumerate(rows)
    )


def _exact(value: object, where: str) -> Dyadic:
    if isinstance(value, tuple | list):
        if len(value) == 2 and all(isinstance(x, int) and not isinstance(x, bool) for x in value):
            if value[0].bit_length() > LARGEST or abs(value[1]) > LARGEST:
                raise InputError(f"{where}: more than {LARGEST} bits, or an exponent beyond +-{LARGEST}")
            return canonical(*value)
        raise InputError(f"{where}: expected a number or a pair of integers (m, e) meaning m * 2**e")
    if isinstance(value, bool):
        raise InputError(f"{where}: {value!r} is not a number")
    if isinstance(value, int):
        return canonical(value, 0)
    try:
        return from_float(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{where}: {value!r} is not a finite number") from error


def check_rows(rows: Sequence[Sequence[Dyadic]], what: str) -> None:
    """At least one row, all of the same length, none of them 0 (the loss is not differentiable there)."""
    if not rows or not rows[0]:
        raise InputError(f"expected at least one {what} with at least one coordinate")
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise InputError(f"{what} {i} has {len(row)} coordinates, {what} 0 has {len(rows[0])}")
        if not any(m for m, _ in row):
            raise InputError(f"{what} {i} is at the origin: the loss is not differentiable there")
