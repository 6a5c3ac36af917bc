"""Grids of (k, n): every run of gradient descent decided, over any concurrent.futures.Executor, resumable.

A row, one (k, n), is a generator of batches of tasks; a task is a pure function, and its result a file named
after the digest of the task's arguments, written to a temporary name and renamed. To resume is to skip the
tasks whose files are there and whole, so a resumed study is the same, bit for bit, as an undisturbed one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert import certificate
from relucert.base import store
from relucert.base.dyadic import DOWN, UP, decimal
from relucert.base.errors import InputError
from relucert.base.pool import Pool
from relucert.certificate.provenance import sign_and_store
from relucert.study import runs
from relucert.study.runs import UNDECIDED, Decision, Json, Protocol, Reference

STUDY, ROW = "relucert-study/1", "relucert-study-row/1"
VERSIONS = f"relucert {version('relucert')}, python-flint {version('python-flint')}"
CHUNK = runs.LARGEST_GROUP
RETRIES = 1  # of a task whose worker has died or raised
REFUSALS = 5  # pools in a row that cannot even take a task


class Task(NamedTuple):
    """A pure function, by name in `runs`, and its arguments."""

    name: str
    arguments: tuple[Any, ...]


class Row(NamedTuple):
    k: int
    n: int
    runs: int


class Event(NamedTuple):
    """What happened to a row: `done` of `known` tasks; the finished row at the end; or an error."""

    row: Row
    done: int
    known: int
    stage: str
    finished: Json | None = None
    error: str | None = None


Steps: TypeAlias = Generator[list[Task], list[Json], Json]
Place: TypeAlias = "tuple[_Progress, int]"


# ---- what a row consists of ------------------------------------------------------------------------------


def decide_row(row: Row, protocol: Protocol) -> Steps:
    """The tasks of a row, batch after batch; returns the finished row with the statements of its families."""
    k, n, count = row
    firsts = range(0, count, CHUNK)
    groups = yield [
        Task("descend_chunk", (k, n, first, min(CHUNK, count - first), protocol)) for first in firsts
    ]
    statements: list[Json] = []
    ends: dict[int, tuple[Decision | None, float, int]] = {}
    looks = [(tolerance, False) for tolerance in protocol.looks()] + [(protocol.tolerance, True)]
    for tolerance, saddles in looks:
        groups = runs.regrouped(groups)
        if not groups:
            break
        statements = yield from _certified(row, protocol, groups, statements, saddles)
        known = [runs.reference(one) for one in statements]
        groups = yield [Task("look", (k, group, known, protocol, tolerance, saddles)) for group in groups]
        for group in groups:
            values = zip(group["decisions"], group["loss"], group["steps"], strict=True)
            for run, (decision, loss, steps) in zip(group["run"], values, strict=True):
                ends[int(run)] = Decision(*decision) if decision else None, float(loss), int(steps)
    return finished(row, protocol, statements, [ends[run] for run in range(count)])


def _certified(
    row: Row, protocol: Protocol, groups: list[Json], statements: list[Json], saddles: bool
) -> Generator[list[Task], list[Json], list[Json]]:
    """`statements`, and new ones about the critical points next to these runs, none twice."""
    wanted = runs.proposals(groups, row.k, protocol)
    polished = yield [Task("polish", (weights, row.k, saddles)) for _, weights in wanted]
    known = [runs.reference(one) for one in statements]
    seen, points = [one.floats() for one in known], []
    for (run, _), found in zip(wanted, polished, strict=True):
        if found and not any(runs.alike(found["point"], point) for point in seen):
            seen.append(found["point"])
            points.append((run, found["point"]))
    origin = {"k": row.k, "n": row.n, **protocol.as_json()}
    new = yield [Task("certify", (point, row.k, {**origin, "run": run})) for run, point in points]
    result = list(statements)
    for found in new:
        if found:
            one = runs.reference(found["statement"])
            if not any(runs.same(other, one) for other in known):
                result.append(found["statement"])
                known.append(one)
    return result


def finished(
    row: Row, protocol: Protocol, statements: list[Json], ends: list[tuple[Decision | None, float, int]]
) -> Json:
    """The finished row, and under "statements" those of the families that a run goes to."""
    decisions, losses, steps = zip(*ends, strict=True)
    known = [runs.reference(one) for one in statements]
    hits = Counter(d.reference for d in decisions if d is not None and d.reference >= 0)
    order = sorted(hits, key=lambda i: (-hits[i], known[i].digest))
    place = {i: at for at, i in enumerate(order)} | {-1: -1}
    families = []
    for i in order:
        others = [known[j] for j in order if j != i]
        families.append(
            {**_family(statements[i], known[i]), "count": hits[i],
             "proved_distinct": all(runs.different(known[i], other) for other in others)}
        )  # fmt: skip
    return {
        "schema": ROW, "k": row.k, "n": row.n, "runs": row.runs, "protocol": protocol.as_json(),
        "kinds": dict(sorted(Counter(d.kind if d else UNDECIDED for d in decisions).items())),
        "ended": dict(sorted(Counter(d.ended if d else UNDECIDED for d in decisions).items())),
        "families": families,
        "per_run": {
            "family": [place[d.reference] if d else -1 for d in decisions],
            "ended": [d.ended if d else UNDECIDED for d in decisions],
            "loss": losses,
            "steps": steps,
            "distance": [decimal(d.distance, UP, 3) if d and d.distance else None for d in decisions],
        },
        "statements": [statements[i] for i in order],
    }  # fmt: skip


def _family(statement: Json, one: Reference) -> Json:
    bounds = statement["claim"]["bounds"]
    smallest = [number["decimal"] for number in bounds["lambda_min"]]
    return {
        "certificate": one.digest,
        "verdict": one.verdict,
        "objective": [decimal(one.objective[0], DOWN), decimal(one.objective[1], UP)],
        "lambda_min": smallest,
        "lambda_max": bounds["lambda_max"]["decimal"],
        "radius": decimal(one.radius, UP),
        "uniqueness_radius": decimal(one.uniqueness, DOWN),
        "basin_radius": None if one.basin is None else decimal(one.basin, DOWN),
    }


# ---- results as files ------------------------------------------------------------------------------------


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
    """A result of a task: its SHA-256, then an .npz file with its arrays, and the rest as JSON."""
    arrays = {name: value for name, value in result.items() if isinstance(value, np.ndarray)}
    rest = {name: value for name, value in result.items() if name not in arrays}
    text = np.frombuffer(json.dumps(rest).encode(), dtype=np.uint8)
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, _rest=text, **arrays)
    return hashlib.sha256(stream.getvalue()).digest() + stream.getvalue()


def unpack(data: bytes) -> Json:
    """The inverse of `pack`. Raises ValueError for what is not whole."""
    if hashlib.sha256(data[32:]).digest() != data[:32]:
        raise ValueError("not a whole result")
    with np.load(io.BytesIO(data[32:]), allow_pickle=False) as arrays:
        result = {name: arrays[name] for name in arrays.files if name != "_rest"}
        return {**result, **json.loads(arrays["_rest"].tobytes())}


@dataclass
class Study:
    """A directory: study.json (the protocol), rows/ (finished), certificates/, work/ (of unfinished rows)."""

    directory: Path
    protocol: Protocol
    signer: Ed25519PrivateKey
    warn: Callable[[str], object] = field(default=lambda _: None)

    def open(self) -> None:
        """Makes the directory, or takes up a study that is there. Raises InputError if it is another one."""
        for part in ("rows", "certificates", "work"):
            store.prepare(self.directory / part)
        path = self.directory / "study.json"
        mine = {"schema": STUDY, "protocol": self.protocol.as_json()}
        try:
            store.write_new(path, (json.dumps(mine, indent=2) + "\n").encode())
        except FileExistsError:
            theirs, ours = read_json(path, STUDY).get("protocol"), self.protocol.as_json()
            if not isinstance(theirs, dict):
                raise InputError(f"{path}: has no protocol; take a new directory") from None
            names = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
            if names:
                said = ", ".join(f"{x} = {theirs.get(x)} there, {ours.get(x)} now" for x in names)
                raise InputError(
                    f"{path}: a study with another protocol ({said}); repeat its options, "
                    "or take a new directory"
                ) from None

    def row_path(self, row: Row) -> Path:
        return self.directory / "rows" / f"{row.k}-{row.n}.json"

    def row(self, row: Row) -> Json | None:
        """The finished row, if it is there. One that is not whole is set aside, and done again."""
        path = self.row_path(row)
        if not path.exists():
            return None
        try:
            found = read_json(path, ROW)
            if found.get("digest") != _seal(found):
                raise InputError(f"{path}: damaged: its digest does not fit")
        except InputError as error:
            os.replace(path, path.with_suffix(".damaged"))
            self.warn(f"{error}; set aside as {path.with_suffix('.damaged').name}, the row is done again")
            return None
        if (found["k"], found["n"], found["protocol"]) != (row.k, row.n, self.protocol.as_json()):
            raise InputError(f"{path}: belongs to another study; take it out, or take a new directory")
        if found["runs"] != row.runs:
            raise InputError(
                f"{path}: has {found['runs']} runs, {row.runs} are asked for; "
                "take a new directory, or move the file away"
            )
        missing = [f["certificate"] for f in found["families"] if not self._is_whole(f["certificate"])]
        if missing:
            self.warn(f"{path}: certificate {missing[0]} is missing or damaged; the row is done again")
            return None
        self._clear(row)
        return found

    def _certificate(self, digest: str) -> Path:
        return self.directory / "certificates" / f"{digest}.json"

    def _is_whole(self, digest: str) -> bool:
        path = self._certificate(digest)
        try:
            return certificate.digest(certificate.parse(path.read_bytes(), str(path))["statement"]) == digest
        except (FileNotFoundError, InputError):
            return False

    def _clear(self, row: Row) -> None:
        """Takes the work of a finished row away."""
        for path in self.work(row).glob("*"):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # not there, or another process has just put something in
            self.work(row).rmdir()

    def finish(self, row: Row, result: Json) -> Json:
        """Writes the certificates, then the row, then takes the row's work away."""
        for statement in result.pop("statements"):
            if not self._is_whole(certificate.digest(statement)):
                sign_and_store(statement, self.directory / "certificates", self.signer)
        result["digest"] = _seal(result)
        store.write(self.row_path(row), _lines(result))
        self._clear(row)
        return result

    def work(self, row: Row) -> Path:
        return self.directory / "work" / f"{row.k}-{row.n}"

    def load(self, row: Row, task: Task) -> Json | None:
        path = self.work(row) / f"{task.name}-{key(task)}.npz"
        try:
            return unpack(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            self.warn(f"{path}: {error}; done again")
            return None

    def save(self, row: Row, task: Task, result: Json) -> None:
        path, data = self.work(row) / f"{task.name}-{key(task)}.npz", pack(result)
        try:
            store.write(path, data)
        except FileNotFoundError:
            path.parent.mkdir(exist_ok=True)
            store.write(path, data)


def read_json(path: Path, schema: str) -> Json:
    """A file of a study. Raises InputError."""
    try:
        found = json.loads(path.read_text())
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not JSON: {error}") from error
    if not isinstance(found, dict) or found.get("schema") != schema:
        raise InputError(f"{path}: not a file of a study: its schema is not {schema!r}")
    return found


def _seal(value: Json) -> str:
    rest = {name: x for name, x in value.items() if name != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _lines(value: Json) -> bytes:
    """JSON with one member a line, and one line a family and an array."""

    def line(x: Any) -> str:
        return json.dumps(x)

    families = ",\n".join(f"    {line(one)}" for one in value["families"])
    runs_ = ",\n".join(f"    {line(name)}: {line(x)}" for name, x in value["per_run"].items())
    nested = {"families": f"[\n{families}\n  ]" if families else "[]", "per_run": f"{{\n{runs_}\n  }}"}
    members = ",\n".join(f"  {line(name)}: {nested.get(name) or line(x)}" for name, x in value.items())
    return f"{{\n{members}\n}}\n".encode()


# ---- running the tasks -----------------------------------------------------------------------------------


ONE_AT_A_TIME = threading.Lock()  # the precision of balls is global to a process


def execute(task: Task) -> Json:
    """In a worker."""
    function: Callable[..., Json] = getattr(runs, task.name)
    with ONE_AT_A_TIME:
        return function(*task.arguments)


class _Progress:
    """One row under way: the tasks of its present batch, and their results so far."""

    def __init__(self, study: Study, row: Row) -> None:
        self.row, self.steps = row, decide_row(row, study.protocol)
        self.take(study, next(self.steps))

    def take(self, study: Study, tasks: list[Task]) -> None:
        self.tasks = tasks
        self.results: list[Json | None] = [study.load(self.row, task) for task in tasks]

    def forward(self, study: Study) -> Json | None:
        """To the next batch that has something to do; the finished row at the end."""
        while all(result is not None for result in self.results):
            try:
                with ONE_AT_A_TIME:
                    tasks = self.steps.send([result for result in self.results if result is not None])
            except StopIteration as stop:
                return study.finish(self.row, stop.value)
            self.take(study, tasks)
        return None

    def event(self, finished: Json | None = None, error: str | None = None) -> Event:
        done = sum(result is not None for result in self.results)
        stage = self.tasks[0].name if self.tasks else ""
        return Event(self.row, done, len(self.tasks), stage, finished, error)


def run(study: Study, rows: Iterable[Row], pool: Pool, ahead: int) -> Iterator[Event]:
    """Does what is left of these rows, in their order, with `ahead` tasks under way where possible.

    pool: makes an executor; called again when one breaks. A task that raises is tried once more. When a
    worker dies, whatever was under way is done again one task after the other, so that a task that kills its
    worker is known. A row with a task that fails twice is given up with an error, and the others go on. What
    is finished is on disk before its event is yielded.
    """
    waiting = [row for row in rows if study.row(row) is None]
    open_rows: dict[Row, _Progress] = {}
    todo: deque[Place] = deque()
    futures: dict[Future[Json], Place] = {}
    failures: Counter[str] = Counter()
    refusals: Counter[Row] = Counter()
    suspects: set[str] = set()
    executor = pool()

    def forward(progress: _Progress) -> Iterator[Event]:
        """The next batch of a row, or its end."""
        try:
            result = progress.forward(study)
        except OSError:
            raise  # a full disk concerns all rows
        except Exception as error:  # noqa: BLE001 -- recorded
            yield give_up(progress, error)
            return
        if result is not None:
            del open_rows[progress.row]
        else:
            todo.extend((progress, i) for i, have in enumerate(progress.results) if have is None)
        yield progress.event(finished=result)

    def give_up(progress: _Progress, error: Exception) -> Event:
        del open_rows[progress.row]
        suspects.difference_update(map(key, progress.tasks))
        return progress.event(error=f"{type(error).__name__}: {error}")

    try:
        while waiting or open_rows:
            while waiting and len(todo) + len(futures) < ahead:
                progress = _Progress(study, waiting.pop(0))
                open_rows[progress.row] = progress
                yield from forward(progress)
            broken = False
            while todo and not broken and not (suspects and futures):
                progress, index = todo.popleft()
                if progress.row in open_rows:
                    try:
                        futures[executor.submit(execute, progress.tasks[index])] = progress, index
                    except BrokenExecutor as error:
                        broken = True
                        refusals[progress.row] += 1
                        if refusals[progress.row] > REFUSALS:
                            yield give_up(progress, error)
                        else:
                            todo.appendleft((progress, index))
            done = wait(futures, return_when=FIRST_COMPLETED).done if futures else set()
            for future in sorted(done, key=lambda one: futures[one][1]):
                progress, index = futures.pop(future)
                if progress.row not in open_rows:
                    continue
                task = progress.tasks[index]
                name = key(task)
                try:
                    fresh = unpack(pack(future.result()))  # the same as if it had been on disk
                except Exception as error:  # noqa: BLE001 -- tried again, or recorded
                    died = isinstance(error, BrokenExecutor)
                    broken = broken or died
                    failures[name] += not died or name in suspects  # a suspect is alone: it was no other task
                    if failures[name] > RETRIES:
                        yield give_up(progress, error)
                    else:
                        suspects.update([name] * died)
                        todo.appendleft((progress, index))
                    continue
                suspects.discard(name)
                refusals.clear()
                progress.results[index] = fresh
                study.save(progress.row, task, fresh)
                yield progress.event()
                if all(result is not None for result in progress.results):
                    yield from forward(progress)
            if broken:
                suspects.update(key(progress.tasks[index]) for progress, index in futures.values())
                todo.extendleft(futures.values())
                _leave(executor, futures)
                futures.clear()
                executor = pool()
    finally:
        _leave(executor, futures)


def _leave(executor: Executor, futures: Iterable[Future[Json]]) -> None:
    """Not shutdown(cancel_futures=True), which not every executor takes."""
    for future in futures:
        future.cancel()
    executor.shutdown(wait=False)


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
