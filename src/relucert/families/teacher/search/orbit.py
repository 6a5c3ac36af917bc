"""Guesses at the symmetry that takes one point of the landscape to another. UNTRUSTED.

With targets e_1 .. e_k, F(P W Q) = F(W) for all permutations of neurons and of coordinates
(docs/theorem/teacher.md section 6). With output weights of both signs the permutations keep these, and with the
activation |t| neurons and coordinates may turn (docs/theorem/signed.md, Lemma 20.T).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from relucert.families.teacher.network import Network

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROUNDS = 3  # how far the features of a row look: at its entries, at the columns they are in, and so on
ALTERNATIONS = 8


def features(point: Floats, own: Floats, theirs: Floats) -> tuple[Floats, Floats]:
    """(rows (n, m), columns (d, m)): numbers that follow the rows and columns of (n, d) through permutations.

    own (n,), theirs (d,): what tells rows and columns apart beside their entries. Sums over the entries of a row
    of smooth functions of the entry and of the features of its column, and the other way round: a continuous form
    of colour refinement.
    """
    rows, columns = own[:, None], theirs[:, None]
    for _ in range(ROUNDS):
        rows, columns = _look(point, columns), _look(point.T, rows)
    return rows, columns


def _look(point: Floats, colours: Floats) -> Floats:
    mixed = point[:, :, None] + colours.mean(axis=1)[None, :, None] * np.array([1.0, 0.5])
    return np.concatenate([np.sin(3.0 * mixed).sum(axis=1), np.sin(mixed**2).sum(axis=1)], axis=1)


def align(point: Floats, other: Floats, of: Network | None = None) -> tuple[Integers, Integers]:
    """(rows, columns) such that other[rows][:, columns] is as near `point` as this finds; both (n, d).

    of: output weights, which the permutations keep, those of the targets e_1 .. e_d with the coordinates; for |t|
    near up to signs of the entries.
    """
    own, theirs = (np.zeros(size) for size in point.shape)
    if of is not None:
        own, theirs = np.array(of.signs, dtype=np.float64), np.array(of.teacher, dtype=np.float64)
    if turns(of):
        point, other = np.abs(point), np.abs(other)
    columns = _match(features(point, own, theirs)[1], features(other, own, theirs)[1], theirs)
    rows = _match(point, other[:, columns], own)
    for _ in range(ALTERNATIONS):
        better = _match(point.T, other[rows].T, theirs)
        if (better == columns).all():
            break
        columns = better
        rows = _match(point, other[:, columns], own)
    return rows, columns


def _match(a: Floats, b: Floats, kinds: Floats) -> Integers:
    """For each row of a the row of b that goes with it, of the same kind."""
    from scipy.optimize import linear_sum_assignment  # slow to import

    cost = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    apart = np.not_equal.outer(kinds, kinds)
    if apart.any():
        cost[apart] += 1.0 + cost.sum()  # no sum of squares that it competes with is as large
    found: Integers = linear_sum_assignment(cost)[1]
    return found


def turns(of: Network | None) -> bool:
    """Whether the activation is |t|."""
    return of is not None and of.slope == (-1, 1)


def turn(point: Floats, other: Floats, of: Network | None = None) -> tuple[Integers, Integers]:
    """Signs e (n,) and c (d,), each 1 or -1, such that e_i other_ij c_j has the signs of `point`, both (n, d); all 1
    unless the activation is |t|.

    From the largest products of entries on: where the one is an image of the other, a spanning tree of them fixes all.
    """
    if not turns(of):
        return np.ones(point.shape[0], dtype=np.int64), np.ones(point.shape[1], dtype=np.int64)
    product = point * other
    n, d = product.shape
    signs, known = np.ones(n + d, dtype=np.int64), np.zeros(n + d, dtype=bool)
    size = np.zeros((n + d, n + d))
    size[:n, n:] = product
    size += size.T
    for _ in range(n + d):
        reach = np.abs(size) * (known[:, None] & ~known)
        at, to = (int(x) for x in np.unravel_index(int(np.argmax(reach)), reach.shape))
        if not reach[at, to] > 0.0:  # the first of a part that nothing joins to what is known
            at = to = int(np.argmin(known))
        signs[to] = signs[at] * (1 if size[at, to] >= 0.0 else -1)
        known[to] = True
    return signs[:n], signs[n:]
