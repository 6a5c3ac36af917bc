"""Runs that end below the floor and go on to a global minimum: the task, and the member `converges` of a row.

docs/spec/study-v1.md section 6 is the authority. With n > k such a run is made again from its start and goes on, in
floating point with the study's step, by the rule by which runs above the floor end, until Theorem 18.C is proved at the
point where it is (docs/theorem/wider.md). The certificate is about that point; nothing proves that the run comes there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

from relucert import certificate
from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.certificate.provenance import made
from relucert.families.teacher import converges
from relucert.families.teacher.network import Layer
from relucert.families.teacher.search.descent import FEWEST_LANES, starting_point
from relucert.study import sample
from relucert.study.files import CONVERGE, Row, Study, Task
from relucert.study.proofs import put, tidy, unsealed, whole
from relucert.study.runs import CRITERION, FLOOR, Json, Protocol

NAME = "converges"  # one of files.ADDED
LISTS = "run", "certificate", "steps", "why"  # of its per_run

Steps = Generator[list[Task], list[Json], Json]


def converge_runs(k: int, n: int, numbers: Sequence[int], protocol: Protocol) -> Json:
    """{"runs": what is proved of each of these runs}, in their order: `steps` and the `statement` of its certificate,
    or `why` nothing is."""
    starts = [exact_rows(starting_point(k, n, k, protocol.seed, run).tolist(), "neuron") for run in numbers]
    step = sample.exact(protocol.step)
    found = converges.prove_runs(starts, step, protocol.max_steps, protocol.tolerance)
    return {"runs": [_proved(run, one, protocol) for run, one in zip(numbers, found, strict=True)]}


def _proved(run: int, found: converges.Converging | str, protocol: Protocol) -> Json:
    if isinstance(found, str):
        return {"run": run, "why": found}
    n, k = len(found.point), len(found.point[0])
    origin = {"k": k, "n": n, **protocol.as_json(), "run": run}
    statement = converges.statement(found, made("relucert grid", origin))
    return {"run": run, "steps": found.steps, "statement": statement}


def check_layer(of: Layer) -> None:
    """Raises InputError for networks that Theorem 18.C is not about."""
    if not of.is_plain:
        raise InputError("--converges is for output weights 1 and the ReLU; leave it out")


def complete(study: Study, row: Row, found: Json, asked: int) -> bool:
    """Whether of so many runs of a finished row those below the floor have gone on."""
    before = found.get(NAME, {})
    if asked > before.get("asked", 0):
        return False
    return len(_kept(study, row, before)) == len(before["per_run"]["run"])


def clean(study: Study, row: Row, found: Json) -> None:
    """Takes away what a row that is complete does not need any more: work of its sample and of smaller ones."""
    tidy(folder(study, row), found[NAME]["per_run"]["certificate"])
    asked = found[NAME]["asked"]
    numbers = _chosen(study, row, found, asked)
    tasks = [_task(study, row, group) for group in sample.last_groups(numbers, FEWEST_LANES)]
    study.discard(row, CONVERGE, asked, tasks)


def steps(study: Study, row: Row, found: Json, asked: int) -> Steps:
    """The tasks of runs that have not gone on yet; returns what `finish` takes."""
    check_layer(study.protocol.layer)
    before = found.get(NAME, {})
    size = max(asked, before.get("asked", 0))
    numbers = _chosen(study, row, found, size)
    every = _kept(study, row, before, study.warn)
    groups = [group for group in sample.groups(numbers, FEWEST_LANES) if not set(group) <= every.keys()]
    results = yield [_task(study, row, group) for group in groups]
    fresh = [one for result in results for one in result["runs"] if one["run"] not in every]
    every |= {one["run"]: _entry(one) for one in fresh}
    return {
        "row": found,
        NAME: member(study.protocol, size, [every[run] for run in sorted(numbers)]),
        "statements": [one["statement"] for one in fresh if "statement" in one],
    }


def finish(study: Study, row: Row, result: Json) -> Json:
    """Writes the certificates, then the row, then takes away what is not needed any more."""
    put(study, folder(study, row), result["statements"])
    finished = unsealed(result["row"], **{NAME: result[NAME]})
    study.put(row, finished)
    clean(study, row, finished)
    return finished


def _chosen(study: Study, row: Row, found: Json, asked: int) -> list[int]:
    """Those below the floor of the first runs of the order, in this order."""
    return below(found, sample.order(study.protocol.seed, row.k, row.n, row.runs)[:asked])


def _task(study: Study, row: Row, group: list[int]) -> Task:
    """Of a group of the order: whole, also where some of its runs are known already, so that a larger sample that was
    interrupted, and goes on after a smaller one, finds its own work."""
    return Task(CONVERGE, (row.k, row.n, group, study.protocol))


# ---- what a row says -------------------------------------------------------------------------------------


def below(found: Json, numbers: Sequence[int]) -> list[int]:
    """Those of these runs that a row counts as below the floor."""
    ends = found["per_run"]
    return [run for run in numbers if ends["family"][run] < 0 and ends["ended"][run] in (FLOOR, CRITERION)]


def entries(before: Json) -> Iterator[Json]:
    """The runs of a member `converges` one by one."""
    lists = before.get("per_run", {})
    for values in zip(*lists.values(), strict=True):
        yield dict(zip(lists, values, strict=True))


def member(protocol: sample.Drawn, asked: int, every: Sequence[Json]) -> Json:
    """The member `converges` of a row, from its runs as `entries` yields them, by increasing number."""
    return {
        "asked": asked,
        "step": sample.shown(sample.exact(protocol.step)),
        "below_floor": len(every),
        "converging": sum(one["certificate"] is not None for one in every),
        "per_run": {name: [one[name] for one in every] for name in LISTS},
    }


def _entry(one: Json) -> Json:
    """Of a result of the task, as `entries` yields it."""
    digest = certificate.digest(one["statement"]) if "statement" in one else None
    return {"run": one["run"], "certificate": digest, "steps": one.get("steps"), "why": one.get("why")}


# ---- on disk ---------------------------------------------------------------------------------------------


def folder(study: Study, row: Row) -> Path:
    """Of the certificates of the runs of a row."""
    return study.directory / NAME / f"{row.k}-{row.n}"


def _kept(
    study: Study, row: Row, before: Json, warn: Callable[[str], object] = lambda _: None
) -> dict[int, Json]:
    """By number, the runs of a row that need not go on again."""
    found = {}
    for one in entries(before):
        path = folder(study, row) / f"{one['certificate']}.json"
        if one["certificate"] is None or whole(study, path):
            found[one["run"]] = one
        else:
            warn(f"{path}: missing, or not as the key that signs here writes it; its run goes on again")
    return found
