"""Matrix factorisation as one of the families."""

from __future__ import annotations

from relucert.families.factorisation import words
from relucert.families.factorisation.problem import FAMILY_NAME
from relucert.families.family import Family, later, without_points

REFUSE = without_points("`relucert factorisation`")

FAMILY = Family(
    name=FAMILY_NAME,
    title="matrix factorisation, and the balance of layers",
    methods=tuple(words.METHODS),
    words=words.words,
    legend={words.LEGEND: ()},
    read=REFUSE,
    prove=REFUSE,
    record=REFUSE,
    summary=REFUSE,
    statement=REFUSE,
    figures=later("relucert.families.factorisation.figures", "figures"),
)
