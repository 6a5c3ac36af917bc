"""Spurious minima of the teacher-student network, from certificates: what `relucert landscape compare` starts from.

Only the format is known here (docs/spec/certificate-v1.md, sections 3 and 3a); the family is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from relucert.base import store
from relucert.base.dyadic import Dyadic, canonical, to_fraction
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.certificate import form
from relucert.certificate.checked import checked
from relucert.certificate.numbers import Json, number

FAMILY, VERDICT, TARGETS = "teacher-student-relu", "spurious-minimum", "orthonormal"
DENSE, SYMMETRIC = "hessian", "symmetric-hessian"
REMEDY = (
    "make one with: relucert family --classes k-1,1 --k 6:20 -o FOLDER, and name FOLDER with --certificates"
)


@dataclass(frozen=True)
class Stored:
    """A certified spurious minimum W* of F, n = k = d, targets e_1 .. e_k.

    rows: the point W, k neurons as rows of k dyadics. radius: W* is within it; shown_radius: a decimal, rounded up.
    loss: decimals with F(W*) between them, the first rounded down, the second up. basin: radius and step, rounded down:
    gradient descent on F from within the radius of W converges to W* with every fixed step below the other; None where
    the certificate does not say. digest, path: of the certificate.
    """

    k: int
    rows: Rows
    radius: Fraction
    shown_radius: str
    loss: tuple[str, str]
    basin: tuple[str, str] | None
    digest: str
    path: Path


def minima(folder: Path, ks: Sequence[int]) -> list[Stored]:
    """One for each k, that of the first file in order of names which the checker accepts, in this process.

    Raises InputError for a folder that is not there, and for a k of which it has no such certificate.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; {REMEDY}")
    named = _named(folder)
    return [_first(folder, k, named.get(k, [])) for k in ks]


def _named(folder: Path) -> dict[int, list[Path]]:
    """The files that say they are of the kind, by k. What they say is believed only once they are checked."""
    found: dict[int, list[Path]] = {}
    for path in store.certificate_files([folder]):
        try:
            claim = form.parse(path.read_bytes(), str(path))["statement"]["claim"]
        except InputError:
            continue  # no certificate: it is about no k
        k = _about(claim)
        if k is not None:
            found.setdefault(k, []).append(path)
    return found


def _about(claim: Json) -> int | None:
    """k, of a claim of the kind; None for others."""
    if (claim["family"], claim["verdict"]) != (FAMILY, VERDICT) or claim["method"] not in (DENSE, SYMMETRIC):
        return None
    problem = claim["problem"]
    k = problem.get("k")
    wanted = {"n": k, "k": k, "d": k, "targets": TARGETS}
    return k if type(k) is int and problem == wanted else None


def _first(folder: Path, k: int, paths: Sequence[Path]) -> Stored:
    refusals = []
    for path in paths:
        try:
            statement = checked(path)
        except InputError as error:
            refusals.append(str(error))
            continue
        return _read(statement, path)
    if refusals:
        raise InputError(f"k = {k}: {'; '.join(refusals)}")
    raise InputError(f"{folder}: no certificate of a spurious minimum with n = k = {k} neurons and orthonormal "
                     f"targets; {REMEDY}")  # fmt: skip


def _read(statement: Json, path: Path) -> Stored:
    """Of a statement that the checker accepts, which has the format, then."""
    claim = statement["claim"]
    k, bounds = claim["problem"]["k"], claim["bounds"]
    rows = _dense(claim["point"]) if claim["method"] == DENSE else tuple(_spread(claim["point"]))
    radius = bounds["existence_radius"]
    exact = to_fraction(number(radius, f"{path}: existence_radius"))
    low, high = (end["decimal"] for end in bounds["objective"])
    given = bounds.get("basin")
    basin = None if given is None else (given["radius"]["decimal"], given["step"]["decimal"])
    return Stored(k, rows, exact, radius["decimal"], (low, high), basin, form.digest(statement), path)


def _dense(point: list[list[list[object]]]) -> Rows:
    return tuple(tuple(_dyadic(x) for x in row) for row in point)


def _spread(point: Json) -> Iterator[tuple[Dyadic, ...]]:
    """The neurons of a symmetric point: entry (c, a) of `values` at the coordinates of class c of the neurons of class
    a, but the last column at the other coordinates within a class."""
    sizes = point["class_sizes"]
    values = _dense(point["values"])
    classes = [c for c, size in enumerate(sizes) for _ in range(size)]
    for j, a in enumerate(classes):
        yield tuple(values[c][a] if c != a or i == j else values[a][-1] for i, c in enumerate(classes))


def _dyadic(pair: list[object]) -> Dyadic:
    mantissa, exponent = pair
    if not (isinstance(mantissa, str) and isinstance(exponent, int)):
        raise InputError(f"{pair!r} is not a dyadic")
    return canonical(int(Decimal(mantissa)), exponent)
