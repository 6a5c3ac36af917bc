"""`relucert landscape compare`: a spurious minimum of the l2 loss, beside gradient descent on G from there."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, Bar, messages, output, print_json
from relucert.commands.keys import signing_key
from relucert.commands.options import JobsOption, KeyOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from relucert.certificate.numbers import Json
    from relucert.families.landscape.compare import Line, Settings
    from relucert.families.landscape.stored import Stored

STORED = Path("certificates") / "k-1,1"


def compare(
    directory: Annotated[
        Path, typer.Option("-o", "--output", help="Where certificates, compare.html and compare.csv go.")
    ],
    ks: Annotated[str, typer.Option("--k", help="Numbers of neurons, n = k = d: 6:20, or 6,8.")] = "6:20",
    certificates: Annotated[
        Path, typer.Option(help="Folder with certificates of spurious minima of the l2 loss.")
    ] = STORED,
    mu: Annotated[str, typer.Option(help="mu of G, exact.")] = "6",
    lam: Annotated[str, typer.Option("--lambda", help="lambda of G, exact.")] = "1",
    eta: Annotated[str, typer.Option(help="Step of gradient descent, exact.")] = "0.1",
    steps: Annotated[int, typer.Option(min=1, help="How many steps to follow at most.")] = 10_000,
    key: KeyOption = None,
    jobs: JobsOption = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON line for each k.")] = False,
) -> None:
    """Prove that gradient descent on G leaves spurious minima of the l2 loss for a global minimum (a* = 1).

    For every k: a stored certificate of such a minimum W*, checked again; then a new one, that G has no critical
    point within a radius of it, and that gradient descent on G from every point there converges to a global minimum.
    """
    from relucert.base import store
    from relucert.base.pool import each
    from relucert.base.rational import exact_number
    from relucert.families.landscape import compare as comparison
    from relucert.families.landscape.compare_page import page
    from relucert.families.landscape.stored import minima

    ends = exact_number(mu, "--mu"), exact_number(lam, "--lambda")
    settings = comparison.Settings(*ends, exact_number(eta, "--eta"), steps)
    found = minima(certificates, comparison.numbers(ks))
    store.prepare(directory)
    signer = signing_key(key)
    lines: list[Line] = []
    runs = each(partial(comparison.statement_or_reason, settings=settings), found, jobs)
    with Bar("gradient descent on G", len(found)) as advance, closing(runs):
        for stored, made in zip(found, runs, strict=True):
            lines.append(_line(stored, made, directory, signer))
            advance(len(lines), len(found))
            if as_json:
                print_json(comparison.record(lines[-1], settings))
    store.write(directory / "compare.csv", comparison.to_csv(lines, settings))
    where = directory / "compare.html"
    store.write(where, page(lines, settings, where).encode())
    if not as_json:
        _print(lines, settings)
        output.print(f"certificates of the runs, compare.csv, and the page: {where}", markup=False)
    if any(line.proved is None for line in lines):
        raise typer.Exit(INCONCLUSIVE)


def _line(stored: Stored, made: Json | str, directory: Path, signer: Ed25519PrivateKey) -> Line:
    """The run for one k, with its certificate, which the checker has to accept before anything is said.

    made: its statement, or the reason why there is none.
    """
    from relucert.certificate.checked import checked
    from relucert.certificate.provenance import sign_and_store
    from relucert.families.landscape import compare as comparison

    if isinstance(made, str):
        return comparison.Line(stored, None, made)
    path = sign_and_store(made, directory, signer)
    claim = checked(path)["claim"]
    return comparison.Line(stored, comparison.proved(stored, claim, path.stem))


def _print(lines: Sequence[Line], settings: Settings) -> None:
    from rich.table import Table

    output.print(
        "W*: a strict local minimum, not global, of the l2 loss F of k ReLU neurons against k orthonormal ones, "
        "within r of a stored point W; gradient descent on F with small steps converges to it from within R' of W. "
        f"G: the objective of Ge, Lee & Ma for the same teacher, mu = {settings.mu}, lambda = {settings.lam}. Within R "
        f"of W: |grad G| is at least the bound, and gradient descent on G with the step {settings.eta} converges from "
        "every point to a global minimum of G; after T steps it is within the distance.",
        markup=False,
    )
    table = Table(box=None, pad_edge=False)
    for title in ("k", "F(W*) >=", "r <=", "R' >=", "R >=", "|grad G| >=", "T", "distance <="):
        table.add_column(title, justify="right")
    for line in lines:
        stored, found = line.stored, line.proved
        head = (str(stored.k), stored.loss[0], stored.shown_radius, stored.basin[0] if stored.basin else "")
        if found is None:
            table.add_row(*head, "not proved")
            messages.print(f"k = {stored.k}: {line.reason}", markup=False)
            continue
        bounds = (found.start_radius, found.gradient_min, str(found.steps), found.distance)
        table.add_row(*head, *bounds)
    output.print(table)
