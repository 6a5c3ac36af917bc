"""`relucert robust`: a spurious minimum for all targets near orthonormal ones, and for random targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, Bar, fail, messages, output, print_json
from relucert.base.dyadic import DOWN, UP
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JobsOption, JsonOption, KeyOption
from relucert.families.teacher.problem import TEACHER_STUDENT

if TYPE_CHECKING:
    from relucert.certificate.numbers import Json
    from relucert.families.teacher.candidate import Candidate
    from relucert.families.teacher.robust import Robustness


def robust(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="CERT...", help="Certificates of spurious minima, or directories of them."),
    ],
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where certificates go.")] = Path(
        "certificates"
    ),
    key: KeyOption = None,
    max_precision: Annotated[int, typer.Option(help="Bits of the last attempt.")] = 512,
    jobs: JobsOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Prove that certified spurious minima survive in all nearly orthonormal targets; say how nearly.

    Everything is proved again from the certificate's exact point. The new certificate holds both claims. In
    a directory, what is not a spurious minimum for orthonormal targets is passed over.
    """
    from relucert.base import store
    from relucert.base.pool import each
    from relucert.certificate.provenance import sign_and_store
    from relucert.families.teacher.verify import check_options

    check_options("sharp", max_precision, 0.25)
    found = list(_eligible(paths, jobs))
    if not found:
        raise InputError("none of these certificates is of a spurious minimum for orthonormal targets")
    store.prepare(directory)
    signer = signing_key(key)
    open_ends = 0
    results = each(partial(_prove, max_precision=max_precision), [old for _, old in found], jobs)
    with Bar("moving the targets", len(found)) as advance, closing(results):
        for done, ((path, _), result) in enumerate(zip(found, results, strict=True), 1):
            advance(done, len(found))
            if isinstance(result, str):
                open_ends += 1
                fail(f"{path}: {result}", INCONCLUSIVE)
                continue
            robustness, new = result
            written = sign_and_store(new, directory, signer)
            if as_json:
                print_json({"source": str(path), **record(robustness), "certificate": str(written)})
                continue
            output.print("[bold green]spurious for all nearly orthonormal targets[/bold green]")
            output.print(sentence(robustness), markup=False)
            output.print(f"  {written}", markup=False)
    if open_ends:
        raise typer.Exit(INCONCLUSIVE)


def _eligible(paths: Sequence[Path], jobs: int) -> Iterator[tuple[Path, Json]]:
    """Files and their statements. Raises InputError for one that is named and is of another kind, or not accepted."""
    from relucert import certificate
    from relucert.base import store
    from relucert.certificate.checked import check_all

    right: list[Path] = []
    for path in store.certificate_files(paths):
        statement = certificate.parse(path.read_bytes(), str(path))["statement"]
        try:
            _spurious(statement, str(path))
        except InputError as error:
            _pass_over(error, named=path in paths)
            continue
        right.append(path)
    for path, statement in check_all(right, jobs):
        if isinstance(statement, str):
            _pass_over(InputError(statement), named=path in paths)
            continue
        yield path, statement


def _pass_over(error: InputError, *, named: bool) -> None:
    if named:
        raise error
    messages.print(f"passed over: {error}", markup=False)


def _prove(old: Json, max_precision: int) -> tuple[Robustness, Json] | str:
    """Theorem P at the point of a statement, and the new statement; or why there is none. Runs in worker processes."""
    from relucert import certificate
    from relucert.certificate.provenance import provenance
    from relucert.families.teacher import statement as teacher_statement
    from relucert.families.teacher.robust import robustness
    from relucert.families.teacher.verify import verify

    candidate, constants = _spurious(old, "")
    result = verify(candidate, raw=True, constants=constants, max_precision=max_precision)
    if result.verdict != "spurious-minimum":
        return "the point is not proved to be next to a spurious minimum"
    found = robustness(candidate, max_precision=max_precision)
    if found is None:
        return "no deviation of the targets is proved; polish the point (relucert verify) and try again"
    statement = teacher_statement.with_robust(teacher_statement.statement(result, provenance(result)), found)
    # Where the point came from is what others wrote there: the certificate is named, its words are not repeated.
    statement["provenance"]["source"] = f"certificate {certificate.digest(old)}"
    return found, statement


def _spurious(statement: Json, name: str) -> tuple[Candidate, str]:
    """The candidate of a certificate to which Theorem P may apply, and its constants. Raises InputError."""
    from relucert.families.teacher import statement as teacher_statement
    from relucert.families.teacher.methods import SIGNED

    claim = statement["claim"]
    if claim["family"] != TEACHER_STUDENT:
        raise InputError(
            f"{name}: the family is {claim['family']!r}; the theorem is about {TEACHER_STUDENT!r}"
        )
    if claim["verdict"] != "spurious-minimum":
        raise InputError(f"{name}: claims a {claim['verdict']}; the theorem is about spurious minima only")
    if claim["method"] == SIGNED:
        raise InputError(
            f"{name}: of a signed network or a leaky activation; the theorem is for output weights 1 and the ReLU only"
        )
    if "witness" in claim:
        raise InputError(f"{name}: has fewer neurons than targets; the theorem needs n >= k")
    candidate = teacher_statement.candidate(statement, name)
    if not candidate.problem.is_orthonormal:
        raise InputError(
            f"{name}: its targets are not orthonormal (e_1 .. e_k, d = k); the theorem needs that"
        )
    lipschitz = claim["bounds"].get("lipschitz")
    return candidate, str(lipschitz.get("constants")) if isinstance(lipschitz, dict) else ""


def record(found: Robustness) -> dict[str, object]:
    """What is proved as JSON values, decimals rounded to the weak side."""
    from relucert.families.printing import bound, unloosened
    from relucert.families.teacher.robust import UNLIKELY

    problem = found.candidate.problem
    return {
        "k": problem.k,
        "n": problem.n,
        "deviation": unloosened(found.deviation, DOWN),
        "radius": bound(found.radius, UP),
        "response": bound(found.answer, UP),
        "domain": unloosened(found.domain, DOWN),
        "lipschitz": bound(found.lipschitz, UP),
        "random_dimension": found.random_dimension,
        "likely": {"dimension": found.dimension_for(UNLIKELY), "probability": str(1 - UNLIKELY)},
        "precision": found.precision,
    }


def sentence(found: Robustness) -> str:
    """Theorem P for this point, in words."""
    from relucert.families.printing import text, unloosened
    from relucert.families.teacher.robust import UNLIKELY
    from relucert.kernel.ball import to_dyadic

    n, k, least = found.candidate.problem.n, found.candidate.problem.k, found.random_dimension
    mantissa, exponent = to_dyadic(found.deviation)
    delta, radius = unloosened(found.deviation, DOWN, 6), text(found.radius, UP)
    return (
        f"Let D = {mantissa} * 2^{exponent}, about {delta}. For every d >= {k} and all targets"
        f" V = (v_1 .. v_{k}) in R^d with Frobenius norm |P - I|_F <= D, P = (V^T V)^(1/2), the population"
        f" loss of {n} ReLU neurons with standard Gaussian input has a strict local minimum that is not global, within"
        f" {radius} of the point turned by Q in Frobenius norm, V = Q P.\n"
        f"For independent targets drawn from N(0, c I_d), c > 0, and every d > {least} it has one, scaled by"
        f" sqrt(c d), with probability at least 1 - exp(-d t^2/2), t = D - sqrt({k * (k + 1)}/d):"
        f" at least {1 - UNLIKELY} from d = {found.dimension_for(UNLIKELY)} on."
    )
