"""Every rule of an operation, one at a time, made wrong: value, slopes and second derivatives, as Lemma 17.D has them.

A rule is what the kernel says of a node, whichever table it is from. The check that has to notice is `contained`: the
enclosure of the loss, its gradient or its Hessian no longer contains what differences of values by mpmath give.
"""

from functools import cache

import pytest

import expression_cases as cases
from relucert.families.expression.candidate import kernel_loss
from relucert.kernel import ball
from relucert.kernel.expression import enclose
from relucert.kernel.expression.functions import UNARY

A_LITTLE = ball.exact((1, -30))
WRONG = {
    "factor": lambda x: x * (1 + A_LITTLE),
    "sign": lambda x: -x,
    "missing": lambda x: 0 * x,
    "more": lambda x: x + A_LITTLE,
}
EACH = cases.of_each_operation()
ABOUT = {name: g.nodes[g.nodes[g.output][-1]] for name, (g, _) in EACH.items()}  # the node in question
SIDES = {  # both sides of a kink; the others at their own point
    "relu": ([0.5, 0.75], [-0.5, 0.75]), "abs": ([0.5, 0.75], [-0.5, 0.75]), "max": ([0.5, 0.75], [1.5, -0.5]),
}  # fmt: skip
RULES = [  # operation, point, and which of the numbers of a node
    (name, tuple(at), part, place)
    for name, (_, own) in EACH.items()
    for at in SIDES.get(name, (own,))
    for part, places in (("value", 1), ("partials", 4), ("seconds", 2))
    for place in range(places)
]


@cache
def by_differences(name, at):
    return cases.derivatives(EACH[name][0], at)


def noticed(name, at):
    """Whether an enclosure does not contain what it has to."""
    with ball.precision(64):
        graph, x = kernel_loss(EACH[name][0]), [ball.exact_float(v) for v in at]
        found = enclose.hessian(graph, x, [])
        value, gradient, hessian = by_differences(name, at)
        pairs = [
            (found.value, value),
            (enclose.value(graph, x), value),
            *zip(found.gradient, gradient, strict=True),
            *zip(found.hessian.entries(), [v for row in hessian for v in row], strict=True),
        ]
        return not all(cases.holds(a, b) for a, b in pairs)


def altered(found, part, place, wrong):
    """A node with one of its numbers made wrong; None where it has none there, or the wrong one is the same."""
    if part == "value":
        old, new = found.value, wrong(found.value)
        return None if new == old else found._replace(value=new)
    rules = list(getattr(found, part))
    if place >= len(rules):
        return None
    *of, old = rules[place]
    rules[place] = (*of, wrong(old))
    return None if rules[place][-1] == old else found._replace(**{part: rules})


def with_wrong(monkeypatch, function, name, part, place, wrong):
    """The kernel's function that says what a node is, with one rule of the operation made wrong; what was changed."""
    right, changed = getattr(enclose, function), []

    def of(node, *given):
        found = right(node, *given)
        new = altered(found, part, place, wrong) if node == ABOUT[name] else None
        changed.append(new is not None)
        return found if new is None else new

    monkeypatch.setattr(enclose, function, of)
    return changed


@pytest.mark.parametrize("name, at, part, place", RULES)
def test_a_wrong_rule_is_noticed(name, at, part, place, monkeypatch):
    assert not noticed(name, at)
    for wrong in WRONG.values():
        with monkeypatch.context() as patch:
            changed = with_wrong(patch, "_local", name, part, place, wrong)
            assert noticed(name, at) == any(changed)


@pytest.mark.parametrize("name", EACH)
def test_a_wrong_value_is_noticed_where_nothing_has_to_be_differentiable(name, monkeypatch):
    at = tuple(EACH[name][1])
    for wrong in WRONG.values():
        with monkeypatch.context() as patch:
            changed = with_wrong(patch, "_plain", name, "value", 0, wrong)
            assert noticed(name, at) and any(changed)


@pytest.mark.parametrize("name", EACH)
def test_a_bend_where_there_is_none_is_noticed(name, monkeypatch):
    right = enclose._local
    for at in SIDES.get(name, (EACH[name][1],)):

        def bent(node, *given):
            found = right(node, *given)
            if node != ABOUT[name]:
                return found
            a = found.partials[0][0]
            return found._replace(seconds=[*found.seconds, (a, a, A_LITTLE)])

        monkeypatch.setattr(enclose, "_local", bent)
        assert noticed(name, tuple(at))


def test_every_operation_has_as_many_rules_as_it_needs(monkeypatch):
    """Slopes and second derivatives of a node; what is symmetric is there once."""
    none, seen, right = ("neg", "abs", "relu", "max"), {}, enclose._local

    def watched(node, *given):
        found = right(node, *given)
        seen[node] = len(found.partials), len(found.seconds)
        return found

    monkeypatch.setattr(enclose, "_local", watched)
    for name, (_, at) in EACH.items():
        assert not noticed(name, tuple(at))
        one = (1, 0) if name in none else (1, 1)
        several = {"add": (2, 0), "sub": (2, 0), "sum": (3, 0), "mul": (2, 1), "div": (2, 2), "dot": (4, 2)}
        assert seen[ABOUT[name]] == several.get(name, one)
    assert set(EACH) == {*UNARY, "max", "powi", *several}
