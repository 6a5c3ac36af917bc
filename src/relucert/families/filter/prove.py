"""One filter: from a target w*, a start w0 and a step to a proof that gradient descent converges to w*.

docs/theorem.md section 11. All input is exact: rational numbers. docs/spec/filter-v1.md is the format of the
certificate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from numbers import Rational

from relucert.base.dyadic import DOWN, UP, decimal
from relucert.base.errors import InputError
from relucert.base.rational import exact_number
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, loosened
from relucert.families.teacher.verification import explain, text
from relucert.kernel import ball
from relucert.kernel.ball import Ball, to_dyadic
from relucert.kernel.filter import descent as kernel
from relucert.kernel.filter.descent import Converges, Linear
from relucert.kernel.outcome import Inconclusive

ONE_FILTER = "one-filter"
METHOD = "invariant-region"
PRECISIONS = (128, 256, 512)  # bits
MOST_ENTRIES = 50_000
MOST_BITS = 2**11  # of a numerator, and of the common denominator of all entries
LARGEST_STEP = Fraction(2)
LARGEST_DIMENSION = 10**5  # of random starts: the incomplete beta function takes a second there
OPPOSITE = "w0 lies on the ray opposite to w*, which gradient descent never leaves; move it a little"

LEGEND = (
    "w*: the target, w0: the start, T: the number of steps; H, gamma, Lsm: see Theorems 11.A and 11.B in "
    "docs/theorem.md. Theorem 11.A holds for small steps only."
)


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


@dataclass(frozen=True)
class Descent:
    """What was proved about a start. published: by name, the step and the number of steps of other theorems
    for the same start and accuracy, where they apply: |w0 - w*| < |w*|."""

    problem: FilterProblem
    outcome: Converges | Inconclusive
    precision: int
    published: Mapping[str, Linear]

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


def certify(problem: FilterProblem) -> Descent:
    """Theorem 11.B on the start, with more precision where that is what is missing."""
    *early, last = PRECISIONS
    for bits in early:
        result = _attempt(problem, bits)
        if result.outcome.proved:
            return result
    return _attempt(problem, last)


def _attempt(problem: FilterProblem, bits: int) -> Descent:
    with ball.precision(bits):
        at = kernel.start(*(x.as_integer_ratio() for x in problem.invariants()))
        eta, accuracy = (ball.ratio(x.as_integer_ratio()) for x in (problem.eta, problem.accuracy))
        published = _published(at, problem.dimension, ball.square(accuracy))
        return Descent(problem, kernel.decide(at, eta, accuracy), bits, published)


def _published(at: kernel.Start, p: int, goal: Ball) -> dict[str, Linear]:
    rows = {
        "Du, Lee & Tian, Theorem 2.2, beta = p": kernel.du_lee_tian(at, Ball(p), goal),
        "Du, Lee & Tian, Theorem 2.2, beta = 1/pi": kernel.du_lee_tian(at, 1 / ball.pi(), goal),
        "Theorem 11.A": kernel.steps_11_a(at, goal),
    }
    return {name: row for name, row in rows.items() if row is not None}


def probability(p: int, radius: Fraction) -> tuple[Ball, Ball | None]:
    """Of a start w0 uniform in the ball of radius alpha |w*| about 0 in R^p: P(|w0 - w*| < |w*|), and for
    alpha < 1 P(|w0 - w*| < sqrt(1 - alpha^2) |w*|), as enclosures (Theorem 11.C)."""
    if not 2 <= p <= LARGEST_DIMENSION:
        raise InputError(f"the dimension must be 2 to {LARGEST_DIMENSION}, not {p}")
    if not 0 < radius <= 10**9 or radius.denominator > 10**9:
        raise InputError(
            "the radius must be positive, at most 10^9, and have at most 9 digits below the point"
        )
    with ball.precision(PRECISIONS[-1]):
        alpha = ball.ratio(radius.as_integer_ratio())
        inner = kernel.probability(p, alpha, 1 - ball.square(alpha)) if radius < 1 else None
        return kernel.probability(p, alpha, Ball(1)), inner


def random_start(p: int, radius: Fraction) -> Json:
    """The same as JSON values: each an interval of two decimals of 12 digits."""
    near, nearer = probability(p, radius)
    return {
        "dimension": p,
        "radius": str(radius),
        "near": _ends(near),
        "nearer": None if nearer is None else _ends(nearer),
    }


def _ends(value: Ball) -> list[str]:
    return [text(ball.lower(value), DOWN, 12), text(ball.upper(value), UP, 12)]


def record(result: Descent) -> Json:
    """What was proved as JSON values; decimals of 12 digits, rounded to the weak side."""
    problem, outcome = result.problem, result.outcome
    bounds = None if isinstance(outcome, Inconclusive) else outcome.bounds
    with ball.precision(PRECISIONS[-1]):
        v, w, inner, _, distance = problem.invariants()
        away = ball.upper(ball.root(ball.ratio(distance.as_integer_ratio())))
        rate = None if bounds is None else ball.upper(1 - bounds.decrease)
    opposite = inner < 0 and inner**2 == v * w
    reason = explain(outcome) if isinstance(outcome, Inconclusive) else None
    return {
        "dimension": problem.dimension,
        "eta": str(problem.eta),
        "accuracy": str(problem.accuracy),
        "verdict": outcome.verdict,
        "distance": text(away, UP, 12),
        "rate": None if rate is None else text(rate, UP, 12),
        "steps": None if bounds is None else bounds.steps,
        "published": [
            {"theorem": name, "eta": text(row.eta, DOWN), "steps": row.steps}
            for name, row in result.published.items()
        ],
        "precision": result.precision,
        "reason": f"{reason}; {OPPOSITE}" if opposite else reason,
    }


def statement(result: Descent, provenance: Mapping[str, object]) -> Json:
    """The statement of a proved outcome. Raises InputError for an inconclusive one: there is no claim."""
    problem, outcome = result.problem, result.outcome
    if isinstance(outcome, Inconclusive):
        raise InputError("an inconclusive outcome claims nothing and has no certificate")
    bounds = outcome.bounds
    return {
        "claim": {
            "schema": SCHEMA,
            "family": ONE_FILTER,
            "method": METHOD,
            "problem": {
                "target": [str(x) for x in problem.target],
                "eta": str(problem.eta),
                "accuracy": str(problem.accuracy),
            },
            "point": [str(x) for x in problem.start],
            "verdict": outcome.verdict,
            "bounds": {
                "distance": _number(bounds.distance, UP),
                "decrease": _number(bounds.decrease, DOWN),
                "steps": bounds.steps,
            },
        },
        "evidence": evidence(outcome.arguments),
        "provenance": {**provenance, "precision": result.precision},
    }


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A claim of this family in a sentence, and its bounds as names and texts."""
    problem, bounds = claim["problem"], claim["bounds"]
    sentence = (
        f"For one ReLU filter in dimension {len(problem['target'])} with standard Gaussian input, gradient "
        f"descent with step {problem['eta']} from the point converges to the target w*, and |w_t - w*| <= "
        f"{problem['accuracy']} |w*| from step {bounds['steps']} on."
    )
    facts = [
        ("|w0 - w*|/|w*|", f"<= {bounds['distance']['decimal']}"),
        ("each step shrinks |w_t - w*|", f"by a share of at least {bounds['decrease']['decimal']}"),
    ]
    return sentence, facts


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


def _number(value: Ball, rounding: str) -> Json:
    exact = loosened(to_dyadic(value), rounding)
    return {"exact": [str(exact[0]), exact[1]], "decimal": decimal(exact, rounding)}


def _shown(value: Fraction) -> str:
    full = str(value)
    return full if len(full) <= 40 else f"{full[:40]}.."
