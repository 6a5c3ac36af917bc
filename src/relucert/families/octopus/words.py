"""Sentences about certificates of the octopus (docs/spec/octopus-v1.md)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from hashlib import sha256

from relucert.base.dyadic import Dyadic, canonical
from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, listed, within

DIGITS = 24  # of an integer that is said in full
LEGEND = (
    "eta: the step, T_k: the first time with |x_k| >= 2 tau, a: absolute values of a run in double precision; "
    "g, r, s, eps, w: the noise, in units of tau; N, M, J, E, p, a_d: see Theorems 16.A to 16.P in "
    "docs/theorem/octopus.md."
)


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A claim of this family in a sentence, and its bounds as names and texts.

    Raises ValueError for what the sentence would not say.
    """
    said = SENTENCES.get((claim["method"], claim["verdict"]))
    if said is None:
        raise ValueError("another method or verdict")
    sentence, facts = said(claim)
    problem = claim["problem"]
    about = (
        f"For the octopus function f in R^{problem['d']} with L = {problem['L']}, gamma = {problem['gamma']}"
    )
    about += f" and tau = {problem['tau']}, on its domain D, "
    return about + sentence, facts


def _critical(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    d, value = claim["problem"]["d"], within(claim["bounds"]["value"])
    sentence = (
        f"the critical points are 2^{d} - 1 strict saddles, (+-4 tau k times, then zeros) for k < {d}, with value "
        f"-k nu, nu = tau^2 (37 L + 13 gamma)/6, and smallest eigenvalue -2 gamma, and 2^{d} minima, all coordinates "
        f"+-4 tau, Hessian 2 L I; at each of the minima f is {value}."
    )
    return sentence, [("value at the minima", value)]


def _escape(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    times = claim["bounds"]["times"]
    sentence = (
        f"gradient descent with step {claim['problem']['step']} from x_0 = {listed(claim['point'])} stays in D and "
        "first has |x_k| >= 2 tau after exactly T_k steps; it leaves the last saddle after "
        f"T_{len(times)} = {long(times[-1])} steps."
    )
    return sentence, [("T_1, .., T_d", listed(times)[1:-1])]


def _every(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    time = long(claim["bounds"]["time"])
    d = claim["problem"]["d"]
    sentence = (
        f"gradient descent with step {claim['problem']['step']} from any x_0 in [-1, 1]^{d} stays in D and needs at "
        f"least {time} steps to leave the last saddle, if it ever does."
    )
    return sentence, [(f"T_{d}", f">= {time}")]


def _stuck(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    bounds = claim["bounds"]
    k, rest = bounds["coordinate"], _dyadic(bounds["rest"])
    shown = "0" if rest[0] == 0 else f"{rest[0]} * 2^{rest[1]}"
    first = listed([str(_fraction(_dyadic(x))) for x in claim["point"]])
    sentence = (
        f"gradient descent as the program of docs/spec/octopus-v1.md makes it, in double precision with step "
        f"{claim['problem']['step']} from x_0 = {first}, stands still from step {bounds['step']} on: |x_{k}| = {shown} "
        "for ever."
    )
    return sentence, [(f"|x_{k}| for ever", shown), ("from step", str(bounds["step"]))]


def _perturbed(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    problem, bounds = claim["problem"], claim["bounds"]
    noise, chance = problem["noise"], at_least(bounds["probability"])
    sentence = (
        f"gradient descent with step {problem['step']}, perturbed by independent noise uniform in the ball of radius "
        f"{noise['radius']} tau where the gradient is at most {noise['threshold']} tau and no noise came in the "
        f"{noise['wait']} steps before, has from any x_0 in [-1, 1]^{problem['d']} with probability at least {chance} "
        f"an iterate within {noise['accuracy']} tau of a minimum after at most {bounds['steps']} steps."
    )
    least = f"{noise['least']} tau from 0 after noise, for each coordinate that has to leave"
    return sentence, [
        ("probability", f">= {chance}"),
        ("steps", f"<= {bounds['steps']}"),
        ("counted on", least),
    ]


SENTENCES = {
    ("critical-points", "strict-saddles-and-minima"): _critical,
    ("escape", "escape-times"): _escape,
    ("every-start", "exponential-time"): _every,
    ("double-precision", "stuck"): _stuck,
    ("perturbed", "finds-a-minimum"): _perturbed,
}


def long(text: str) -> str:
    """An integer; a long one by its beginning, its number of digits and the SHA-256 of all."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError("not an integer")
    if len(text) <= DIGITS:
        return text
    return f"{text[:DIGITS]}.. ({len(text)} digits; SHA-256 {sha256(text.encode()).hexdigest()})"


def _dyadic(pair: list[object]) -> Dyadic:
    mantissa, exponent = pair
    if not isinstance(mantissa, str) or type(exponent) is not int or abs(exponent) > 1100:
        raise ValueError("not a double")
    return canonical(int(Decimal(mantissa)), exponent)


def _fraction(value: Dyadic) -> Fraction:
    return Fraction(value[0]) * Fraction(2) ** value[1]
