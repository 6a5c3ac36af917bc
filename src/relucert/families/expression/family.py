"""Any smooth loss, written down as a graph, as one of the families. What proves is imported when a point is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relucert.families.expression import words
from relucert.families.expression.methods import METHOD, SMOOTH_EXPRESSION
from relucert.families.family import Family, Options, later

if TYPE_CHECKING:
    from relucert.families.expression.candidate import ExpressionCandidate
    from relucert.families.expression.prove import ExpressionVerification

ROOM = "relucert.families.expression"


def _prove(candidate: ExpressionCandidate, options: Options) -> ExpressionVerification:
    from relucert.families.expression.generators import given_gauge
    from relucert.families.expression.prove import verify_point

    return verify_point(
        candidate,
        raw=options.raw,
        exclusion=options.exclusion,
        max_precision=options.max_precision,
        find_witness=options.find_witness,
        gauge=given_gauge(options.gauge, candidate.graph.parameters),
    )


FAMILY = Family(
    name=SMOOTH_EXPRESSION,
    title="a loss of the user's own, written as a graph",
    methods=(METHOD,),
    words=words.words,
    legend={words.LEGEND: ()},
    read=later(f"{ROOM}.points", "read_points"),
    prove=_prove,
    record=later(f"{ROOM}.record", "record"),
    summary=later(f"{ROOM}.record", "summary"),
    statement=later(f"{ROOM}.statement", "statement"),
    options=("raw", "exclusion", "max_precision", "find_witness", "gauge"),
    heading=words.heading,
    witness=True,
    figures=later(f"{ROOM}.figures", "figures"),
)
