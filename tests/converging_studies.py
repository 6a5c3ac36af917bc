"""A study of one tiny row with n > k, whose runs go on from below the floor, without processes."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proved_studies import Here
from relucert.study import batch, converging
from relucert.study.batch import Row, Study
from relucert.study.runs import Protocol

ROW = Row(2, 3, 3)
PROTOCOL = Protocol(seed=1, step=0.5, floor_steps=3000, max_steps=200_000)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def study(directory, warn=lambda _: None, protocol=PROTOCOL):
    found = Study(directory, protocol, KEY, warn)
    found.open()
    return found


def onward(found, asked, pool=Here, each=ROW):
    """All events of so many runs of a row going on."""
    whole = found.row(each)
    left = [] if converging.complete(found, each, whole, asked) else [each]

    def steps(found, row):
        return converging.steps(found, row, whole, asked)

    return batch.run(found, left, pool, 4, batch.Work(steps, converging.finish))
