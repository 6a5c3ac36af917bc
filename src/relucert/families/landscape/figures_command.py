"""`relucert landscape figures`: Ge, Lee & Ma's Figures 1 to 3 in population form, and which ends are proved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, MISSING, Bar, fail, messages, output, print_json
from relucert.commands.keys import signing_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from relucert.base.exact import Rows
    from relucert.families.landscape.plot import Run, Series
    from relucert.families.landscape.problem import LandscapeProblem


def figures(
    directory: Annotated[
        Path, typer.Option("-o", "--output", help="Where pictures, figures.csv and certificates go.")
    ],
    seeds: Annotated[int, typer.Option(min=1, max=20, help="Runs of each figure: seeds 0, 1, ..")] = 5,
    d: Annotated[int, typer.Option("--d", help="Dimension, and number of neurons.")] = 50,
    steps: Annotated[
        int | None, typer.Option(help="Steps of every run (default: 12000 for l2, 1500 for f' and G).")
    ] = None,
    mu: Annotated[str, typer.Option(help="mu of G, exact.")] = "6",
    lam: Annotated[str, typer.Option("--lambda", help="lambda of G, exact.")] = "1",
    form: Annotated[str, typer.Option("--format", help="svg, png or pdf.")] = "svg",
    key: Annotated[Path | None, typer.Option("--key", help="Private key that signs (PEM, Ed25519).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON line for each run.")] = False,
) -> None:
    """Draw test loss and error of the l2 loss, f' and G along gradient descent (a* = 1, B* = I, exact expectations).

    Curves are in floating point. Of every run on G the end is proved, with a certificate; of the others it is not.
    """
    from fractions import Fraction

    from relucert.base import store
    from relucert.base.rational import exact_number
    from relucert.families.landscape import plot as pictures
    from relucert.families.landscape.descent import random_start
    from relucert.families.landscape.problem import LandscapeProblem

    ends = exact_number(mu, "--mu"), exact_number(lam, "--lambda")
    kinds = pictures.series(d, *ends, steps)
    try:
        pictures.check(form)
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[plot]"'
        raise typer.Exit(fail(f"a package is missing: {error.name}; {remedy}", MISSING)) from error
    store.prepare(directory)
    signer = signing_key(key)
    problem = LandscapeProblem((Fraction(1),) * d, *ends)
    runs: list[Run] = []
    with Bar("gradient descent", len(kinds) * seeds) as advance:
        for kind in kinds:
            for seed in range(seeds):
                start = random_start(d, seed)
                digest = None
                if kind.name == pictures.DESIGNED:
                    digest = _certificate(problem, kind, start, seed, directory, signer)
                runs.append(pictures.Run(kind, seed, pictures.curve(kind, start), digest))
                advance(len(runs), len(kinds) * seeds)
                if as_json:
                    print_json(pictures.record(runs[-1]))
    written = pictures.write(runs, directory, form)
    if not as_json:
        _print(runs, d, written)
    if any(run.certificate is None for run in runs if run.series.name == pictures.DESIGNED):
        raise typer.Exit(INCONCLUSIVE)


def _certificate(
    problem: LandscapeProblem,
    kind: Series,
    start: Rows,
    seed: int,
    directory: Path,
    signer: Ed25519PrivateKey,
) -> str | None:
    """That the run on G from this very start converges to a global minimum: the digest of the certificate, once the
    checker has accepted it. None where it is not proved."""
    from relucert.certificate.checked import checked
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.landscape import descent
    from relucert.families.landscape.descent_statement import run_statement

    most = min(kind.steps, descent.most_of(problem.d))
    result = descent.run(problem, start, kind.eta, most)
    if not result.outcome.proved:
        messages.print(f"seed {seed}: {descent.describe(result)}", markup=False)
        return None
    origin = {**versions(), "source": f"random start, seed {seed}", "search": None}
    path = sign_and_store(run_statement(result, origin), directory, signer)
    checked(path)
    return path.stem


def _print(runs: Sequence[Run], d: int, written: Sequence[Path]) -> None:
    from rich.table import Table

    from relucert.families.landscape.plot import DESIGNED

    output.print(
        f"Ge, Lee & Ma's Figures 1 to 3 in population form: d = {d}, a* = 1, B* = I, gradient descent with a fixed "
        "step from rows uniform on the unit sphere, a = 1. The paper prints no steps: they are ours. Losses and "
        "errors are floating point.",
        markup=False,
    )
    table = Table(box=None, pad_edge=False)
    for title in ("figure", "objective", "seed", "eta", "steps", "test loss", "e(Q)", "end"):
        table.add_column(title, justify="right")
    for run in runs:
        kind, curve = run.series, run.curve
        numbers = (f"{curve.losses[-1]:.4g}", f"{curve.errors[-1]:.4g}")
        head = (str(kind.figure), kind.name, str(run.seed), str(kind.eta), str(kind.steps))
        table.add_row(*head, *numbers, "proved" if run.certificate else "not proved")
    output.print(table)
    for path in written:
        output.print(f"written: {path}", markup=False)
    count = sum(run.certificate is not None for run in runs)
    output.print(
        f"proved, each with a certificate: {count} runs on {DESIGNED} converge to a global minimum",
        markup=False,
    )
