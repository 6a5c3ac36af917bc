"""`relucert factorisation`: the landscape of |U V^T - M|^2/2, gradient descent on it, and the balance of layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relucert.base.console import INCONCLUSIVE, STYLES, Bar, output, print_json
from relucert.base.errors import InputError
from relucert.base.groups import group
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption, VariableOption

if TYPE_CHECKING:
    from relucert.base.exact import Rows
    from relucert.families.factorisation.problem import Seeded
    from relucert.families.factorisation.prove import Result

factorisation = group(
    "Matrix factorisation: its whole landscape, where gradient descent goes, and the balance of layers."
)

Target = Annotated[
    Path, typer.Argument(help="M: .npy .npz .mat .csv .json; or its exact factors, with --factors.")
]
Factors = Annotated[bool, typer.Option("--factors", help="The file has p and q: M = P Q^T, exactly.")]
Rank = Annotated[int, typer.Option("--rank", help="r, the width of U and V.")]
Seed = Annotated[int | None, typer.Option(help="Of a random start, scale times Gaussian: 0 to 2^53 - 1.")]
Scale = Annotated[str, typer.Option(help="Scale of a random start: the double next to this decimal.")]
Eta = Annotated[str, typer.Option("--step", help="Step of gradient descent, exact.")]
Most = Annotated[int | None, typer.Option("--steps", help="Enclose at most so many steps.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="Where certificates go.")]
CERTIFICATES = Path("certificates")
LARGEST_SCALE = 2**64


@factorisation.command()
def landscape(
    target: Target,
    rank: Rank,
    imbalance: Annotated[
        str, typer.Option(help="Bound the curvature of saddles with ||U^T U - V^T V|| up to this, exact.")
    ] = "0",
    factors: Factors = False,
    variable: VariableOption = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every critical point: values, saddles and their curvature, the global minima and the curvature across them."""
    from relucert.base.rational import exact_number
    from relucert.families.factorisation import prove
    from relucert.families.factorisation.problem import LandscapeProblem

    problem = LandscapeProblem(
        _matrix(target, variable, factors), rank, exact_number(imbalance, "--imbalance")
    )
    finish([prove.landscape(problem)], "landscape", directory, key, as_json=as_json)


@factorisation.command()
def certify(
    target: Target,
    rank: Rank,
    start: Annotated[Path | None, typer.Option(help="A file with u and v: .npz or .json.")] = None,
    seed: Seed = None,
    scale: Scale = "0.1",
    step: Eta = "1/10",
    most: Most = None,
    balance_only: Annotated[
        bool, typer.Option("--balance-only", help="Claim balance and convergence to a critical point only.")
    ] = False,
    factors: Factors = False,
    variable: VariableOption = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Gradient descent from an exact start: balance for ever, and convergence to a global minimum at a rate.

    Convergence to a global minimum needs a matrix of rank at most r, exactly: give its factors where you have them.
    """
    from relucert.base.rational import exact_number
    from relucert.families.factorisation import prove
    from relucert.families.factorisation.problem import DescentProblem
    from relucert.families.factorisation.reading import read_pair

    if (start is None) == (seed is None):
        raise InputError("give --start or --seed")
    if start is not None and scale != "0.1":
        raise InputError("--scale is of a random start: leave it out, or give --seed")
    if balance_only and most is not None:
        raise InputError("--steps are those before convergence: leave it out, or --balance-only")
    given = read_pair(start, ("u", "v")) if start is not None else _seeded(seed, scale)
    eta = exact_number(step, "--step")
    problem = DescentProblem(_matrix(target, variable, factors), rank, eta, given)
    results = [prove.balanced(problem)]
    if not balance_only:
        with Bar("steps enclosed", 1) as advance:
            results.append(prove.converges(problem, most, advance))
    finish(results, "certify", directory, key, as_json=as_json)


@factorisation.command("rank-one")
def rank_one(
    s: Annotated[str, typer.Option("--s", help="The singular value of M = s p q^T, exact.")] = "1",
    alpha: Annotated[str | None, typer.Option(help="u.p at the start, exact.")] = None,
    beta: Annotated[str | None, typer.Option(help="v.q at the start, exact.")] = None,
    a2: Annotated[str | None, typer.Option("--a2", help="|u - alpha p|^2 at the start, exact.")] = None,
    b2: Annotated[str | None, typer.Option("--b2", help="|v - beta q|^2 at the start, exact.")] = None,
    variance: Annotated[
        str | None, typer.Option(help="Instead: u and v are Gaussian with this variance of an entry, exact.")
    ] = None,
    d1: Annotated[int | None, typer.Option("--d1", help="With --variance: the dimension of u.")] = None,
    d2: Annotated[int | None, typer.Option("--d2", help="The dimension of v (default: that of u).")] = None,
    step: Eta = "1/10",
    most: Most = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank one in any dimension from four scalars: convergence, or divergence; or from a Gaussian start."""
    from relucert.base.rational import exact_number
    from relucert.families.factorisation import prove
    from relucert.families.factorisation.problem import Four, RandomStart, RankOneProblem

    four = {"--alpha": alpha, "--beta": beta, "--a2": a2, "--b2": b2}
    given = [exact_number(text, name) for name, text in four.items() if text is not None]
    start: Four | RandomStart
    if variance is not None:
        if given or d1 is None or most is not None:
            raise InputError(
                "--variance goes with --d1 (and --d2), and with none of the four numbers, nor --steps"
            )
        start = RandomStart(exact_number(variance, "--variance"), d1, d1 if d2 is None else d2)
    else:
        if len(given) < len(four) or d1 is not None or d2 is not None:
            raise InputError("give --alpha, --beta, --a2 and --b2; or --variance and --d1")
        start = Four(*given)
    problem = RankOneProblem(exact_number(s, "--s"), exact_number(step, "--step"), start)
    finish([prove.rank_one_from(problem, most)], "rank-one", directory, key, as_json=as_json)


@factorisation.command()
def schedule(
    s: Annotated[str, typer.Option("--s", help="||M||, exact.")] = "1",
    frobenius: Annotated[str | None, typer.Option(help="|M|, exact (default: s).")] = None,
    rank: Rank = 1,
    accuracy: Annotated[str, typer.Option(help="eps, exact.")] = "1/10",
    start_norm: Annotated[str, typer.Option(help="|(U_0, V_0)| is at most this, exact.")] = "1/100",
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """How many steps the schedule of Theorem 4.4 of Du's thesis needs at least: 10^L."""
    from relucert.base.rational import exact_number
    from relucert.families.factorisation import prove
    from relucert.families.factorisation.problem import ScheduleProblem

    top = exact_number(s, "--s")
    size = top if frobenius is None else exact_number(frobenius, "--frobenius")
    ends = exact_number(accuracy, "--accuracy"), exact_number(start_norm, "--start-norm")
    problem = ScheduleProblem(top, size, rank, *ends)
    finish([prove.not_accurate(problem)], "schedule", directory, key, as_json=as_json)


def finish(results: list[Result], command: str, directory: Path, key: Path | None, *, as_json: bool) -> None:
    """Signs, writes and prints what is proved; the exit code says whether the last of it, which says most, is."""
    from relucert.base import store
    from relucert.certificate.provenance import versions

    origin = {**versions(), "source": f"relucert factorisation {command}", "search": None}
    store.prepare(directory)
    for result in results:
        _finish(result, origin, directory, key, as_json=as_json)
    if not results[-1].outcome.proved:
        raise typer.Exit(INCONCLUSIVE)


def _finish(
    result: Result, origin: dict[str, object], directory: Path, key: Path | None, *, as_json: bool
) -> None:
    from relucert.certificate.form import claim_digest
    from relucert.certificate.provenance import sign_and_store
    from relucert.families.factorisation.statement import statement
    from relucert.families.factorisation.words import words
    from relucert.families.printing import explain
    from relucert.kernel.outcome import Inconclusive

    facts: dict[str, Any] = {"verdict": result.verdict, "precision": result.precision}
    if isinstance(result.outcome, Inconclusive):
        reason = explain(result.outcome)
        if as_json:
            print_json({**facts, "reason": reason, "certificate": None})
        else:
            output.print(f"inconclusive: {reason}", markup=False)
        return
    made = statement(result, origin)
    path = sign_and_store(made, directory, signing_key(key))
    claim = made["claim"]
    sentence, rows = words(claim)
    if as_json:
        print_json(
            {**facts, "claim": sentence, "certificate": str(path), "claim_digest": claim_digest(claim)}
        )
        return
    style = STYLES.get(result.verdict, "bold green")
    output.print(f"[{style}]{result.verdict.replace('-', ' ')}[/{style}]")
    output.print(f"  {sentence}", markup=False)
    for name, value in rows:
        output.print(f"  {name}: {value}", markup=False)
    output.print(f"  {path}", markup=False)


def _matrix(path: Path, variable: str | None, factors: bool) -> Rows:
    """M of a file, or the exact product of the factors in it. Raises InputError."""
    from relucert.families.factorisation.reading import product, read_matrix, read_pair

    if not factors:
        return read_matrix(path, variable)
    if variable is not None:
        raise InputError("--variable and --factors say different things; leave one out")
    return product(*read_pair(path, ("p", "q")))


def _seeded(seed: int | None, scale: str) -> Seeded:
    from relucert.base.dyadic import from_float
    from relucert.base.rational import exact_number
    from relucert.families.factorisation.problem import Seeded

    value = exact_number(scale, "--scale")
    if not abs(value) < LARGEST_SCALE:
        raise InputError(f"--scale {scale}: expected a number below {LARGEST_SCALE} in size")
    return Seeded(seed or 0, from_float(float(value)))


def register(app: typer.Typer) -> None:
    """Adds them to the command line."""
    from relucert.families.factorisation.network_commands import balance, figures

    factorisation.command()(balance)
    factorisation.command()(figures)
    app.add_typer(factorisation, name="factorisation")
