"""Every file about the designed landscape."""

from __future__ import annotations

from makers.landscape.accepted import accepted
from makers.landscape.malformed import malformed
from makers.landscape.minima import rejected_minima
from makers.landscape.points import rejected_points
from makers.landscape.put import Files, Put
from makers.landscape.rejected import rejected


def add(put: Put) -> None:
    files = Files(put)
    made = accepted(files)
    rejected(files, made)
    rejected_minima(files, made)
    rejected_points(files, made)
    malformed(files, made)
