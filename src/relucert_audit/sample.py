"""A sample of the runs in certificates of runs, for an audit that does not prove all of them."""

from pathlib import Path

from relucert_audit import format as fmt
from relucert_audit.format import MAX_BYTES, Refusal
from relucert_audit.shares import OF_RUNS, chosen


class Sample(dict[Path, tuple[int, ...]]):
    """Places of the runs that are proved, by file, of all files with runs; of: how many runs these have."""

    of = 0


def plan(files: list[Path], count: int | None, seed: int) -> Sample | None:
    """Which `count` runs: those whose names and places have the smallest hashes with this seed. None: all of all."""
    if count is None:
        return None
    runs = [(path, path.name, place) for path in files for place in range(runs_in(path))]
    sample = Sample({path: tuple(places) for path, places in chosen(count, seed, runs).items()})
    sample.of = len(set(runs))
    return sample


def runs_in(path: Path) -> int:
    """How many runs a file has, if it is read as a certificate of runs at all: the audit says whether it is one."""
    try:
        with path.open("rb") as stream:
            claim = fmt.unwrap(stream.read(MAX_BYTES + 1)).claim
    except (OSError, Refusal):
        return 0
    runs = claim.get("runs")
    return len(runs) if claim["method"] in OF_RUNS and isinstance(runs, list) else 0


def said_of(sample: Sample, seed: int, proved: int) -> str:
    """proved: how many of those that were drawn are in files in which nothing wrong was found."""
    drawn = sum(map(len, sample.values()))
    rest = f"; the other {sample.of - drawn} were not checked" if drawn < sample.of else ""
    return f"{drawn} of {sample.of} runs were drawn by seed {seed}, and {proved} of these are proved{rest}\n"
