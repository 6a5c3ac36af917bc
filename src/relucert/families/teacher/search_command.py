"""`relucert search`: gradient descent from random starts, or from points of a file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE, Bar, fail, messages, output, print_json
from relucert.base.errors import InputError
from relucert.base.json_numbers import located
from relucert.base.visible import counted
from relucert.commands.options import JsonOption, TargetsVariableOption
from relucert.families.teacher.device_option import BatchOption, DeviceOption, chosen
from relucert.families.teacher.layout_option import complete_layout
from relucert.families.teacher.network import Network, file_name, network, slope_of_activation

if TYPE_CHECKING:
    from relucert.families.teacher.candidate import Candidate
    from relucert.families.teacher.search.collect import Found
    from relucert.families.teacher.search.device import Device

FLOOR = 1e-3


def search(
    k: Annotated[int | None, typer.Argument(help="Number of orthonormal targets.", min=1)] = None,
    n: Annotated[int | None, typer.Argument(help="Number of neurons.", min=1)] = None,
    start: Annotated[
        Path | None,
        typer.Option("--from", help="Points to start from, instead of K N; every end point is kept."),
    ] = None,
    targets: Annotated[Path | None, typer.Option(help="With --from: as for `relucert verify`.")] = None,
    targets_variable: TargetsVariableOption = None,
    orthonormal: Annotated[bool, typer.Option("--orthonormal", help="With --from: as for verify.")] = False,
    variable: Annotated[
        str | None, typer.Option("--variable", "--layer", help="With --from: as for verify.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(help="With --from: as for verify.", autocompletion=complete_layout)
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option(min=1, help="Random starts (default 1000; with --find at most, default 10000)."),
    ] = None,
    find: Annotated[int | None, typer.Option(min=1, help="Stop once so many points are kept.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed gives the same points (default 0).")
    ] = None,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where the points go.")] = Path("points"),
    step: Annotated[float, typer.Option(help="Step of gradient descent.")] = 0.1,
    tolerance: Annotated[float, typer.Option(help="Largest gradient of a neuron at the end.")] = 1e-9,
    max_steps: Annotated[int, typer.Option(min=1, help="A run that takes longer is reported.")] = 100_000,
    floor: Annotated[
        float | None, typer.Option(help="Keep end points with at least this loss (default 1e-3).")
    ] = None,
    signs: Annotated[str | None, typer.Option(help="Output weights of the neurons, as for verify.")] = None,
    teacher_signs: Annotated[
        str | None, typer.Option(help="Output weights of the targets, as for verify.")
    ] = None,
    activation: Annotated[str | None, typer.Option(help="relu, abs or leaky:p/q, as for verify.")] = None,
    device: DeviceOption = None,
    batch: BatchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Gradient descent (Safran & Shamir's protocol) from random starts or your own points; keeps end points."""
    from relucert.base import store
    from relucert.families.teacher import points

    _positive("--step", step)
    _positive("--tolerance", tolerance)
    on = chosen(device, batch)
    random = {"K": k, "N": n, "--runs": runs, "--find": find, "--seed": seed, "--floor": floor}
    output_layer = (signs, teacher_signs, slope_of_activation(activation))
    reading = {
        "--targets": targets,
        "--targets-variable": targets_variable,
        "--variable": variable,
        "--layout": layout,
    }
    if start is not None:
        _leave_out(random, "with --from")
        name, found = _descend_from(
            start, partial(
                points.read, variable=variable, layout=layout, targets=targets,
                targets_variable=targets_variable, orthonormal=orthonormal,
            ), output_layer, directory,
            step=step, tolerance=tolerance, max_steps=max_steps, device=on,
        )  # fmt: skip
    else:
        _leave_out(reading | {"--orthonormal": orthonormal or None}, "without --from")
        if k is None or n is None:
            raise InputError("say how many targets and neurons (relucert search K N), or --from FILE")
        name, found = _from_random_starts(
            k, n, network(n, k, *output_layer), runs or (1000 if find is None else 10_000), seed or 0,
            find, directory,
            step=step, tolerance=tolerance, max_steps=max_steps, floor=FLOOR if floor is None else floor,
            device=on,
        )  # fmt: skip
    if not found.kept:
        _say(found, None, as_json)
        said = f"none of {found.facts['runs']} runs is kept, and no file written"
        raise typer.Exit(fail(f"{said}; search with more --runs or another --seed", INCONCLUSIVE))
    path = directory / name
    there = path.exists()
    store.write(path, found.to_npz())
    if there:
        messages.print(f"replaced: {path}, which was there", markup=False)
    _say(found, path, as_json)


def _say(found: Found, path: Path | None, as_json: bool) -> None:
    if as_json:
        where = None if path is None else str(path)
        print_json({**found.facts, "points": found.kept, "path": where})
        return
    output.print(_sentence(found))
    if path is not None:
        output.print(f"points: {path}")


def _positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name} {value}: expected a finite number above 0")


def _leave_out(options: Mapping[str, object], when: str) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise InputError(f"{given[0]} does not apply {when}; leave it out")


def _from_random_starts(
    k: int, n: int, of: Network | None, runs: int, seed: int, find: int | None, directory: Path,
    *, step: float, tolerance: float, max_steps: int, floor: float, device: Device | None,
) -> tuple[str, Found]:  # fmt: skip
    from relucert.base import store
    from relucert.families.teacher.search.collect import collect
    from relucert.families.teacher.search.descent import prepare

    if not (math.isfinite(floor) and floor >= 0):
        raise InputError(f"--floor {floor}: expected a finite number, 0 or more")
    messages.print(f"gradient descent, k = {k}, n = {n}", highlight=False)
    store.prepare(directory)  # before the work
    if device is None:
        prepare()
    with Bar(f"gradient descent, k = {k}, n = {n}", runs) as advance:
        found = collect(
            k, n, runs, seed, find=find, step=step, tolerance=tolerance, max_steps=max_steps, floor=floor,
            network=of, device=device, progress=advance,
        )  # fmt: skip
    return f"{k}-{n}{'' if of is None else f'-{file_name(of)}'}-seed{seed}.npz", found


def _descend_from(
    start: Path, read: Callable[[Path], list[Candidate]], output_layer: tuple[str | None, str | None, str | None],
    directory: Path,
    *, step: float, tolerance: float, max_steps: int, device: Device | None,
) -> tuple[str, Found]:  # fmt: skip
    from relucert.base import store
    from relucert.families.teacher.search.collect import collect_from
    from relucert.families.teacher.search.descent import prepare

    candidates = [located(str(start), partial(x.with_network, *output_layer)) for x in read(start)]
    store.prepare(directory)  # before the work
    if device is None:
        prepare()
    with Bar(f"gradient descent from {start.name}", len(candidates)) as advance:
        found = collect_from(
            candidates, step=step, tolerance=tolerance, max_steps=max_steps, device=device, progress=advance
        )
    return f"{start.stem}-descended.npz", found


def _sentence(found: Found) -> str:
    facts = found.facts
    late = f"{facts['unconverged']} without converging in {counted(facts['max_steps'], 'step')}"
    if "start" in facts:
        return (
            f"{counted(facts['runs'], 'run')} from {facts['start']}: the largest losses and gradients at their ends "
            f"are {found.per_point['loss'].max():.6g} and {found.per_point['gradient'].max():.3g}, {late}"
        )
    return (
        f"{counted(facts['runs'], 'run')}: {found.kept} ended with loss >= {facts['floor']:g}, "
        f"{facts['below_floor']} below, {late}"
    )
