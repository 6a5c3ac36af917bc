"""Sentences about certificates of the one-hidden-layer CNN (docs/spec/cnn-v1.md)."""

from __future__ import annotations

from typing import Any

from relucert.certificate.shown import at_least, at_most, within
from relucert.families.cnn import descent_words

Json = dict[str, Any]

LEGEND = (
    "v, a: the student's filter and output weights, w*, a*: the teacher's; F: the loss; "
    "T = (k + pi - 1)|a*|^2 - pi (1.a*)^2; F_bad, a_bad: loss and output weights at angle pi of v and w*; "
    "psi: pi minus the angle; D, K, Q: those of Theorem 10.B; see docs/theorem/cnn.md sections 9 and 10."
)

NORM = "in Euclidean norm of (v, a)"
LANDSCAPES = {
    "spurious-minimum": "there is a spurious local minimum",
    "no-spurious-minimum": "there is no spurious local minimum",
}
NAMES = {
    "global-minimum": "global minima",
    "spurious-minimum": "spurious local minima",
    "strict-saddle": "strict saddles",
    "non-strict-saddle": "saddles with a semidefinite Hessian",
}


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A sentence and facts. Raises KeyError, TypeError or ValueError for a malformed claim."""
    if "eta" in claim:
        return descent_words.words(claim)
    return _sentence(claim), _facts(claim)


def _sentence(claim: Json) -> str:
    problem, bounds, verdict = claim["problem"], claim["bounds"], claim["verdict"]
    setting = f"For {descent_words.network(problem)}, the population loss has"
    if "point" not in claim:
        kinds = [
            f"{NAMES[x['verdict']]} with loss {within(x['objective'])}" for x in bounds["critical_points"]
        ]
        return f"{setting} no critical points but these: {', '.join(kinds)}; {LANDSCAPES[verdict]}."
    if verdict == "not-critical":
        return (
            f"{setting} no critical point within {at_least(bounds['exclusion_radius'])} of the point {NORM}."
        )
    return (
        f"{setting} {NAMES[verdict]} with loss {within(bounds['objective'])} within "
        f"{at_most(bounds['existence_radius'])} of the point {NORM}; no critical point of another kind is nearer than "
        f"{at_least(bounds['uniqueness_radius'])}."
    )


def _facts(claim: Json) -> list[tuple[str, str]]:
    bounds = claim["bounds"]
    names = {
        "excess": "T",
        "q_bad": "a_bad.a*, negative where F >= F_bad holds around the point",
        "barrier": "pass over the saddles above the spurious minimum",
        "loss": "loss at the point",
    }
    rows = [("proved by", claim["method"])]
    rows += [(text, within(bounds[name])) for name, text in names.items() if name in bounds]
    for point in bounds.get("critical_points", [bounds] if "spectrum" in bounds else []):
        name = "eigenvalues at |v| = 1"
        if "verdict" in point:
            rows.append((f"{NAMES[point['verdict']]}: angle of v and w*", within(point["angle"])))
            x, y = within(point["a"]["a_star"]), within(point["a"]["ones"])
            rows.append((f"{NAMES[point['verdict']]}: a = x a* + y 1", f"x {x}, y {y}"))
            name = f"{NAMES[point['verdict']]}: {name}"
        values = (f"{e['multiplicity']} x {within(e['value'])}" for e in point["spectrum"])
        rows.append((name, ", ".join(values)))
    return rows
