"""`relucert landscape`: the designed objective of Ge, Lee & Ma (2017)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from relucert.base.console import INCONCLUSIVE, STYLES, output, print_json
from relucert.base.errors import InputError
from relucert.base.groups import group
from relucert.commands.keys import signing_key
from relucert.commands.options import JobsOption, JsonOption, KeyOption, VariableOption

if TYPE_CHECKING:
    from relucert.certificate.numbers import Json
    from relucert.families.landscape.candidate import LandscapeCandidate
    from relucert.families.landscape.problem import LandscapeProblem
    from relucert.families.landscape.whole import Closed

landscape = group(
    "The designed objective of Ge, Lee & Ma: its whole landscape, and where gradient descent goes."
)

AStar = Annotated[
    str | None, typer.Option("--a-star", help='Output weights of the teacher, positive: "1,0.5,1/3".')
]
Mu = Annotated[
    str | None,
    typer.Option(help="mu > 0, exact, not 12; below 12 and for large lambda all minima are global."),
]
Lam = Annotated[str | None, typer.Option("--lambda", help="lambda > 0, exact.")]
Teacher = Annotated[
    Path | None, typer.Option(help="A file with the rows of B*, of full rank: F is meant then, not G.")
]
Output = Annotated[Path, typer.Option("-o", "--output", help="Where certificates go.")]
CERTIFICATES = Path("certificates")


def problem_of(
    a_star: str | None, mu: str | None, lam: str | None, teacher: Path | None = None
) -> LandscapeProblem:
    """The problem that the options say; mu is 6 and lambda 1 where they say nothing. Raises InputError."""
    from relucert.base.json_numbers import located
    from relucert.families.landscape.points import read_teacher
    from relucert.families.landscape.problem import LandscapeProblem

    if a_star is None:
        raise InputError('give --a-star, the output weights of the teacher: "1,1,2"')
    ends = "6" if mu is None else mu, "1" if lam is None else lam
    plain = LandscapeProblem.from_text(a_star, *ends)
    if teacher is None:
        return plain
    rows = read_teacher(teacher)
    return located(teacher, lambda: LandscapeProblem.from_text(a_star, *ends, rows))


@landscape.command()
def certify(
    a_star: AStar = None,
    mu: Mu = None,
    lam: Lam = None,
    teacher: Teacher = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """What all critical points are: no spurious minimum, an explicit one, or no minimum at all.

    The objective is G for an orthonormal teacher, F for the rows in --teacher. mu is 6 and lambda 1 by default.
    """
    from relucert.families.landscape.record import whole_record
    from relucert.families.landscape.statement import whole_statement
    from relucert.families.landscape.whole import landscape as prove
    from relucert.kernel.outcome import Inconclusive

    result = prove(problem_of(a_star, mu, lam, teacher))
    if isinstance(result.outcome, Inconclusive):
        refuse_inconclusive(whole_record(result), as_json=as_json)
    store_claim(
        whole_statement(result, source("certify")), whole_record(result), directory, key, as_json=as_json
    )


@landscape.command()
def verify(
    points: Annotated[list[Path], typer.Argument(help="Files of points B: .npz .npy .mat .csv .json")],
    a_star: AStar = None,
    mu: Mu = None,
    lam: Lam = None,
    teacher: Teacher = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Samples, .npz or .json with x and y: the objective estimated from them."),
    ] = None,
    variable: VariableOption = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    raw: Annotated[
        bool, typer.Option(help="Claim something about the very point given: no polishing.")
    ] = False,
    max_precision: Annotated[int, typer.Option(help="Bits of the last attempt.")] = 512,
    exclusion: Annotated[
        float,
        typer.Option(
            help="Not critical: no critical point within this share of the longest row.", show_default="2^-20"
        ),
    ] = 2.0**-20,
    jobs: JobsOption = 1,
    as_json: JsonOption = False,
) -> None:
    """What each point B is for G, for F (--teacher) or for the objective of given samples (--data).

    A JSON file may have its own problem; then leave out the options that say one.
    """
    from relucert.base import store
    from relucert.families.deciding import Given, decide
    from relucert.families.family import Options
    from relucert.families.landscape.family import FAMILY

    options = Options(raw=raw, max_precision=max_precision, exclusion=exclusion)
    given = [
        Given(path, "index", index, FAMILY, candidate)
        for path in points
        for index, candidate in enumerate(_candidates(path, a_star, mu, lam, teacher, data, variable))
    ]
    store.prepare(directory)
    if "inconclusive" in decide(given, options, directory, signing_key(key), jobs, as_json=as_json):
        raise typer.Exit(INCONCLUSIVE)


def _candidates(
    path: Path,
    a_star: str | None,
    mu: str | None,
    lam: str | None,
    teacher: Path | None,
    data: Path | None,
    variable: str | None,
) -> list[LandscapeCandidate]:
    """The points of a file, of the problem in it or of that of the options. Raises InputError."""
    from relucert.base.arrays import read_bytes
    from relucert.families.landscape.points import read_points, read_samples, read_tables

    if data is not None:
        if a_star is not None or teacher is not None:
            raise InputError("--data stands in place of --a-star and --teacher; leave one out")
        ends = problem_of("1,1", mu, lam)
        return read_tables(path, read_samples(data, ends.mu, ends.lam), variable)
    if a_star is not None:
        return read_tables(path, problem_of(a_star, mu, lam, teacher), variable)
    if (mu, lam, teacher, variable) != (None, None, None, None) or path.suffix.lower() != ".json":
        raise InputError(f"{path}: say which problem: --a-star (with --mu, --lambda, --teacher), or --data")
    return read_points(path, read_bytes(path))


@landscape.command()
def spurious(
    a_star: Annotated[
        str, typer.Option("--a-star", help="Of P': three or more weights, one below all others.")
    ] = "1,8/5,16/5",
    tau: Annotated[str, typer.Option(help="Of f': output weights -tau and 1 + tau.")] = "1/2",
    alpha: Annotated[str, typer.Option(help="Of f' = alpha f_2 + beta f_4.")] = "12",
    beta: Annotated[str, typer.Option(help="Likewise.")] = "1",
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Two spurious minima in closed form: of P' (the paper's Appendix D), and of f', conjectured to have none."""
    from relucert.base.rational import exact_number
    from relucert.families.landscape.problem import LandscapeProblem
    from relucert.families.landscape.statement import closed_statement
    from relucert.families.landscape.whole import SplitNeuron, UnitRows, choose, closed
    from relucert.kernel.outcome import Inconclusive

    weights = LandscapeProblem.from_text(a_star, "6", "1").a_star
    numbers = (
        exact_number(text, f"--{name}") for name, text in (("alpha", alpha), ("beta", beta), ("tau", tau))
    )
    results: list[Closed] = [closed(UnitRows(weights, *choose(weights))), closed(SplitNeuron(*numbers))]
    for result in results:
        facts: Json = {"verdict": result.outcome.verdict, "precision": result.precision}
        if isinstance(result.outcome, Inconclusive):
            refuse_inconclusive({**facts, "reason": result.outcome.reason}, as_json=as_json)
        store_claim(closed_statement(result, source("spurious")), facts, directory, key, as_json=as_json)


def source(command: str) -> dict[str, object]:
    """The provenance of what a command claims."""
    from relucert.certificate.provenance import versions

    return {**versions(), "source": f"relucert landscape {command}", "search": None}


def store_claim(
    statement: Json, facts: dict[str, Any], directory: Path, key: Path | None, *, as_json: bool
) -> Path:
    """Signs, writes and prints; returns the path."""
    from relucert.base import store
    from relucert.certificate.form import claim_digest
    from relucert.certificate.provenance import sign_and_store
    from relucert.families.landscape.words import words

    store.prepare(directory)
    path = sign_and_store(statement, directory, signing_key(key))
    claim = statement["claim"]
    sentence, rows = words(claim)
    if as_json:
        print_json(
            {**facts, "claim": sentence, "certificate": str(path), "claim_digest": claim_digest(claim)}
        )
        return path
    style = STYLES.get(claim["verdict"], "bold green")
    output.print(f"[{style}]{claim['verdict'].replace('-', ' ')}[/{style}]")
    output.print(f"  {sentence}", markup=False)
    for name, value in rows:
        output.print(f"  {name}: {value}", markup=False)
    output.print(f"  {path}", markup=False)
    return path


def refuse_inconclusive(facts: dict[str, Any], *, as_json: bool) -> NoReturn:
    """Says why, and ends with its exit code."""
    if as_json:
        print_json({**facts, "certificate": None})
    else:
        output.print(f"inconclusive: {facts['reason']}", markup=False)
    raise typer.Exit(INCONCLUSIVE)


def register(app: typer.Typer) -> None:
    """Adds them to the command line."""
    from relucert.families.landscape.compare_command import compare
    from relucert.families.landscape.figures_command import figures
    from relucert.families.landscape.run_command import run

    for command in (run, compare, figures):
        landscape.command()(command)
    app.add_typer(landscape, name="landscape")
