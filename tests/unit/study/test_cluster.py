"""A study on a dask cluster of which a worker is killed: the same results, nothing lost, nothing twice."""

import os
import signal
import warnings
from concurrent.futures import Executor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.base.pool import processes
from relucert.study import batch
from relucert.study.batch import Row, Study
from relucert.study.runs import Protocol

distributed = pytest.importorskip("distributed")

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
    list(batch.run(study(tmp_path / "alone"), ROWS, processes(2), 4))
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
