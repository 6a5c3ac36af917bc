"""How large a point the checker takes: one number for each thing that costs time or memory."""

import pytest

from relucert_audit.format import LIMIT, NOT_CONFIRMED, Dyadic, Refusal
from relucert_audit.teacher.claim import MAX_DIMENSION, MAX_WORK, check_limits, expected, span_of


@pytest.mark.parametrize(
    "sizes", [(60, 60, 60, 4512), (1, 1, 2000, 16384), (2, 314, 1800, 300), (20, 20, 20, 16384)]
)
def test_what_is_taken(sizes):
    check_limits(*sizes)


@pytest.mark.parametrize(
    ("sizes", "what"),
    [
        ((60, 60, 61, 1), "n d: 3660, and the most is 3600"),
        ((1, 1, 2001, 1), "d: 2001, and the most is 2000"),
        ((2, 315, 2, 1), "(n + k)^2: 100489, and the most is 100000"),
        ((2, 2, 2, 16385), "the bits that all entries span: 16385, and the most is 16384"),
        ((60, 60, 60, 4513), "(n + k)^2 d times the square of these bits: "),
    ],
)
def test_what_is_too_much_is_named(sizes, what):
    with pytest.raises(Refusal) as refusal:
        check_limits(*sizes)
    result, step, claim, reason = refusal.value.args
    assert (result, step, claim) == (NOT_CONFIRMED, 0, LIMIT)
    assert reason.startswith(what)


def test_the_work_of_long_numbers():
    assert 120**2 * 60 * 4512**2 <= MAX_WORK < 120**2 * 60 * 4513**2


def test_the_span_is_from_the_lowest_bit_to_the_highest():
    assert span_of([Dyadic(1, 0)]) == 1
    assert span_of([Dyadic(5, 2), Dyadic(0, -99), Dyadic(-3, -7)]) == 5 - -7
    assert span_of(iter([Dyadic(1, 40), Dyadic(1, -40)])) == 81


def test_a_proof_at_the_limit_takes_a_minute():
    class At:
        n = d = 60

    assert At.n * At.d == MAX_DIMENSION
    assert expected(At) == 60
