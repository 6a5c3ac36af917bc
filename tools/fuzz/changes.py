"""Changes of an input: of bytes, of tokens, of JSON values, and of numbers with their decimals."""

from __future__ import annotations

import copy
import json
import random
from fractions import Fraction
from typing import Any

from judge.documents import get
from relucert.base.dyadic import DOWN, UP, canonical, decimal

Json = Any
LARGEST = 1 << 15  # bytes
TOKENS = [
    b"0",
    b"-0",
    b"1",
    b"-1",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b"1e5",
    b"0.5",
    b"NaN",
    b"Infinity",
]
TOKENS += [b'"0"', b'["0",0]', b'["1",-1]', b"9007199254740991", b"9007199254740992", b"65536", b'"\\ud800"']
TOKENS += [
    b"[" * 40,
    b"{" * 40,
    b"\xff",
    b"\x00",
    b"\\",
    b'"',
    b",",
    b":",
    b"]",
    b"}",
    b"\xef\xbb\xbf",
    b'"e"',
]
WORDS = [
    "spurious-minimum",
    "global-minimum",
    "local-minimum",
    "strict-saddle",
    "not-critical",
    "simple",
    "sharp",
    "paper",
]
WORDS += [
    "orthonormal",
    "hessian",
    "symmetric-hessian",
    "every d >= k",
    "dimension",
    "<",
    "<=",
    "",
    "relucert-certificate/1.0",
    "relucert-certificate/1.2",
    "x" * 500,
    "\u0663",
    "1e99999",
]
VALUES: list[Json] = [None, True, False, 0, 1, -1, 2, 2**53, 65536, -65536, [], {}, 1.5, *WORDS]


def places(value: Json) -> list[tuple[Any, ...]]:
    """Paths of all values inside, each after those that it goes through."""
    found: list[tuple[Any, ...]] = []
    pending: list[tuple[tuple[Any, ...], Json]] = [((), value)]
    while pending:
        path, here = pending.pop()
        inside = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
        for key, x in inside:
            found.append((*path, key))
            if isinstance(x, dict | list):
                pending.append(((*path, key), x))
    return found


def some_dyadic(rng: random.Random, near: Fraction) -> tuple[int, int]:
    match rng.randrange(6):
        case 0:
            return canonical(
                rng.choice((-1, 1)) * rng.getrandbits(rng.choice((1, 20, 60, 2000))), rng.randint(-90, 9)
            )
        case 1:
            return canonical(rng.choice((0, 1, -1, 3)), rng.choice((0, 65536, -65536, -1000, 1000)))
        case _:
            factor = Fraction(
                rng.choice((rng.uniform(0, 3), 1 + rng.gauss(0, 1e-6), 1 + 2.0 ** -rng.randint(1, 90), -1))
            )
            value = near * factor
            return canonical(int(value * 2**100), -100)


def _is_number(x: Json) -> bool:
    return isinstance(x, dict) and "exact" in x and "decimal" in x


def _is_dyadic(x: Json) -> bool:
    return isinstance(x, list) and [type(y) for y in x] == [str, int]


def tweak(rng: random.Random, data: bytes) -> bytes:
    """A structural change: of one value, member or number of the JSON document."""
    try:
        whole = json.loads(data)
        everything = places(whole)
    except (ValueError, RecursionError):
        return mangle(rng, data, data)
    if not everything:
        return mangle(rng, data, data)
    kind = rng.randrange(8)
    numbers = [p for p in everything if _is_number(get(whole, p))] if kind < 3 else []
    dyadics = [p for p in everything if _is_dyadic(get(whole, p))] if kind == 3 else []
    claimed = [p for p in numbers if p[:2] == ("statement", "claim")]
    try:
        if kind < 3 and numbers:
            path = rng.choice(claimed or numbers)
            m, e = get(whole, path)["exact"]
            new = some_dyadic(rng, Fraction(int(m)) * Fraction(2) ** max(min(e, 500), -500))
            lower = path[-1] in (0, "uniqueness_radius", "exclusion_radius", "radius", "step", "right")
            lower |= path[-1] == "lambda_min_safran_shamir"
            get(whole, path)["exact"] = [str(new[0]), new[1]]
            get(whole, path)["decimal"] = decimal(new, DOWN if lower != (rng.random() < 0.05) else UP)
        elif kind == 3 and dyadics:
            path = rng.choice(dyadics)
            m, e = get(whole, path)
            new = some_dyadic(rng, Fraction(int(m)) * Fraction(2) ** max(min(e, 500), -500))
            get(whole, path)[:] = [str(new[0]), new[1]]
        elif kind == 4:
            path = rng.choice(everything)
            get(whole, path[:-1])[path[-1]] = copy.deepcopy(get(whole, rng.choice(everything)))
        elif kind == 5:
            path = rng.choice(everything)
            del get(whole, path[:-1])[path[-1]]
        elif kind == 6:
            path = rng.choice(everything)
            parent = get(whole, path[:-1])
            if isinstance(parent, list):
                parent.insert(path[-1], copy.deepcopy(parent[path[-1]]))
            else:
                parent[rng.choice([str(path[-1]) + "x", *WORDS])] = rng.choice(VALUES)
        else:
            path = rng.choice(everything)
            get(whole, path[:-1])[path[-1]] = copy.deepcopy(rng.choice(VALUES))
        return json.dumps(whole).encode()
    except (ValueError, OverflowError, IndexError, TypeError, KeyError, RecursionError):
        return mangle(rng, data, data)


def mangle(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """A change of bytes or tokens."""
    i, j = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    match rng.randrange(7):
        case 0 if data:
            i = min(i, len(data) - 1)
            return data[:i] + bytes([data[i] ^ 1 << rng.randrange(8)]) + data[i + 1 :]
        case 1:
            return data[:i] + rng.choice(TOKENS) + data[i:]
        case 2:
            return data[:i] + data[min(j, i + rng.randrange(1, 40)) :]
        case 3:
            return data[:i] + data[i : i + rng.randrange(1, 60)] + data[i:]
        case 4:
            k = rng.randrange(len(other) + 1)
            return data[:i] + other[k : k + rng.randrange(1, 200)] + data[j:]
        case 5:
            marks = [k for k, x in enumerate(data) if 48 <= x <= 57]
            if marks:
                i = rng.choice(marks)
            return data[:i] + b"%d" % rng.choice((0, 1, 9, 10, rng.getrandbits(60))) + data[i + 1 :]
        case _:
            return data[:i] + rng.choice(TOKENS) + data[i + rng.randrange(1, 12) :]


def mutate(rng: random.Random, data: bytes, other: bytes, structured: float) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = tweak(rng, data) if rng.random() < structured else mangle(rng, data, other)
    return data[:LARGEST]
