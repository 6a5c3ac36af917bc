"""What starting costs: python bench/bench_start.py

Processor time of a fresh interpreter, the best of five, as it is and less that of `python -c pass`; and of the first
descent, with nothing compiled and with everything compiled.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

DESCENT = "import numpy\nfrom relucert.families.teacher.search.descent import descend\ndescend(numpy.eye(2), 2, 1, 0)"
CERTIFICATE = next(iter(sorted((Path(__file__).parents[1] / "certificates/6-6").glob("*.json"))))
LIMITS = {"relucert --help": 0.3, "relucert show": 0.3, "import relucert": 0.5}


def spent() -> float:
    """Processor time of all processes started so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(words: list[str], repeats: int = 5, **environment: str) -> float:
    best = float("inf")
    for _ in range(repeats):
        before = spent()
        subprocess.run(
            [sys.executable, *words], env=os.environ | environment, check=True, stdout=subprocess.DEVNULL
        )
        best = min(best, spent() - before)
    return best


def main() -> None:
    nothing = seconds(["-c", "pass"])
    for name, words in {
        "import relucert": ["-c", "import relucert"],
        "relucert --help": ["-m", "relucert", "--help"],
        "relucert show": ["-m", "relucert", "show", str(CERTIFICATE)],
    }.items():
        used = seconds(words)
        print(f"{name:16} {used:.2f} s (limit {LIMITS[name]}), {used / nothing:.0f} of python -c pass")
    with tempfile.TemporaryDirectory() as folder:
        first = seconds(["-c", DESCENT], 1, NUMBA_CACHE_DIR=folder)
        again = seconds(["-c", DESCENT], 3, NUMBA_CACHE_DIR=folder)
    print(
        f"first descent    {first:.1f} s with compilation, {again:.1f} s from what is kept; {first / again:.1f} times"
    )


if __name__ == "__main__":
    main()
