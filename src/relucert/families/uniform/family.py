"""The theorem for every k as one of the families."""

from __future__ import annotations

from relucert.families.family import Family, later, without_points
from relucert.families.uniform import words
from relucert.families.uniform.methods import EVERY_K, METHOD

REFUSE = without_points("`relucert uniform`")

FAMILY = Family(
    name=EVERY_K,
    title="teacher-student ReLU network, orthonormal targets, n = k, for every k at once",
    methods=(METHOD,),
    words=words.words,
    legend={words.LEGEND: ()},
    read=REFUSE,
    prove=REFUSE,
    record=REFUSE,
    summary=REFUSE,
    statement=REFUSE,
    figures=later("relucert.families.uniform.figures", "figures"),
)
