"""`relucert run`: one run of gradient descent, proved from its exact start."""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from relucert.base.console import INCONCLUSIVE, MISSING, STYLES, Bar, fail, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption
from relucert.families.teacher.layout_option import complete_layout

if TYPE_CHECKING:
    from relucert.base.exact import Rows
    from relucert.certificate.numbers import Json
    from relucert.families.teacher.network import Network
    from relucert.families.teacher.runs import Limit, Result
    from relucert.families.teacher.runs_minima import End


class _Start(NamedTuple):
    rows: Rows
    network: Network | None
    origin: dict[str, object] | None  # seed and first
    name: str

    @property
    def n(self) -> int:
        return len(self.rows)

    @property
    def k(self) -> int:
        return len(self.rows[0])


def run(
    k: Annotated[int | None, typer.Option("--k", min=1, help="Number of orthonormal targets.")] = None,
    n: Annotated[int | None, typer.Option("--n", min=1, help="Number of neurons (default k).")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of a random start, as `relucert grid` has it (default 0).")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--run", min=0, max=2**53 - 1, help="Which run of that seed (default 0).")
    ] = None,
    start: Annotated[Path | None, typer.Option(help="A file with the start instead, one point.")] = None,
    layout: Annotated[
        str | None,
        typer.Option(help="With --start: as for `relucert verify`.", autocompletion=complete_layout),
    ] = None,
    signs: Annotated[str | None, typer.Option(help="Output weights of the neurons, as for verify.")] = None,
    teacher_signs: Annotated[
        str | None, typer.Option(help="Output weights of the targets, as for verify.")
    ] = None,
    activation: Annotated[str | None, typer.Option(help="relu, abs or leaky:p/q, as for verify.")] = None,
    step: Annotated[str, typer.Option(help="Step of gradient descent, an exact number: 1/10, 0.1.")] = "1/10",
    minima: Annotated[
        list[Path] | None, typer.Option(help="Certificates of minima, or directories: where the run may end.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="Gradient of a neuron at which the run in floating point ends.")
    ] = 1e-12,
    max_steps: Annotated[
        int,
        typer.Option(
            min=1, help="A run that takes longer to its minimum, or below the floor, is not proved."
        ),
    ] = 200_000,
    neighbourhood: Annotated[
        bool, typer.Option("--neighbourhood", help="Also find a ball of starts that go the same way.")
    ] = False,
    floor: Annotated[
        str | None,
        typer.Option(help="With n > k: of the loss, below which a run is to stay (default 1/1000)."),
    ] = None,
    until: Annotated[
        int | None, typer.Option(min=1, help="With n > k: up to which step (default 20000).")
    ] = None,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where the certificate goes.")] = Path(
        "certificates"
    ),
    key: KeyOption = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw loss, gradient and enclosure: .png, .svg or .pdf.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Prove where gradient descent goes from its exact start: to which minimum, in its basin after how many steps.

    The start is that of a run of `relucert grid` (--k, --n, --seed, --run), or the point of a file.
    """
    from relucert.base import store
    from relucert.base.rational import exact_number
    from relucert.families.teacher.network import slope_of_activation

    exact_step, low = exact_number(step, "--step"), exact_number(FLOOR if floor is None else floor, "--floor")
    last = UNTIL if until is None else until
    if exact_step <= 0 or low <= 0:
        raise InputError("--step and --floor must be positive")
    if not 0 < tolerance < 1 or max_steps > MOST_STEPS or last > MOST_STEPS:
        raise InputError(f"expected a tolerance between 0 and 1, and at most {MOST_STEPS} steps")
    output_layer = signs, teacher_signs, slope_of_activation(activation)
    begin = (
        _random_start(k, n, seed or 0, number or 0, layout, output_layer)
        if start is None
        else _start_of(start, layout, (k, n, seed, number), output_layer)
    )
    if begin.n <= begin.k and (floor, until) != (None, None):
        raise InputError("--floor and --until are for runs with n > k; leave them out")
    if plot is not None:
        _check_plot(plot)
    store.prepare(directory)
    signer = signing_key(key)
    began = time.perf_counter()
    minimum, result = _prove(begin, exact_step, minima, tolerance, max_steps, neighbourhood, low, last)
    facts = _facts(begin, exact_step, minimum, result) | {"seconds": round(time.perf_counter() - began, 2)}
    if result.run is None:
        _refuse(facts, as_json)
    path = _store(begin, exact_step, low, minimum, result, directory, signer)
    if plot is not None:
        from relucert.families.teacher import runs_plot

        runs_plot.plot(result, minimum, plot)
    if as_json:
        print_json({**facts, "certificate": str(path[0]), "claim": path[1]})
    else:
        _print(path, facts, plot)


OutputLayer = tuple[str | None, str | None, str | None]  # signs, teacher signs, slope
FLOOR, UNTIL = "1/1000", 20_000
MOST_STEPS = 10**6  # docs/spec/runs-v1.md section 2


def _random_start(
    k: int | None, n: int | None, seed: int, number: int, layout: str | None, output_layer: OutputLayer
) -> _Start:
    """Raises InputError."""
    from relucert.base.exact import exact_rows
    from relucert.families.teacher.network import network
    from relucert.families.teacher.search.descent import starting_point

    if k is None or layout is not None:
        raise InputError("give --k for a random start, or --start with a file (and --layout for that file)")
    neurons = n or k
    of = network(neurons, k, *output_layer)
    found = starting_point(k, neurons, k, seed, number)
    origin: dict[str, object] = {"seed": seed if seed < 2**53 else str(seed), "first": number}
    name = f"random start, seed {seed}, run {number}"
    return _Start(exact_rows(found.tolist(), "neuron"), of, origin, name)  # docs/spec/runs-v1.md


def _start_of(
    path: Path, layout: str | None, random: Sequence[int | None], output_layer: OutputLayer
) -> _Start:
    """The start in a file, with its signs and slope, or those given. Raises InputError."""
    from relucert.base.json_numbers import located
    from relucert.families.teacher import points

    if any(x is not None for x in random):
        raise InputError(f"{path}: the file has its own start; leave out --k, --n, --seed and --run")
    read = points.read(path, layout=layout, orthonormal=path.suffix.lower() not in (".json", ".npz"))
    if len(read) != 1:
        raise InputError(f"{path}: has {len(read)} points; expected one start")
    found = located(str(path), lambda: read[0].with_network(*output_layer))
    if not found.problem.is_orthonormal:
        raise InputError(f"{path}: the targets are not e_1 .. e_k; runs are proved for those only")
    return _Start(found.point, found.problem.network, None, path.name)


def _prove(
    begin: _Start, step: Fraction, paths: list[Path] | None, tolerance: float, max_steps: int, neighbourhood: bool,
    floor: Fraction, until: int,
) -> tuple[Json | None, Result]:  # fmt: skip
    """(the claim about the minimum where the run ends, None below the floor; what is proved of the run)."""
    from relucert.families.teacher import runs, runs_minima
    from relucert.families.teacher.problem import Problem

    reason = runs.beyond(begin.rows, until)
    if reason is not None:
        return None, runs.unproved(reason)
    end = _float_end(begin, step, tolerance, max_steps, floor, until)
    if end is None:
        reason = f"in floating point, the run diverges with the step {step}; choose a smaller one"
        return None, runs.unproved(reason)
    minimum = None
    if begin.n <= begin.k or end.loss >= floor:
        given = paths is not None
        if paths is not None:
            problem = Problem.orthonormal(begin.k, begin.n, begin.network)
            minimum = runs_minima.stored(paths, problem, end.loss)
        else:
            minimum = runs_minima.certified(end, begin.name, begin.network)
        if minimum is None:
            return None, runs.unproved(
                _no_minimum(end, given, runs.limit_of(begin.rows, {"--max-steps": max_steps})), end.steps
            )
    elif neighbourhood or paths is not None:
        option = "--neighbourhood" if neighbourhood else "--minima"
        raise InputError(
            f"{option} is for runs that converge; this one goes below the floor, so leave it out"
        )
    with Bar("steps", min(end.steps, until) if minimum is None else end.steps) as advance:
        result = runs.prove_run(
            begin.rows, step, minimum, floor=floor, until=until, max_steps=max_steps, neighbourhood=neighbourhood,
            progress=lambda t: advance(t, end.steps), network=begin.network,
        )  # fmt: skip
    return minimum, result


def _float_end(
    begin: _Start, step: Fraction, tolerance: float, max_steps: int, floor: Fraction, until: int
) -> End | None:
    """Where the run ends; with n > k, where at step `until` its loss is below the floor, not further than that."""
    from relucert.families.teacher.runs_minima import float_end

    if begin.n > begin.k:
        end = float_end(begin.rows, step, tolerance, min(max_steps, until), begin.network)
        if end is None or end.loss < floor:
            return end
    return float_end(begin.rows, step, tolerance, max_steps, begin.network)


def _no_minimum(end: End, given: bool, limit: Limit) -> str:
    most, remedy = limit
    loss = f"{end.loss:.6g}" if end.loss > 0 else "0, up to rounding,"  # which may make it negative
    ends = f"in floating point, the run has loss {loss} after {end.steps} steps"
    if not end.converged and end.steps >= most:
        return f"{ends} and has not ended; {remedy}"
    if given:
        return f"{ends}, which is that of none of the minima given; leave out --minima to certify it"
    return f"{ends}, and no minimum is certified there; lower --tolerance or choose another start"


def _facts(begin: _Start, step: Fraction, minimum: Json | None, result: Result) -> dict[str, Any]:
    from relucert.families.teacher.network import members

    member = result.run or {}
    return {
        "k": begin.k, "n": begin.n, **members(begin.network), "start": begin.name, "step": str(step),
        "verdict": "inconclusive" if result.run is None else "below-floor" if minimum is None else minimum["verdict"],
        "steps": member.get("steps"), "at": result.at,
        "radius": None if result.radius is None else result.radius["decimal"],
        "distance": member["distance"]["decimal"] if "distance" in member else None,
        "until": member.get("until"), "end": member.get("end"),
        "neighbourhood": {x: y["decimal"] for x, y in member.get("neighbourhood", {}).items()} or None,
        "precision": result.precision, "reason": result.reason or None,
    }  # fmt: skip


def _refuse(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json({**facts, "certificate": None, "claim": None})
        raise typer.Exit(INCONCLUSIVE)
    raise typer.Exit(fail(f"{facts['start']}: not proved: {facts['reason']}", INCONCLUSIVE))


def _store(
    begin: _Start,
    step: Fraction,
    floor: Fraction,
    minimum: Json | None,
    result: Result,
    directory: Path,
    signer: Any,
) -> tuple[Path, str, list[tuple[str, str]]]:
    """(the file, its sentence, its facts)."""
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.teacher import runs_statement, runs_words

    ends = [] if minimum is None else [minimum]
    proved = [(result, None if minimum is None else 0)]
    claim = runs_statement.claim(
        begin.n, begin.k, step, proved, ends, floor=floor, origin=begin.origin, network=begin.network
    )
    provenance = {**versions(), "source": f"relucert run: {begin.name}", "search": None}
    whole = runs_statement.statement(claim, [result], provenance)
    return sign_and_store(whole, directory, signer), *runs_words.words(claim)


def _print(stored: tuple[Path, str, list[tuple[str, str]]], facts: dict[str, Any], plot: Path | None) -> None:
    path, sentence, rows = stored
    style = STYLES.get(facts["verdict"], "bold green")
    output.print(f"[{style}]{facts['verdict'].replace('-', ' ')}[/{style}]  {facts['start']}")
    output.print(f"  {sentence}", markup=False)
    for name, value in rows:
        output.print(f"  {name}: {value}", markup=False)
    output.print(
        f"  enclosed within {facts['radius']} at step {facts['steps']}, {facts['precision']} bits",
        markup=False,
    )
    if plot is not None:
        output.print(f"  plot: {plot}", markup=False)
    output.print(f"  {path}", markup=False)


def _check_plot(path: Path) -> None:
    """Raises InputError for another kind of file; ends where matplotlib is missing."""
    from relucert.families.teacher import runs_plot

    try:
        runs_plot.check(path)
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[plot]"'
        raise typer.Exit(fail(f"a package is missing: {error.name}; {remedy}", MISSING)) from error
