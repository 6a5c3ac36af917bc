"""The command line. Thin: it reads, calls the library and prints; heavy imports wait inside the commands.

Exit codes: 0 all decided, 2 malformed input or usage, 3 missing optional dependency, 4 resource limit,
5 inconclusive, 130 interrupted.
"""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from relucert.problem import InputError

USAGE, MISSING, RESOURCES, INCONCLUSIVE, INTERRUPTED = 2, 3, 4, 5, 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a candidate minimum of a small ReLU network into a theorem with a signed certificate.",
)
keys = typer.Typer(no_args_is_help=True, help="The Ed25519 keys that sign certificates.")
app.add_typer(keys, name="keys")

messages = Console(stderr=True, highlight=False, soft_wrap=True)
output = Console(highlight=False, soft_wrap=True)

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
    from relucert import store
    from relucert.search.collect import collect

    store.prepare(directory)
    messages.print(f"gradient descent, k = {k}, n = {n} (the first search ever compiles for some seconds)")
    limit = runs or (1000 if find is None else 10_000)
    with _bar(f"gradient descent, k = {k}, n = {n}", limit) as advance:
        found = collect(
            k, n, limit, seed, find=find, step=step, tolerance=tolerance, max_steps=max_steps, floor=floor,
            progress=advance,
        )  # fmt: skip
    path = directory / f"{k}-{n}-seed{seed}.npz"
    store.write(path, found.to_npz())
    if as_json:
        _print_json({**found.facts, "points": found.kept, "path": str(path)})
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
        str, typer.Option(help='"simple" (Theorem B) or "paper" (L_A and Lemma 1 of Safran & Shamir).')
    ] = "simple",
    max_precision: Annotated[int, typer.Option(help="Bits of the last attempt.")] = 512,
    exclusion: Annotated[
        float, typer.Option(help="Not critical: no critical point within this share of the shortest neuron.")
    ] = 2.0**-20,
    as_json: JsonOption = False,
) -> None:
    """Prove in ball arithmetic what each point is, and write one signed certificate a point."""
    import time

    from relucert import store
    from relucert.points import read
    from relucert.provenance import issue
    from relucert.verify import check_options
    from relucert.verify import verify as prove

    check_options(constants, max_precision, exclusion)
    candidates = [
        (path, index, candidate)
        for path in points
        for index, candidate in enumerate(read(path, variable=variable, layout=layout, targets=targets))
    ]
    store.prepare(directory)
    signer = _signing_key(key)
    verdicts: list[str] = []
    with _bar("verifying", len(candidates)) as advance:
        for done, (path, index, candidate) in enumerate(candidates):
            started = time.perf_counter()
            result = prove(
                candidate, raw=raw, constants=constants, max_precision=max_precision, exclusion=exclusion
            )
            certificate = issue(result, directory, signer) if result.outcome.proved else None
            verdicts.append(result.verdict)
            seconds = time.perf_counter() - started
            advance(done + 1, len(candidates))
            if as_json:
                _print_json(_verification_json(result, path, index, certificate, seconds))
            else:
                _print_verification(result, path, index, certificate)
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

    from relucert import certificate, signing
    from relucert.report import text

    for path in _certificate_files(certificates):
        whole = certificate.parse(path.read_bytes(), str(path))
        statement, name = whole["statement"], str(path)
        digest = certificate.digest(statement)
        sentence, rows = text.claim(statement, name), text.inequalities(statement, name)
        signers = [signature.get("keyid", "?") for signature in whole["signatures"]]
        if as_json:
            listed = [row._asdict() for row in rows]
            _print_json(
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
            table.add_row(row.step, _escaped(row.text), row.left, row.right, row.margin)
        output.print(table)
        output.print(text.LEGEND, style="dim")
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


@keys.command("new")
def keys_new(
    path: Annotated[Path | None, typer.Option("--out", help="Where the private key goes.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Make an Ed25519 key (private half readable by you alone). Never replaces a key."""
    from relucert import signing

    where = path or signing.default_key_path()
    try:
        key = signing.new_key(where)
    except FileExistsError as error:
        raise InputError(f"{where}: there is a key already; choose another place with --out FILE") from error
    identity = signing.key_id(key.public_key())
    if as_json:
        _print_json({"path": str(where), "public": str(where.with_suffix(".pub")), "keyid": identity})
    else:
        output.print(
            f"private key: {where}\npublic key: {where.with_suffix('.pub')}\nkey id: {identity}", markup=False
        )


def main() -> None:
    """Runs the command line and turns every failure into a message and an exit code."""
    sys.exit(_run())


def _run() -> int:
    try:
        app()
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            return _fail("interrupted; what is finished is whole", INTERRUPTED)
        return stop.code if isinstance(stop.code, int) else 0
    except InputError as error:
        return _fail(str(error), USAGE)
    except ModuleNotFoundError as error:
        return _fail(f"a package is missing: {error.name}", MISSING)
    except MemoryError:
        return _fail("out of memory", RESOURCES)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE)
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}", RESOURCES if full else USAGE)
    return 0


def _fail(message: str, code: int) -> int:
    messages.print(f"[bold red]error:[/bold red] {_escaped(message)}")
    return code


def _escaped(message: str) -> str:
    from rich.markup import escape

    return escape(message)


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)  # noqa: T201


class _bar:  # noqa: N801 - used like a function
    """A progress bar on a terminal, nothing elsewhere; entering it gives advance(done, total)."""

    def __init__(self, title: str, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        # Results are printed while the bar is there: on a terminal both go through one console, and where
        # standard output is a pipe nothing but results may enter it.
        shared = output.is_terminal
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=output if shared else messages, disable=not (shared or messages.is_terminal),
            transient=True, redirect_stdout=shared, redirect_stderr=False,
        )  # fmt: skip
        self.task = self.progress.add_task(title, total=total)

    def __enter__(self) -> Any:
        self.progress.start()
        return lambda done, total: self.progress.update(self.task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self.progress.stop()


def _signing_key(path: Path | None) -> Any:
    """The key that signs: the one given, or the local one, made on first use."""
    from relucert import signing

    if path is not None:
        if not path.exists():
            raise InputError(f"{path}: no such key; make one with: relucert keys new --out {path}")
        return signing.load_key(path)
    local = signing.default_key_path()
    if local.exists():
        return signing.load_key(local)
    key = signing.new_key(local)
    messages.print(
        f"made a local signing key: {local} (key id {signing.key_id(key.public_key())})", markup=False
    )
    return key


def _certificate_files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob("*.json"))
            if not inside:
                raise InputError(f"{path}: no certificates (*.json) in this directory")
            yield from inside
        elif path.exists():
            yield path
        else:
            raise InputError(f"{path}: no such file")


def _verification_json(
    result: Any, path: Path, index: int, certificate: Path | None, seconds: float
) -> dict[str, Any]:
    from relucert.dyadic import DOWN, UP
    from relucert.verification import explain, text

    def bound(value: Any, rounding: str) -> str | None:
        return None if value is None else text(value, rounding, 12)

    bounds, problem = result.outcome.bounds, result.candidate.problem
    fields: dict[str, Any] = {
        "source": str(path), "index": index, "k": problem.k, "n": problem.n, "verdict": result.verdict,
        "lambda_min": None, "gradient_norm": None, "lipschitz": None, "radius": None, "basin_radius": None,
        "objective": None,
    }  # fmt: skip
    if bounds is not None:
        fields |= {
            "lambda_min": bound(bounds.lambda_min[0], DOWN),
            "lambda_min_upper": bound(bounds.lambda_min[1], UP),
            "lambda_min_safran_shamir": bound(bounds.lambda_min_safran_shamir, DOWN),
            "gradient_norm": bound(bounds.gradient, UP),
            "lipschitz": bound(bounds.lipschitz, UP),
            "lipschitz_safran_shamir": bound(bounds.lipschitz_safran_shamir, UP),
            "radius": bound(bounds.radius, UP),
            "radius_lemma_1": bound(bounds.radius_lemma_1, UP),
            "uniqueness_radius": bound(bounds.uniqueness, DOWN),
            "basin_radius": bound(bounds.basin, DOWN),
            "exclusion_radius": bound(bounds.exclusion, DOWN),
            "objective": [bound(bounds.objective[0], DOWN), bound(bounds.objective[1], UP)],
        }
    fields |= {
        "moved": bound(result.moved, UP),
        "constants": result.constants,
        "precision": result.precision,
        "certificate": None if certificate is None else str(certificate),
        "seconds": round(seconds, 4),
        "reason": None if result.outcome.proved else explain(result.outcome),
    }
    return fields


STYLES = {"spurious-minimum": "bold green", "strict-saddle": "bold cyan", "inconclusive": "bold yellow"}


def _print_verification(result: Any, path: Path, index: int, certificate: Path | None) -> None:
    from relucert.verification import NAMES, one_line

    style = STYLES.get(result.verdict, "bold")
    output.print(f"[{style}]{NAMES[result.verdict]}[/{style}]  {_escaped(f'{path}[{index}]')}")
    output.print(f"  {one_line(result)}", markup=False)
    if certificate is not None:
        output.print(f"  {certificate}", markup=False)
