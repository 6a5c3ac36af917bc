"""Processes that work for this one and end with it. What starts them is imported when some are asked for."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from multiprocessing.connection import Connection

Pool: TypeAlias = "Callable[[], Executor]"
Given = TypeVar("Given")
Made = TypeVar("Made")


def processes(jobs: int, *told: Connection) -> Pool:
    """A pool of processes that import everything anew, each with one thread for linear algebra. Shut down, it ends them
    whatever they do. told: where `_tell` says what they do."""
    from multiprocessing import get_context

    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # the workers read it
    return lambda: _workers()(jobs, get_context("spawn"), _worker, told)


def each(
    work: Callable[[Given], Made], items: Sequence[Given], jobs: int, fewest: int = 2, *, apart: bool = False
) -> Generator[Made, None, None]:
    """work(item) for each item, in order; in this process if jobs is 1 or there are fewer than `fewest` items, unless
    `apart`: of what a library may hold for long, or end with its process.

    Otherwise in processes: `work`, the items and what is made of them have to be such as can be pickled. Closed
    early, it drops what is not finished.
    """
    if not apart and (jobs == 1 or len(items) < fewest):
        yield from map(work, items)
        return
    pool = processes(min(jobs, len(items)))()
    try:
        yield from pool.map(work, items)
    finally:
        pool.shutdown()


def aloud(
    work: Callable[[Given, Callable[[str], None]], Made], item: Given, say: Callable[[str], None]
) -> Made:
    """work(item, say) in a process of its own, as with `each`; what it says is said here."""
    from multiprocessing import Pipe

    here, there = Pipe(duplex=False)
    pool = processes(1, there)()
    try:
        made = pool.submit(_tell, work, item)
        there.close()  # now the process alone has it, and here it ends with the work or the process
        with here, suppress(EOFError):
            while True:
                say(here.recv())
        return made.result()
    finally:
        pool.shutdown()


def _tell(work: Callable[[Given, Callable[[str], None]], Made], item: Given) -> Made:
    with _told[0] as there:
        return work(item, there.send)


_told: list[Connection] = []  # of a worker


@cache
def _workers() -> Any:
    from concurrent.futures import ProcessPoolExecutor

    class Workers(ProcessPoolExecutor):
        def submit(self, *arguments: Any, **named: Any) -> Any:
            with _undisturbed():  # the first starts the processes
                return super().submit(*arguments, **named)

        def shutdown(self, wait: bool = True, **_: Any) -> None:
            """What nobody waits for any more is not worth waiting for."""
            running: list[Any] = list((self._processes or {}).values())
            manager: Any = self._executor_manager_thread
            super().shutdown(wait=False, cancel_futures=True)
            for process in running:
                process.terminate()
            if wait and manager is not None:
                manager.join()

    return Workers


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What this thread starts here never gets Ctrl-C, which is for the parent."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _worker(*told: Connection) -> None:
    """A worker ends with its parent, also one that is killed."""
    from multiprocessing import parent_process

    _told.extend(told)
    parent: Any = parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
