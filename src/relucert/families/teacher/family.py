"""The teacher-student network as one of the families."""

from __future__ import annotations

from typing import Any

from relucert.base.errors import InputError
from relucert.certificate.numbers import Json
from relucert.families.family import Family, Figure, Options
from relucert.families.teacher import points, runs_words, verification, words
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.problem import TEACHER_STUDENT
from relucert.families.teacher.runs_statement import RUNS
from relucert.families.teacher.symmetric import point as symmetric
from relucert.families.teacher.symmetric import transposed
from relucert.families.teacher.symmetric.mean import symmetrise, verify_symmetrised
from relucert.families.teacher.symmetric.point import SymmetricPoint, SymmetricVerification
from relucert.families.teacher.verify import FIRST_PRECISION, verify
from relucert.families.teacher.wider import claims as wider
from relucert.families.teacher.wider import words as wider_words
from relucert.kernel.outcome import Inconclusive

Points = verification.Verification | SymmetricVerification


PROVERS_ONLY = ("raw", "constants", "method")  # what a mean over permutations looks at


def _prove_points(candidate: Any, options: Options) -> Points:
    if isinstance(candidate, SymmetricPoint):
        return symmetric.verify_point(candidate, raw=options.raw, constants=options.constants)
    if options.method == teacher_statement.SYMMETRIC:
        options.only(PROVERS_ONLY, f"the method {options.method}")
        of = symmetrise(candidate)
        if of is not None:
            return verify_symmetrised(of, raw=options.raw, constants=options.constants)
        reason = Inconclusive(None, (), "no permutations of the coordinates seem to fix the point")
        return verification.Verification(reason, candidate, None, FIRST_PRECISION, options.constants)
    if options.method == RUNS:
        raise InputError("`relucert verify` does not decide runs; relucert run does")
    if options.method not in (None, teacher_statement.HESSIAN):
        known = f"{teacher_statement.HESSIAN} and {teacher_statement.SYMMETRIC}"
        raise InputError(f"`relucert verify` proves by the methods {known}, not by {options.method!r}")
    given = options._asdict()
    del given["method"], given["find_witness"], given["gauge"]
    inside = candidate.in_the_span()
    if inside is not None:
        result = verify(inside, **given)
        if result.outcome.every_dimension:
            return result
    return verify(candidate, **given)


def _words(claim: Json) -> tuple[str, list[tuple[str, str]]]:
    if claim["method"] == RUNS:
        return runs_words.words(claim)
    return wider_words.words(claim) if claim["method"] in wider.METHODS else words.words(claim)


def _figures(claim: Json) -> list[Figure]:
    from relucert.families.teacher import figures  # numpy and scipy, which most commands do without

    return figures.figures(claim)


FAMILY = Family(
    name=TEACHER_STUDENT,
    title="teacher-student ReLU network, standard Gaussian input",
    methods=(teacher_statement.HESSIAN, teacher_statement.SYMMETRIC, RUNS, *wider.METHODS),
    words=_words,
    legend=f"{words.LEGEND} {runs_words.LEGEND}",
    read=lambda path, _, layout: points.read(
        path,
        variable=layout.variable,
        layout=layout.layout,
        targets=layout.targets,
        orthonormal=layout.orthonormal,
    ),
    prove=_prove_points,
    record=lambda x: (transposed if isinstance(x, SymmetricVerification) else verification).record(x),
    summary=lambda x: (
        transposed.summary(x) if isinstance(x, SymmetricVerification) else verification.summary(x)
    ),
    statement=teacher_statement.statement,
    options=Options._fields,
    figures=_figures,
)
