"""What `relucert verify` does with points of any family: proves, signs, writes, prints, one after the other."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.base.console import Bar, output, print_json, print_outcome
from relucert.certificate.form import claim_digest
from relucert.certificate.provenance import provenance, sign_and_store
from relucert.families.family import Family, Options
from relucert.families.printing import NAMES


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


def decide(
    points: Sequence[Given], options: Options, directory: Path, key: Ed25519PrivateKey, *, as_json: bool
) -> list[str]:
    """Writes a signed certificate for each point that is decided; returns the verdicts."""
    verdicts: list[str] = []
    with Bar("verifying", len(points)) as advance:
        for done, point in enumerate(points, 1):
            verdicts.append(_decide(point, options, directory, key, as_json=as_json))
            advance(done, len(points))
    if not as_json and len(verdicts) > 1:
        output.print("; ".join(f"{count} {verdict}" for verdict, count in Counter(verdicts).most_common()))
    return verdicts


def _decide(point: Given, options: Options, directory: Path, key: Ed25519PrivateKey, *, as_json: bool) -> str:
    started, family = time.perf_counter(), point.family
    result = family.prove(point.candidate, options)
    certificate = identity = None
    if result.outcome.proved:
        statement = family.statement(result, provenance(result))
        certificate, identity = sign_and_store(statement, directory, key), claim_digest(statement["claim"])
    verdict: str = result.verdict
    if as_json:
        print_json(
            {"source": str(point.path), point.unit: point.number, **family.record(result),
             "seconds": round(time.perf_counter() - started, 4),
             "certificate": None if certificate is None else str(certificate), "claim_digest": identity}
        )  # fmt: skip
        return verdict
    heading = NAMES[verdict] if family.heading is None else family.heading(result)
    print_outcome(heading, verdict, point.place, family.summary(result))
    if certificate is not None:
        output.print(f"  {certificate}", markup=False)
    return verdict
