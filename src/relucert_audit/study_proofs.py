"""The member `proved` of a row: docs/spec/study-v1.md sections 3 to 5. All of it but the reasons why a run is not
proved follows from the certificates of runs."""

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from relucert_audit import format as fmt
from relucert_audit.finding import Finding, Findings, refuted
from relucert_audit.format import NOT_CONFIRMED, take
from relucert_audit.shares import MOST_DRAWS, foreign_start, numbers_of, order, share
from relucert_audit.study_network import is_problem, layer

STEP, CHUNK = 0, 100
CONFIDENCE, SIX = re.compile("0[.]999"), re.compile("[01][.][0-9]{6}")
OPEN, BELOW = "not-proved", "below-floor"
ENDS = "spurious-minimum", "global-minimum", "local-minimum", BELOW, OPEN
DIGEST = re.compile("[0-9a-f]{64}")


def index(value: Any, where: str) -> int:
    if type(value) is not int or value < -1:
        raise fmt.malformed(f"{where} is not an index, nor -1")
    return value


def integer_or_null(value: Any, where: str) -> int | None:
    return None if value is None else take(value, int, where)


def reason_or_null(value: Any, where: str) -> str | None:
    if value == "":
        raise fmt.malformed(f"{where} is a reason without words")
    return None if value is None else take(value, str, where)


def kinds(value: Any, where: str) -> dict[str, int]:
    found = {name: take(x, int, f"{where}.{name}") for name, x in take(value, dict, where).items()}
    if not set(found) <= set(ENDS) or list(found) != sorted(found) or 0 in found.values():
        raise fmt.malformed(f"{where} has an unknown kind, one without a run, or another order")
    return found


PER_RUN = {"run": [int], "kind": [re.compile("|".join(ENDS))], "certificate": [index], "place": [index]}
PER_RUN |= {"steps": [integer_or_null], "why": [reason_or_null]}
PROVED = {"asked": int, "step": fmt.rational, "floor": fmt.rational, "kinds": kinds}
PROVED |= {"spurious": {"confidence": CONFIDENCE, "low": SIX, "high": SIX}, "certificates": [DIGEST]}
PROVED |= {"per_run": PER_RUN}


class Claims(Protocol):
    def claim(self, path: Path) -> Any: ...


class Place(NamedTuple):
    """Of a run that is proved: which certificate, where in it, how it ends, after how many steps, in which family."""

    certificate: int
    place: int
    kind: str
    steps: int
    family: int


def about_proofs(row: Any) -> str:
    """To be said of a row without findings, all of whose proofs were looked at. For n > k only one bound is about the
    probability of a spurious end: docs/spec/study-v1.md section 5."""
    proved, bounds = row["proved"], row["proved"]["spurious"]
    done = proved["asked"] - proved["kinds"].get(OPEN, 0)
    share = f"at least {bounds['low']}" if row["n"] > row["k"] else f"{bounds['low']} to {bounds['high']}"
    return (
        f"{done} of {proved['asked']} proved from their starts, probability of a spurious end {share} (99.9%, if the "
        "starts are independent Gaussian draws and their number was fixed before their ends were seen)"
    )


def check_proofs(study: Path, row: Any, families: list[Any], audited: Claims) -> Findings:
    """families: the claims of the row's families, in their order."""
    k, n, proved, protocol = row["k"], row["n"], row["proved"], row["protocol"]
    asked, columns, digests = proved["asked"], proved["per_run"], proved["certificates"]
    if not 1 <= asked <= row["runs"] or any(len(column) != asked for column in columns.values()):
        yield refuted(STEP, "proved", "asked is not a number of runs, or per_run has not so many entries")
        return
    for name in ("step", "floor"):
        if proved[name] != Fraction(repr(float(protocol[name]))):
            yield refuted(STEP, f"proved.{name}", "is not the decimal of the protocol")
    first = order(protocol["seed"], n, k, row["runs"])[:asked]
    if columns["run"] != sorted(first):
        yield refuted(STEP, "proved.per_run.run", "are not the first runs in the order of their hashes")
        return
    folder = study / "runs" / f"{k}-{n}"
    there = {path.stem for path in folder.glob("*.json") if not path.name.startswith(".")}
    if len(set(digests)) < len(digests) or there != set(digests):
        yield refuted(STEP, "proved.certificates", "are not those that are there, each once")
        return
    found: dict[int, Place] = {}
    for c, digest in enumerate(digests):
        claim = audited.claim(folder / f"{digest}.json")
        if claim is None:
            yield refuted(STEP, f"proved.certificates.{c}", f"{digest[:12]}.. is not accepted")
            return
        wrong = [*check_claim(row, claim, families, f"proved.certificates.{c}")]
        yield from wrong
        if wrong:
            return
        if any(run in found for run in claim["origin"]["numbers"]):
            yield refuted(STEP, f"proved.certificates.{c}", "has a run of another one")
            return
        found |= dict(places(c, claim, families))
    yield from check_guesses(row["per_run"]["family"], found, families)
    yield from check_chunks(first, found, digests)
    yield from check_lists(proved, found)


def check_claim(row: Any, claim: Any, families: list[Any], where: str) -> Findings:
    """Of one certificate of runs: that it is about this row."""
    k, n, proved, protocol = row["k"], row["n"], row["proved"], row["protocol"]
    method = "signed-runs" if layer(protocol) else "runs"
    if (claim["family"], claim["method"]) != ("teacher-student-relu", method):
        yield refuted(STEP, where, "is no certificate of runs")
        return
    same = is_problem(claim["problem"], protocol, n, k)
    same = same and fmt.rational(claim["step"], "step") == proved["step"]
    if not same or fmt.rational(claim.get("floor", "0"), "floor") not in (0, proved["floor"]):
        yield refuted(STEP, where, "is about another problem, step or floor")
    positions = [families.index(x) if x in families else -1 for x in claim["minima"]]
    if -1 in positions or positions != sorted(positions):
        yield refuted(STEP, where, "its minima are not those of the row's families, in their order")
    if any("neighbourhood" in run for run in claim["runs"]):
        yield refuted(STEP, where, "has a neighbourhood")
    if any(run["steps"] > protocol["max_steps"] for run in claim["runs"]):
        yield refuted(STEP, where, "takes more steps than the protocol has")
    origin = numbers_of(claim)
    if origin is None or origin[0] != protocol["seed"] or "numbers" not in claim["origin"]:
        yield refuted(STEP, where, "does not say which runs of the study's seed it is about")
    elif not set(origin[1]) <= set(range(row["runs"])):
        yield refuted(STEP, where, "is about a run that the row does not have")
    elif (run := foreign_start(claim)) is not None:
        yield refuted(STEP, where, f"the start of run {run} is not the one that the seed draws")


def places(certificate: int, claim: Any, families: list[Any]) -> Iterator[tuple[int, Place]]:
    """By number of the run."""
    for place, (number, run) in enumerate(zip(claim["origin"]["numbers"], claim["runs"], strict=True)):
        minimum = None if "until" in run else claim["minima"][run["end"]["minimum"]]
        kind, family = (BELOW, -1) if minimum is None else (minimum["verdict"], families.index(minimum))
        yield number, Place(certificate, place, kind, run["steps"], family)


def check_guesses(guessed: list[int], found: dict[int, Place], families: list[Any]) -> Findings:
    """A run is proved only to end where floating point said: study-v1.md section 4. guessed: the families of all
    runs, by number; where they are too few, or name what is not there, that is a finding already."""
    for run, place in sorted(found.items()):
        guess = guessed[run] if run < len(guessed) else place.family
        ends = [families[x] if 0 <= x < len(families) else None for x in (guess, place.family)]
        if ends[0] != ends[1]:
            yield refuted(STEP, "per_run.family", f"of run {run} contradicts what is proved of it")
            return


def check_chunks(first: list[int], found: dict[int, Place], digests: list[str]) -> Findings:
    """A certificate holds the proved runs of one chunk of the order, and chunks come in order."""
    wanted: dict[int, tuple[int, int]] = {}
    at = 0
    for begin in range(0, len(first), CHUNK):
        proved = sorted(run for run in first[begin : begin + CHUNK] if run in found)
        wanted |= {run: (at, place) for place, run in enumerate(proved)}
        at += bool(proved)
    if at != len(digests) or {run: (x.certificate, x.place) for run, x in found.items()} != wanted:
        yield refuted(STEP, "proved.certificates", "do not hold the runs of their chunks, each once")


def check_lists(proved: Any, found: dict[int, Place]) -> Findings:
    """per_run, kinds and the bounds of the share, from the certificates."""
    columns, asked = proved["per_run"], proved["asked"]
    missing = Place(-1, -1, OPEN, -1, -1)
    of = [found.get(run, missing) for run in columns["run"]]
    said = {
        "kind": [x.kind for x in of],
        "certificate": [x.certificate for x in of],
        "place": [x.place for x in of],
    }
    said["steps"] = [None if x is missing else x.steps for x in of]
    for name, column in said.items():
        if columns[name] != column:
            yield refuted(STEP, f"proved.per_run.{name}", "is not what the certificates say")
    if [x is None for x in columns["why"]] != [x is not missing for x in of]:
        yield refuted(
            STEP, "proved.per_run.why", "a reason is missing, or one is given for a run that is proved"
        )
    counted = Counter(x.kind for x in of)
    if proved["kinds"] != counted:
        yield refuted(STEP, "proved.kinds", "are not what the certificates say")
    if asked > MOST_DRAWS:
        yield Finding(NOT_CONFIRMED, STEP, fmt.LIMIT, f"bounds of a share of more than {MOST_DRAWS} runs")
        return
    low, high = share(asked, counted["spurious-minimum"], counted["global-minimum"] + counted[BELOW])
    if (proved["spurious"]["low"], proved["spurious"]["high"]) != (low, high):
        yield refuted(STEP, "proved.spurious", f"the bounds are {low} and {high}")
