"""Global minima with more neurons than targets, by exact arithmetic: docs/theorem/wider.md, Theorem 18.G."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from relucert.kernel.outcome import GlobalMinima, Inconclusive
from relucert.kernel.teacher.loss import Rows

NOT_EXACT = "the neurons are not exactly positive multiples of the targets, with fractions that add up to 1"


def decide(point: Rows, targets: Rows, owners: Sequence[int]) -> GlobalMinima | Inconclusive:
    """F = 0 at W, which is not isolated among the points where F = 0; in every dimension from d on.

    point: n rows of d, targets: k rows of d, n > k. owners: for each neuron the target, from 1, of which it is to be a
    positive multiple: a guess.
    """
    if not len(point) == len(owners) > len(targets):
        return Inconclusive(None, (), "this needs more neurons than targets")
    neurons, teachers = _fractions(point), _fractions(targets)
    sums = [[Fraction(0)] * len(row) for row in teachers]
    for w, j in zip(neurons, owners, strict=True):
        if not 1 <= j <= len(teachers) or not _is_multiple(w, teachers[j - 1]):
            return Inconclusive(None, (), NOT_EXACT)
        sums[j - 1] = [x + y for x, y in zip(sums[j - 1], w, strict=True)]
    if sums != teachers:
        return Inconclusive(None, (), NOT_EXACT)
    return GlobalMinima(None, (), tuple(owners))


def _is_multiple(w: Sequence[Fraction], v: Sequence[Fraction]) -> bool:
    """Whether w = t v with t > 0, of vectors of one length."""
    pivot = next((a for a, x in enumerate(v) if x), None)
    if pivot is None or w[pivot] * v[pivot] <= 0:
        return False
    return all(x * v[pivot] == w[pivot] * y for x, y in zip(w, v, strict=True))


def _fractions(rows: Rows) -> list[list[Fraction]]:
    return [[m * Fraction(2) ** e for m, e in row] for row in rows]
