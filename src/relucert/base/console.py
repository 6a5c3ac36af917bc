"""Where the command line prints: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from functools import cached_property
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn

from relucert.base.visible import visible

if TYPE_CHECKING:
    from rich.console import Console

USAGE, MISSING, RESOURCES, INCONCLUSIVE, INTERRUPTED, CLOSED_PIPE = 2, 3, 4, 5, 130, 141  # exit codes
MINUTE = 60.0  # seconds between lines about progress
STYLES = {
    "spurious-minimum": "bold green",
    "strict-saddle": "bold cyan",
    "inconclusive": "bold yellow",
}  # verdicts


def printable(text: str) -> str:
    """What no terminal takes for a command; tabs and ends of lines stay."""
    return visible(text, keep="\n\t")


def escape(text: str) -> str:
    """The text as markup that says just that."""
    from rich.markup import escape as escaped

    return escaped(text)


class Printer:
    """Prints to a console, which is made, and rich imported, when it is first needed: much that is started prints
    nothing, or plain text. No text sends it a control character, whatever file it comes from."""

    def __init__(self, stderr: bool = False) -> None:
        self.stderr = stderr

    @cached_property
    def console(self) -> Console:
        from rich.console import Console

        class Printing(Console):
            def print(self, *objects: Any, **options: Any) -> None:
                super().print(*(printable(x) if isinstance(x, str) else x for x in objects), **options)

            def on_broken_pipe(self) -> None:
                closed_pipe()

        return Printing(stderr=self.stderr, highlight=False, soft_wrap=True, emoji=False)

    @property
    def is_terminal(self) -> bool:
        return self.console.is_terminal

    def print(self, *objects: Any, **options: Any) -> None:
        self.console.print(*objects, **options)


def print_anywhere() -> None:
    """From now on what the encoding of a terminal or a pipe lacks is printed as its escape: \\xe9."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def closed_pipe() -> NoReturn:
    """Ends quietly, as SIGPIPE would: whoever reads has seen enough."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    try:
        sys.stderr.flush()
    except BrokenPipeError:  # what is left in it would change the exit code
        os.dup2(nowhere, sys.stderr.fileno())
    raise SystemExit(CLOSED_PIPE)


messages, output = Printer(stderr=True), Printer()

__all__ = [
    "STYLES",
    "Bar",
    "Lines",
    "Live",
    "escape",
    "fail",
    "messages",
    "output",
    "print_anywhere",
    "print_json",
    "print_outcome",
    "printable",
]


def fail(message: str, code: int) -> int:
    """Prints an error; returns the exit code."""
    messages.print(f"[bold red]error:[/bold red] {escape(message)}")
    return code


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    try:
        print(json.dumps(value), flush=True)  # noqa: T201
    except BrokenPipeError:
        closed_pipe()


def print_outcome(name: str, verdict: str, where: str, summary: str) -> None:
    """A verdict by its name for people, what it is about, and the main numbers."""
    output.print(f"[{STYLES.get(verdict, 'bold')}]{name}[/{STYLES.get(verdict, 'bold')}]  {escape(where)}")
    for line in summary.splitlines():
        output.print(f"  {line}", markup=False)


class Bar:
    """A progress bar on a terminal, elsewhere a line a minute; entering it gives advance(done, total)."""

    def __init__(self, title: str, total: int) -> None:
        self.title = title
        self.shown = (
            _Shown(title, total) if output.is_terminal or messages.is_terminal else Lines(title, total)
        )

    def __enter__(self) -> Any:
        self.shown.start()
        return self.shown.advance

    def say(self, text: str) -> None:
        """What is done now: beside the bar, or as a line."""
        self.shown.say(text)

    def __exit__(self, *_: object) -> None:
        self.shown.stop()


class _Shown:
    """On a terminal."""

    def __init__(self, title: str, total: int) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        # Results are printed while the bar is there: on a terminal both go through one console, and where
        # standard output is a pipe nothing but results may enter it.
        shared = output.is_terminal
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
            console=(output if shared else messages).console,
            transient=True, redirect_stdout=shared, redirect_stderr=False,
        )  # fmt: skip
        self.title, self.task = title, self.progress.add_task(title, total=total)
        self.start, self.stop = self.progress.start, self.progress.stop

    def advance(self, done: int, total: int) -> None:
        self.progress.update(self.task, completed=done, total=total)

    def say(self, text: str) -> None:
        self.progress.update(self.task, description=f"{self.title}: {escape(printable(text))}")


class Lines:
    """How far work is, as a line a minute on standard error, where there is no terminal."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.done, self.total = title, 0, total
        self.begun, self.ended = time.monotonic(), threading.Event()
        self.thread = threading.Thread(target=self._print, daemon=True)
        self.start, self.stop = self.thread.start, self.ended.set

    def advance(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def say(self, text: str) -> None:
        messages.print(f"{self.title}: {text}", markup=False)

    def line(self, seconds: float) -> str:
        """After so many seconds. The estimate takes what is left to go on as what is done."""
        said = f"{self.title}: {self.done} of {self.total}, {duration(seconds)} so far"
        if not 0 < self.done < self.total:
            return said
        return f"{said}, about {duration(seconds * (self.total - self.done) / self.done)} left"

    def _print(self) -> None:
        while not self.ended.wait(MINUTE):
            messages.print(self.line(time.monotonic() - self.begun), markup=False)


def duration(seconds: float) -> str:
    """In whole hours and minutes, or seconds: 2 h 5 min, 7 min, 40 s."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / MINUTE)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


class Live:
    """Something that is drawn again and again on a terminal; elsewhere only its notes, as lines."""

    def __init__(self) -> None:
        from rich.live import Live as RichLive

        self.shown = (
            RichLive(console=messages.console, transient=True, auto_refresh=False)
            if messages.is_terminal
            else None
        )

    def render(self) -> Any:
        raise NotImplementedError

    def refresh(self) -> None:
        if self.shown is not None:
            self.shown.update(self.render(), refresh=True)

    def note(self, text: str) -> None:
        if self.shown is None:
            messages.print(text, markup=False)

    def __enter__(self) -> Any:
        if self.shown is not None:
            self.shown.start()
            self.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown is not None:
            self.shown.stop()
