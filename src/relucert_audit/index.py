"""An index.csv beside certificates: complete, and what its lines say is what the certificates claim.

A line names its certificate by digest, in the column `digest` or `certificate`; lines without one say what no
certificate does, such as how many runs were below a floor. Such counts are added up, and proved by nobody. Every column
that certificates determine is compared (docs/spec/certificate-v1.md section 6); the result names the others."""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from relucert_audit import format as fmt
from relucert_audit.check import SAMPLED
from relucert_audit.finding import Finding
from relucert_audit.format import ACCEPTED, REJECTED
from relucert_audit.shares import MOST_RUNS, foreign_start, numbers_of, order

NAME = "index.csv"
NAMING = {"digest", "certificate"}  # the column that names the certificate of a line
Line = dict[str, str]
Value = Callable[[Any], object]


def _at(*path: str | int) -> Value:
    """A member of a claim."""
    return lambda claim: reduce(getitem, path, claim)


def _splits(side: str, verdict: str) -> Value:
    """How many neurons have splits with this verdict: a class of a symmetric point counts with its size."""

    def count(claim: Any) -> int:
        point = claim["point"]
        sizes = dict(enumerate(point["class_sizes"], 1)) if isinstance(point, dict) else {}
        return sum(sizes.get(row["neuron"], 1) for row in claim["splits"] if row.get(side) == verdict)

    return count


SUBJECT: dict[str, Value] = {  # what a claim is about: a line without a certificate may say it too
    "k": _at("problem", "k"),
    "n": _at("problem", "n"),
    "slope": _at("problem", "slope"),
    "class_sizes": lambda claim: "+".join(map(str, claim["point"]["class_sizes"])),
}
DERIVED: dict[str, Value] = SUBJECT | {  # of an accepted certificate, whose decimals step 2 has checked
    "kind": _at("verdict"),
    "verdict": _at("verdict"),
    "every_dimension": lambda claim: "true" if "dimension" in claim else "false",
    "lambda_min": _at("bounds", "lambda_min", 0, "decimal"),
    "lambda_min_outside": _at("bounds", "lambda_min_outside", 0, "decimal"),
    "objective_low": _at("bounds", "objective", 0, "decimal"),
    "objective_high": _at("bounds", "objective", 1, "decimal"),
    "negative": _at("bounds", "inertia", "negative"),
    "barrier": _at("bounds", "barrier", "decimal"),
    "same_saddles": _splits("same", "strict-saddle"),
    "same_minima": _splits("same", "degenerate-minimum"),
    "opposite_saddles": _splits("opposite", "strict-saddle"),
    "opposite_minima": _splits("opposite", "degenerate-minimum"),
}
UNPROVED = {  # what a line without a certificate may say of its points or runs; nothing else that a claim determines
    "ends": {"not-proved"},
    "kind": {"below-floor", "undecided"},
    "verdict": {"", "inconclusive", "not-found"},
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
        table = csv.DictReader(index.read_text(encoding="utf-8").splitlines(), strict=True)
        header, lines = list(table.fieldnames or ()), list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as failure:
        return "", [Finding(REJECTED, 0, "index", f"cannot be read: {failure}")]
    findings = [*_header(header), *_lines(lines, files, results)]
    findings += [*_once(lines, files, results), *_sums(lines)]
    return "; not compared: ".join(filter(None, (_about(files, results), _others(header)))), findings


def _header(header: list[str]) -> Iterator[Finding]:
    if "" in header or len(set(header)) < len(header):
        yield Finding(REJECTED, 0, "line 1", "a column has no name, or that of another")
    if len(NAMING.intersection(header)) != 1:
        yield Finding(REJECTED, 0, "line 1", "has not one column `digest` or `certificate`")


def _others(header: list[str]) -> str:
    """The columns that no certificate determines. Certificates of runs determine their ends and how many these are."""
    known = DERIVED.keys() | NAMING | ({"ends", "count"} if "ends" in header else set())
    return ", ".join(name[:40] for name in header if name not in known)


def _name(line: Line) -> str:
    return line.get("digest") or line.get("certificate") or ""


def _lines(lines: list[Line], files: dict[str, Path], results: dict[Path, str]) -> Iterator[Finding]:
    named = set()
    for number, line in enumerate(lines, 2):
        where = f"line {number}"
        if None in line or None in line.values():
            yield Finding(REJECTED, 0, where, "has not as many entries as the header")
            continue
        if not (digest := _name(line)):
            yield from _unproved(where, line)
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


def _unproved(where: str, line: Line) -> Iterator[Finding]:
    """A line without a certificate says nothing that only a certificate does."""
    for name in line:
        said_by_claims = name in UNPROVED or name in DERIVED.keys() - SUBJECT.keys()
        if said_by_claims and line[name] not in UNPROVED.get(name, {""}):
            yield Finding(REJECTED, 0, where, f"{name} is {line[name][:40]!a}, and no certificate is named")


def _derived(where: str, line: Line, claim: Any) -> Iterator[Finding]:
    """Each column is what its certificate says, and empty where that says nothing."""
    for name in filter(DERIVED.__contains__, line):
        try:
            value = str(DERIVED[name](claim))
        except (KeyError, TypeError):
            value = ""
        if line[name] != value:
            said = value[:40] or "nothing"
            yield Finding(REJECTED, 0, where, f"{name} is {line[name][:40]!a}, its certificate says {said}")


def _runs(where: str, line: Line, claim: Any) -> Iterator[Finding]:
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


def _once(lines: list[Line], files: dict[str, Path], results: dict[Path, str]) -> Iterator[Finding]:
    """No run of a (k, n) is in two certificates, all are of one seed, and all ends of each are counted."""
    seen: dict[tuple[int, int], dict[int, str]] = defaultdict(dict)
    seeds: set[int] = set()
    counted: dict[str, int] = defaultdict(int)
    for line in (line for line in lines if line.get("ends") and (line.get("count") or "").isdecimal()):
        digest = _name(line)
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


def _first(lines: list[Line], seed: int, seen: dict[tuple[int, int], dict[int, str]]) -> Iterator[Finding]:
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


def _sums(lines: list[Line]) -> Iterator[Finding]:
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
