"""`relucert grid`: options, the live table, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relucert.base.console import INCONCLUSIVE, messages, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.families.teacher.device_option import BatchOption, DeviceOption, chosen
from relucert.families.teacher.network import Layer, layer, network, slope_of_activation
from relucert.study import live
from relucert.study.live import Later, Table, duration

if TYPE_CHECKING:
    from relucert.families.teacher.search.device import Device


def warn(text: str) -> None:
    messages.print(text, style="yellow", markup=False)


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
    prove_runs: Annotated[
        str | None,
        typer.Option(help="Prove runs from their exact starts: all, a COUNT or a SHARE such as 10%."),
    ] = None,
    converges: Annotated[
        str | None,
        typer.Option(help="Runs below the floor (n > k) go on until convergence is proved: as --prove-runs."),
    ] = None,
    signs: Annotated[
        str | None, typer.Option(help="Output weights of the neurons, as for verify: then for one n.")
    ] = None,
    teacher_signs: Annotated[
        str | None, typer.Option(help="Output weights of the targets, as for verify: then for one k.")
    ] = None,
    activation: Annotated[str | None, typer.Option(help="relu, abs or leaky:p/q, as for verify.")] = None,
    device: DeviceOption = None,
    at_a_time: BatchOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is left, and how long.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each (k, n).")] = False,
) -> None:
    """Decide every run of gradient descent for many (k, n); the same command goes on where it stopped."""
    import os

    from relucert.study.files import Study, locked

    every = _rows(k, extra, count)
    name, rows = _share(shard, every)
    of = _layer(every, signs, teacher_signs, activation)
    later = _later(every, rows, count, prove_runs, converges, of)
    on = _device(device, at_a_time, dask, of)
    protocol = _protocol(seed, step, tolerance, floor, max_steps, of)
    workers = jobs or os.cpu_count() or 1
    study = Study(directory, protocol, signing_key(key), warn, dry_run)
    study.open()
    with nullcontext() if dry_run else locked(directory, name):
        before = {row: found for row in rows if (found := study.row(row)) is not None}
        _leave_what_is_done(study, later, before)
        table = Table(rows, before, later)
        done = [row for row in rows if table.done(row)]
        if dry_run:
            _say_what_is_left(table, workers, as_json)
            return
        if len(done) < len(rows) and dask is None:
            from relucert.families.teacher.search.descent import prepare

            prepare()  # here, so that no two processes compile at once
        errors = _decide_and_prove(study, table, on, lambda: _pool(dask, workers, on), as_json)
    _conclude(study, table, errors, [before[row] for row in done] if as_json else None)


def _leave_what_is_done(study: Any, later: list[Later], before: dict[Any, Any]) -> None:
    """Takes out what is done, and from the study what it has left in vain, but in a dry run."""
    for each in later:
        found = {row: before[row] for row in each.rows if row in before}
        done = {row for row, one in found.items() if each.work.complete(study, row, one, each.asked)}
        for row in () if study.dry else done:
            each.work.clean(study, row, found[row])
        each.rows -= done


def _conclude(study: Any, table: Table, errors: list[str], done: list[dict[str, Any]] | None) -> None:
    """Says what is there. done: for --json, the rows that were done before. Raises Exit where something is open."""
    if done is None:
        output.print(table.render())
        output.print(f"study: {study.directory}", markup=False)
    for row in done or []:
        print_json(_short(row))
    for row, found in table.finished.items():
        study.warn_of_left_over(row, found)
    for error in errors:
        messages.print(f"given up, the same command tries again: {error}", style="red", markup=False)
    if errors or any(map(_open, table.finished.values())):
        raise typer.Exit(INCONCLUSIVE)


def _open(found: dict[str, Any]) -> bool:
    """Whether a run of a row is undecided, or something is not proved of it although that was asked for."""
    onward = found.get("converges", {"below_floor": 0, "converging": 0})
    proofs = found.get("proved", {"kinds": {}})["kinds"]
    return bool(
        found["kinds"].get("undecided")
        or proofs.get("not-proved")
        or onward["converging"] < onward["below_floor"]
    )


def _later(
    every: list[Any], rows: list[Any], count: int, prove_runs: str | None, converges: str | None, of: Layer
) -> list[Later]:
    """What is to be done with finished ones of these rows, some of `every`. Raises InputError."""
    from relucert.study import converging, proofs, sample

    later = []
    if prove_runs is not None:
        proofs.check_layer(of)
        said = "to_prove", "to prove from their starts"
        asked = sample.size(prove_runs, count)
        later.append(Later(proofs, asked, set(rows), live.proof_cost, *said, live.proofs))
    if converges is not None:
        converging.check_layer(of)
        if all(row.n == row.k for row in every):
            raise InputError("--converges is about more neurons than targets; ask for some with --extra")
        said = "to_converge", "to go on where they are below the floor"
        asked = sample.size(converges, count, "--converges")
        wider = {row for row in rows if row.n > row.k}
        later.append(Later(converging, asked, wider, live.converging_cost, *said, live.converging))
    return later


def _rows(k: str, extra: str, count: int) -> list[Any]:
    """What is asked for, in the order in which it is done."""
    from relucert.study.files import Row

    rows = {Row(a, a + b, count) for a in _numbers(k, "--k") for b in _numbers(extra, "--extra")}
    if min(row.k for row in rows) < 1 or min(row.n - row.k for row in rows) < 0:
        raise InputError("--k must be at least 1 and --extra at least 0")
    return sorted(rows, key=lambda row: (row.n - row.k, row.k))


def _device(device: str | None, batch: int | None, dask: str | None, of: Layer) -> Device | None:
    """Raises InputError where runs are not moved by a device."""
    if device is not None and not of.is_plain:
        raise InputError("--device is for output weights 1 and the ReLU; leave it out")
    on = chosen(device, batch)
    if on is not None and dask is not None:
        raise InputError("--device does not apply with --dask; leave one of them out")
    return on


def _layer(rows: list[Any], signs: str | None, teacher_signs: str | None, activation: str | None) -> Layer:
    """Raises InputError where it does not fit one of the rows."""
    slope = slope_of_activation(activation)
    for row in rows:
        try:
            network(row.n, row.k, signs, teacher_signs, slope)
        except InputError as error:
            many = (
                "; a grid with signs has one n, or with --teacher-signs alone one k" if len(rows) > 1 else ""
            )
            raise InputError(f"k = {row.k}, n = {row.n}: {error}{many}") from error
    return layer(signs, teacher_signs, slope)


def _protocol(seed: int, step: float, tolerance: float, floor: float, max_steps: int, of: Layer) -> Any:
    from relucert.study.runs import Protocol

    return Protocol(
        seed=seed, step=step, tolerance=tolerance, look=max(tolerance, Protocol.look), floor=floor,
        floor_steps=min(max_steps, Protocol.floor_steps), max_steps=max_steps, layer=of,
    )  # fmt: skip


def _decide_and_prove(study: Any, table: Table, on: Device | None, pool: Any, as_json: bool) -> list[str]:
    """Does what is left, shown in the table: first all rows, then what comes later.

    Returns what is said of those that are given up.
    """
    from relucert.study import batch

    left = [row for row in table.rows if row not in table.finished]
    errors = _carry_out(batch.deciding(on), None, study, left, table, pool, as_json)
    for each in table.later:

        def steps(study: Any, row: Any, each: Later = each) -> Any:
            return each.work.steps(study, row, table.finished[row], each.asked)

        left = [row for row in table.rows if row in table.finished and row in each.rows]
        errors += _carry_out(batch.Work(steps, each.work.finish), each, study, left, table, pool, as_json)
    return errors


def _carry_out(
    work: Any, of: Later | None, study: Any, left: list[Any], table: Table, pool: Any, as_json: bool
) -> list[str]:
    from relucert.study import batch

    errors: list[str] = []
    if not left:
        return errors
    with table, pool() as (executors, ahead):
        for event in batch.run(study, left, executors, ahead, work):
            table.take(event, of)
            if event.error is not None:
                errors.append(f"k = {event.row.k}, n = {event.row.n}: {event.error}")
            if event.finished is not None and as_json and table.done(event.row):
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
def _pool(dask: str | None, workers: int, on: Device | None) -> Iterator[tuple[Any, int]]:
    """(what makes an executor, how many tasks to keep under way). Raises InputError if there is no scheduler."""
    from relucert.base.pool import processes
    from relucert.study.beside import Beside

    if dask is None:
        many = processes(workers)
        yield many if on is None else partial(Beside, many, processes(1)), 2 * workers
        return
    from relucert.study.cluster import connected

    with connected(dask) as client:
        threads = sum(client.nthreads().values())
        yield client.get_executor, 2 * max(threads, 1)


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """For --json: without the runs one by one."""
    return {
        name: _short(value) if isinstance(value, dict) else value
        for name, value in row.items()
        if name not in ("per_run", "statements")
    }


def _say_what_is_left(table: Table, workers: int, as_json: bool) -> None:
    rows, later, seconds = table.rows, table.later, table.left() / workers
    left = [row for row in rows if row not in table.finished]
    todo = {each.key: [row for row in rows if row in each.rows] for each in later}
    if as_json:
        said = {"left": [row._asdict() for row in left], "rows": len(rows), "seconds": round(seconds)}
        print_json(said | {key: [row._asdict() for row in some] for key, some in todo.items()})
        return
    output.print(f"{len(left)} of {len(rows)} (k, n) left: {_listed(left)}")
    for each in later:
        some = todo[each.key]
        output.print(f"{each.asked:,} runs of each of {len(some)} (k, n) {each.doing}: {_listed(some)}")
    output.print(f"about {duration(seconds)} on {workers} processes of an ordinary machine")


def _listed(rows: list[Any]) -> str:
    return ", ".join(f"({row.k}, {row.n})" for row in rows) or "nothing"
