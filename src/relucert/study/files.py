"""A study on disk: its protocol, its rows, its certificates, and the work of unfinished rows.

Nothing that is read is believed. A certificate counts if the checker accepts it, and what a row says of it is
derived from it. Counts of runs are certified by nobody: rows and results of tasks are sealed with the key that
signs, and what another key has sealed, or none, is done again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from relucert import certificate
from relucert.base import store
from relucert.base.dyadic import DOWN, UP, decimal
from relucert.base.errors import InputError
from relucert.certificate.checked import attempt
from relucert.certificate.provenance import sign_and_store
from relucert.certificate.signing import is_signed_by, pre_authentication_encoding, sign
from relucert.study.runs import Json, Protocol, reference

STUDY, ROW = "relucert-study/1", "relucert-study-row/1"
ROW_TYPE = "application/vnd.relucert.study-row.v1+json"
TASK_TYPE = "application/vnd.relucert.study-task.v1"
PROVE, CONVERGE = "prove_runs", "converge_runs"  # the tasks of `enclosed` and of `converging`
APART = {PROVE: "-runs", CONVERGE: "-converges"}  # the ends of the names of their folders
ADDED = {
    "proved": "runs",
    "converges": "converges",
}  # members that a finished row may get, in order; their folders
OPTIONS = {"proved": "--prove-runs", "converges": "--converges"}  # of `grid`, that add them
SEAL = 64  # bytes of an Ed25519 signature
VERSIONS = f"relucert {version('relucert')}, python-flint {version('python-flint')}"


class Task(NamedTuple):
    """A pure function, by name in `runs`, `enclosed` or `converging`, and its arguments."""

    name: str
    arguments: tuple[Any, ...]


class Row(NamedTuple):
    k: int
    n: int
    runs: int


def family_facts(statement: Json) -> Json:
    """What a row says of a critical point: from its statement alone, rounded to the weak side."""
    one, bounds = reference(statement), statement["claim"]["bounds"]

    def shown(value: Json, rounding: str) -> str:
        return decimal(certificate.number(value, "bounds"), rounding)

    return {
        "certificate": one.digest,
        "verdict": one.verdict,
        "objective": [decimal(one.objective[0], DOWN), decimal(one.objective[1], UP)],
        "lambda_min": [shown(x, way) for x, way in zip(bounds["lambda_min"], (DOWN, UP), strict=True)],
        "lambda_max": shown(bounds["lambda_max"], UP),
        "radius": decimal(one.radius, UP),
        "uniqueness_radius": decimal(one.uniqueness, DOWN),
        "basin_radius": None if one.basin is None else decimal(one.basin, DOWN),
    }


def key(task: Task) -> str:
    """SHA-256 of the task's function and arguments, and of the versions that compute it."""
    digest = hashlib.sha256(f"{ROW} {VERSIONS} {task.name}".encode())
    for part in _parts(task.arguments):
        digest.update(part + b"\n")
    return digest.hexdigest()


def _parts(value: Any) -> Iterator[bytes]:
    if isinstance(value, np.ndarray):
        yield f"{value.dtype.str} {value.shape}".encode()
        yield value.tobytes()
    elif isinstance(value, dict):
        for name in sorted(value):
            yield name.encode()
            yield from _parts(value[name])
    elif isinstance(value, Protocol):
        yield from _parts(value.as_json())
    elif isinstance(value, list | tuple):
        yield str(len(value)).encode()
        for item in value:
            yield from _parts(item)
    else:
        yield repr(value).encode()


def pack(result: Json) -> bytes:
    """A result of a task: an .npz file with its arrays, and the rest as JSON."""
    arrays = {name: value for name, value in result.items() if isinstance(value, np.ndarray)}
    rest = {name: value for name, value in result.items() if name not in arrays}
    text = np.frombuffer(json.dumps(rest).encode(), dtype=np.uint8)
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, _rest=text, **arrays)
    return stream.getvalue()


def unpack(data: bytes) -> Json:
    """The inverse of `pack`."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        result = {name: arrays[name] for name in arrays.files if name != "_rest"}
        return {**result, **json.loads(arrays["_rest"].tobytes())}


@dataclass
class Study:
    """A directory: study.json (the protocol), rows/ (finished), certificates/, runs/ (proved from their starts),
    converges/ (runs that went on), work/ (of unfinished rows). dry: nothing is written, moved or taken away."""

    directory: Path
    protocol: Protocol
    signer: Ed25519PrivateKey
    warn: Callable[[str], object] = field(default=lambda _: None)
    dry: bool = False

    def open(self) -> None:
        """Makes the directory, or takes up a study that is there. Raises InputError if it is another one."""
        path = self.directory / "study.json"
        if self.dry:
            if path.exists():
                self._same_protocol(path)
            return
        for part in ("rows", "certificates", "work"):
            store.prepare(self.directory / part)
        mine = {"schema": STUDY, "protocol": self.protocol.as_json()}
        try:
            store.write_new(path, (json.dumps(mine, indent=2) + "\n").encode())
        except FileExistsError:
            self._same_protocol(path)

    def _same_protocol(self, path: Path) -> None:
        """Raises InputError if this study.json is of another study."""
        theirs, ours = read_json(path, STUDY).get("protocol"), self.protocol.as_json()
        if not isinstance(theirs, dict):
            raise InputError(f"{path}: has no protocol; take a new directory")
        names = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
        if names:
            said = ", ".join(f"{x} = {theirs.get(x)} there, {ours.get(x)} now" for x in names)
            raise InputError(
                f"{path}: a study with another protocol ({said}); repeat its options, or take a new directory"
            )

    def row_path(self, row: Row) -> Path:
        return self.directory / "rows" / f"{row.k}-{row.n}.json"

    def row(self, row: Row) -> Json | None:
        """The finished row, if it is there. One that is not whole is set aside, and done again."""
        path = self.row_path(row)
        if not path.exists():
            return None
        try:
            found = read_json(path, ROW)
            if not is_sealed_by(self.signer.public_key(), found):
                raise InputError(f"{path}: damaged, or not sealed by the key that signs here")
        except InputError as error:
            aside = path.with_suffix(".damaged")
            if self.dry:
                self.warn(
                    f"{error}; without --dry-run it is set aside as {aside.name}, and the row done again"
                )
                return None
            os.replace(path, aside)
            self.warn(f"{error}; set aside as {aside.name}, the row is done again")
            return None
        if (found["k"], found["n"], found["protocol"]) != (row.k, row.n, self.protocol.as_json()):
            raise InputError(f"{path}: belongs to another study; take it out, or take a new directory")
        if found["runs"] != row.runs:
            raise InputError(
                f"{path}: has {found['runs']} runs, {row.runs} are asked for; "
                "take a new directory, or move the file away"
            )
        for family in found["families"]:
            statement = self._checked(family["certificate"])
            if statement is None:
                self.warn(
                    f"{path}: certificate {family['certificate']} is missing, or the checker does not accept it; "
                    "the row is done again"
                )
                return None
            if {**family, **family_facts(statement)} != family:
                self.warn(f"{path}: does not say what its certificates say; the row is done again")
                return None
        if not self.dry:
            clear(self.work(row))
        return found

    def warn_of_left_over(self, row: Row, found: Json) -> None:
        """Says where certificates are that a finished row does not name: it was damaged, and done again without."""
        for member, name in ADDED.items():
            folder = self.directory / name / f"{row.k}-{row.n}"
            if member not in found and any(folder.glob("*.json")):
                self.warn(
                    f"{folder}: the row names none of these certificates, so an audit rejects it; repeat "
                    f"{OPTIONS[member]}, or take the folder away"
                )

    def _certificate(self, digest: str) -> Path:
        return self.directory / "certificates" / f"{digest}.json"

    def _checked(self, digest: str) -> Json | None:
        """The statement with this digest, if the checker accepts what is there."""
        path = self._certificate(digest)
        found = attempt(path) if path.exists() else None
        return found if isinstance(found, dict) and certificate.digest(found) == digest else None

    def statement(self, digest: str) -> Json:
        """The same, of a family of a finished row. Raises InputError."""
        found = self._checked(digest)
        if found is None:
            raise InputError(f"{self._certificate(digest)}: missing, or not accepted by the checker")
        return found

    def finish(self, row: Row, result: Json) -> Json:
        """Writes the certificates, then the row, then takes the row's work away."""
        for statement in result.pop("statements"):
            if self._checked(certificate.digest(statement)) is None:
                sign_and_store(statement, self.directory / "certificates", self.signer)
        self.put(row, result)
        clear(self.work(row))
        return result

    def put(self, row: Row, result: Json) -> None:
        """Seals a row, and writes it, with what came later at its end."""
        for name in [name for name in ADDED if name in result]:
            result[name] = result.pop(name)
        result["seal"] = sign(self.signer, ROW_TYPE, _sealed(result))
        store.write(self.row_path(row), _lines(result))

    def work(self, row: Row, task: str = "") -> Path:
        """Where the results of tasks of a row lie; those of what is done with finished rows apart."""
        return self.directory / "work" / f"{row.k}-{row.n}{APART.get(task, '')}"

    def path(self, row: Row, task: Task) -> Path:
        """Of the result of a task."""
        return self.work(row, task.name) / f"{task.name}-{key(task)}.npz"

    def load(self, row: Row, task: Task) -> Json | None:
        """The result of a task, if the key that signs here has sealed it."""
        path = self.path(row, task)
        try:
            seal, data = (whole := path.read_bytes())[:SEAL], whole[SEAL:]
            self.signer.public_key().verify(seal, task_payload(task, data))
            return unpack(data)
        except FileNotFoundError:
            return None
        except (InvalidSignature, ValueError) as error:
            self.warn(f"{path}: not whole, or not sealed by the key that signs here ({error!r}); done again")
            return None

    def save(self, row: Row, task: Task, result: Json) -> None:
        path, data = self.path(row, task), pack(result)
        sealed = self.signer.sign(task_payload(task, data)) + data
        try:
            store.write(path, sealed)
        except FileNotFoundError:
            path.parent.mkdir(exist_ok=True)
            store.write(path, sealed)

    def discard(
        self, row: Row, name: str, asked: int, needless: Sequence[Task], shared: Sequence[Task] = ()
    ) -> None:
        """Takes away what samples of at most so many runs have left: the results of these tasks, all of this name. What
        else is there is of a larger sample that was interrupted, which has use for none but the shared ones."""
        folder = self.work(row, name)
        mine, also = ({self.path(row, task) for task in tasks} for tasks in (needless, shared))
        larger = asked < row.runs and bool({*folder.glob("*")} - mine - also)
        if not larger:
            clear(folder)
        for path in mine if larger else ():
            path.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """Takes the work of a finished row away."""
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)
    remove_empty(folder)


def remove_empty(folder: Path) -> None:
    with suppress(OSError):  # not there, or another process has just put something in
        folder.rmdir()


def task_payload(task: Task, data: bytes) -> bytes:
    """What is signed of a result: which task it answers, and the answer."""
    return pre_authentication_encoding(TASK_TYPE, key(task).encode() + data)


def read_json(path: Path, schema: str) -> Json:
    """A file of a study. Raises InputError."""
    try:
        found = json.loads(path.read_text())
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not JSON: {error}") from error
    if not isinstance(found, dict) or found.get("schema") != schema:
        raise InputError(f"{path}: not a file of a study: its schema is not {schema!r}")
    return found


def _sealed(row: Json) -> bytes:
    return json.dumps({name: x for name, x in row.items() if name != "seal"}, sort_keys=True).encode()


def is_sealed_by(key: Ed25519PublicKey, row: Json) -> bool:
    """Whether a row is as it was when the private half of this key sealed it."""
    seal = row.get("seal")
    return isinstance(seal, dict) and is_signed_by(key, seal, ROW_TYPE, _sealed(row))


def _lines(value: Json) -> bytes:
    """JSON with one member a line, and one line a family and an array."""

    def line(x: Any) -> str:
        return json.dumps(x)

    def inside(found: Json, indent: str) -> str:
        members = ",\n".join(
            f"{indent}{line(name)}: {nested(name, x, indent) or line(x)}" for name, x in found.items()
        )
        return f"{{\n{members}\n{indent[2:]}}}"

    def nested(name: str, x: Any, indent: str) -> str:
        if name in ("families", "certificates") and x:
            return "[\n" + ",\n".join(f"{indent}  {line(one)}" for one in x) + f"\n{indent}]"
        return inside(x, indent + "  ") if name in ("per_run", *ADDED) else ""

    return f"{inside(value, '  ')}\n".encode()


@contextmanager
def locked(directory: Path, shard: str | None) -> Iterator[None]:
    """Only one process at a time works on a study, or on a shard of it. Raises InputError if one does."""
    import fcntl

    with (directory / ".grid.lock").open("a") as whole, (directory / f".grid-{shard}.lock").open("a") as part:
        try:
            fcntl.flock(whole, (fcntl.LOCK_SH if shard else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{directory}: another relucert is at work here; wait for it, "
                "or share the work with --shard I/N"
            ) from None
        if not shard:  # nobody else is here: what a killed process left
            for path in directory.rglob(".relucert-*"):
                path.unlink(missing_ok=True)
        yield
