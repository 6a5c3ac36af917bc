"""`relucert factorisation balance` and `figures`: networks, and the pictures of chapter 4 of Du's thesis."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import MISSING, fail, output
from relucert.base.errors import InputError
from relucert.commands.options import JsonOption, KeyOption
from relucert.families.factorisation.commands import CERTIFICATES, Eta, Output, Scale, Seed, _seeded, finish

if TYPE_CHECKING:
    from relucert.families.factorisation.problem import BalanceProblem

WIDTHS = re.compile("[0-9]{1,6}(,[0-9]{1,6})+")


def balance(
    weights: Annotated[
        str,
        typer.Argument(help="A file with w1, w2, ..; or widths d_0,..,d_H for a random start: 20,20,20,5."),
    ],
    data: Annotated[Path, typer.Argument(help="Samples: .npz or .json with x (N x d_0) and y (N x d_H).")],
    activation: Annotated[str, typer.Option(help="relu or linear.")] = "relu",
    steps: Annotated[int, typer.Option(help="Follow so many steps.")] = 20,
    step: Eta = "1/1000",
    kink: Annotated[str, typer.Option(help="The derivative of relu at 0, from 0 to 1, exact.")] = "0",
    seed: Seed = None,
    scale: Scale = "0.1",
    directory: Output = CERTIFICATES,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """How far gradient descent takes each neuron and each layer from the balance that it starts with."""
    from relucert.base.rational import exact_number
    from relucert.families.factorisation import prove
    from relucert.families.factorisation.problem import BalanceProblem
    from relucert.families.factorisation.reading import read_pair, read_weights

    x, y = read_pair(data, ("x", "y"))
    ends = exact_number(step, "--step"), exact_number(kink, "--kink")
    problem: BalanceProblem
    if WIDTHS.fullmatch(weights):
        widths = tuple(int(part) for part in weights.split(","))
        problem = BalanceProblem(activation, widths, x, y, ends[0], _seeded(seed, scale), ends[1])
    else:
        if seed is not None:
            raise InputError("--seed is for widths: leave it out, or give d_0,..,d_H in place of a file")
        layers = read_weights(Path(weights))
        sizes = (len(layers[0][0]) if layers[0] else 0, *(len(layer) for layer in layers))
        problem = BalanceProblem(activation, sizes, x, y, ends[0], layers, ends[1])
    finish([prove.balance_drift(problem, steps)], "balance", directory, key, as_json=as_json)


def figures(
    directory: Annotated[
        Path, typer.Option("-o", "--output", help="Where pictures, tables and certificates go.")
    ],
    seed: Annotated[int, typer.Option(help="Of all random numbers.")] = 0,
    steps: Annotated[int, typer.Option(min=10, max=10**6, help="Steps of each run.")] = 2000,
    form: Annotated[str, typer.Option("--format", help="svg, png or pdf.")] = "svg",
    certified: Annotated[int, typer.Option(min=1, max=500, help="Steps whose balance is proved.")] = 50,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Figures 4.1 and 4.2 of Du's thesis at reduced width. Curves are floating point; the balance of 4.2 is proved."""
    from relucert.base import store
    from relucert.families.factorisation import plot, prove

    try:
        plot.check(form)
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[plot]"'
        raise typer.Exit(fail(f"a package is missing: {error.name}; {remedy}", MISSING)) from error
    store.prepare(directory)
    for path in plot.write(seed, steps, directory, form):
        if not as_json:
            output.print(f"written: {path}", markup=False)
    results = [prove.balance_drift(plot.network(seed, even), certified) for even in (True, False)]
    for result in results:
        finish([result], "figures", directory, key, as_json=as_json)
