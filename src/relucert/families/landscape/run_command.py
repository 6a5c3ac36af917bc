"""`relucert landscape run`: gradient descent on G, enclosed from its exact start."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import Bar
from relucert.base.errors import InputError
from relucert.commands.options import JsonOption, KeyOption
from relucert.families.landscape.commands import (
    CERTIFICATES,
    AStar,
    Lam,
    Mu,
    Output,
    problem_of,
    refuse_inconclusive,
    source,
    store_claim,
)

if TYPE_CHECKING:
    from relucert.base.dyadic import Dyadic
    from relucert.base.exact import Rows
    from relucert.families.landscape.problem import LandscapeProblem


def run(
    a_star: AStar = None,
    dimension: Annotated[
        int | None, typer.Option("--d", help="Instead of --a-star: so many output weights, all 1.")
    ] = None,
    mu: Mu = None,
    lam: Lam = None,
    seed: Annotated[
        int | None, typer.Option(help="Of a random start: unit rows, uniform (default 0).")
    ] = None,
    start: Annotated[Path | None, typer.Option(help="A file with the start, d rows of d.")] = None,
    radius: Annotated[
        str, typer.Option("--radius", help="Prove it from every start within this distance, exact.")
    ] = "0",
    eta: Annotated[str, typer.Option("--eta", help="Step of gradient descent, exact.")] = "1/20",
    steps: Annotated[
        int | None, typer.Option(help="At most so many (default: what the audit follows).")
    ] = None,
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that gradient descent on G converges to a global minimum, and to which, from an exact start.

    mu is 6 and lambda 1 by default. `relucert landscape figures` draws such runs beside those on the l2 loss.
    """
    from relucert.base.rational import exact_number
    from relucert.families.landscape.descent import MOST_WORK, random_start
    from relucert.families.landscape.descent import run as prove
    from relucert.families.landscape.descent_statement import run_statement
    from relucert.families.landscape.record import run_record
    from relucert.kernel.outcome import Inconclusive

    if (a_star is None) == (dimension is None):
        raise InputError("give --a-star, or --d for output weights that are all 1")
    if dimension is not None and not 2 <= dimension <= 256:
        raise InputError(f"--d {dimension}: expected 2 to 256")
    problem = problem_of(a_star or ",".join(["1"] * (dimension or 0)), mu, lam)
    if start is not None and seed is not None:
        raise InputError("--start and --seed say different things; leave one out")
    rows = random_start(problem.d, seed or 0) if start is None else _read(start, problem)
    most = MOST_WORK // problem.d**2 if steps is None else steps
    with Bar("steps enclosed", 1) as advance:
        result = prove(problem, rows, exact_number(eta, "--eta"), most, _covering(radius), advance)
    facts = {**run_record(result), "seed": None if start is not None else seed or 0}
    if isinstance(result.outcome, Inconclusive):
        refuse_inconclusive(facts, as_json=as_json)
    origin = {"start": f"seed {seed or 0}" if start is None else start.name}
    statement = run_statement(result, {**source("run"), "search": origin})
    store_claim(statement, facts, directory, key, as_json=as_json)


def _covering(radius: str) -> Dyadic:
    """A number of few bits that is at least this one: then all that was asked for is proved. Raises InputError."""
    from relucert.base.dyadic import canonical
    from relucert.base.rational import exact_number

    value = exact_number(radius, "--radius")
    if value <= 0:
        if value < 0:
            raise InputError(f"--radius {radius}: expected 0 or more")
        return canonical(0, 0)
    exponent = value.numerator.bit_length() - value.denominator.bit_length() - 20
    return canonical(ceil(value / Fraction(2) ** exponent), exponent)


def _read(path: Path, problem: LandscapeProblem) -> Rows:
    """The only point of a file. Raises InputError."""
    from relucert.families.landscape.points import read_tables

    found = read_tables(path, problem)
    if len(found) != 1:
        raise InputError(f"{path}: has {len(found)} points; expected one start")
    return found[0].point
