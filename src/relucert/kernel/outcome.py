"""What can be concluded about a point. What claims something is made only where the arguments that it carries hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from relucert.kernel.ball import Ball, lower, proves_le, proves_lt, upper


class Inequality(NamedTuple):
    """One hypothesis, `left < right` or `left <= right`, with both sides rounded against us."""

    name: str  # its number in docs/spec/certificate-v1.md
    text: str
    left: Ball
    relation: str
    right: Ball

    @property
    def proved(self) -> bool:
        if self.relation == "<":
            return proves_lt(self.left, self.right)
        return self.relation == "<=" and proves_le(self.left, self.right)


def inequality(name: str, left: Ball, relation: str, right: Ball, text: str) -> Inequality:
    return Inequality(name, text, upper(left), relation, lower(right))


class Argument(NamedTuple):
    """A theorem applied to the point: it speaks only if all its hypotheses are proved."""

    theorem: str
    hypotheses: tuple[Inequality, ...]

    @property
    def holds(self) -> bool:
        return bool(self.hypotheses) and all(h.proved for h in self.hypotheses)


class Bounds(NamedTuple):
    """Proved numbers, each an exact number on the safe side. Radii are None where no theorem gives them."""

    objective: tuple[Ball, Ball]  # contains F(W*) once W* is proved to exist, F(W) otherwise
    gradient: Ball  # >= |grad F(W)|
    lambda_min: tuple[Ball, Ball]  # contains the smallest eigenvalue of Hess F(W)
    lambda_max: Ball  # >= the largest
    lambda_min_safran_shamir: Ball | None  # their lower bound, corrected, where it was asked for
    inertia: tuple[int, int] | None  # numbers of negative and positive eigenvalues
    lipschitz: Ball  # Lipschitz constant of Hess F on B(W, domain)
    lipschitz_safran_shamir: Ball | None  # their L_A on the same ball, where it is valid
    domain: Ball
    radius: Ball | None = None  # W* exists within
    radius_lemma_1: Ball | None = None  # the same by Lemma 1, where it applies
    uniqueness: Ball | None = None  # no other critical point is nearer to W than this
    basin: Ball | None = None  # gradient descent from within converges to W*
    step: Ball | None = None  # for every step below
    exclusion: Ball | None = None  # there is no critical point within
    lambda_min_outside: tuple[Ball, Ball] | None = None  # of M: all holds in every dimension from d on
    barrier: Ball | None = None  # how far above F(W*) every continuous path to a point no worse climbs
    gap: Ball | None = None  # F is lower than F(W*) by at least this at some other point


@dataclass(frozen=True)
class Outcome:
    """bounds: numbers proved on the way. arguments: the theorems tried, those the verdict rests on first."""

    verdict: ClassVar[str] = ""
    proved: ClassVar[bool] = True
    bounds: Bounds | None
    arguments: tuple[Argument, ...] = field(repr=False)

    @property
    def every_dimension(self) -> bool:
        """Whether the verdict holds in every dimension from d on (docs/theorem/teacher.md, Theorem M)."""
        return self.proved and self.bounds is not None and self.bounds.lambda_min_outside is not None

    def __str__(self) -> str:
        shown = self.bounds._asdict() if self.bounds else {}
        facts = (f"{name} = {value}" for name, value in shown.items() if value is not None)
        return "\n  ".join((f"{self.verdict}:", *facts))


class SpuriousMinimum(Outcome):
    """A strict local minimum W* with F(W*) > inf F: inf F = 0 for n >= k, a witness shows it for n < k."""

    verdict: ClassVar[str] = "spurious-minimum"


class GlobalMinimum(Outcome):
    """W* is a permutation of the targets (n = k), F(W*) = 0."""

    verdict: ClassVar[str] = "global-minimum"


@dataclass(frozen=True)
class GlobalMinima(Outcome):
    """F(W) = 0 at W itself, and at other points as near to W as one likes (n > k).

    owners: for each neuron the target, from 1, of which it is a positive multiple.
    """

    verdict: ClassVar[str] = "global-minimum-not-isolated"
    owners: tuple[int, ...]

    @property
    def every_dimension(self) -> bool:
        return True


@dataclass(frozen=True)
class SplitSaddle(Outcome):
    """A critical point with parallel neurons, not isolated, at which the Hessian has a negative eigenvalue.

    base: what is proved of the critical point of a smaller network. fractions: for each of its neurons the dyadics
    (m, e), positive, with sum 1, by which it is multiplied in the wider one. curvature: an upper bound, negative, of an
    eigenvalue of S_i, i = `neuron`, from 1; None for both where the base is a saddle itself.
    """

    verdict: ClassVar[str] = "not-a-minimum"
    base: Outcome
    fractions: tuple[tuple[tuple[int, int], ...], ...]
    neuron: int | None
    curvature: Ball | None

    @property
    def every_dimension(self) -> bool:
        return self.base.every_dimension


class LocalMinimum(Outcome):
    """A strict local minimum W*; nothing is said about inf F (n < k)."""

    verdict: ClassVar[str] = "local-minimum"


class StrictSaddle(Outcome):
    """A critical point W* at which the Hessian has a negative eigenvalue and no eigenvalue 0."""

    verdict: ClassVar[str] = "strict-saddle"


class NonStrictSaddle(Outcome):
    """A critical point that is no extremum, with a semidefinite Hessian."""

    verdict: ClassVar[str] = "non-strict-saddle"


class NotCritical(Outcome):
    """No critical point within `bounds.exclusion` of W."""

    verdict: ClassVar[str] = "not-critical"


@dataclass(frozen=True)
class Inconclusive(Outcome):
    """Nothing is proved; this is not a statement that anything is false."""

    verdict: ClassVar[str] = "inconclusive"
    proved: ClassVar[bool] = False
    reason: str
    failed: Inequality | None = None


def undecided(*arguments: Argument, bounds: Bounds | None = None) -> Inconclusive:
    """Names the first hypothesis that fails, in the order of the arguments."""
    failed = next((h for a in arguments for h in a.hypotheses if not h.proved), None)
    reason = f"{failed.name} not proved: {failed.text}" if failed else "nothing is proved"
    return Inconclusive(bounds, arguments, reason, failed)
