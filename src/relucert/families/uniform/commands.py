"""`relucert uniform`: one certificate for every k."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, Bar, fail, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption

if TYPE_CHECKING:
    from relucert.certificate.numbers import Json
    from relucert.families.uniform.prove import Failure, Tier


def uniform(
    classes: Annotated[str, typer.Option(help="The pattern of the coordinates; k-1,1 is known.")] = "k-1,1",
    start: Annotated[int, typer.Option("--from", help="For every k from this one on, 6 or more.")] = 6,
    lower_bound: Annotated[
        str | None,
        typer.Option(
            help="Prove that every eigenvalue of the Hessian exceeds this (default: a table of bounds)."
        ),
    ] = None,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where the certificate goes.")] = Path(
        "certificates"
    ),
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw unknowns, eigenvalues and loss against k^(-1/2): .svg .png .pdf."),
    ] = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that for every k from one on, n = k, d >= k, there is a spurious minimum; one certificate for all."""
    from relucert.families.uniform.prove import Failure, prove

    if classes.replace(" ", "") != "k-1,1":
        raise InputError(f"--classes {classes}: not known to hold for every k; the pattern k-1,1 is")
    tiers = _tiers(start, lower_bound)
    if plot is not None:
        from relucert.families.uniform.plot import check

        check(plot)
    with Bar(f"every k >= {start}", 100) as advance:
        found = prove(tiers, lambda share: advance(round(100 * share), 100))
        advance(100, 100)
    if isinstance(found, Failure):
        raise typer.Exit(_fail(found, start, as_json))
    from relucert.base import store
    from relucert.certificate.form import claim_digest
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.uniform.statement import statement

    whole = statement(found, {**versions(), "source": "relucert uniform", "search": None})
    store.prepare(directory)
    path = sign_and_store(whole, directory, signing_key(key))
    if plot is not None:
        from relucert.families.uniform.plot import draw

        draw(found, plot)
    _print(whole["claim"], path, claim_digest(whole["claim"]), as_json)


def _tiers(start: int, lower_bound: str | None) -> list[Tier]:
    """What to prove: one bound, or those of the table that hold from `start` on. Raises InputError."""
    from relucert.families.uniform.prove import TABLE, Tier, at_least

    if lower_bound is not None:
        return [Tier(start, at_least(lower_bound, "--lower-bound"))]
    where = "the table"
    rest = [Tier(k, at_least(bound, where), at_least(reach, where)) for k, bound, reach in TABLE if k > start]
    known = [(bound, reach) for k, bound, reach in TABLE if k <= start]
    if not known:
        return [Tier(start, at_least("0", where)), *rest]
    return [Tier(start, *(at_least(text, where) for text in known[-1])), *rest]


def _fail(found: Failure, start: int, as_json: bool) -> int:
    """Says where the proof fails; returns the exit code."""
    first, last = f"{found.high**-2:.6g}", f"{found.low**-2:.6g}" if found.low > 0 else "infinity"
    ks = f"k near {first}" if first == last else f"k from {first} to {last}"
    said = f"not proved for {ks} (s = k^(-1/2) in [{found.low:.8g}, {found.high:.8g}]): {found.reason}"
    if start < 6 and found.high**-2 < 6:  # the last box of k >= 6 reaches a little beyond 6^(-1/2)
        said += "; at k = 5 this critical point is a saddle: start from 6 (--from 6)"
    if as_json:
        print_json({"verdict": "inconclusive", "reason": said, "s": [found.low, found.high]})
    return fail(said, INCONCLUSIVE)


def _print(claim: Json, path: Path, identity: str, as_json: bool) -> None:
    from relucert.families.uniform.words import words

    sentence, facts = words(claim)
    if as_json:
        print_json(
            {"verdict": claim["verdict"], "claim": sentence, "bounds": dict(facts), "certificate": str(path),
             "claim_digest": identity}
        )  # fmt: skip
        return
    output.print(sentence, markup=False)
    for name, value in facts:
        output.print(f"  {name}: {value}", markup=False)
    output.print(f"  {path}", markup=False)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("uniform")(uniform)
