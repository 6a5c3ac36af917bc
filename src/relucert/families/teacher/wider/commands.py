"""`relucert split` and `relucert transfer`: what certified critical points say about wider networks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, USAGE, Bar, fail, messages, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption

if TYPE_CHECKING:
    from rich.table import Table

    from relucert.certificate.numbers import Json
    from relucert.families.teacher.wider.work import Asked, Made

Certificates = Annotated[
    list[Path], typer.Argument(metavar="CERT...", help="Certificates of critical points, or directories.")
]
Output = Annotated[Path, typer.Option("-o", "--output", help="Where certificates go.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes (default: all cores).")]
DIRECTORY = Path("certificates")


def split(
    paths: Certificates,
    neuron: Annotated[int | None, typer.Option(min=1, help="Only this neuron, counted from 1.")] = None,
    opposite: Annotated[
        bool, typer.Option("--opposite", help="Also splits into parts of which some have output weight -1.")
    ] = False,
    zero: Annotated[
        bool, typer.Option("--zero", help="Instead: one more neuron at the origin, and where it goes.")
    ] = False,
    directory: Output = DIRECTORY,
    key: KeyOption = None,
    jobs: Jobs = None,
    as_json: JsonOption = False,
) -> None:
    """Split the neurons of certified minima: strict saddles, or degenerate minima of the wider network?

    A certificate for each, for all numbers of parts, all ratios and, where the minimum's says so, every dimension.
    """
    from relucert.families.teacher.methods import SPLIT, ZERO
    from relucert.families.teacher.wider.base import MINIMA
    from relucert.families.teacher.wider.work import Asked

    if zero and (opposite or neuron is not None):
        raise InputError("--zero is about one more neuron; leave out --neuron and --opposite")
    asked = Asked(ZERO if zero else SPLIT, neuron, opposite)
    _run(paths, asked, MINIMA, directory, key, jobs, as_json=as_json)


def transfer(
    paths: Certificates,
    directory: Output = DIRECTORY,
    key: KeyOption = None,
    jobs: Jobs = None,
    as_json: JsonOption = False,
) -> None:
    """State certified critical points for networks whose output weights are trained, too."""
    from relucert.families.teacher.methods import TRAINED
    from relucert.families.teacher.wider.base import CRITICAL
    from relucert.families.teacher.wider.work import Asked

    _run(paths, Asked(TRAINED), CRITICAL, directory, key, jobs, as_json=as_json)


def _run(
    paths: Sequence[Path],
    asked: Asked,
    verdicts: tuple[str, ...],
    directory: Path,
    key: Path | None,
    jobs: int | None,
    *,
    as_json: bool,
) -> None:
    from relucert.base import store
    from relucert.certificate.provenance import sign_and_store
    from relucert.families.teacher.wider.work import make_all

    found = list(_eligible(paths, verdicts, asked))
    if not found:
        raise InputError("none of these certificates is one that this command is about")
    store.prepare(directory)
    signer = signing_key(key)
    code, made = 0, []
    with Bar(f"proving: {asked.method}", len(found)) as advance:
        for done in make_all(found, asked, jobs or os.cpu_count() or 1, advance):
            if done.reason:
                code = max(code, _complain(done, named=done.path in paths))
            if done.statement is None:
                continue
            written = sign_and_store(done.statement, directory, signer)
            made.append((done, written))
            if as_json:
                print_json(_record(done, written))
    if not as_json and made:
        _print([(x.statement, path) for x, path in made if x.statement is not None], asked)
    if not made and not code:
        code = fail("no certificate was made", USAGE)
    if code:
        raise typer.Exit(code)


def _eligible(paths: Sequence[Path], verdicts: tuple[str, ...], asked: Asked) -> Iterator[Path]:
    """Files of such critical points. Raises InputError for one that is named and is of another kind."""
    from relucert import certificate
    from relucert.base import store
    from relucert.families.teacher.methods import ZERO
    from relucert.families.teacher.wider.base import eligible

    passed: Counter[str] = Counter()
    for path in store.certificate_files(paths):
        try:
            statement = certificate.parse(path.read_bytes(), str(path))["statement"]
            eligible(statement, str(path), verdicts, f"the method {asked.method}", plain=asked.method == ZERO)
        except InputError as error:
            if path in paths:
                raise
            passed[str(error).removeprefix(f"{path}: ")] += 1
            continue
        yield path
    for reason, count in passed.items():
        messages.print(f"passed over {count}: {reason}", markup=False)


def _complain(done: Made, *, named: bool) -> int:
    """Says why a certificate gave nothing, or not all; returns the exit code for it."""
    if done.refused:
        if named:
            return fail(_of(done), USAGE)
        messages.print(f"passed over: {_of(done)}", markup=False)
        return 0
    which = f"neuron {', '.join(map(str, done.undecided))}: " if done.undecided else ""
    return fail(f"{done.path}: {which}{done.reason}", INCONCLUSIVE)


def _of(done: Made) -> str:
    """The reason, with the file once."""
    return done.reason if str(done.path) in done.reason else f"{done.path}: {done.reason}"


def _record(done: Made, written: Path) -> dict[str, object]:
    from relucert.certificate.form import claim_digest
    from relucert.families.teacher.wider.words import words

    if done.statement is None:
        raise InputError(f"{done.path}: nothing is claimed")
    claim = done.statement["claim"]
    sentence, rows = words(claim)
    return {
        "source": str(done.path),
        "n": claim["problem"]["n"],
        "k": claim["problem"]["k"],
        "method": claim["method"],
        "verdict": claim["verdict"],
        **{name: claim[name] for name in ("splits", "target") if name in claim},
        "undecided": list(done.undecided),
        "claim": sentence,
        "bounds": dict(rows),
        "certificate": str(written),
        "claim_digest": claim_digest(claim),
    }


def _print(made: Sequence[tuple[Json, Path]], asked: Asked) -> None:
    """The sentence of a single certificate; of several a table, with what it adds up to."""
    from relucert.families.teacher.methods import SPLIT, ZERO
    from relucert.families.teacher.wider.tables import neurons, overview, total
    from relucert.families.teacher.wider.words import barrier, words, zero_facts

    if len(made) == 1:
        ((statement, path),) = made
        claim = statement["claim"]
        output.print(words(claim)[0], markup=False)
        if asked.method == SPLIT:
            output.print(neurons(claim))
        for name, value in [*barrier(claim), *(zero_facts(claim) if asked.method == ZERO else [])]:
            output.print(f"  {name}: {value}", markup=False)
        output.print(f"  {path}", markup=False)
        return
    table: Table = overview([(statement["claim"], path) for statement, path in made])
    output.print(table)
    output.print(total([statement["claim"] for statement, _ in made]), markup=False)
