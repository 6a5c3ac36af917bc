"""Processes that work for this one and end with it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from typing import Any, TypeAlias

Pool: TypeAlias = Callable[[], Executor]


def processes(jobs: int) -> Pool:
    """A pool of processes that import everything anew, each with one thread for linear algebra."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # the workers read it
    return lambda: ProcessPoolExecutor(jobs, get_context("spawn"), _worker)


def _worker() -> None:
    """Ctrl-C is for the parent, and a worker ends with its parent, also one that is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent: Any = parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
