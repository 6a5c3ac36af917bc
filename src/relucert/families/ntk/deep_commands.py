"""`relucert ntk deep`: this deep network of smooth activation on these data reaches zero loss."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, Bar, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption
from relucert.families.ntk.shallow_commands import scale_of, steps_of

if TYPE_CHECKING:
    from relucert.families.ntk.deep_problem import Architecture, Layers
    from relucert.families.ntk.deep_prove import DeepResult
    from relucert.families.ntk.shallow_problem import Seeded


def deep(
    data: Annotated[Path, typer.Argument(help="x and y: .npz or .json; or a table, .npy or .csv, y last.")],
    depth: Annotated[int, typer.Option("--depth", "-H", help="Number of hidden layers.")] = 1,
    activation: Annotated[str, typer.Option(help="softplus, erf or tanh.")] = "softplus",
    width: Annotated[int | None, typer.Option("--width", "-m", help="Neurons of each layer.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", "-s", help="Of all weights.")] = None,
    scale: Annotated[str, typer.Option(help="Weights are nearly Gaussian, of this size; exact.")] = "1",
    start: Annotated[
        Path | None,
        typer.Option(help="Weights from a file, .json or .npz: layers (W_1, .., W_H) and output."),
    ] = None,
    resnet: Annotated[bool, typer.Option("--resnet", help="With skip connections.")] = False,
    c_res: Annotated[
        str | None, typer.Option(help="With --resnet: its constant, exact (default: 1/2).")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(help="A seed for labels, nearly N(0, 1), or a file of them; the table is x then."),
    ] = None,
    step: Annotated[
        str | None, typer.Option(help="eta, exact (default: about 1/(2 lambda_max(J J^T)) at the start).")
    ] = None,
    run: Annotated[
        str, typer.Option(help="Steps that are enclosed before the theorem is applied, or auto.")
    ] = "auto",
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where the certificate goes.")] = Path(
        "certificates"
    ),
    plot: Annotated[
        Path | None, typer.Option(help="Draw loss, eigenvalues and movement against steps: .svg .png .pdf.")
    ] = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that gradient descent on all layers converges to zero training loss, and how fast."""
    from relucert.base import store
    from relucert.families.ntk.deep_prove import prove
    from relucert.families.ntk.deep_training import training_of
    from relucert.families.ntk.shallow_read import read_data
    from relucert.kernel.outcome import Inconclusive

    steps = steps_of(run)
    shape, weights = _network(start, width, seed, scale, activation, depth, _c_res(resnet, c_res))
    training = training_of(*read_data(data, labels), shape, weights, step)
    if steps is not None:
        training.check_steps(steps)
    if plot is not None:
        from relucert.families.ntk.shallow_plot import check

        check(plot)
    store.prepare(directory)
    title = f"{shape.depth} layers of {shape.width} neurons, {len(training.x)} rows"
    with Bar(title, training.most_steps if steps is None else steps) as advance:
        result = prove(training, steps, advance)
    if plot is not None:
        from relucert.families.ntk.deep_plot import draw

        draw(result, plot)
    if isinstance(result.outcome, Inconclusive):
        _inconclusive(result, as_json=as_json)
    _store(result, directory, key, as_json=as_json)


def _c_res(resnet: bool, c_res: str | None) -> Fraction | None:
    """None for a dense network. Raises InputError."""
    from relucert.base.rational import exact_number

    if not resnet:
        if c_res is not None:
            raise InputError("--c-res is for --resnet; leave it out, or add --resnet")
        return None
    return exact_number("1/2" if c_res is None else c_res, "--c-res")


def _network(
    path: Path | None,
    width: int | None,
    seed: int | None,
    scale: str,
    activation: str,
    depth: int,
    c_res: Fraction | None,
) -> tuple[Architecture, Seeded | Layers]:
    """The network and the start that the options say. Raises InputError."""
    from relucert.families.ntk.deep_problem import Architecture
    from relucert.families.ntk.deep_training import read_layers
    from relucert.families.ntk.shallow_problem import Seeded

    if path is None:
        if width is None or seed is None:
            raise InputError("give --width and --seed, or --start FILE")
        return Architecture(activation, width, depth, c_res), Seeded(seed, scale_of(scale))
    if scale != "1" or seed is not None:
        raise InputError("--seed and --scale are for weights by a seed; leave them out with --start")
    layers = read_layers(path)
    found = len(layers.output)
    if width is not None and width != found:
        raise InputError(f"{path}: {found} neurons, but --width is {width}; leave --width out")
    return Architecture(activation, found, depth, c_res), layers


def _store(result: DeepResult, directory: Path, key: Path | None, *, as_json: bool) -> None:
    """Signs, writes and prints."""
    from relucert.certificate.form import claim_digest
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.ntk.deep_statement import record, statement
    from relucert.families.ntk.words import words

    whole = statement(result, {**versions(), "source": "relucert ntk deep", "search": None})
    claim = whole["claim"]
    path = sign_and_store(whole, directory, signing_key(key))
    sentence, facts = words(claim)
    if as_json:
        more = {"claim": sentence, "certificate": str(path), "claim_digest": claim_digest(claim)}
        print_json({**record(result), **more})
        return
    output.print("[bold green]converges to zero loss[/bold green]")
    output.print(f"  {sentence}", markup=False)
    for name, value in facts:
        output.print(f"  {name}: {value}", markup=False)
    output.print(f"  {path}", markup=False)


def _inconclusive(result: DeepResult, *, as_json: bool) -> None:
    from relucert.families.ntk.deep_statement import record

    found = record(result)
    if as_json:
        print_json({**found, "certificate": None})
    else:
        output.print(f"inconclusive after {result.steps} steps: {found['reason']}", markup=False)
    raise typer.Exit(INCONCLUSIVE)


def register(ntk: typer.Typer) -> None:
    """Adds the command."""
    ntk.command("deep")(deep)
