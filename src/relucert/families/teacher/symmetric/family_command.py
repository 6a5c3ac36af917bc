"""`relucert family`: options, and what is said about a family."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from relucert.base.console import (
    INCONCLUSIVE,
    MISSING,
    RESOURCES,
    STYLES,
    Bar,
    escape,
    fail,
    messages,
    output,
    print_json,
)
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key

if TYPE_CHECKING:
    from concurrent.futures import Executor

FEW = 40  # members, of which each gets a line
FOR_A_POOL = 64  # members for which starting processes is worth while
MOST_CHANGES = 30


def family(
    classes: Annotated[
        str, typer.Option(help="Class sizes, one of them growing with k, such as k-1,1 or k-5,4,1.")
    ],
    k: Annotated[
        str, typer.Option("--k", help="6:1000, 6:1000:2 (every second), 6:1000000:x1.5, 10,1000, or lists.")
    ],
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where certificates and the index go.")],
    start: Annotated[
        Path | None, typer.Option(help="Start from a point of this file (as for verify --symmetric).")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Private key that signs (PEM, Ed25519).")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes (default: all cores).")] = None,
    constants: Annotated[
        str, typer.Option(help="sharp (Theorem B') or simple (Theorem B): Lipschitz constants.")
    ] = "sharp",
    plot: Annotated[
        Path | None, typer.Option(help="Draw eigenvalues and loss against k: a .svg or .png file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each k.")] = False,
) -> None:
    """Certify a family of symmetric critical points for many k; the same command goes on where it stopped."""
    import os

    from relucert.base import store
    from relucert.families.teacher.symmetric.index import Index

    pattern, ks = _members(classes, k)
    _check_options(constants, plot)
    store.prepare(directory)
    signer = signing_key(key)
    first = _first(pattern, start)
    workers = jobs or os.cpu_count() or 1
    with Bar("checking what is there", 0) as advance:
        index = Index(directory, workers, advance, messages.print)
    here = _here(index, pattern, ks, len(first.extra))
    work = _Work(index, pattern, first, [size for size in ks if size not in here], signer, constants)
    rows = here | _certify(work, workers, as_json)
    ordered = [rows[size] for size in ks]
    if as_json:
        for row in here.values():
            _print_json(row, directory / f"{row.digest}.json", None)
    _report(pattern, len(first.extra), ordered, index, as_json)
    if plot is not None:
        from relucert.families.teacher.symmetric.plot import draw

        store.write(plot, draw(pattern, ordered, plot.suffix[1:]))
    if not all(row.decided for row in ordered):
        raise typer.Exit(INCONCLUSIVE)


class _Work(NamedTuple):
    """The members to certify: those of `pattern` with k in `todo`, followed from `first`."""

    index: Any
    pattern: Any
    first: Any
    todo: list[int]
    signer: Any
    constants: str


def _members(classes: str, k: str) -> tuple[Any, list[int]]:
    """The pattern, and the k, all of which it has a member for."""
    from relucert.families.teacher.symmetric.family import Pattern, numbers

    pattern, ks = Pattern.parse(classes), numbers(k)
    for end in (ks[0], ks[-1]):
        pattern.sizes(end)
    return pattern, ks


def _check_options(constants: str, plot: Path | None) -> None:
    from relucert.families.teacher.symmetric.point import check_constants

    check_constants(constants)
    if plot is not None:
        _check_plot(plot)


def _here(index: Any, pattern: Any, ks: list[int], extra: int) -> dict[int, Any]:
    """By k, the lines of the certificates that are there and whole."""
    rows = {size: row for size in ks if (row := index.get(size, size + extra, pattern.sizes(size)))}
    if rows:
        messages.print(f"{len(rows)} of {len(ks)} certificates are already in {index.directory}")
    return rows


def _certify(work: _Work, workers: int, as_json: bool) -> dict[int, Any]:
    """The lines of the members to certify, by k; each is printed when it is there."""
    from concurrent.futures import BrokenExecutor

    from relucert.families.teacher.symmetric.run import run

    rows, total = {}, len(work.todo)
    try:
        with (
            _executor(workers if total >= FOR_A_POOL else 1) as executor,
            Bar(f"family {work.pattern}", total) as advance,
        ):
            events = run(
                work.index, work.pattern, work.first, work.todo, work.signer, executor, work.constants
            )
            for done, event in enumerate(events, start=1):
                rows[int(event.row.k)] = event.row
                advance(done, total)
                if as_json:
                    _print_json(event.row, event.certificate, event.reason)
                elif total <= FEW:
                    _print(event)
    except BrokenExecutor:
        raise typer.Exit(fail("a worker process died; the same command goes on", RESOURCES)) from None
    finally:
        work.index.write()
    return rows


def _first(pattern: Any, start: Path | None) -> Any:
    """A member of the family to follow it from."""
    from dataclasses import replace

    from relucert.families.teacher.symmetric.commands import read
    from relucert.families.teacher.symmetric.start import first_member

    if start is None:
        messages.print(f"looking for a first member of {pattern}")
        return replace(first_member(pattern), source=f"family {pattern}")
    try:
        points = list(read(start))
    except FileNotFoundError as error:
        raise InputError(f"{start}: no such file") from error
    for _, point in points:
        found = pattern.arranged(point)
        if found is not None:
            return replace(found, source=f"family {pattern} from {point.source}")
    raise InputError(f"{start}: no point has the classes {pattern}")


@contextmanager
def _executor(workers: int) -> Iterator[Executor | None]:
    from relucert.base.pool import processes

    if workers == 1:
        yield None
        return
    executor = processes(workers)()
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _check_plot(path: Path) -> None:
    if path.suffix not in (".svg", ".png"):
        raise InputError(f"--plot {path}: expected a .svg or .png file")
    try:
        import matplotlib  # noqa: F401 -- an extra; say so before the work starts
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[plot]"'
        raise typer.Exit(fail(f"a package is missing: {error.name}; {remedy}", MISSING)) from error


def _fields(row: Any) -> dict[str, Any]:
    """A line of the index as JSON values; bounds stay decimals."""
    return {
        "k": int(row.k),
        "n": int(row.n),
        "class_sizes": [int(p) for p in row.class_sizes.split("+")],
        "verdict": row.verdict,
        "every_dimension": row.every_dimension == "true",
        "lambda_min": row.lambda_min or None,
        "lambda_min_outside": row.lambda_min_outside or None,
        "objective": [row.objective_low, row.objective_high] if row.decided else None,
        "negative": int(row.negative) if row.decided else None,
        "digest": row.digest or None,
    }


def _print_json(row: Any, certificate: Path | None, reason: str | None) -> None:
    where = None if certificate is None else str(certificate)
    print_json({**_fields(row), "certificate": where, "reason": reason})


def _print(event: Any) -> None:
    from relucert.families.verdicts import NAMES

    row = event.row
    style = STYLES.get(row.verdict, "bold")
    text = f"k = {row.k}: [{style}]{NAMES.get(row.verdict, 'not found')}[/{style}]"
    if row.decided:
        text += f", lambda_min >= {row.lambda_min}, loss in [{row.objective_low}, {row.objective_high}]"
        text += f", {row.negative} negative eigenvalues in dimension d = k" * (row.negative != "0")
    else:
        text += f": {escape(event.reason)}"
    output.print(text)


def _report(pattern: Any, extra: int, rows: list[Any], index: Any, as_json: bool) -> None:
    """What is found for all k together."""
    from relucert.families.teacher.symmetric.family import summary

    found = summary(rows)
    if as_json:
        print_json({"classes": str(pattern), **found._asdict()})
    else:
        _print_summary(pattern, extra, found)
        output.print(f"index: {index.path}", markup=False)


def _print_summary(pattern: Any, extra: int, found: Any) -> None:
    from relucert.families.verdicts import NAMES

    n = f"k + {extra}" if extra else "k"
    output.print(
        f"classes {pattern}, n = {n} ReLU neurons against k orthonormal targets, standard Gaussian input, "
        "population loss:",
        markup=False,
    )
    for first, last, count, verdict, every in found.ranges:
        ks = f"k = {first}" if first == last else f"k = {first} .. {last} ({count} values)"
        dimension = "" if verdict in ("not-found", "inconclusive") else ", in dimension d = k"
        style = STYLES.get(verdict, "bold")
        name = NAMES.get(verdict, "not found")
        zero = ", loss 0" if verdict == "global-minimum" else ""
        output.print(
            f"  {ks}: [{style}]{name}[/{style}]{', in every dimension d >= k' if every else dimension}{zero}"
        )
    for k, following, before, after in found.changes[:MOST_CHANGES]:
        output.print(
            f"  negative eigenvalues in dimension d = k: {before} at k = {k}, {after} at k = {following}"
        )
    if len(found.changes) > MOST_CHANGES:
        output.print(f"  and {len(found.changes) - MOST_CHANGES} more changes: see the index")
