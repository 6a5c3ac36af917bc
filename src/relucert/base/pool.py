"""Processes that work for this one and end with it. What starts them is imported when some are asked for."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor

Pool: TypeAlias = "Callable[[], Executor]"
Given = TypeVar("Given")
Made = TypeVar("Made")


def processes(jobs: int) -> Pool:
    """A pool of processes that import everything anew, each with one thread for linear algebra."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # the workers read it
    return lambda: ProcessPoolExecutor(jobs, get_context("spawn"), _worker)


def each(
    work: Callable[[Given], Made], items: Sequence[Given], jobs: int, fewest: int = 2
) -> Generator[Made, None, None]:
    """work(item) for each item, in order; in this process if jobs is 1 or there are fewer than `fewest` items.

    Otherwise in processes: `work`, the items and what is made of them have to be such as can be pickled. Closed
    early, it drops what has not begun.
    """
    if jobs == 1 or len(items) < fewest:
        yield from map(work, items)
        return
    pool = processes(min(jobs, len(items)))()
    try:
        yield from pool.map(work, items)
    finally:
        pool.shutdown(cancel_futures=True)


def _worker() -> None:
    """Ctrl-C is for the parent, and a worker ends with its parent, also one that is killed."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent: Any = parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
