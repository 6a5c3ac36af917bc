"""What `relucert verify` does with points of any family: proves, signs, writes, prints, one after the other."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.base.console import Bar, duration, output, print_json, print_outcome
from relucert.base.errors import LimitError, for_all
from relucert.base.json_numbers import located
from relucert.base.machine import check_memory, gib
from relucert.base.pool import aloud, each
from relucert.certificate.form import claim_digest
from relucert.certificate.provenance import provenance, sign_and_store
from relucert.families import family_called
from relucert.families.family import Cost, Family, Options
from relucert.families.verdicts import heading_of

LONG = 2.0  # seconds from which on a proof says what it does
Work = tuple[str, Any, Options]


class Given(NamedTuple):
    """A point of a file. unit: whether files of its kind count points ("index") or lines ("line")."""

    path: Path
    unit: str
    number: int
    family: Family
    candidate: Any

    @property
    def place(self) -> str:
        return f"{self.path}[{self.number}]" if self.unit == "index" else f"{self.path}:{self.number}"


class Proof(NamedTuple):
    """What was proved about a point, and how long that took."""

    result: Any
    seconds: float


def decide(
    points: Sequence[Given],
    options: Options,
    directory: Path,
    key: Ed25519PrivateKey,
    jobs: int = 1,
    *,
    as_json: bool,
) -> list[str]:
    """Writes a signed certificate for each point that is decided; returns the verdicts. jobs: processes that prove.

    Raises LimitError, before anything is proved, for points that can have no certificate, or not on this machine; and
    at the end for those of which that is seen only then.
    """
    costs = for_all(partial(_cost, options=options), points)
    verdicts: list[str] = []
    classes: list[Class] = []
    refused: list[str] = []
    work = [(point.family.name, point.candidate, options) for point in points]
    bar = Bar("verifying", len(points))
    with bar as advance, closing(_proofs(work, costs, jobs, bar.say)) as proofs:
        for done, (point, proof) in enumerate(zip(points, proofs, strict=True), 1):
            verdicts.append(_decide(point, proof, options, directory, key, classes, refused, as_json=as_json))
            advance(done, len(points))
    if not as_json and len(verdicts) > 1:
        output.print("; ".join(f"{count} {verdict}" for verdict, count in Counter(verdicts).most_common()))
        _print_classes(classes)
    if refused:
        raise LimitError("\n".join(refused))
    return verdicts


def _proofs(
    work: Sequence[Work], costs: Sequence[Cost], jobs: int, say: Callable[[str], None]
) -> Generator[Proof, None, None]:
    """Points that take long are proved in processes of their own, which Ctrl-C and a want of memory end at once. One
    that is alone is proved aloud: how long about, and what is done."""
    if len(work) > 1 or costs[0].seconds < LONG:
        yield from each(_prove, work, jobs, apart=any(cost.seconds >= LONG for cost in costs))
        return
    say(
        f"about {duration(costs[0].seconds)} and {gib(costs[0].memory)} of memory for an attempt; a point that has to "
        "be moved takes two of them and more"
    )
    yield aloud(_prove, work[0], say)


def _cost(point: Given, options: Options) -> Cost:
    """Of a proof. Raises LimitError for a point that can have no certificate, or not on this machine."""
    located(point.place, partial(point.family.check, point.candidate, options))
    cost = point.family.cost(point.candidate, options)
    check_memory(cost.memory, f"{point.place}: a proof")
    return cost


def _prove(work: Work, *say: Callable[[str], None]) -> Proof:
    """Runs in worker processes, which look the family up themselves."""
    name, candidate, options = work
    started = time.perf_counter()
    result = family_called(name, candidate).prove(candidate, options, *say)
    return Proof(result, time.perf_counter() - started)


@dataclass
class Class:
    """Points that are proved to be next to one critical point, up to a symmetry: the first one, and the places of
    all."""

    family: Family
    symmetry: str
    first: Any
    places: list[str]


def _class_of(point: Given, result: Any, classes: list[Class]) -> int | None:
    """The number of the point's class, from 1, which may be new; None where there are none."""
    kinds = point.family.classes
    if kinds is None or not result.outcome.proved or not kinds.comparable(result):
        return None
    for number, known in enumerate(classes, 1):
        if known.family is point.family and kinds.same(known.first, result):
            known.places.append(point.place)
            return number
    classes.append(Class(point.family, kinds.symmetry, result, [point.place]))
    return len(classes)


def _decide(
    point: Given,
    proof: Proof,
    options: Options,
    directory: Path,
    key: Ed25519PrivateKey,
    classes: list[Class],
    refused: list[str],
    *,
    as_json: bool,
) -> str:
    started, family, result = time.perf_counter() - proof.seconds, point.family, proof.result
    number = _class_of(point, result, classes)
    again = number is not None and len(classes[number - 1].places) > 1
    certificate = identity = None
    if result.outcome.proved and not (again and options.distinct):
        statement = family.statement(result, provenance(result))
        try:
            certificate, identity = (
                sign_and_store(statement, directory, key),
                claim_digest(statement["claim"]),
            )
        except LimitError as error:  # what is proved of this point and of the others is said all the same
            refused.append(f"{point.place}: {error}")
    verdict: str = result.verdict
    if as_json:
        print_json(
            {"source": str(point.path), point.unit: point.number, **family.record(result), "class": number,
             "seconds": round(time.perf_counter() - started, 4),
             "certificate": None if certificate is None else str(certificate), "claim_digest": identity}
        )  # fmt: skip
        return verdict
    print_outcome(heading_of(family, result), verdict, point.place, family.summary(result))
    if number is not None and again:
        known = classes[number - 1]
        place = f"{known.places[0]} up to {known.symmetry} (class {number})"
        output.print(f"  next to the same critical point as {place}", markup=False)
        if options.distinct:
            output.print("  no certificate of its own: --distinct keeps the first of a class", markup=False)
    if certificate is not None:
        output.print(f"  {certificate}", markup=False)
    return verdict


def _print_classes(classes: Sequence[Class]) -> None:
    """Which points are next to one critical point; that those of two classes differ is not claimed."""
    if any(len(known.places) > 1 for known in classes):
        symmetry = " or ".join(sorted({known.symmetry for known in classes}))
        output.print(
            f"points proved to be next to the same critical point up to {symmetry}, by class (two classes may still be "
            "of one):"
        )
        for number, known in enumerate(classes, 1):
            count, name = len(known.places), heading_of(known.family, known.first)
            points = f"{count} {'point' if count == 1 else 'points'}"
            output.print(f"  {number}: {points}, {name}, {known.places[0]}", markup=False)
