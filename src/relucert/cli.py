"""The command line. Thin: it reads, calls the library and prints; heavy imports wait inside the commands.

Exit codes: 0 all decided, 2 malformed input or usage, 3 missing optional dependency, 4 resource limit,
5 inconclusive, 130 interrupted.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Annotated

import typer

from relucert.base.console import (
    INCONCLUSIVE,
    INTERRUPTED,
    MISSING,
    RESOURCES,
    USAGE,
    Bar,
    escape,
    fail,
    messages,
    output,
    print_json,
    print_outcome,
)
from relucert.base.errors import InputError
from relucert.commands.keys import keys, signing_key
from relucert.families.cnn.commands import cnn
from relucert.families.cnn.descent_commands import restarts, run, table
from relucert.families.filter.commands import filter_
from relucert.families.teacher.robust_command import robust
from relucert.families.teacher.symmetric.family_command import family
from relucert.study.commands import grid

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a candidate minimum of a small ReLU network into a theorem with a signed certificate.",
)
app.add_typer(keys, name="keys")
app.add_typer(cnn, name="cnn")
for command in (run, restarts, table):
    cnn.command()(command)
app.command()(grid)
app.command()(family)
app.command("filter")(filter_)
app.command()(robust)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON lines on standard output.")]
KeyOption = Annotated[Path | None, typer.Option("--key", help="Private key that signs (PEM, Ed25519).")]


@app.command()
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

    store.prepare(directory)
    messages.print(f"gradient descent, k = {k}, n = {n} (the first search ever compiles for some seconds)")
    limit = runs or (1000 if find is None else 10_000)
    with Bar(f"gradient descent, k = {k}, n = {n}", limit) as advance:
        found = collect(
            k, n, limit, seed, find=find, step=step, tolerance=tolerance, max_steps=max_steps, floor=floor,
            progress=advance,
        )  # fmt: skip
    path = directory / f"{k}-{n}-seed{seed}.npz"
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


@app.command()
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
    from relucert.certificate.provenance import provenance, sign_and_store
    from relucert.families.teacher.verification import NAMES
    from relucert.families.teacher.verify import check_options

    check_options(constants, max_precision, exclusion)
    options = families.Options(raw, constants, max_precision, exclusion, method)
    files = [(path, *families.read(path, families.Layout(variable, layout, targets))) for path in points]
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
                     "certificate": None if certificate is None else str(certificate)}
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


@app.command()
def show(
    certificates: Annotated[list[Path], typer.Argument(help="Certificate files, or directories of them.")],
    as_json: JsonOption = False,
) -> None:
    """Explain certificates to a person: the claim in a sentence, then each inequality with its margin."""
    from rich.table import Table

    from relucert import certificate
    from relucert.base import store
    from relucert.certificate import signing
    from relucert.commands import words as text
    from relucert_audit.check import read as strictly
    from relucert_audit.format import NOT_CONFIRMED, Refusal

    for path in store.certificate_files(certificates):
        data, name = path.read_bytes(), str(path)
        try:
            strictly(data)
        except Refusal as refusal:
            result, _, _, reason = refusal.args
            if result != NOT_CONFIRMED:  # too large to check is not too large to show
                raise InputError(f"{name}: {result}: {reason}") from refusal
        whole = certificate.parse(data, name)
        statement = whole["statement"]
        digest = certificate.digest(statement)
        sentence, rows = text.claim(statement, name), text.inequalities(statement, name)
        signers = [signature.get("keyid", "?") for signature in whole["signatures"]]
        if as_json:
            listed = [row._asdict() for row in rows]
            print_json(
                {"file": name, "digest": digest, "claim": sentence.sentence, "verdict": sentence.verdict,
                 "bounds": dict(sentence.facts), "inequalities": listed, "signed_by": signers}
            )  # fmt: skip
            continue
        output.print(f"[bold]{sentence.sentence}[/bold]")
        for fact, value in sentence.facts:
            output.print(f"  {fact}: {value}", markup=False)
        table = Table(box=None, pad_edge=False)
        for title in ("step", "inequality", "left", "right", "margin"):
            table.add_column(
                title, overflow="fold", justify="right" if title in ("left", "right") else "left"
            )
        theorem = None
        for row in rows:
            if row.theorem != theorem:
                table.add_row("", f"[bold]{row.theorem}[/bold]")
                theorem = row.theorem
            table.add_row(row.step, escape(row.text), row.left, row.right, row.margin)
        output.print(table)
        output.print(text.legend(statement), style="dim")
        if path.stem != digest:
            messages.print(f"[yellow]{name}: its name is not the digest {digest} of its statement[/yellow]")
        local = signing.default_key_path().with_suffix(".pub")
        mine = signing.load_public_key(local) if local.exists() else None
        payload = certificate.canonical(statement)
        for signature in whole["signatures"]:
            if mine is not None and signature.get("keyid") == signing.key_id(mine):
                good = signing.is_signed_by(mine, signature, whole["payloadType"], payload)
                output.print(
                    "signed by your local key" if good else "[red]NOT the signature of your local key[/red]"
                )
            else:
                output.print(
                    f"signed by key {signature.get('keyid')} (not checked: not your local key)", markup=False
                )
        output.print(f"certificate: {name}", markup=False)
        output.print("These are the recorded inequalities; showing a certificate does not prove it again.\n")


@app.command()
def audit(
    paths: Annotated[list[Path], typer.Argument(help="Certificate files, or directories of them.")],
    trusted: Annotated[
        Path | None,
        typer.Option(help="Trusted keys, in OpenSSH's allowed_signers format (default: your own)."),
    ] = None,
    revoked: Annotated[
        Path | None, typer.Option(help="Revoked public keys (default: revoked_keys beside --trusted).")
    ] = None,
    require_signature: Annotated[
        bool, typer.Option("--require-signature", help="Reject what no trusted key has signed.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Number of processes.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Prove certificates again with the independent checker, and say who signed them."""
    from relucert.certificate import trust
    from relucert_audit.command import main as check

    arguments = [*map(str, paths), "--jobs", str(jobs)]
    trusted = trusted or trust.existing(trust.allowed_signers_path())
    for option, value in (("--trusted", trusted), ("--revoked", revoked)):
        arguments += [] if value is None else [option, str(value)]
    arguments += ["--require-signature"] * require_signature + ["--json"] * as_json
    raise typer.Exit(check(arguments))


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="A certificate.")],
    form: Annotated[
        str, typer.Option("--format", help='"dsse": the standard envelope of the same signature.')
    ],
    to: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file (default: standard output).")
    ] = None,
) -> None:
    """Write a certificate in another format."""
    from relucert import certificate
    from relucert.base import store

    if form != "dsse":
        raise InputError(f"--format {form}: the only other format is dsse")
    data = certificate.to_dsse(certificate.parse(path.read_bytes(), str(path)))
    if to is None:
        output.print(data.decode(), end="", markup=False)
    else:
        store.write(to, data)


@app.command()
def report(
    study: Annotated[Path, typer.Argument(help="A study: the directory that `relucert grid` fills.")],
    form: Annotated[str, typer.Option("--format", help="html, md, csv, tex or parquet.")] = "html",
    to: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file (default for text: standard output).")
    ] = None,
) -> None:
    """Show a whole study: its tables beside the published ones, and every family of critical points."""
    from relucert.base import store
    from relucert.study import formats
    from relucert.study import study as studies

    if form not in formats.FORMATS:
        raise InputError(f"--format {form}: expected one of {', '.join(formats.FORMATS)}")
    if to is None and form in formats.NEED_A_FILE:
        raise InputError(f"--format {form} needs a file: add -o report.{form}")
    if to is not None:
        store.prepare(to.parent)
    try:
        data = formats.render(studies.read(study), form, to)
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[report]"'
        raise typer.Exit(fail(f"a package is missing: {error.name}; {remedy}", MISSING)) from error
    if to is None:
        output.print(data.decode(), end="", markup=False, emoji=False)
    else:
        store.write(to, data)


def main() -> None:
    """Runs the command line and turns every failure into a message and an exit code."""
    sys.exit(_run())


def _run() -> int:
    try:
        app()
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            return fail("interrupted; what is finished is whole", INTERRUPTED)
        return stop.code if isinstance(stop.code, int) else 0
    except InputError as error:
        return fail(str(error), USAGE)
    except ModuleNotFoundError as error:
        return fail(f"a package is missing: {error.name}", MISSING)
    except MemoryError:
        return fail("out of memory", RESOURCES)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE)
        where = f"{error.filename}: " if error.filename else ""
        return fail(f"{where}{error.strerror or error}", RESOURCES if full else USAGE)
    return 0
