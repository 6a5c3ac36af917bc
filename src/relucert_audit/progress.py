"""How far an audit is, on standard error: a bar on a terminal, elsewhere a line a minute."""

import sys
import time
from threading import Event, Thread
from types import TracebackType

MINUTE = 60.0
BAR = 30  # characters


class Progress:
    """done files of total; entered, it speaks until it is left."""

    def __init__(self, total: int) -> None:
        self.done, self.total, self.begun = 0, total, time.monotonic()
        self.terminal, self.over = sys.stderr.isatty(), Event()

    def __enter__(self) -> "Progress":
        if not self.terminal:
            Thread(target=self._lines, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.over.set()

    def advance(self) -> None:
        self.done = min(self.done + 1, self.total)
        if self.terminal and self.done < self.total:
            bar = f"[{'#' * (BAR * self.done // self.total):-<{BAR}}]"
            sys.stderr.write(f"{bar} {self.said()}\x1b[K\r")

    def said(self) -> str:
        """The estimate takes what is left to go on as what is done."""
        seconds = time.monotonic() - self.begun
        text = f"{self.done}/{self.total}, {duration(seconds)}"
        if not 0 < self.done < self.total:
            return text
        return f"{text}, about {duration(seconds * (self.total - self.done) / self.done)} left"

    def _lines(self) -> None:
        while not self.over.wait(MINUTE):
            sys.stderr.write(f"note: {self.said()}\n")
            sys.stderr.flush()


def duration(seconds: float) -> str:
    """In whole minutes, or seconds below one."""
    return f"{seconds:.0f} s" if seconds < MINUTE else f"{seconds / MINUTE:.0f} min"
