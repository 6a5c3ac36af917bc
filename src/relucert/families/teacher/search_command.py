"""`relucert search`: gradient descent from random starts."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from relucert.base.console import INCONCLUSIVE, Bar, fail, messages, output, print_json
from relucert.base.errors import InputError
from relucert.commands.options import JsonOption


def search(
    k: Annotated[int, typer.Argument(help="Number of orthonormal targets.", min=1)],
    n: Annotated[int, typer.Argument(help="Number of neurons.", min=1)],
    runs: Annotated[
        int | None,
        typer.Option(min=1, help="Random starts (default 1000; with --find at most, default 10000)."),
    ] = None,
    find: Annotated[int | None, typer.Option(min=1, help="Stop once so many points are kept.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same points.")] = 0,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where the points go.")] = Path("points"),
    step: Annotated[float, typer.Option(help="Step of gradient descent.")] = 0.1,
    tolerance: Annotated[float, typer.Option(help="Largest gradient of a neuron at the end.")] = 1e-9,
    max_steps: Annotated[int, typer.Option(min=1, help="A run that takes longer is reported.")] = 100_000,
    floor: Annotated[float, typer.Option(help="Keep end points with at least this loss.")] = 1e-3,
    as_json: JsonOption = False,
) -> None:
    """Gradient descent from random starts (Safran & Shamir's protocol); keeps points that may be spurious."""
    from relucert.base import store
    from relucert.families.teacher.search.collect import collect

    for name, value, least in (
        ("--step", step, 0.0),
        ("--tolerance", tolerance, 0.0),
        ("--floor", floor, -1.0),
    ):
        if not (math.isfinite(value) and value > least):
            raise InputError(
                f"{name} {value}: expected a finite number{' above 0' if least == 0 else ', 0 or more'}"
            )
    if floor < 0:
        raise InputError(f"--floor {floor}: expected 0 or more")
    store.prepare(directory)
    messages.print(f"gradient descent, k = {k}, n = {n} (the first search ever compiles for some seconds)")
    limit = runs or (1000 if find is None else 10_000)
    with Bar(f"gradient descent, k = {k}, n = {n}", limit) as advance:
        found = collect(
            k, n, limit, seed, find=find, step=step, tolerance=tolerance, max_steps=max_steps, floor=floor,
            progress=advance,
        )  # fmt: skip
    path = directory / f"{k}-{n}-seed{seed}.npz"
    if find is not None and not found.kept:
        raise typer.Exit(
            fail(
                f"none of {found.facts['runs']} runs is kept; search with more --runs or another --seed",
                INCONCLUSIVE,
            )
        )
    store.write(path, found.to_npz())
    if as_json:
        print_json({**found.facts, "points": found.kept, "path": str(path)})
        return
    facts = found.facts
    output.print(
        f"{facts['runs']} runs: {found.kept} ended with loss >= {floor:g}, {facts['below_floor']} below, "
        f"{facts['unconverged']} without converging in {max_steps} steps"
    )
    output.print(f"points: {path}")
