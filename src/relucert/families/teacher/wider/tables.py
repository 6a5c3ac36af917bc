"""What is claimed about wider networks, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from rich.table import Table

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most
from relucert.families.teacher.wider.words import STRICT_SADDLE

PLURALS = {STRICT_SADDLE: "strict saddles", "degenerate-minimum": "degenerate minima"}
SIDES = {"same": "same sign", "opposite": "opposite signs"}
SHOWN = 12  # characters of a digest


def neurons(claim: Json) -> Table:
    """A line for each neuron, or kind of neurons, of a claim about splits: eigenvalues are those in dimension d."""
    eigenvalues = f"S_i across w_i\nin dimension {claim['problem']['d']}"
    table = _table("neuron", "same sign", eigenvalues, "opposite signs", eigenvalues)
    for row, numbers in zip(claim["splits"], claim["bounds"]["splits"], strict=True):
        cells = [x for side in SIDES for x in _side(row.get(side), numbers.get(side), side)]
        table.add_row(str(row["neuron"]), *cells)
    return table


def _side(verdict: str | None, number: Json | None, side: str) -> tuple[str, str]:
    if verdict is None or number is None:
        return "", ""
    above = (verdict == STRICT_SADDLE) == (side == "opposite")
    which = "one" if verdict == STRICT_SADDLE else "all"
    return PLURALS[verdict], f"{which} " + (f">= {at_least(number)}" if above else f"<= {at_most(number)}")


def overview(made: Sequence[tuple[Json, Path]]) -> Table:
    """A line for each certificate."""
    table = _table("k", "n", "loss", "claim", "barrier", "certificate")
    for claim, path in made:
        bounds, problem = claim["bounds"], claim["problem"]
        barrier = at_least(bounds["barrier"]) if "barrier" in bounds else ""
        cells = problem["k"], problem["n"], at_most(bounds["objective"][1]), _said(claim), barrier
        table.add_row(*map(str, cells), f"{path.name[:SHOWN]}..")
    return table


def _said(claim: Json) -> str:
    if "splits" in claim:
        return _counted(counts_of(claim))
    if "target" in claim:
        return f"target {claim['target']} lowers the loss by {at_least(claim['bounds']['decrease'])}"
    return str(claim["verdict"]).replace("-", " ")


Counts: TypeAlias = Counter[tuple[str, str]]  # by side and verdict


def counts_of(claim: Json) -> Counts:
    """Of a claim about splits; at a symmetric point each kind counts with its neurons."""
    counts: Counts = Counter()
    for row in claim["splits"]:
        for side in SIDES:
            if side in row:
                counts[side, row[side]] += _members(claim, row["neuron"])
    return counts


def _counted(counts: Counts) -> str:
    sides = []
    for side, title in SIDES.items():
        found = ", ".join(f"{counts[side, x]} {name}" for x, name in PLURALS.items() if counts[side, x])
        sides += [f"{title}: {found}"] if found else []
    return "; ".join(sides)


def _members(claim: Json, number: int) -> int:
    point = claim["point"]
    if not isinstance(point, dict) or number > len(point["class_sizes"]):
        return 1
    return int(point["class_sizes"][number - 1])


def total(claims: Sequence[Json]) -> str:
    """All of them together, in a line."""
    counts: Counts = Counter()
    kinds: Counter[str] = Counter()
    for claim in claims:
        if "splits" in claim:
            counts += counts_of(claim)
        else:
            kinds["no minima with a neuron at 0" if "target" in claim else _said(claim)] += 1
    parts = [_counted(counts)] if counts else [f"{count} {kind}" for kind, count in kinds.items()]
    return f"{len(claims)} certificates; " + "; ".join(parts)


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    return table
