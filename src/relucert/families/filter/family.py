"""The single filter as one of the families."""

from __future__ import annotations

from relucert.families.family import Family, later, without_points
from relucert.families.filter import words
from relucert.families.filter.methods import METHOD, ONE_FILTER

REFUSE = without_points("`relucert filter`")

FAMILY = Family(
    name=ONE_FILTER,
    title="one ReLU filter, standard Gaussian input",
    methods=(METHOD,),
    words=words.words,
    legend={words.LEGEND: ()},
    read=REFUSE,
    prove=REFUSE,
    record=REFUSE,
    summary=REFUSE,
    statement=REFUSE,
    figures=later("relucert.families.filter.figures", "figures"),
)
