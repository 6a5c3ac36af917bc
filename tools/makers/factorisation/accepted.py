"""True certificates: the prover's, and weaker ones."""

from __future__ import annotations

from fractions import Fraction

from judge.documents import Json, replaced
from makers.edits import changed, edited, moved
from makers.factorisation.points import COMMANDS, proved


def accepted() -> dict[str, Json]:
    made = {name: proved(name) for name in COMMANDS}
    whole, there, one = proved("plain"), proved("converges"), proved("one")
    linear = proved("linear")
    return made | {
        "smaller-gap": moved(whole, "bounds.gap", Fraction(1, 9), False),
        "smaller-saddle": moved(whole, "bounds.saddle", Fraction(1, 9), False),
        "larger-imbalance": edited(proved("twice"), ("problem.imbalance", "1/3")),
        "slower": moved(there, "bounds.rate", Fraction(1, 99), False),
        "much-travel": moved(there, "bounds.travel", Fraction(10**9), True),
        "much-travel-one": moved(one, "bounds.travel", Fraction(99), True),
        "later": changed(there, "steps", 60),
        "more-drift": moved(linear, "bounds.largest", Fraction(3, 2), True),
        "less-exponent": moved(proved("random"), "bounds.exponent", Fraction(1, 2), False),
        "without-evidence": replaced(whole, ("statement", "evidence"), []),
    }
