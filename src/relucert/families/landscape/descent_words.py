"""Sentences about certificates of runs on the designed landscape (docs/spec/landscape-v1.md)."""

from __future__ import annotations

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, listed
from relucert.families.landscape.setting import about

LEGEND = (
    "B_0: the point, B_T: the run after T steps; P: the global minimum that the run converges to, with rows +-t_i e_i, "
    "t_i^2 = lambda/(lambda - nu alpha_i), nu = mu/12, alpha_i = a_i/(2 sqrt(2 pi)); distances are in Frobenius norm; "
    "see Lemma 13.N and Theorems 13.A and 13.B in docs/theorem/landscape.md."
)


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A claim of the method `descent` in a sentence, and its bounds as names and texts. Raises ValueError for another
    verdict."""
    if claim["verdict"] != "converges-to-global-minimum":
        raise ValueError("another verdict")
    problem, bounds, steps = claim["problem"], claim["bounds"], claim["steps"]
    start, distance = starts(bounds["start_radius"]), f"<= {at_most(bounds['distance'])}"
    sentence = (
        f"For {about(claim)}, all local minima are global, and gradient descent with step {problem['step']} "
        f"from {start} converges to the global minimum P."
    )
    facts = [("rows of P", signed(claim["minimum"])), (f"|B_T - P|, T = {steps}", distance)]
    if "gradient_min" in bounds:
        facts.append(
            ("|grad G| at every start", f">= {at_least(bounds['gradient_min'])}, so none is critical")
        )
    return sentence, facts


def starts(radius: Json) -> str:
    least = at_least(radius)
    return "the point B_0" if least == "0" else f"every start within {least} of the point B_0"


def signed(minimum: Json) -> str:
    """The rows of a signed permutation, one after the other; signs other than + and - do not occur."""
    pairs = zip(minimum["permutation"], minimum["signs"], strict=True)
    return listed([f"{sign}t_{i} e_{i}" for i, sign in pairs])
