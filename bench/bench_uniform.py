"""One certificate for every k: what it costs, and how near its bounds are. python bench/bench_uniform.py [K ..]

For each first k (default 6 20 100 1000 10^6) the bound of 0.99 times the eigenvalue there: boxes of the prover, tubes
of the certificate, seconds of the prover, and those of the checker as a multiple of them.
"""

from __future__ import annotations

import math
import sys
import time
from datetime import UTC, datetime

from relucert.certificate import form
from relucert.certificate.provenance import versions
from relucert.families.uniform import guess
from relucert.families.uniform.prove import PRECISION, Failure, Tier, at_least, prove
from relucert.families.uniform.statement import statement
from relucert.kernel import ball
from relucert.kernel.uniform.blocks import blocks
from relucert.kernel.uniform.branch import MATRICES
from relucert.kernel.uniform.system import scaled
from relucert_audit.check import check
from relucert_audit.trust import Trust

STARTS = (6, 20, 100, 1000, 10**6)
STEPS = 50


def smallest(k: int) -> float:
    """The smallest eigenvalue at the critical point of k, in floating point along the branch."""
    end, found = 1 / math.sqrt(k - 1), guess.solve(0.0, guess.AT_ZERO)
    for i in range(1, STEPS + 1):
        found = found and guess.solve(end * i / STEPS, found.at(end * i / STEPS))
    if found is None:
        raise SystemExit(f"k = {k}: the branch is lost")
    of = blocks(scaled(guess.exact(found.x), ball.exact_float(end)), ball.Ball(k - 1))
    values = [guess.smallest_eigenvalue(getattr(of, name)) for name in MATRICES]
    return min(*values, float(of.symmetric.mid()), float(of.alternating.mid()))


def main() -> None:
    starts = [int(x) for x in sys.argv[1:]] or STARTS
    print(
        f"{'from k':>8} {'lambda_min':>11} {'bound':>9} {'boxes':>6} {'tubes':>6} {'seconds':>8} {'checker':>8}"
    )
    for k in starts:
        with ball.precision(PRECISION):
            value = smallest(k)
        bound = f"{0.99 * value:.6f}"
        begun = time.perf_counter()
        proof = prove([Tier(k, at_least(bound, "the bound"))])
        if isinstance(proof, Failure):
            raise SystemExit(f"k = {k}: {proof.reason}")
        claim = statement(proof, {**versions(), "source": "bench"})
        spent = time.perf_counter() - begun
        begun = time.perf_counter()
        report = check(form.envelope(claim, []), "bench.json", Trust(), datetime.now(UTC))
        ratio = (time.perf_counter() - begun) / spent
        row = f"{k:>8} {value:>11.7f} {bound:>9} {len(proof.boxes):>6} {len(claim['claim']['boxes']):>6}"
        print(f"{row} {spent:>8.1f} {ratio:>7.2f}x {report.result}", flush=True)


if __name__ == "__main__":
    main()
