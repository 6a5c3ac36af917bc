"""The proof for every k: its boxes cover what is claimed, and it says where it fails. Certificates agree."""

import json
from bisect import bisect_left
from fractions import Fraction
from math import isqrt
from pathlib import Path

import numpy as np
import pytest

import uniform_points as truth
from relucert.base.dyadic import to_fraction
from relucert.base.errors import InputError
from relucert.families.uniform import guess, prove
from relucert.families.uniform.prove import Failure, Proof, Tier, edge, needed
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.uniform import blocks, branch, system
from uniform_points import MP, exact_ball, exact_mp

CERTIFICATES = Path(__file__).parents[3] / "certificates" / "k-1,1"
LOW, HIGH = (3277, -16), (5243, -16)  # 0.05 and 0.08
ROOTS = [2, 3, 5, 6, 7, 10, 16, 99, 100, 1000, 1023, 1024, 10**4, 10**6, 4**15, 10**9, 10**12, 10**20]


# --- where boxes end ------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", ROOTS)
def test_edges(k):
    """At least k^(-1/2), by less than two units."""
    unit = Fraction(1, 2**prove.EDGE_BITS)
    found = Fraction(edge(k))
    assert found % unit == 0
    assert found**2 * k >= 1
    assert found - 2 * unit < Fraction(isqrt(10**60 // k) + 1, 10**30)


def test_edges_of_every_small_k():
    unit = Fraction(1, 2**prove.EDGE_BITS)
    for k in range(2, 3000):
        assert Fraction(edge(k)) ** 2 * k >= 1
        assert (Fraction(edge(k)) - 2 * unit) ** 2 * k < 1


TIERS = (Tier(6, (1, -8)), Tier(64, (1, -5)), Tier(100, (3, -6)), Tier(4**10, (1, -4)))


@pytest.mark.parametrize(
    "low, bound",
    [
        (0.0, (1, -4)), (2.0**-11, (1, -4)), (2.0**-10 - 2.0**-40, (1, -4)),
        (2.0**-10, (1, -4)),  # the box begins at 4^10 itself
        (2.0**-10 + 2.0**-40, (3, -6)), (0.0999999, (3, -6)),
        (0.1, (1, -5)),  # the double is more than 1/10
        (0.09999999999999999, (3, -6)),
        (0.125, (1, -5)), (0.125 + 2.0**-40, (1, -8)), (0.4, (1, -8)),
    ],
)  # fmt: skip
def test_what_a_box_needs(low, bound):
    for tiers in (TIERS, TIERS[::-1]):
        assert needed(tiers, low) == bound


def test_the_largest_bound_counts_whatever_its_start():
    assert needed((Tier(6, (3, -6)), Tier(100, (1, -8))), 0.0) == (3, -6)
    assert needed((Tier(6, (2, -8)), Tier(100, (1, -8))), 0.3) == (2, -8)


@pytest.mark.parametrize("start", [k * k for k in range(2, 40)] + [4**j for j in range(6, 20)])
def test_a_box_may_begin_at_an_end_of_what_is_claimed(start):
    """The edge is one unit further, so a box of the last unit may be left over."""
    last = edge(start) - 2.0**-prove.EDGE_BITS
    assert needed((Tier(start, (1, -5)),), last) == (1, -5)


@pytest.mark.parametrize(
    "tiers", [(), (Tier(1, (1, -5)),), (Tier(6, (1, -5)), Tier(0, (1, -5))), (Tier(-7, (1, -5)),)]
)
def test_tiers_that_make_no_sense(tiers):
    with pytest.raises(InputError):
        prove.prove(tiers)


# --- proofs ---------------------------------------------------------------------------------------------


def covers(found):
    assert found.boxes[0].low == 0.0
    for left, right in zip(found.boxes, found.boxes[1:], strict=False):
        assert left.high == right.low
    for box in found.boxes:
        assert box.low < box.high <= box.low + prove.WIDEST * (1 + 1e-9)
        assert ball.to_dyadic(box.tube.low) == ball.to_dyadic(Ball(box.low))
        assert ball.to_dyadic(box.tube.high) == ball.to_dyadic(Ball(box.high))
    for tier in found.tiers:
        assert Fraction(found.boxes[-1].high) ** 2 * tier.start >= 1


def proved_again(found):
    """Each box exceeds the bound of every tier that has a k in it."""
    with ball.precision(prove.PRECISION):
        for box in found.boxes:
            bounds = [t.bound for t in found.tiers if Fraction(box.low) ** 2 * t.start <= 1]
            least = ball.exact(max(bounds, key=to_fraction))
            b = box.blocks
            assert ball.proves_lt(least, b.symmetric) and ball.proves_lt(least, b.alternating)
            assert ball.proves_positive(box.at.loss)
            for matrix in (b.standard, b.trivial, b.outside):
                assert branch.positive(matrix, least, guess.factor(matrix, float(least)))


def test_a_proof_from_six_on(proof):
    covers(proof)
    proved_again(proof)
    assert proof.boxes[-1].high == edge(6)


def test_a_short_proof_with_two_tiers():
    seen = []
    found = prove.prove((Tier(10**4, LOW), Tier(10**5, HIGH)), seen.append)
    assert isinstance(found, Proof)
    covers(found)
    proved_again(found)
    assert edge(10**5) in {box.high for box in found.boxes}
    assert seen == sorted(seen) and seen[0] == 0 and seen[-1] < 1


def test_too_large_a_bound_fails_at_the_limit():
    """1/4 - 1/(2 pi) = 0.0908451 at s = 0."""
    found = prove.prove([Tier(10**12, (93023, -20))])  # 0.088713
    assert isinstance(found, Proof)
    found = prove.prove([Tier(10**12, (95258, -20))])  # 0.0908451 and 6e-7 more
    assert isinstance(found, Failure)
    assert found.low == 0.0
    assert "0.0908" in found.reason


def test_five_is_a_saddle(monkeypatch):
    monkeypatch.setattr(prove, "NARROWEST", 2.0**-16)
    found = prove.prove([Tier(5, (1, -60))])
    assert isinstance(found, Failure)
    assert "standard" in found.reason
    assert 5.58 < 1 / found.high**2 <= 1 / found.low**2 < 5.62  # k near 5.59
    assert edge(6) < found.low < edge(5)


def test_boxes_that_do_not_join_are_no_proof(monkeypatch):
    monkeypatch.setattr(prove, "NARROWEST", 2.0**-13)
    monkeypatch.setattr(branch, "same_solution", lambda left, right: False)
    found = prove.prove([Tier(100, (1, -60))])
    assert isinstance(found, Failure) and "join" in found.reason


@pytest.mark.parametrize("name", ("symmetric", "alternating", "standard", "trivial", "outside", "loss"))
def test_each_block_is_looked_at(monkeypatch, name):
    """One of them just below the bound stops the proof, by its name."""
    hessian, evaluate = branch.hessian, branch.evaluate

    def wrong(tube, most):
        of, low = hessian(tube, most), Ball(0.0499)
        if name == "loss":
            return of
        if name in branch.SCALARS:
            return of._replace(**{name: low})
        return of._replace(**{name: branch._identity(getattr(of, name).nrows()) * low})

    def without_loss(tube):
        at = evaluate(tube)
        return at._replace(loss=-at.loss) if name == "loss" else at

    monkeypatch.setattr(prove, "NARROWEST", 2.0**-13)
    monkeypatch.setattr(branch, "hessian", wrong)
    monkeypatch.setattr(branch, "evaluate", without_loss)
    found = prove.prove([Tier(10**6, LOW)])
    assert isinstance(found, Failure)
    assert name in found.reason


# --- what is stored for single k ------------------------------------------------------------------------


def number(x):
    return MP.mpf(int(x[0])) * MP.mpf(2) ** int(x[1])


def stored():
    """k, the point, and the claim of each certificate of the classes k - 1, 1."""
    for path in sorted(CERTIFICATES.glob("*.json")):
        claim = json.loads(path.read_text())["statement"]["claim"]
        k, (sizes, rows) = claim["problem"]["k"], (claim["point"]["class_sizes"], claim["point"]["values"])
        if k >= 6 and claim["method"] == "symmetric-hessian":
            assert sizes == [k - 1, 1] and claim["point"]["extra"] == []
            (a, e, b), (c, f, _) = ([number(x) for x in row] for row in rows)
            yield truth.Entries(k, a, b, c, e, f), claim


def test_stored_certificates_lie_in_the_boxes(proof):
    lows = [box.low for box in proof.boxes]
    met = set()
    for at, claim in stored():
        k = at.k
        i = bisect_left(lows, True, key=lambda low: Fraction(low) ** 2 * k > 1) - 1
        box = proof.boxes[i]
        assert Fraction(box.low) ** 2 * k <= 1 <= Fraction(box.high) ** 2 * k
        reach = number(claim["bounds"]["existence_radius"]["exact"])
        p = MP.mpf(k - 1)
        values = [k**2 * (at.a - 1), k**2 * at.b, k * at.c, k * at.e, k * (at.f + 1)]
        slack = [k**2 / MP.sqrt(p), k**2 / MP.sqrt(p * (p - 1)), k / MP.sqrt(p), k / MP.sqrt(p), k]
        for x, y, z in zip(box.at.entries, values, slack, strict=True):
            assert exact_mp(x.lower()) - z * reach <= y <= exact_mp(x.upper()) + z * reach
            assert z * reach < 1e-5
            assert float(x.rad()) < 0.2
        least, greatest = (k * number(x["exact"]) for x in claim["bounds"]["objective"])
        assert exact_mp(box.at.loss.lower()) <= greatest and least <= exact_mp(box.at.loss.upper())
        met.add(k)
    assert met >= {6, 7, 20, 100, 1000, 10**6, 10**9}
    assert len(met) > 900


def test_stored_smallest_eigenvalues():
    """With thin balls at the stored points, k - 1 as it is: what the certificate says of its own point, which is
    that of the critical point to many digits."""
    for at, claim in stored():
        if at.k not in (6, 7, 8, 9, 10, 20, 50, 100, 300, 1000, 10**6):
            continue
        with ball.precision(200):
            x = [exact_ball(y) for y in truth.unknowns_of(at)]
            found = blocks.blocks(system.scaled(x, truth.sigma_ball(at.k)), Ball(at.k - 1))
        matrices = [guess.middles(found.standard), guess.middles(found.trivial)]
        values = [
            float(found.symmetric),
            float(found.alternating),
            *(np.linalg.eigvalsh(m)[0] for m in matrices),
        ]
        low, high = (float(number(y["exact"])) for y in claim["bounds"]["lambda_min"])
        assert low - 1e-9 <= min(values) <= high + 1e-9
