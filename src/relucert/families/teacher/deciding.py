"""Points of the teacher-student network for `relucert verify`: how they are read, decided and stated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from relucert.base.errors import InputError
from relucert.base.json_numbers import located
from relucert.certificate.numbers import Json
from relucert.families.family import Cost, Layout, Options
from relucert.families.teacher import limits, points, verification
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.layout import transposed as transposed_note
from relucert.families.teacher.methods import HESSIAN, OF_RUNS, SIGNED, SYMMETRIC, TRAINED
from relucert.families.teacher.network import slope_of_activation
from relucert.families.teacher.symmetric import point as symmetric
from relucert.families.teacher.symmetric import transposed
from relucert.families.teacher.symmetric.mean import symmetrise, verify_symmetrised
from relucert.families.teacher.symmetric.point import SymmetricPoint, SymmetricVerification
from relucert.families.teacher.verification import with_note
from relucert.families.teacher.verify import FIRST_PRECISION, verify
from relucert.families.teacher.wider import trained
from relucert.kernel.outcome import Inconclusive, NotCritical

Points = verification.Verification | SymmetricVerification


PROVERS_ONLY = ("raw", "constants", "method")  # what a mean over permutations looks at


def read(path: Path, _: bytes, layout: Layout) -> list[Candidate]:
    """The points of a file. Raises InputError."""
    found = points.read(
        path,
        variable=layout.variable,
        layout=layout.layout,
        targets=layout.targets,
        targets_variable=layout.targets_variable,
        orthonormal=layout.orthonormal,
        other_members=(trained.MEMBER,) if layout.output_weights == path else (),
    )
    given = (layout.signs, layout.teacher_signs, slope_of_activation(layout.activation))
    if layout.output_weights is not None:
        return _with_output_weights(path, found, layout, layout.output_weights)
    found = [located(str(path), partial(x.with_network, *given)) for x in found]
    if layout.witness is None:
        return found
    if len(found) != 1:
        raise InputError(f"{path}: holds {len(found)} points, and --witness is of one; give them one by one")
    return [points.with_witness(found[0], layout.witness, layout.layout)]


def _with_output_weights(path: Path, found: list[Candidate], layout: Layout, given: Path) -> list[Candidate]:
    """The points with the output weights of a file. Raises InputError."""
    for name, value, reason in (
        ("--signs", layout.signs, "the output weights have signs"),
        ("--witness", layout.witness, "no claim about trained output weights has one"),
    ):
        if value is not None:
            raise InputError(f"{path}: {name} does not go with --output-weights: {reason}; leave it out")
    sizes = {x.problem.n for x in found}
    if len(sizes) != 1:
        raise InputError(f"{path}: its points have {sorted(sizes)} neurons; give them one by one")
    rows = trained.read(given, len(found), sizes.pop())
    slope = slope_of_activation(layout.activation)
    return [
        located(f"{given}, point {i}", partial(x.with_output_weights, row, layout.teacher_signs, slope))
        for i, (x, row) in enumerate(zip(found, rows, strict=True))
    ]


def _prove_trained(candidate: Candidate, options: Options, say: Callable[[str], None]) -> Points:
    if options.method not in (None, TRAINED):
        raise InputError(f"with --output-weights the method is {TRAINED}, not {options.method!r}")
    if options.constants == "paper" or options.find_witness:
        raise InputError(
            "--constants paper and --find-witness do not go with --output-weights; leave them out"
        )
    return trained.of(_verified(candidate, options, say))


def _verified(
    candidate: Candidate, options: Options, say: Callable[[str], None]
) -> verification.Verification:
    """In the span of the targets, if that says something in every dimension."""
    given = options._asdict()
    del given["method"], given["distinct"], given["gauge"]
    inside = candidate.in_the_span()
    if inside is not None:
        result = verify(inside, **given, progress=say)
        if result.outcome.every_dimension:
            return result
    result = verify(candidate, **given, progress=say)
    critical = result.outcome.proved and not isinstance(result.outcome, NotCritical)
    return result if critical else with_note(result, transposed_note(candidate))


def _dense(candidate: Any, options: Options) -> bool:
    """Whether it is proved by its whole Hessian."""
    return not isinstance(candidate, SymmetricPoint) and options.method != SYMMETRIC


def cost(candidate: Any, options: Options) -> Cost:
    return limits.cost(candidate) if _dense(candidate, options) else Cost()


def check(candidate: Any, options: Options) -> None:
    """Raises LimitError for a point that can have no certificate."""
    if _dense(candidate, options):
        limits.check(candidate, raw=options.raw)


def prove(candidate: Any, options: Options, say: Callable[[str], None] = lambda _: None) -> Points:
    """What a point is, by the method that decides it or by the one asked for. Raises InputError."""
    if isinstance(candidate, SymmetricPoint):
        return symmetric.verify_point(candidate, raw=options.raw, constants=options.constants)
    if candidate.output_weights is not None:
        return _prove_trained(candidate, options, say)
    signed = candidate.problem.network is not None
    if options.method == SYMMETRIC:
        if signed:
            raise InputError(
                f"the method {options.method} is for output weights 1 and the ReLU only; leave it out"
            )
        options.only(PROVERS_ONLY, f"the method {options.method}")
        if candidate.witness is not None:
            raise InputError(f"--witness does not apply to the method {options.method}; leave it out")
        of = symmetrise(candidate)
        if of is not None:
            return verify_symmetrised(of, raw=options.raw, constants=options.constants)
        reason = Inconclusive(None, (), "no permutations of the coordinates seem to fix the point")
        return verification.Verification(reason, candidate, None, FIRST_PRECISION, options.constants)
    if options.method in OF_RUNS:
        raise InputError("`relucert verify` does not decide runs; relucert run does")
    dense = SIGNED if signed else HESSIAN
    if options.method not in (None, dense):
        known = dense if signed else f"{dense} and {SYMMETRIC}"
        raise InputError(f"`relucert verify` proves this by {known}, not by {options.method!r}")
    return _verified(candidate, options, say)


def record(result: Points) -> Mapping[str, object]:
    """As JSON values."""
    if isinstance(result, trained.TrainedVerification):
        return trained.record(result)
    return (
        transposed.record(result)
        if isinstance(result, SymmetricVerification)
        else verification.record(result)
    )


def summary(result: Points) -> str:
    """A result in a line or two."""
    if isinstance(result, trained.TrainedVerification):
        return trained.summary(result)
    if isinstance(result, SymmetricVerification):
        return transposed.summary(result)
    return verification.summary(result)


def statement(result: Points, provenance: Mapping[str, object]) -> Json:
    """Of a proved result."""
    if isinstance(result, trained.TrainedVerification):
        return trained.statement(result, provenance)
    return teacher_statement.statement(result, provenance)
