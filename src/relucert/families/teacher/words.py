"""Sentences about certificates of the teacher-student network (docs/spec/certificate-v1.md)."""

from __future__ import annotations

import hashlib

import rfc8785

from relucert.certificate.numbers import Json, above, below, number
from relucert.kernel.ball import exact, proves_lt

LEGEND = (
    "W: the point, W*: the critical point, F: the loss, eps: gradient norm, L: Lipschitz constant of the "
    "Hessian on the ball of radius alpha around W, r: existence radius, R: basin; omega, chi, eta: see "
    "Theorem E in docs/theorem/teacher.md."
)


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    return _sentence(claim), _facts(claim)


def _sentence(claim: Json) -> str:
    problem, bounds, verdict = claim["problem"], claim["bounds"], claim["verdict"]
    dimension = f"dimension {problem['d']}"
    if "dimension" in claim:
        dimension = f"every dimension d >= {problem['d']}"
    setting = (
        f"For {problem['n']} ReLU neurons against {_targets(problem)} in {dimension}"
        " with standard Gaussian input"
    )
    if verdict == "not-critical":
        radius = below(bounds["exclusion_radius"])
        return f"{setting}, the population loss has no critical point within {radius} of the point."
    radius, alone = above(bounds["existence_radius"]), below(bounds["uniqueness_radius"])
    sentence = {
        "spurious-minimum": "a strict local minimum that is not global",
        "global-minimum": "a global minimum, a permutation of the targets,",
        "local-minimum": "a strict local minimum",
        "strict-saddle": "a strict saddle",
    }[verdict]
    low, high = below(bounds["objective"][0]), above(bounds["objective"][1])
    value = "with loss 0" if verdict == "global-minimum" else f"with loss between {low} and {high}"
    result = f"{setting}, the population loss has {sentence} within {radius} of the point, {value}"
    near, far = (exact(number(bounds[name], name)) for name in ("existence_radius", "uniqueness_radius"))
    return (
        f"{result}; it is the only critical point within {alone}." if proves_lt(near, far) else f"{result}."
    )


def _targets(problem: Json) -> str:
    """The targets; given ones by their number and the SHA-256 of their canonical form."""
    if problem["targets"] == "orthonormal":
        return f"{problem['k']} orthonormal targets"
    digest = hashlib.sha256(rfc8785.dumps(problem["targets"])).hexdigest()
    return f"{problem['k']} given targets (SHA-256 {digest})"


def _facts(claim: Json) -> list[tuple[str, str]]:
    bounds = claim["bounds"]
    spread = bounds["lambda_min"]
    rows = []
    if "class_sizes" in claim["point"]:
        rows.append(("symmetric point", _classes(claim)))
    rows += [
        ("smallest eigenvalue of the Hessian", f"in [{below(spread[0])}, {above(spread[1])}]"),
        ("largest eigenvalue", f"<= {above(bounds['lambda_max'])}"),
    ]
    if "lambda_min_outside" in bounds:
        low, high = below(bounds["lambda_min_outside"][0]), above(bounds["lambda_min_outside"][1])
        rows.append(("smallest eigenvalue in dimensions beyond k", f"in [{low}, {high}]"))
    rows += [
        ("gradient norm", f"<= {above(bounds['gradient_norm'])}"),
        (
            "Lipschitz constant of the Hessian",
            f"<= {above(bounds['lipschitz']['value'])} within {below(bounds['lipschitz']['radius'])}"
            f" ({bounds['lipschitz']['constants']} constants)",
        ),
    ]
    if "inertia" in bounds:
        inertia = bounds["inertia"]
        rows.append(("eigenvalues", f"{inertia['negative']} negative, {inertia['positive']} positive"))
    if "basin" in bounds:
        basin = bounds["basin"]
        rows.append(
            (
                "gradient descent converges to it",
                f"from within {below(basin['radius'])} of the point, with any fixed step below {below(basin['step'])}",
            )
        )
    if "robust" in claim:
        robust = claim["robust"]
        deviation, radius = below(robust["deviation"]), above(robust["radius"])
        rows += [
            (
                "for targets nearly orthonormal",
                "for every d >= k and all targets V = Q P, a d x k matrix with V^T V = P^2 and P positive "
                f"definite, with Frobenius norm |P - I|_F <= {deviation}, the loss has a strict local minimum "
                f"that is not global within {radius} of Q W",
            ),
            (
                "for random targets",
                "for k targets drawn independently from N(0, c I_d), c > 0, and every d > "
                f"{robust['random_dimension']}, with probability at least 1 - exp(-d t^2/2), t = {deviation} - "
                "sqrt(k (k + 1)/d), the loss has a strict local minimum that is not global within "
                f"{radius} sqrt(c d) of sqrt(c d) Q W, Q the polar factor of the targets",
            ),
        ]
    return rows


def _classes(claim: Json) -> str:
    """The class sizes, as of k = 19 + 1 = 20."""
    sizes, extra = claim["point"]["class_sizes"], len(claim["point"]["extra"])
    total = f" = {sum(sizes)}" if len(sizes) > 1 else ""
    text = f"classes of {' + '.join(map(str, sizes))}{total} indices that may be exchanged"
    return text + (f", and {extra} more {'neuron' if extra == 1 else 'neurons'}" if extra else "")
