"""Sentences about certificates of one filter (docs/spec/filter-v1.md)."""

from __future__ import annotations

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, listed

LEGEND = (
    "w*: the target, w0: the start, T: the number of steps; H, gamma, Lsm: see Theorems 11.A and 11.B in "
    "docs/theorem/filter.md. Theorem 11.A holds for small steps only."
)


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A claim of this family in a sentence, and its bounds as names and texts."""
    problem, bounds = claim["problem"], claim["bounds"]
    sentence = (
        f"For one ReLU filter in dimension {len(problem['target'])} with standard Gaussian input and target "
        f"w* = {listed(problem['target'])}, gradient descent on the population loss with step "
        f"{problem['eta']} from w0 = {listed(claim['point'])} converges to w*, and |w_t - w*| <= "
        f"{problem['accuracy']} |w*| from step {bounds['steps']} on."
    )
    facts = [
        ("|w0 - w*|/|w*|", f"<= {at_most(bounds['distance'])}"),
        ("each step shrinks |w_t - w*|", f"by a share of at least {at_least(bounds['decrease'])}"),
    ]
    return sentence, facts
