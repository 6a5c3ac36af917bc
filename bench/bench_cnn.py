"""What landscape certificates of the one-hidden-layer CNN cost: python bench/bench_cnn.py [PROCESSES]

Problems a* = 1 + t (1, -1, 1, -1, ..), on both sides of the threshold T = 0, down to |T| < 1e-15, and k = 1,
are proved, stated, signed, written. Limit: 2,000 problems in 2 minutes on two cores.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import mpmath
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.base.rational import exact_number
from relucert.certificate.provenance import sign_and_store, versions
from relucert.families.cnn.landscape import landscape
from relucert.families.cnn.problem import CnnProblem
from relucert.families.cnn.statement import landscape_statement
from relucert.kernel import ball

COUNTS = (2, 3, 4, 5, 7, 10, 16, 25, 36, 49, 64, 81, 100, 150, 200, 300)
NORMS = ("1", "0.02", "7/3")
SHARES = 36  # of the threshold: values of t far from it
NEAR = ("1e-6", "1e-9", "1e-12", "1e-15")


def problems() -> list[tuple[str, str, int, int]]:
    """(a*, |w*|, p, side): side is the sign of T."""
    found = [(text, norm, 5, 0) for text in ("1", "-0.3", "1e-6", "22/7") for norm in NORMS]
    with mpmath.workdps(60):
        for k in COUNTS:
            z = [(-1) ** i for i in range(k - k % 2)] + [0] * (k % 2)
            size = sum(x * x for x in z)
            # T(t) = (k - 1) N - pi (k^2 - N), N = k + t^2 size: grows with t, zero at t0
            t0 = mpmath.sqrt((mpmath.pi * k * k / (k + mpmath.pi - 1) - k) / size)
            slope = 2 * t0 * size * (k + mpmath.pi - 1)
            steps = [(t0 * i / 12, 1 if i > 12 else -1) for i in range(SHARES) if i != 12]
            steps += [(t0 + s * mpmath.mpf(e) / slope / 2, s) for e in NEAR for s in (1, -1)]
            for t, side in steps:
                exact = exact_number(mpmath.nstr(t, 45, strip_zeros=False), "t")
                text = ",".join(str(1 + exact * x) for x in z)
                found += [(text, norm, 2 + k, side) for norm in NORMS]
    return found


def one(task: tuple[str, str, int, int, str, bytes]) -> tuple[str, int, int, float, float]:
    text, norm, p, side, directory, secret = task
    start = time.perf_counter()
    of = CnnProblem.from_text(text, norm, p)
    result = landscape(of)
    proved = time.perf_counter()
    key = Ed25519PrivateKey.from_private_bytes(secret)
    sign_and_store(landscape_statement(result, versions()), Path(directory), key)
    done = time.perf_counter()
    found = result.landscape
    if found is None or (found.barrier is not None) != (side > 0):
        raise SystemExit(f"k = {of.k}: {result.verdict}, expected the side {side}")
    near = ball.proves_lt(abs(found.excess), ball.Ball(1e-9)) and of.k > 1
    return result.verdict, int(near), result.precision, proved - start, done - proved


def main(processes: int) -> None:
    tasks = problems()
    secret = Ed25519PrivateKey.generate().private_bytes_raw()
    with tempfile.TemporaryDirectory() as directory, ProcessPoolExecutor(processes) as pool:
        start = time.perf_counter()
        results = list(pool.map(one, [(*x, directory, secret) for x in tasks], chunksize=16))
        wall = time.perf_counter() - start
        files = len(list(Path(directory).glob("*.json")))
    verdicts, precisions = Counter(x[0] for x in results), Counter(x[2] for x in results)
    proof, rest = ([1000 * x[i] for x in results] for i in (3, 4))
    print(f"{len(results)} problems, {files} certificates, {processes} processes: {wall:.1f} s (limit 120)")
    print(f"  {dict(verdicts)}; |T| < 1e-9 in {sum(x[1] for x in results)}; bits {dict(precisions)}")
    print(f"  proof: median {statistics.median(proof):.1f} ms, longest {max(proof):.1f} ms")
    print(f"  statement, signature, file: median {statistics.median(rest):.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
