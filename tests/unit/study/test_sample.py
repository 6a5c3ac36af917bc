"""Which runs are to be proved, and what the proved ones say of a probability."""

from fractions import Fraction
from math import comb

import pytest

from relucert.base.errors import InputError
from relucert.kernel import confidence
from relucert.study import sample

TAIL = (1, 2000)


def at_least(successes, trials, i, grid):
    """P(Bin(trials, i/grid) >= successes), exactly."""
    total = sum(comb(trials, j) * i**j * (grid - i) ** (trials - j) for j in range(successes, trials + 1))
    return Fraction(total, grid**trials)


@pytest.mark.parametrize(
    ("successes", "trials"),
    [(0, 1), (1, 1), (0, 10), (1, 10), (9, 10), (10, 10), (3, 200), (197, 200), (60, 120)],
)
@pytest.mark.parametrize("grid", [1000, 10**6])
def test_the_bounds_are_the_best_of_the_grid(successes, trials, grid):
    tail = Fraction(*TAIL)
    low = confidence.lower(successes, trials, TAIL, grid)
    high = confidence.upper(successes, trials, TAIL, grid)
    if successes:
        assert at_least(successes, trials, low, grid) < tail <= at_least(successes, trials, low + 1, grid)
    else:
        assert low == 0
    if successes < trials:
        failures = trials - successes
        assert at_least(failures, trials, grid - high, grid) < tail
        assert at_least(failures, trials, grid - high + 1, grid) >= tail
    else:
        assert high == grid
    assert low * trials <= successes * grid <= high * trials


def test_a_thousand_runs():
    assert confidence.lower(3, 1000, TAIL, 10**6) == 149
    assert confidence.upper(3, 1000, TAIL, 10**6) == 13859
    assert sample.share({"spurious-minimum": 3, "global-minimum": 997}, 1000) == ("0.000149", "0.013859")
    assert sample.share({"spurious-minimum": 3, "below-floor": 990, "not-proved": 7}, 1000)[0] == "0.000149"
    assert sample.share({"spurious-minimum": 3, "below-floor": 990, "not-proved": 7}, 1000)[1] > "0.013859"
    assert sample.share({"not-proved": 5}, 5) == ("0.000000", "1.000000")
    assert sample.share({"local-minimum": 5}, 5) == ("0.000000", "1.000000")  # maybe spurious


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (0, 0)])
def test_counts_that_cannot_be(successes, trials):
    for bound in (confidence.lower, confidence.upper):
        with pytest.raises(ValueError, match="successes"):
            bound(successes, trials, TAIL, 1000)


def test_the_order_is_fixed_and_a_permutation():
    assert sample.order(1, 6, 6, 12) == [7, 1, 6, 0, 8, 5, 10, 3, 11, 4, 9, 2]
    orders = {
        tuple(sample.order(seed, k, n, 50)) for seed, k, n in ((1, 6, 6), (2, 6, 6), (1, 7, 6), (1, 6, 7))
    }
    assert len(orders) == 4 and all(sorted(one) == list(range(50)) for one in orders)
    few, many = sample.order(2**70, 6, 6, 50), sample.order(2**70, 6, 6, 1000)
    assert [run for run in many if run < 50] == few


@pytest.mark.parametrize(
    ("text", "runs", "size"),
    [("all", 7, 7), ("1", 7, 1), ("7", 7, 7), ("10%", 1000, 100), ("1/10", 1000, 100), ("0.1", 1000, 100),
     ("0.1%", 7, 1), ("1/3", 7, 3), ("100%", 7, 7), ("1.0", 7, 7), (" 5 ", 7, 5), ("2/2", 9, 9)],
)  # fmt: skip
def test_sizes(text, runs, size):
    assert sample.size(text, runs) == size


@pytest.mark.parametrize(
    "text", ["0", "8", "0%", "101%", "1.5", "-1", "-1/2", "some", "1/0", "inf", "", "%", "1e999999", "9" * 20]
)
def test_sizes_that_cannot_be(text):
    with pytest.raises(InputError, match="--prove-runs"):
        sample.size(text, 7)


@pytest.mark.parametrize(
    ("number", "text"), [(0.1, "1/10"), (1e-3, "1/1000"), (0.25, "1/4"), (2.0, "2"), (1e-30, f"1/{10**30}")]
)
def test_the_exact_step_is_what_the_decimal_says(number, text):
    assert sample.shown(sample.exact(number)) == text
