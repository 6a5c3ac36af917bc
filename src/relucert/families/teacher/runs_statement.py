"""Statements about runs from their starts: docs/spec/runs-v1.md and signed-runs-v1.md are the authority for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from relucert.base.errors import InputError
from relucert.certificate.form import SCHEMA
from relucert.certificate.numbers import Json
from relucert.families.teacher.methods import RUNS, SIGNED_RUNS
from relucert.families.teacher.network import Network
from relucert.families.teacher.problem import TEACHER_STUDENT
from relucert.families.teacher.runs import MOST_WORK, Result, work
from relucert.families.teacher.statement import about_orthonormal

CONVERGES, BELOW, DECIDED = "converges", "stays-below-floor", "decided"  # verdicts
MOST_RUNS = 256
MOST_IN_ALL, MOST_SQUARES = 10**7, 10**7  # steps of all runs; minima times (n k)^2


def claim(
    n: int,
    k: int,
    step: Fraction,
    results: Sequence[tuple[Result, int | None]],
    minima: Sequence[Json],
    *,
    floor: Fraction | None = None,
    origin: Mapping[str, object] | None = None,
    network: Network | None = None,
) -> Json:
    """results: proved runs, each with the index of its minimum in `minima`, or None for one below the floor.

    origin: seed (from 2^53 on as a string), and first or numbers: where the starts were drawn. network: None for
    output weights 1 and the ReLU. Raises InputError for a run that is not proved.
    """
    if not 1 <= len(results) <= MOST_RUNS:
        raise InputError(f"a certificate holds 1 to {MOST_RUNS} runs, not {len(results)}")
    used = {index for _, index in results if index is not None}
    if used != set(range(len(minima))):
        raise InputError("each minimum of the certificate must be the end of one of its runs")
    low = [index is None for _, index in results]
    given: Json = {} if floor is None or not any(low) else {"floor": str(floor)}
    if origin is not None:
        given["origin"] = dict(origin)
    return {
        "schema": SCHEMA,
        "family": TEACHER_STUDENT,
        "method": RUNS if network is None else SIGNED_RUNS,
        "problem": about_orthonormal(k, n, network),
        "step": str(step),
        "minima": [plain(minimum) for minimum in minima],
        **given,
        "runs": [_member(result, index) for result, index in results],
        "verdict": BELOW if all(low) else DECIDED if any(low) else CONVERGES,
        "bounds": {},
    }


def fits(n: int, k: int, steps: int, minima: int) -> bool:
    """Whether the checker takes a certificate with so many steps in all: docs/spec/runs-v1.md section 2."""
    return steps <= MOST_IN_ALL and work(n, k) * steps <= MOST_WORK and minima * (n * k) ** 2 <= MOST_SQUARES


def plain(minimum: Json) -> Json:
    """A claim as it stands among minima: of this version, and only about the minimum."""
    return {**{name: x for name, x in minimum.items() if name != "robust"}, "schema": SCHEMA}


def _member(result: Result, index: int | None) -> Json:
    run = result.run
    if run is None:
        raise InputError(f"a run that is not proved has no certificate: {result.reason}")
    if ("end" in run) != (index is not None):
        raise InputError("a run that converges needs its minimum, one below the floor has none")
    return run if index is None else {**run, "end": {"minimum": index, **run["end"]}}


def statement(claim: Json, results: Sequence[Result], provenance: Mapping[str, object]) -> Json:
    """The claim with its evidence: that of each run, in their order."""
    return {
        "claim": claim,
        "evidence": [argument for result in results for argument in result.evidence],
        "provenance": {**provenance, "precision": max(result.precision for result in results)},
    }
