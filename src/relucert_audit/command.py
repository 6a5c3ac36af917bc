"""The command: python -m relucert_audit FILE_OR_DIRECTORY... [--jobs N] [--json] [--trusted FILE] ...

Exit status, worst first: 1 some file rejected; 2 some file malformed or unreadable, or wrong usage; 4 a limit
exceeded, or the checker failed on a file; 5 some file not confirmed; 0 every file, at least one, accepted; and
130 interrupted, 141 whoever reads is gone: no result."""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relucert_audit import trust
from relucert_audit.check import SAMPLED, Report, check
from relucert_audit.finding import Finding
from relucert_audit.format import ACCEPTED, LIMIT, MALFORMED, MAX_BYTES, NOT_CONFIRMED, REJECTED
from relucert_audit.index import check_index, covered, indices
from relucert_audit.progress import Progress
from relucert_audit.sample import Sample, plan, said_of
from relucert_audit.study import Audited, check_study, claims_of, files_of, is_study
from relucert_audit.trust import Trust

if TYPE_CHECKING:
    from relucert_audit.workers import Workers

STATUS = {
    REJECTED: 1,
    MALFORMED: 2,
    "error": 4,
    LIMIT: 4,
    NOT_CONFIRMED: 5,
    ACCEPTED: 0,
    SAMPLED: 0,
}  # worst first
INTERRUPTED, CLOSED_PIPE = 130, 141  # as of a process that SIGINT or SIGPIPE ended
COLUMNS = "{:<34} {:<13} {:<29} {:<22} {:>7}  {}"
Row = dict[str, Any]


def audit(path: Path, sample: Sample | None = None, **options: Any) -> Row:
    """Check one file; what --json prints. At most one byte more than the limit is read."""
    start, only = time.perf_counter(), sample.get(path) if sample else None
    try:
        if not path.is_file():
            raise OSError("not a regular file" if path.exists() else "no such file")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as failure:
        report = Report(MALFORMED, Finding(MALFORMED, 0, "file", f"cannot be read: {failure}"))
    else:
        report = check(data, path.name, only=only, **options)
    return as_row(path, report, time.perf_counter() - start)


def as_row(path: Path, report: Report, seconds: float) -> Row:
    row: Row = {"file": str(path), "result": report.result, "verdict": report.verdict}
    row |= {"signer": report.signer, "signature": report.signature, "claim_digest": report.claim_digest}
    row |= {"seconds": round(seconds, 3)} | ({"runs": list(report.runs)} if report.runs else {})
    _, step, claim, reason = report.finding or (None,) * 4
    return row | {"step": step, "claim": claim, "reason": claim and f"{claim}: {reason}"}


def run_all(paths: list[Path], jobs: int, run: Callable[[Path], Row]) -> Generator[Row, None, None]:
    """In the order of the paths; in processes of their own if jobs > 1. A failure of the checker on one file
    is an error, never an acceptance, and does not stop the others. Closed early, it drops what is not finished."""
    with processes(1 if len(paths) == 1 else jobs) as pool:
        calls = [pool.submit(run, path).result if pool else partial(run, path) for path in paths]
        for path, get in zip(paths, calls, strict=True):
            yield outcome(path, get)


def processes(jobs: int) -> "AbstractContextManager[Workers | None]":
    """None for this process alone, which then imports nothing to start others with."""
    if jobs == 1:
        return nullcontext()
    from relucert_audit.workers import Workers

    return Workers(jobs)


def outcome(path: Path, get: Callable[[], Row]) -> Row:
    try:
        return get()
    except Exception as failure:  # noqa: BLE001 -- reported as "error", exit status 4
        reason = f"{type(failure).__name__}: {failure}"[:200]
        return as_row(path, Report("error", Finding("error", 0, "checker", reason)), 0.0)


def as_line(row: Row) -> str:
    name = re.sub(r"^([0-9a-f]{24})[0-9a-f]{40}\.json$", r"\1...json", Path(row["file"]).name)
    reason = "" if row["step"] is None else f"{row['step']}: {row['reason']}"
    signed = " ".join(filter(None, (row["signature"], row["signer"])))
    done = f", {row['runs'][0]} of {row['runs'][1]}" if proved_runs(row) else ""
    cells = row["result"], (row["verdict"] or "") + done, signed, f"{row['seconds']:.2f}", reason
    return re.sub(r"[^ -~]", "?", COLUMNS.format(name, *cells).rstrip())  # no control characters from a file


def proved_runs(row: Row) -> int:
    """Of a file in which nothing wrong was found, how many runs this audit proved; of others none."""
    return row.get("runs", (0,))[0] if row["result"] in (ACCEPTED, SAMPLED) else 0


def put(row: Row, as_json: bool) -> None:
    """Print a row at once: whoever reads may be gone, which only a flush tells."""
    text = json.dumps(row).replace("\x7f", "\\u007f") if as_json else as_line(row)  # longer than the bar
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None, now: datetime | None = None) -> int:
    """`now`: the time at which keys are judged, that of the audit."""
    try:
        try:
            return run_command(arguments, now)
        finally:  # also after --help
            sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough: not a result, and not the code of one
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    except KeyboardInterrupt:
        note("interrupted: nothing is said of files without a line")
        return INTERRUPTED


def note(text: str) -> None:
    sys.stderr.write(f"note: {text}\n")


def parse(arguments: list[str] | None) -> tuple[argparse.Namespace, Trust]:
    parser = argparse.ArgumentParser(prog="relucert_audit", description="Re-prove relucert certificates.")
    add = parser.add_argument
    add("paths", nargs="+", type=Path, metavar="FILE_OR_DIRECTORY", help="or the directory of a study")
    add("--jobs", type=int, default=1, metavar="N", help="processes (default: 1)")
    add("--json", action="store_true", help="one JSON object a line instead of a table")
    add("--trusted", type=Path, metavar="FILE", help="trusted keys, an OpenSSH allowed_signers file")
    add("--revoked", type=Path, metavar="FILE", help="revoked keys (default: revoked_keys beside --trusted)")
    add("--key", action="append", default=[], type=Path, metavar="PUB.pem", help="a trusted public key")
    add("--own", type=Path, metavar="PUB.pem", help="your own public key")
    add("--require-signature", action="store_true", help="reject what no trusted key signed")
    add("--sample", type=int, metavar="N", help="of all runs in certificates of runs, prove only N")
    add(
        "--seed", type=int, metavar="S", help="which N (default 0): choose it after the certificates are made"
    )
    options = parser.parse_args(arguments)
    if options.seed is not None and options.sample is None:
        parser.error("--seed says which runs --sample takes; leave it out, or give --sample N")
    options.seed = options.seed or 0
    if options.jobs < 1 or (options.sample is not None and options.sample < 1) or options.seed < 0:
        parser.error("--jobs and --sample must be at least 1, --seed at least 0")
    try:
        keys = trust.read(options.trusted, options.revoked, options.key, options.own, note)
    except (OSError, ValueError) as failure:
        parser.error(f"trusted or revoked keys: {failure}")
    options.paths = once(options.paths)
    options.files = once([f for path in options.paths for f in below(path)])
    # A study may have no certificate: all its runs may be below the floor.
    if not options.files and not any(map(is_study, options.paths)):
        parser.error(f"no *.json files found in {', '.join(map(str, options.paths))}")
    return options, keys


def place(path: Path) -> tuple[str, str]:
    """The same for all spellings of a path. A link keeps its own name, which may be judged (step 10)."""
    return os.path.realpath(path), path.name


def once(paths: list[Path]) -> list[Path]:
    """Without the second spelling of a path."""
    found: dict[tuple[str, str], Path] = {}
    for path in paths:
        found.setdefault(place(path), path)
    return list(found.values())


def below(path: Path) -> list[Path]:
    """The certificates that a path stands for."""
    if is_study(path):
        return files_of(path)
    return sorted(path.rglob("*.json")) if path.is_dir() else [path]


def run_command(arguments: list[str] | None, now: datetime | None) -> int:
    (options, keys), now = parse(arguments), now or datetime.now(UTC)
    files, codes, proved = options.files, set(), 0
    if not options.json:
        sys.stdout.write(COLUMNS.format("file", "result", "verdict", "signature", "seconds", "reason\n"))
    sample = plan(files, options.sample, options.seed)
    run = partial(audit, sample=sample, trust=keys, now=now, require_signature=options.require_signature)
    with (
        closing(audit_all(options.paths, options.jobs, run, keys, now)) as rows,
        Progress(len(files)) as progress,
    ):
        for row in rows:  # of files, then of studies and indices
            codes.add(status(row))
            proved += proved_runs(row)
            put(row, options.json)
            progress.advance()
    if sample is not None and not options.json:
        sys.stdout.write(said_of(sample, options.seed, proved))
    return next(code for code in STATUS.values() if code in codes)


def status(row: Row) -> int:
    """The exit status that a row asks for."""
    return STATUS[LIMIT if row["claim"] == LIMIT else row["result"]]


def audit_all(
    paths: list[Path], jobs: int, run: Callable[[Path], Row], keys: Trust, now: datetime
) -> Generator[Row, None, None]:
    """A row for each file that the paths stand for, by `run`; then one for each study and each index."""
    named = [f for path in paths for f in below(path)]
    seen: dict[tuple[str, str], Row] = {}
    with closing(run_all(once(named), jobs, run)) as rows:
        for row in rows:
            seen[place(Path(row["file"]))] = row
            yield row
    audited = {path: seen[place(path)] for path in named}
    good = SAMPLED if any(row["result"] == SAMPLED for row in seen.values()) else ACCEPTED
    for path, about, findings in beyond(paths, audited, keys, now):
        worst = min(findings, key=lambda x: list(STATUS).index(x.result), default=None)
        yield as_row(path, Report(worst.result if worst else good, worst, about), 0.0)


def beyond(
    paths: list[Path], rows: dict[Path, Row], keys: Trust, now: datetime
) -> Iterator[tuple[Path, str, list[Finding]]]:
    """What follows from the certificates, file by file: rows of studies, indices."""
    results = {path: row["result"] for path, row in rows.items()}
    runs = {path: row["runs"] for path, row in rows.items() if "runs" in row}
    for study in filter(is_study, paths):
        of = files_of(study)
        mine = {path: results[path] for path in of if path in results}
        yield from check_study(study, Audited(mine, claims_of(mine), runs), keys, now)
    found = once(indices([path for path in paths if not is_study(path)]))
    for path in found:
        yield path, *check_index(path, covered(path, found, list(results)), results)
