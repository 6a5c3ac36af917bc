"""Sentences about training a deep network (docs/spec/wide-network-v1.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, plain, vector

LEGEND = (
    "For deep networks, J: the derivatives of the outputs by all weights, s_0, B_0: bounds of its singular values, "
    "Lam: of the second derivatives nearby, E: of |y - u|, rho: how far descent goes, r: how far the enclosed run is "
    "from the true one, s = s_0 - Lam (rho + r), l = (B_0 + Lam (rho + r))^2 + Lam E."
)
VERDICT = "converges-to-zero-loss"
MEMBERS = {"x", "y", "width", "depth", "activation", "architecture", "step"}
Words = tuple[str, list[tuple[str, str]]]


def _deep(claim: Json) -> Words:
    """In a sentence, and its bounds as names and texts."""
    problem, bounds, steps = claim["problem"], claim["bounds"], claim["steps"]
    if claim["verdict"] != VERDICT or type(steps) is not int or steps < 0:
        raise ValueError("another verdict, or no number of steps")
    if set(bounds) != {"loss", "rate", "travel"}:
        raise ValueError("other bounds")
    rate, where = at_least(bounds["rate"]), "at the start" if steps == 0 else f"after {steps} steps"
    sentence = (
        f"Gradient descent with step {problem['step']} on {_about(problem)}, from the start {_start(claim['start'])} "
        f"converges to weights with zero loss. The loss is at most {at_most(bounds['loss'])} {where}, and t steps "
        f"later |u - y| is at most (1 - {rate})^t times what it was then."
    )
    return sentence, [
        (
            "rate",
            f"|u - y| after t >= {steps} steps at most (1 - {rate})^(t - {steps}) times that after {steps}",
        ),
        (
            "movement of all weights together",
            f"for ever within {at_most(bounds['travel'])} of where they are {where}",
        ),
    ]


def _about(problem: Json) -> str:
    """The network and its data."""
    x, y, m, depth, s = (problem[name] for name in ("x", "y", "width", "depth", "activation"))
    if len(x) != len(y) or type(m) is not int or type(depth) is not int:
        raise ValueError("a malformed problem")
    data, labels = vector([v for row in x for v in row]), vector(y)
    return (
        f"the {_architecture(problem)} network of H = {depth} hidden {_plural('layer', depth)} of m = {m} {s} "
        f"{_plural('neuron', m)} (s), {_formula(problem)}, "
        f"without biases, all layers trained, on the {len(y)} data x_i = {data} in dimension {len(x[0])} with labels "
        f"y = {labels} and loss |u - y|^2/2"
    )


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _formula(problem: Json) -> str:
    """The network itself: docs/theorem/ntk.md."""
    scale = "k = (c/m)^(1/2), 1/c = E s(z)^2 for z ~ N(0, 1)"
    if problem["architecture"] == "dense":
        return f"u = a.x_H, x_h = k s(W_h x_(h-1)), {scale}"
    return (
        f"u = a.x_H, x_1 = k s(W_1 x_0), x_h = x_(h-1) + c_res/(H m^(1/2)) s(W_h x_(h-1)) for h >= 2, {scale}"
    )


def _architecture(problem: Json) -> str:
    kind, more = problem["architecture"], set(problem) - MEMBERS
    if kind == "dense" and not more:
        return "fully connected"
    if kind == "residual" and more == {"c_res"}:
        return f"residual (c_res = {problem['c_res']})"
    raise ValueError("another architecture")


def _start(start: Json) -> str:
    weights = start["weights"]
    if set(weights) == {"seed", "scale"}:
        return f"{plain(weights['scale'])} N of seed {int(weights['seed'])}"
    layers = [v for layer in weights["layers"] for row in layer for v in row]
    return f"W = {vector(layers)}, a = {vector(weights['output'])}"


METHODS: Mapping[str, Callable[[Json], Words]] = {"deep-gradient-descent": _deep}
