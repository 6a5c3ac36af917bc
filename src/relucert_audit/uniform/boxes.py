"""All boxes of a claim about every k, one after the other: steps 3 and 4 of docs/spec/uniform-v1.md."""

from itertools import accumulate

from relucert_audit import format as fmt
from relucert_audit.finding import Finding, weak
from relucert_audit.uniform.box import check_box
from relucert_audit.uniform.claim import MAX_PIECES, EveryK, both
from relucert_audit.uniform.dual import Unproved
from relucert_audit.uniform.existence import Tube, same_branch


def prove(claim: EveryK, _: int) -> list[Finding]:
    """Steps 3 and 4: every box, and that neighbours hold the same critical point. The precision is the boxes' own."""
    before: Tube | None = None
    pieces, tiers = 0, list(accumulate(claim.tiers, both))
    for i, item in enumerate(claim.boxes):
        holds = [tier for tier in tiers if item.low**2 * tier.start <= 1]  # for some k of the box
        try:
            tube = check_box(*item, *holds[-1][1:])
        except Unproved as reason:
            return [weak(3, f"boxes[{i}]", str(reason))]
        pieces += tube.pieces
        if pieces > MAX_PIECES:
            return [weak(3, fmt.LIMIT, f"boxes that fall into more than {MAX_PIECES} pieces")]
        if before is not None and not same_branch(before, tube):
            return [weak(4, f"boxes[{i}]", "not proved to hold the same critical point as the one before")]
        before = tube
    return []
