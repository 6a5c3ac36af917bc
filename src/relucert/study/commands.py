"""`relucert grid`: options, the live table, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relucert.base.console import INCONCLUSIVE, messages, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.families.teacher.device_option import BatchOption, DeviceOption, chosen
from relucert.families.teacher.network import Layer, layer, network, slope_of_activation
from relucert.study.live import Table, cost, duration, proof_cost

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

    from relucert.study import proofs, sample
    from relucert.study.files import Study, locked

    every = _rows(k, extra, count)
    name, rows = _share(shard, every)
    of = _layer(every, signs, teacher_signs, activation)
    asked = None if prove_runs is None else sample.size(prove_runs, count)
    if asked is not None:
        proofs.check_layer(of)
    on = _device(device, at_a_time, dask, of)
    protocol = _protocol(seed, step, tolerance, floor, max_steps, of)
    workers = jobs or os.cpu_count() or 1
    study = Study(directory, protocol, signing_key(key), lambda text: messages.print(text, style="yellow"))
    study.open()
    with locked(directory, name):
        before = {row: found for row in rows if (found := study.row(row)) is not None}
        left = [row for row in rows if row not in before]
        done = {row for row in before if asked is None or proofs.complete(study, row, before[row], asked)}
        if dry_run:
            _say_what_is_left(
                left, [row for row in rows if row not in done], asked, len(rows), workers, as_json
            )
            return
        if left and dask is None:
            _prepare()
        table = Table(rows, before, done, asked)
        errors = _decide_and_prove(study, table, asked, on, lambda: _pool(dask, workers, on), as_json)
    if as_json:
        for row in rows:
            if row in done:
                print_json(_short(before[row]))
    else:
        output.print(table.render())
        output.print(f"study: {directory}", markup=False)
    for error in errors:
        messages.print(f"given up, the same command tries again: {error}", style="red", markup=False)
    if errors or any(map(_open, table.finished.values())):
        raise typer.Exit(INCONCLUSIVE)


def _open(found: dict[str, Any]) -> bool:
    """Whether a run of a row is undecided, or not proved although that was asked for."""
    return bool(found["kinds"].get("undecided") or found.get("proved", {}).get("kinds", {}).get("not-proved"))


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


def _prepare() -> None:
    """Has the descent compiled here, so that no two processes do it at once."""
    from relucert.study.runs import Protocol, descend_chunk

    messages.print("preparing (the first descent ever compiles for some seconds)")
    descend_chunk(1, 1, 0, 1, Protocol(floor_steps=1, max_steps=1))


def _decide_and_prove(
    study: Any, table: Table, asked: int | None, on: Device | None, pool: Any, as_json: bool
) -> list[str]:
    """Does what is left, shown in the table: first all rows, then the proofs of their runs.

    Returns what is said of those that are given up.
    """
    from relucert.study import batch, proofs

    left = [row for row in table.rows if row not in table.finished]
    errors = _carry_out(batch.deciding(on), study, left, table, pool, as_json and asked is None)
    if asked is None:
        return errors
    decided = table.finished

    def prove(study: Any, row: Any) -> Any:
        return proofs.steps(study, row, decided[row], asked)

    unproved = [row for row in table.rows if row in decided and row not in table.done]
    return errors + _carry_out(batch.Work(prove, proofs.finish), study, unproved, table, pool, as_json)


def _carry_out(work: Any, study: Any, left: list[Any], table: Table, pool: Any, as_json: bool) -> list[str]:
    from relucert.study import batch

    errors: list[str] = []
    if not left:
        return errors
    with table, pool() as (executors, ahead):
        for event in batch.run(study, left, executors, ahead, work):
            table.take(event, last=not work.decides)
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
    short = {name: value for name, value in row.items() if name not in ("per_run", "statements")}
    if "proved" in short:
        short["proved"] = {name: value for name, value in row["proved"].items() if name != "per_run"}
    return short


def _say_what_is_left(
    left: list[Any], unproved: list[Any], asked: int | None, rows: int, workers: int, as_json: bool
) -> None:
    """left: rows to decide; unproved: those of which runs are to be proved, if that is asked for."""
    seconds = (sum(map(cost, left)) + sum(proof_cost(row, asked) for row in unproved)) / workers
    if as_json:
        said = {"left": [row._asdict() for row in left], "rows": rows, "seconds": round(seconds)}
        print_json(said | ({} if asked is None else {"to_prove": [row._asdict() for row in unproved]}))
        return
    names = ", ".join(f"({row.k}, {row.n})" for row in left) or "nothing"
    output.print(f"{len(left)} of {rows} (k, n) left: {names}")
    if asked is not None:
        names = ", ".join(f"({row.k}, {row.n})" for row in unproved) or "nothing"
        output.print(f"{asked:,} runs of each of {len(unproved)} (k, n) to prove from their starts: {names}")
    output.print(f"about {duration(seconds)} on {workers} processes of an ordinary machine")
