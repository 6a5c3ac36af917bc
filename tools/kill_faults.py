"""Kill -9 at random moments: python tools/kill_faults.py [--times 200] [--points 120] [--seed 0]

Half of the kills meet `relucert verify`, which writes many certificates into one directory and is started
again on it after each kill; half meet `python -m relucert_audit` on a directory. After each kill every *.json
must be a whole certificate under its own digest, and what was finished before must be there, byte for byte.
What a killed process leaves behind must be called .relucert-* and not end in .json. After every 25 kills
`verify` must succeed over what they left, the auditor must accept every certificate and see nothing else, and
`verify` goes on with a new directory and without a key, so that kills meet the making of the key too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from relucert import certificate
from relucert.certificate import signing

FRESH = 25  # kills of `verify` on one directory


def points(path: Path, count: int) -> None:
    """Near the global minimum of (2, 2), all different: a proof of each takes about a millisecond."""
    rows = [[[1.0 + i * 2.0**-30, 1e-7], [-3e-8, 1.0]] for i in range(1, count + 1)]
    path.write_text(json.dumps({"points": rows}))


def command(place: Path, what: str) -> list[str]:
    if what == "audit":
        return [sys.executable, "-m", "relucert_audit", str(place / "out"), "--json"]
    return [sys.executable, "-m", "relucert", "verify", str(place / "points.json"), "-o", str(place / "out")]


def start(place: Path, what: str, *options: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"RELUCERT_HOME": str(place / "home")}
    with (place / "stdout").open("wb") as out, (place / "stderr").open("wb") as messages:
        return subprocess.Popen(
            [*command(place, what), *options], stdout=out, stderr=messages, env=environment,
            start_new_session=True,
        )  # fmt: skip


def finish(place: Path, what: str) -> tuple[float, float]:
    """An undisturbed run: seconds until the first result, and in all. Raises RuntimeError if it fails."""
    begin, first = time.monotonic(), 0.0
    process = start(place, what)
    while process.poll() is None:
        time.sleep(0.002)
        if not first and (place / "stdout").stat().st_size:
            first = time.monotonic() - begin
    if process.returncode:
        raise RuntimeError(f"{what} fails: {(place / 'stderr').read_text()}")
    return first, time.monotonic() - begin


def contents(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (place / "out").glob("*.json")}


def faults(before: dict[str, bytes], after: dict[str, bytes], place: Path) -> list[str]:
    """What a kill has broken."""
    found = [f"{name} is lost" for name in before.keys() - after.keys()]
    found += [f"{name} has changed" for name in before.keys() & after.keys() if before[name] != after[name]]
    for name in after.keys() - before.keys():
        try:
            digest = certificate.digest(certificate.parse(after[name], name)["statement"])
        except ValueError as error:
            found.append(str(error))
        else:
            found += [f"{name} holds {digest}"] * (name != f"{digest}.json")
    strange = [p.name for p in (place / "out").glob("*") if p.suffix != ".json"]
    found += [f"{name} is left behind" for name in strange if not name.startswith(".relucert-")]
    key = place / "home" / "key.pem"
    if key.exists():
        signing.load_key(key)  # raises if it is not whole
    return found


def kill(
    place: Path,
    what: str,
    seconds: tuple[float, float],
    rng: random.Random,
    tally: Counter[str],
    *options: str,
) -> None:
    """Kills one run, mostly while results are being written (between the two `seconds`); a run that ends
    before is followed by another. Workers that are still there ten seconds later are counted, and ended."""
    first, total = seconds
    while True:
        process = start(place, what, *options)
        try:
            process.wait(rng.uniform(0, first) if rng.random() < 0.2 else rng.uniform(0.9 * first, total))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)  # the process alone: its workers, if any, must notice
        if process.wait() == -signal.SIGKILL:
            break
        tally[f"{what} ended before"] += 1
    tally[f"{what} killed"] += 1
    if options:
        for _ in range(100):  # a worker may just be starting, and looks for its parent only then
            try:
                os.killpg(process.pid, 0)  # its own session and group
            except ProcessLookupError:
                return
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
        tally["killed audits whose workers stayed"] += 1


def verify_kills(folder: Path, times: int, count: int, rng: random.Random, tally: Counter[str]) -> list[str]:
    found: list[str] = []
    place, seconds = Path(), (0.0, 0.0)
    for number in range(times):
        if number % FRESH == 0:
            place = folder / f"verify{number}"
            place.mkdir()
            points(place / "points.json", count)
            if not seconds[1]:
                finish(place, "verify")  # not measured: nothing is cached yet
                seconds = finish(place, "verify")
                place = folder / "verify"
                place.mkdir()
                points(place / "points.json", count)
        before = contents(place)
        kill(place, "verify", seconds, rng, tally)
        found += faults(before, contents(place), place)
        if number % FRESH == FRESH - 1 or number == times - 1:
            tally["temporary files left"] += len(list((place / "out").glob(".relucert-*")))
            whole = contents(place)
            tally["directories"] += 1
            tally["certificates in them after the last kill"] += len(whole)
            finish(place, "verify")
            found += faults(whole, contents(place), place)
            finish(place, "audit")
            rows = [json.loads(row) for row in (place / "stdout").read_text().splitlines()]
            accepted = sum(row["result"] == "accepted" for row in rows)
            if not accepted == len(rows) == count:
                found.append(f"the auditor accepts {accepted} of {len(rows)}, expected {count}")
    return found


def audit_kills(folder: Path, times: int, count: int, rng: random.Random, tally: Counter[str]) -> list[str]:
    place, found = folder / "audit", []
    place.mkdir()
    points(place / "points.json", count)
    finish(place, "verify")
    (place / "out" / ".relucert-left").write_bytes(b'{"payloadType": ')  # as a killed process leaves it
    seconds = finish(place, "audit")
    before = contents(place)
    for number in range(times):
        options = ["--jobs", "2"] if number % 10 == 0 else []
        kill(place, "audit", seconds, rng, tally, *options)
        found += faults(before, contents(place), place)
        rows = (place / "stdout").read_bytes().split(b"\n")[:-1]
        tally["audit lines"] += len(rows)
        found += ["a line that is not a result" for row in rows if json.loads(row)["result"] != "accepted"]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=200, help="kills in all")
    parser.add_argument("--points", type=int, default=120, help="certificates in a directory")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, tally = random.Random(options.seed), Counter[str]()  # noqa: S311
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        half = options.times // 2
        found = verify_kills(Path(name), options.times - half, options.points, rng, tally)
        found += audit_kills(Path(name), half, options.points, rng, tally)
    print(f"{options.times} kills in {time.monotonic() - begin:.0f} s, {len(found)} faults: {dict(tally)}")
    print("\n".join(found[:50]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
