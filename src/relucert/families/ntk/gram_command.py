"""`relucert gram`: the smallest eigenvalue of the Gram matrix of an infinitely wide network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relucert.base.console import INCONCLUSIVE, Bar, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption, VariableOption

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from relucert.families.ntk.gram import GramResult

RANGE = re.compile(r"([1-9][0-9]{0,3})(?::([1-9][0-9]{0,3})(?::([1-9][0-9]{0,3}))?)?")


def gram(
    data: Annotated[Path, typer.Argument(help="Inputs, a row each: .npy .npz .csv .json .mat")],
    activation: Annotated[str, typer.Option(help="relu, erf or softplus.")],
    depth: Annotated[int | None, typer.Option(help="H, the number of layers (default: 1).")] = None,
    depths: Annotated[
        str | None, typer.Option(help='A table over depths, a certificate each: "1:50", "1,2,5:50:5".')
    ] = None,
    resnet: Annotated[bool, typer.Option("--resnet", help="A residual network, from depth 2.")] = False,
    c_res: Annotated[str | None, typer.Option(help="c_res > 0 of a residual network, exact.")] = None,
    normalise: Annotated[
        bool, typer.Option("--normalise", help="Divide the inputs by their lengths, exactly.")
    ] = False,
    variable: VariableOption = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the table of --depths: .svg .png .pdf.")] = None,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where certificates go.")] = Path(
        "certificates"
    ),
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enclose the smallest eigenvalue of an infinite-width Gram matrix, or prove that it is 0: a certificate each."""
    from relucert.base import store
    from relucert.base.rational import exact_number
    from relucert.families.ntk.gram import grams
    from relucert.families.ntk.gram_data import read_inputs
    from relucert.kernel.outcome import Inconclusive

    if resnet != (c_res is not None):
        raise InputError("a residual network needs both --resnet and --c-res, a positive number such as 1/2")
    wanted = _depths(depth, depths)
    if plot is not None:
        from relucert.families.ntk.gram_plot import check

        check(plot, len(wanted))
    x = read_inputs(data, variable, normalise=normalise)
    share = None if c_res is None else exact_number(c_res, "--c-res")
    store.prepare(directory)
    signer = signing_key(key)
    results: list[GramResult] = []
    with Bar("depths", len(wanted)) as advance:
        for result in grams(x, activation, wanted, share):
            results.append(result)
            _report(result, str(data), directory, signer, as_json=as_json, short=depths is not None)
            advance(len(results), len(wanted))
    if plot is not None:
        from relucert.families.ntk.gram_plot import draw

        draw(results, plot)
    if any(isinstance(result.outcome, Inconclusive) for result in results):
        raise typer.Exit(INCONCLUSIVE)


def _depths(depth: int | None, depths: str | None) -> list[int]:
    """In ascending order. Raises InputError."""
    if depths is None:
        return [1 if depth is None else depth]
    if depth is not None:
        raise InputError("give --depth or --depths, not both")
    found: set[int] = set()
    for part in depths.split(","):
        match = RANGE.fullmatch(part.strip())
        if match is None:
            raise InputError(f'--depths {depths}: expected depths such as "1:50" or "1,2,5:50:5"')
        low, high, step = (int(x) if x else None for x in match.groups())
        more = range(low or 1, (high or low or 1) + 1, step or 1)
        if not more:
            raise InputError(f"--depths {part}: holds no depth; the first stands before the last")
        found |= set(more)
    return sorted(found)


def _report(
    result: GramResult, source: str, directory: Path, key: Ed25519PrivateKey, *, as_json: bool, short: bool
) -> None:
    """Writes a certificate if something is proved, and prints."""
    from relucert.base.visible import visible
    from relucert.certificate.form import claim_digest
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.ntk.gram_record import gram_record, line
    from relucert.families.ntk.gram_statement import gram_statement
    from relucert.families.ntk.gram_words import gram_words
    from relucert.kernel.outcome import Inconclusive

    facts: dict[str, Any] = {
        "source": source,
        **gram_record(result),
        "certificate": None,
        "claim_digest": None,
    }
    if isinstance(result.outcome, Inconclusive):
        if as_json:
            print_json(facts)
        else:
            output.print(line(result), markup=False)
        return
    statement = gram_statement(result, {**versions(), "source": visible(source), "search": None})
    path, claim = sign_and_store(statement, directory, key), statement["claim"]
    if as_json:
        print_json({**facts, "certificate": str(path), "claim_digest": claim_digest(claim)})
    elif short:
        output.print(line(result), markup=False)
    else:
        sentence, rows = gram_words(claim)
        output.print(f"[bold green]{result.verdict.replace('-', ' ')}[/bold green]")
        for text in (sentence, *(f"{name}: {value}" for name, value in rows), str(path)):
            output.print(f"  {text}", markup=False)
