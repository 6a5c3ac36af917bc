"""How much memory there is."""

from __future__ import annotations

import os
from pathlib import Path

from relucert.base.errors import LimitError

GIB = 2**30
CGROUP = Path("/sys/fs/cgroup/memory.max")  # what a container may take


def memory() -> dict[str, int | None]:
    """Bytes, where the system says it: of the machine, free, and what a container is held to."""
    known = os.sysconf_names if hasattr(os, "sysconf_names") else {}
    page = os.sysconf("SC_PAGE_SIZE") if "SC_PAGE_SIZE" in known else 0

    def pages(name: str) -> int | None:
        return page * os.sysconf(name) if name in known and page else None

    return {"total": pages("SC_PHYS_PAGES"), "free": pages("SC_AVPHYS_PAGES"), "limit": _limit()}


def check_memory(needed: float, what: str) -> None:
    """Raises LimitError where this is plainly more than there is, whatever else runs: `what` needs so many bytes."""
    found = memory()
    there = [size for size in (found["total"], found["limit"]) if size is not None]
    if there and needed > min(there):
        raise LimitError(
            f"{what} takes about {gib(needed)} of memory, and there are {gib(min(there))}; take a machine with more"
        )


def gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"


def _limit() -> int | None:
    try:
        text = CGROUP.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isascii() and text.isdigit() else None
