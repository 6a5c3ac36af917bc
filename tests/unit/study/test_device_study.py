"""A study whose runs are moved by PyTorch: decided as any other."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.families.teacher.search.device import Device
from relucert.study import batch, files
from relucert.study.batch import Row, Study, Task
from relucert.study.beside import Beside
from relucert.study.runs import Protocol
from relucert_audit.command import audit
from relucert_audit.trust import Trust

ROWS = [Row(2, 2, 24), Row(2, 3, 8)]
PROTOCOL = Protocol(seed=3, floor_steps=3000)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CPU = Device("cpu", 10)


class Counting(ThreadPoolExecutor):
    """Remembers which tasks it was given."""

    def __init__(self):
        super().__init__(1)
        self.names = []

    def submit(self, function, task):
        self.names.append(task.name)
        return super().submit(function, task)


def decided(directory, work, many, one):
    study = Study(directory, PROTOCOL, KEY)
    study.open()
    events = list(batch.run(study, ROWS, lambda: Beside(lambda: many, lambda: one), 4, work))
    assert [event.error for event in events if event.error] == []
    return [json.loads((directory / "rows" / f"{row.k}-{row.n}.json").read_text()) for row in ROWS]


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed; `make test-torch` runs these tests")


def test_every_run_is_decided_as_without_the_device(torch, tmp_path):
    many, one = Counting(), Counting()
    found = decided(tmp_path / "torch", batch.deciding(CPU), many, one)
    assert set(one.names) == {"descend_chunk", "onward"} and not set(one.names) & set(many.names)
    assert one.names.count("descend_chunk") == 2  # all runs of a row together
    plain = decided(tmp_path / "plain", batch.DECIDE, Counting(), Counting())
    for row, other in zip(found, plain, strict=True):
        assert row["kinds"] == other["kinds"] and "undecided" not in row["kinds"]
        assert row["per_run"]["family"] == other["per_run"]["family"]
        near = zip(row["per_run"]["loss"], other["per_run"]["loss"], strict=True)
        assert all(abs(a - b) < 1e-8 for a, b in near)
    for path in (tmp_path / "torch/certificates").glob("*.json"):
        assert audit(path, trust=Trust(), now=datetime.now(UTC))["result"] == "accepted"
        assert json.loads(path.read_text())["statement"]["provenance"]["search"]["device"] == "cpu"


def test_results_of_another_device_or_batch_are_other_results():
    arguments = 2, 2, 0, 8, PROTOCOL
    keys = {
        files.key(Task("descend_chunk", (*arguments, *on)))
        for on in ((), (CPU,), (Device("cpu"),), (Device("cuda", 10),))
    }
    assert len(keys) == 4


def test_the_command(torch, relucert, tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    command = (
        "grid",
        "--k",
        "2",
        "--extra",
        "0",
        "--runs",
        "8",
        "--jobs",
        "1",
        "-o",
        tmp_path / "s",
        "--json",
    )
    code, out, _ = relucert(*command, "--device", "cpu", "--batch", "5")
    assert (code, json.loads(out)["kinds"]) == (0, {"global-minimum": 8})
    assert relucert(*command)[:2] == (0, out)  # a finished row is finished on any device


def test_not_with_a_cluster(torch, relucert, tmp_path):
    code, _, err = relucert(
        "grid", "--k", "2", "--device", "cpu", "--dask", "tcp://127.0.0.1:1", "-o", tmp_path
    )
    assert code == 2 and "--device does not apply with --dask" in err
