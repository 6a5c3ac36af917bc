"""Sentences about certificates for every k (docs/spec/uniform-v1.md)."""

from __future__ import annotations

from relucert.base.dyadic import DOWN, UP, decimal
from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, within
from relucert.families.uniform.methods import CENTRE_BITS, EDGE_BITS, RADIUS_BITS, SLOPE_BITS

LEGEND = (
    "K: the image of a tube under Krawczyk's operator, r: the radius of the tube; W: the critical point; F: the "
    "loss. See Theorem 12.U in docs/theorem/uniform.md."
)
KNOWN = {"classes": "k-1,1", "neurons": "k", "targets": "orthonormal"}
ENTRIES = ("k^2 (a - 1)", "k^2 b", "k c", "k e", "k (f + 1)")


def words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    """A claim of this family in a sentence, and its bounds as names and texts.

    Raises ValueError for what the sentence would not say.
    """
    start, tiers, boxes = claim["problem"]["from"], claim["bounds"]["tiers"], claim["boxes"]
    if claim["problem"] != {**KNOWN, "from": start} or claim["verdict"] != "spurious-minimum":
        raise ValueError("another problem or verdict")
    if tiers[0]["from"] != start:
        raise ValueError("the bounds do not begin at the first k")
    sentence = (
        f"For every integer k >= {start}, in every input dimension d >= k, the population loss F of n = k ReLU neurons "
        "against k orthonormal targets e_1, .., e_k, with standard Gaussian input, has a spurious local minimum W: "
        "w_i = a e_i + b (sum of the other e_j, j < k) + c e_k for i < k, w_k = e (sum of e_j, j < k) + f e_k is a "
        "critical point with a positive definite Hessian, all its eigenvalues above "
        f"{at_least(tiers[0]['lambda_min'])}, and F(W) > 0 = min F, so W is a strict local minimum and not global; "
        f"k F(W) is {within(tiers[0]['loss_times_k'])}."
    )
    facts = [
        (
            f"k >= {tier['from']}",
            f"all eigenvalues of the Hessian above {at_least(tier['lambda_min'])}, "
            f"k F(W) {within(tier['loss_times_k'])}" + _basin(tier),
        )
        for tier in tiers
    ]
    limits = [f"{name} {low}" for name, low in zip(ENTRIES, _at_zero(boxes[0]), strict=True)]
    facts.append(("limits for k -> infinity", ", ".join(limits)))
    intervals = "1 interval" if len(boxes) == 1 else f"{len(boxes)} intervals"
    facts.append(("proved on", f"{intervals} of s = k^(-1/2), from 0 to {start}^(-1/2)"))
    return sentence, facts


def _basin(tier: Json) -> str:
    if "basin" not in tier:
        return ""
    return (
        "; gradient descent on F with any fixed step in (0, 4/k] converges to W from every start within "
        f"{at_least(tier['basin'])}/sqrt(k) of W (Frobenius norm, in R^(kd)), where there is no other critical point"
    )


def _at_zero(box: Json) -> list[str]:
    """Where the five entries are at s = 0."""
    low, high = (int(x) for x in box["s"])
    found = []
    for centre, slope, radius in zip(box["centre"], box["slope"], box["radius"], strict=True):
        bits = EDGE_BITS + SLOPE_BITS + 1 + RADIUS_BITS + CENTRE_BITS  # more than every unit needs
        middle = (int(centre) << bits - CENTRE_BITS) - (
            int(slope) * (low + high) << bits - SLOPE_BITS - EDGE_BITS - 1
        )
        room = int(radius) << bits - RADIUS_BITS
        ends = decimal((middle - room, -bits), DOWN), decimal((middle + room, -bits), UP)
        found.append(f"in [{ends[0]}, {ends[1]}]")
    return found
