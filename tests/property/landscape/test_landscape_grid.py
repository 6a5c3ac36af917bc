"""2,000 problems around both thresholds of Theorem 13.A: all decided, and as numbers of 100 digits say."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from relucert.families.landscape.problem import LandscapeProblem
from relucert.families.landscape.whole import landscape

DIGITS = 100
RELATIVE = [Fraction(s, 10**n) for n in (1, 3, 9) for s in (-1, 1)]


def rational(x, digits=60):
    return Fraction(mpmath.nstr(x, digits))


def problems(count, seed):
    """d, a*, mu at random; lambda beside a threshold, by a relative 1e-1, 1e-3 or 1e-9, on either side."""
    rng = np.random.default_rng(seed)
    with mpmath.workdps(DIGITS):
        c = 1 / (2 * mpmath.sqrt(2 * mpmath.pi))
        for n in range(count):
            a = [Fraction(int(x), 16) for x in rng.integers(1, 64, rng.integers(2, 51))]
            if n % 4 == 0:  # nearly equal weights, so that the other half of (ii) occurs
                a = [1 + x / 1000 for x in a]
            mu = Fraction(int(rng.integers(1, 3000)), 100)
            mu += Fraction(mu == 12, 10**9)
            nu = mpmath.mpf(mu.numerator) / (12 * mu.denominator)
            x = nu * max(a) if n % 2 else (1 + nu) * min(a)
            lam = rational(c * x) * (1 + RELATIVE[rng.integers(len(RELATIVE))])
            yield LandscapeProblem(tuple(a), mu, lam), expected(c, a, nu, lam)


def expected(c, a, nu, lam):
    lam = mpmath.mpf(lam.numerator) / lam.denominator
    if lam < nu * c * max(a):
        return "unbounded-below"
    return "no-spurious-minimum" if nu < 1 or lam < (1 + nu) * c * min(a) else "spurious-minimum"


@pytest.mark.parametrize("seed", range(4))
def test_every_problem_is_decided_as_it_is(seed):
    seen = {}
    for problem, verdict in problems(500, seed):
        result = landscape(problem)
        assert result.verdict == verdict, problem
        assert result.precision == 128
        kind = (verdict, problem.mu < 12)
        seen[kind] = seen.get(kind, 0) + 1
    assert len(seen) == 5  # all but a spurious minimum below 12
    assert min(seen.values()) >= 5


@pytest.mark.parametrize("mu", [6, 18])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_threshold_that_is_nearer_takes_more_digits(mu, sign):
    """1e-30 at 128 bits, 1e-60 at 256."""
    for digits, bits in ((30, 128), (60, 256)):
        with mpmath.workdps(DIGITS):
            threshold = rational(mpmath.mpf(mu) / 12 * 2 / (2 * mpmath.sqrt(2 * mpmath.pi)), 90)
        lam = threshold * (1 + Fraction(sign, 10**digits))
        result = landscape(LandscapeProblem((Fraction(2), Fraction(1)), Fraction(mu), lam))
        above = "no-spurious-minimum" if mu < 12 else "spurious-minimum"
        assert result.verdict == ("unbounded-below" if sign < 0 else above)
        assert result.precision == bits
