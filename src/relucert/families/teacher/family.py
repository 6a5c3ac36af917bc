"""The teacher-student network as one of the families. What proves is imported when a point is proved."""

from __future__ import annotations

from relucert.certificate.numbers import Json
from relucert.families.family import Classes, Family, Figure, Options, later
from relucert.families.teacher import runs_words, wide_words, words
from relucert.families.teacher.methods import CONVERGES, METHODS, OF_RUNS, OWNERS, WIDER
from relucert.families.teacher.problem import TEACHER_STUDENT

DECIDING, SAME = "relucert.families.teacher.deciding", "relucert.families.teacher.same"


def _words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    if claim["method"] in OF_RUNS:
        return runs_words.words(claim)
    if claim["method"] == OWNERS:
        return wide_words.owners(claim)
    if claim["method"] == CONVERGES:
        return wide_words.converges(claim)
    if claim["method"] in WIDER:
        from relucert.families.teacher.wider import words as wider_words

        return wider_words.words(claim)
    return words.words(claim)


def _figures(claim: Json) -> list[Figure]:
    from relucert.families.teacher import figures  # numpy and scipy, which most commands do without

    return figures.figures(claim)


FAMILY = Family(
    name=TEACHER_STUDENT,
    title="teacher-student ReLU network, standard Gaussian input",
    methods=METHODS,
    words=_words,
    legend=words.LEGEND | runs_words.LEGEND,
    read=later(DECIDING, "read"),
    prove=later(DECIDING, "prove"),
    record=later(DECIDING, "record"),
    summary=later(DECIDING, "summary"),
    statement=later(DECIDING, "statement"),
    options=tuple(name for name in Options._fields if name != "gauge"),
    witness=True,
    network=True,
    classes=Classes(
        later(SAME, "comparable"), later(SAME, "same"), "permutations of neurons and coordinates"
    ),
    figures=_figures,
    cost=later(DECIDING, "cost"),
    check=later(DECIDING, "check"),
)
