"""Exchanges of parameters and images of a critical point (step 8c of docs/spec/expression-v1.md)."""

from math import factorial

import pytest
from certificates import audit
from expression_claims import SUBJECTS, Graph, Loss, changed, opened, proved_at

from relucert_audit.exact import TooWeak
from relucert_audit.expression import images
from relucert_audit.expression.graph import ONE, read_loss
from relucert_audit.expression.images import Images, Shapes, different
from relucert_audit.format import Dyadic

FLIP = {0: (0, -1)}
BOTH = {0: (0, -1), 1: (1, -1)}
SWAP = {0: (1, 1), 1: (0, 1)}
CYCLE = {0: (1, 1), 1: (2, 1), 2: (0, 1)}
ODD, EVEN = ("neg", "sin", "asin", "atan", "tanh", "erf"), ("square", "abs", "cos")


def same(write, given, m=2, **members):
    g = Graph()
    loss = Loss(g, m, write(*g.params(m)), **members)
    return Shapes(read_loss(loss.document(), "loss")).same(given)


@pytest.mark.parametrize("name", ONE)
def test_which_functions_are_odd_and_even(name):
    assert same(lambda x, y: x(name) * y, BOTH) == (name in ODD)
    assert same(lambda x, y: x(name) * y, FLIP) == (name in EVEN)
    assert same(lambda x, y: (x * y)(name), BOTH)
    assert same(lambda x, y: x(name) * y(name), SWAP)


@pytest.mark.parametrize("n", [-4, -3, -1, 3, 4])
def test_powers(n):
    assert same(lambda x, y: x("powi", n) * y, BOTH) == (n % 2 == 1)
    assert same(lambda x, y: x("powi", n) * y, FLIP) == (n % 2 == 0)


def dot(x, *others):
    return x("dot", *others)


CASES = {  # of x and y, or of x, y and z: a loss, an exchange, whether it is the same
    "sum": (lambda x, y: (x + y)("exp"), SWAP, True),
    "difference": (lambda x, y: (x - y)("exp"), SWAP, False),
    "difference, even": (lambda x, y: (x - y)("cos"), SWAP, True),
    "difference, turned": (lambda x, y: (x - y)("exp"), {0: (1, -1), 1: (0, -1)}, True),
    "quotient": (lambda x, y: (x / y)("exp"), SWAP, False),
    "quotient, signs": (lambda x, y: (x / y)("exp"), BOTH, True),
    "quotient, a sign": (lambda x, y: (x / y)("exp"), FLIP, False),
    "numerators": (lambda x, y, z: (x / z) * (y / z)("exp"), SWAP, False),
    "divisors": (lambda x, y, z: (z / x) * (z / y)("exp"), SWAP, False),
    "inner product": (lambda x, y, z: dot(x, y, z, z)("exp"), SWAP, True),
    "inner product, a part": (lambda x, y, z: dot(x, x, y, z)("exp"), SWAP, False),
    "inner products": (lambda x, y, z: dot(x, z, y, y)("exp") + dot(y, z, x, x)("exp"), SWAP, True),
    "larger": (lambda x, y: x("max", y)("exp"), SWAP, True),
    "larger, signs": (lambda x, y: x("max", y)("exp"), BOTH, False),
    "a weight": (lambda x, y: (x + y * 2)("exp"), SWAP, False),
    "sign of a difference": (lambda x, y, z: (x - y) * z, SWAP | {2: (2, -1)}, True),
    "cycle": (lambda x, y, z: (x - y)("exp") + ((y - z)("exp") + (z - x)("exp")), CYCLE, False),
    "twice the same": (lambda x, y: (x + x - y)("exp"), {0: (0, -1), 1: (1, -1)}, False),
    "cancelled, but it has to be defined": (lambda x, y: (x("log") - x("log")) * y, BOTH, False),
    "cancelled": (lambda x, y: (x - x) * y, FLIP, True),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_exchanges_by_the_rules(name):
    write, given, holds = CASES[name]
    assert same(write, given, write.__code__.co_argcount) == holds


def test_different_functions_are_told_apart():
    kinds = [(name,) for name in ONE] + [("powi", n) for n in (-3, 3, 4, 5)]
    of = {kind: lambda x, _, kind=kind: x(*kind) for kind in kinds}
    of |= {
        "add": lambda x, z: x + z,
        "sub": lambda x, z: x - z,
        "mul": lambda x, z: x * z,
        "div": lambda x, z: x / z,
    }
    of |= {
        "sub, turned": lambda x, z: z - x,
        "div, turned": lambda x, z: z / x,
        "max": lambda x, z: x("max", z),
    }
    of |= {"itself": lambda x, _: x}
    for f in of:
        for g in of:
            assert same(lambda x, y, z, f=f, g=g: of[f](x, z) + of[g](y, z), SWAP, 3) == (f == g), (f, g)


def dyadic(x):
    """Of a float."""
    n, d = float(x).as_integer_ratio()
    shift = (n & -n).bit_length() - 1 if n else 0
    return Dyadic(n >> shift, shift + 1 - d.bit_length() if n else 0)


@pytest.mark.parametrize("point, given, radius, count", [
    ([1, 2], [SWAP], 0, 2), ([1, 1], [SWAP], 0, 1), ([1, -1], [BOTH, SWAP], 0, 2), ([1, -1], [SWAP], 0, 2),
    ([0.25, 4], [SWAP], 2, 1), ([0.25, 8], [SWAP], 2, 2), ([1, 2], [SWAP], 0.25, 2),
    ([1, 2], [SWAP], 0.5, 1), ([1, 2], [SWAP, FLIP], 0.25, 8), ([0, 2], [SWAP, FLIP], 0.25, 4),
    ([0.25, 2], [FLIP], 0.125, 1), ([0.375, 2], [FLIP], 0.125, 2), ([3, 3], [SWAP, FLIP], 0, 4),
    ([1, 1.5, 2], [CYCLE], 0.25, 1), ([1, 1.5, 2], [CYCLE], 0.125, 3),
    (list(range(5)), [SWAP, {i: ((i + 1) % 5, 1) for i in range(5)}], 0, factorial(5)),
])  # fmt: skip
def test_images_are_counted_if_they_are_told_apart(point, given, radius, count):
    at = [dyadic(x) for x in point]
    assert different(at, dyadic(radius), Images(given, count))
    assert not different(at, dyadic(radius), Images(given, count + 1))


def test_numbers_that_span_too_many_bits():
    with pytest.raises(TooWeak, match="span"):
        different([Dyadic(1, 0), Dyadic(1, -(1 << 16))], Dyadic(0, 0), Images([SWAP], 2))


def test_a_point_that_is_not_critical_has_no_images():
    g = Graph()
    x, y = g.params(2)
    found = audit(
        opened(Loss(g, 2, x + y).document(), 2, images={"exchanges": [[[0, 1, 1], [1, 0, 1]]], "count": 2})
    )
    assert found.result == "malformed" and "images" in str(found.finding)


def test_limits_are_read(monkeypatch):
    subject = SUBJECTS["xor-local"]()
    made = proved_at(subject.loss.document(), subject.point, subject.witness, *subject.options)
    assert audit(made).result == "accepted" and made["statement"]["claim"]["images"]["count"] == 8
    assert audit(changed(made, "images.count", 9)).result == "not-confirmed"
    with monkeypatch.context() as patch:
        patch.setattr(images, "MOST_MOVES", 8 * 3 * 9)
        assert audit(made).result == "accepted"
        patch.setattr(images, "MOST_MOVES", 8 * 3 * 9 - 1)
        assert audit(made).result == "malformed"
    for name in ("MOST_EXCHANGES", "MOST_WORK"):
        with monkeypatch.context() as patch:
            patch.setattr(images, name, 2)
            assert audit(made).result == "malformed"
