"""The member `converges` of a row: docs/spec/study-v1.md section 6. Certificates are about points; that a run of the
row comes to its point is floating point, and nothing here certifies it."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from relucert_audit import format as fmt
from relucert_audit.finding import Findings, refuted
from relucert_audit.shares import drawn, exact, order
from relucert_audit.study_network import is_problem, layer
from relucert_audit.study_proofs import DIGEST, Claims, integer_or_null, reason_or_null

NAME, STEP = "converges", 0
ABOUT = "teacher-student-relu", NAME
BELOW = "floor", "criterion"  # why a run without a family ended below the floor


def digest_or_null(value: Any, where: str) -> str | None:
    return None if value is None else fmt.take(value, DIGEST, where)


PER_RUN: dict[str, Any] = {"run": [int], "certificate": [digest_or_null]}
PER_RUN |= {"steps": [integer_or_null], "why": [reason_or_null]}
CONVERGES = {"asked": int, "step": fmt.rational, "below_floor": int, "converging": int, "per_run": PER_RUN}


def certificates(study: Path, row: Any) -> list[Path]:
    """That a row names."""
    folder = study / NAME / f"{row['k']}-{row['n']}"
    named = row[NAME]["per_run"]["certificate"] if NAME in row else []
    return [folder / f"{digest}.json" for digest in named if digest is not None]


def below(row: Any) -> list[int]:
    """The numbers of the runs that floating point ended below the floor."""
    ends = row["per_run"]
    pairs = zip(ends["family"], ends["ended"], strict=True)
    return [run for run, (family, ended) in enumerate(pairs) if family == -1 and ended in BELOW]


def check_below(row: Any) -> Findings:
    """Of a row with lists of one length: `kinds` counts the runs that per_run ends below the floor, whose losses are
    below it, and there are such runs for n > k only."""
    low, floor = below(row), row["protocol"]["floor"]
    if row["kinds"].get("below-floor", 0) != len(low):
        yield refuted(STEP, "kinds.below-floor", f"per_run has {len(low)} runs that ended so")
    if low and row["n"] <= row["k"]:
        yield refuted(STEP, "per_run.ended", "says that a run ended below the floor, which is for n > k")
    if not all(row["per_run"]["loss"][run] < floor for run in low):
        yield refuted(STEP, "per_run.loss", "of a run that ended below the floor is not below it")


def about_converging(row: Any) -> str:
    """To be said of a row without findings."""
    part = row[NAME]
    return (
        f"of the {part['below_floor']} runs below the floor among the {part['asked']} chosen, {part['converging']} "
        "have each a point of their own, from which exact gradient descent with step "
        f"{part['step']} is proved to converge to a global minimum; that floating point comes to these points is "
        "not certified"
    )


def check_converges(study: Path, row: Any, audited: Claims) -> Findings:
    k, n, part, ends, protocol = row["k"], row["n"], row[NAME], row["per_run"], row["protocol"]
    columns, asked = part["per_run"], part["asked"]
    count = len(columns["run"])
    if layer(protocol):
        yield refuted(STEP, NAME, "is for output weights 1 and the ReLU")
        return
    if n <= k or not 1 <= asked <= row["runs"] or any(len(x) != count for x in columns.values()):
        yield refuted(
            STEP, NAME, "is about n <= k, asked is not a number of runs, or per_run has lists that do not fit"
        )
        return
    if any(len(column) != row["runs"] for column in ends.values()):
        return  # that is a finding already
    if part["step"] != Fraction(repr(float(protocol["step"]))):
        yield refuted(STEP, f"{NAME}.step", "is not the decimal of the protocol")
    first = order(protocol["seed"], n, k, row["runs"])[:asked]
    if columns["run"] != sorted(set(first) & set(below(row))):
        yield refuted(
            STEP, f"{NAME}.per_run.run", "are not those below the floor of the first in the order of hashes"
        )
    proved = [digest is not None for digest in columns["certificate"]]
    if (part["below_floor"], part["converging"]) != (count, sum(proved)):
        yield refuted(STEP, f"{NAME}.converging", "or below_floor is not what per_run says")
    steps, reasons = ([x is not None for x in columns[name]] for name in ("steps", "why"))
    if steps != proved or reasons != [not x for x in proved]:
        yield refuted(
            STEP, f"{NAME}.per_run.why", "or steps is there where it should not be, or the other way round"
        )
    if any(x is not None and x > protocol["max_steps"] for x in columns["steps"]):
        yield refuted(STEP, f"{NAME}.per_run.steps", "are more than the protocol has")
    yield from check_certificates(study, row, audited.claim)


def check_certificates(study: Path, row: Any, claim: Callable[[Path], Any]) -> Findings:
    """Each run has its own, of another point of this (k, n), and with the row's step. No order of neurons and
    coordinates makes two points of one; the point after 0 steps is the start that the seed draws."""
    folder, paths = study / NAME / f"{row['k']}-{row['n']}", certificates(study, row)
    there = {path for path in folder.glob("*.json") if not path.name.startswith(".")}
    if len(set(paths)) < len(paths) or there != set(paths):
        yield refuted(STEP, f"{NAME}.per_run.certificate", "are not those that are there, each once")
        return
    about = row["protocol"], row["n"], row["k"]
    points = set()
    runs = [one for one in zip(*row[NAME]["per_run"].values(), strict=True) if one[1] is not None]
    for path, (run, _, steps, _) in zip(paths, runs, strict=True):
        where, one = f"{NAME}.{path.stem[:12]}", claim(path)
        if one is None:
            yield refuted(STEP, where, "is not accepted")
        elif (one["family"], one["method"]) != ABOUT:
            yield refuted(STEP, where, "is no certificate of a run that converges")
        elif not is_problem(one["problem"], *about) or fmt.rational(one["step"], "step") != row[NAME]["step"]:
            yield refuted(STEP, where, "is about another problem or step")
        elif (entries := json.dumps(sorted(x for neuron in one["point"] for x in neuron))) in points:
            yield refuted(STEP, where, "is about the point of another run, maybe in another order")
        elif steps == 0 and not is_start(one["point"], row, run):
            yield refuted(STEP, where, f"is not about the start of run {run} that the seed draws")
        else:
            points.add(entries)


def is_start(point: Any, row: Any, run: int) -> bool:
    """Whether the point of an accepted claim is the start of this run."""
    rows = [[exact(fmt.dyadic(x, "point")) for x in neuron] for neuron in point]
    return rows == drawn(row["protocol"]["seed"], row["n"], row["k"], run)
