"""How far an audit is, on standard error: a bar on a terminal, elsewhere a line a minute. A file that is alone gets
its first line after two seconds: what this process does then is what it was told last, by `at`."""

import sys
import time
from threading import Event, Thread
from types import TracebackType
from typing import ClassVar

FIRST, MINUTE = 2.0, 60.0
BAR = 30  # characters


class Progress:
    """done files of total; entered, it speaks until it is left."""

    work: ClassVar[dict[str, str]] = {}  # of this process: what it does, by kind

    def __init__(self, total: int) -> None:
        self.done, self.total, self.begun = 0, total, time.monotonic()
        self.terminal, self.over = sys.stderr.isatty(), Event()

    def __enter__(self) -> "Progress":
        if self.total == 1 or not self.terminal:
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
        pause = FIRST if self.total == 1 else MINUTE
        while not self.over.wait(pause):
            now = ", ".join(self.work.values()) if self.total == 1 else ""
            sys.stderr.write(f"note: {self.said()}{': ' * bool(now)}{now}\n")
            sys.stderr.flush()
            pause = MINUTE


def at(kind: str, text: str) -> None:
    """What this process does now; of each kind the last counts."""
    Progress.work[kind] = text


def duration(seconds: float) -> str:
    """In whole minutes, or seconds below one."""
    return f"{seconds:.0f} s" if seconds < MINUTE else f"{seconds / MINUTE:.0f} min"
