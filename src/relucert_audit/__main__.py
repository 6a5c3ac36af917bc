"""The command: python -m relucert_audit FILE_OR_DIRECTORY... [--jobs N] [--json] [--key PUB.pem] ...

Exit status, worst first: 1 some file rejected; 2 some file malformed or unreadable, or wrong usage; 4 a resource
limit, or the checker itself failed on a file; 5 some file not confirmed; 0 every file (at least one) accepted.
"""

import argparse
import json
import multiprocessing
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from relucert_audit.format import MAX_BYTES
from relucert_audit.signature import KnownKey, read_pem
from relucert_audit.steps import ACCEPTED, LIMIT, MALFORMED, NOT_CONFIRMED, REJECTED, Finding, Report, check

ERROR = "error"
STATUS = {ACCEPTED: 0, NOT_CONFIRMED: 5, ERROR: 4, MALFORMED: 2, REJECTED: 1}
WORST_FIRST = (1, 2, 4, 5, 0)
COLUMNS = "{:<34} {:<13} {:<16} {:<22} {:>7}  {}"


@dataclass(frozen=True)
class Task:
    path: Path
    keys: tuple[KnownKey, ...]
    require_signature: bool


def audit(task: Task) -> tuple[Report, float]:
    """Read and check one file; at most one byte more than the limit is read."""
    start = time.perf_counter()
    try:
        if not task.path.is_file():
            raise OSError("not a regular file")
        with task.path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as failure:
        report = Report(MALFORMED, Finding(MALFORMED, 0, "file", f"cannot be read: {failure}"))
    else:
        report = check(data, task.path.name, list(task.keys), task.require_signature)
    return report, time.perf_counter() - start


def guarded(run: Callable[[], tuple[Report, float]]) -> tuple[Report, float]:
    """A failure of the checker on one file is an error, never an acceptance, and does not stop the others."""
    try:
        return run()
    except Exception as failure:  # noqa: BLE001 -- reported as "error", exit status 4
        reason = f"{type(failure).__name__}: {failure}"[:200]
        return Report(ERROR, Finding(ERROR, 0, "checker", reason)), 0.0


def run_all(tasks: list[Task], jobs: int) -> Iterator[tuple[Report, float]]:
    """Reports in the order of the tasks; in processes of their own if jobs > 1."""
    if jobs == 1 or len(tasks) == 1:
        for task in tasks:
            yield guarded(lambda task=task: audit(task))  # type: ignore[misc]
        return
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=context) as pool:
        for future in [pool.submit(audit, task) for task in tasks]:
            yield guarded(future.result)


def collect(paths: list[Path]) -> list[Path]:
    """Files as given, and every *.json below the directories, in order of name."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.rglob("*.json")) if path.is_dir() else [path]
    return found


def as_object(path: Path, report: Report, seconds: float) -> dict[str, object]:
    """What --json prints for a file."""
    f = report.finding
    return {
        "file": str(path),
        "result": report.result,
        "verdict": report.verdict or None,
        "signer": report.signers or None,
        "seconds": round(seconds, 3),
        "step": f.step if f else None,
        "claim": f.claim if f else None,
        "reason": f.reason if f else None,
        "numbers": [f.left, f.right] if f and f.left else None,
    }


def as_row(path: Path, report: Report, seconds: float) -> str:
    name = f"{path.stem[:24]}...json" if re.fullmatch(r"[0-9a-f]{64}\.json", path.name) else path.name
    f = report.finding
    reason = f"{f.step}: {f}" if f else ""
    signers = report.signers or "unsigned"
    row = COLUMNS.format(name, report.result, report.verdict, signers, f"{seconds:.2f}", reason)
    return re.sub(r"[^ -~]", "?", row.rstrip())  # no control characters from a file


def status(report: Report) -> int:
    return 4 if report.finding and report.finding.claim == LIMIT else STATUS[report.result]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="relucert_audit", description="Re-prove relucert certificates.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_DIRECTORY")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    parser.add_argument(
        "--key", action="append", default=[], type=Path, metavar="PUB.pem", help="a known key"
    )
    parser.add_argument("--require-signature", action="store_true", help="reject if no known key signed")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error("--jobs must be at least 1")
    keys = []
    for path in options.key:
        try:
            keys.append(read_pem(path))
        except (OSError, ValueError) as failure:
            parser.error(f"{path}: {failure}")
    files = collect(options.paths)
    if not files:
        parser.error("no *.json files found")
    tasks = [Task(path, tuple(keys), options.require_signature) for path in files]
    codes = set()
    if not options.json:
        print(COLUMNS.format("file", "result", "verdict", "signer", "seconds", "step: reason"))
    for done, (path, (report, seconds)) in enumerate(
        zip(files, run_all(tasks, options.jobs), strict=True), 1
    ):
        codes.add(status(report))
        row = (path, report, seconds)
        print(json.dumps(as_object(*row)) if options.json else as_row(*row), flush=True)
        if sys.stderr.isatty():
            print(f"{done}/{len(files)}", end="\r", file=sys.stderr, flush=True)
    return next(code for code in WORST_FIRST if code in codes)


if __name__ == "__main__":
    sys.exit(main())
