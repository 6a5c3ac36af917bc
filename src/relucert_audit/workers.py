"""Processes that check certificates: they end with this one, and when nobody waits for them any more."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any


class Workers(ProcessPoolExecutor):
    def __init__(self, jobs: int) -> None:
        super().__init__(jobs, get_context("spawn"), follow)

    def submit(self, *arguments: Any, **named: Any) -> Any:
        """The first starts the processes, which never get Ctrl-C: it is for their parent."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
        try:
            return super().submit(*arguments, **named)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def shutdown(self, wait: bool = True, **_: Any) -> None:
        """Ends the processes, whatever they do."""
        running: list[Any] = list((self._processes or {}).values())
        manager: Any = self._executor_manager_thread
        super().shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()
        if wait and manager is not None:
            manager.join()


def follow() -> None:
    """End this worker with its parent, also one that is killed."""
    parent: Any = parent_process()
    Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
