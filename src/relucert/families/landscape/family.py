"""The designed landscape as one of the families. What proves is imported when a point is proved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from relucert.base.errors import InputError
from relucert.families.family import Family, Layout, Options, later
from relucert.families.landscape import descent_words, words
from relucert.families.landscape.setting import DESIGNED_LANDSCAPE

if TYPE_CHECKING:
    from relucert.families.landscape.candidate import LandscapeCandidate
    from relucert.families.landscape.point import LandscapeVerification

RECORD = "relucert.families.landscape.record"


def _read(path: Path, data: bytes, layout: Layout) -> Sequence[LandscapeCandidate]:
    from relucert.families.landscape import points

    if layout != Layout():
        raise InputError(
            f"{path}: has its own problem; leave out --variable, --layout, --targets and --orthonormal"
        )
    return points.read_points(path, data)


def _prove(candidate: LandscapeCandidate, options: Options) -> LandscapeVerification:
    from relucert.families.landscape.point import verify_point

    return verify_point(
        candidate, raw=options.raw, exclusion=options.exclusion, max_precision=options.max_precision
    )


FAMILY = Family(
    name=DESIGNED_LANDSCAPE,
    title="designed landscape of Ge, Lee & Ma, standard Gaussian input",
    methods=tuple(words.METHODS),
    words=words.words,
    legend={words.LEGEND: (), descent_words.LEGEND: ("Lemma 13.N",)},
    read=_read,
    prove=_prove,
    record=later(RECORD, "point_record"),
    summary=later(RECORD, "summary"),
    statement=later("relucert.families.landscape.statement", "point_statement"),
    options=("raw", "exclusion", "max_precision"),
    heading=words.heading,
    figures=later("relucert.families.landscape.figures", "figures"),
)
