"""`relucert converges`: gradient descent from a point converges to a global minimum, with more neurons than targets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, fail, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption

if TYPE_CHECKING:
    from relucert.families.teacher.converges import Converging

MOST_STEPS = 10**7


def converges(
    paths: Annotated[
        list[Path], typer.Argument(metavar="POINT...", help="Points with n > k, as for `relucert verify`.")
    ],
    step: Annotated[str, typer.Option(help="Step of gradient descent, an exact number: 1/10, 0.1.")] = "1/10",
    steps: Annotated[
        int,
        typer.Option(
            min=0, max=MOST_STEPS, help="Descend in floating point first, for at most so many steps."
        ),
    ] = 0,
    layout: Annotated[str | None, typer.Option(help="As for `relucert verify`.")] = None,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where certificates go.")] = Path(
        "certificates"
    ),
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that gradient descent from a point converges to a global minimum that is not isolated (n > k).

    With --steps the run goes on in floating point, and what is proved starts from the point that it has reached.
    """
    from relucert.base import store
    from relucert.base.rational import exact_number
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.teacher import converges as family
    from relucert.families.teacher import points

    exact_step = exact_number(step, "--step")
    if exact_step <= 0:
        raise InputError("--step must be positive")
    begin = []
    for path in paths:
        orthonormal = path.suffix.lower() not in (".json", ".npz")
        for candidate in points.read(path, layout=layout, orthonormal=orthonormal):
            begin.append((candidate.source, family.plain(candidate, candidate.source)))
    store.prepare(directory)
    signer = signing_key(key)
    open_ends = 0
    for name, point in begin:
        found = family.prove(point, exact_step, steps)
        if isinstance(found, str):
            open_ends += 1
            remedy = "" if steps else "; --steps goes on with the run in floating point first"
            fail(f"{name}: not proved: {found}{remedy}", INCONCLUSIVE)
            continue
        provenance = {**versions(), "source": f"relucert converges: {name}", "search": None}
        whole = family.statement(found, provenance)
        written = sign_and_store(whole, directory, signer)
        sentence, rows = family.words(whole["claim"])
        if as_json:
            print_json({**_facts(name, found), "certificate": str(written), "claim": sentence})
            continue
        output.print("[bold green]converges to a global minimum[/bold green]", end="  ")
        output.print(
            f"{name}, after {found.steps} steps in floating point" if found.steps else name, markup=False
        )
        for line in (sentence, *(f"{label}: {value}" for label, value in rows), str(written)):
            output.print(f"  {line}", markup=False)
    if open_ends:
        raise typer.Exit(INCONCLUSIVE)


def _facts(name: str, found: Converging) -> dict[str, object]:
    from relucert.base.dyadic import DOWN, UP, decimal
    from relucert.families.printing import bound

    return {
        "point": name,
        "n": len(found.point),
        "k": len(found.point[0]),
        "verdict": "converges-to-global-minimum",
        "step": str(found.step),
        "steps": found.steps,
        "owners": list(found.owners),
        "travel": decimal(found.travel, UP),
        "objective": bound(found.found.objective, UP),
        "rate": bound(found.rate, DOWN),
    }
