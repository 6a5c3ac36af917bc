"""An index.csv beside certificates: complete, and what its lines say is what the certificates claim.

A line names its certificate by digest, in the column `digest` or `certificate`; lines without one say what no
certificate does, such as how many runs were below a floor. Such counts are added up, and proved by nobody."""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from relucert_audit import format as fmt
from relucert_audit.check import SAMPLED
from relucert_audit.finding import Finding
from relucert_audit.format import ACCEPTED, REJECTED
from relucert_audit.shares import MOST_RUNS, foreign_start, numbers_of, order

NAME = "index.csv"
NOT_PROVED = "not-proved"  # in the column `ends`: runs without a certificate
Columns = dict[str, Callable[[Any], str]]
DERIVED: Columns = {  # of the claim of an accepted certificate, whose decimals step 2 has checked
    "k": lambda claim: str(claim["problem"]["k"]),
    "slope": lambda claim: str(claim["problem"]["slope"]),
    "n": lambda claim: str(claim["problem"]["n"]),
    "kind": lambda claim: str(claim["verdict"]),
    "verdict": lambda claim: str(claim["verdict"]),
    "class_sizes": lambda claim: "+".join(map(str, claim["point"]["class_sizes"])),
    "every_dimension": lambda claim: "true" if "dimension" in claim else "false",
    "lambda_min": lambda claim: str(claim["bounds"]["lambda_min"][0]["decimal"]),
    "lambda_min_outside": lambda claim: str(
        claim["bounds"].get("lambda_min_outside", [{"decimal": ""}])[0]["decimal"]
    ),
    "objective_low": lambda claim: str(claim["bounds"]["objective"][0]["decimal"]),
    "objective_high": lambda claim: str(claim["bounds"]["objective"][1]["decimal"]),
    "negative": lambda claim: str(claim["bounds"]["inertia"]["negative"]),
}


def claim_of(path: Path) -> Any:
    """Of an accepted certificate, in either of its two forms."""
    return fmt.unwrap(path.read_bytes()).claim


def indices(paths: list[Path]) -> list[Path]:
    """In directories and below."""
    return [index for path in paths if path.is_dir() for index in sorted(path.rglob(NAME))]


def covered(index: Path, others: list[Path], files: list[Path]) -> dict[str, Path]:
    """The certificates below an index that no deeper index covers, by their names without suffix."""
    deeper = [
        other.parent for other in others if other.parent != index.parent and index.parent in other.parents
    ]
    below = [path for path in files if index.parent in path.parents]
    return {path.stem: path for path in below if not any(folder in path.parents for folder in deeper)}


def check_index(index: Path, files: dict[str, Path], results: dict[Path, str]) -> tuple[str, list[Finding]]:
    """What an index is about, and what is wrong with it. results: of the audit, by file."""
    try:
        lines = list(csv.DictReader(index.read_text(encoding="utf-8").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as failure:
        return "", [Finding(REJECTED, 0, "index", f"cannot be read: {failure}")]
    findings = [*_lines(lines, files, results), *_once(lines, files, results), *_sums(lines)]
    return _about(files, results), findings


def _lines(
    lines: list[dict[str, str]], files: dict[str, Path], results: dict[Path, str]
) -> Iterator[Finding]:
    named = set()
    for number, line in enumerate(lines, 2):
        where = f"line {number}"
        if None in line or None in line.values():
            yield Finding(REJECTED, 0, where, "has not as many entries as the header")
            continue
        digest = line.get("digest") or line.get("certificate") or ""
        if not digest:
            if line.get("ends", NOT_PROVED) != NOT_PROVED:
                yield Finding(REJECTED, 0, where, f"names no certificate, but runs that are not {NOT_PROVED}")
            continue
        if digest in named and "count" not in line:
            yield Finding(REJECTED, 0, where, "names a certificate for the second time")
        named.add(digest)
        path = files.get(digest)
        if path is None or results.get(path) not in (ACCEPTED, SAMPLED):
            reason = "is not there" if path is None else f"is {results.get(path)}"
            yield Finding(REJECTED, 0, where, f"certificate {digest[:12]}.. {reason}")
            continue
        claim = claim_of(path)
        yield from _derived(where, line, claim)
        if "ends" in line:
            yield from _runs(where, line, claim)
    for stem in sorted(set(files) - named):
        yield Finding(REJECTED, 0, "index", f"does not list {stem[:12]}..")


def _derived(where: str, line: dict[str, str], claim: Any) -> Iterator[Finding]:
    for name in DERIVED.keys() & line.keys():
        try:
            value = DERIVED[name](claim)
        except (KeyError, TypeError):
            value = "none"
        if line[name] != value:
            yield Finding(
                REJECTED, 0, where, f"{name} is {line[name][:40]!a}, its certificate says {value[:40]}"
            )


def _runs(where: str, line: dict[str, str], claim: Any) -> Iterator[Finding]:
    """Of a certificate of runs: how many of its runs end like this, from starts that its origin draws."""
    if claim["method"] != "runs":
        yield Finding(REJECTED, 0, where, "its certificate is not one of runs")
        return
    ends = [
        "below-floor" if "until" in run else claim["minima"][run["end"]["minimum"]]["verdict"]
        for run in claim["runs"]
    ]
    if line["ends"] not in ends:
        yield Finding(REJECTED, 0, where, f"none of its runs ends like {line['ends'][:40]!a}")
    if line.get("count") != str(ends.count(line["ends"])):
        yield Finding(REJECTED, 0, where, f"its certificate has {ends.count(line['ends'])} such runs")
    if numbers_of(claim) is None or foreign_start(claim) is not None:
        yield Finding(REJECTED, 0, where, "the starts of its certificate are not drawn by a seed")


def _once(lines: list[dict[str, str]], files: dict[str, Path], results: dict[Path, str]) -> Iterator[Finding]:
    """No run of a (k, n) is in two certificates, all are of one seed, and all ends of each are counted."""
    seen: dict[tuple[int, int], dict[int, str]] = defaultdict(dict)
    seeds: set[int] = set()
    counted: dict[str, int] = defaultdict(int)
    for line in (line for line in lines if line.get("ends") and (line.get("count") or "").isdecimal()):
        digest = line.get("digest") or line.get("certificate") or ""
        counted[digest] += int(line["count"][:15])
    for digest in filter(None, counted):
        if (path := files.get(digest)) is None or results.get(path) not in (ACCEPTED, SAMPLED):
            continue
        claim = claim_of(path)
        if claim["method"] != "runs" or (origin := numbers_of(claim)) is None:
            continue
        seeds.add(origin[0])
        size = claim["problem"]["k"], claim["problem"]["n"]
        if any(seen[size].setdefault(run, digest) != digest for run in origin[1]):
            yield Finding(REJECTED, 0, "index", f"{digest[:12]}.. has a run of another certificate")
        if counted[digest] != len(claim["runs"]):
            yield Finding(REJECTED, 0, "index", f"not all runs of {digest[:12]}.. are counted")
    if len(seeds) > 1:
        yield Finding(REJECTED, 0, "index", "the certificates of runs are of several seeds")
    elif seeds:
        yield from _first(lines, seeds.pop(), seen)


def _first(
    lines: list[dict[str, str]], seed: int, seen: dict[tuple[int, int], dict[int, str]]
) -> Iterator[Finding]:
    """The runs of a (k, n) are among the first `runs` in the order of hashes of the `of` that there are: nobody chose
    them. docs/spec/study-v1.md section 3."""
    sizes = {
        (line.get("k"), line.get("n"), line.get("runs"), line.get("of")) for line in lines if line.get("ends")
    }
    for (k, n), numbers in seen.items():
        mine = [row[2:] for row in sizes if row[:2] == (str(k), str(n))]
        if len(mine) != 1 or not all(re.fullmatch("[1-9][0-9]{0,14}", x or "") for x in mine[0]):
            yield Finding(
                REJECTED, 0, "index", f"k = {k}, n = {n}: does not say which runs, in `runs` and `of`"
            )
            continue
        runs, of = (int(x or 0) for x in mine[0])
        if of > MOST_RUNS:
            yield Finding(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, f"more than {MOST_RUNS} runs")
        elif runs > of or not numbers.keys() <= set(order(seed, n, k, of)[:runs]):
            yield Finding(REJECTED, 0, "index", f"k = {k}, n = {n}: not among the first {runs} of {of} runs")


def _sums(lines: list[dict[str, str]]) -> Iterator[Finding]:
    """The counts of a (k, n) add up to its runs."""
    if not lines or not {"k", "n", "runs", "count"} <= lines[0].keys():
        return
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for line in lines:
        if re.fullmatch("[0-9]{1,15}", line["count"] or ""):
            counts[line["k"], line["n"], line["runs"]] += int(line["count"])
        else:
            yield Finding(REJECTED, 0, "index", f"count {(line['count'] or '')[:40]!a} is no number of runs")
    for (k, n, runs), total in counts.items():
        if str(total) != runs:
            yield Finding(REJECTED, 0, "index", f"the counts of k = {k}, n = {n} are {total}, not {runs}")


def _about(files: dict[str, Path], results: dict[Path, str]) -> str:
    """Which k the accepted certificates are about, or how many there are, so that one that is missing is seen."""
    accepted = [path for path in files.values() if results.get(path) in (ACCEPTED, SAMPLED)]
    claims = [claim_of(path)["problem"] for path in accepted]
    runs: list[list[int]] = []
    for k in sorted({problem["k"] for problem in claims if type(problem.get("k")) is int}):
        if runs and runs[-1][1] == k - 1:
            runs[-1][1] = k
        else:
            runs.append([k, k])
    every = [problem["from"] for problem in claims if type(problem.get("from")) is int]
    parts = [f"every k >= {min(every)}"] if every else []
    others = sum(
        type(problem.get("k")) is not int and type(problem.get("from")) is not int for problem in claims
    )
    if runs:
        shown = ", ".join(str(a) if a == b else f"{a}..{b}" for a, b in runs[:8])
        parts.append(f"k = {shown}" + (", .." if len(runs) > 8 else ""))
    if others:
        parts.append(f"{others} other claims" if parts else f"{others} claims")
    return ", ".join(parts)
