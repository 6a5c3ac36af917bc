"""The octopus as one of the families."""

from __future__ import annotations

from relucert.families.family import Family, later, without_points
from relucert.families.octopus import prove, words

REFUSE = without_points("`relucert octopus`")

FAMILY = Family(
    name=prove.OCTOPUS,
    title="the octopus function of Du et al. (2017)",
    methods=prove.METHODS,
    words=words.words,
    legend=words.LEGEND,
    read=REFUSE,
    prove=REFUSE,
    record=REFUSE,
    summary=REFUSE,
    statement=REFUSE,
    figures=later("relucert.families.octopus.figures", "figures"),
)
