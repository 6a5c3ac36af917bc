"""Which runs of a row are to be proved from their starts: docs/spec/study-v1.md section 3."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import ceil
from typing import Protocol

from relucert.base.errors import InputError
from relucert.base.rational import exact_number
from relucert.kernel import confidence


class Drawn(Protocol):
    """What of a study's protocol plays a part in proofs."""

    @property
    def seed(self) -> int: ...
    @property
    def step(self) -> float: ...
    @property
    def floor(self) -> float: ...
    @property
    def max_steps(self) -> int: ...


ORDER = "relucert-proved-runs/1"
ALL = "all"
CONFIDENCE = "0.999"
TAIL = (1, 2000)  # of each of the two bounds, so that both hold with at least this confidence
INTERVAL_TAIL = (1, 40)  # of each end of the 95% interval of runs that are counted
GRID = 10**6
REMEDY = f"expected {ALL}, a number of runs such as 100, or a share such as 10%, 1/10 or 0.1"


def order(seed: int, k: int, n: int, runs: int) -> list[int]:
    """All runs of (k, n), in the order in which they are proved: by a hash of the seed and the number."""

    def place(run: int) -> bytes:
        return hashlib.sha256(f"{ORDER} {seed} {k} {n} {run}".encode()).digest()

    return sorted(range(runs), key=place)


def groups(numbers: Sequence[int], size: int) -> list[list[int]]:
    """Runs in the order, so many together: those of a smaller sample are the same, up to its last one."""
    return [list(numbers[first : first + size]) for first in range(0, len(numbers), size)]


def last_groups(numbers: Sequence[int], size: int) -> list[list[int]]:
    """The last of `groups` of every sample that is not larger: so all groups of all of them."""
    return [list(numbers[at - at % size : at + 1]) for at in range(len(numbers))]


def size(text: str, runs: int, option: str = "--prove-runs") -> int:
    """How many of so many runs a user asks for by this option. Raises InputError."""
    said = text.strip()
    if said == ALL:
        return runs
    if re.fullmatch("[0-9]{1,15}", said):
        return _checked(int(said), runs, f"{option} {text}")
    share = exact_number(said.removesuffix("%"), f"{option} {text}") / (100 if said.endswith("%") else 1)
    if not 0 < share <= 1:
        raise InputError(f"{option} {text}: a share is above 0 and at most 1; {REMEDY}")
    return ceil(share * runs)


def _checked(count: int, runs: int, said: str) -> int:
    if not 1 <= count <= runs:
        raise InputError(f"{said}: each (k, n) has {runs} runs (--runs); {REMEDY}")
    return count


def exact(number: float) -> Fraction:
    """The rational that the shortest decimal of a double denotes: 1/10 for 0.1, which the double itself is not."""
    return Fraction(repr(number))


def shown(value: Fraction) -> str:
    """As certificates write it, in lowest terms."""
    return str(value)


def share(kinds: Mapping[str, int], asked: int) -> tuple[str, str]:
    """Bounds of the probability of a spurious end, as decimals: study-v1.md section 5."""
    spurious = kinds.get("spurious-minimum", 0)
    elsewhere = kinds.get("global-minimum", 0) + kinds.get("below-floor", 0)
    low = confidence.lower(spurious, asked, TAIL, GRID)
    high = confidence.upper(asked - elsewhere, asked, TAIL, GRID)
    return _six(low), _six(high)


@cache
def interval(successes: int, trials: int) -> tuple[int, int]:
    """Of a binomial probability, in units of 1/GRID, rounded outwards: it holds with 95% confidence at least."""
    low = confidence.lower(successes, trials, INTERVAL_TAIL, GRID)
    return low, confidence.upper(successes, trials, INTERVAL_TAIL, GRID)


def _six(millionths: int) -> str:
    return f"{millionths // GRID}.{millionths % GRID:06d}"
