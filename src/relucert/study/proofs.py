"""Runs of a finished row, proved from their starts: tasks, certificates, and the member `proved` of the row.

docs/spec/study-v1.md is the authority. What the row says of a run in floating point only says where to look for a
proof. A proof that is on disk counts if it lies in a certificate that is byte for byte what this key would write,
under a row that this key has sealed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from relucert import certificate
from relucert.base import store
from relucert.base.errors import InputError
from relucert.certificate import form, signing
from relucert.certificate.provenance import sign_and_store
from relucert.families.teacher.network import Layer
from relucert.study import enclosed, sample
from relucert.study.files import PROVE, Row, Study, Task
from relucert.study.runs import BELOW, Json

CHUNK = 100  # runs in a certificate
ENTRIES = 400  # of weights in one task, at most, if it has more than one run: some seconds, or one long run
NOT_PROVED = "not-proved"
NONE = -1

Steps = Generator[list[Task], list[Json], Json]
Cut = Callable[[Sequence[int], int], list[list[int]]]


def check_layer(of: Layer) -> None:
    """Raises InputError for |t|: the families of a study are taken up to reversals of neurons and coordinates, the ends
    of proved runs up to permutations."""
    if of.slope == -1:
        raise InputError(
            "--prove-runs is not for |t|, whose runs end at minima with some neurons and coordinates reversed; leave "
            "it out, and prove single runs by `relucert run`"
        )


class Chunk(NamedTuple):
    """The runs of one certificate, in the order of the sample. kept: their entries in a row that has them
    already, or None."""

    numbers: list[int]
    kept: list[Json] | None
    certificate: str | None


def complete(study: Study, row: Row, found: Json, asked: int) -> bool:
    """Whether so many runs of a finished row are proved, as far as they can be."""
    if asked > found.get("proved", {}).get("asked", 0):
        return False
    return all(part.kept is not None for part in chunks(study, row, found, asked))


def clean(study: Study, row: Row, found: Json) -> None:
    """Takes away what a row that is complete does not need any more: work of its sample and of smaller ones."""
    tidy(_folder(study, row), found["proved"]["certificates"])
    if study.work(row, PROVE).exists():
        asked = found["proved"]["asked"]
        parts, claims = chunks(study, row, found, asked), _claims(study, found)
        full = asked // CHUNK  # as many of them are; those of a larger sample are made of these and others
        needless, shared = (
            _tasks(study, row, found, some, claims, sample.last_groups)
            for some in (parts[:full], parts[full:])
        )
        study.discard(row, PROVE, asked, needless, shared)


def chunks(
    study: Study, row: Row, found: Json, asked: int, warn: Callable[[str], object] = lambda _: None
) -> list[Chunk]:
    """All chunks of the sample, which never becomes smaller than it is on disk, with what is there and whole."""
    before = found.get("proved", {})
    had = before.get("asked", 0)
    size = max(asked, had)
    order = sample.order(study.protocol.seed, row.k, row.n, row.runs)
    there = {one["run"]: one for one in entries(before)}
    result = []
    for first in range(0, size, CHUNK):
        last = min(first + CHUNK, size)
        numbers = order[first:last]
        kept, digest = None, None
        if first < had and last == min(first + CHUNK, had):  # the same runs as on disk
            kept = [there[run] for run in numbers]
            digest = next((one["certificate"] for one in kept if one["certificate"] is not None), None)
            if digest is not None and not whole(study, path := _folder(study, row) / f"{digest}.json"):
                warn(
                    f"{path}: missing, or not as the key that signs here writes it; its runs are proved again"
                )
                kept, digest = None, None
        result.append(Chunk(numbers, kept, digest))
    return result


def entries(proved: Json) -> Iterator[Json]:
    """The runs of a member `proved` one by one, each with the digest of its certificate, or None."""
    lists = proved.get("per_run", {})
    for values in zip(*lists.values(), strict=True):
        one = dict(zip(lists, values, strict=True))
        at = one["certificate"]
        yield {**one, "certificate": None if at == NONE else proved["certificates"][at]}


def steps(study: Study, row: Row, found: Json, asked: int) -> Steps:
    """The tasks that prove what is not proved yet; returns what `finish` takes."""
    check_layer(study.protocol.layer)
    parts = chunks(study, row, found, asked, study.warn)
    claims = _claims(study, found)
    results = yield _tasks(study, row, found, [part for part in parts if part.kept is None], claims)
    proofs = {one["run"]: one for result in results for one in result["runs"]}
    statements: list[Json] = []
    digests: list[str] = []
    every: list[Json] = []
    for part in parts:
        digest, mine = part.certificate, part.kept
        if mine is None:
            fresh = enclosed.within(row.k, row.n, [proofs[run] for run in sorted(part.numbers)])
            good = [one for one in fresh if "why" not in one]
            if good:
                statements.append(enclosed.statement(row.k, row.n, good, claims, study.protocol))
                digest = certificate.digest(statements[-1])
            place = {one["run"]: at for at, one in enumerate(good)}
            mine = [entry(one, digest, place.get(one["run"], NONE), claims) for one in fresh]
        every += mine
        digests += [] if digest is None else [digest]
    return {"row": found, "proved": member(study.protocol, every, digests), "statements": statements}


def finish(study: Study, row: Row, result: Json) -> Json:
    """Writes the certificates, then the row, then takes away what is not needed any more."""
    put(study, _folder(study, row), result["statements"])
    finished = unsealed(result["row"], proved=result["proved"])
    study.put(row, finished)
    clean(study, row, finished)
    return finished


# ---- what a row says -------------------------------------------------------------------------------------


def entry(one: Json, digest: str | None, place: int, claims: Sequence[Json]) -> Json:
    """A run, as `entries` yields it."""
    if "why" in one:
        return {"run": one["run"], "kind": NOT_PROVED, "certificate": None, "place": NONE, "steps": None,
                "why": one["why"]}  # fmt: skip
    kind = BELOW if one["minimum"] is None else claims[one["minimum"]]["verdict"]
    return {"run": one["run"], "kind": kind, "certificate": digest, "place": place, "steps": one["steps"],
            "why": None}  # fmt: skip


def member(protocol: sample.Drawn, every: list[Json], digests: list[str]) -> Json:
    """The member `proved` of a row, from its runs as `entries` yields them, and the certificates in their order."""
    every = sorted(every, key=lambda one: one["run"])
    at = {digest: i for i, digest in enumerate(digests)} | {None: NONE}
    kinds = Counter(one["kind"] for one in every)
    low, high = sample.share(kinds, len(every))
    return {
        "asked": len(every),
        "step": sample.shown(sample.exact(protocol.step)),
        "floor": sample.shown(sample.exact(protocol.floor)),
        "kinds": dict(sorted(kinds.items())),
        "spurious": {"confidence": sample.CONFIDENCE, "low": low, "high": high},
        "certificates": digests,
        "per_run": {
            name: [at[one[name]] if name == "certificate" else one[name] for one in every]
            for name in ("run", "kind", "certificate", "place", "steps", "why")
        },
    }


def _claims(study: Study, found: Json) -> list[Json]:
    """Of the families of a row, in their order."""
    return [study.statement(family["certificate"])["claim"] for family in found["families"]]


def _tasks(
    study: Study, row: Row, found: Json, parts: Sequence[Chunk], claims: list[Json], cut: Cut = sample.groups
) -> list[Task]:
    """That prove the runs of these chunks."""
    size = max(1, ENTRIES // (row.n * row.k))
    return [
        Task(PROVE, (row.k, row.n, _guesses(found, group), claims, study.protocol))
        for part in parts
        for group in cut(part.numbers, size)
    ]


def _guesses(found: Json, group: Sequence[int]) -> list[Json]:
    """What the row says of these runs, in floating point."""
    per_run = found["per_run"]
    names = ("family", "ended", "loss", "steps")
    return [{"run": run, **{name: per_run[name][run] for name in names}} for run in group]


# ---- on disk ---------------------------------------------------------------------------------------------


def _folder(study: Study, row: Row) -> Path:
    return study.directory / "runs" / f"{row.k}-{row.n}"


def whole(study: Study, path: Path) -> bool:
    """Whether a certificate is there, byte for byte as this key writes it."""
    try:
        data = path.read_bytes()
        statement = form.parse(data, str(path))["statement"]
        payload = form.canonical(statement)
    except (FileNotFoundError, InputError):
        return False
    signature = signing.sign(study.signer, form.PAYLOAD_TYPE, payload)
    return certificate.digest(statement) == path.stem and form.envelope(statement, [signature]) == data


def put(study: Study, folder: Path, statements: Sequence[Json]) -> None:
    """Certificates of these, where they are not there."""
    store.prepare(folder)
    for statement in statements:
        if not whole(study, folder / f"{certificate.digest(statement)}.json"):
            sign_and_store(statement, folder, study.signer)


def unsealed(found: Json, **added: Json) -> Json:
    """A finished row with such members."""
    return {name: x for name, x in found.items() if name != "seal"} | added


def tidy(folder: Path, digests: Collection[str]) -> None:
    """Takes away certificates that the row does not name: of a smaller sample."""
    for path in folder.glob("*.json"):
        if len(path.stem) == 64 and path.stem not in digests:
            path.unlink(missing_ok=True)
