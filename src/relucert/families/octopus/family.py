"""The octopus as one of the families."""

from __future__ import annotations

from relucert.families.family import Family, later, without_points
from relucert.families.octopus import words
from relucert.families.octopus.methods import METHODS, OCTOPUS

REFUSE = without_points("`relucert octopus`")

FAMILY = Family(
    name=OCTOPUS,
    title="the octopus function of Du et al. (2017)",
    methods=METHODS,
    words=words.words,
    legend={words.LEGEND: ()},
    read=REFUSE,
    prove=REFUSE,
    record=REFUSE,
    summary=REFUSE,
    statement=REFUSE,
    figures=later("relucert.families.octopus.figures", "figures"),
)
