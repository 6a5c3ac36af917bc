"""What starting costs: python bench/bench_start.py [REPEATS]

Processor time of a fresh interpreter, the least of so many, with bytecode kept, and in units of `python -c pass`;
and of the first descent, with nothing compiled and with everything compiled.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

DESCENT = "import numpy\nfrom relucert.families.teacher.search.descent import descend\ndescend(numpy.eye(2), 2, 1, 0)"
CERTIFICATE = str(next(iter(sorted((Path(__file__).parents[1] / "certificates/6-6").glob("*.json")))))
POINT = "import relucert\nrelucert.verify(relucert.Candidate.from_rows([[1.0, 0.1], [0.1, 1.0]]))"
COMMANDS = {  # and the most that each may take
    "import relucert": (["-c", "import relucert"], 0.1),
    "relucert.verify": (["-c", POINT], 0.3),
    "relucert --help": (["-m", "relucert", "--help"], 0.3),
    "relucert show": (["-m", "relucert", "show", CERTIFICATE], 0.3),
    "relucert audit": (["-m", "relucert", "audit", CERTIFICATE], 0.5),
    "relucert-audit --help": (["-m", "relucert_audit", "--help"], 0.2),
    "relucert-audit": (["-m", "relucert_audit", CERTIFICATE], 0.3),
}


def spent() -> float:
    """Processor time of all processes started so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(words: list[str], repeats: int, folder: str) -> tuple[float, float]:
    """The first run, which leaves bytecode and compiled code in the folder, and the least of so many more."""
    kept = {name: x for name, x in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    used = []
    for _ in range(repeats + 1):
        before = spent()
        subprocess.run(
            [sys.executable, *words],
            env=kept | {"PYTHONPYCACHEPREFIX": folder, "NUMBA_CACHE_DIR": folder},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        used.append(spent() - before)
    return used[0], min(used[1:])


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as folder:
        _, nothing = seconds(["-c", "pass"], repeats, folder)
        for name, (words, limit) in COMMANDS.items():
            _, used = seconds(words, repeats, folder)
            print(f"{name:22} {used:.2f} s (limit {limit}), {used / nothing:.0f} of python -c pass")
        first, again = seconds(["-c", DESCENT], 3, folder)
    print(
        f"first descent: {first:.1f} s with compilation, {again:.1f} s from what is kept; {first / again:.1f} times"
    )


if __name__ == "__main__":
    main()
