"""Sentences about certificates of matrix factorisation (docs/spec/factorisation-v1.md)."""

from __future__ import annotations

from collections.abc import Callable

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, plain, vector, within

LEGEND = (
    "f = |U V^T - M|^2/2, R = U V^T - M, B = U^T U - V^T V; |.|: Frobenius norm, ||.||: spectral norm; eta: the step, "
    "l: bound of the Hessian, D: radius of Theorem 15.C. See section 15 of docs/theorem/factorisation.md."
)
Words = tuple[str, list[tuple[str, str]]]


def words(claim: Json) -> Words:
    """A claim of this family in a sentence, and its bounds as names and texts.

    Raises KeyError, TypeError, ValueError or IndexError for a malformed one.
    """
    return METHODS[claim["method"]](claim)


def _setting(problem: Json) -> str:
    target = problem["target"]
    return (
        f"f(U, V) = |U V^T - M|^2/2 of rank {problem['rank']} for the {len(target)} x {len(target[0])} matrix "
        f"M = {vector([v for row in target for v in row])}"
    )


def _landscape(claim: Json) -> Words:
    bounds, levels = claim["bounds"], claim["singular_values"]
    e = claim["problem"]["imbalance"]
    sentence = (
        f"Every critical point of {_setting(claim['problem'])} is a global minimum or a strict saddle. M has "
        f"{sum(level['multiplicity'] for level in levels)} positive singular values, "
        f"{len(levels)} of them different."
    )
    facts = [("least value", within(bounds["minimum"])), ("sets of critical points", bounds["critical_sets"])]
    if "gap" in bounds:
        facts.append(("next critical value", f"higher by >= {at_least(bounds['gap'])}"))
        facts.append((f"curvature of saddles with ||B|| <= {e}", f"<= -{at_least(bounds['saddle'])}"))
    if "manifold" in bounds:
        of = bounds["manifold"]
        facts.append(("global minima", f"a manifold of dimension {of['dimension']}, Morse-Bott"))
        ends = f"from {at_least(of['lambda_min'])} to {at_most(of['lambda_max'])}"
        facts.append(("curvature across it, balanced", ends))
    facts.extend(
        (f"singular value {within(level['value'])}", f"{level['multiplicity']} times") for level in levels[:8]
    )
    return sentence, facts


def _start(start: Json) -> str:
    if "seed" in start:
        return f"the start of seed {start['seed']} and scale {plain(start['scale'])}"
    return "the given start"


def _run(claim: Json, setting: str) -> Words:
    bounds, steps = claim["bounds"], claim["steps"]
    sentence = f"Gradient descent on {setting} converges to a global minimum, U V^T = M."
    facts = [
        (f"f after {steps} steps", f"<= {at_most(bounds['loss'])}"),
        ("f after t more steps", f"<= (1 - {at_least(bounds['rate'])})^t times that"),
        ("distance from there, for ever", f"<= {at_most(bounds['travel'])}"),
    ]
    if "drift" in bounds:
        facts.append(("|B_t - B_0|, for ever", f"<= {at_most(bounds['drift'])}"))
    return sentence, facts


def _descent(claim: Json) -> Words:
    problem, bounds = claim["problem"], claim["bounds"]
    setting = f"{_setting(problem)} with step {problem['step']} from {_start(claim['start'])}"
    if claim["verdict"] == "converges-to-global-minimum":
        return _run(claim, setting)
    sentence = f"Gradient descent on {setting} never increases f, and converges to a critical point."
    return sentence, [
        ("|B_t|, for ever", f"<= {at_most(bounds['imbalance'])}"),
        ("|B_t - B_0|, for ever", f"<= {at_most(bounds['drift'])}"),
        ("||U_t||^2, ||V_t||^2, for ever", f"<= {at_most(bounds['norm'])}"),
    ]


def _rank_one(claim: Json) -> Words:
    problem, start, bounds, verdict = claim["problem"], claim["start"], claim["bounds"], claim["verdict"]
    setting = f"|u v^T - M|^2/2, M = {problem['s']} p q^T with unit vectors p, q, with step {problem['step']}"
    if verdict == "diverges-with-probability":
        about = f"u ~ N(0, {start['variance']} I) in dimension {start['d1']}, v likewise in {start['d2']}"
        chance = f"1 - 2 exp(-{at_least(bounds['exponent'])})"
        return (
            f"Gradient descent on {setting} diverges with probability at least {chance} from a start {about}.",
            [],
        )
    setting += (
        f", from every start in any dimension with u.p = {start['alpha']}, v.q = {start['beta']}, squared rests "
        f"{start['a2']} and {start['b2']},"
    )
    if verdict == "converges-to-global-minimum":
        return _run(claim, setting)
    facts = [(f"growth of both rests after step {claim['steps']}", f">= {at_least(bounds['growth'])} a step")]
    return f"Gradient descent on {setting} diverges.", facts


def _schedule(claim: Json) -> Words:
    of = claim["problem"]
    sentence = (
        f"For every M with ||M|| = {of['s']}, |M| = {of['frobenius']}, width r = {of['rank']} of U and V, and every "
        f"start of norm at most {of['start_norm']}, gradient descent with the steps (eps/r)^(1/2)/(100 |M|^(3/2))/(t + "
        f"1), eps = {of['accuracy']}, has ||U V^T - M|| > eps at every step up to 10^L."
    )
    return sentence, [("L", f">= {at_least(claim['bounds']['log10_steps'])}")]


def _balance(claim: Json) -> Words:
    problem, bounds, steps = claim["problem"], claim["bounds"], claim["steps"]
    widths = "-".join(map(str, problem["widths"]))
    slope = f" (derivative {problem['kink']} at 0)" if problem["activation"] == "relu" else ""
    sentence = (
        f"A {problem['activation']} network {widths}{slope} without biases on {len(problem['x'])} samples, half the "
        f"squared loss, step "
        f"{problem['step']}, from {_start(claim['start'])}: {steps} steps change |row i of W_h|^2 - |column i of "
        f"W_(h+1)|^2 of every neuron by at most {at_most(bounds['largest'])}."
    )
    facts = [(f"layer {h}", within(x)) for h, x in enumerate(bounds["layers"], 1)]
    facts.extend(
        (f"|D - D_0| of layer {h} after {steps} steps", f"<= {at_most(x)}")
        for h, x in enumerate(bounds.get("matrices", []), 1)
    )
    return sentence, [*facts, ("loss at the end", within(bounds["loss"]))]


METHODS: dict[str, Callable[[Json], Words]] = {
    "landscape": _landscape,
    "descent": _descent,
    "rank-one": _rank_one,
    "schedule": _schedule,
    "balance": _balance,
}
