"""How long a point takes to prove and to audit, and in how much memory: python bench/bench_size.py [K ..]

For every K (default 6 10 20 40; 60 takes minutes) a point of n = k = d = K next to the global minimum, of which it is
proved that it is not critical: the same matrices as for a minimum. Processor time, each size in a process of its own,
and its ratio to numpy.linalg.eigh of the same Hessian, measured in turn. This makes
the table of docs/speed.md.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

LIMITS = {20: (0.25, 250), 40: (8.0, 1024), 60: (90.0, 4096)}  # seconds, MiB of the prover


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def measure(k: int) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from relucert import Candidate, verify
    from relucert.base.errors import InputError
    from relucert.families.teacher.search.newton import hessian
    from relucert.families.teacher.statement import issue
    from relucert_audit.command import audit
    from relucert_audit.trust import Trust

    weights = np.eye(k) + 0.02 * np.random.default_rng(0).standard_normal((k, k))
    candidate, matrix = Candidate.from_rows(weights.tolist()), hessian(weights, np.eye(k))
    proofs, guesses = [], []
    for _ in range(5 if k <= 20 else 1):
        start = time.process_time()
        np.linalg.eigh(matrix)
        middle = time.process_time()
        result = verify(candidate, raw=True)
        proofs.append(time.process_time() - middle)
        guesses.append(middle - start)
    proof, guess, memory = min(proofs), min(guesses), peak()
    limit = " (limits {} s, {} MiB)".format(*LIMITS[k]) if k in LIMITS else ""
    print(f"k = {k}, n d = {k * k}: {result.verdict}")
    print(f"  proved in {proof:.3f} s, {memory:.0f} MiB{limit}: {proof / guess:.1f} times numpy.linalg.eigh")
    checks = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = issue(result, Path(folder), Ed25519PrivateKey.generate())
        except InputError as error:
            print(f"  {error}")
            return
        for _ in proofs:
            start = time.process_time()
            row = audit(path, trust=Trust(), now=datetime.now(UTC), require_signature=False)
            checks.append(time.process_time() - start)
    checked = min(checks)
    print(
        f"  audited in {checked:.3f} s, {peak():.0f} MiB with the prover: {checked / proof:.2f} times the proof, "
        f"{row['result']}"
    )


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        measure(int(sys.argv[2]))
        return
    for k in sys.argv[1:] or ["6", "10", "20", "40"]:
        subprocess.run([sys.executable, __file__, "--one", k], check=True)


if __name__ == "__main__":
    main()
