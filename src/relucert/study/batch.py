"""Grids of (k, n): every run of gradient descent decided, over any concurrent.futures.Executor, resumable.

A row, one (k, n), is a generator of batches of tasks; a task is a pure function, and its result a file named
after the digest of the task's arguments, written to a temporary name and renamed. To resume is to skip the
tasks whose files are there and whole, so a resumed study is the same, bit for bit, as an undisturbed one.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from types import ModuleType
from typing import NamedTuple, TypeAlias

from relucert.base.dyadic import UP, decimal
from relucert.base.pool import Pool
from relucert.families.teacher.search.device import Device
from relucert.study import converging, enclosed, runs
from relucert.study.files import CONVERGE, PROVE, ROW, Row, Study, Task, family_facts, key, pack, unpack
from relucert.study.runs import UNDECIDED, Decision, Json, Protocol

CHUNK = runs.LARGEST_GROUP
ON_DEVICE = 4096  # runs in one task of a device
RETRIES = 1  # of a task whose worker has died or raised
REFUSALS = 5  # pools in a row that cannot even take a task


class Event(NamedTuple):
    """What happened to a row: `done` of `known` tasks; the finished row at the end; or an error."""

    row: Row
    done: int
    known: int
    stage: str
    finished: Json | None = None
    error: str | None = None


class Work(NamedTuple):
    """What is done with rows: the batches of tasks of one, and how their result is put on disk."""

    steps: Callable[[Study, Row], Steps]
    finish: Callable[[Study, Row, Json], Json]
    decides: bool = False  # the runs of rows that are not finished


__all__ = [
    "DECIDE",
    "Event",
    "Row",
    "Study",
    "Task",
    "Work",
    "decide_row",
    "deciding",
    "execute",
    "finished",
    "key",
    "run",
]

Steps: TypeAlias = Generator[list[Task], list[Json], Json]
Place: TypeAlias = "tuple[_Progress, int]"


# ---- what a row consists of ------------------------------------------------------------------------------


def decide_row(row: Row, protocol: Protocol, device: Device | None = None) -> Steps:
    """The tasks of a row, batch after batch; returns the finished row with the statements of its families.

    device: where PyTorch moves the runs, all together; what it leaves is decided as without it.
    """
    k, n, count = row
    chunk, on = (CHUNK, ()) if device is None else (ON_DEVICE, (device,))
    firsts = range(0, count, chunk)
    groups = yield [
        Task("descend_chunk", (k, n, first, min(chunk, count - first), protocol, *on)) for first in firsts
    ]
    origin = {"k": k, "n": n, **protocol.as_json(), **({} if device is None else {"device": device.name})}
    statements: list[Json] = []
    ends: dict[int, tuple[Decision | None, float, int]] = {}
    looks = [(tolerance, False) for tolerance in protocol.looks()] + [(protocol.tolerance, True)]
    for tolerance, saddles in looks:
        if device is not None and (together := runs.regrouped(groups, ON_DEVICE, 1)):
            groups = yield [Task("onward", (k, group, protocol, tolerance, device)) for group in together]
        groups = runs.regrouped(groups)
        if not groups:
            break
        statements = yield from _certified(row, origin, protocol, groups, statements, saddles)
        known = [runs.reference(one) for one in statements]
        groups = yield [Task("look", (k, group, known, protocol, tolerance, saddles)) for group in groups]
        for group in groups:
            values = zip(group["decisions"], group["loss"], group["steps"], strict=True)
            for run, (decision, loss, steps) in zip(group["run"], values, strict=True):
                ends[int(run)] = Decision(*decision) if decision else None, float(loss), int(steps)
    return finished(row, protocol, statements, [ends[run] for run in range(count)])


def _certified(
    row: Row, origin: Json, protocol: Protocol, groups: list[Json], statements: list[Json], saddles: bool
) -> Generator[list[Task], list[Json], list[Json]]:
    """`statements`, and new ones about the critical points next to these runs, none twice."""
    network = protocol.layer.network(row.n, row.k)
    of = () if network is None else (network,)
    wanted = runs.proposals(groups, row.k, protocol)
    polished = yield [Task("polish", (weights, row.k, saddles, *of)) for _, weights in wanted]
    known = [runs.reference(one) for one in statements]
    seen, points = [one.floats() for one in known], []
    for (run, _), found in zip(wanted, polished, strict=True):
        if found and not any(runs.alike(found["point"], point, *of) for point in seen):
            seen.append(found["point"])
            points.append((run, found["point"]))
    new = yield [Task("certify", (point, row.k, {**origin, "run": run}, *of)) for run, point in points]
    result = list(statements)
    for found in new:
        if found:
            one = runs.reference(found["statement"])
            if not any(runs.same(other, one, *of) for other in known):
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
            {**family_facts(statements[i]), "count": hits[i],
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


# ---- running the tasks -----------------------------------------------------------------------------------


APART: dict[str, ModuleType] = {PROVE: enclosed, CONVERGE: converging}  # all other tasks are in `runs`
ONE_AT_A_TIME = threading.Lock()  # the precision of balls is global to a process


def execute(task: Task) -> Json:
    """In a worker."""
    function: Callable[..., Json] = getattr(APART.get(task.name, runs), task.name)
    with ONE_AT_A_TIME:
        return function(*task.arguments)


def deciding(device: Device | None) -> Work:
    """The runs of rows decided; with a device, moved there."""
    return Work(lambda study, row: decide_row(row, study.protocol, device), Study.finish, decides=True)


DECIDE = deciding(None)


class _Progress:
    """One row under way: the tasks of its present batch, and their results so far."""

    def __init__(self, study: Study, row: Row, work: Work) -> None:
        self.row, self.work, self.steps = row, work, work.steps(study, row)
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
                return self.work.finish(study, self.row, stop.value)
            self.take(study, tasks)
        return None

    def event(self, finished: Json | None = None, error: str | None = None) -> Event:
        done = sum(result is not None for result in self.results)
        stage = self.tasks[0].name if self.tasks else ""
        return Event(self.row, done, len(self.tasks), stage, finished, error)


def run(study: Study, rows: Iterable[Row], pool: Pool, ahead: int, work: Work = DECIDE) -> Iterator[Event]:
    """Does this work on these rows, in their order, with `ahead` tasks under way where possible.

    pool: makes an executor; called again when one breaks. A task that raises is tried once more. When a
    worker dies, whatever was under way is done again one task after the other, so that a task that kills its
    worker is known. A row with a task that fails twice is given up with an error, and the others go on. What
    is finished is on disk before its event is yielded.
    """
    waiting = [row for row in rows if study.row(row) is None] if work.decides else list(rows)
    under_way = _UnderWay(study, waiting, pool, ahead, work)
    try:
        yield from under_way.events()
    finally:
        under_way.leave()


class _UnderWay:
    """What `run` has to do: rows that wait and rows that are open, tasks to do and under way, and failures.

    suspects: tasks that were under way when a worker died. broken: the executor takes no more tasks.
    """

    def __init__(self, study: Study, waiting: list[Row], pool: Pool, ahead: int, work: Work) -> None:
        self.study, self.pool, self.ahead, self.work = study, pool, ahead, work
        self.waiting = waiting
        self.open: dict[Row, _Progress] = {}
        self.todo: deque[Place] = deque()
        self.futures: dict[Future[Json], Place] = {}
        self.failures: Counter[str] = Counter()
        self.refusals: Counter[Row] = Counter()
        self.suspects: set[str] = set()
        self.broken = False
        self.executor = pool()

    def events(self) -> Iterator[Event]:
        """Round after round, until every row is finished or given up."""
        while self.waiting or self.open:
            yield from self.begin()
            yield from self.submit()
            yield from self.collect()
            if self.broken:
                self.renew()

    def begin(self) -> Iterator[Event]:
        """Opens rows until there is enough to do."""
        while self.waiting and len(self.todo) + len(self.futures) < self.ahead:
            progress = _Progress(self.study, self.waiting.pop(0), self.work)
            self.open[progress.row] = progress
            yield from self.forward(progress)

    def submit(self) -> Iterator[Event]:
        """Hands tasks to the executor, one at a time while there are suspects."""
        while self.todo and not self.broken and not (self.suspects and self.futures):
            progress, index = self.todo.popleft()
            if progress.row not in self.open:
                continue
            try:
                self.futures[self.executor.submit(execute, progress.tasks[index])] = progress, index
            except BrokenExecutor as error:
                self.broken = True
                self.refusals[progress.row] += 1
                if self.refusals[progress.row] > REFUSALS:
                    yield self.give_up(progress, error)
                else:
                    self.todo.appendleft((progress, index))

    def collect(self) -> Iterator[Event]:
        """Waits for a task to end, and takes the results of those that have."""
        done = wait(self.futures, return_when=FIRST_COMPLETED).done if self.futures else set()
        for future in sorted(done, key=lambda one: self.futures[one][1]):
            progress, index = self.futures.pop(future)
            if progress.row not in self.open:
                continue
            try:
                fresh = unpack(pack(future.result()))  # the same as if it had been on disk
            except Exception as error:  # noqa: BLE001 -- tried again, or recorded
                yield from self.failed(progress, index, error)
            else:
                yield from self.succeeded(progress, index, fresh)

    def failed(self, progress: _Progress, index: int, error: Exception) -> Iterator[Event]:
        """Tries a task again, or gives its row up."""
        name = key(progress.tasks[index])
        died = isinstance(error, BrokenExecutor)
        self.broken = self.broken or died
        self.failures[name] += not died or name in self.suspects  # a suspect is alone: it was no other task
        if self.failures[name] > RETRIES:
            yield self.give_up(progress, error)
        else:
            self.suspects.update([name] * died)
            self.todo.appendleft((progress, index))

    def succeeded(self, progress: _Progress, index: int, result: Json) -> Iterator[Event]:
        """Puts a result on disk, and goes on where it was the last one of its batch."""
        task = progress.tasks[index]
        self.suspects.discard(key(task))
        self.refusals.clear()
        progress.results[index] = result
        self.study.save(progress.row, task, result)
        yield progress.event()
        if all(result is not None for result in progress.results):
            yield from self.forward(progress)

    def forward(self, progress: _Progress) -> Iterator[Event]:
        """The next batch of a row, or its end."""
        try:
            result = progress.forward(self.study)
        except OSError:
            raise  # a full disk concerns all rows
        except Exception as error:  # noqa: BLE001 -- recorded
            yield self.give_up(progress, error)
            return
        if result is not None:
            del self.open[progress.row]
        else:
            self.todo.extend((progress, i) for i, have in enumerate(progress.results) if have is None)
        yield progress.event(finished=result)

    def give_up(self, progress: _Progress, error: Exception) -> Event:
        """Closes a row without a result."""
        del self.open[progress.row]
        self.suspects.difference_update(map(key, progress.tasks))
        return progress.event(error=f"{type(error).__name__}: {error}")

    def renew(self) -> None:
        """Another executor, and whatever was under way is to be done again, as suspects."""
        self.suspects.update(key(progress.tasks[index]) for progress, index in self.futures.values())
        self.todo.extendleft(self.futures.values())
        self.leave()
        self.futures.clear()
        self.executor, self.broken = self.pool(), False

    def leave(self) -> None:
        """Not shutdown(cancel_futures=True), which not every executor takes."""
        for future in self.futures:
            future.cancel()
        self.executor.shutdown(wait=False)
