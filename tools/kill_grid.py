"""Kill -9 of `relucert grid` at random moments: python tools/kill_grid.py [--times 50] [--seed 0]

An undisturbed study, then others that are killed at random moments and started again until they are finished:
each must be the same, bit for bit. What a killed process leaves behind must be called .relucert-*, and its
workers must end with it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GRID = ["--k", "6:8", "--extra", "0,1", "--runs", "200", "--seed", "1", "--jobs", "2"]


def start(folder: Path, home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "relucert", "grid", *GRID, "-o", str(folder)]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env=os.environ | {"RELUCERT_HOME": str(home)},
    )  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def gone(group: int) -> bool:
    """Whether all processes of the group end within ten seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=50, help="kills")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, kills, studies, faults = random.Random(options.seed), 0, 0, []  # noqa: S311
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        home = place / "home"
        if start(place / "warm", home).wait():
            print("the study fails")
            return 1
        begin = time.monotonic()
        start(place / "whole", home).wait()
        seconds, expected = time.monotonic() - begin, contents(place / "whole")
        while kills < options.times:
            folder = place / f"study{studies}"
            studies += 1
            while True:
                process = start(folder, home)
                try:
                    process.wait(rng.uniform(0, 0.9 * seconds) if kills < options.times else None)
                    break
                except subprocess.TimeoutExpired:
                    os.kill(process.pid, signal.SIGKILL)  # the process alone: its workers must notice
                    process.wait()
                    kills += 1
                    if not gone(process.pid):
                        faults.append(f"kill {kills}: workers stayed")
            got = contents(folder)
            faults += [f"{folder.name}: {x}" for x in expected if got.get(x) != expected[x]]
            faults += [f"{folder.name}: {x} is new" for x in got.keys() - expected.keys()]
    print(f"{kills} kills, {studies} studies of {seconds:.1f} s, {len(expected)} files, {len(faults)} faults")
    print("\n".join(faults[:20]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
