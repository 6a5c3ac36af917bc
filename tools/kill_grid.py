"""Kill -9 of `relucert grid` at random moments: python tools/kill_grid.py [--times 50] [--seed 0] [--proofs]

An undisturbed study, then others that are killed at random moments and started again until they are finished:
each must be the same, bit for bit. What a killed process leaves behind must be called .relucert-*, and its
workers must end with it. --proofs: a smaller study whose runs are proved from their starts, and go on.
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

GRID = ["--k", "6:8", "--extra", "0,1", "--runs", "200", "--seed", "1"]
LATER = ["--prove-runs", "all", "--converges", "all"]
PROOFS = ["--k", "2", "--extra", "0,1", "--runs", "16", "--seed", "1", *LATER]


def start(folder: Path, home: Path, grid: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "relucert", "grid", *grid, "--jobs", "2", "-o", str(folder)]
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


def whole(place: Path, grid: list[str]) -> tuple[float, dict[str, bytes]]:
    """Seconds of an undisturbed study, which finds its code compiled, and what is there afterwards."""
    begin = time.monotonic()
    if start(place / "whole", place / "home", grid).wait():
        sys.exit("the study fails")
    return time.monotonic() - begin, contents(place / "whole")


def killed(folder: Path, home: Path, grid: list[str], moments: list[float]) -> tuple[int, list[str]]:
    """A study that is killed after so many seconds, each time started again, and finished.

    How often it was killed, which is less often if it was finished before; and what is wrong with it.
    """
    kills, found = 0, []
    for moment in [*moments, None]:
        process = start(folder, home, grid)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)  # the process alone: its workers must notice
            process.wait()
            kills += 1
            if not gone(process.pid):
                found.append(f"{folder.name}, killed after {moment:.2f} s: workers stayed")
        else:
            break
    return kills, found


def differences(folder: Path, expected: dict[str, bytes]) -> list[str]:
    got = contents(folder)
    found = [f"{folder.name}: {x}" for x in expected if got.get(x) != expected[x]]
    return found + [f"{folder.name}: {x} is new" for x in got.keys() - expected.keys()]


def faults(place: Path, grid: list[str], shares: list[float]) -> list[str]:
    """Of one study that is killed at these shares of the time that it takes undisturbed, with its code compiled."""
    seconds, expected = whole(place, grid)
    folder = place / "study"
    _, found = killed(folder, place / "home", grid, [share * seconds for share in shares])
    return found + differences(folder, expected)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=50, help="kills")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--proofs", action="store_true", help="of a study whose runs are proved from their starts, and go on"
    )
    options = parser.parse_args()
    rng, kills, studies, found = random.Random(options.seed), 0, 0, []  # noqa: S311
    grid = PROOFS if options.proofs else GRID
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        start(place / "warm", place / "home", grid).wait()  # not measured: nothing is cached yet
        seconds, expected = whole(place, grid)
        while kills < options.times:
            moments = [
                rng.uniform(0, 0.9 * seconds) for _ in range(min(rng.randint(1, 5), options.times - kills))
            ]
            folder = place / f"study{studies}"
            more, wrong = killed(folder, place / "home", grid, moments)
            studies, kills = studies + 1, kills + more
            found += wrong + differences(folder, expected)
    print(f"{kills} kills, {studies} studies of {seconds:.1f} s, {len(expected)} files, {len(found)} faults")
    print("\n".join(found[:20]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
