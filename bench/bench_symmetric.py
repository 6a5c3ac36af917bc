"""What a symmetric point costs against k: python bench/bench_symmetric.py [CLASSES]

1. One member of a family (default k-1,1) at k = 10, 10^3, 10^6, 10^9 and 10^12, alternating in one run: the
   least processor time of one proof and of one Newton polish, the ratio to k = 10, the size of a certificate.
   What grows is the precision. The limit is a ratio of 2 for proofs up to k = 10^6.
2. Every k from 6 to 1000: following the family, proofs, certificates, in this process.
"""

from __future__ import annotations

import sys
import time
from operator import itemgetter

from relucert import certificate
from relucert.base.dyadic import from_float, to_float
from relucert.families.teacher.symmetric.family import Pattern, members
from relucert.families.teacher.symmetric.point import SymmetricPoint, polish, verify_point
from relucert.families.teacher.symmetric.run import certify
from relucert.families.teacher.symmetric.start import first_member

KS = (10, 10**3, 10**6, 10**9, 10**12)
REPEATS = 15
LIMIT = 2.0


def rounded(at: SymmetricPoint) -> SymmetricPoint:
    """The point in double precision: a start for polishing."""
    values, extra = (
        tuple(tuple(from_float(to_float(x)) for x in row) for row in rows) for rows in (at.values, at.extra)
    )
    return SymmetricPoint(at.sizes, values, extra)


def against_k(pattern: Pattern, start: SymmetricPoint) -> None:
    points = {k: at for k, at in sorted(members(pattern, start, KS), key=itemgetter(0)) if at is not None}
    proofs: dict[int, list[float]] = {k: [] for k in points}
    polishing: dict[int, list[float]] = {k: [] for k in points}
    for _ in range(REPEATS):
        for k, at in points.items():
            begun = time.process_time()
            verify_point(at)
            proofs[k].append(time.process_time() - begun)
            rough = rounded(at)
            begun = time.process_time()
            polish(rough)
            polishing[k].append(time.process_time() - begun)
    print(f"classes {pattern}: the least of {REPEATS}")
    first = min(proofs[KS[0]])
    for k, at in points.items():
        proof, newton = min(proofs[k]), min(polishing[k])
        result, statement = verify_point(at), certify(at).get("statement")
        size = len(certificate.envelope(statement, [])) if statement else 0
        print(
            f"  k = {k:<14} {result.verdict}, {result.precision} bits: proof {1000 * proof:.1f} ms "
            f"(ratio {proof / first:.2f}), polishing {1000 * newton:.1f} ms, certificate {size} bytes"
        )
    ratio = max(min(proofs[k]) for k in points if k <= 10**6) / first
    print(f"  largest ratio up to k = 10^6: {ratio:.2f} (limit {LIMIT:g})")


def every_k(pattern: Pattern, start: SymmetricPoint, last: int = 1000) -> None:
    begun = time.perf_counter()
    points = [at for _, at in members(pattern, start, range(max(sum(pattern.fixed) + 1, 6), last + 1)) if at]
    followed = time.perf_counter() - begun
    begun = time.perf_counter()
    found = [certify(at).get("statement") for at in points]
    proved = time.perf_counter() - begun
    statements = [statement for statement in found if statement]
    sizes = [len(certificate.envelope(statement, [])) for statement in statements]
    print(
        f"  k up to {last}: {len(points)} members followed in {followed:.1f} s, {len(statements)} proved in "
        f"{proved:.1f} s, {sum(sizes) / 1e6:.2f} MB, the largest {max(sizes)} bytes"
    )


def main() -> None:
    pattern = Pattern.parse(sys.argv[1] if len(sys.argv) > 1 else "k-1,1")
    start = first_member(pattern)
    against_k(pattern, start)
    every_k(pattern, start)


if __name__ == "__main__":
    main()
