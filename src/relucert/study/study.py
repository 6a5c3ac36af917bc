"""A study on disk: one row of finished runs per (k, n), and the certificates of what they ended at.

Reading is strict. Whatever is missing, foreign or does not add up raises InputError with the file, the entry
and the remedy: a report must not quietly describe something else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from numpy.typing import NDArray

from relucert import certificate
from relucert.base.decimals import shortest
from relucert.base.errors import InputError
from relucert.certificate.checked import checked
from relucert.certificate.shown import at_least
from relucert.families.teacher.methods import HESSIAN, SIGNED
from relucert.families.teacher.network import PLAIN, Layer, Network, layer_of
from relucert.families.teacher.statement import about_orthonormal
from relucert.study.converged import Converged, read_converged
from relucert.study.converging import below
from relucert.study.files import ROW as ROW_SCHEMA
from relucert.study.files import STUDY as SCHEMA
from relucert.study.files import family_facts, is_sealed_by
from relucert.study.proved import Proved, read_proved
from relucert.study.runs import Reference, different, reference
from relucert.study.strict import AGAIN, Json, check, count, counts, decimal, finite, load, member

VERDICTS = ("spurious-minimum", "global-minimum", "local-minimum", "strict-saddle")
KINDS = (*VERDICTS, "below-floor", "undecided")
LARGEST = 2000  # n and k of a certificate: docs/spec/certificate-v1.md section 5
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
    layer: Layer = PLAIN

    def as_json(self) -> Json:
        """The protocol of the ReLU with output weights 1 says nothing of them."""
        numbers = asdict(self)
        numbers.pop("layer")
        return numbers | self.layer.as_json()


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
    barrier: str | None
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
class Tally:
    """How many runs of one (k, n) ended as what, and why; kinds has every one of KINDS."""

    k: int
    n: int
    runs: int
    kinds: Mapping[str, int]
    ended: Mapping[str, int]


@dataclass(frozen=True)
class Row(Tally):
    """All runs of one (k, n). sealed: by your key, so the counts are as counted here. network: None for output
    weights 1 and the ReLU."""

    families: tuple[Family, ...]
    per_run: Runs
    proved: Proved | None
    converged: Converged | None
    sealed: bool
    network: Network | None


@dataclass(frozen=True)
class Study:
    """Rows ordered by k, then n."""

    directory: Path
    protocol: Protocol
    rows: tuple[Row, ...]


def read(directory: Path, key: Ed25519PublicKey | None = None) -> Study:
    """The study in a directory; key: the one that seals your own rows. Raises InputError."""
    if not directory.is_dir():
        raise InputError(f"{directory}: no such directory; `relucert grid` makes a study")
    whole = load(directory / "study.json", SCHEMA)
    protocol = _protocol(whole, f"{directory / 'study.json'}")
    paths = [path for path in (directory / "rows").glob("*.json") if not path.name.startswith(".")]
    if not paths:
        raise InputError(f"{directory / 'rows'}: no finished row; let `relucert grid` finish one")
    rows = [_row(path, protocol, directory / "certificates", key) for path in paths]
    return Study(directory, protocol, tuple(sorted(rows, key=lambda row: (row.k, row.n))))


def _row(path: Path, protocol: Protocol, certificates: Path, key: Ed25519PublicKey | None) -> Row:
    whole, name = load(path, ROW_SCHEMA), str(path)
    k, n, runs = (count(whole, key, name, at_least=1) for key in ("k", "n", "runs"))
    check(path.stem == f"{k}-{n}", f"{name}: the row is that of k = {k}, n = {n}; call it {k}-{n}.json")
    same = _protocol(whole, name) == protocol
    check(same, f"{name}: protocol: not that of study.json; {AGAIN}")
    kinds, ended = (counts(whole, key, runs, name) for key in ("kinds", "ended"))
    foreign = set(kinds) - set(KINDS)
    check(not foreign, f"{name}: kinds: unknown {sorted(foreign)}, known are {', '.join(KINDS)}; {AGAIN}")
    network = _network(protocol.layer, k, n, name)
    about = about_orthonormal(k, n, network)
    families = _distinct(
        [
            _family(entry, f"{name}: families[{i}]", certificates, about)
            for i, entry in enumerate(member(whole, "families", list, name))
        ]
    )
    per_run = _per_run(member(whole, "per_run", dict, name), runs, f"{name}: per_run")
    at = certificates.parent, name
    proved = read_proved(whole, (about, runs), protocol, *at)
    converged = read_converged(whole, (k, n, runs), protocol, *at)
    plain = converged is None or protocol.layer.is_plain
    check(plain, f"{name}: converges: is for output weights 1 and the ReLU; {AGAIN}")
    row = Row(
        k, n, runs, {kind: kinds.get(kind, 0) for kind in KINDS}, ended, families, per_run, proved, converged,
        sealed=key is not None and is_sealed_by(key, whole), network=network,
    )  # fmt: skip
    _add_up(row, name)
    _low(row, below(whole, range(runs)), protocol.floor, name)
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


def _low(row: Row, low: Sequence[int], floor: float, name: str) -> None:
    """The runs that per_run ends below the floor, of which there are some for n > k only."""
    said = row.kinds["below-floor"]
    check(len(low) == said, f"{name}: kinds: below-floor: {said}, not the {len(low)} in per_run; {AGAIN}")
    check(not low or row.n > row.k, f"{name}: kinds: below-floor: is for n > k; {AGAIN}")
    high = next((run for run in low if not row.per_run.loss[run] < floor), None)
    check(
        high is None,
        f"{name}: per_run.loss[{high}]: not below the floor {shortest(floor)}, as ended says; {AGAIN}",
    )


def _network(of: Layer, k: int, n: int, name: str) -> Network | None:
    """Of a row, None for output weights 1 and the ReLU."""
    fits = of.is_plain or max(n, k) <= LARGEST
    check(fits, f"{name}: k, n: {k} and {n} are beyond {LARGEST}, the most that a certificate has; {AGAIN}")
    try:
        return of.network(n, k)
    except InputError as error:
        raise InputError(f"{name}: protocol: {error}; {AGAIN}") from error


def _family(entry: object, where: str, certificates: Path, about: Json) -> tuple[Family, Reference]:
    """From the certificate alone: what the row says beside it must be that."""
    if not isinstance(entry, dict):
        raise InputError(f"{where}: expected an object; {AGAIN}")
    digest = member(entry, "certificate", str, where)
    check(bool(re.fullmatch("[0-9a-f]{64}", digest)), f"{where}: certificate: not a digest; {AGAIN}")
    path = certificates / f"{digest}.json"
    if not path.is_file():
        raise InputError(f"{where}: certificate {path} is missing; put it back, or {AGAIN}")
    try:
        statement = checked(path)
    except InputError as error:
        raise InputError(f"{error}; put the original back, or {AGAIN}") from error
    claim = statement["claim"]
    verdict, method = claim["verdict"], SIGNED if "signs" in about else HESSIAN
    good = certificate.digest(statement) == digest and verdict in VERDICTS and claim["method"] == method
    check(good, f"{path}: not the certificate that the row names; put the original back")
    found = claim["problem"]
    check(found == about, f"{where}: certificate {path} is about {found}, not {about}; {AGAIN}")
    facts = family_facts(statement)
    wrong = [name for name, value in facts.items() if entry.get(name) != value]
    check(not wrong, f"{where}: {', '.join(wrong)}: not what certificate {digest} proves; {AGAIN}")
    one = reference(statement)
    family = Family(
        certificate=digest,
        verdict=verdict,
        count=count(entry, "count", where),
        proved_distinct=False,
        objective=(facts["objective"][0], facts["objective"][1]),
        lambda_min=(facts["lambda_min"][0], facts["lambda_min"][1]),
        lambda_max=facts["lambda_max"],
        radius=facts["radius"],
        uniqueness_radius=facts["uniqueness_radius"],
        basin_radius=facts["basin_radius"],
        barrier=at_least(claim["bounds"]["barrier"]) if "barrier" in claim["bounds"] else None,
        point=one.floats(),
    )
    return family, one


def _distinct(found: Sequence[tuple[Family, Reference]]) -> tuple[Family, ...]:
    """With whether each is proved to differ from all others."""
    return tuple(
        replace(family, proved_distinct=all(different(one, other) for _, other in found if other is not one))
        for family, one in found
    )


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
    most, seed = count(value, "max_steps", where), member(value, "seed", int, where)
    check(seed >= 0, f"{where}: seed: {seed} is negative; {AGAIN}")  # it may be as large as it likes
    soon = count(value, "floor_steps", where) if "floor_steps" in value else None
    try:
        of = layer_of(value)
    except InputError as error:
        raise InputError(f"{where}: {error}; {AGAIN}") from error
    return Protocol(step, tolerance, look, most, floor, seed, soon, of)
