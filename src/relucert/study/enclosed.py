"""Runs of a study from their exact starts: the task `prove_runs`, and the statement of a certificate of many runs.

The exact run is not the floating-point run of the study: its step is the rational 1/10, not the double 0.1. What the
study says of a run, its minimum and its number of steps, is a guess that costs time where it is wrong, no more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relucert.base.dyadic import to_float
from relucert.base.exact import Rows, exact_rows
from relucert.certificate.provenance import versions
from relucert.families.teacher import runs as teacher_runs
from relucert.families.teacher import runs_statement
from relucert.families.teacher.search.descent import loss_and_gradient, starting_point
from relucert.study import sample
from relucert.study.runs import CRITERION, FLOOR, Json, Protocol

MOST_STEPS = teacher_runs.MOST_STEPS
CLEARLY = 1 - 2.0**-20  # so that a loss below the floor in floating point is proved to be
TOO_LARGE = "with it the certificate of its hundred runs would exceed the limits of the checker"
LARGEST_INTEGER = 2**53  # of the JSON in certificates


def prove_runs(k: int, n: int, guesses: Sequence[Json], claims: Sequence[Json], protocol: Protocol) -> Json:
    """{"runs": what is proved of each of these runs}, in their order.

    guesses: of each run `run` (its number), `family` (index in claims, -1 for none), `ended`, `loss` and `steps`, as
    the row of the study has them. Of a proved run: `run`, `minimum` (an index, or None below the floor), `steps`, and
    `proof`, for `statement`. Of another: `run` and `why`.
    """
    return {"runs": [{"run": guess["run"], **_one(k, n, guess, claims, protocol)} for guess in guesses]}


def start(k: int, n: int, seed: int, run: int) -> list[list[list[object]]]:
    """The exact start of a run, as certificates write it: n rows of k dyadics."""
    return [[[str(m), e] for m, e in row] for row in _rows(k, n, seed, run)]


def origin(seed: int, numbers: Sequence[int]) -> Json:
    """Where the starts of these runs come from, as certificates write it."""
    return {"seed": seed if seed < LARGEST_INTEGER else str(seed), "numbers": list(numbers)}


def _rows(k: int, n: int, seed: int, run: int) -> Rows:
    return exact_rows(starting_point(k, n, k, seed, run).tolist(), "neuron")


def _one(k: int, n: int, guess: Json, claims: Sequence[Json], protocol: Protocol) -> Json:
    """What is proved of one run: `minimum`, `steps`, `proof`; or `why` nothing is."""
    at = guess["family"]
    below = at < 0 and n > k and guess["ended"] in (FLOOR, CRITERION)
    if not below and (at < 0 or not claims[at]["bounds"].get("basin")):
        where = (
            "it is undecided"
            if at < 0
            else f"it ends at a {claims[at]['verdict']}, which has no certified basin"
        )
        return {"why": f"in the floating-point study, {where}"}
    rows, step = _rows(k, n, protocol.seed, guess["run"]), sample.exact(protocol.step)
    of = protocol.layer.network(n, k)
    if below:
        floor = sample.exact(protocol.floor)
        until = protocol.floor_steps if guess["ended"] == FLOOR else _first_below(rows, protocol)
        if until is None:
            return {"why": "in floating point, its loss does not fall below the floor"}
        result = teacher_runs.prove_run(rows, step, None, floor=floor, until=until, network=of)
    else:
        most = min(protocol.max_steps, MOST_STEPS)
        result = teacher_runs.prove_run(rows, step, claims[at], max_steps=most, network=of)
    if result.run is None:
        return {"why": result.reason}
    proof = {**result._asdict(), "curve": []}  # nobody draws it
    return {"minimum": None if below else at, "steps": result.run["steps"], "proof": proof}


def _first_below(start: Rows, protocol: Protocol) -> int | None:
    """The first step at which the loss is below the floor, in floating point: before a neuron vanishes, if one does."""
    weights = np.array([[to_float(x) for x in row] for row in start])
    n, k = weights.shape
    targets, of = np.eye(k), protocol.layer.network(n, k)
    for at in range(protocol.floor_steps + 1):
        loss, gradient = loss_and_gradient(weights, targets, of)
        if loss < protocol.floor * CLEARLY:
            return at
        weights = weights - protocol.step * gradient
    return None


def within(k: int, n: int, proofs: Sequence[Json]) -> list[Json]:
    """The same, but for runs that make their certificate larger than the checker takes: these are not proved."""
    found: list[Json] = []
    steps, minima = 0, set[int]()
    for one in proofs:
        if "why" not in one:
            more = minima | ({one["minimum"]} - {None})
            if not runs_statement.fits(n, k, steps + one["steps"], len(more)):
                found.append({"run": one["run"], "why": TOO_LARGE})
                continue
            steps, minima = steps + one["steps"], more
        found.append(one)
    return found


def statement(k: int, n: int, proofs: Sequence[Json], claims: Sequence[Json], protocol: Protocol) -> Json:
    """Of the certificate of these proved runs, in their order; claims: of the families of the row."""
    used = sorted({one["minimum"] for one in proofs if one["minimum"] is not None})
    place = {at: i for i, at in enumerate(used)}
    results = [teacher_runs.Result(**one["proof"]) for one in proofs]
    claim = runs_statement.claim(
        n,
        k,
        sample.exact(protocol.step),
        [(result, place.get(one["minimum"])) for result, one in zip(results, proofs, strict=True)],
        [claims[at] for at in used],
        floor=sample.exact(protocol.floor),
        origin=origin(protocol.seed, [one["run"] for one in proofs]),
        network=protocol.layer.network(n, k),
    )
    return runs_statement.statement(claim, results, {**versions(), "source": "relucert grid", "search": None})
