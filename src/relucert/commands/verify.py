"""`relucert verify`: what each point of a file is, proved, with certificates."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relucert.base.console import INCONCLUSIVE
from relucert.base.errors import for_all
from relucert.commands.keys import signing_key
from relucert.commands.options import JobsOption, JsonOption, KeyOption, TargetsVariableOption, VariableOption
from relucert.families.teacher.layout_option import complete_layout

if TYPE_CHECKING:
    from relucert.families.deciding import Given
    from relucert.families.family import Layout, Options


def verify(
    points: Annotated[
        list[Path],
        typer.Argument(help="Files of points: .npz .npy .mat .csv .json .safetensors .pt .pth .h5"),
    ],
    variable: VariableOption = None,
    targets: Annotated[
        Path | None, typer.Option(help="File with the targets (default: e_1 .. e_d, if n >= d).")
    ] = None,
    targets_variable: TargetsVariableOption = None,
    orthonormal: Annotated[
        bool, typer.Option("--orthonormal", help="The targets are e_1 .. e_d, though n < d.")
    ] = False,
    layout: Annotated[
        str | None,
        typer.Option(
            help="neurons-in-columns or neurons-in-rows, where the shape does not tell.",
            autocompletion=complete_layout,
        ),
    ] = None,
    directory: Annotated[Path, typer.Option("-o", "--output", help="Where certificates go.")] = Path(
        "certificates"
    ),
    key: KeyOption = None,
    raw: Annotated[
        bool, typer.Option(help="Claim something about the very point given: no polishing.")
    ] = False,
    constants: Annotated[
        str,
        typer.Option(
            help="sharp (Theorem B'), simple (Theorem B) or paper (L_A and Lemma 1 of Safran & Shamir)."
        ),
    ] = "sharp",
    max_precision: Annotated[int, typer.Option(help="Bits of the last attempt.")] = 512,
    exclusion: Annotated[
        float,
        typer.Option(
            help="Not critical: no critical point within this share of the shortest neuron.",
            show_default="2^-20",
        ),
    ] = 2.0**-20,
    method: Annotated[
        str | None,
        typer.Option(
            help="A method of the family (default: the one that decides the point). symmetric-hessian: "
            "prove what the mean of a point over the permutations that seem to fix it is, and how far it is."
        ),
    ] = None,
    symmetric: Annotated[
        bool,
        typer.Option(
            "--symmetric",
            help="Files of symmetric points, a JSON object a line (class_sizes, values, extra), at any k. "
            "Of the other options only --output, --key, --raw, --constants (not paper) and --json apply.",
        ),
    ] = False,
    loss: Annotated[
        Path | None,
        typer.Option(
            help="A loss of your own (loss.json, docs/families/expression.md): the points are its parameters."
        ),
    ] = None,
    witness: Annotated[
        Path | None,
        typer.Option(help="A point of lower loss, so that a minimum is not global (n < k, or --loss)."),
    ] = None,
    find_witness: Annotated[
        bool, typer.Option("--find-witness", help="Search for such a point, from random starts.")
    ] = False,
    signs: Annotated[
        str | None, typer.Option(help="Output weights of the neurons, as +,-,+ (default: all +).")
    ] = None,
    teacher_signs: Annotated[
        str | None, typer.Option(help="Output weights of the targets, as +,-,+ (default: all +).")
    ] = None,
    activation: Annotated[
        str | None, typer.Option(help="relu (default), abs, or leaky:p/q with an exact slope, as leaky:1/10.")
    ] = None,
    output_weights: Annotated[
        Path | None,
        typer.Option(
            help="The output weights of the neurons, none 0, which are trained as well: certify the manifold "
            "over the critical point nearby, and say how far at most the given point is from it."
        ),
    ] = None,
    distinct: Annotated[
        bool,
        typer.Option(
            "--distinct",
            help="One certificate, that of the first, for all points that are proved to be next to the same critical "
            "point up to permutations of neurons and coordinates.",
        ),
    ] = False,
    gauge: Annotated[
        str | None,
        typer.Option(
            help="With --loss: auto, or a JSON file of generators. Where a symmetry moves the point, choose "
            "constraints that cut its orbit, and prove what the whole orbit is."
        ),
    ] = None,
    jobs: JobsOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Prove in ball arithmetic what each point is, and write one signed certificate a point."""
    from relucert.base import store
    from relucert.families.deciding import decide
    from relucert.families.family import Layout, Options
    from relucert.families.teacher.verify import check_options

    check_options(constants, max_precision, exclusion)
    options = Options(raw, constants, max_precision, exclusion, method, find_witness, gauge, distinct)
    layout_given = Layout(
        variable,
        layout,
        targets,
        orthonormal,
        loss,
        witness,
        signs,
        teacher_signs,
        activation,
        output_weights,
        targets_variable,
    )
    files = for_all(lambda path: _read(path, layout_given, options, symmetric=symmetric), points)
    given = list(chain.from_iterable(files))
    store.prepare(directory)
    if "inconclusive" in decide(given, options, directory, signing_key(key), jobs, as_json=as_json):
        raise typer.Exit(INCONCLUSIVE)


def _read(path: Path, layout: Layout, options: Options, *, symmetric: bool) -> list[Given]:
    """The points of a file. Raises InputError, also for an option that does not apply to them."""
    from relucert import families
    from relucert.families.deciding import Given

    if symmetric:
        from relucert.families.teacher.symmetric.commands import read_for_verify

        of = families.families()[families.DEFAULT]
        return [
            Given(path, "line", line, of, point) for line, point in read_for_verify(path, layout, options)
        ]
    family, found = families.read(path, layout)
    options.only(family.options, f"{path}, a file of the family {family.name}")
    return [Given(path, "index", index, family, candidate) for index, candidate in enumerate(found)]
