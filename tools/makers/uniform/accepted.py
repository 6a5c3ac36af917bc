"""True certificates."""

from __future__ import annotations

from fractions import Fraction

from judge.documents import Json, number, replaced
from makers.edits import changed, claim, edited
from makers.uniform.points import boxes, cut, proved, times
from makers.uniform.put import Files


def accepted(files: Files) -> dict[str, Json]:
    one, two = proved((10**6, "0.05")), proved((10**5, "0.05"), (10**6, "0.08"))
    first, *rest = claim(two, "boxes")
    half = number(Fraction(1, 32), False)
    wide = [number(Fraction(1, 4), False), number(Fraction(1, 3), True)]
    made = {
        "one-tier": one,
        "two-tiers": two,
        "far": proved((10**12, "0.09")),
        "bound-0": changed(one, "bounds.tiers.0.lambda_min", number(Fraction(0), False)),
        "smaller-bound": changed(one, "bounds.tiers.0.lambda_min", half),
        "wider-loss": changed(one, "bounds.tiers.0.loss_times_k", wide),
        "loss-from-below-0": changed(
            one, "bounds.tiers.0.loss_times_k", [number(Fraction(-1), False), wide[1]]
        ),
        "first-tier-alone": changed(two, "bounds.tiers", claim(two, "bounds.tiers")[:1]),
        "later-start": edited(one, ("problem.from", 1_000_001), ("bounds.tiers.0.from", 1_000_001)),
        "a-tier-of-the-same-bound": changed(
            one,
            "bounds.tiers",
            [*claim(one, "bounds.tiers"), {**claim(one, "bounds.tiers.0"), "from": 2_000_000}],
        ),
        "a-box-as-two": boxes(two, [*cut(first), *rest]),
        "wider-tube": times(one, 0, Fraction(2**12)),
        "basin": proved((10**5, "0.05"), (10**6, "0.09"), basin="0.9"),
        "without-evidence": replaced(one, ("statement", "evidence"), []),
    }
    for name, document in made.items():
        files.accept(name, document)
    return made
