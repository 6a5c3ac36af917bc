"""Exact ranks and polynomials of integer matrices, by residues modulo primes of 21 bits.

An integer that is 0 modulo primes whose product exceeds twice its size is 0."""

from collections.abc import Iterator, Sequence
from functools import cache
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from relucert_audit.digits import LIMB, limbs
from relucert_audit.exact import Matrix, norm_bound
from relucert_audit.finding import TooWeak

LOWEST, HIGHEST, CHUNK = 1 << 20, 1 << 21, 64
MOST_PRIMES = 8000  # which tell whether integers of 160,000 bits are 0
WORK = 5 * 10**9  # most additions and multiplications of one exact rank
Floats = NDArray[np.float64]


@cache
def primes() -> list[int]:
    """Those between 2^20 and 2^21."""
    sieve = np.ones(HIGHEST, dtype=bool)
    for i in range(2, isqrt(HIGHEST) + 1):
        if sieve[i]:
            sieve[i * i :: i] = False
    return [int(p) for p in np.nonzero(sieve)[0] if p > LOWEST]


def first(bits: int) -> list[int]:
    """The first primes, whose product has more than so many bits."""
    number = bits // (LOWEST.bit_length() - 1) + 1
    if number > MOST_PRIMES:
        raise TooWeak("too many bits for residues")
    return primes()[:number]


def residues(a: Matrix, moduli: Sequence[int]) -> Iterator[NDArray[np.int64]]:
    """a modulo each, entries from 0. a is split once into digits; 2^20 times 2^21, at most 2^11 times, is exact."""
    shape, digits = a.shape, limbs(a.ravel())
    flat = np.array(digits).reshape(len(digits), a.size)
    for p in moduli:
        total, power = np.zeros(flat.shape[1], np.int64), 1
        for start in range(0, len(digits), 1024):
            part = flat[start : start + 1024]
            powers = [power]
            for _ in part[1:]:
                powers.append((powers[-1] << LIMB) % p)
            total = (total + (np.array(powers, np.float64) @ part).astype(np.int64)) % p
            power = (powers[-1] << LIMB) % p
        yield total.reshape(shape)


def rank_modulo(a: NDArray[np.int64], p: int) -> int:
    """By elimination, which overwrites a; its entries are from 0 to p - 1."""
    rank = 0
    for column in range(a.shape[1]):
        rows = np.nonzero(a[rank:, column])[0]
        if len(rows):
            a[[rank, rank + rows[0]]] = a[[rank + rows[0], rank]]
            pivot = a[rank] * pow(int(a[rank, column]), -1, p) % p
            rank += 1
            a[rank:] = (a[rank:] - a[rank:, column, None] * pivot) % p
        if rank == len(a):
            break
    return rank


def minors(a: Matrix, size: int) -> int:
    """Bits that no minor of this size exceeds: Hadamard, by the longest rows."""
    squares = sorted((int(x) for x in (a * a).sum(axis=1)), reverse=True)[:size]
    return sum(x.bit_length() + 1 >> 1 for x in squares) + 1


def work(a: Matrix, size: int) -> int:
    """Operations that tell whether the rank of a is below `size`, about."""
    return (minors(a, size) // (LOWEST.bit_length() - 1) + 1) * size * a.size


def rank(a: Matrix) -> int:
    """The exact rank: at least that modulo a prime; not above it, if it is so modulo enough of them, as then all
    minors of the next size are 0."""
    a, best, done = a if len(a) <= a.shape[1] else a.T, 0, 0
    while best < len(a):
        if work(a, best + 1) > WORK:
            raise TooWeak("an exact rank takes too much work")
        needed = first(minors(a, best + 1))
        for p, b in zip(needed[done:], residues(a, needed[done:]), strict=True):
            done, found = done + 1, rank_modulo(b, p)
            if found > best:
                best = found
                break
        else:
            break
    return best


def annihilates(q: Sequence[int], g: Matrix) -> bool:
    """Whether q(G) = q_0 + q_1 G + .. = 0, exactly, for a symmetric G: its entries are at most sum |q_i| ||G||^i."""
    size, bound = norm_bound(g), 0
    for x in reversed(q):
        bound = bound * size + abs(x)
    moduli = first(bound.bit_length() + 1)
    step = isqrt(len(q) - 1) + 1
    coefficients = np.array(list(q) + [0] * (-len(q) % step), dtype=object)
    for start in range(0, len(moduli), CHUNK):
        some = moduli[start : start + CHUNK]
        for p, a, b in zip(some, residues(g, some), residues(coefficients, some), strict=True):
            if polynomial(b.astype(np.float64).reshape(-1, step), a.astype(np.float64), p).any():
                return False
    return True


def polynomial(rows: Floats, a: Floats, p: int) -> Floats:
    """sum over j of (sum_i rows[j, i] A^i) A^(j step) modulo p, by Horner from the last row of coefficients. Entries
    are at most p in size, so that sums of 128 products are exact."""
    powers = [np.eye(len(a))]
    for _ in range(rows.shape[1]):
        powers.append(reduced(powers[-1] @ a, p))
    low, giant = np.array(powers[:-1]), powers[-1]
    total = np.zeros_like(a)
    for row in rows[::-1]:
        total = reduced(reduced(total @ giant, p) + np.tensordot(row, low, 1), p)
    exactly: Floats = np.mod(total, p)
    return exactly


def reduced(x: Floats, p: int) -> Floats:
    """The same modulo p, at most p in size: x below 2^52 is an integer, and the quotient is rounded once."""
    rest: Floats = x - p * np.floor(x / p)
    return rest
