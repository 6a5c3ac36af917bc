"""Families of symmetric critical points: class patterns such as k-1,1, and their members for many k."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, permutations
from typing import NamedTuple

from relucert import certificate
from relucert.base.errors import InputError
from relucert.families.teacher.symmetric.follow import follow
from relucert.families.teacher.symmetric.point import LARGEST_CLASS, MOST_CLASSES, SymmetricPoint

MOST_MEMBERS = 10**6
NOT_FOUND, INCONCLUSIVE = "not-found", "inconclusive"


@dataclass(frozen=True)
class Pattern:
    """Class sizes as functions of k: `fixed`, but that class `grow` has what is left of k."""

    fixed: tuple[int, ...]  # 0 at `grow`
    grow: int

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """From k-1,1 or 4,k-5,1. Raises InputError."""
        parts = [part.replace(" ", "") for part in text.split(",")]
        if len(parts) > MOST_CLASSES:
            raise InputError(f"--classes {text}: at most {MOST_CLASSES} classes")
        growing = [i for i, part in enumerate(parts) if part.startswith("k")]
        if len(growing) != 1:
            raise InputError(f"--classes {text}: exactly one class must grow with k, as in k-1,1")
        grow = growing[0]
        whole = all(re.fullmatch(r"[1-9][0-9]{0,11}", part) for i, part in enumerate(parts) if i != grow)
        if not whole or not re.fullmatch(r"k(-[1-9][0-9]{0,12})?", parts[grow]):
            raise InputError(f"--classes {text}: expected sizes such as k-5,4,1")
        fixed = tuple(0 if i == grow else int(part) for i, part in enumerate(parts))
        if int(parts[grow][2:] or "0") != sum(fixed):
            expected = f"k-{sum(fixed)}" if sum(fixed) else "k"
            raise InputError(f"--classes {text}: the sizes add up to k only if the growing one is {expected}")
        return cls(fixed, grow)

    def __str__(self) -> str:
        growing = f"k-{sum(self.fixed)}" if sum(self.fixed) else "k"
        return ",".join(growing if i == self.grow else str(p) for i, p in enumerate(self.fixed))

    def sizes(self, k: int) -> tuple[int, ...]:
        """The class sizes at k. Raises InputError if they are out of range."""
        size = k - sum(self.fixed)
        if not 1 <= size <= LARGEST_CLASS:
            raise InputError(
                f"k = {k}: the classes {self} need k from {sum(self.fixed) + 1} to "
                f"{sum(self.fixed) + LARGEST_CLASS}"
            )
        return tuple(size if i == self.grow else p for i, p in enumerate(self.fixed))

    def arranged(self, point: SymmetricPoint) -> SymmetricPoint | None:
        """The same point with its classes in this order; None if it does not have these classes."""
        if len(point.sizes) != len(self.fixed):
            return None
        for order in permutations(range(len(self.fixed))):
            if all(point.sizes[c] == p for c, p in zip(order, self.fixed, strict=True) if p):
                last = len(order)
                values = tuple(tuple(point.values[c][a] for a in (*order, last)) for c in order)
                # The column after the classes is the one inside a class, which goes with its row.
                extra = tuple(tuple(row[c] for c in order) for row in point.extra)
                sizes = tuple(point.sizes[c] for c in order)
                return replace(point, sizes=sizes, values=values, extra=extra)
        return None


def numbers(text: str) -> list[int]:
    """From 6:10 (all), 6:10:2 (every second), 6:100:x1.5 (each 1.5 times the one before) or lists of these.

    In order. Raises InputError.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r" *([1-9][0-9]{0,12})(?::([1-9][0-9]{0,12})(?::(x?)([0-9.]+))?)? *", part)
        if match is None:
            raise InputError(f"--k {text}: expected numbers or ranges such as 6:100, 6:100:2 or 6:10000:x1.5")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise InputError(f"--k {text}: the range {part} is empty")
        found.update(_range(text, first, last, bool(match[3]), match[4] or "1"))
        if len(found) > MOST_MEMBERS:
            raise InputError(f"--k {text}: more than {MOST_MEMBERS} values")
    return sorted(found)


def _range(text: str, first: int, last: int, geometric: bool, step: str) -> Iterable[int]:
    try:
        factor = float(step) if geometric else int(step)
    except ValueError:
        factor = 0
    if factor <= (1 if geometric else 0):
        raise InputError(f"--k {text}: the step {step} must be a positive integer, or x and a number above 1")
    if not geometric:
        result = range(first, last + 1, int(factor))
        return result[: MOST_MEMBERS + 1]
    values, exact = [first], float(first)
    while (exact := exact * factor) <= last:
        values.append(max(round(exact), values[-1] + 1))
        exact = max(exact, values[-1])
    return (k for k in values if k <= last)


def members(
    pattern: Pattern, start: SymmetricPoint, ks: Iterable[int]
) -> Iterator[tuple[int, SymmetricPoint | None]]:
    """(k, the member of the family of `start`), upwards from the start, then downwards; None: not found."""
    fixed, order = sum(pattern.fixed), sorted(ks)
    for part in ([k for k in order if k >= start.k], [k for k in reversed(order) if k < start.k]):
        points = follow(start, pattern.grow, [k - fixed for k in part])
        for k in part:
            yield k, next(points, None)


class Row(NamedTuple):
    """One k of a family, as texts: the line of an index. Bounds are decimals on the weak side."""

    k: str
    n: str
    class_sizes: str
    verdict: str
    every_dimension: str = ""
    lambda_min: str = ""
    lambda_min_outside: str = ""
    objective_low: str = ""
    objective_high: str = ""
    negative: str = ""
    digest: str = ""

    @property
    def decided(self) -> bool:
        return bool(self.digest)


def row_of(statement: certificate.Json) -> Row:
    """The line of a certificate of a symmetric point."""
    claim = statement["claim"]
    bounds = claim["bounds"]
    outside = bounds.get("lambda_min_outside")
    return Row(
        str(claim["problem"]["k"]),
        str(claim["problem"]["n"]),
        sizes_text(claim["point"]["class_sizes"]),
        claim["verdict"],
        "true" if "dimension" in claim else "false",
        bounds["lambda_min"][0]["decimal"],
        outside[0]["decimal"] if outside else "",
        bounds["objective"][0]["decimal"],
        bounds["objective"][1]["decimal"],
        bounds["inertia"]["negative"],
        certificate.digest(statement),
    )


def missing(pattern: Pattern, k: int, extra: int, verdict: str) -> Row:
    """The line of a k at which nothing is proved."""
    return Row(str(k), str(k + extra), sizes_text(pattern.sizes(k)), verdict)


def sizes_text(sizes: Iterable[int]) -> str:
    return "+".join(map(str, sizes))


class Summary(NamedTuple):
    """ranges: (first k, last k, how many, verdict, in every dimension). changes: (k, next k, numbers of
    negative eigenvalues at both)."""

    ranges: list[tuple[int, int, int, str, bool]]
    changes: list[tuple[int, int, int, int]]


def summary(rows: Iterable[Row]) -> Summary:
    """Of lines in the order of k."""
    lines = list(rows)
    ranges = []
    for (verdict, every), group in groupby(lines, key=lambda row: (row.verdict, row.every_dimension)):
        ks = [int(row.k) for row in group]
        ranges.append((ks[0], ks[-1], len(ks), verdict, every == "true"))
    known = [row for row in lines if row.decided]
    changes = [
        (int(a.k), int(b.k), int(a.negative), int(b.negative))
        for a, b in pairwise(known)
        if a.negative != b.negative
    ]
    return Summary(ranges, changes)
