"""`relucert ntk certify`: this two-layer ReLU network on these data reaches zero loss."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relucert.base.console import INCONCLUSIVE, Bar, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption

if TYPE_CHECKING:
    from relucert.base.dyadic import Dyadic
    from relucert.certificate.numbers import Json
    from relucert.families.ntk.shallow_problem import Start, Training
    from relucert.families.ntk.shallow_prove import Result


def certify(
    data: Annotated[Path, typer.Argument(help="x and y: .npz or .json; or a table, .npy or .csv, y last.")],
    width: Annotated[int | None, typer.Option("--width", "-m", help="Number of neurons.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", "-s", help="Of weights and signs.")] = None,
    scale: Annotated[str, typer.Option(help="Weights are nearly Gaussian, of this size; exact.")] = "1",
    start: Annotated[
        Path | None, typer.Option(help="Weights (and signs) from a file, in place of --width and --seed.")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(help="A seed for labels, nearly N(0, 1), or a file of them; the table is x then."),
    ] = None,
    step: Annotated[
        str | None, typer.Option(help="eta, exact, at most 2/|X|^2 (default: about 1/lambda_max(H)).")
    ] = None,
    run: Annotated[
        str, typer.Option(help="Steps that are enclosed before the theorem is applied, or auto.")
    ] = "auto",
    flow: Annotated[bool, typer.Option("--flow", help="Gradient flow, from the start on.")] = False,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where the certificate goes.")] = Path(
        "certificates"
    ),
    plot: Annotated[
        Path | None, typer.Option(help="Draw loss, eigenvalues and movement against steps: .svg .png .pdf.")
    ] = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that gradient descent from this start converges to zero training loss, and how fast."""
    from relucert.base import store
    from relucert.families.ntk.shallow_prove import prove
    from relucert.families.ntk.shallow_read import read_data
    from relucert.kernel.outcome import Inconclusive

    steps = _steps(run, flow, step)
    x, y = read_data(data, labels)
    training, net = _training(x, y, _start(start, width, seed, scale), step, flow)
    if steps is not None:
        training.check_steps(steps)
    if plot is not None:
        from relucert.families.ntk.shallow_plot import check

        check(plot)
    store.prepare(directory)
    with Bar(f"{training.width} neurons, {training.n} rows", 1) as advance:
        result = prove(training, net, steps, advance)
    if plot is not None:
        from relucert.families.ntk.shallow_plot import draw

        draw(result, net, plot)
    if isinstance(result.outcome, Inconclusive):
        _inconclusive(result, as_json=as_json)
    _store(result, directory, key, as_json=as_json)


def _steps(run: str, flow: bool, step: str | None) -> int | None:
    """T, or None for auto. Raises InputError."""
    if flow and (step is not None or run not in ("auto", "0")):
        raise InputError("--flow has no steps: leave out --step and --run")
    return steps_of(run)


def steps_of(run: str) -> int | None:
    """T, or None for auto. Raises InputError."""
    if run == "auto":
        return None
    if not (run.isascii() and run.isdigit() and len(run) < 10):
        raise InputError(f"--run {run[:40]}: expected a number of steps, or auto")
    return int(run)


def _start(path: Path | None, width: int | None, seed: int | None, scale: str) -> tuple[int, Start]:
    """The width and the start that the options say. Raises InputError."""
    from relucert.families.ntk.shallow_problem import Seeded, Start
    from relucert.families.ntk.shallow_read import read_start

    if path is None:
        if width is None or seed is None:
            missing = " and ".join(
                name for name, value in (("--width", width), ("--seed", seed)) if value is None
            )
            raise InputError(f"give {missing}, or --start FILE")
        return width, Start(Seeded(seed, scale_of(scale)), seed)
    if scale != "1":
        raise InputError("--scale is for weights by a seed; leave it out")
    weights, signs = read_start(path)
    if width is not None and width != len(weights):
        raise InputError(f"{path}: {len(weights)} neurons, but --width is {width}; leave --width out")
    if signs is not None:
        if seed is not None:
            raise InputError(f"{path} has weights and signs: leave --seed out")
        return len(weights), Start(weights, signs)
    if seed is None:
        raise InputError(f"{path} has no signs: give --seed for them, or a file with weights and signs")
    return len(weights), Start(weights, seed)


def scale_of(scale: str) -> Dyadic:
    """The size of weights by a seed. Raises InputError."""
    from relucert.base.dyadic import canonical
    from relucert.base.rational import exact_number

    size = exact_number(scale, "--scale")
    if size.denominator & (size.denominator - 1):
        raise InputError(f"--scale {scale}: expected an integer times a power of 2, such as 0.5 or 3/4")
    return canonical(size.numerator, 1 - size.denominator.bit_length())


def _training(x: Any, y: Any, start: tuple[int, Start], step: str | None, flow: bool) -> tuple[Training, Any]:
    """The problem and its exact network; with the default step where none is given."""
    from dataclasses import replace

    from relucert.base.rational import exact_number
    from relucert.families.ntk.shallow_problem import Training
    from relucert.families.ntk.shallow_prove import default_step

    given = None if step is None else exact_number(step, "--step")
    training = Training(x, y, *start, given)
    net = training.net()
    if given is None and not flow:
        training = replace(training, step=default_step(net))
    return training, net


def _store(result: Result, directory: Path, key: Path | None, *, as_json: bool) -> None:
    """Signs, writes and prints."""
    from relucert.certificate.form import claim_digest
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.ntk.shallow_record import record
    from relucert.families.ntk.shallow_statement import statement
    from relucert.families.ntk.shallow_words import words

    whole = statement(result, {**versions(), "source": "relucert ntk certify", "search": None})
    claim = whole["claim"]
    path = sign_and_store(whole, directory, signing_key(key))
    sentence, facts = words(claim)
    if as_json:
        print_json(
            {
                **record(result),
                "claim": sentence,
                "certificate": str(path),
                "claim_digest": claim_digest(claim),
            }
        )
        return
    output.print("[bold green]converges to zero loss[/bold green]")
    output.print(f"  {sentence}", markup=False)
    for name, value in facts:
        output.print(f"  {name}: {value}", markup=False)
    output.print(f"  {path}", markup=False)


def _inconclusive(result: Result, *, as_json: bool) -> None:
    from relucert.families.ntk.shallow_record import record

    found: Json = record(result)
    if as_json:
        print_json({**found, "certificate": None})
    else:
        output.print(f"inconclusive after {result.steps} steps: {found['reason']}", markup=False)
    raise typer.Exit(INCONCLUSIVE)


def register(ntk: typer.Typer) -> None:
    """Adds the command."""
    ntk.command("certify")(certify)
