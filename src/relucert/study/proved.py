"""What a row says of runs that are proved from their starts, read strictly.

The certificates of runs are not proved again here, which takes as long as a study: `relucert audit STUDY` does it.
All else follows from what they claim: the member `proved` of a row is derived from them once more, and must agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from relucert.certificate import form
from relucert.families.teacher.methods import OF_RUNS
from relucert.study import enclosed, sample
from relucert.study.proofs import CHUNK, NONE, NOT_PROVED, entry, member
from relucert.study.strict import AGAIN, Json, check, count, named
from relucert.study.strict import member as inside

RESTORE = "put the original back, or run `relucert grid` with --prove-runs again"
KINDS = ("spurious-minimum", "global-minimum", "local-minimum", "below-floor", NOT_PROVED)


@dataclass(frozen=True)
class Proved:
    """Of one (k, n): how many runs were to be proved, what is proved of them, and bounds of the share of spurious ends.

    kinds has every one of KINDS. step: exact. low, high: decimals, which hold with the confidence together. kind,
    certificate: an entry for each run asked for, None where it has no certificate. touching: how many of those below
    the floor are proved to be there at one step only.
    """

    asked: int
    kinds: Mapping[str, int]
    step: str
    confidence: str
    low: str
    high: str
    certificates: tuple[str, ...]
    kind: tuple[str, ...]
    certificate: tuple[str | None, ...]
    touching: int

    @property
    def proved(self) -> int:
        return self.asked - self.kinds[NOT_PROVED]


def read_proved(
    whole: Json, row: tuple[Json, int], protocol: sample.Drawn, directory: Path, name: str
) -> Proved | None:
    """Of a row (the problem of its claims, runs) in a study in this directory. Raises InputError.

    `name` stands in errors.
    """
    if "proved" not in whole:
        return None
    value, where = inside(whole, "proved", dict, name), f"{name}: proved"
    problem, runs = row
    k, n = problem["k"], problem["n"]
    asked = count(value, "asked", where, at_least=1)
    check(asked <= runs, f"{where}: asked: {asked} of {runs} runs; {AGAIN}")
    digests = inside(value, "certificates", list, where)
    good = all(isinstance(x, str) and re.fullmatch("[0-9a-f]{64}", x) for x in digests)
    check(
        good and len(set(digests)) == len(digests), f"{where}: certificates: not different digests; {AGAIN}"
    )
    order = sample.order(protocol.seed, k, n, runs)
    claims = [_claim(directory / "certificates" / f"{one['certificate']}.json") for one in whole["families"]]
    every, parts, touching = _not_proved(value, where), [], 0
    for digest in digests:
        path = directory / "runs" / f"{k}-{n}" / f"{digest}.json"
        found, once = _runs(path, problem, protocol, claims)
        touching += once
        parts.append({order.index(one["run"]) // CHUNK for one in found if one["run"] < runs})
        every += found
    numbers = sorted(one["run"] for one in every)
    check(
        numbers == sorted(order[:asked]),
        f"{where}: not the first {asked} runs of the order, once each; {AGAIN}",
    )
    chunks = [min(part) for part in parts if len(part) == 1]
    check(len(chunks) == len(parts) and sorted(set(chunks)) == chunks,
          f"{where}: certificates: each has the runs of one hundred of the order, in turn; {AGAIN}")  # fmt: skip
    wrong = _first_difference(member(protocol, every, digests), value)
    check(wrong is None, f"{where}: {wrong}: does not follow from the certificates of runs; {AGAIN}")
    every.sort(key=lambda one: one["run"])
    guessed = inside(inside(whole, "per_run", dict, name), "family", list, name)
    for one in (one for one in every if "minimum" in one):
        check(guessed[one["run"]] in _same(claims, one["minimum"]),
              f"{name}: per_run.family: of run {one['run']}, contradicts what is proved of it; {AGAIN}")  # fmt: skip
    return Proved(
        asked=asked,
        kinds={kind: value["kinds"].get(kind, 0) for kind in KINDS},
        step=value["step"],
        confidence=value["spurious"]["confidence"],
        low=value["spurious"]["low"],
        high=value["spurious"]["high"],
        certificates=tuple(digests),
        kind=tuple(one["kind"] for one in every),
        certificate=tuple(one["certificate"] for one in every),
        touching=touching,
    )


def _same(claims: Sequence[Json], minimum: int | None) -> list[int]:
    """What floating point may say of a run that is proved to end at a minimum, or, without one, below the floor."""
    if minimum is None:
        return [NONE]
    return [at for at, claim in enumerate(claims) if claim == claims[minimum]]


def _not_proved(value: Json, where: str) -> list[Json]:
    """The runs that have no certificate, as the row has them: all else is derived."""
    lists = inside(value, "per_run", dict, where)
    columns = {name: inside(lists, name, list, f"{where}: per_run") for name in ("run", "certificate", "why")}
    same = len({len(column) for column in columns.values()}) == 1
    check(same, f"{where}: per_run: lists of different lengths; {AGAIN}")
    found = []
    for run, at, why in zip(*columns.values(), strict=True):
        if at == NONE:
            good = type(run) is int and isinstance(why, str) and bool(why)
            check(good, f"{where}: per_run: a run that is not proved has no number or no reason; {AGAIN}")
            found.append(entry({"run": run, "why": why}, None, NONE, []))
    return found


def _claim(path: Path) -> Json:
    found: Json = form.parse(path.read_bytes(), str(path))["statement"]["claim"]
    return found


def _runs(
    path: Path, problem: Json, protocol: sample.Drawn, claims: Sequence[Json]
) -> tuple[list[Json], int]:
    """The runs of a certificate, as `entries` yields them: about this problem, of the study's starts, to these minima.

    And how many of them are below the floor at one step, with nothing proved of the next.
    """
    claim = named(path, OF_RUNS, RESTORE)
    numbers = claim.get("origin", {}).get("numbers")
    check(isinstance(numbers, list), f"{path}: origin: does not say which runs these are; {RESTORE}")
    expected = {
        "problem": problem,
        "step": sample.shown(sample.exact(protocol.step)),
        "floor": sample.shown(sample.exact(protocol.floor)) if "floor" in claim else None,
        "origin": enclosed.origin(protocol.seed, numbers),
        "minima": [one for one in claims if one in claim["minima"]],
    }
    wrong = [name for name, value in expected.items() if claim.get(name) != value]
    wrong += [] if len(numbers) == len(claim["runs"]) else ["origin"]
    check(not wrong, f"{path}: {', '.join(wrong)}: not that of the study; {RESTORE}")
    found = []
    for at, (one, number) in enumerate(zip(claim["runs"], numbers, strict=True)):
        start = enclosed.start(problem["k"], problem["n"], protocol.seed, number)
        right = one["start"] == start and one["steps"] <= protocol.max_steps and "neighbourhood" not in one
        check(right, f"{path}: runs[{at}]: not run {number} of the study; {RESTORE}")
        minimum = claims.index(claim["minima"][one["end"]["minimum"]]) if "end" in one else None
        said = {"run": number, "minimum": minimum, "steps": one["steps"]}
        found.append({**entry(said, path.stem, at, claims), "minimum": minimum})
    return found, sum(one.get("until") == one["steps"] for one in claim["runs"])


def _first_difference(expected: Json, value: Json) -> str | None:
    """Which member differs, if one does."""
    if list(expected) != list(value):
        return "members"
    return next((name for name in expected if expected[name] != value[name]), None)
