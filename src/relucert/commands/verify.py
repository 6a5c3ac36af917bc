"""`relucert verify`: what each point of a file is, proved, with certificates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from relucert.base.console import INCONCLUSIVE, Bar, output, print_json, print_outcome
from relucert.commands.keys import signing_key
from relucert.commands.options import JsonOption, KeyOption


def verify(
    points: Annotated[list[Path], typer.Argument(help="Files of points: .npz .npy .mat .csv .json")],
    variable: Annotated[str | None, typer.Option(help="Which variable of a .mat or .npz file.")] = None,
    targets: Annotated[Path | None, typer.Option(help="File with the targets (default: e_1 .. e_d).")] = None,
    layout: Annotated[
        str | None, typer.Option(help="neurons-in-columns or neurons-in-rows, where the shape does not tell.")
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
        float, typer.Option(help="Not critical: no critical point within this share of the shortest neuron.")
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
    as_json: JsonOption = False,
) -> None:
    """Prove in ball arithmetic what each point is, and write one signed certificate a point."""
    import time

    from relucert.base import store

    if symmetric:
        from relucert.families.teacher.symmetric.commands import verify_files
        from relucert.families.teacher.symmetric.point import check_constants

        check_constants(constants)
        store.prepare(directory)
        signer = signing_key(key)
        if "inconclusive" in verify_files(
            points, directory, signer, raw=raw, constants=constants, as_json=as_json
        ):
            raise typer.Exit(INCONCLUSIVE)
        return

    from relucert import families
    from relucert.base import store
    from relucert.certificate.form import claim_digest
    from relucert.certificate.provenance import provenance, sign_and_store
    from relucert.families.family import Layout, Options
    from relucert.families.printing import NAMES
    from relucert.families.teacher.verify import check_options

    check_options(constants, max_precision, exclusion)
    options = Options(raw, constants, max_precision, exclusion, method)
    files = [(path, *families.read(path, Layout(variable, layout, targets))) for path in points]
    candidates = [
        (path, index, kind, candidate) for path, kind, found in files for index, candidate in enumerate(found)
    ]
    store.prepare(directory)
    signer = signing_key(key)
    verdicts: list[str] = []
    with Bar("verifying", len(candidates)) as advance:
        for done, (path, index, kind, candidate) in enumerate(candidates):
            started = time.perf_counter()
            result = kind.prove(candidate, options)
            certificate = None
            if result.outcome.proved:
                statement = kind.statement(result, provenance(result))
                certificate = sign_and_store(statement, directory, signer)
            verdicts.append(result.verdict)
            seconds = time.perf_counter() - started
            advance(done + 1, len(candidates))
            if as_json:
                print_json(
                    {"source": str(path), "index": index, **kind.record(result),
                     "seconds": round(seconds, 4),
                     "certificate": None if certificate is None else str(certificate),
                     "claim_digest": None if certificate is None else claim_digest(statement["claim"])}
                )  # fmt: skip
            else:
                print_outcome(NAMES[result.verdict], result.verdict, f"{path}[{index}]", kind.summary(result))
                if certificate is not None:
                    output.print(f"  {certificate}", markup=False)
    if not as_json and len(verdicts) > 1:
        from collections import Counter

        counts = Counter(verdicts)
        output.print("; ".join(f"{count} {verdict}" for verdict, count in counts.most_common()))
    if "inconclusive" in verdicts:
        raise typer.Exit(INCONCLUSIVE)
