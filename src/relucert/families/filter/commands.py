"""`relucert filter`: gradient descent on one filter, from a given start or a random one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relucert.base.console import INCONCLUSIVE, STYLES, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key

if TYPE_CHECKING:
    from relucert.families.filter.problem import FilterProblem

LARGEST_FILE = 2**26
DIGITS, FEW = 12, 6  # of a number, for programs and for people


def filter_(
    target: Annotated[
        str | None, typer.Option("--w-star", help="w*: a list such as 1,-0.5,1/3, or a file of one.")
    ] = None,
    start: Annotated[str | None, typer.Option("--start", help="w0, likewise.")] = None,
    eta: Annotated[str, typer.Option(help="Step of gradient descent, at most 2.")] = "2",
    accuracy: Annotated[str, typer.Option(help="How near to w* is near enough, in units of |w*|.")] = "1e-6",
    dimension: Annotated[
        int | None, typer.Option(help="With --radius: the probability that a random start is near w*.")
    ] = None,
    radius: Annotated[
        str | None,
        typer.Option(help="Random starts are uniform in the ball of this radius, in units of |w*|."),
    ] = None,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where the certificate goes.")] = Path(
        "certificates"
    ),
    key: Annotated[Path | None, typer.Option("--key", help="Private key that signs (PEM, Ed25519).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines on standard output.")] = False,
) -> None:
    """Prove that gradient descent learns one ReLU filter: linear convergence, its rate and number of steps.

    The loss is that of one neuron w against one target w*, Gaussian input (Du, Lee & Tian 2018). Numbers are
    exact decimals or fractions.
    """
    from relucert.base.rational import exact_number
    from relucert.families.filter.problem import FilterProblem, check_step
    from relucert.families.filter.prove import random_start

    check_step(exact_number(eta, "--eta"))
    if (target is None) != (start is None):
        raise InputError("give both --w-star and --start, or neither")
    if dimension is not None and radius is None:
        raise InputError("--dimension needs --radius: random starts are uniform in a ball")
    if target is None and dimension is None:
        raise InputError("give --w-star and --start, or --dimension and --radius")
    problem = None
    if target is not None and start is not None:
        entries = _entries(target, "--w-star"), _entries(start, "--start")
        problem = FilterProblem.from_text(*entries, eta, accuracy)
        if dimension not in (None, problem.dimension):
            raise InputError(f"--dimension {dimension}, but w* has {problem.dimension} entries")
        dimension = problem.dimension
    chances = None
    if radius is not None and dimension is not None:
        chances = random_start(dimension, exact_number(radius, "--radius"), DIGITS if as_json else FEW)
    verdict = None if problem is None else _descend(problem, directory, key, as_json)
    if chances is not None:
        _print_chances(chances, as_json)
    if verdict == "inconclusive":
        raise typer.Exit(INCONCLUSIVE)


def _descend(problem: FilterProblem, directory: Path, key: Path | None, as_json: bool) -> str:
    """Prints what is proved from a start, and writes the certificate; returns the verdict."""
    from relucert.base import store
    from relucert.certificate.provenance import sign_and_store, versions
    from relucert.families.filter.prove import certify, record
    from relucert.families.filter.statement import statement

    result, path = certify(problem), None
    if result.outcome.proved:
        store.prepare(directory)
        provenance = {**versions(), "source": "relucert filter"}
        path = sign_and_store(statement(result, provenance), directory, signing_key(key))
    facts = record(result, DIGITS if as_json else FEW)
    if as_json:
        print_json({**facts, "certificate": None if path is None else str(path)})
    else:
        _print(facts, path)
    return result.verdict


def _entries(text: str, option: str) -> str | list[str]:
    """A list as it is given, or the contents of a file: numbers, or a JSON list of numbers or strings."""
    path = Path(text)
    if not os.path.isfile(text):  # Path.is_file raises for a long list
        if any(x.isalpha() and x not in "eE" for x in text):
            raise InputError(f"{option} {text[:80]}: neither a file nor a list of finite numbers")
        return text
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"{option} {path}: larger than {LARGEST_FILE} bytes")
    try:
        content = path.read_text(encoding="utf-8").strip()
        values = json.loads(content, parse_float=str, parse_int=str) if content.startswith("[") else content
    except (ValueError, RecursionError) as error:  # also of bytes that are not UTF-8
        raise InputError(f"{option} {path}: neither numbers nor a JSON list of numbers: {error}") from error
    if isinstance(values, list) and not all(isinstance(x, str) for x in values):
        raise InputError(f"{option} {path}: expected a JSON list of numbers or strings, without lists inside")
    return values


def _print(facts: dict[str, Any], path: Path | None) -> None:
    verdict = facts["verdict"]
    style, about = STYLES.get(verdict, "bold green"), f"p = {facts['dimension']}, eta = {facts['eta']}"
    about += ", standard Gaussian input, population loss"
    output.print(f"[{style}]{verdict.replace('-', ' ')}[/{style}]  ({about})")
    if facts["reason"]:
        output.print(f"  {facts['reason']}", markup=False)
    else:
        output.print(
            f"  each step multiplies |w_t - w*| by at most {facts['rate']}; from step {facts['steps']} on "
            f"it is at most {facts['accuracy']} |w*|",
            markup=False,
        )
    output.print(f"  |w0 - w*| <= {facts['distance']} |w*|", markup=False)
    for row in facts["published"]:
        steps = "more than 2^53" if row["steps"] is None else row["steps"]
        output.print(f"  {row['theorem']}: {steps} steps of {row['eta']}", markup=False)
    if not facts["published"]:
        output.print("  Du, Lee & Tian's theorem needs |w0 - w*| < |w*|", markup=False)
    if path is not None:
        output.print(f"  {path}", markup=False)


def _print_chances(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    about = f"in the ball of radius {facts['radius']} |w*| about 0, p = {facts['dimension']}"
    output.print(
        f"A start uniform {about}, converges to w* with probability 1, with every step in (0, 2] "
        "(Theorem 11.C).",
        markup=False,
    )
    for name, text in (("near", "|w*|"), ("nearer", "sqrt(1 - radius^2) |w*|")):
        if facts[name] is not None:
            low, high = facts[name]
            output.print(f"  |w0 - w*| < {text} with probability in [{low}, {high}]", markup=False)


def register(app: typer.Typer) -> None:
    """Adds it to the command line."""
    app.command("filter")(filter_)
