"""The command: python -m relucert_audit FILE_OR_DIRECTORY... [--jobs N] [--json] [--trusted FILE] ...

Exit status, worst first: 1 some file rejected; 2 some file malformed or unreadable, or wrong usage; 4 a limit
exceeded, or the checker failed on a file; 5 some file not confirmed; 0 every file, at least one, accepted."""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

from relucert_audit import trust
from relucert_audit.check import Report, check
from relucert_audit.format import ACCEPTED, LIMIT, MALFORMED, MAX_BYTES, NOT_CONFIRMED, REJECTED
from relucert_audit.index import check_index, covered, indices
from relucert_audit.steps import Finding

STATUS = {REJECTED: 1, MALFORMED: 2, "error": 4, LIMIT: 4, NOT_CONFIRMED: 5, ACCEPTED: 0}  # worst first
CLOSED_PIPE = 141  # as of a process that SIGPIPE ended
COLUMNS = "{:<34} {:<13} {:<16} {:<22} {:>7}  {}"
Row = dict[str, Any]


def audit(path: Path, **options: Any) -> Row:
    """Check one file; what --json prints. At most one byte more than the limit is read."""
    start = time.perf_counter()
    try:
        if not path.is_file():
            raise OSError("not a regular file")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as failure:
        report = Report(MALFORMED, Finding(MALFORMED, 0, "file", f"cannot be read: {failure}"))
    else:
        report = check(data, path.name, **options)
    return as_row(path, report, time.perf_counter() - start)


def as_row(path: Path, report: Report, seconds: float) -> Row:
    row: Row = {"file": str(path), "result": report.result, "verdict": report.verdict}
    row |= {"signer": report.signer, "signature": report.signature, "claim_digest": report.claim_digest}
    row |= {"seconds": round(seconds, 3)}
    _, step, claim, reason = report.finding or (None,) * 4
    return row | {"step": step, "claim": claim, "reason": claim and f"{claim}: {reason}"}


def run_all(paths: list[Path], jobs: int, run: Callable[[Path], Row]) -> Generator[Row, None, None]:
    """In the order of the paths; in processes of their own if jobs > 1. A failure of the checker on one file
    is an error, never an acceptance, and does not stop the others. Closed early, it drops what has not begun."""
    alone = jobs == 1 or len(paths) == 1
    with nullcontext() if alone else ProcessPoolExecutor(jobs, get_context("spawn"), follow) as pool:
        calls = [pool.submit(run, path).result if pool else partial(run, path) for path in paths]
        try:
            for path, get in zip(paths, calls, strict=True):
                yield outcome(path, get)
        finally:
            if pool:
                pool.shutdown(cancel_futures=True)


def outcome(path: Path, get: Callable[[], Row]) -> Row:
    try:
        return get()
    except Exception as failure:  # noqa: BLE001 -- reported as "error", exit status 4
        reason = f"{type(failure).__name__}: {failure}"[:200]
        return as_row(path, Report("error", Finding("error", 0, "checker", reason)), 0.0)


def follow() -> None:
    """End this worker with its parent, also one that is killed."""
    parent: Any = parent_process()
    Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def as_line(row: Row) -> str:
    name = re.sub(r"^([0-9a-f]{24})[0-9a-f]{40}\.json$", r"\1...json", Path(row["file"]).name)
    reason = "" if row["step"] is None else f"{row['step']}: {row['reason']}"
    signed = " ".join(filter(None, (row["signature"], row["signer"])))
    cells = row["result"], row["verdict"] or "", signed, f"{row['seconds']:.2f}", reason
    return re.sub(r"[^ -~]", "?", COLUMNS.format(name, *cells).rstrip())  # no control characters from a file


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


def note(text: str) -> None:
    sys.stderr.write(f"note: {text}\n")


def run_command(arguments: list[str] | None, now: datetime | None) -> int:
    parser = argparse.ArgumentParser(prog="relucert_audit", description="Re-prove relucert certificates.")
    add = parser.add_argument
    add("paths", nargs="+", type=Path, metavar="FILE_OR_DIRECTORY")
    add("--jobs", type=int, default=1, metavar="N", help="processes (default: 1)")
    add("--json", action="store_true", help="one JSON object a line instead of a table")
    add("--trusted", type=Path, metavar="FILE", help="trusted keys, an OpenSSH allowed_signers file")
    add("--revoked", type=Path, metavar="FILE", help="revoked keys (default: revoked_keys beside --trusted)")
    add("--key", action="append", default=[], type=Path, metavar="PUB.pem", help="a trusted public key")
    add("--own", type=Path, metavar="PUB.pem", help="your own public key")
    add("--require-signature", action="store_true", help="reject what no trusted key signed")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error("--jobs must be at least 1")
    try:
        keys = trust.read(options.trusted, options.revoked, options.key, options.own, note)
    except (OSError, ValueError) as failure:
        parser.error(f"trusted or revoked keys: {failure}")
    files = [f for path in options.paths for f in (sorted(path.rglob("*.json")) if path.is_dir() else [path])]
    if not files:
        parser.error("no *.json files found")
    codes, require = set(), options.require_signature
    results: dict[Path, str] = {}
    if not options.json:
        sys.stdout.write(COLUMNS.format("file", "result", "verdict", "signature", "seconds", "reason\n"))
    run = partial(audit, trust=keys, now=now or datetime.now(UTC), require_signature=require)
    with closing(run_all(files, options.jobs, run)) as rows:
        for done, row in enumerate(rows, 1):
            codes.add(STATUS[LIMIT if row["claim"] == LIMIT else row["result"]])
            put(row, options.json)
            if sys.stderr.isatty() and done < len(files):
                sys.stderr.write(f"[{'#' * (30 * done // len(files)):-<30}] {done}/{len(files)}\r")
            results[Path(row["file"])] = row["result"]
    found = indices(options.paths)
    for path in found:
        about, findings = check_index(path, covered(path, found, files), results)
        report = Report(REJECTED if findings else ACCEPTED, findings[0] if findings else None, about)
        row = as_row(path, report, 0.0)
        codes.add(STATUS[row["result"]])
        put(row, options.json)
    return next(code for code in STATUS.values() if code in codes)
