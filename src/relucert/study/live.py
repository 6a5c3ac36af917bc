"""What `relucert grid` shows while it works."""

from __future__ import annotations

import time
from typing import Any

from relucert.base.console import Live
from relucert.base.decimals import percent

DECIDED = ("spurious-minimum", "local-minimum", "global-minimum", "below-floor", "strict-saddle")
HEADINGS = ("k", "n", "runs", "spurious", "global", "below floor", "saddle", "undecided", "families")
LOCAL = ("local",)  # minima, where it is not known that a lower loss is reached
PROOFS = ("proved",)


def cost(row: Any) -> float:
    """Seconds of one core, roughly, in proportion to n (n + k) k; with n > k runs are longer."""
    pairs = row.n * (row.n + row.k) * row.k * (3 if row.n > row.k else 1)
    return float(1.0 + row.runs / 1000 * (3.0 + 0.0025 * pairs))


def proof_cost(row: Any, asked: int | None) -> float:
    """The same for so many proofs: some 300 k steps a run, each of 0.6 ms at (6, 6) and 12 ms at (20, 20)."""
    steps = 300 * row.k * (3 if row.n > row.k else 1)
    return 0.0 if asked is None else float(asked * steps * 0.0006 * (row.n * row.k / 36) ** 1.25)


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


class Table(Live):
    """A live table on a terminal, a line at a time elsewhere: what is done, what is found, the time left.

    finished: decided rows. done: those of which no run is left to be proved, if so many are asked for.
    """

    def __init__(
        self, rows: list[Any], finished: dict[Any, dict[str, Any]], done: set[Any], asked: int | None
    ) -> None:
        self.rows, self.finished, self.done, self.asked = rows, dict(finished), set(done), asked
        self.under_way: dict[Any, Any] = {}
        self.began = time.monotonic()
        self.todo = self.left()
        super().__init__()

    def take(self, event: Any, last: bool) -> None:
        """last: nothing comes after what this event is about."""
        self.under_way[event.row] = event
        if event.finished is not None:
            self.finished[event.row] = event.finished
            if last or self.asked is None:
                self.done.add(event.row)
            self.note(f"k = {event.row.k}, n = {event.row.n}: {_found(event.finished, last)}")
        self.refresh()

    def left(self) -> float:
        """Seconds of one core, roughly."""
        proofs = sum(proof_cost(row, self.asked) for row in self.rows if row not in self.done)
        return proofs + sum(cost(row) for row in self.rows if row not in self.finished)

    def time_left(self) -> str:
        """In proportion to the estimated cost of what is done."""
        left = self.left()
        done = self.todo - left
        if not left:
            return ""
        return "" if done <= 0 else duration((time.monotonic() - self.began) * left / done) + " left"

    def render(self) -> Any:
        from rich.table import Table as RichTable

        proofs = PROOFS if any("proved" in found for found in self.finished.values()) else ()
        local = LOCAL if any("local-minimum" in found["kinds"] for found in self.finished.values()) else ()
        table = RichTable(box=None, pad_edge=False, caption=self.time_left())
        for title in (*HEADINGS, *local, *proofs):
            table.add_column(title, justify="right")
        table.add_column("")
        for row in self.rows:
            found = self.finished.get(row)
            cells = [""] * (len(HEADINGS) - 3) if found is None else _cells(found, row.runs)
            cells += [str(found["kinds"].get("local-minimum", 0)) if found else ""] if local else []
            cells += _proof_cells(found) if proofs else []
            table.add_row(str(row.k), str(row.n), str(row.runs), *cells, self.state(row))
        return table

    def state(self, row: Any) -> str:
        event = self.under_way.get(row)
        if row in self.done:
            return "done"
        if event is None or event.finished is not None:
            return "waiting"
        return event.error or f"{event.stage.replace('_', ' ')}: {event.done} of {event.known}"


def _cells(found: dict[str, Any], runs: int) -> list[str]:
    kinds = found["kinds"]
    return [
        f"{100 * kinds.get('spurious-minimum', 0) / runs:.1f}%",
        *(
            str(kinds.get(kind, 0))
            for kind in ("global-minimum", "below-floor", "strict-saddle", "undecided")
        ),
        str(len(found["families"])),
    ]


def _proof_cells(found: dict[str, Any] | None) -> list[str]:
    proved = None if found is None else found.get("proved")
    if proved is None:
        return [""]
    return [f"{proved['asked'] - proved['kinds'].get('not-proved', 0)}/{proved['asked']}"]


def _found(found: dict[str, Any], proofs: bool) -> str:
    kinds = found["kinds"]
    if not proofs:
        return ", ".join(f"{kinds[kind]} {kind}" for kind in (*DECIDED, "undecided") if kinds.get(kind))
    kinds, bounds = found["proved"]["kinds"], found["proved"]["spurious"]
    ends = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    low, high, level = (percent(bounds[name]) for name in ("low", "high", "confidence"))
    share = f"at least {low}%" if found["n"] > found["k"] else f"{low}% to {high}%"  # study-v1.md section 5
    return (
        f"proved from the start: {ends}; probability of a spurious end {share} ({level}%, if the starts are "
        "independent Gaussian draws and their number was fixed before)"
    )
