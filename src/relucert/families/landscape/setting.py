"""The objective of a claim about the designed landscape in words, with all that it depends on."""

from __future__ import annotations

from relucert.base.visible import counted
from relucert.certificate.numbers import Json
from relucert.certificate.shown import listed, vector

DESIGNED_LANDSCAPE = "designed-landscape"


def about(claim: Json) -> str:
    """The objective, its neurons and its teacher or samples. Raises ValueError for another objective."""
    problem = claim["problem"]
    neurons = len(claim["point"] if "point" in claim else problem["a_star"])
    ends = f"with mu = {problem['mu']}, lambda = {problem['lambda']} and {counted(neurons, 'neuron')}"
    if problem["objective"] == "G":
        weights = problem["a_star"]
        return (
            f"the designed objective G of Ge, Lee & Ma {ends} for the teacher sum_i a_i relu(x_i), standard Gaussian "
            f"input in dimension {len(weights)}, a = {listed(weights)}"
        )
    if problem["objective"] == "F":
        weights, rows = problem["a_star"], [x for row in problem["teacher"] for x in row]
        return (
            f"the designed objective F (after Ge, Lee & Ma, as section 13 writes it) {ends} for the teacher sum_i a_i "
            f"relu(b_i.x), standard Gaussian input in dimension {len(weights)}, a = {listed(weights)}, rows b_i = "
            f"{listed(rows)}"
        )
    if problem["objective"] != "G-hat":
        raise ValueError("another objective")
    x, y = problem["samples"]["x"], problem["samples"]["y"]
    return (
        f"the designed objective of Ge, Lee & Ma {ends}, estimated from the {len(y)} given samples (x, y) in "
        f"dimension {len(x[0])}, x = {vector([v for row in x for v in row])}, y = {vector(y)}"
    )
