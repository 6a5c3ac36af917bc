"""Fuzz the auditor: python tools/fuzz_audit.py [--runs 1000000] [--checks 20000] [--seed 0] [--plain]

1. The whole checker (`relucert_audit.check.check`): --checks inputs. Nothing may be raised. An accepted input
   must bear the claim of a seed, or a claim that the prover does not refute (`judge`).
2. The parser (`relucert_audit.check.read`): --runs inputs, guided by coverage if atheris is installed (and
   not --plain), else by chance. Only a certificate or a refusal may come out.

Seeds are certificates of small problems (n, d <= 2) and of symmetric points, proved at the start, and for
every fiftieth input of the checker one of a spurious minimum with n = d = 6. Inputs are seeds with one to a
few changes: of bytes, of tokens, of JSON values, and of numbers together with their decimals, so that many
pass the format. An input that takes more than one second of processor time is a failure too.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785

from fuzz.changes import LARGEST, mutate
from fuzz.claims import judge
from fuzz.seeds import KEY, POINTS, SPURIOUS, seeds, symmetric_seeds
from relucert import certificate

try:
    import atheris
except ImportError:
    atheris = None
if atheris is not None and "--parser" in sys.argv:
    with atheris.instrument_imports(include=["relucert_audit"]):
        import relucert_audit.check  # noqa: F401 -- before the imports below, so that these are instrumented

from relucert_audit.check import Report, read
from relucert_audit.check import check as audit
from relucert_audit.format import ACCEPTED, Refusal
from relucert_audit.trust import ALWAYS, Trust, signer

LIMIT = 1.0  # seconds
TRUST = Trust((signer(lambda _: KEY.public_key(), b"", "fuzz", *ALWAYS),))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


# ---- what must hold -------------------------------------------------------------------------------------


class TooSlow(BaseException):
    """An input took more than LIMIT seconds of processor time."""


def too_slow(*_: object) -> None:
    raise TooSlow


def parse(data: bytes) -> Any:
    """What the parser must do on any bytes: read them, or refuse them."""
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        opened, _, cert = read(data)
        rfc8785.dumps(opened.statement)
        return cert
    except Refusal:
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def check(data: bytes) -> Report:
    return audit(data, "some.json", TRUST, NOW)


# ---- the two stages -------------------------------------------------------------------------------------


def fuzz_checker(small: list[bytes], large: list[bytes], times: int, seed: int) -> int:
    """Prints the counts; returns the number of failures."""
    rng, results, other = random.Random(f"{seed} check"), Counter[str](), Counter[str]()  # noqa: S311
    claims = {certificate.canonical(json.loads(x)["statement"]["claim"]) for x in (*small, *large)}
    slowest, failures, start = 0.0, 0, time.perf_counter()
    for number in range(times):
        structured = 0.0 if number % 10 == 0 else 1.0
        corpus = small if number % 50 else large
        data = mutate(rng, rng.choice(corpus), rng.choice(corpus), structured)
        before, bad = time.process_time(), ""
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        try:
            report = check(data)
        except Exception as failure:  # noqa: BLE001 -- what is looked for
            bad = f"{type(failure).__name__}: {failure}"
        except TooSlow:
            bad = "more than a second"
        else:
            signal.setitimer(signal.ITIMER_PROF, 0)
            results[report.result] += 1
            if report.result == ACCEPTED:
                claim = json.loads(data)["statement"]["claim"]
                verdict = "as the seed" if certificate.canonical(claim) in claims else judge(claim)
                other[verdict] += 1
                bad = verdict if verdict.startswith("false") else ""
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        slowest = max(slowest, time.process_time() - before)
        if bad:
            failures += 1
            place = Path(f"fuzz-failure-{failures}.json")
            place.write_bytes(data)
            print(f"FAILURE {bad}: {place}")
    seconds = time.perf_counter() - start
    rate = f"{times} inputs, {times / seconds:.0f} a second"
    print(f"checker: {rate}, slowest {slowest:.2f} s, {failures} failures")
    print(f"  results: {dict(results.most_common())}")
    print(f"  claims of the accepted: {dict(other.most_common())}")
    return failures


def fuzz_parser_plainly(corpus: list[bytes], times: int, seed: int) -> int:
    rng, passed, failures, start = random.Random(f"{seed} parse"), 0, 0, time.perf_counter()  # noqa: S311
    for number in range(times):
        data = mutate(rng, rng.choice(corpus), rng.choice(corpus), 0.5 if number % 2 else 0.0)
        try:
            passed += parse(data) is not None
        except (Exception, TooSlow) as failure:  # noqa: BLE001 -- what is looked for
            failures += 1
            print(f"FAILURE {type(failure).__name__}: {failure}: {data[:300]!r}")
    seconds = time.perf_counter() - start
    rate = f"{times} inputs, {times / seconds:.0f} a second"
    print(f"parser, by chance: {rate}, {passed} read, {failures} failures")
    return failures


def fuzz_parser_guided(folder: str, times: int, seed: int) -> None:
    """Never returns: libFuzzer ends the process, with a status other than 0 on a failure."""
    passed = [0, 0]

    def one(data: bytes) -> None:
        passed[0] += 1
        passed[1] += parse(data) is not None
        if passed[0] == times:
            print(f"  read: {passed[1]} of {passed[0]}", flush=True)

    def change(data: bytes, size: int, mutation_seed: int) -> bytes:
        rng = random.Random(mutation_seed)  # noqa: S311
        if rng.random() < 0.3:
            return bytes(atheris.Mutate(data, min(size, LARGEST)))
        return mutate(rng, data, data, 0.6)[:size]

    options = [f"-runs={times}", f"-seed={seed + 1}", f"-max_len={LARGEST}", "-timeout=10", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", "-artifact_prefix=fuzz-", folder], one,
                  custom_mutator=change)  # fmt: skip
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1_000_000, help="inputs for the parser")
    parser.add_argument("--checks", type=int, default=20_000, help="inputs for the whole checker")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="without atheris")
    parser.add_argument("--parser", metavar="FOLDER", help="(internal) the guided stage, on these seeds")
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, too_slow)
    if options.parser:
        fuzz_parser_guided(options.parser, options.runs, options.seed)
    corpus, large = seeds(POINTS) + symmetric_seeds(), seeds([(SPURIOUS, None)])
    verdicts = Counter(json.loads(x)["statement"]["claim"]["verdict"] for x in (*corpus, *large))
    for data in (*corpus, *large):
        if check(data).result != ACCEPTED:
            print(f"a seed is not accepted: {check(data)}")
            return 1
    sizes = sorted(map(len, (*corpus, *large)))
    print(f"{len(sizes)} seeds of {sizes[0]} to {sizes[-1]} bytes: {dict(verdicts)}", flush=True)
    failures = fuzz_checker(corpus, large, options.checks, options.seed)
    if atheris is None or options.plain:
        failures += fuzz_parser_plainly(corpus, options.runs, options.seed)
    elif options.runs:
        with tempfile.TemporaryDirectory() as folder:
            for i, data in enumerate(corpus):
                Path(folder, str(i)).write_bytes(data)
            numbers = ["--runs", str(options.runs), "--seed", str(options.seed)]
            start = time.perf_counter()
            done = subprocess.run([sys.executable, __file__, "--parser", folder, *numbers], check=False)
            seconds = time.perf_counter() - start
        rate = f"{options.runs} inputs, {options.runs / seconds:.0f} a second"
        print(f"parser, guided: {rate}, status {done.returncode}")
        failures += done.returncode != 0
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
