"""Sentences about certificates of the teacher-student network (docs/spec/certificate-v1.md)."""

from __future__ import annotations

from relucert.certificate.numbers import Json

LEGEND = (
    "W: the point, W*: the critical point, F: the loss, eps: gradient norm, L: Lipschitz constant of the "
    "Hessian on the ball of radius alpha around W, r: existence radius, R: basin; omega, chi, eta: see "
    "Theorem E in docs/theorem/teacher.md."
)


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    return _sentence(claim), _facts(claim)


def _sentence(claim: Json) -> str:
    problem, bounds, verdict = claim["problem"], claim["bounds"], claim["verdict"]
    targets = "orthonormal" if problem["targets"] == "orthonormal" else "the given"
    dimension = f"dimension {problem['d']}"
    if "dimension" in claim:
        dimension = f"every dimension d >= {problem['d']}"
    setting = (
        f"For {problem['n']} ReLU neurons against {problem['k']} {targets} targets in {dimension}"
        " with standard Gaussian input"
    )
    if verdict == "not-critical":
        radius = bounds["exclusion_radius"]["decimal"]
        return f"{setting}, the population loss has no critical point within {radius} of the point."
    radius, alone = bounds["existence_radius"]["decimal"], bounds["uniqueness_radius"]["decimal"]
    sentence = {
        "spurious-minimum": "a strict local minimum that is not global",
        "global-minimum": "a global minimum, a permutation of the targets,",
        "local-minimum": "a strict local minimum",
        "strict-saddle": "a strict saddle",
    }[verdict]
    low, high = (x["decimal"] for x in bounds["objective"])
    value = "with loss 0" if verdict == "global-minimum" else f"with loss between {low} and {high}"
    return (
        f"{setting}, the population loss has {sentence} within {radius} of the point, {value}; "
        f"it is the only critical point within {alone}."
    )


def _facts(claim: Json) -> list[tuple[str, str]]:
    bounds = claim["bounds"]
    spread = bounds["lambda_min"]
    rows = []
    if "class_sizes" in claim["point"]:
        rows.append(("symmetric point", _classes(claim)))
    rows += [
        ("smallest eigenvalue of the Hessian", f"in [{spread[0]['decimal']}, {spread[1]['decimal']}]"),
        ("largest eigenvalue", f"<= {bounds['lambda_max']['decimal']}"),
    ]
    if "lambda_min_outside" in bounds:
        low, high = (x["decimal"] for x in bounds["lambda_min_outside"])
        rows.append(("smallest eigenvalue in dimensions beyond k", f"in [{low}, {high}]"))
    rows += [
        ("gradient norm", f"<= {bounds['gradient_norm']['decimal']}"),
        (
            "Lipschitz constant of the Hessian",
            f"<= {bounds['lipschitz']['value']['decimal']} within {bounds['lipschitz']['radius']['decimal']}"
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
                f"from within {basin['radius']['decimal']}, with any step below {basin['step']['decimal']}",
            )
        )
    if "robust" in claim:
        robust = claim["robust"]
        rows += [
            (
                "in every dimension, for all targets whose polar factor is",
                f"within {robust['deviation']['decimal']} of I, a spurious minimum within"
                f" {robust['radius']['decimal']} of the turned point",
            ),
            (
                "for targets drawn from N(0, c I), with probability at least 1 - exp(-d t^2/2)",
                f"in every dimension d > {robust['random_dimension']}, "
                f"t = {robust['deviation']['decimal']} - sqrt(k (k + 1)/d)",
            ),
        ]
    return rows


def _classes(claim: Json) -> str:
    """The class sizes, as of k = 19 + 1 = 20."""
    sizes, extra = claim["point"]["class_sizes"], len(claim["point"]["extra"])
    total = f" = {sum(sizes)}" if len(sizes) > 1 else ""
    text = f"classes of {' + '.join(map(str, sizes))}{total} indices that may be exchanged"
    return text + (f", and {extra} more {'neuron' if extra == 1 else 'neurons'}" if extra else "")
