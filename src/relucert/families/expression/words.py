"""Sentences about certificates of a loss written as a graph (docs/spec/expression-v1.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from relucert.base.visible import counted
from relucert.certificate.form import canonical
from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, listed, vector, within
from relucert.families.expression import flows
from relucert.families.verdicts import NAMES, NO_MINIMUM

LEGEND = (
    "M, E: every Hessian in the box lies entrywise within E of M, delta: 5/4 of a bound of |E|, low: lower bound of "
    "the sizes of the eigenvalues of M; eps: norm of the gradient at the point, rho: half-width of the box, r: "
    "distance of the critical point x*, R: basin; y: the witness; v: the direction, w: the sizes of its entries; G_i: "
    "sizes of the entries of the gradient, S_i: sums of sizes of entries of the Hessian; T: gradients of the "
    "constraints times generators, R: about its inverse; c: lower bound of F; N: number of images. See section 17 of "
    "docs/theorem/expression.md."
)
KINDS = {
    "local-minimum": "a strict local minimum, with a positive definite Hessian",
    "spurious-minimum": "a strict local minimum that is not global, with a positive definite Hessian",
    "strict-saddle": f"a {NO_MINIMUM}, where the Hessian has negative eigenvalues and none that is 0",
}
TANGENT = {
    "local-minimum": "a strict local minimum of F on that set, with a Hessian (of F + mu.h, along the set) that is "
    "positive definite",
    "strict-saddle": "no minimum of F on that set: the Hessian there (of F + mu.h, along the set) has negative "
    "eigenvalues and none that is 0",
}
ORBITS = {
    "local-minimum": "orbit of local minima",
    "spurious-minimum": "orbit of spurious local minima",
    "strict-saddle": "orbit of critical points that are no minima",
}
ON_THE_SET = {
    "local-minimum": "strict local minimum on the set of the constraints",
    "strict-saddle": f"{NO_MINIMUM}, on the set of the constraints",
}
ALONE = NAMES | {"strict-saddle": NO_MINIMUM}
SIGNS = {1: "", -1: "-"}
Words = tuple[str, list[tuple[str, str]]]


def digest(loss: Json) -> str:
    """SHA-256 of a loss in its canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(loss)).hexdigest()


def about(loss: Json) -> str:
    """The loss with all that it depends on."""
    rows = f" and {counted(len(loss['data']), 'row')} of data" if "data" in loss else ""
    return (
        f"the loss F that the file writes down ({counted(loss['parameters'], 'parameter')}, "
        f"{counted(len(loss['nodes']), 'node')}{rows}; "
        f"SHA-256 {digest(loss)})"
    )


def words(claim: Json) -> Words:
    """A claim of this family in a sentence, and its bounds as names and texts.

    Raises KeyError, TypeError, ValueError or IndexError for a malformed one.
    """
    if claim["method"] != "hessian-box":
        raise ValueError("another method")
    loss, bounds = claim["problem"]["loss"], claim["bounds"]
    place = f"the point x0 = {vector(claim['point'])}"
    if claim["verdict"] == "not-critical":
        sentence = (
            f"There is no critical point of {about(loss)} whose entries all lie within "
            f"{at_least(bounds['exclusion'])} of those of {place}."
        )
        return sentence, [("gradient norm at x0", f">= {at_least(bounds['gradient_min'])}"), *infimum(bounds)]
    if "symmetry" in claim:
        return _symmetric(claim, place)
    if "constraints" in loss:
        return _constrained(claim, place)
    sentence = (
        f"Within {_radius(bounds)} of {place} there is {KINDS[claim['verdict']]}, of "
        f"{about(loss)}, with value {within(bounds['objective'])}; there is no other critical point whose entries all "
        f"lie within {at_least(bounds['box'])} of those of x0."
    )
    if "witness" in claim:
        sentence += (
            f" F is lower by at least {at_least(bounds['gap'])} at the point {vector(claim['witness'])}."
        )
    inertia = bounds["inertia"]
    facts = [
        ("gradient norm at x0", f"<= {at_most(bounds['gradient'])}"),
        ("smallest eigenvalue of the Hessian at the critical point", within(bounds["lambda_min"])),
        (
            "eigenvalues there, and everywhere in that box",
            f"{inertia['negative']} negative, {inertia['positive']} positive",
        ),
    ]
    more = _minimum(bounds) if "convexity" in bounds else _saddle(claim)
    if "images" in claim:
        given = claim["images"]["exchanges"]
        sentence += f" {images(len(given), claim['images']['count'])}."
        more += [(f"exchange {i}", exchange(x)) for i, x in enumerate(given)]
    return sentence, [*facts, *more, *infimum(bounds)]


def images(exchanges: int, count: int) -> str:
    """Of a critical point without constraints: Theorem 17.P."""
    ways = f"{exchanges} exchanges" if exchanges > 1 else "an exchange"
    return (
        f"F stays the same after {ways} of parameters, with signs; all images of the critical point under "
        f"{'them' if exchanges > 1 else 'it'} are critical points of the same kind, with the same value: at least "
        f"{count} different ones"
    )


def heading(claim: Json) -> str:
    """What the point is called: its orbit, where a symmetry moves it; on the set, where there is one."""
    constrained = ON_THE_SET if "constraints" in claim["problem"]["loss"] else ALONE
    return (ORBITS if "symmetry" in claim else constrained)[claim["verdict"]]


def infimum(bounds: Json) -> list[tuple[str, str]]:
    if "infimum_min" not in bounds:
        return []
    return [("F, at every point where it is defined", f">= {at_least(bounds['infimum_min'])}")]


def exchange(of: Sequence[Sequence[int]]) -> str:
    """What it makes of a point x, as far as it is not x."""
    return listed([f"x[{i}] becomes {SIGNS.get(s, f'{s} ')}x[{j}]" for i, j, s in of])


def _radius(bounds: Json) -> str:
    return f"{at_most(bounds['existence_radius'])} (Euclidean distance)"


def _minimum(bounds: Json) -> list[tuple[str, str]]:
    facts = [
        (
            "eigenvalues of all Hessians in that box",
            f"between {at_least(bounds['convexity'])} and {at_most(bounds['smoothness'])}",
        )
    ]
    if "basin" in bounds:
        text = (
            f"converges to the minimum from within {at_least(bounds['basin'])} (Euclidean distance) of x0, "
            f"with any fixed step below {at_least(bounds['step'])}"
        )
        facts.append(("gradient descent", text))
    if "barrier" in bounds:
        text = f"gets at least {at_least(bounds['barrier'])} higher than the minimum"
        facts.append(("every continuous path from the minimum to another point where F is no higher", text))
    return facts


def _saddle(claim: Json) -> list[tuple[str, str]]:
    text = f"<= {at_most(claim['bounds']['curvature'])} per unit length squared"
    return [(f"second derivative everywhere in that box along {vector(claim['direction'])}", text)]


def _constrained(claim: Json, place: str) -> Words:
    loss, bounds = claim["problem"]["loss"], claim["bounds"]
    count, inertia = len(loss["constraints"]), bounds["inertia"]
    sentence = (
        f"For {about(loss)} on the set where its {count} constraint{'s' * (count > 1)} h "
        f"vanish{'es' * (count == 1)}: within {_radius(bounds)} of {place} and of the multipliers "
        f"mu0 = {vector(claim['multipliers'])}, together, there are a point x* with h(x*) = 0 and multipliers with "
        f"which it is critical; the gradients of h are independent there, and it is {TANGENT[claim['verdict']]}, with "
        f"value {within(bounds['objective'])}. There is no other critical point of F + mu.h whose entries all lie "
        "within "
        f"{at_least(bounds['box'])} of those of (x0, mu0). Nothing is said of F off the set."
    )
    return sentence, [
        ("norm of the gradient of F + mu.h at (x0, mu0)", f"<= {at_most(bounds['gradient'])}"),
        (
            "eigenvalues of the Hessian along the set",
            f"{inertia['negative']} negative, {inertia['positive']} positive",
        ),
        *infimum(bounds),
    ]


ORBIT = {
    "local-minimum": "each of them a local minimum of F: near it, F is larger at all points that do not belong to the "
    "orbit",
    "spurious-minimum": "each of them a local minimum of F that is not global: near it, F is larger at all points that "
    "do not belong to the orbit",
    "strict-saddle": "none of them a minimum of F: the Hessian there has negative eigenvalues",
}


def _symmetric(claim: Json, place: str) -> Words:
    loss, bounds, given = claim["problem"]["loss"], claim["bounds"], claim["symmetry"]
    count, inertia = len(given), bounds["inertia"]
    sentence = (
        f"There is a symmetry of {about(loss)}: F does not change along {count} affine "
        f"flow{'s' * (count > 1)} of R^{loss['parameters']}. Within {_radius(bounds)} of {place} there is "
        f"a critical point x* of F where the constraints h of the file vanish; there is no other critical point of F "
        f"where they vanish and whose entries all lie within {at_least(bounds['box'])} of those of x0. Its orbit "
        f"under the symmetry consists of critical points of F with value {within(bounds['objective'])}, "
        f"{ORBIT[claim['verdict']]}."
    )
    if "witness" in claim:
        sentence += (
            f" F is lower by at least {at_least(bounds['gap'])} at the point {vector(claim['witness'])}."
        )
    multipliers = f"mu0 = {vector(claim['multipliers'])}"
    symmetries = [(f"symmetry {i}", flows.text(x)) for i, x in enumerate(given)]
    return sentence, [
        *symmetries,
        (
            f"norm of the gradient of F + mu.h at (x0, mu0), {multipliers}",
            f"<= {at_most(bounds['gradient'])}",
        ),
        (
            "eigenvalues of the Hessian of F on the orbit",
            f"{inertia['negative']} negative, {inertia['positive']} positive, {count} zero, along the orbit",
        ),
        *infimum(bounds),
    ]
