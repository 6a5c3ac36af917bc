"""`relucert cnn`: the one-hidden-layer CNN with weight normalisation (Du, Lee, Tian, Poczos & Singh 2018)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, STYLES, output, print_json
from relucert.base.errors import InputError
from relucert.base.groups import group
from relucert.commands.keys import signing_key

if TYPE_CHECKING:
    from relucert.families.cnn.landscape import CnnLandscape
    from relucert.families.cnn.problem import CnnProblem

cnn = group("The one-hidden-layer CNN: its whole landscape, and where gradient descent goes.")

AStar = Annotated[
    str | None, typer.Option("--a-star", help='Output weights of the teacher: "1,-0.5,1/3", exact.')
]
WNorm = Annotated[str, typer.Option("--w-norm", help="Norm of the teacher's filter, exact.")]
Patch = Annotated[int | None, typer.Option("--patch", help="Size p of a patch, at least 2.")]
ProblemFile = Annotated[
    Path | None, typer.Argument(help='A JSON file {"a_star": [..], "w_norm": .., "patch": p} instead.')
]


def problem_of(file: Path | None, a_star: str | None, w_norm: str, patch: int | None) -> CnnProblem:
    """The problem that the arguments say. Raises InputError."""
    from relucert.families.cnn.points import read_problem
    from relucert.families.cnn.problem import CnnProblem

    if file is not None:
        if a_star is not None or patch is not None:
            raise InputError(f"{file}: the file has its own problem; leave out --a-star and --patch")
        return read_problem(file)
    if a_star is None or patch is None:
        raise InputError("give --a-star and --patch, or a JSON file with a problem")
    return CnnProblem.from_text(a_star, w_norm, patch)


@cnn.command()
def landscape(
    file: ProblemFile = None,
    a_star: AStar = None,
    w_norm: WNorm = "1",
    patch: Patch = None,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where the certificate goes.")] = Path(
        "certificates"
    ),
    key: Annotated[Path | None, typer.Option("--key", help="Private key that signs (PEM, Ed25519).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON line on standard output.")] = False,
) -> None:
    """Every critical point with its loss, spectrum and type, proved; one signed certificate."""
    from relucert.base import store
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.cnn.landscape import landscape as prove
    from relucert.families.cnn.landscape import record
    from relucert.families.cnn.statement import landscape_statement

    problem = problem_of(file, a_star, w_norm, patch)
    store.prepare(directory)
    signer = signing_key(key)
    result = prove(problem)
    certificate = None
    if result.landscape is not None:
        statement = landscape_statement(result, versions())
        certificate = sign_and_store(statement, directory, signer)
    if as_json:
        print_json({**record(result), "certificate": None if certificate is None else str(certificate)})
    else:
        _print(result)
        if certificate is not None:
            output.print(f"certificate: {certificate}", markup=False)
    if result.landscape is None:
        raise typer.Exit(INCONCLUSIVE)


def _print(result: CnnLandscape) -> None:
    from relucert.families.cnn.descent_words import about
    from relucert.families.cnn.landscape import interval_text
    from relucert.families.verdicts import NAMES

    found, problem = result.landscape, result.problem
    if found is None:
        output.print(f"inconclusive: {result.reason}", markup=False)
        return
    sign = "> 0" if found.barrier is not None else ("= 0" if problem.k == 1 else "< 0")
    output.print(f"For {about(problem)}, every critical point of the population loss:", markup=False)
    output.print(
        f"threshold: T = (k + pi - 1) |a*|^2 - pi (1.a*)^2 in {interval_text(found.excess)} {sign}: "
        + ("there is a spurious minimum" if found.barrier is not None else "no spurious minimum"),
        markup=False,
    )
    for point in found.points:
        style = STYLES.get(point.verdict, "bold")
        output.print(f"[{style}]{NAMES[point.verdict]}[/{style}]")
        x, y = map(interval_text, point.a)
        spectrum = ", ".join(f"{e.multiplicity} x {interval_text(e.value)}" for e in point.spectrum)
        output.print(f"  angle of v and w*: {interval_text(point.phi)}", markup=False)
        output.print(f"  a = x a* + y 1 with x = {x}, y = {y}", markup=False)
        output.print(f"  loss: {interval_text(point.loss)}", markup=False)
        output.print(f"  eigenvalues of the Hessian at |v| = 1: {spectrum}", markup=False)
    if found.barrier is not None:
        output.print(
            f"gap above the global minimum: {interval_text(found.points[1].loss)}; "
            f"pass to it over the saddles: {interval_text(found.barrier)} above the spurious minimum",
            markup=False,
        )
        output.print(
            "wherever a.a* <= 0 the loss is at least that of the spurious minimum, which lies inside: "
            f"a_bad.a* in {interval_text(found.q_bad)}",
            markup=False,
        )


def register(app: typer.Typer) -> None:
    """Adds them to the command line."""
    from relucert.families.cnn.descent_commands import restarts, run, table

    for command in (run, restarts, table):
        cnn.command()(command)
    app.add_typer(cnn, name="cnn")
