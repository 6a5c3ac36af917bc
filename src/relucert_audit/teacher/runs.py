"""Methods `runs` and `signed-runs`: gradient descent from its exact start, docs/spec/runs-v1.md and signed-runs-v1.md.
Steps 0 and 1; `runs_steps` proves."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit.finding import Findings, refuted
from relucert_audit.format import LOWER, UPPER, Dyadic, Number, Opened, Refusal, Rows, malformed, number, take
from relucert_audit.teacher import claim, signed
from relucert_audit.teacher.network import SIGNED, Network, network_of, plain

MOST_RUNS, MOST_ENTRIES, MOST_STEPS, MOST_IN_ALL = 256, 1600, 10**6, 10**7
MOST_WORK, MOST_SQUARES = 10**12, 10**7  # in all runs; minima times (n k)^2
FINEST, LONGEST = -1200, 64  # entries of starts are multiples of 2^FINEST below 2^LONGEST
SAFE = 1 << 53  # above, JSON has no integers: seeds are digits then
PROBLEM = {"n": int, "k": int, "d": int, "targets": re.compile("orthonormal")}
VERDICT = re.compile("converges|stays-below-floor|decided")
AT_MOST, AT_LEAST = number(UPPER, negative=False), number(LOWER, negative=False)
START = {"start": [[fmt.dyadic]], "steps": int}
CONVERGES = {**START, "end": {"minimum": int, "rows": [int], "columns": [int]}, "distance": AT_MOST}
CONVERGES |= {"neighbourhood?": {"radius": AT_LEAST, "probability": AT_LEAST}}
BELOW = {**START, "until": int, "objective": AT_MOST}


class Run(NamedTuple):
    """until: None for a run that converges, whose end and distance the others are; bounds: its numbers."""

    start: Rows
    steps: int
    until: int | None
    minimum: int
    rows: list[int]
    columns: list[int]
    bounds: dict[str, Number]

    @property
    def radius(self) -> Dyadic:
        """Of the ball of starts."""
        ball = self.bounds.get("neighbourhood.radius")
        return ball.exact if ball else Dyadic(0, 0)


class Certificate(
    NamedTuple
):  # bounds: of the minima and of the runs; only: places of the runs to prove, or all
    n: int
    k: int
    step: Fraction
    floor: Fraction | None
    minima: list[claim.Certificate]
    runs: list[Run]
    verdict: str
    bounds: dict[str, Number]
    network: Network
    only: tuple[int, ...] | None = None


def positive(value: Any, where: str) -> Fraction:
    x = fmt.rational(value, where)
    if x <= 0:
        raise malformed(f"{where} is not positive")
    return x


def digits(value: Any, where: str) -> int:
    """A seed: an integer, or a string of its digits from 2^53 on."""
    if type(value) is int and value >= 0:
        return value
    if not isinstance(value, str) or not re.fullmatch("[1-9][0-9]{15,399}", value) or int(value) < SAFE:
        raise malformed(f"{where} is not a seed")
    return int(value)


def run_of(value: Any, where: str) -> Run:
    below = isinstance(value, dict) and "until" in value
    raw = take(value, BELOW if below else CONVERGES, where)
    end = raw.get("end", {"minimum": -1, "rows": [], "columns": []})
    numbers = {x: raw[x] for x in ("distance", "objective", "neighbourhood") if x in raw}
    for name, x in (bounds := fmt.flatten(numbers)).items():
        if name.startswith("neighbourhood") and not x.exact.m:
            raise malformed(f"{where}.{name} is not positive")
    if below and raw["until"] < raw["steps"]:
        raise malformed(f"{where}.until is before {where}.steps")
    where_to = end["minimum"], end["rows"], end["columns"]
    return Run(raw["start"], raw["steps"], raw.get("until"), *where_to, bounds)


ORIGIN = {"seed": digits, "first?": int, "numbers?": [int]}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "step": positive, "minima": [dict], "floor?": positive}
CLAIM |= {"runs": [run_of], "origin?": ORIGIN, "verdict": VERDICT, "bounds": {}}


class Kind(NamedTuple):
    """Of networks: the members of their problem, the method of their minima, and how both are read."""

    problem: dict[str, Any]
    method: str
    minimum: Callable[[Opened], claim.Certificate]
    network: Callable[[dict[str, Any], int, int], Network]


PLAIN = Kind(PROBLEM, "hessian", claim.read_points, lambda _, n, k: plain(n, k))
OF_SIGNS = Kind(PROBLEM | SIGNED, "signed-hessian", signed.read, network_of)


def read(opened: Opened) -> Certificate:
    """Of the network without signs."""
    return read_kind(opened, PLAIN)


def read_signed(opened: Opened) -> Certificate:
    """Of a signed network."""
    return read_kind(opened, OF_SIGNS)


def read_kind(opened: Opened, kind: Kind) -> Certificate:
    """Step 0. Raises Refusal."""
    raw = take(opened.claim, CLAIM | {"problem": kind.problem}, "claim")
    (n, k, d), runs = (raw["problem"][x] for x in "nkd"), raw["runs"]
    if min(n, k) < 1 or d != k or not 1 <= len(runs) <= MOST_RUNS:
        raise malformed("n, k, d or the number of runs is not possible")
    network = kind.network(raw["problem"], n, k)
    for i, run in enumerate(runs):
        shape(run, n, k, f"runs.{i}")
    limits(n, k, [run.steps for run in runs], len(raw["minima"]))
    if any(run.until is not None and run.until > MOST_STEPS for run in runs):
        raise Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, "the last step of a run below the floor")
    belong(raw)
    minima = [minimum(opened, kind, x, f"minima.{m}") for m, x in enumerate(raw["minima"])]
    bounds = {f"minima.{m}.{name}": x for m, of in enumerate(minima) for name, x in of.bounds.items()}
    bounds |= {f"runs.{i}.{name}": x for i, run in enumerate(runs) for name, x in run.bounds.items()}
    return Certificate(n, k, raw["step"], raw.get("floor"), minima, runs, raw["verdict"], bounds, network)


def shape(run: Run, n: int, k: int, where: str) -> None:
    """Sizes, and limits of the numbers of a start."""
    if len(run.start) != n or any(len(row) != k or not any(x.m for x in row) for row in run.start):
        raise malformed(f"{where}.start is not n rows of k numbers, none of them 0")
    if run.until is None and (len(run.rows), len(run.columns)) != (n, k):
        raise malformed(f"{where}.end has not n rows and k columns")
    entries = [x for row in run.start for x in row if x.m]
    if any(x.e < FINEST or x.m.bit_length() + x.e > LONGEST for x in entries):
        raise Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, "the bits of a start")


def limits(n: int, k: int, steps: list[int], minima: int) -> None:
    """A step needs a time of about n (n + 2 k), and n k^3/1000 for the largest eigenvalues."""
    work = n * (1000 * (n + 2 * k) + k**3) * sum(steps)
    if n * k > MOST_ENTRIES or minima * (n * k) ** 2 > MOST_SQUARES:
        raise Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, "n k, or minima times (n k)^2")
    if max(steps) > MOST_STEPS or sum(steps) > MOST_IN_ALL or work > MOST_WORK:
        raise Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, "the steps of a run, or of all")


def belong(raw: dict[str, Any]) -> None:
    """Verdict, floor, minima and origin are those of the runs."""
    runs, minima = raw["runs"], raw["minima"]
    below = [run.until is not None for run in runs]
    verdict = "stays-below-floor" if all(below) else "decided" if any(below) else "converges"
    if raw["verdict"] != verdict or ("floor" in raw) != any(below):
        raise malformed("the verdict, or floor, does not belong to these runs")
    if {run.minimum for run in runs if run.until is None} != set(range(len(minima))):
        raise malformed("a minimum that no run names, or that is not there")
    if any(x == y for i, x in enumerate(minima) for y in minima[:i]):
        raise malformed("two minima are equal")
    origin = raw.get("origin", {"first": 0})
    if ("first" in origin) == ("numbers" in origin):
        raise malformed("origin needs one of first and numbers")
    numbers = origin.get("numbers", range(len(runs)))
    if len(numbers) != len(runs) or sorted(set(numbers)) != list(numbers):
        raise malformed("origin.numbers are not increasing, one for each run")


def minimum(opened: Opened, kind: Kind, value: Any, where: str) -> claim.Certificate:
    """A whole claim of the method of this kind, about the same problem."""
    same = all(value.get(x) == opened.claim[x] for x in ("schema", "family", "problem"))
    if not same or value.get("method") != kind.method or value.get("verdict") not in claim.MINIMA:
        raise malformed(f"{where} is not a minimum of this problem")
    found = kind.minimum(opened._replace(claim=value))
    if "basin.radius" not in found.bounds:
        raise malformed(f"{where} has no basin")
    return found


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    for m, of in enumerate(cert.minima):
        yield from (finding._replace(claim=f"minima.{m}.{finding.claim}") for finding in claim.step_1(of))
    for i, run in enumerate(cert.runs):
        if run.until is not None and cert.n <= cert.k:
            yield refuted(1, f"runs.{i}", "below the floor needs n > k")
        for name, weights in (("rows", cert.network.neurons), ("columns", cert.network.targets)):
            if run.until is None and (why := moves(getattr(run, name), weights)):
                yield refuted(1, f"runs.{i}.end.{name}", why)


def moves(order: list[int], weights: tuple[int, ...]) -> str | None:
    """Why this is no permutation that keeps output weights; None if it is one."""
    if sorted(order) != list(range(len(weights))):
        return "is not a permutation"
    kept = [weights[x] for x in order] == [*weights]
    return None if kept else "moves output weights"


def admit_signed(cert: Certificate) -> Findings:
    """Step 1, of a signed network."""
    yield from admit(cert)
    if cert.network == plain(cert.n, cert.k):
        yield refuted(1, "problem", "not a signed network: its method is runs")
