"""Any smooth loss, written down as a graph, as one of the families."""

from __future__ import annotations

from relucert.certificate.numbers import Json
from relucert.families.expression import points, record, statement, words
from relucert.families.expression.candidate import SMOOTH_EXPRESSION
from relucert.families.expression.generators import given_gauge
from relucert.families.expression.prove import verify_point
from relucert.families.family import Family, Figure


def _figures(claim: Json) -> list[Figure]:
    from relucert.families.expression import figures  # what most commands do without

    return figures.figures(claim)


FAMILY = Family(
    name=SMOOTH_EXPRESSION,
    title="a loss of the user's own, written as a graph",
    methods=(statement.METHOD,),
    words=words.words,
    legend=words.LEGEND,
    read=points.read_points,
    prove=lambda candidate, options: verify_point(
        candidate,
        raw=options.raw,
        exclusion=options.exclusion,
        max_precision=options.max_precision,
        find_witness=options.find_witness,
        gauge=given_gauge(options.gauge, candidate.graph.parameters),
    ),
    record=record.record,
    summary=record.summary,
    statement=statement.statement,
    options=("raw", "exclusion", "max_precision", "find_witness", "gauge"),
    heading=words.heading,
    witness=True,
    figures=_figures,
)
