"""A first member of a family of symmetric critical points: a search in the few numbers that describe it.

Nothing here is trusted. In the minima that gradient descent finds (Safran, Yehudai & Shamir 2021; Arjevani
& Field 2020) the neurons of a class point near e_i, or are turned away to near -e_i, or are reflected: images
of e_i under the reflection that keeps the sum of the class. Newton's method, with the eigenvalues of the
Hessian made positive, goes down from there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations, product

import numpy as np

from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.families.teacher.symmetric.family import Pattern
from relucert.families.teacher.symmetric.point import (
    SymmetricPoint,
    SymmetricVerification,
    descent_step,
    moved_by,
    verify_point,
)
from relucert.kernel import ball
from relucert.kernel.ball import NotProved

SMALLEST, SPREADS = 12, (4.0, 2.75)  # k of the search: at least, and relative to the sizes that do not grow
PLAIN, TURNED, REFLECTED = "plain", "turned", "reflected"
MOST_CHOICES, RANDOM_STARTS, SEED = 81, 16, 1
RANDOM = "random start"
APART = 0.4
MOST_STEPS = 40
LONGEST = 0.06  # step, relative to sqrt(k), about the norm of the point
SETTLED = 1e-8
BITS = 64
FLATTEST = 1e-3  # eigenvalues count as at least this large
ALIKE = 1e-6  # values that differ by less count as equal


def first_member(pattern: Pattern) -> SymmetricPoint:
    """A critical point with just these classes, a spurious minimum if one turns up.

    The starts in their order: the classes that do not grow turned away; other choices for each class; random
    ones, if those gave nothing. The first spurious minimum is taken, else the saddle with the fewest negative
    eigenvalues, and the least loss. Global minima, and points whose classes could be joined, are passed over.
    Raises InputError if nothing is left.
    """
    saddles: list[SymmetricVerification] = []
    joined = False
    for start in _starts(pattern):
        if saddles and start.source == RANDOM:
            break
        found = _descend(start)
        if found is None:
            continue
        if _joinable(found):
            joined = True
            continue
        result = verify_point(found)
        bounds = result.outcome.bounds
        if result.verdict == "spurious-minimum":
            return result.point
        if result.verdict == "strict-saddle" and bounds is not None and bounds.inertia is not None:
            saddles.append(result)
    if saddles:
        return min(saddles, key=_height).point
    more = " (only some whose classes can be joined)" if joined else ""
    raise InputError(
        f"--classes {pattern}: no such critical point was found{more}; give one with --start FILE"
    )


def _height(saddle: SymmetricVerification) -> tuple[int, float]:
    bounds = saddle.outcome.bounds
    if bounds is None or bounds.inertia is None:
        return 0, math.inf
    return bounds.inertia[0], float(bounds.objective[1]) * saddle.point.k


def _starts(pattern: Pattern) -> Iterator[SymmetricPoint]:
    fixed, m = sum(pattern.fixed), len(pattern.fixed)
    ks = sorted({max(SMALLEST, math.ceil(spread * fixed)) for spread in SPREADS}, reverse=True)
    states = [(TURNED, PLAIN, REFLECTED) if p > 2 else (TURNED, PLAIN) for p in pattern.fixed]
    choices = [choice for choice in product(*states) if any(x != PLAIN for x in choice)]
    expected = tuple(PLAIN if c == pattern.grow and m > 1 else TURNED for c in range(m))
    choices.sort(key=lambda choice: sum(a != b for a, b in zip(choice, expected, strict=True)))
    for k in ks:
        for choice in choices[:MOST_CHOICES]:
            yield _start(pattern.sizes(k), choice, None)
        for c in range(m):
            if m > 2 and c != pattern.grow:
                yield _apart(pattern.sizes(k), pattern.grow, c)
    random = np.random.default_rng(SEED)
    for k in ks if m > 1 else ():
        for _ in range(RANDOM_STARTS):
            yield _start(
                pattern.sizes(k), [states[c][random.integers(len(states[c]))] for c in range(m)], random
            )


def _start(sizes: Sequence[int], states: Sequence[str], random: np.random.Generator | None) -> SymmetricPoint:
    """Entries of the order of those of known minima; perhaps perturbed."""
    k = sum(sizes)
    beside = {(TURNED, TURNED): 1.65 / k, (TURNED, PLAIN): 1.85 / k, (PLAIN, TURNED): 1.28 / k}

    def own(p: int, state: str) -> float:
        return {PLAIN: 1.0, TURNED: 3.5 / k - 1.0, REFLECTED: 2.0 / p - 1.0}[state]

    def inside(p: int, state: str) -> float:
        return 2.0 / p if state == REFLECTED else beside.get((state, state), 0.0)

    rows = [
        [
            *(own(p, here) if c == a else beside.get((here, there), 0.0) for a, there in enumerate(states)),
            inside(p, here),
        ]
        for c, (p, here) in enumerate(zip(sizes, states, strict=True))
    ]
    if random is not None:
        noise = 0.3 * random.random() * random.standard_normal((len(sizes), len(sizes) + 1))
        rows = (np.array(rows) + noise).tolist()
    return SymmetricPoint.from_rows(sizes, rows, source="" if random is None else RANDOM)


def _apart(sizes: Sequence[int], plain: int, apart: int) -> SymmetricPoint:
    """All classes but `plain` reflected together, and one of them less turned: minima with three classes."""
    m, s = len(sizes), sum(sizes) - sizes[plain]
    rows = [[2.0 / s if plain not in (c, a) else 0.0 for a in (*range(m), c)] for c in range(m)]
    for c in range(m):
        rows[c][c] = 1.0 if c == plain else 2.0 / s - 1.0 + APART * (c == apart)
    return SymmetricPoint.from_rows(sizes, rows)


def _descend(at: SymmetricPoint) -> SymmetricPoint | None:
    """The critical point below `at`; None if the steps do not settle."""
    longest = LONGEST * math.sqrt(at.k)
    with ball.precision(BITS):
        for _ in range(MOST_STEPS):
            try:
                step, length = descent_step(at, FLATTEST, longest)
            except NotProved:
                return None
            at = moved_by(at, step, BITS)
            if length < SETTLED:
                return at
    return None


def _joinable(at: SymmetricPoint) -> bool:
    """Whether the indices of two classes could be exchanged as well.

    Which coordinate belongs to which neuron is a matter of choice for classes of 1, and inside those of 2.
    """
    m = len(at.sizes)
    single = [c for c, p in enumerate(at.sizes) if p == 1]
    pairs = [c for c, p in enumerate(at.sizes) if p == 2]
    for order in permutations(single):
        neurons = list(range(m))
        for c, a in zip(single, order, strict=True):
            neurons[c] = a
        for swaps in product((False, True), repeat=len(pairs)):
            rows = [[to_float(row[a]) for a in (*neurons, m)] for row in at.values]
            for c, swap in zip(pairs, swaps, strict=True):
                if swap:
                    rows[c][c], rows[c][m] = rows[c][m], rows[c][c]
            if any(_exchangeable(at.sizes, rows, a, b) for a, b in combinations(range(m), 2)):
                return True
    return False


def _exchangeable(sizes: Sequence[int], rows: Sequence[Sequence[float]], a: int, b: int) -> bool:
    def same(*values: float) -> bool:
        return max(values) - min(values) < ALIKE

    inside = [rows[c][-1] for c in (a, b) if sizes[c] > 1]
    others = [c for c in range(len(sizes)) if c not in (a, b)]
    return (
        same(rows[a][a], rows[b][b])
        and same(rows[a][b], rows[b][a], *inside)
        and all(same(rows[a][c], rows[b][c]) and same(rows[c][a], rows[c][b]) for c in others)
    )
