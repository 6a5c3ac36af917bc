"""The designed landscape as one of the families."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from relucert.base.errors import InputError
from relucert.families.family import Family, Layout, later
from relucert.families.landscape import points, record, statement, words
from relucert.families.landscape.candidate import LandscapeCandidate
from relucert.families.landscape.point import verify_point
from relucert.families.landscape.problem import DESIGNED_LANDSCAPE


def _read(path: Path, data: bytes, layout: Layout) -> Sequence[LandscapeCandidate]:
    if layout != Layout():
        raise InputError(
            f"{path}: has its own problem; leave out --variable, --layout, --targets and --orthonormal"
        )
    return points.read_points(path, data)


FAMILY = Family(
    name=DESIGNED_LANDSCAPE,
    title="designed landscape of Ge, Lee & Ma, standard Gaussian input",
    methods=tuple(words.METHODS),
    words=words.words,
    legend=words.LEGEND,
    read=_read,
    prove=lambda candidate, options: verify_point(
        candidate, raw=options.raw, exclusion=options.exclusion, max_precision=options.max_precision
    ),
    record=record.point_record,
    summary=record.summary,
    statement=statement.point_statement,
    options=("raw", "exclusion", "max_precision"),
    heading=words.heading,
    figures=later("relucert.families.landscape.figures", "figures"),
)
