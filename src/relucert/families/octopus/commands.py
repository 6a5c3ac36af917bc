"""`relucert octopus`: a function whose saddles gradient descent needs exponential time to escape."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relucert.base.console import INCONCLUSIVE, STYLES, output, print_json
from relucert.base.errors import InputError
from relucert.base.groups import group
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption

if TYPE_CHECKING:
    from relucert.families.octopus.problem import OctopusProblem
    from relucert.families.octopus.prove import Result

octopus = group(
    "The octopus function of Du et al.: gradient descent needs exponential time to escape its saddles."
)

Dimension = Annotated[int, typer.Option("--d", help="The dimension, 2 or more.")]
Steep = Annotated[str, typer.Option("--L", help="Half the curvature across a saddle's exit, exact.")]
Gamma = Annotated[str, typer.Option(help="Half the curvature along it, exact, 0 < gamma <= L.")]
Tau = Annotated[str, typer.Option(help='The width of a cell: "e", or exact and above e.')]
Step = Annotated[str | None, typer.Option(help="Step of gradient descent, exact (default: 1/(4 L)).")]
Start = Annotated[
    str | None, typer.Option(help="x_0 in [-1, 1]^d: a list such as 1,-0.5,1/3, or a file of one.")
]
Seed = Annotated[int | None, typer.Option(help="Instead of --start: a random one (default 0).")]
Output = Annotated[Path, typer.Option("-o", "--output", help="Where certificates go.")]
CERTIFICATES = Path("certificates")


@octopus.command()
def certify(
    d: Dimension,
    L: Steep,
    gamma: Gamma = "1",
    tau: Tau = "e",
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """All critical points: 2^d - 1 strict saddles and 2^d minima, with types and values."""
    from relucert.families.octopus import prove
    from relucert.families.octopus.problem import OctopusProblem

    _finish(prove.certify(OctopusProblem.from_text(d, L, gamma, tau)), "certify", directory, key, as_json)


@octopus.command()
def escape(
    d: Dimension,
    L: Steep,
    gamma: Gamma = "1",
    tau: Tau = "e",
    step: Step = None,
    start: Start = None,
    seed: Seed = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """After how many steps gradient descent leaves each saddle: exact integers, in any dimension."""
    from relucert.families.octopus import prove

    problem = _problem(d, L, gamma, tau, step)
    result = prove.escape_times(problem, _start(problem, start, seed))
    _finish(result, "escape", directory, key, as_json, _origin(start, seed))


@octopus.command()
def every_start(
    d: Dimension,
    L: Steep,
    gamma: Gamma = "1",
    tau: Tau = "e",
    step: Step = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """A number of steps that gradient descent needs at least, from every start in [-1, 1]^d."""
    from relucert.families.octopus import prove

    _finish(prove.every_start(_problem(d, L, gamma, tau, step)), "every-start", directory, key, as_json)


@octopus.command("float")
def float_(
    d: Dimension,
    L: Steep,
    gamma: Gamma = "1",
    tau: Tau = "e",
    step: Step = None,
    start: Start = None,
    seed: Seed = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """That gradient descent in double precision stands still at a saddle for ever.

    All numbers, those of --start too, are read as the doubles next to them, as the program would.
    """
    from relucert.families.octopus import prove

    problem = _problem(d, L, gamma, tau, step)
    result = prove.double_precision(problem, _start(problem, start, seed))
    _finish(result, "float", directory, key, as_json, _origin(start, seed))


@octopus.command()
def perturbed(
    d: Dimension,
    L: Steep,
    gamma: Gamma = "1",
    tau: Tau = "e",
    step: Step = None,
    threshold: Annotated[
        str | None, typer.Option(help="Noise where |grad f| <= this times tau (default: gamma/100).")
    ] = None,
    radius: Annotated[str, typer.Option(help="Of the ball of the noise, in units of tau.")] = "1/100",
    least: Annotated[
        str | None,
        typer.Option(help="s: how far from 0 noise leaves x_k, in units of tau (default: radius/10^4)."),
    ] = None,
    wait: Annotated[
        int | None, typer.Option(help="Steps without noise after noise (default: the shortest allowed).")
    ] = None,
    accuracy: Annotated[
        str | None, typer.Option(help="How near to a minimum, in units of tau (default: threshold/(2 L)).")
    ] = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """How soon perturbed gradient descent finds a minimum, and with what probability, from every start."""
    from relucert.base.rational import exact_number
    from relucert.families.octopus import prove
    from relucert.kernel.octopus.perturbed import Noise

    problem = _problem(d, L, gamma, tau, step)
    g = problem.gamma / 100 if threshold is None else exact_number(threshold, "--threshold")
    r = exact_number(radius, "--radius")
    s = r / 10**4 if least is None else exact_number(least, "--least")
    eps = g / (2 * problem.L) if accuracy is None else exact_number(accuracy, "--accuracy")
    w = prove.wait_for(problem, s) if wait is None else wait
    result = prove.perturbed_descent(problem, Noise(g, r, w, s, eps))
    _finish(result, "perturbed", directory, key, as_json)


@octopus.command()
def figures(
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where the figures go.")] = Path(
        "figures"
    ),
    form: Annotated[str, typer.Option("--format", help="svg, png or pdf.")] = "svg",
    seed: Annotated[int, typer.Option(help="Of the starts and the noise.")] = 0,
) -> None:
    """Draw the thesis's Figures 7.2 to 7.4: contours, and runs in d = 5 and 10 from exact times (matplotlib)."""
    from relucert.families.octopus.plot import check, draw

    check(directory, form)
    for path in draw(directory, form, seed):
        output.print(str(path), markup=False)


def _problem(d: int, L: str, gamma: str, tau: str, step: str | None) -> OctopusProblem:
    """With a step; 1/(4 L) where none is given. Raises InputError."""
    from relucert.families.octopus.problem import OctopusProblem

    found = OctopusProblem.from_text(d, L, gamma, tau)
    return OctopusProblem.from_text(d, L, gamma, tau, str(1 / (4 * found.L)) if step is None else step)


def _start(problem: OctopusProblem, start: str | None, seed: int | None) -> tuple[Fraction, ...]:
    from relucert.families.octopus.problem import random_start, read_start

    if start is not None and seed is not None:
        raise InputError("--start and --seed say different things; leave one out")
    return random_start(problem.d, seed or 0) if start is None else read_start(start)


def _origin(start: str | None, seed: int | None) -> dict[str, object]:
    return {"start": f"seed {seed or 0}" if start is None else "given"}


def _finish(
    result: Result,
    command: str,
    directory: Path,
    key: Path | None,
    as_json: bool,
    search: dict[str, object] | None = None,
) -> None:
    """Signs, writes and prints what was proved, or says why nothing was and ends with its exit code."""
    from relucert.base import store
    from relucert.certificate.form import claim_digest
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.octopus.statement import statement
    from relucert.families.octopus.words import words
    from relucert.kernel.outcome import Inconclusive

    facts: dict[str, Any] = {
        "method": result.method,
        "verdict": result.verdict,
        "precision": result.precision,
    }
    if isinstance(result.outcome, Inconclusive):
        if as_json:
            print_json({**facts, "reason": result.outcome.reason, "certificate": None})
        else:
            output.print(f"inconclusive: {result.outcome.reason}", markup=False)
        raise typer.Exit(INCONCLUSIVE)
    whole = statement(result, {**versions(), "source": f"relucert octopus {command}", "search": search})
    claim = whole["claim"]
    sentence, rows = words(claim)
    store.prepare(directory)
    path = sign_and_store(whole, directory, signing_key(key))
    if as_json:
        digest = claim_digest(claim)
        print_json({**facts, "claim": sentence, "bounds": claim["bounds"], "certificate": str(path),
                    "claim_digest": digest})  # fmt: skip
        return
    style = STYLES.get(result.verdict, "bold green")
    output.print(f"[{style}]{result.verdict.replace('-', ' ')}[/{style}]")
    output.print(f"  {sentence}", markup=False)
    for name, value in rows:
        output.print(f"  {name}: {value}", markup=False)
    output.print(f"  {path}", markup=False)


def register(app: typer.Typer) -> None:
    """Adds them to the command line."""
    app.add_typer(octopus, name="octopus")
