"""A study on a dask cluster of which a worker is killed: the same results, nothing lost, nothing twice; and addresses
at which there is no cluster."""

import os
import signal
import socket
import warnings
from concurrent.futures import Executor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proved_studies import Here
from relucert.study import batch
from relucert.study.batch import Row, Study
from relucert.study.runs import Protocol

distributed = pytest.importorskip("distributed")
dask_config = pytest.importorskip("dask.config")

ROWS = [Row(2, 2, 300), Row(3, 3, 200), Row(2, 3, 40)]
PROTOCOL = Protocol(seed=5, floor_steps=2000)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def files(directory):
    return {p.relative_to(directory): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def study(directory):
    found = Study(directory, PROTOCOL, KEY)
    found.open()
    return found


class Counting(Executor):
    """Remembers what was submitted."""

    def __init__(self, inner, submitted):
        self.inner, self.submitted = inner, submitted

    def submit(self, function, task):
        self.submitted.append(batch.key(task))
        return self.inner.submit(function, task)

    def shutdown(self, *arguments, **options):
        self.inner.shutdown(*arguments, **options)


@pytest.mark.filterwarnings("ignore")  # of the cluster: ports, and the worker that is killed
def test_a_killed_worker(tmp_path):
    list(batch.run(study(tmp_path / "alone"), ROWS, Here, 4))
    submitted, killed = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
            distributed.Client(cluster) as client,
        ):
            pool = lambda: Counting(client.get_executor(), submitted)  # noqa: E731
            workers = sorted(client.run(os.getpid).values())
            assert len(workers) == 2
            for event in batch.run(study(tmp_path / "cluster"), ROWS, pool, 4):
                assert event.error is None
                if not killed:
                    os.kill(workers[0], signal.SIGKILL)
                    killed.append(workers[0])
    assert killed
    assert files(tmp_path / "cluster") == files(tmp_path / "alone")
    assert len(submitted) == len(set(submitted))  # the cluster, not the study, did the lost task again


@pytest.fixture
def grid(relucert, tmp_path, monkeypatch):
    """Runs a small grid on the scheduler at an address, which gets little time to answer."""
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("relucert.study.cluster.GREETING", 1)

    def run(address):
        with dask_config.set({"distributed.comm.timeouts.connect": "1s"}):
            return relucert("grid", "--k", 2, "--runs", 2, "--dask", address, "-o", tmp_path / "study")

    return run


@pytest.mark.parametrize(
    "address",
    [
        "nonsense", "", "tcp://127.0.0.1:1", "127.0.0.1:1", "tcp://127.0.0.1:x", "tcp://[::1", "foo://bar:1",
        "http://127.0.0.1:8787", "inproc://x", "tls://127.0.0.1:1",
    ],
)  # fmt: skip
def test_an_address_without_a_scheduler_is_named_with_the_remedy(grid, tmp_path, address):
    code, out, err = grid(address)
    last = err.splitlines()[-1]
    assert (code, out) == (2, "") and "Traceback" not in err
    assert last.startswith(f"error: --dask {address!r}: ")
    assert "expected the address of a running scheduler" in last
    assert not list((tmp_path / "study/rows").iterdir())


def test_a_server_that_is_no_scheduler_is_not_waited_for(grid):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        code, _, err = grid(f"tcp://127.0.0.1:{silent.getsockname()[1]}")
    assert code == 2 and "whoever is there does not answer as a scheduler does" in err


@pytest.mark.filterwarnings("ignore")  # of the cluster: ports
def test_the_command_takes_the_address_of_a_cluster(grid, tmp_path):
    options = {"threads_per_worker": 1, "dashboard_address": None, "processes": False, "protocol": "tcp://"}
    with distributed.LocalCluster(1, **options) as cluster:
        code, _, err = grid(cluster.scheduler_address)
    assert code == 0, err
    assert (tmp_path / "study/rows/2-2.json").exists()
