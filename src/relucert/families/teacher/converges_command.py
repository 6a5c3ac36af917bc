"""`relucert converges`: gradient descent from a point converges to a global minimum, with more neurons than targets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relucert.base.console import INCONCLUSIVE, fail, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption
from relucert.families.teacher.layout_option import complete_layout

if TYPE_CHECKING:
    from relucert.base.exact import Rows
    from relucert.families.teacher.converges import Converging

MOST_STEPS, MOST_RUNS = 10**7, 10**6


def converges(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[POINT]...", help="Points with n > k, as for `relucert verify`."),
    ] = None,
    k: Annotated[int | None, typer.Option("--k", min=1, help="Instead, random starts: targets.")] = None,
    n: Annotated[int | None, typer.Option("--n", min=2, help="Neurons (default k + 1).")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of random starts, as `relucert grid` has them (default 0).")
    ] = None,
    runs: Annotated[
        int | None, typer.Option(min=1, max=MOST_RUNS, help="How many, from the first one on (default 1).")
    ] = None,
    step: Annotated[str, typer.Option(help="Step of gradient descent, an exact number: 1/10, 0.1.")] = "1/10",
    steps: Annotated[
        int,
        typer.Option(
            min=0, max=MOST_STEPS, help="Descend in floating point first, for at most so many steps."
        ),
    ] = 0,
    layout: Annotated[
        str | None, typer.Option(help="As for `relucert verify`.", autocompletion=complete_layout)
    ] = None,
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
    from relucert.families.teacher.converges import prove

    exact_step = exact_number(step, "--step")
    if exact_step <= 0:
        raise InputError("--step must be positive")
    if k is None:
        begin = list(_read(paths or [], layout, (n, seed, runs)))
    else:
        begin = list(_drawn(paths or [], layout, k, k + 1 if n is None else n, seed or 0, runs or 1))
    store.prepare(directory)
    signer = signing_key(key)
    proved = 0
    for name, point in begin:
        found = prove(point, exact_step, steps)
        if isinstance(found, str):
            remedy = (
                ""
                if steps
                else "; --steps goes on with the run in floating point first, --step takes another step"
            )
            fail(f"{name}: not proved: {found}{remedy}", INCONCLUSIVE)
            continue
        proved += 1
        _store(name, found, directory, signer, as_json=as_json)
    if len(begin) > 1 and not as_json:
        output.print(
            f"proved to converge to a global minimum: {proved} of {len(begin)}, each from the point in its certificate",
            markup=False,
        )
    if proved < len(begin):
        raise typer.Exit(INCONCLUSIVE)


def _read(paths: list[Path], layout: str | None, drawn: tuple[int | None, ...]) -> Iterator[tuple[str, Rows]]:
    """The points of files. Raises InputError."""
    from relucert.families.teacher import points
    from relucert.families.teacher.converges import plain

    if not paths or drawn != (None, None, None):
        raise InputError("give files with points, or --k for random starts (with --n, --seed and --runs)")
    for path in paths:
        orthonormal = path.suffix.lower() not in (".json", ".npz")
        for candidate in points.read(path, layout=layout, orthonormal=orthonormal):
            yield candidate.source, plain(candidate, candidate.source)


def _drawn(
    paths: list[Path], layout: str | None, k: int, n: int, seed: int, runs: int
) -> Iterator[tuple[str, Rows]]:
    """The first random starts of a seed. Raises InputError."""
    from relucert.base.exact import exact_rows
    from relucert.families.teacher.search.descent import starting_point

    if paths or layout is not None:
        raise InputError("--k draws random starts; leave out the files and --layout")
    if n <= k:
        raise InputError(f"--n: {n} neurons and {k} targets; this is about n > k")
    for run in range(runs):
        start = starting_point(k, n, k, seed, run)
        yield f"random start, seed {seed}, run {run}", exact_rows(start.tolist(), "neuron")


def _store(name: str, found: Converging, directory: Path, signer: Any, *, as_json: bool) -> None:
    """Writes the certificate and says what it claims."""
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.teacher import converges as family
    from relucert.families.teacher import wide_words

    provenance = {**versions(), "source": f"relucert converges: {name}", "search": None}
    whole = family.statement(found, provenance)
    written = sign_and_store(whole, directory, signer)
    sentence, rows = wide_words.converges(whole["claim"])
    if as_json:
        print_json({**_facts(name, found), "certificate": str(written), "claim": sentence})
        return
    where = f"{name}, after {found.steps} steps in floating point" if found.steps else name
    output.print("[bold green]converges to a global minimum[/bold green]", end="  ")
    output.print(where, markup=False)
    for line in (sentence, *(f"{label}: {value}" for label, value in rows), str(written)):
        output.print(f"  {line}", markup=False)


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
