"""Statements about every k: docs/spec/uniform-v1.md is the authority for their format."""

from __future__ import annotations

from collections.abc import Mapping

from relucert.base.dyadic import DOWN, UP
from relucert.certificate.form import SCHEMA
from relucert.certificate.inequalities import evidence
from relucert.certificate.numbers import Json, bound, written
from relucert.families.uniform.methods import EVERY_K, METHOD
from relucert.families.uniform.prove import PRECISION, Proof, Tier
from relucert.families.uniform.tubes import Straight, tubes
from relucert.kernel import ball
from relucert.kernel.uniform.branch import theorem_12_u

CLASSES = "k-1,1"
ROOM = 12  # a bound of k F is weaker by a share of 2^-ROOM than the prover's: another proof needs room


def statement(proof: Proof, provenance: Mapping[str, object]) -> Json:
    """The statement of what is proved. Its boxes are where the critical point is, for whoever proves it again."""
    with ball.precision(PRECISION):
        least = ball.exact(proof.tiers[0].bound)
        argument = theorem_12_u([b.tube for b in proof.boxes], [b.at.loss for b in proof.boxes], least)
        tiers = [_tier(proof, tier) for tier in proof.tiers]
        boxes = [_box(tube) for tube in tubes(proof)]
    return {
        "claim": {
            "schema": SCHEMA,
            "family": EVERY_K,
            "method": METHOD,
            "problem": {
                "classes": CLASSES,
                "neurons": "k",
                "targets": "orthonormal",
                "from": proof.tiers[0].start,
            },
            "verdict": "spurious-minimum",
            "bounds": {"tiers": tiers},
            "boxes": boxes,
        },
        "evidence": evidence([argument]),
        "provenance": {**provenance, "precision": PRECISION},
    }


def _tier(proof: Proof, tier: Tier) -> Json:
    losses = [box.at.loss for box in proof.of(tier)]
    share = ball.exact((1, -ROOM))
    low = ball.lower(ball.smallest([ball.lower(x) for x in losses]) * (1 - share))
    high = ball.upper(ball.largest([ball.upper(x) for x in losses]) * (1 + share))
    found: Json = {
        "from": tier.start,
        "lambda_min": written(tier.bound, DOWN),
        "loss_times_k": [bound(low, DOWN), bound(high, UP)],
    }
    return found if tier.reach is None else {**found, "basin": written(tier.reach, DOWN)}


def _box(tube: Straight) -> Json:
    """Integers as strings: in JSON numbers they may lose digits."""
    return {
        "s": [str(tube.low), str(tube.high)],
        "centre": [str(x) for x in tube.centre],
        "slope": [str(x) for x in tube.slope],
        "radius": [str(x) for x in tube.radius],
    }
