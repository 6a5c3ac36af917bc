"""Sentences and tables about certificates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.certificate.numbers import number
from relucert.families.cnn import words as cnn_text
from relucert.families.cnn.problem import ONE_HIDDEN_LAYER_CNN
from relucert.families.filter import prove as filter_

Json = dict[str, Any]
Words = Callable[[Json], tuple[str, list[tuple[str, str]]]]  # of a claim: a sentence, and facts

OTHER_FAMILIES: Mapping[str, tuple[Words, str]] = {  # words and legend
    ONE_HIDDEN_LAYER_CNN: (cnn_text.words, cnn_text.LEGEND),
    filter_.ONE_FILTER: (filter_.words, filter_.LEGEND),
}


class Claim(NamedTuple):
    """A claim in words."""

    verdict: str
    sentence: str
    facts: list[tuple[str, str]]  # the claimed bounds, a name and a text each


def claim(statement: Json, name: str) -> Claim:
    """What a certificate claims. Raises InputError, naming the file `name`, for a malformed claim."""
    inner = statement["claim"]
    try:
        words, _ = OTHER_FAMILIES.get(inner["family"], (_words, LEGEND))
        return Claim(inner["verdict"], *words(inner))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"{name}: the claim is not that of a certificate ({error!r})") from error


class Row(NamedTuple):
    """One inequality of the evidence, as texts."""

    theorem: str
    step: str
    text: str
    left: str
    right: str
    margin: str


LEGEND = (
    "W: the point, W*: the critical point, F: the loss, eps: gradient norm, L: Lipschitz constant of the "
    "Hessian on the ball of radius alpha around W, r: existence radius, R: basin; omega, chi, eta: see "
    "Theorem E in docs/theorem.md."
)


def legend(statement: Json) -> str:
    """What the letters of the inequalities mean."""
    return OTHER_FAMILIES.get(statement["claim"]["family"], (_words, LEGEND))[1]


def inequalities(statement: Json, name: str) -> list[Row]:
    """The evidence. Raises InputError, naming the file `name`, if it is malformed."""
    rows = []
    for argument in statement["evidence"]:
        try:
            for item in argument["inequalities"]:
                left, right = item["left"], item["right"]
                margin = _margin(left, right) if item["proved"] else "not proved"
                text = item["step"], item["text"], _shown(left), _shown(right)
                rows.append(Row(argument["theorem"], *text, margin))
        except (KeyError, TypeError) as error:
            raise InputError(f"{name}: the evidence is not that of a certificate ({error!r})") from error
    return rows


def _shown(side: Json | None) -> str:
    return "undefined" if side is None else str(side["decimal"])


def _margin(left: object, right: object) -> str:
    """By what factor, or by how much, an inequality holds."""
    low, high = (to_float(number(x, "inequality")) for x in (left, right))
    return f"{high / low:.4g} times" if low > 0 else f"by {high - low:.3g}"


def _words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
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
