"""Sentences about certificates of more neurons than targets: global minima, and gradient descent to one."""

from __future__ import annotations

from collections.abc import Sequence

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most
from relucert.families.teacher.methods import CONVERGES, NOT_ISOLATED, OWNERS, TO_GLOBAL
from relucert.families.teacher.words import given, setting


def owners(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """The claim in a sentence."""
    if claim["verdict"] != NOT_ISOLATED:
        raise ValueError(f"the method {OWNERS} has no verdict {claim['verdict']!r}")
    owned = ", ".join(map(str, claim["owners"]))
    sentence = (
        f"{setting(claim, every=True)}, the point is a global minimum of the population loss, which is 0 there; it is "
        "not isolated: there are other points with loss 0 as near to it as one likes."
    )
    return sentence, [*given(claim["problem"]), ("target of which each neuron is a multiple", owned)]


def converges(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """The claim in a sentence, and its numbers."""
    if claim["verdict"] != TO_GLOBAL:
        raise ValueError(f"the method {CONVERGES} has no verdict {claim['verdict']!r}")
    bounds = claim["bounds"]
    sentence = (
        f"{setting(claim, every=True)}, gradient descent on the population loss with fixed step {claim['step']}, in "
        "exact arithmetic, from the point in the certificate, filled with zeros, converges to a global minimum, with "
        f"loss 0, within {at_most(bounds['travel'])} of that point in Frobenius norm; the minimum is not isolated."
    )
    return sentence, [
        ("target of which each neuron becomes a positive multiple", _listed(claim["owners"])),
        ("loss at the point", f"<= {at_most(bounds['objective'])}"),
        ("loss after T steps", f"<= {_loss_after(bounds['rate'])}"),
    ]


def _loss_after(rate: Json) -> str:
    """(18.4)."""
    return f"(F^(-1/3) + {at_least(rate)} T)^(-3), F the loss at the point (if F = 0, it is 0)"


def _listed(owners: Sequence[int]) -> str:
    return ", ".join(map(str, owners))
