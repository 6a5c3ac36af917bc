"""`relucert grid`: options, the live table, and what is left to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from relucert.base.console import INCONCLUSIVE, Live, messages, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key


def warn(text: str) -> None:
    messages.print(text, style="yellow", markup=False)


DECIDED = ("spurious-minimum", "local-minimum", "global-minimum", "below-floor", "strict-saddle")


def grid(
    k: Annotated[str, typer.Option("--k", help="Numbers of targets, such as 6:20 or 6,8,10:12.")],
    extra: Annotated[str, typer.Option(help="n - k, such as 0,1 (neurons more than targets).")] = "0",
    count: Annotated[int, typer.Option("--runs", min=1, help="Random starts for each (k, n).")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same study.")] = 0,
    directory: Annotated[Path, typer.Option("-o", "--output", help="The study.")] = Path("study"),
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes (default: all cores).")] = None,
    dask: Annotated[
        str | None, typer.Option(help="Address of a running dask.distributed scheduler, tcp://..")
    ] = None,
    shard: Annotated[str | None, typer.Option(help="I/N: every N-th (k, n), from the I-th.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Private key that signs (PEM, Ed25519).")] = None,
    step: Annotated[float, typer.Option(help="Step of gradient descent.")] = 0.1,
    tolerance: Annotated[float, typer.Option(help="Largest gradient of a neuron at the end.")] = 1e-12,
    max_steps: Annotated[
        int, typer.Option(min=1, max=2**53 - 1, help="Steps of a run that is above the floor.")
    ] = 4_000_000,
    floor: Annotated[float, typer.Option(help="Loss below which, for n > k, a run is ignored.")] = 1e-3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is left, and how long.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each (k, n).")] = False,
) -> None:
    """Decide every run of gradient descent for many (k, n); the same command goes on where it stopped."""
    import os

    from relucert.study.files import Study, locked

    name, rows = _share(shard, _rows(k, extra, count))
    protocol = _protocol(seed, step, tolerance, floor, max_steps)
    workers = jobs or os.cpu_count() or 1
    study = Study(directory, protocol, signing_key(key), lambda text: messages.print(text, style="yellow"))
    study.open()
    with locked(directory, name):
        before = {row: found for row in rows if (found := study.row(row)) is not None}
        left = [row for row in rows if row not in before]
        if dry_run:
            _say_what_is_left(left, rows, workers, as_json)
            return
        if left and dask is None:
            _prepare()
        table = Table(rows, before)
        errors = _decide(study, left, table, dask, workers, as_json)
    if as_json:
        for found in before.values():
            print_json(_short(found))
    else:
        output.print(table.render())
        output.print(f"study: {directory}", markup=False)
    for error in errors:
        messages.print(f"given up, the same command tries again: {error}", style="red", markup=False)
    if errors or any(found["kinds"].get("undecided") for found in table.finished.values()):
        raise typer.Exit(INCONCLUSIVE)


def _rows(k: str, extra: str, count: int) -> list[Any]:
    """What is asked for, in the order in which it is done."""
    from relucert.study.files import Row

    rows = {Row(a, a + b, count) for a in _numbers(k, "--k") for b in _numbers(extra, "--extra")}
    if min(row.k for row in rows) < 1 or min(row.n - row.k for row in rows) < 0:
        raise InputError("--k must be at least 1 and --extra at least 0")
    return sorted(rows, key=lambda row: (row.n - row.k, row.k))


def _protocol(seed: int, step: float, tolerance: float, floor: float, max_steps: int) -> Any:
    from relucert.study.runs import Protocol

    return Protocol(
        seed=seed, step=step, tolerance=tolerance, look=max(tolerance, Protocol.look), floor=floor,
        floor_steps=min(max_steps, Protocol.floor_steps), max_steps=max_steps,
    )  # fmt: skip


def _prepare() -> None:
    """Has the descent compiled here, so that no two processes do it at once."""
    from relucert.study.runs import Protocol, descend_chunk

    messages.print("preparing (the first descent ever compiles for some seconds)")
    descend_chunk(1, 1, 0, 1, Protocol(floor_steps=1, max_steps=1))


def _decide(
    study: Any, left: list[Any], table: Table, dask: str | None, workers: int, as_json: bool
) -> list[str]:
    """Decides the rows that are left, shown in the table; returns what is said of those that are given up."""
    from relucert.study import batch

    errors: list[str] = []
    with table, _pool(dask, workers) as (pool, ahead):
        for event in batch.run(study, left, pool, ahead):
            table.take(event)
            if event.error is not None:
                errors.append(f"k = {event.row.k}, n = {event.row.n}: {event.error}")
            if event.finished is not None and as_json:
                print_json(_short(event.finished))
    return errors


def _numbers(text: str, option: str) -> list[int]:
    """6:8,10 as [6, 7, 8, 10]."""
    found: list[int] = []
    for part in text.split(","):
        first, colon, last = part.partition(":")
        try:
            numbers = range(int(first), int(last if colon else first) + 1)
        except ValueError:
            raise InputError(f"{option} {text}: expected numbers or ranges, such as 6:20 or 6,8") from None
        if not numbers:
            raise InputError(f"{option} {text}: the range {part} is empty")
        found += numbers
    return found


def _share(shard: str | None, rows: list[Any]) -> tuple[str | None, list[Any]]:
    """The name of the lock, and the rows of this shard: dealt out by turns, the costly ones last."""
    if shard is None:
        return None, rows
    first, _, total = shard.partition("/")
    if not (first.isdecimal() and total.isdecimal() and 1 <= int(first) <= int(total)):
        raise InputError(f"--shard {shard}: expected I/N with 1 <= I <= N")
    dealt = sorted(rows, key=lambda row: (row.n * row.k, row.n))
    return f"{first}-of-{total}", dealt[int(first) - 1 :: int(total)]


@contextmanager
def _pool(dask: str | None, workers: int) -> Iterator[tuple[Any, int]]:
    """(what makes an executor, how many tasks to keep under way). Raises InputError if there is no scheduler."""
    from relucert.base.pool import processes

    if dask is None:
        yield processes(workers), 2 * workers
        return
    from relucert.study.cluster import connected

    with connected(dask) as client:
        threads = sum(client.nthreads().values())
        yield client.get_executor, 2 * max(threads, 1)


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """For --json: without the runs one by one."""
    return {name: value for name, value in row.items() if name not in ("per_run", "statements")}


def _cost(row: Any) -> float:
    """Seconds of one core, roughly, in proportion to n (n + k) k; with n > k runs are longer."""
    pairs = row.n * (row.n + row.k) * row.k * (3 if row.n > row.k else 1)
    return float(1.0 + row.runs / 1000 * (3.0 + 0.0025 * pairs))


def _say_what_is_left(left: list[Any], rows: list[Any], workers: int, as_json: bool) -> None:
    seconds = sum(_cost(row) for row in left) / workers
    if as_json:
        print_json({"left": [row._asdict() for row in left], "rows": len(rows), "seconds": round(seconds)})
        return
    names = ", ".join(f"({row.k}, {row.n})" for row in left) or "nothing"
    output.print(f"{len(left)} of {len(rows)} (k, n) left: {names}")
    output.print(f"about {_duration(seconds)} on {workers} processes of an ordinary machine")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


class Table(Live):
    """A live table on a terminal, a line at a time elsewhere: what is done, what is found, the time left."""

    def __init__(self, rows: list[Any], finished: dict[Any, dict[str, Any]]) -> None:
        self.rows, self.finished = rows, dict(finished)
        self.under_way: dict[Any, Any] = {}
        self.began = time.monotonic()
        self.todo = sum(_cost(row) for row in rows if row not in finished)
        super().__init__()

    def take(self, event: Any) -> None:
        self.under_way[event.row] = event
        if event.finished is not None:
            self.finished[event.row] = event.finished
            kinds = event.finished["kinds"]
            self.note(
                f"k = {event.row.k}, n = {event.row.n}: "
                + ", ".join(f"{kinds[kind]} {kind}" for kind in (*DECIDED, "undecided") if kinds.get(kind))
            )
        self.refresh()

    def time_left(self) -> str:
        """In proportion to the estimated cost of what is done."""
        left = sum(_cost(row) for row in self.rows if row not in self.finished)
        done = self.todo - left
        if not left:
            return ""
        return "" if done <= 0 else _duration((time.monotonic() - self.began) * left / done) + " left"

    def render(self) -> Any:
        from rich.table import Table as RichTable

        table = RichTable(box=None, pad_edge=False, caption=self.time_left())
        for title in (
            "k",
            "n",
            "runs",
            "spurious",
            "global",
            "below floor",
            "saddle",
            "undecided",
            "families",
        ):
            table.add_column(title, justify="right")
        table.add_column("")
        for row in self.rows:
            found, event = self.finished.get(row), self.under_way.get(row)
            if found is not None:
                kinds = found["kinds"]
                spurious = kinds.get("spurious-minimum", 0)
                cells = [
                    f"{100 * spurious / row.runs:.1f}%",
                    *(str(kinds.get(kind, 0)) for kind in ("global-minimum", "below-floor", "strict-saddle")),
                    str(kinds.get("undecided", 0)),
                    str(len(found["families"])),
                ]
                table.add_row(str(row.k), str(row.n), str(row.runs), *cells, "done")
            elif event is not None:
                state = event.error or f"{event.stage.replace('_', ' ')}: {event.done} of {event.known}"
                table.add_row(str(row.k), str(row.n), str(row.runs), *[""] * 6, state)
            else:
                table.add_row(str(row.k), str(row.n), str(row.runs), *[""] * 6, "waiting")
        return table
