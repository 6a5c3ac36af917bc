"""A study on disk: one row of finished runs per (k, n), and the certificates of what they ended at.

Reading is strict. Whatever is missing, foreign or does not add up raises InputError with the file, the entry
and the remedy: a report must not quietly describe something else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relucert import certificate
from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.study.strict import AGAIN, Json, check, count, counts, decimal, finite, interval, load, member

SCHEMA, ROW_SCHEMA = "relucert-study/1", "relucert-study-row/1"
VERDICTS = ("spurious-minimum", "global-minimum", "local-minimum", "strict-saddle")
KINDS = (*VERDICTS, "below-floor", "undecided")
NONE = -1  # the family of a run that ended at none


@dataclass(frozen=True)
class Protocol:
    """How the runs were made; the same for the whole study."""

    step: float
    tolerance: float
    look: float
    max_steps: int
    floor: float
    seed: int
    floor_steps: int | None


@dataclass(frozen=True)
class Family:
    """A critical point up to symmetry, with decimals on the weak side; point: W, a neuron a row."""

    certificate: str
    verdict: str
    count: int
    proved_distinct: bool
    objective: tuple[str, str]
    lambda_min: tuple[str, str]
    lambda_max: str
    radius: str
    uniqueness_radius: str
    basin_radius: str | None
    point: NDArray[np.float64]


@dataclass(frozen=True)
class Runs:
    """One entry a run; family: an index, or NONE."""

    family: tuple[int, ...]
    ended: tuple[str, ...]
    loss: tuple[float, ...]
    steps: tuple[int, ...]
    distance: tuple[str | None, ...]


@dataclass(frozen=True)
class Row:
    """All runs of one (k, n); kinds has every one of KINDS."""

    k: int
    n: int
    runs: int
    kinds: Mapping[str, int]
    ended: Mapping[str, int]
    families: tuple[Family, ...]
    per_run: Runs


@dataclass(frozen=True)
class Study:
    """Rows ordered by k, then n."""

    directory: Path
    protocol: Protocol
    rows: tuple[Row, ...]


def read(directory: Path) -> Study:
    """The study in a directory. Raises InputError."""
    if not directory.is_dir():
        raise InputError(f"{directory}: no such directory; `relucert grid` makes a study")
    whole = load(directory / "study.json", SCHEMA)
    protocol = _protocol(whole, f"{directory / 'study.json'}")
    paths = [path for path in (directory / "rows").glob("*.json") if not path.name.startswith(".")]
    if not paths:
        raise InputError(f"{directory / 'rows'}: no finished row; let `relucert grid` finish one")
    rows = [_row(path, protocol, directory / "certificates") for path in paths]
    return Study(directory, protocol, tuple(sorted(rows, key=lambda row: (row.k, row.n))))


def _row(path: Path, protocol: Protocol, certificates: Path) -> Row:
    whole, name = load(path, ROW_SCHEMA), str(path)
    if "digest" in whole:
        rest = json.dumps({key: value for key, value in whole.items() if key != "digest"}, sort_keys=True)
        good = whole["digest"] == hashlib.sha256(rest.encode()).hexdigest()
        check(good, f"{name}: digest: the row was changed after it was finished; {AGAIN}")
    k, n, runs = (count(whole, key, name, at_least=1) for key in ("k", "n", "runs"))
    check(path.stem == f"{k}-{n}", f"{name}: the row is that of k = {k}, n = {n}; call it {k}-{n}.json")
    same = _protocol(whole, name) == protocol
    check(same, f"{name}: protocol: not that of study.json; {AGAIN}")
    kinds, ended = (counts(whole, key, runs, name) for key in ("kinds", "ended"))
    foreign = set(kinds) - set(KINDS)
    check(not foreign, f"{name}: kinds: unknown {sorted(foreign)}, known are {', '.join(KINDS)}; {AGAIN}")
    families = tuple(
        _family(entry, f"{name}: families[{i}]", certificates, k, n)
        for i, entry in enumerate(member(whole, "families", list, name))
    )
    per_run = _per_run(member(whole, "per_run", dict, name), runs, f"{name}: per_run")
    row = Row(k, n, runs, {kind: kinds.get(kind, 0) for kind in KINDS}, ended, families, per_run)
    _add_up(row, name)
    return row


def _add_up(row: Row, name: str) -> None:
    """The runs, the families and the totals of a row say the same."""
    found = Counter(row.per_run.family)
    for i, family in enumerate(row.families):
        where = f"{name}: families[{i}]: count"
        check(found.pop(i, 0) == family.count, f"{where}: {family.count}, not that in per_run; {AGAIN}")
    check(set(found) <= {NONE}, f"{name}: per_run.family: {sorted(found)} are not indices; {AGAIN}")
    reasons = {reason: total for reason, total in row.ended.items() if total}
    check(Counter(row.per_run.ended) == reasons, f"{name}: ended: not the counts in per_run; {AGAIN}")
    for verdict in VERDICTS:
        total = sum(family.count for family in row.families if family.verdict == verdict)
        where = f"{name}: kinds: {verdict}"
        check(total == row.kinds[verdict], f"{where}: {row.kinds[verdict]}, its families: {total}; {AGAIN}")


def _family(entry: object, where: str, certificates: Path, k: int, n: int) -> Family:
    if not isinstance(entry, dict):
        raise InputError(f"{where}: expected an object; {AGAIN}")
    digest, verdict = (member(entry, key, str, where) for key in ("certificate", "verdict"))
    check(bool(re.fullmatch("[0-9a-f]{64}", digest)), f"{where}: certificate: not a digest; {AGAIN}")
    check(verdict in VERDICTS, f"{where}: verdict: unknown {verdict!r}; {AGAIN}")
    basin = entry.get("basin_radius")
    return Family(
        certificate=digest,
        verdict=verdict,
        count=count(entry, "count", where),
        proved_distinct=member(entry, "proved_distinct", bool, where),
        objective=interval(entry, "objective", where),
        lambda_min=interval(entry, "lambda_min", where),
        lambda_max=decimal(entry.get("lambda_max"), f"{where}: lambda_max"),
        radius=decimal(entry.get("radius"), f"{where}: radius"),
        uniqueness_radius=decimal(entry.get("uniqueness_radius"), f"{where}: uniqueness_radius"),
        basin_radius=None if basin is None else decimal(basin, f"{where}: basin_radius"),
        point=_point(certificates / f"{digest}.json", digest, (k, n, verdict), where),
    )


def _point(path: Path, digest: str, about: tuple[int, int, str], where: str) -> NDArray[np.float64]:
    """The point of a certificate, once that is the one the family speaks of."""
    if not path.is_file():
        raise InputError(f"{where}: certificate {path} is missing; put it back, or {AGAIN}")
    try:
        whole = certificate.parse(path.read_bytes(), str(path))
    except InputError as error:
        raise InputError(f"{error}; put the original back, or {AGAIN}") from error
    good = certificate.digest(whole["statement"]) == digest
    check(good, f"{path}: its name is not the digest of its statement; put the original back")
    claim = whole["statement"]["claim"]
    try:
        problem = claim["problem"]
        found = problem["k"], problem["n"], claim["verdict"]
        orthonormal = problem["targets"] == "orthonormal"
        rows = [[to_float((int(m), e)) for m, e in row] for row in claim["point"]]
        point = np.array(rows, dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: the claim is not that of a certificate ({error!r}); {AGAIN}") from error
    check(
        found == about and orthonormal, f"{where}: certificate {path} is about {found}, not {about}; {AGAIN}"
    )
    usable = point.shape == (about[1], about[0]) and bool(np.isfinite(point).all())
    check(usable, f"{path}: point: expected {about[1]} rows of {about[0]} finite numbers; {AGAIN}")
    return point


def _per_run(value: Json, runs: int, where: str) -> Runs:
    def every(key: str, *kinds: type) -> list[Any]:
        found: list[Any] = member(value, key, list, where)
        check(len(found) == runs, f"{where}.{key}: {len(found)} entries for {runs} runs; {AGAIN}")
        wrong = next((i for i, item in enumerate(found) if type(item) not in kinds), None)
        check(wrong is None, f"{where}.{key}[{wrong}]: not a JSON {kinds[0].__name__}; {AGAIN}")
        return found

    return Runs(
        family=tuple(every("family", int)),
        ended=tuple(every("ended", str)),
        loss=tuple(finite(x, f"{where}.loss[{i}]") for i, x in enumerate(every("loss", float, int))),
        steps=tuple(every("steps", int)),
        distance=tuple(
            None if x is None else decimal(x, f"{where}.distance[{i}]")
            for i, x in enumerate(every("distance", str, type(None)))
        ),
    )


def _protocol(whole: Json, name: str) -> Protocol:
    value, where = member(whole, "protocol", dict, name), f"{name}: protocol"
    step, tolerance, look, floor = (
        finite(value.get(key), f"{where}: {key}") for key in ("step", "tolerance", "look", "floor")
    )
    most, seed = (count(value, key, where) for key in ("max_steps", "seed"))
    soon = count(value, "floor_steps", where) if "floor_steps" in value else None
    return Protocol(step, tolerance, look, most, floor, seed, soon)
