"""`relucert ntk table`: how often training to zero loss is proved, for random data and starts of many sizes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from relucert.base.console import RESOURCES, Bar, fail, messages, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from relucert.families.ntk.table import Cell, Count, Kept, Outcome, Run

CSV, RUNS = "table.csv", "runs"
T = TypeVar("T")


def table(
    n: Annotated[str, typer.Option("--n", "-n", help="Numbers of rows, such as 5,10.")],
    d: Annotated[str, typer.Option("--d", "-d", help="Dimensions, from 2.")],
    m: Annotated[str, typer.Option("--width", "-m", help="Numbers of neurons (of a layer).")],
    depth: Annotated[
        str, typer.Option("--depth", "-H", help="Hidden layers; two-layer, or 0, for the ReLU network.")
    ] = "two-layer",
    activation: Annotated[str, typer.Option(help="Of deep networks: softplus, erf or tanh.")] = "softplus",
    runs: Annotated[int, typer.Option(min=1, help="Random instances of each size.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Of the first instance; the next has the next.")] = 0,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes (default: all cores).")] = None,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where it goes, and goes on.")] = Path(
        "table"
    ),
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count how many random instances are proved to train to zero loss. The counts are observed, not certified."""
    from relucert.base import store
    from relucert.families.ntk import table as tables
    from relucert.families.ntk.shallow_problem import check_seed

    check_seed(seed + runs - 1)
    sizes = (_list(n, "--n", _integer), _list(d, "--d", _integer), _list(m, "--width", _integer))
    cells = tables.cells(*sizes, _list(depth, "--depth", _depth), activation)
    kept = tables.Kept(directory / RUNS, signing_key(key), lambda text: messages.print(text, markup=False))
    counts: dict[Cell, Count] = {}
    for count in _counted(cells, range(seed, seed + runs), kept, jobs or os.cpu_count() or 1):
        counts[count.cell] = count
        if as_json:
            print_json(tables.record(count))
    found = [counts[cell] for cell in cells]
    store.write(directory / CSV, tables.to_csv(found).encode())
    if not as_json:
        _print(found, directory / CSV)


def _counted(cells: Sequence[Cell], seeds: range, kept: Kept, workers: int) -> Iterator[Count]:
    """Each cell when all its runs are decided; what was decided before is taken from where it is kept."""
    from concurrent.futures import BrokenExecutor

    from relucert.families.ntk.table import Count, Run, outcomes

    known: dict[Cell, dict[int, Outcome]] = {cell: {} for cell in cells}
    left: list[Run] = []
    for run in (Run(cell, seed) for cell in cells for seed in seeds):
        before = kept.load(run)
        if before is None:
            left.append(run)
        else:
            known[run.cell][run.seed] = before
    total = len(cells) * len(seeds)
    if len(left) < total:
        messages.print(f"{total - len(left)} of {total} instances are decided already")

    def whole(cell: Cell) -> Count:
        return Count(cell, tuple(known[cell][seed] for seed in seeds))

    yield from (whole(cell) for cell in cells if len(known[cell]) == len(seeds))
    try:
        with _executor(min(workers, len(left))) as executor, Bar("instances", total) as advance:
            for done, (run, outcome) in enumerate(outcomes(left, executor), start=total - len(left) + 1):
                kept.save(run, outcome)
                known[run.cell][run.seed] = outcome
                advance(done, total)
                if len(known[run.cell]) == len(seeds):
                    yield whole(run.cell)
    except BrokenExecutor:
        raise typer.Exit(fail("a worker process died; the same command goes on", RESOURCES)) from None


@contextmanager
def _executor(workers: int) -> Iterator[Executor | None]:
    from relucert.base.pool import processes

    if workers <= 1:
        yield None
        return
    executor = processes(workers)()
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _integer(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise InputError(f"{text!r} is not a positive integer")
    return int(text)


def _depth(text: str) -> int:
    return 0 if text in ("two-layer", "0") else _integer(text)


def _list(text: str, option: str, read: Callable[[str], T]) -> list[T]:
    try:
        return list(dict.fromkeys(read(x.strip()) for x in text.split(",")))
    except InputError as error:
        raise InputError(f"{option} {text[:100]}: {error}") from error


def _print(counts: Sequence[Count], path: Path) -> None:
    from rich.table import Table

    from relucert.base.decimals import share
    from relucert.families.ntk.table import TWO_LAYER

    output.print(
        "Random unit vectors in dimension d as n rows, labels and weights nearly N(0, 1), m neurons a layer, the "
        "default step: the share of instances for which convergence to zero loss is proved, and after how many steps "
        "the theorem applied. The counts are observed, not certified.",
        markup=False,
    )
    shown = Table(box=None, pad_edge=False)
    titles = ("network", "n", "d", "m", "instances", "proved", "share", "median T", "largest T")
    for title in titles:
        shown.add_column(title, justify="left" if title == "network" else "right")
    for count in counts:
        cell, steps = count.cell, _steps(count)
        name = f"{TWO_LAYER} relu" if cell.depth == 0 else f"{cell.activation}, H = {cell.depth}"
        numbers = (
            cell.n,
            cell.d,
            cell.m,
            len(count.outcomes),
            len(count.steps),
            share(len(count.steps), len(count.outcomes)),
            *steps,
        )
        shown.add_row(name, *map(str, numbers))
    output.print(shown)
    output.print(str(path), markup=False)


def _steps(count: Count) -> tuple[str, str]:
    """Median and largest; empty where nothing is proved."""
    from relucert.families.ntk.table import record

    found = record(count)
    median, largest = found["steps_median"], found["steps_largest"]
    return ("", "") if median is None else (str(median), str(largest))


def register(ntk: typer.Typer) -> None:
    """Adds the command."""
    ntk.command("table")(table)
