"""Gradient descent by PyTorch, on a CPU or a GPU: the protocol of `descent`, many runs at a time. UNTRUSTED.

PyTorch (the extra "gpu") is imported when a device is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from relucert.base.errors import InputError
from relucert.families.teacher.search import descent
from relucert.families.teacher.search.descent import Integers, Runs
from relucert.families.teacher.search.states import DIVERGED, RUNNING

if TYPE_CHECKING:
    from relucert.families.teacher.search.lanes import Lanes

ROUND = 128  # steps between two looks at which runs have stopped
SHARE = 0.5  # of the free memory of a GPU: others use it too, and matrix products need some
MOST = 4096  # runs at a time on a GPU: more are hardly faster
CACHED = 2**22  # bytes of the runs under way on a CPU: what stays in its cache
NO_ROOM = ("allocate memory", "ALLOC_FAILED")  # in what PyTorch and CUDA say where memory is full
INSTALL = 'PyTorch is not installed: pip install "relucert[gpu]", or leave out --device'


class Missing(Exception):  # noqa: N818 - says what is not there
    """PyTorch, or the device, is not there; the message says the remedy."""


class Device(NamedTuple):
    """name: cpu, cuda or cuda:N. batch: runs at a time; None: as many as fit."""

    name: str
    batch: int | None = None


def check(device: Device) -> None:
    """Raises InputError for what is no device, Missing if it or PyTorch is not there."""
    name, _, number = device.name.partition(":")
    if not re.fullmatch(r"cpu|cuda(:[0-9]+)?", device.name):
        raise InputError(f"--device {device.name}: expected cpu, cuda or cuda:N")
    try:
        import torch
    except ModuleNotFoundError as error:
        raise Missing(INSTALL if error.name == "torch" else f"{error}, which PyTorch needs") from error
    except (ImportError, OSError) as error:
        raise Missing(f"PyTorch cannot be imported: {error}; install it anew (relucert[gpu])") from error
    if name == "cpu":
        return
    if not torch.cuda.is_available():
        raise Missing(
            f"--device {device.name}: PyTorch {torch.__version__} finds no GPU that it can use; take --device cpu, "
            "leave it out, or install a driver and a PyTorch with CUDA"
        )
    there = torch.cuda.device_count()
    if number and int(number) >= there:
        raise Missing(f"--device {device.name}: PyTorch finds {there} GPU(s), numbered from 0")


def settled(device: Device, n: int, k: int, d: int) -> Device:
    """The same device, with the number of runs at a time."""
    import torch

    from relucert.families.teacher.search.lanes import bytes_a_run

    if device.batch is not None:
        return device
    room = CACHED if device.name == "cpu" else int(SHARE * torch.cuda.mem_get_info(device.name)[0])
    return device._replace(batch=max(1, min(MOST, room // bytes_a_run(n, k, d))))


def facts(device: Device) -> dict[str, object]:
    """What the origin of a point should say beside the options of its run, as it decides about last digits."""
    import torch

    batch = {} if device.batch is None else {"batch": device.batch}
    return {"device": device.name, **batch, "torch": str(torch.__version__)}


def mover(device: Device | None) -> Callable[..., None]:
    """`descent.advance`, or that of a device."""
    return descent.advance if device is None else partial(advance, device=device)


def advance(
    runs: Runs,
    tolerance: float,
    which: Integers | None = None,
    *,
    device: Device,
    progress: Callable[[int, int], object] | None = None,
) -> None:
    """What `descent.advance` does, by PyTorch: `batch` runs are under way, and one that stops makes room for the next.

    Rounding is another than there, so weights differ in their last digits, also from batch to batch. Raises
    ValueError for a bad tolerance, or a network that is not the ReLU with output weights 1, MemoryError, with the
    remedy, if the batch does not fit.
    """
    import torch

    if runs.network is not None:
        raise ValueError("PyTorch descends on networks with output weights 1 and the ReLU only")
    live = descent.going_on(runs, tolerance, which)
    if not len(live):
        return
    n, (k, d) = runs.weights.shape[1], runs.targets.shape
    size = min(len(live), settled(device, n, k, d).batch or 1)
    with _memory(device, size), _one_thread(), torch.inference_mode():
        from relucert.families.teacher.search.lanes import Lanes

        _advance(runs, live, Lanes(runs.targets, n, size, device.name), size, tolerance, progress)


def _advance(
    runs: Runs, live: Integers, lanes: Lanes, size: int, tolerance: float,
    progress: Callable[[int, int], object] | None,
) -> None:  # fmt: skip
    """`live` are the entries that go on, of which the lanes take `size` at a time."""
    ceiling = np.zeros(len(runs.weights))
    ceiling[live] = descent.ceilings(runs, live)
    here, waiting = live[:size].copy(), live[size:]  # the entry in each lane

    def put(places: Integers) -> None:
        entries = here[places]
        lanes.put(
            places, runs.weights[entries], runs.step_size[entries], ceiling[entries], runs.left[entries]
        )

    put(np.arange(size))
    while len(here):
        lanes.advance(ROUND, descent.MARGIN * tolerance)
        state = lanes.states()
        stopped = np.flatnonzero(state != RUNNING)
        if len(stopped):
            entries = here[stopped]
            runs.weights[entries], runs.left[entries] = lanes.take(stopped)
            runs.state[entries] = state[stopped]
            descent.restart(runs, entries[state[stopped] == DIVERGED])
            ended = stopped[state[stopped] != DIVERGED]
            taken, empty = ended[: len(waiting)], ended[len(waiting) :]
            here[taken], waiting = waiting[: len(taken)], waiting[len(taken) :]
            put(np.setdiff1d(stopped, empty))
            if len(empty):
                stay = np.setdiff1d(np.arange(len(here)), empty)
                lanes.keep(stay)
                here = here[stay]
        if progress is not None:
            progress(len(live) - len(here) - len(waiting), len(live))


@contextmanager
def _memory(device: Device, size: int) -> Iterator[None]:
    """A failed allocation as a MemoryError that says what to do."""
    import torch

    try:
        yield
    except RuntimeError as error:
        full = isinstance(error, torch.cuda.OutOfMemoryError)
        if full or any(sign in str(error) for sign in NO_ROOM):
            said = f"{size} runs at a time do not fit on {device.name}; take --batch {max(1, size // 2)}"
            raise MemoryError(said) from error
        raise


@contextmanager
def _one_thread() -> Iterator[None]:
    """On the CPU: arrays that fit its cache gain little from more, and results would depend on their number."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
