"""The same quantities from relucert's own kernel for symmetric points, at any k. For tests only."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath import mp, mpf

from relucert.kernel import ball
from relucert.kernel.teacher import symmetric as kernel
from relucert.kernel.teacher.symmetric_facts import outside

BITS = 400
Entry = Callable[[int, int], Any]  # (coordinate, neuron) -> entry of a direction


def number(x: ball.Ball) -> Any:
    return mpf(x.str(60, radius=False))


def point(k: int, rows: list[list[Fraction]]) -> kernel.Point:
    """rows: as kernel.point takes them, as dyadic fractions."""
    dyadic = [[(x.numerator, 1 - x.denominator.bit_length()) for x in row] for row in rows]
    return kernel.point((k - 1, 1), dyadic)


def coordinates(at: kernel.Reduced, entry: Entry, first: list[int]) -> list[Any]:
    """In the basis of the orbits; first[c]: the first index of class c."""
    out = []
    for o in at.orbits:
        c, a, inside = o.place
        out.append(mp.sqrt(o.size) * entry(first[c] + inside, first[a]))
    return out


def values(k: int, rows: list[list[Fraction]]) -> dict[str, Any]:
    with ball.precision(BITS):
        whole = point(k, rows)
        at = kernel.reduced(whole)
        places = {
            "ii": (0, 0, False),
            "ij": (0, 0, True),
            "ik": (1, 0, False),
            "ki": (0, 1, False),
            "kk": (1, 1, False),
        }
        slope = kernel.gradient(at)
        where = {o.place: (n, o.size) for n, o in enumerate(at.orbits)}
        out: dict[str, Any] = {"F": number(kernel.objective(at))}
        for name, place in places.items():
            n, size = where[place]
            out[f"gradient {name}"] = 2 * mp.pi * number(slope[n]) / mp.sqrt(size)
        matrix, (apart,) = outside(at)
        for i, j in ((0, 0), (0, 1), (1, 1)):
            out[f"outside {i} {j}"] = number(matrix[i, j]) / mp.sqrt(k) ** ((i == 0) + (j == 0))
        out["outside apart"] = number(apart)
        m, s = k - 1, 1 / mp.sqrt(k)
        y = lambda i: mp.sqrt(mpf(m - 1) / m) if i == 0 else -1 / mp.sqrt(m * (m - 1))  # noqa: E731
        up = lambda i: i < m  # noqa: E731
        standard: list[Entry] = [
            lambda c, i: y(i) if up(i) and c == i else 0,
            lambda c, i: y(i) / mp.sqrt(m - 1) if up(i) and up(c) and c != i else 0,
            lambda c, i: s * y(c) / mp.sqrt(m - 1) if up(i) and up(c) and c != i else 0,
            lambda c, i: y(i) if up(i) and not up(c) else 0,
            lambda c, i: y(c) if not up(i) and up(c) else 0,
        ]
        trivial: list[Entry] = [
            lambda c, i: s / mp.sqrt(m) if up(i) and c == i else 0,
            lambda c, i: s / mp.sqrt(m * (m - 1)) if up(i) and up(c) and c != i else 0,
            lambda c, i: s / mp.sqrt(m) if up(i) and not up(c) else 0,
            lambda c, i: 1 / mp.sqrt(m) if not up(i) and up(c) else 0,
            lambda c, i: 1 if not up(i) and not up(c) else 0,
        ]

        def plus(c: int, i: int) -> Any:
            if not (up(c) and up(i)) or c == i:
                return 0
            far = (c > 1) + (i > 1)
            return (mpf(1), -1 / mpf(m - 2), 2 / mpf((m - 2) * (m - 3)))[far]

        def minus(c: int, i: int) -> Any:
            if not (up(c) and up(i)) or c == i or (c > 1 and i > 1):
                return 0
            return (1 if i < c else -1) if c < 2 and i < 2 else (1 if c == 0 or i == 1 else -1) / mpf(m - 2)

        marks = {"standard": (0,), "trivial": (), "(m-2,2)": (0, 0), "(m-2,1,1)": (0, 0)}
        for name, basis in {
            "standard": standard,
            "trivial": trivial,
            "(m-2,2)": [plus],
            "(m-2,1,1)": [minus],
        }.items():
            fine = kernel.reduced(kernel.marked(whole, marks[name]))
            sizes = fine.point.sizes
            first = [sum(sizes[:c]) for c in range(len(sizes))]
            h = kernel.hessian(fine)
            form = [[number(x) for x in row] for row in h.tolist()]
            us = [coordinates(fine, entry, first) for entry in basis]
            scale = 1 if len(us) > 1 else sum(x * x for x in us[0])
            for i, u in enumerate(us):
                for j in range(i, len(us)):
                    v = us[j]
                    out[f"{name} gram {i} {j}"] = sum(p * q for p, q in zip(u, v, strict=True)) / scale
                    pairs = zip(u, form, strict=True)
                    out[f"{name} {i} {j}"] = (
                        sum(p * sum(q * f for q, f in zip(v, row, strict=True)) for p, row in pairs) / scale
                    )
        return out
