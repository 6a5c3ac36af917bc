"""Side by side, as Ge, Lee & Ma argue it: a spurious minimum W* of the l2 loss, and gradient descent on G from there.

Proved for a whole ball about the stored point: G has no critical point in it, and every run from it converges to a
global minimum (docs/theorem/landscape.md, Lemma 13.N and Theorem 13.B).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from relucert.base.dyadic import to_fraction
from relucert.base.errors import InputError
from relucert.certificate import form
from relucert.certificate.checked import refused
from relucert.certificate.numbers import Json, number
from relucert.certificate.provenance import versions
from relucert.families.landscape.descent import ConvergesToGlobalMinimum, LandscapeRun, describe, run
from relucert.families.landscape.descent_statement import run_statement
from relucert.families.landscape.problem import LandscapeProblem
from relucert.families.landscape.stored import Stored

LARGEST, SMALLEST = -4, -40  # exponents of the radii that are tried before that of the stored certificate
FEWEST, MOST = 2, 64  # k
COLUMNS = (
    "k", "loss_low", "loss_high", "existence_radius", "basin_radius", "basin_step", "start_radius", "gradient_min",
    "step", "steps", "distance", "stored", "certificate", "reason",
)  # fmt: skip


class Settings(NamedTuple):
    """Of G, and of gradient descent on it."""

    mu: Fraction
    lam: Fraction
    eta: Fraction
    most_steps: int


class Proved(NamedTuple):
    """A certificate of the method `descent`, that the checker accepted: decimals on the safe side, and its name.

    permutation, signs: where all runs end.
    """

    start_radius: str
    gradient_min: str
    steps: int
    distance: str
    permutation: tuple[int, ...]
    signs: str
    digest: str


@dataclass(frozen=True)
class Line:
    """One k. proved: None where `reason` says why nothing is."""

    stored: Stored
    proved: Proved | None
    reason: str = ""


def numbers(text: str) -> list[int]:
    """From "6", "6:20", or lists of these, in order. Raises InputError."""
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r" *([0-9]{1,4})(?::([0-9]{1,4}))? *", part, re.ASCII)
        if match is None:
            raise InputError(f"--k {text}: expected numbers or ranges such as 6:20")
        first, last = int(match[1]), int(match[2] or match[1])
        if not FEWEST <= first <= last <= MOST:
            raise InputError(f"--k {text}: {part.strip()} is not a range within {FEWEST}:{MOST}")
        found.update(range(first, last + 1))
    return sorted(found)


def descend(stored: Stored, settings: Settings) -> tuple[LandscapeRun, Json | None]:
    """G for a* = 1, d = k, from every point within a radius of the stored one, and the statement, None where the run
    does not serve.

    The radius is the largest power of 2, up to 1/16, for which convergence and the gradient are proved, and the checker
    accepts it; and at least twice the radius of existence: what a claim gives away by rounding stays above that.
    """
    problem = LandscapeProblem((Fraction(1),) * stored.k, settings.mu, settings.lam)
    twice = 2 * stored.radius
    least = twice.numerator.bit_length() - twice.denominator.bit_length() + 1  # 2^least > 2 r

    def attempt(exponent: int) -> LandscapeRun:
        return run(problem, stored.rows, settings.eta, settings.most_steps, (1, exponent))

    smallest = attempt(least)
    if not serves(smallest):
        return smallest, None
    for result in map(attempt, range(LARGEST, max(least, SMALLEST), -1)):
        if serves(result):
            found = statement(result, stored)
            if refused(form.envelope(found, []), f"{form.digest(found)}.json") is None:
                return result, found
    return smallest, statement(smallest, stored)


def statement_or_reason(stored: Stored, settings: Settings) -> Json | str:
    """The statement of `descend`, or why there is none. Runs in worker processes."""
    result, found = descend(stored, settings)
    return reason(result) if found is None else found


def statement(result: LandscapeRun, stored: Stored) -> Json:
    """Of a run that serves."""
    origin = {**versions(), "source": f"certificate {stored.digest}", "search": None}
    return run_statement(result, origin)


def serves(result: LandscapeRun) -> bool:
    """Whether all that the comparison says is proved."""
    outcome = result.outcome
    return isinstance(outcome, ConvergesToGlobalMinimum) and outcome.bounds.gradient_min is not None


def reason(result: LandscapeRun) -> str:
    """Of a run that does not serve."""
    return describe(result) or "the gradient of G is not proved to be bounded away from 0 on the whole ball"


def proved(stored: Stored, claim: Json, digest: str) -> Proved:
    """What a certificate of the run says. Raises InputError where its ball is smaller than that about W."""
    bounds = claim["bounds"]
    if to_fraction(number(bounds["start_radius"], "start_radius")) <= stored.radius:
        raise InputError(f"k = {stored.k}: the start radius does not exceed the radius of existence")
    texts = (bounds[name]["decimal"] for name in ("start_radius", "gradient_min", "distance"))
    start_radius, gradient_min, distance = texts
    end = claim["minimum"]
    return Proved(
        start_radius, gradient_min, claim["steps"], distance, tuple(end["permutation"]), end["signs"], digest
    )


def record(line: Line, settings: Settings) -> dict[str, object]:
    """As the table and --json have it; decimals are texts, rounded to the safe side."""
    stored, found = line.stored, line.proved
    return {
        "k": stored.k,
        "loss_low": stored.loss[0],
        "loss_high": stored.loss[1],
        "existence_radius": stored.shown_radius,
        "basin_radius": stored.basin and stored.basin[0],
        "basin_step": stored.basin and stored.basin[1],
        "start_radius": found and found.start_radius,
        "gradient_min": found and found.gradient_min,
        "step": str(settings.eta),
        "steps": found and found.steps,
        "distance": found and found.distance,
        "stored": stored.digest,
        "certificate": found and found.digest,
        "reason": line.reason,
    }


def to_csv(lines: Sequence[Line], settings: Settings) -> bytes:
    """The table."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(record(line, settings) for line in lines)
    return text.getvalue().encode()
