"""The families of loss landscapes: one entry each. What is not in the entry is common to all families."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from relucert import certificate
from relucert.base.errors import InputError
from relucert.families.cnn import descent as cnn_descent
from relucert.families.cnn import point as cnn_point
from relucert.families.cnn import points as cnn_files
from relucert.families.cnn import statement as cnn_certificate
from relucert.families.cnn.problem import ONE_HIDDEN_LAYER_CNN
from relucert.families.teacher import points, verification
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.problem import TEACHER_STUDENT
from relucert.families.teacher.symmetric import point as symmetric
from relucert.families.teacher.symmetric.mean import symmetrise, verify_symmetrised
from relucert.families.teacher.symmetric.point import SymmetricVerification
from relucert.families.teacher.verify import FIRST_PRECISION, LAST_PRECISION, verify
from relucert.kernel.outcome import Inconclusive


class Layout(NamedTuple):
    """How a file of points is to be read, where it does not say it itself."""

    variable: str | None = None
    layout: str | None = None
    targets: Path | None = None


class Options(NamedTuple):
    """How to prove. method: one of the family's, or None for the one that decides."""

    raw: bool = False
    constants: str = "sharp"
    max_precision: int = LAST_PRECISION
    exclusion: float = 2.0**-20
    method: str | None = None


@dataclass(frozen=True)
class Family:
    """methods: those that certificates may name, each with its own check. read: the points of a file (its
    path and bytes). prove: what a point is; results have an outcome, a verdict and a candidate. record: a
    result as JSON values. summary: a result in a line. statement: of a proved result, with its provenance.
    """

    title: str
    methods: Sequence[str]
    read: Callable[[Path, bytes, Layout], Sequence[Any]]
    prove: Callable[[Any, Options], Any]
    record: Callable[[Any], Mapping[str, object]]
    summary: Callable[[Any], str]
    statement: Callable[[Any, Mapping[str, object]], certificate.Json]


Points = verification.Verification | SymmetricVerification


def _prove_points(candidate: Any, options: Options) -> Points:
    if options.method == teacher_statement.SYMMETRIC:
        of = symmetrise(candidate)
        if of is not None:
            return verify_symmetrised(of, raw=options.raw, constants=options.constants)
        reason = Inconclusive(None, (), "no permutations of the coordinates seem to fix the point")
        return verification.Verification(reason, candidate, None, FIRST_PRECISION, options.constants)
    if options.method not in (None, teacher_statement.HESSIAN):
        known = f"{teacher_statement.HESSIAN} and {teacher_statement.SYMMETRIC}"
        raise InputError(f"the method {options.method!r} does not belong to this family; {known} do")
    return verify(
        candidate,
        raw=options.raw,
        constants=options.constants,
        max_precision=options.max_precision,
        exclusion=options.exclusion,
    )


def _read_cnn(path: Path, data: bytes, layout: Layout) -> Sequence[Any]:
    if layout != Layout():
        raise InputError(f"{path}: has its own problem; leave out --variable, --layout and --targets")
    return cnn_files.read_points(path, data)


FAMILIES: Mapping[str, Family] = {
    TEACHER_STUDENT: Family(
        title="teacher-student ReLU network, standard Gaussian input",
        methods=(teacher_statement.HESSIAN, teacher_statement.SYMMETRIC),
        read=lambda path, _, layout: points.read(path, **layout._asdict()),
        prove=_prove_points,
        record=lambda x: (symmetric if isinstance(x, SymmetricVerification) else verification).record(x),
        summary=lambda x: (
            symmetric.summary(x) if isinstance(x, SymmetricVerification) else verification.one_line(x)
        ),
        statement=teacher_statement.statement,
    ),
    ONE_HIDDEN_LAYER_CNN: Family(
        title="one-hidden-layer CNN with weight normalisation, standard Gaussian input",
        methods=(
            cnn_point.HESSIAN,
            cnn_point.HALF_SPACE,
            cnn_point.SPECTRUM,
            cnn_point.LANDSCAPE,
            cnn_descent.INVARIANT_REGION,
            cnn_descent.ENCLOSED_TRAJECTORY,
        ),
        read=_read_cnn,
        prove=lambda candidate, options: cnn_point.verify_point(
            candidate, method=options.method, exclusion=options.exclusion, max_precision=options.max_precision
        ),
        record=cnn_point.record,
        summary=cnn_point.summary,
        statement=cnn_certificate.point_statement,
    ),
}


def read(path: Path, layout: Layout) -> tuple[Family, Sequence[Any]]:
    """The points of a file and the family that they belong to. Raises InputError."""
    name, data = points.family_of(path)
    try:
        family = FAMILIES[name]
    except KeyError:
        known = ", ".join(sorted(FAMILIES))
        raise InputError(f"{path}: unknown family {name!r}; known: {known}") from None
    return family, family.read(path, data, layout)
