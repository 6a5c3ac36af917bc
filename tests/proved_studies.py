"""A study of two tiny rows, and the proofs of its runs, without processes."""

import json
from concurrent.futures import Executor, Future
from contextlib import nullcontext

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.study import batch, proofs
from relucert.study.batch import Row, Study
from relucert.study.runs import Protocol

ROWS = [Row(2, 2, 12), Row(2, 3, 4)]
PROTOCOL = Protocol(seed=3, floor_steps=3000)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Here(Executor):
    """Runs each task when it is submitted."""

    def __init__(self):
        self.calls = 0

    def submit(self, function, task):
        self.calls += 1
        future = Future()
        future.set_result(function(task))
        return future


def without_processes(patch):
    """From now on `relucert grid` does its tasks in this process: others take seconds to start."""
    patch.setattr("relucert.study.commands._pool", lambda *_: nullcontext((Here, 2)))


def study(directory, warn=lambda _: None):
    found = Study(directory, PROTOCOL, KEY, warn)
    found.open()
    return found


def files(directory):
    return {p.relative_to(directory): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def row(directory, at=0):
    return json.loads((directory / "rows" / f"{ROWS[at].k}-{ROWS[at].n}.json").read_text())


def prove(found, asked, pool=Here, rows=ROWS):
    """All events of proving so many runs of each row, at most all."""
    left = {}
    for each in rows:
        whole = found.row(each)
        if proofs.complete(found, each, whole, min(asked, each.runs)):
            proofs.clean(found, each, whole)
        else:
            left[each] = whole

    def steps(found, each):
        return proofs.steps(found, each, left[each], min(asked, each.runs))

    return batch.run(found, list(left), pool, 4, batch.Work(steps, proofs.finish))
