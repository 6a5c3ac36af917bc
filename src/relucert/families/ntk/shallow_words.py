"""Sentences about training a two-layer network (docs/spec/wide-network-v1.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from relucert.base.visible import counted
from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, listed, plain, vector

LEGEND = (
    "x_i: the data, X: their matrix, w_r: the neurons, H: the Gram matrix of the active neurons, P: bound of its "
    "change, eta: the step, g: the rate, r_t: how far the enclosed run is from the true one. See section 14 of "
    "docs/theorem/ntk.md."
)
VERDICT = "converges-to-zero-loss"
MEMBERS = {"x", "y", "width"}
Words = tuple[str, list[tuple[str, str]]]


def words(claim: Json) -> Words:
    """A claim of these methods in a sentence, and its bounds as names and texts.

    Raises KeyError, TypeError, ValueError or IndexError for a malformed one.
    """
    return METHODS[claim["method"]](claim)


def _about(claim: Json) -> str:
    """The network, its data and its start."""
    problem, start = claim["problem"], claim["start"]
    x, y, m = problem["x"], problem["y"], int(problem["width"])
    if (
        claim["verdict"] != VERDICT
        or set(problem) - {"step"} != MEMBERS
        or set(start) != {"weights", "signs"}
    ):
        raise ValueError("another verdict or problem")
    data, labels = vector([v for row in x for v in row]), vector(y)
    return (
        f"the network u(x) = {m}^(-1/2) sum_r a_r relu(w_r.x) of {counted(m, 'neuron')}, of which only the "
        f"w_r are trained, on the {len(x)} data x_i = {data} in dimension {len(x[0])} with labels y = {labels} and "
        f"loss |u - y|^2/2, from the start {_start(start)}"
    )


def _start(start: Json) -> str:
    weights, signs = start["weights"], start["signs"]
    if isinstance(weights, dict):
        said = f"w = {plain(weights['scale'])} N of seed {int(weights['seed'])}"
    else:
        said = f"w = {vector([v for row in weights for v in row])}"
    if isinstance(signs, dict):
        return f"{said}, signs a of seed {int(signs['seed'])}"
    if set(signs) - {"+", "-"}:
        raise ValueError("signs that are none")
    return f"{said}, signs a = {listed(list(signs))}"


def _descent(claim: Json) -> Words:
    steps, bounds, step = claim["steps"], claim["bounds"], claim["problem"]["step"]
    if type(steps) is not int or steps < 0 or not isinstance(step, str):
        raise ValueError("no number of steps")
    rate, loss = at_least(bounds["rate"]), at_most(bounds["loss"])
    when = f"after {steps} steps" if steps else "at the start"
    since = f"after step {steps}" if steps else "ever"
    sentence = (
        f"Gradient descent with step {step} on {_about(claim)}, converges to weights with zero loss: the loss is at "
        f"most {loss} {when}, and t steps later |u - y| is at most (1 - {rate})^t times what it was then. At a kink "
        "the derivative of relu may be any number in [0, 1]."
    )
    facts = [
        ("rate", f"|u - y| after t >= {steps} steps is at most (1 - {rate})^(t - {steps}) times that {when}"),
        ("movement", f"each neuron stays within {at_most(bounds['travel'])} of where it is {when}"),
        ("switches", f"at most {int(bounds['switching'])} pairs (neuron, row) change activation {since}"),
    ]
    if "first_travel" in bounds:
        far = at_most(bounds["first_travel"])
        facts.append(("movement before", f"{when} each neuron is at most {far} from its start"))
    return sentence, facts


def _flow(claim: Json) -> Words:
    bounds = claim["bounds"]
    if "step" in claim["problem"] or set(bounds) != {"loss", "rate", "travel"}:
        raise ValueError("no claim about gradient flow")
    rate = at_least(bounds["rate"])
    sentence = (
        f"Gradient flow on {_about(claim)}, converges to weights with zero loss: |u - y|^2 is at most exp(-2 g t) "
        f"times its value at the start, g = {rate}, for every solution, whatever the derivative of relu at a kink."
    )
    return sentence, [
        ("loss at the start", f"at most {at_most(bounds['loss'])}"),
        ("movement", f"each neuron by at most {at_most(bounds['travel'])} ever"),
    ]


METHODS: Mapping[str, Callable[[Json], Words]] = {"gradient-descent": _descent, "gradient-flow": _flow}
