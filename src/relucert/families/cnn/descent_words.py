"""Sentences about certificates of where gradient descent goes (docs/spec/cnn-descent-v1.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relucert.certificate.shown import at_least, at_most, listed, within

if TYPE_CHECKING:
    from relucert.families.cnn.problem import CnnProblem

Json = dict[str, Any]

ENDS = {
    "converges-to-global-minimum": "a global minimum",
    "converges-to-spurious-minimum": "a spurious local minimum",
}


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A sentence and facts. Raises KeyError, TypeError or ValueError for a malformed claim."""
    problem, bounds, step = claim["problem"], claim["bounds"], claim["step"]
    sentence = (
        f"For {network(problem)}, gradient descent on the population loss, in v and a, with step {claim['eta']} "
        f"from the point converges to {ENDS[claim['verdict']]}."
    )
    rows = [("proved by", f"{claim['method']}, iterate {step}")]
    names = {"r": "|v|", "phi": "angle of v and w*", "psi": "pi - angle", "q": "a.a*", "s": "1.a"}
    rows += [(f"{text} at iterate {step}", within(bounds[name])) for name, text in names.items()]
    if "decay" in bounds:
        rate = "from there tan(angle/2) falls each step at least by this share of itself"
        rows.append((rate, at_least(bounds["decay"])))
    else:
        least, most = at_least(bounds["flattest"]), at_most(bounds["steepest"])
        later = f"between x/(1 + 2 {most} x j) and x/(1 + {least} x j/2)"
        rows.append(("from there, j steps on, x = pi - angle lies", later))
    return sentence, rows


def network(problem: Json) -> str:
    """What every sentence is about: the network, its teacher, its input."""
    a_star = problem["a_star"]
    return (
        f"a weight-normalised one-hidden-layer CNN with {len(a_star)} patches of size {problem['patch']}, "
        f"teacher a* = {listed(a_star)} and |w*| = {problem['w_norm']}, and standard Gaussian input"
    )


def about(problem: CnnProblem) -> str:
    """The same, of a problem that is not yet in a claim."""
    a_star = [str(x) for x in problem.a_star]
    return network({"a_star": a_star, "w_norm": str(problem.w_norm), "patch": problem.patch})
