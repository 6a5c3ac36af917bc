"""Sentences about Gram matrices (docs/spec/wide-network-v1.md)."""

from __future__ import annotations

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most, vector, within

Words = tuple[str, list[tuple[str, str]]]


def gram_words(claim: Json) -> Words:
    """A claim in a sentence, and its bounds.

    Raises KeyError, TypeError, ValueError or IndexError for a malformed one.
    """
    of, verdict, bounds = _matrix(claim["problem"]), claim["verdict"], claim["bounds"]
    if verdict == "singular":
        shown = ", ".join(map(str, claim["dependent"]))
        return (
            f"{of} is singular: its smallest eigenvalue is 0, as the inputs {shown} (counted from 0) show.",
            [],
        )
    if verdict != "positive-definite":
        raise ValueError("another verdict")
    sentence = f"{of} is positive definite: its smallest eigenvalue is {within(bounds['lambda_min'])}."
    facts = [("largest eigenvalue", f"<= {at_most(bounds['largest'])}")]
    if "by_geometry" in bounds:
        text = f"smallest eigenvalue >= {at_least(bounds['by_geometry'])}"
        facts.append(("from the angles alone, without eigenvalues (Theorem 14.G)", text))
    return sentence, facts


def _matrix(problem: Json) -> str:
    depth, activation, kind = problem["depth"], problem["activation"], problem["architecture"]
    entries = vector([v for row in problem["x"] for v in row])
    name = "H^inf" if (depth, activation, kind) == (1, "relu", "dense") else f"K^({depth})"
    shape = f"{len(problem['x'])} inputs x/|x| in dimension {len(problem['x'][0])}, x = {entries}"
    network = f"{kind} {activation} network of depth {depth}"
    if kind == "residual":
        network += f", c_res = {problem['c_res']}"
    elif kind != "dense":
        raise ValueError("another architecture")
    return f"The Gram matrix {name} of the infinitely wide {network}, for {shape},"
