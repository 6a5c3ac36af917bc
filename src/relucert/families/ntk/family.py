"""Wide networks as one of the families."""

from __future__ import annotations

from relucert.families.family import Family, later, without_points
from relucert.families.ntk import words

REFUSE = without_points("`relucert gram` or `relucert ntk`")

FAMILY = Family(
    name="wide-network",
    title="wide networks that gradient descent trains to zero loss, and their limits of infinite width",
    methods=tuple(words.METHODS),
    words=words.words,
    legend=words.LEGEND,
    read=REFUSE,
    prove=REFUSE,
    record=REFUSE,
    summary=REFUSE,
    statement=REFUSE,
    figures=later("relucert.families.ntk.figures", "figures"),
)
