"""Values, gradients and Hessians of graphs contain what mpmath finds, at points and all over boxes; a wrong
derivative of any function is noticed."""

import random

import pytest
from mpmath import mp

from makers.expression_direct import drawn, gradient, hessian, lagrangian
from makers.expression_losses import SUBJECTS, Graph, Loss
from relucert_audit.expression import local, rules, sweep
from relucert_audit.expression.graph import read_loss
from relucert_audit.expression.sweep import Sweep
from relucert_audit.format import Dyadic
from relucert_audit.interval import dyadic, precision

P, SLACK = 160, mp.mpf(2) ** -60  # SLACK: of differences, relative


def swept(document, z, radius, order=2, p=P):
    graph = sweep.lagrangian(read_loss(document, "loss"))
    with precision(p + 32):
        return Sweep(graph, sweep.box(z, radius and dyadic(1, radius), p), p, order)


def holds(x, mid, rad, exponent):
    unit = mp.mpf(2) ** exponent
    return abs(x - mid * unit) <= rad * unit + SLACK * (1 + abs(x))


def misses(document, z, radius, samples, seed=0):
    """How many numbers lie outside their balls."""
    found, rng = swept(document, z, radius), random.Random(seed)  # noqa: S311
    H, missed = found.hessian(), 0
    with mp.workprec(400):
        for _ in range(samples):
            near = [mp.mpf(x.m) * mp.mpf(2) ** x.e for x in z]
            if radius:
                near = [x + rng.choice((-1, 1, rng.uniform(-1, 1))) * mp.mpf(2) ** radius for x in near]
            missed += not holds(lagrangian(document, near), found.value.mid[0], found.value.rad[0], -P)
            ends = zip(gradient(document, near), found.gradient.mid, found.gradient.rad, strict=True)
            missed += sum(not holds(x, m, r, -P) for x, m, r in ends)
            for row, mids, rads in zip(hessian(document, near), H.mid, H.rad, strict=True):
                missed += sum(not holds(x, m, r, -P - 1) for x, m, r in zip(row, mids, rads, strict=True))
    return missed


def start(d, seed):
    rng = random.Random(f"{seed} start")  # noqa: S311
    return [Dyadic(rng.randint(-(2**19), 2**19) | 1, -20) for _ in range(d)]


CASES = [(seed, size, data, k) for seed, (size, data, k) in enumerate(
    [(30, False, 0), (40, True, 0), (60, True, 1), (60, False, 2), (90, True, 0), (120, False, 0), (200, True, 1)]
)]  # fmt: skip


@pytest.mark.parametrize(("seed", "size", "data", "k"), CASES)
def test_random_graphs(seed, size, data, k):
    document = drawn(seed, size, 4, data, k)
    z = start(4 + k, seed)
    assert misses(document, z, None, 1) == 0
    assert misses(document, z, -8, 1, seed) == 0


@pytest.mark.parametrize("name", ["everything", "kinks", "circle", "xor-local"])
def test_small_losses(name):
    subject = SUBJECTS[name]()
    z = [
        Dyadic(round(x * 2**30) | 1, -30) for x in (*subject.point, *[0.375] * len(subject.loss.constraints))
    ]
    assert misses(subject.loss.document(), z, -6, 3) == 0


def test_an_output_that_does_not_depend_on_the_data(monkeypatch):
    g = Graph()
    (x,) = g.params(1)
    document = Loss(g, 1, x("exp"), [[1], [2], [3], [4]], 2, x("square")).document()
    assert misses(document, [Dyadic(3, -3)], -8, 2) == 0
    monkeypatch.setattr(sweep, "ENTRIES", 3)
    assert misses(document, [Dyadic(3, -3)], -8, 2) == 0


def test_rows_in_parts_are_the_same(monkeypatch):
    document = drawn(4, 90)
    z = start(4, 4)
    whole = swept(document, z, -8)
    monkeypatch.setattr(sweep, "ENTRIES", 1)
    parts = swept(document, z, -8)
    monkeypatch.setattr(sweep.fixed, "TERMS", 5)
    few = swept(document, z, -8)
    for other in (parts, few):
        for a, b in (
            (whole.value, other.value),
            (whole.gradient, other.gradient),
            (whole.hessian(), other.hessian()),
        ):
            assert (abs(a.mid - b.mid) <= 2**20).all()
            assert (abs(a.rad - b.rad) <= 2**20 + a.rad.max() // 10**9).all()


def test_higher_precision_is_nested():
    document = drawn(2, 60, 4, True, 1)
    a, b = (swept(document, start(5, 2), None, p=p).hessian() for p in (160, 640))
    assert (abs((a.mid << 480) - b.mid) <= (a.rad << 480) + b.rad).all()
    assert b.rad.max() < 2**40


@pytest.mark.parametrize("name", [*rules.FUNCTIONS, "sin", "cos", "powi"])
@pytest.mark.parametrize("order", [1, 2])
def test_a_wrong_derivative_is_noticed(name, order, monkeypatch):
    g = Graph()
    (x,) = g.params(1)
    document = Loss(g, 1, (x("powi", 5) if name == "powi" else x(name)) * 3).document()
    z = [Dyadic(3, -3)]
    assert misses(document, z, None, 1) == 0
    module, word = (rules, "powers") if name == "powi" else (rules, "unary")
    true = getattr(module, word)

    def wrong(*args):
        found = true(*args)
        if len(found) > order:
            found[order] = found[order]._replace(mid=found[order].mid + (1 << (P - 40)))
        return found

    monkeypatch.setattr(local.rules, word, wrong)
    assert misses(document, z, None, 1) > 0


@pytest.mark.parametrize(
    ("op", "place"),
    [("mul", 0), ("mul", 1), ("dot", 0), ("div", 0), ("div", 1), ("square", 0), ("max", 0), ("sub", 1)],
)
def test_a_wrong_rule_of_a_pair_is_noticed(op, place, monkeypatch):
    g = Graph()
    x, y = g.params(2)
    more = (x, y) if op == "dot" else ()
    document = Loss(g, 2, x("square") if op == "square" else x(op, y, *more)).document()
    z = [Dyadic(3, -3), Dyadic(-5, -2)]
    assert misses(document, z, None, 1) == 0
    true = local.of

    def wrong(node, *args):
        found = true(node, *args)
        if node.op == op and op == "square":
            return found._replace(second=[(a, b, 3) for a, b, _ in found.second])
        if node.op == op:
            first = list(found.first)
            first[place] = (first[place][0], 0)
            return found._replace(first=first)
        return found

    monkeypatch.setattr(local, "of", wrong)
    assert misses(document, z, None, 1) > 0
