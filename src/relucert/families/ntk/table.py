"""How often training to zero loss is proved for random data, labels and starts: counted, not certified.

A cell is a size of the problem; its runs differ in the seed. Every run is decided by Theorem 14.D or 14.W of
docs/theorem/ntk.md; that so many of them are proved is what this computer saw, and no certificate says it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.base import store
from relucert.base.dyadic import Dyadic, canonical
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.base.seeded import PLACES, gaussians
from relucert.certificate.numbers import Json
from relucert.certificate.provenance import versions
from relucert.certificate.signing import pre_authentication_encoding
from relucert.families.ntk import deep_prove, shallow_prove
from relucert.families.ntk.deep_problem import Architecture, DeepTraining
from relucert.families.ntk.shallow_problem import Seeded, Start, Training

TWO_LAYER, RELU = "two-layer", "relu"
UNIT_PLACES = 53  # of the entries of unit vectors
RUN_TYPE = "application/vnd.relucert.wide-network-run.v2"
SEAL = 64  # bytes of an Ed25519 signature
PROVED, OPEN = "proved", "open"


class Cell(NamedTuple):
    """n rows in dimension d, m neurons a layer. depth: number of hidden layers, all trained; 0 for the two-layer ReLU
    network, whose first layer is trained."""

    n: int
    d: int
    m: int
    depth: int
    activation: str


class Run(NamedTuple):
    cell: Cell
    seed: int


class Outcome(NamedTuple):
    """steps: after how many the theorem was applied for the last time."""

    proved: bool
    steps: int


@dataclass(frozen=True)
class Count:
    """outcomes: of all runs of a cell."""

    cell: Cell
    outcomes: tuple[Outcome, ...]

    @property
    def steps(self) -> list[int]:
        """Of the runs that are proved."""
        return [x.steps for x in self.outcomes if x.proved]

    @property
    def share(self) -> float:
        return len(self.steps) / len(self.outcomes)


def cells(
    ns: Iterable[int], ds: Iterable[int], ms: Iterable[int], depths: Iterable[int], activation: str
) -> list[Cell]:
    """All combinations, depths outermost. Raises InputError for one that cannot be tried."""
    found = [
        Cell(n, d, m, depth, activation if depth else RELU)
        for depth in depths for n in ns for d in ds for m in ms
    ]  # fmt: skip
    for cell in found:
        try:
            if cell.d < 2:
                raise InputError("in dimension below 2 unit vectors are parallel")
            problem(Run(cell, 0))
        except InputError as error:
            raise InputError(f"n = {cell.n}, d = {cell.d}, m = {cell.m}: {error}") from error
    return found


def problem(run: Run) -> Training | DeepTraining:
    """Of a run, still without its step: unit vectors, labels, weights and signs, all by the one seed."""
    n, d, m, depth, activation = run.cell
    x, weights = unit_rows(n, d, run.seed), Seeded(run.seed)
    y = tuple(canonical(v, -PLACES) for v in gaussians("labels", run.seed, n))
    if depth == 0:
        return Training(x, y, m, Start(weights, run.seed), None)
    return DeepTraining(x, y, Architecture(activation, m, depth), weights, Fraction(1))


def unit_rows(n: int, d: int, seed: int) -> Rows:
    """n rows of d, nearly uniform on the sphere, cut to multiples of 2^-53."""
    numbers = gaussians("data", seed, n * d)
    return tuple(_unit(numbers[i : i + d]) for i in range(0, n * d, d))


def _unit(row: Sequence[int]) -> tuple[Dyadic, ...]:
    length = max(1, isqrt(sum(v * v for v in row) << 2 * UNIT_PLACES))
    return tuple(canonical((v << 2 * UNIT_PLACES) // length, -UNIT_PLACES) for v in row)


def decided(run: Run) -> Outcome:
    """With the default step, from the first number of steps at which the theorem is seen to apply."""
    try:
        of = problem(run)
        if isinstance(of, Training):
            net = of.net()
            shallow = shallow_prove.prove(replace(of, step=shallow_prove.default_step(net)), net, None)
            return Outcome(shallow.outcome.proved, shallow.steps)
        deep = deep_prove.prove(deep_prove.with_default_step(of), None)
        return Outcome(deep.outcome.proved, deep.steps)
    except InputError:  # data or a start that are refused: two rows alike, or outputs of 0
        return Outcome(proved=False, steps=0)


def outcomes(runs: Sequence[Run], executor: Executor | None) -> Iterator[tuple[Run, Outcome]]:
    """As they are decided, in any order."""
    if executor is None:
        yield from ((run, decided(run)) for run in runs)
        return
    waiting = {executor.submit(decided, run): run for run in runs}
    yield from ((waiting[done], done.result()) for done in as_completed(waiting))


class Kept:
    """Outcomes in a folder, a file each, sealed with the key that signs: what another has written is decided again."""

    def __init__(self, folder: Path, signer: Ed25519PrivateKey, warn: Callable[[str], None]) -> None:
        self.folder, self.signer, self.warn = folder, signer, warn
        store.prepare(folder)

    def load(self, run: Run) -> Outcome | None:
        path, name = self._path(run)
        try:
            seal, text = (whole := path.read_bytes())[:SEAL], whole[SEAL:]
            self.signer.public_key().verify(seal, _payload(name, text))
        except FileNotFoundError:
            return None
        except InvalidSignature:
            self.warn(f"{path}: not whole, or not sealed by the key that signs here; decided again")
            return None
        word, steps = text.decode().split()
        return Outcome(word == PROVED, int(steps))

    def save(self, run: Run, outcome: Outcome) -> None:
        path, name = self._path(run)
        text = f"{PROVED if outcome.proved else OPEN} {outcome.steps}".encode()
        store.write(path, self.signer.sign(_payload(name, text)) + text)

    def _path(self, run: Run) -> tuple[Path, str]:
        """The name says the run, and the versions that decide it."""
        text = json.dumps([*run.cell, run.seed, versions()])
        name = hashlib.sha256(text.encode()).hexdigest()
        return self.folder / name, name


def _payload(name: str, text: bytes) -> bytes:
    return pre_authentication_encoding(RUN_TYPE, name.encode() + text)


def record(count: Count) -> Json:
    """A cell as JSON values; null where no run is proved."""
    cell, steps = count.cell, count.steps
    return {
        "n": cell.n, "d": cell.d, "m": cell.m, "depth": cell.depth or TWO_LAYER, "activation": cell.activation,
        "runs": len(count.outcomes), "proved": len(steps), "share": count.share,
        "steps_median": statistics.median_high(steps) if steps else None,
        "steps_largest": max(steps, default=None),
    }  # fmt: skip


def to_csv(counts: Sequence[Count]) -> str:
    """The table with a header, a row for each cell."""
    rows = [record(count) for count in counts]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
