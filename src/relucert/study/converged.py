"""What a row says of runs that went on from below the floor, read strictly: docs/spec/study-v1.md section 6.

Their certificates are not proved again here: `relucert audit STUDY` does it. All else is derived and must agree.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from relucert.families.teacher.methods import CONVERGES
from relucert.study import enclosed, sample
from relucert.study.converging import LISTS, NAME, below, entries, member
from relucert.study.strict import AGAIN, Json, check, count, named
from relucert.study.strict import member as inside

RESTORE = "put the original back, or run `relucert grid` with --converges again"


@dataclass(frozen=True)
class Converged:
    """Of one (k, n): of how many runs those below the floor were to go on, how many these are, and how many of them
    came to a point from which exact descent with this step is proved to converge. certificates: of these points."""

    asked: int
    below_floor: int
    converging: int
    step: str
    certificates: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of those below the floor; 0 where there are none."""
        return self.converging / self.below_floor if self.below_floor else 0.0


def read_converged(
    whole: Json, row: tuple[int, int, int], protocol: sample.Drawn, directory: Path, name: str
) -> Converged | None:
    """Of a row (k, n, runs), otherwise read, in a study in this directory. Raises InputError."""
    if NAME not in whole:
        return None
    value, where = inside(whole, NAME, dict, name), f"{name}: {NAME}"
    k, n, runs = row
    asked = count(value, "asked", where, at_least=1)
    check(n > k and asked <= runs, f"{where}: asked: {asked} of {runs} runs of n = {n}, k = {k}; {AGAIN}")
    every = _per_run(inside(value, "per_run", dict, where), protocol.max_steps, f"{where}: per_run")
    low = sorted(below(whole, sample.order(protocol.seed, k, n, runs)[:asked]))
    check(
        json.dumps([one["run"] for one in every]) == json.dumps(low),
        f"{where}: per_run.run: not those below the floor of the first {asked} runs of the order; {AGAIN}",
    )
    expected = member(protocol, asked, every)
    check(
        json.dumps(expected) == json.dumps(value),  # not ==, by which true is 1
        f"{where}: not what follows from its asked and its per_run; {AGAIN}",
    )
    digests = tuple(one["certificate"] for one in every if one["certificate"] is not None)
    folder = directory / NAME / f"{k}-{n}"
    points = set()
    for one in (one for one in every if one["certificate"] is not None):
        path = folder / f"{one['certificate']}.json"
        point = _point(path, (k, n), expected["step"])
        begun = one["steps"] > 0 or point == enclosed.start(k, n, protocol.seed, one["run"])
        check(begun, f"{path}: not about the start of run {one['run']}; {RESTORE}")
        points.add(json.dumps(sorted(entry for neuron in point for entry in neuron)))  # in whatever order
    check(len(points) == len(digests), f"{where}: per_run.certificate: two are about one point; {AGAIN}")
    return Converged(asked, len(every), len(digests), expected["step"], digests)


def _per_run(lists: Json, most: int, where: str) -> list[Json]:
    """The runs one by one, as `entries` yields them: each with a certificate and steps, or a reason."""
    lengths = {len(inside(lists, name, list, where)) for name in LISTS}
    check(
        list(lists) == list(LISTS) and len(lengths) == 1, f"{where}: not {len(LISTS)} lists as long; {AGAIN}"
    )
    every = list(entries({"per_run": lists}))
    for at, (_, digest, steps, why) in enumerate(map(dict.values, every)):
        if digest is None:
            good = steps is None and isinstance(why, str) and bool(why)
        else:
            good = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest) is not None
            good = good and type(steps) is int and 0 <= steps <= most and why is None
        check(good, f"{where}: entry {at}: neither a certificate with its steps nor a reason; {AGAIN}")
    return every


def _point(path: Path, pair: tuple[int, int], step: str) -> list[list[list[object]]]:
    """Of the certificate with this name: of (k, n), with this step."""
    claim = named(path, [CONVERGES], RESTORE)
    k, n = pair
    expected = {"problem": {"n": n, "k": k, "d": k, "targets": "orthonormal"}, "step": step}
    wrong = [name for name, value in expected.items() if claim.get(name) != value]
    check(not wrong, f"{path}: {', '.join(wrong)}: not that of the study; {RESTORE}")
    found: list[list[list[object]]] = claim["point"]
    return found
