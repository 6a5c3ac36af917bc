"""A study: resumable, the same however it was computed, and careful with what it finds in its directory."""

import errno
import json
import os
import shutil
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proved_studies import without_processes
from relucert.base import store
from relucert.base.errors import InputError
from relucert.base.pool import processes
from relucert.study import batch, runs
from relucert.study.batch import Row, Study
from relucert.study.files import locked
from relucert.study.runs import Protocol
from relucert_audit.command import audit
from relucert_audit.trust import Trust

ROWS = [Row(2, 2, 24), Row(2, 3, 8)]
PROTOCOL = Protocol(seed=3, floor_steps=3000)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Here(Executor):
    """Runs each task when it is submitted; the tasks for which `fails` says so raise or break instead."""

    def __init__(self, fails=lambda task: None):
        self.fails, self.calls = fails, 0

    def submit(self, function, task):
        self.calls += 1
        future = Future()
        error = self.fails(task)
        if error is None:
            future.set_result(function(task))
        else:
            future.set_exception(error)
        return future


def study(directory, warn=lambda _: None, protocol=PROTOCOL):
    found = Study(directory, protocol, KEY, warn)
    found.open()
    return found


def files(directory):
    """All that is there when everything is finished."""
    return {p.relative_to(directory): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    directory = tmp_path_factory.mktemp("whole")
    events = list(batch.run(study(directory), ROWS, Here, 4))
    assert [e.error for e in events if e.error] == []
    return directory


def rows(directory):
    return [json.loads((directory / "rows" / f"{row.k}-{row.n}.json").read_text()) for row in ROWS]


def test_every_run_is_decided_and_every_certificate_accepted(whole):
    for row, found in zip(ROWS, rows(whole), strict=True):
        assert sum(found["kinds"].values()) == sum(found["ended"].values()) == row.runs
        assert "undecided" not in found["kinds"]
        assert {len(values) for values in found["per_run"].values()} == {row.runs}
        assert (
            sum(family["count"] for family in found["families"]) + found["per_run"]["family"].count(-1)
            == row.runs
        )
        for family in found["families"]:
            path = whole / "certificates" / f"{family['certificate']}.json"
            checked = audit(path, trust=Trust(), now=datetime.now(UTC))
            assert (checked["result"], checked["verdict"]) == ("accepted", family["verdict"])
    assert rows(whole)[0]["kinds"] == {"global-minimum": 24}  # of (2, 2) all runs find the global minimum
    assert rows(whole)[1]["kinds"] == {"below-floor": 8}
    assert list((whole / "work").iterdir()) == []


def test_what_is_finished_is_not_done_again(whole):
    executor = Here()
    assert list(batch.run(study(whole), ROWS, lambda: executor, 4)) == []
    assert executor.calls == 0


def test_another_executor_gives_the_same_bytes(whole, tmp_path):
    list(batch.run(study(tmp_path), ROWS[::-1], lambda: ThreadPoolExecutor(3), 1))
    assert files(tmp_path) == files(whole)


def test_processes_give_the_same_bytes(whole, tmp_path):
    list(batch.run(study(tmp_path), ROWS, processes(2), 4))
    assert files(tmp_path) == files(whole)


@pytest.mark.parametrize("moment", [1, 2, 3, 5, 8])
def test_an_interrupted_study_goes_on(whole, tmp_path, moment):
    events = batch.run(study(tmp_path), ROWS, Here, 4)
    done = sum(next(events).finished is not None for _ in range(moment))
    events.close()
    kept = len(list((tmp_path / "work").rglob("*.npz")))
    executor = Here()
    list(batch.run(study(tmp_path), ROWS, lambda: executor, 4))
    assert files(tmp_path) == files(whole)
    whole_calls = Here()
    shutil.rmtree(tmp_path)
    list(batch.run(study(tmp_path), ROWS, lambda: whole_calls, 4))
    assert executor.calls <= whole_calls.calls - kept - done  # what was finished was not done again


def test_a_dead_worker_costs_a_retry_and_changes_nothing(whole, tmp_path):
    deaths = iter([True, False, True])

    def fails(task):
        return BrokenExecutor("a worker died") if next(deaths, False) else None

    events = list(batch.run(study(tmp_path), ROWS, lambda: Here(fails), 4))
    assert [e.error for e in events if e.error] == []
    assert files(tmp_path) == files(whole)


def test_every_task_may_fail_once(whole, tmp_path):
    seen = set()

    def fails(task):
        name = batch.key(task)
        again = name in seen
        seen.add(name)
        return None if again else ArithmeticError("once")

    events = list(batch.run(study(tmp_path), ROWS, lambda: Here(fails), 4))
    assert [e.error for e in events if e.error] == []
    assert files(tmp_path) == files(whole)


def test_a_pool_that_breaks_when_it_is_given_a_task_is_made_anew(whole, tmp_path):
    class Fragile(Here):
        def submit(self, function, task):
            if self.calls == 2:
                raise BrokenExecutor("the pool is not usable anymore")
            return super().submit(function, task)

    list(batch.run(study(tmp_path), ROWS, Fragile, 4))
    assert files(tmp_path) == files(whole)


def test_pools_that_never_take_a_task_end_the_study(tmp_path):
    class Useless(Here):
        def submit(self, function, task):
            raise BrokenExecutor("no processes here")

    events = list(batch.run(study(tmp_path), ROWS, Useless, 4))
    assert sorted(e.row for e in events if e.error) == ROWS
    assert list((tmp_path / "rows").iterdir()) == []


def test_a_task_that_kills_its_worker_takes_no_other_row_with_it(whole, tmp_path):
    held = []  # what the first pool has under way when the deadly task comes

    class Deadly(Here):
        def __init__(self):
            super().__init__()
            self.first, self.dead = not held, False

        def submit(self, function, task):
            deadly = task.name == "descend_chunk" and task.arguments[1] == 3
            if self.dead:
                raise BrokenExecutor("broken")
            if not self.first and not deadly:
                return super().submit(function, task)
            held.append(Future())
            if deadly or len(held) > 1:
                self.dead = True
                for future in held:
                    future.done() or future.set_exception(BrokenExecutor("a worker died"))
            return held[-1]

    events = list(batch.run(study(tmp_path), ROWS, Deadly, 4))
    assert [e.row for e in events if e.error] == [ROWS[1]]
    assert (tmp_path / "rows" / "2-2.json").read_bytes() == (whole / "rows" / "2-2.json").read_bytes()


def test_a_task_that_always_fails_gives_up_its_row_only(tmp_path):
    def fails(task):
        return ArithmeticError("no") if task.name == "descend_chunk" and task.arguments[1] == 3 else None

    events = list(batch.run(study(tmp_path), ROWS, lambda: Here(fails), 4))
    errors = [e for e in events if e.error]
    assert [e.row for e in errors] == [ROWS[1]]
    assert "ArithmeticError: no" in errors[0].error
    assert (tmp_path / "rows" / "2-2.json").exists() and not (tmp_path / "rows" / "2-3.json").exists()


@pytest.mark.parametrize("damage", [lambda n: 0, lambda n: 150, lambda n: n // 2, lambda n: n - 1])
def test_a_damaged_result_of_a_task_is_computed_again(whole, tmp_path, damage):
    events = batch.run(study(tmp_path), ROWS[:1], Here, 4)
    next(event for event in events if event.stage == "polish")
    events.close()
    damaged = sorted((tmp_path / "work").rglob("*.npz"))
    for path in damaged:
        data = bytearray(path.read_bytes())
        data[damage(len(data))] ^= 1
        path.write_bytes(data)
    said = []
    list(batch.run(study(tmp_path, said.append), ROWS[:1], Here, 4))
    assert len(said) >= 1 and str(damaged[0]) in " ".join(said)
    assert (tmp_path / "rows" / "2-2.json").read_bytes() == (whole / "rows" / "2-2.json").read_bytes()


@pytest.mark.parametrize(
    "damage",
    [lambda text: text[:-50], lambda text: text.replace('"count": 24', '"count": 25'), lambda _: "{}"],
)
def test_a_damaged_row_is_set_aside_and_done_again(whole, tmp_path, damage):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "rows" / "2-2.json"
    path.write_text(damage(path.read_text()))
    said = []
    found = study(tmp_path, said.append)
    list(batch.run(found, ROWS, Here, 4))
    assert "2-2.json" in said[0] and path.with_suffix(".damaged").exists()
    assert path.read_bytes() == (whole / "rows" / "2-2.json").read_bytes()


@pytest.mark.parametrize("size", [None, 0, 1000])
def test_a_row_without_its_whole_certificate_is_done_again(whole, tmp_path, size):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    for path in (tmp_path / "certificates").glob("*.json"):
        path.unlink() if size is None else path.write_bytes(path.read_bytes()[:size])
    list(batch.run(study(tmp_path), ROWS, Here, 4))
    assert files(tmp_path) == files(whole)


def test_another_protocol_or_number_of_runs_is_refused_and_nothing_is_touched(whole, tmp_path):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    with pytest.raises(InputError, match=r"seed = 3 there, 4 now"):
        study(tmp_path, protocol=Protocol(seed=4, floor_steps=3000))
    with pytest.raises(InputError, match="24 runs, 25 are asked for"):
        study(tmp_path).row(Row(2, 2, 25))
    shutil.copy(whole / "rows" / "2-3.json", tmp_path / "rows" / "4-5.json")
    with pytest.raises(InputError, match="belongs to another study"):
        study(tmp_path).row(Row(4, 5, 8))
    (tmp_path / "rows" / "4-5.json").unlink()
    assert files(tmp_path) == files(whole)
    text = json.loads((tmp_path / "study.json").read_text())
    for wrong in ([], {**text, "protocol": []}, {**text, "protocol": {**text["protocol"], "momentum": 0.9}}):
        (tmp_path / "study.json").write_text(json.dumps(wrong))
        with pytest.raises(InputError, match=r"study\.json"):
            study(tmp_path)


def test_two_processes_cannot_work_under_one_name(tmp_path):
    for first, second in ((None, None), (None, "1-of-2"), ("1-of-2", None), ("1-of-2", "1-of-2")):
        with (
            locked(tmp_path, first),
            pytest.raises(InputError, match="another relucert is at work"),
            locked(tmp_path, second),
        ):
            pass
    with locked(tmp_path, "1-of-2"), locked(tmp_path, "2-of-2"):
        pass


def test_keys_tell_arguments_apart_and_not_where_they_come_from():
    task = batch.Task("descend_chunk", (2, 2, 0, 8, PROTOCOL))
    others = [
        (2, 2, 0, 9, PROTOCOL),
        (2, 2, 8, 8, PROTOCOL),
        (2, 2, 0, 8, Protocol(seed=4, floor_steps=3000)),
    ]
    assert len({batch.key(task), *(batch.key(batch.Task("descend_chunk", other)) for other in others)}) == 4
    result = runs.descend_chunk(*task.arguments)
    again = batch.unpack(batch.pack(result))
    assert batch.key(batch.Task("look", (again,))) == batch.key(batch.Task("look", (result,)))


def test_the_command(relucert, tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    command = ("grid", "--k", "2", "--extra", "0,1", "--runs", "8", "--jobs", "1", "-o", tmp_path / "s")
    code, out, _ = relucert(*command, "--dry-run", "--json")
    assert code == 0 and len(json.loads(out)["left"]) == 2
    code, out, _ = relucert(*command, "--json")
    lines = {x["n"]: x["kinds"] for x in map(json.loads, out.splitlines())}
    assert code == 0 and lines == {2: {"global-minimum": 8}, 3: {"below-floor": 8}}
    code, out, _ = relucert(*command)
    assert code == 0 and "100%" not in out and "done" in out
    code, out, _ = relucert(*command, "--dry-run")
    assert code == 0 and "nothing" in out
    code, _, err = relucert(*command[:-1], tmp_path / "s", "--seed", "5")
    assert code == 2 and "another protocol" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--k", "6:"), "expected numbers or ranges"),
        (("--k", "8:6"), "is empty"),
        (("--k", "0"), "at least 1"),
        (("--k", "2", "--shard", "3/2"), "expected I/N"),
        (("--k", "2", "--tolerance", "-1"), "tolerance"),
    ],
)
def test_usage(relucert, tmp_path, monkeypatch, arguments, message):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    code, _, err = relucert("grid", *arguments, "-o", tmp_path / "s")
    assert code == 2 and message in " ".join(err.split())


@pytest.mark.parametrize("seed", [2**53 + 1, 2**70 + 1])
def test_a_seed_of_any_size_works_through_to_the_report(relucert, tmp_path, monkeypatch, seed):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    without_processes(monkeypatch)
    command = ("grid", "--k", 2, "--runs", 3, "--seed", seed, "--max-steps", 20_000, "--jobs", 1)
    assert relucert(*command)[0] == 0
    assert relucert(*command)[0] == 0  # the same study, finished
    assert relucert("audit", "study/certificates")[0] == 0
    code, out, err = relucert("report", "study", "--format", "md")
    assert code == 0, err
    assert str(seed) in out
    assert relucert("report", "study", "-o", "report.html")[0] == 0
    assert str(seed) in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_shards_cover_everything_once():
    from relucert.study.commands import _share

    grid = [Row(k, k + extra, 10) for k in range(6, 21) for extra in (0, 1)]
    parts = [_share(f"{i}/4", grid)[1] for i in (1, 2, 3, 4)]
    assert sorted(row for part in parts for row in part) == sorted(grid)


def test_a_full_disk_is_named_and_nothing_is_lost(relucert, tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    command = ("grid", "--k", "2", "--runs", "8", "--jobs", "1", "-o", tmp_path / "s")
    written, write = [], store.write

    def full(path, data, mode=0o644):
        written.append(path)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write(path, data, mode)

    without_processes(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", full)
        code, _, err = relucert(*command)
    assert code == 4 and "No space left" in err
    assert relucert(*command)[0] == 0
    (tmp_path / "file").write_text("")
    assert relucert(*command[:-1], tmp_path / "file")[0] == 2
