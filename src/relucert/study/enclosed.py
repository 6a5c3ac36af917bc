"""Runs of a study from their exact starts: the task `prove_runs`, and the statement of a certificate of many runs.

The exact run is not the floating-point run of the study: its step is the rational 1/10, not the double 0.1. What the
study says of a run, its minimum and its number of steps, is a guess that costs time where it is wrong, no more.
"""

from __future__ import annotations

from collections.abc import Sequence

from relucert.base.exact import Rows, exact_rows
from relucert.families.teacher import runs as teacher_runs
from relucert.families.teacher.search.descent import starting_point
from relucert.study import sample
from relucert.study.runs import BELOW, FLOOR, Json, Protocol

LARGEST_INTEGER = 2**53  # of the JSON in certificates


def prove_runs(k: int, n: int, guesses: Sequence[Json], claims: Sequence[Json], protocol: Protocol) -> Json:
    """{"runs": what is proved of each of these runs}, in their order.

    guesses: of each run `run` (its number), `family` (index in claims, -1 for none), `ended`, `loss` and `steps`, as
    the row of the study has them. Of a proved run: `run`, `minimum` (an index, or None below the floor), `steps`, and
    `proof`, for `statement`. Of another: `run` and `why`.
    """
    return {"runs": [{"run": guess["run"], **_one(k, n, guess, claims, protocol)} for guess in guesses]}


def start(k: int, n: int, seed: int, run: int) -> Json:
    """The exact start of a run, as certificates write it: n rows of k dyadics."""
    return [[[str(m), e] for m, e in row] for row in _rows(k, n, seed, run)]


def origin(seed: int, numbers: Sequence[int]) -> Json:
    """Where the starts of these runs come from, as certificates write it."""
    return {"seed": seed if seed < LARGEST_INTEGER else str(seed), "numbers": list(numbers)}


def _rows(k: int, n: int, seed: int, run: int) -> Rows:
    return exact_rows(starting_point(k, n, k, seed, run).tolist(), "neuron")
