"""The one-hidden-layer CNN as one of the families."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from relucert.base.errors import InputError
from relucert.families.cnn import descent, point, points, statement, words
from relucert.families.cnn.point import CnnCandidate
from relucert.families.cnn.problem import ONE_HIDDEN_LAYER_CNN
from relucert.families.family import Family, Layout, later


def _read(path: Path, data: bytes, layout: Layout) -> Sequence[CnnCandidate]:
    if layout != Layout():
        raise InputError(
            f"{path}: has its own problem; leave out --variable, --layout, --targets and --orthonormal"
        )
    return points.read_points(path, data)


FAMILY = Family(
    name=ONE_HIDDEN_LAYER_CNN,
    title="one-hidden-layer CNN with weight normalisation, standard Gaussian input",
    methods=(
        point.HESSIAN,
        point.HALF_SPACE,
        point.SPECTRUM,
        point.LANDSCAPE,
        descent.INVARIANT_REGION,
        descent.ENCLOSED_TRAJECTORY,
    ),
    words=words.words,
    legend=words.LEGEND,
    read=_read,
    prove=lambda candidate, options: point.verify_point(
        candidate, method=options.method, exclusion=options.exclusion, max_precision=options.max_precision
    ),
    record=point.record,
    summary=point.summary,
    statement=statement.point_statement,
    options=("method", "exclusion", "max_precision"),
    figures=later("relucert.families.cnn.figures", "figures"),
)
