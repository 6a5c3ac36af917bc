"""Every file about every k at once."""

from __future__ import annotations

from makers.uniform.accepted import accepted
from makers.uniform.malformed import malformed
from makers.uniform.put import Files, Put
from makers.uniform.rejected import not_confirmed, rejected


def add(put: Put) -> None:
    files = Files(put)
    made = accepted(files)
    rejected(files, made)
    not_confirmed(files, made)
    malformed(files, made)
