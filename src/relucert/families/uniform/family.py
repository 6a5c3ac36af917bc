"""The theorem for every k as one of the families."""

from __future__ import annotations

from relucert.families.family import Family, later, without_points
from relucert.families.uniform import statement, words

REFUSE = without_points("`relucert uniform`")

FAMILY = Family(
    name=statement.EVERY_K,
    title="teacher-student ReLU network, orthonormal targets, n = k, for every k at once",
    methods=(statement.METHOD,),
    words=words.words,
    legend=words.LEGEND,
    read=REFUSE,
    prove=REFUSE,
    record=REFUSE,
    summary=REFUSE,
    statement=REFUSE,
    figures=later("relucert.families.uniform.figures", "figures"),
)
