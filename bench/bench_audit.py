"""What the independent checker costs, and that it agrees: python bench/bench_audit.py [FOLDER]

FOLDER holds Safran & Shamir's files (default ../shared/published). One (20, 20) certificate is proved and
audited in turn, each in this process, in one run: the ratio of the medians is what counts. Then every
published family is certified and audited.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert import verify
from relucert.families.teacher.points import read
from relucert.families.teacher.statement import issue
from relucert_audit.command import audit
from relucert_audit.trust import Trust

NAMES = ("6-6", "8-9", "9-9", "13-14", "15-16", "17-18", "20-20")


def certify(path: Path, index: int, directory: Path) -> Path:
    candidate = read(path, variable="WbadNew", layout="neurons-in-columns")[index]
    return issue(verify(candidate), directory, Ed25519PrivateKey.generate())


def both(path: Path, index: int, directory: Path) -> tuple[str, str, float, float]:
    start = time.process_time()
    certificate = certify(path, index, directory)
    middle = time.process_time()
    row = audit(certificate, trust=Trust(), now=datetime.now(UTC), require_signature=False)
    return row["result"], row["verdict"], middle - start, time.process_time() - middle


def main() -> None:
    default = Path(__file__).parents[1] / "../shared/published"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default.resolve()
    if not folder.is_dir():
        sys.exit(f"no published points at {folder}")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        runs = [both(folder / "newExp-20-20.mat", 0, directory) for _ in range(5)]
        prover, auditor = (statistics.median(run[i] for run in runs) for i in (2, 3))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        print(f"(20, 20): {runs[0][0]}; prover {prover:.2f} s, audit {auditor:.2f} s")
        print(f"  ratio {auditor / prover:.2f} (limit 2); peak memory of both {memory:.0f} MiB (limit 2048)")
        tasks = []
        for path in (folder / f"newExp-{name}.mat" for name in NAMES):
            count = len(read(path, variable="WbadNew", layout="neurons-in-columns"))
            tasks += [(path, index) for index in range(count)]
        start = time.perf_counter()
        with ProcessPoolExecutor(2) as pool:
            rows = list(pool.map(both, *zip(*tasks, strict=True), [directory] * len(tasks)))
        print(f"all families: {dict(Counter(row[:2] for row in rows))}, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
