"""The one-hidden-layer CNN as one of the families. What proves is imported when a point is proved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from relucert.base.errors import InputError
from relucert.families.cnn import words
from relucert.families.cnn.methods import METHODS, ONE_HIDDEN_LAYER_CNN
from relucert.families.family import Family, Layout, Options, later

if TYPE_CHECKING:
    from relucert.families.cnn.point import CnnCandidate, CnnVerification

POINT = "relucert.families.cnn.point"


def _read(path: Path, data: bytes, layout: Layout) -> Sequence[CnnCandidate]:
    from relucert.families.cnn import points

    if layout != Layout():
        raise InputError(
            f"{path}: has its own problem; leave out --variable, --layout, --targets and --orthonormal"
        )
    return points.read_points(path, data)


def _prove(candidate: CnnCandidate, options: Options) -> CnnVerification:
    from relucert.families.cnn.point import verify_point

    return verify_point(
        candidate, method=options.method, exclusion=options.exclusion, max_precision=options.max_precision
    )


FAMILY = Family(
    name=ONE_HIDDEN_LAYER_CNN,
    title="one-hidden-layer CNN with weight normalisation, standard Gaussian input",
    methods=METHODS,
    words=words.words,
    legend={words.LEGEND: ()},
    read=_read,
    prove=_prove,
    record=later(POINT, "record"),
    summary=later(POINT, "summary"),
    statement=later("relucert.families.cnn.statement", "point_statement"),
    options=("method", "exclusion", "max_precision"),
    figures=later("relucert.families.cnn.figures", "figures"),
)
