"""Where the command line prints: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console as RichConsole
from rich.markup import escape
from rich.text import Text

from relucert.base.visible import visible

USAGE, MISSING, RESOURCES, INCONCLUSIVE, INTERRUPTED = 2, 3, 4, 5, 130  # exit codes
STYLES = {
    "spurious-minimum": "bold green",
    "strict-saddle": "bold cyan",
    "inconclusive": "bold yellow",
}  # verdicts


class Console(RichConsole):
    """Every string that is printed, in tables too, passes here: no character of a file steers the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text, keep="\n\t"), **options)


messages = Console(stderr=True, highlight=False, soft_wrap=True)
output = Console(highlight=False, soft_wrap=True)

__all__ = ["STYLES", "Bar", "Live", "escape", "fail", "messages", "output", "print_json", "print_outcome"]


def fail(message: str, code: int) -> int:
    """Prints an error; returns the exit code."""
    messages.print(f"[bold red]error:[/bold red] {escape(message)}")
    return code


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    print(json.dumps(value).replace("\x7f", "\\u007f"), flush=True)  # noqa: T201


def print_outcome(name: str, verdict: str, where: str, summary: str) -> None:
    """A verdict by its name for people, what it is about, and the main numbers."""
    output.print(f"[{STYLES.get(verdict, 'bold')}]{name}[/{STYLES.get(verdict, 'bold')}]  {escape(where)}")
    for line in summary.splitlines():
        output.print(f"  {line}", markup=False)


class Bar:
    """A progress bar on a terminal, nothing elsewhere; entering it gives advance(done, total)."""

    def __init__(self, title: str, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        # Results are printed while the bar is there: on a terminal both go through one console, and where
        # standard output is a pipe nothing but results may enter it.
        shared = output.is_terminal
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=output if shared else messages, disable=not (shared or messages.is_terminal),
            transient=True, redirect_stdout=shared, redirect_stderr=False,
        )  # fmt: skip
        self.task = self.progress.add_task(title, total=total)

    def __enter__(self) -> Any:
        self.progress.start()
        return lambda done, total: self.progress.update(self.task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self.progress.stop()


class Live:
    """Something that is drawn again and again on a terminal; elsewhere only its notes, as lines."""

    def __init__(self) -> None:
        from rich.live import Live as RichLive

        self.shown = (
            RichLive(console=messages, transient=True, auto_refresh=False) if messages.is_terminal else None
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
