"""What `relucert grid` shows while it works."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from relucert.base.console import Live
from relucert.base.decimals import percent, share_percent

DECIDED = ("spurious-minimum", "local-minimum", "global-minimum", "below-floor", "strict-saddle")
HEADINGS = ("k", "n", "runs", "spurious", "global", "below floor", "saddle", "undecided", "families")
LOCAL = ("local",)  # minima, where it is not known that a lower loss is reached
ADDED = {"proved": "proved", "converges": "converging"}  # members of a row, and their columns


def cost(row: Any) -> float:
    """Seconds of one core, roughly, in proportion to n (n + k) k; with n > k runs are longer."""
    pairs = row.n * (row.n + row.k) * row.k * (3 if row.n > row.k else 1)
    return float(1.0 + row.runs / 1000 * (3.0 + 0.0025 * pairs))


def proof_cost(row: Any, asked: int) -> float:
    """The same for so many proofs: some 300 k steps a run, each of 0.6 ms at (6, 6) and 12 ms at (20, 20)."""
    steps = 300 * row.k * (3 if row.n > row.k else 1)
    return float(asked * steps * 0.0006 * (row.n * row.k / 36) ** 1.25)


def converging_cost(row: Any, asked: int) -> float:
    """The same for so many runs that go on, for some 500,000 steps."""
    return float(asked * (0.05 + 0.0005 * row.n * (row.n + row.k) * row.k))


@dataclass
class Later:
    """What is done with finished rows: with `asked` runs of each. rows: where it is not done yet.

    work: a module with complete, steps, finish. key, doing: what --dry-run calls it. said: of a row where it is done.
    """

    work: Any
    asked: int
    rows: set[Any]
    cost: Callable[[Any, int], float]
    key: str
    doing: str
    said: Callable[[dict[str, Any]], str]

    def seconds(self) -> float:
        """Of one core, roughly."""
        return sum(self.cost(row, self.asked) for row in self.rows)


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


class Table(Live):
    """A live table on a terminal, a line at a time elsewhere: what is done, what is found, the time left.

    finished: decided rows.
    """

    def __init__(self, rows: list[Any], finished: dict[Any, dict[str, Any]], later: Sequence[Later]) -> None:
        self.rows, self.finished, self.later = rows, dict(finished), later
        self.under_way: dict[Any, Any] = {}
        self.began = time.monotonic()
        self.todo = self.left()
        super().__init__()

    def take(self, event: Any, of: Later | None) -> None:
        """of: what is done with finished rows, or None, where rows are decided."""
        self.under_way[event.row] = event
        if event.finished is not None:
            self.finished[event.row] = event.finished
            if of is not None:
                of.rows.discard(event.row)
            said = (ends if of is None else of.said)(event.finished)
            self.note(f"k = {event.row.k}, n = {event.row.n}: {said}")
        self.refresh()

    def done(self, row: Any) -> bool:
        """Nothing is left to do with it."""
        return row in self.finished and all(row not in each.rows for each in self.later)

    def left(self) -> float:
        """Seconds of one core, roughly."""
        undecided = sum(cost(row) for row in self.rows if row not in self.finished)
        return undecided + sum(each.seconds() for each in self.later)

    def time_left(self) -> str:
        """In proportion to the estimated cost of what is done."""
        left = self.left()
        done = self.todo - left
        if not left:
            return ""
        return "" if done <= 0 else duration((time.monotonic() - self.began) * left / done) + " left"

    def render(self) -> Any:
        from rich.table import Table as RichTable

        added = [name for name in ADDED if any(name in found for found in self.finished.values())]
        local = LOCAL if any("local-minimum" in found["kinds"] for found in self.finished.values()) else ()
        table = RichTable(box=None, pad_edge=False, caption=self.time_left())
        for title in (*HEADINGS, *local, *(ADDED[name] for name in added)):
            table.add_column(title, justify="right")
        table.add_column("")
        for row in self.rows:
            found = self.finished.get(row)
            cells = [""] * (len(HEADINGS) - 3) if found is None else _cells(found, row.runs)
            cells += [str(found["kinds"].get("local-minimum", 0)) if found else ""] if local else []
            cells += [_cell(found, name) for name in added]
            table.add_row(str(row.k), str(row.n), str(row.runs), *cells, self.state(row))
        return table

    def state(self, row: Any) -> str:
        event = self.under_way.get(row)
        if self.done(row):
            return "done"
        if event is None or event.finished is not None:
            return "waiting"
        return event.error or f"{event.stage.replace('_', ' ')}: {event.done} of {event.known}"


def _cells(found: dict[str, Any], runs: int) -> list[str]:
    kinds = found["kinds"]
    return [
        f"{share_percent(kinds.get('spurious-minimum', 0), runs)}%",
        *(
            str(kinds.get(kind, 0))
            for kind in ("global-minimum", "below-floor", "strict-saddle", "undecided")
        ),
        str(len(found["families"])),
    ]


def _cell(found: dict[str, Any] | None, name: str) -> str:
    """Of how many runs it is done, of those of which it was to be done."""
    added = None if found is None else found.get(name)
    if added is None:
        return ""
    if name == "converges":
        return f"{added['converging']}/{added['below_floor']}"
    return f"{added['asked'] - added['kinds'].get('not-proved', 0)}/{added['asked']}"


def ends(found: dict[str, Any]) -> str:
    """Where the runs of a decided row ended."""
    kinds = found["kinds"]
    return ", ".join(f"{kinds[kind]} {kind}" for kind in (*DECIDED, "undecided") if kinds.get(kind))


def proofs(found: dict[str, Any]) -> str:
    """What is proved of its runs from their starts."""
    kinds, bounds = found["proved"]["kinds"], found["proved"]["spurious"]
    proved = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    low, high, level = (percent(bounds[name]) for name in ("low", "high", "confidence"))
    share = f"at least {low}%" if found["n"] > found["k"] else f"{low}% to {high}%"  # study-v1.md section 5
    return (
        f"proved from the start: {proved}; probability of a spurious end {share} ({level}%, if the starts are "
        "independent Gaussian draws and their number was fixed before)"
    )


def converging(found: dict[str, Any]) -> str:
    """What is proved of the points that its runs below the floor come to."""
    part = found["converges"]
    return (
        f"of the {part['below_floor']} runs below the floor among the {part['asked']} chosen, {part['converging']} "
        "came, in floating point, to a point from which exact gradient descent is proved to converge to a global "
        "minimum"
    )
