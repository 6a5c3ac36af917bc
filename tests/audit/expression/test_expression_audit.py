"""The checker of losses written as graphs: what is accepted, and that nothing else is."""

from fractions import Fraction

import pytest
from certificates import audit
from expression_claims import LOWER, SUBJECTS, Graph, Loss, interval, opened, proved, proved_at, scaled
from mpmath import mp

from judge.documents import number, value
from makers.edits import changed, claim, edited
from relucert_audit.expression import box, sweep
from relucert_audit.expression.claim import Certificate
from relucert_audit.expression.graph import read_loss
from relucert_audit.format import Dyadic
from relucert_audit.interval import dyadic, precision

PERCENT = Fraction(1, 100)


def result(document):
    return audit(document).result


@pytest.mark.parametrize("name", SUBJECTS)
def test_what_is_proved_is_accepted(name):
    assert audit(proved(name)).finding is None


NAMES = [
    (name, bound)
    for name in ("wells-raw", "wells-maximum", "pass-away", "kinks", "everything", "xor-spurious")
    for bound, x in claim(proved(name), "bounds").items()
    if isinstance(x, dict) and "exact" in x and bound != "infimum_min"
]


def own(name):
    """The checker's own bounds of what a claim says, at the claimed box: in the units of the claim."""
    document = proved(name)
    z = [Dyadic(int(m), e) for m, e in claim(document, "point")]
    loss = read_loss(claim(document, "problem.loss"), "loss")
    graph, cert = sweep.lagrangian(loss), Certificate("", loss, z, [], (0, 0), {}, [])
    with precision(672):
        at = box.at_point(graph, cert, 640)
        rho = dyadic(
            *next(exact(document, x) for x in ("box", "exclusion") if x in claim(document, "bounds"))
        )
        of = box.hessians(graph, cert, rho, 640).spectrum()
        bounds = {"gradient": at.norm, "gradient_min": at.norm}
        if "box" in claim(document, "bounds"):
            r = at.norm / of.gap
            bounds |= {"existence_radius": r, "convexity": of.smallest.a, "smoothness": of.largest.b}
            bounds |= (
                {"basin": rho - 2 * r, "step": 2 / dyadic(*exact(document, "smoothness"))}
                if "basin" in claim(document, "bounds")
                else {}
            )
    return {key: fraction(x, key not in LOWER) for key, x in bounds.items()}


def exact(document, bound):
    m, e = claim(document, f"bounds.{bound}.exact")
    return Dyadic(int(m), e)


def fraction(x, upper):
    sign, m, e, _ = x._mpi_[1 if upper else 0]
    return (-1) ** sign * int(m) * Fraction(2) ** e


@pytest.mark.parametrize("name", ["wells-raw", "kinks", "everything", "xor-spurious", "pass-away"])
def test_one_percent_too_tight(name):
    """The checker's own bounds a millionth looser are accepted, one percent tighter are not. (A claimed `step` is
    held against a claimed `smoothness`.)"""
    document, looser = proved(name), proved(name)
    for bound, true in own(name).items():
        if bound not in claim(document, "bounds") or true <= 0:
            continue
        away = Fraction(-1, 10**6) if bound in LOWER else Fraction(1, 10**6)
        loose, tight = true * (1 + away), true * (1 - away * 10**4)
        if bound not in ("smoothness", "existence_radius", "convexity"):
            looser = changed(looser, f"bounds.{bound}", number(loose, bound not in LOWER))
        one = changed(document, f"bounds.{bound}", number(loose, bound not in LOWER))
        if bound == "smoothness":
            one = scaled(one, "step", Fraction(1, 2))
        assert audit(one).finding is None
        assert result(changed(document, f"bounds.{bound}", number(tight, bound not in LOWER))) != "accepted"
    assert audit(looser).finding is None


@pytest.mark.parametrize(("name", "bound"), NAMES)
def test_bounds_far_too_tight(name, bound):
    factor = {"barrier": 4, "convexity": 3, "box": 64, "exclusion": 64}.get(bound, 2)
    negative = value(claim(proved(name), f"bounds.{bound}.exact")) < 0
    tighter = Fraction(factor) if (bound in LOWER) != negative else Fraction(1, factor)
    expected = {"gradient": "rejected", "gap": "rejected", "gradient_min": "rejected"}
    if bound in ("gradient", "existence_radius"):
        tighter = Fraction(1, 2**140)
    document = scaled(proved(name), bound, tighter)
    assert result(document) == expected.get(bound, "not-confirmed")


@pytest.mark.parametrize("name", ["wells", "pass", "everything", "xor-spurious", "height-high"])
def test_intervals_moved_by_a_percent(name):
    for bound in ("objective", "lambda_min"):
        if bound in claim(proved(name), "bounds"):
            by = abs(value(claim(proved(name), f"bounds.{bound}.0.exact"))) / 100
            for sign in (1, -1):
                assert result(interval(proved(name), bound, sign * by)) == "rejected"


def test_an_interval_without_its_end_is_not_confirmed():
    low, high = claim(proved("wells"), "bounds.lambda_min")
    middle = (value(low["exact"]) + value(high["exact"])) / 2
    with mp.workprec(400):
        x = mp.findroot(lambda t: 4 * t**3 - 4 * t + mp.mpf(1) / 4, 0.967)
        true = 12 * x**2 - 4
    half = (
        [low, number(middle, True)]
        if true > mp.mpf(middle.numerator) / middle.denominator
        else [number(middle, False), high]
    )
    assert result(changed(proved("wells"), "bounds.lambda_min", half)) == "rejected"


@pytest.mark.parametrize("name", ["wells", "pass", "height-high", "kinks", "xor-spurious", "pass-away"])
def test_another_number_in_the_loss_or_the_point(name):
    """Critical points move with the loss; of `not-critical` the numbers are checked anew."""
    document = proved(name)
    loss = claim(document, "problem.loss")
    changes = [("point.0", ["5", -3])]
    for i, node in enumerate(loss["nodes"]):
        if node[0] == "const" and (name, node[1]) != ("kinks", "9"):  # |u + 9| - 9 = u
            changes.append((f"problem.loss.nodes.{i}", ["const", str(Fraction(node[1]) + Fraction(1, 7))]))
    if "data" in loss:
        changes += [("problem.loss.data.0.0", "11/13"), ("problem.loss.scale", "11/13")]
    for path, new in changes:
        assert result(changed(document, path, new)) in ("rejected", "not-confirmed")


VERDICTS = ("local-minimum", "spurious-minimum", "strict-saddle", "not-critical")


@pytest.mark.parametrize("name", ["wells", "wells-local", "pass", "pass-away", "height-low"])
@pytest.mark.parametrize("verdict", VERDICTS)
def test_another_verdict(name, verdict):
    document = proved(name)
    if claim(document, "verdict") != verdict:
        assert result(changed(document, "verdict", verdict)) == "malformed" or name == "height-low"
        assert result(changed(document, "verdict", verdict)) != "accepted"


def test_a_spurious_minimum_is_a_local_one():
    bounds = {k: x for k, x in claim(proved("wells"), "bounds").items() if k != "gap"}
    document = edited(proved("wells"), ("verdict", "local-minimum"), ("witness", None), ("bounds", bounds))
    assert audit(document).finding is None


def test_members_of_bounds():
    """Each is needed but for basin, step, barrier and infimum_min; each of another kind is too much."""
    for name in ("wells", "pass", "pass-away", "circle"):
        document = proved(name)
        for bound in claim(document, "bounds"):
            without = changed(document, f"bounds.{bound}", None)
            assert result(without) == ("accepted" if bound in ("barrier", "infimum_min") else "malformed")
        assert result(changed(document, "bounds.lipschitz", number(Fraction(1), True))) == "malformed"
    both = edited(proved("wells"), ("bounds.basin", None), ("bounds.step", None))
    assert audit(both).finding is None


def simple(output, m, point, verdict, bounds, **members):
    numbers = {
        key: x
        if isinstance(x, dict)
        else [number(x[0], False), number(x[1], True)]
        if isinstance(x, tuple)
        else number(x, key not in LOWER)
        for key, x in bounds.items()
    }
    return opened(Loss(output.graph, m, output).document(), m, verdict, numbers, point=point, **members)


FLAT = {
    "gradient": Fraction(0),
    "existence_radius": Fraction(0),
    "box": Fraction(1, 8),
    "objective": (Fraction(-1), Fraction(1)),
    "lambda_min": (Fraction(-9), Fraction(9)),
    "convexity": Fraction(1, 64),
    "smoothness": Fraction(9),
}


def minimum(output, m=1, point=None, **bounds):
    inertia = {"inertia": {"negative": 0, "positive": m}}
    return simple(output, m, point or [["0", 0]] * m, "local-minimum", {**FLAT, **inertia, **bounds})


def test_by_hand():
    """x^2 is accepted; degenerate, constant, absent and kinked ones are not."""
    g = Graph()
    x, y = g.params(2)
    assert audit(minimum(x("square"))).finding is None
    assert (
        audit(
            minimum(x("square"), convexity=2 - Fraction(1, 2**30), smoothness=2 + Fraction(1, 2**30))
        ).finding
        is None
    )
    assert audit(minimum(x("square") + y("square") * 2, 2)).finding is None
    for weak in (
        x("powi", 4),
        x("powi", 3),
        x("neg"),
        x,
        g.node("const", "1"),
        x("abs"),
        x("relu")("square"),
        x("sqrt"),
    ):
        assert result(minimum(weak)) != "accepted"
    for weak in (x("square"), x * y, (x + y)("square"), (x("square") - y("square"))):
        assert result(minimum(weak, 2)) != "accepted"
    assert result(minimum(x("square") * Fraction(1, 2**70))) == "not-confirmed"


def test_the_witness_need_not_be_smooth():
    """sqrt((x + 1)^2) + |x + 1| has a kink at the witness -1, where the loss is defined; log(x + 1)^2 is not."""
    g = Graph()
    (x,) = g.params(1)
    well = (x("square") - 1)("square") + x / 4
    kinked = (x + 1)("abs") / 64 + ((x + 1)("square"))("sqrt") / 64
    for more, expected in ((kinked, "accepted"), ((x + 1)("log")("square") / 64, "not-confirmed")):
        local = proved_at(Loss(g, 1, well + more).document(), [0.963])
        gap = ("bounds.gap", number(Fraction(1, 4), False))
        assert (
            result(edited(local, ("verdict", "spurious-minimum"), ("witness", [["-1", 0]]), gap)) == expected
        )


def test_ill_conditioned_hessians():
    """Eigenvalues 4 and 2^-bits."""
    g = Graph()
    x, y = g.params(2)
    for bits, expected in ((30, "accepted"), (60, "accepted"), (120, "not-confirmed")):
        output = (x + y)("square") + (x - y)("square") * Fraction(1, 2 ** (bits + 2))
        tiny = Fraction(1, 2**bits)
        near = {"smoothness": Fraction(5), "lambda_min": (tiny * 99 / 100, tiny * 101 / 100)}
        assert result(minimum(output, 2, convexity=tiny * 99 / 100, **near)) == expected
        assert result(minimum(output, 2, convexity=tiny * 101 / 100, **near)) == "not-confirmed"
        off = near | {"lambda_min": (tiny * 101 / 100, 2 * tiny)}
        assert result(minimum(output, 2, convexity=tiny / 2, **off)) in ("rejected", "not-confirmed")


def test_rows_are_named():
    g = Graph()
    (x,) = g.params(1)
    output = ((x + 2) * g.node("input", 0))("log")
    loss = Loss(g, 1, output, [[1], [2], [-3]], 1).document()
    finding = audit(opened(loss)).finding
    assert finding.result == "not-confirmed"
    assert ", log, row 2: that its argument is positive is not proved" in finding.reason
