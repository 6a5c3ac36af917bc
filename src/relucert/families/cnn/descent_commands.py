"""`relucert cnn run`, `restarts` and `table`: where gradient descent on the one-hidden-layer CNN goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from relucert.base.console import INCONCLUSIVE, MISSING, Bar, fail, output, print_json
from relucert.base.errors import InputError
from relucert.commands.keys import signing_key
from relucert.commands.options import JobsOption
from relucert.families.cnn.commands import AStar, Patch, ProblemFile, WNorm, problem_of

if TYPE_CHECKING:
    from relucert.families.cnn.descent import CnnRun
    from relucert.families.cnn.point import CnnCandidate
    from relucert.families.cnn.table import Cell

T = TypeVar("T")

Start = Annotated[
    Path | None, typer.Option("--start", help="Start at the points of this file, with its own problem.")
]
Seed = Annotated[int, typer.Option(min=0, help="Start at random: the same seed, the same start.")]
Eta = Annotated[
    str | None,
    typer.Option(help="Step, exact (default: 95% of what serves every random start, to two digits)."),
]
Steps = Annotated[int, typer.Option(help="How many steps to enclose.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="Where the certificates go.")]
Key = Annotated[Path | None, typer.Option("--key", help="Private key that signs (PEM, Ed25519).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines on standard output.")]
Plot = Annotated[Path | None, typer.Option("--plot", help="Draw loss and angle: .png, .svg or .pdf.")]
CERTIFICATES = Path("certificates")
STYLES = {"converges-to-global-minimum": "bold cyan", "converges-to-spurious-minimum": "bold green"}
PRINTED = (1, 2, 5)  # times powers of 10: the steps of which a person sees a line


def run(
    file: ProblemFile = None,
    a_star: AStar = None,
    w_norm: WNorm = "1",
    patch: Patch = None,
    start: Start = None,
    seed: Seed = 0,
    eta: Eta = None,
    steps: Steps = 10_000,
    plot: Plot = None,
    directory: Output = CERTIFICATES,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Enclose a run of gradient descent in balls and prove to which minimum it converges, and how fast."""
    from relucert.families.cnn import plot as cnn_plot

    starts = _starts(file, a_star, w_norm, patch, start, seed)
    if plot is not None:
        if len(starts) > 1:
            raise InputError(f"--plot: {start} has {len(starts)} points; draw one run at a time")
        _plotting(lambda: cnn_plot.check(plot))
    found = _runs(starts, eta, steps, directory, key, as_json, samples=True)
    if plot is not None:
        cnn_plot.plot_run(found[0], plot)
        if not as_json:
            output.print(f"plot: {plot}", markup=False)
    _exit(found)


def restarts(
    file: ProblemFile = None,
    a_star: AStar = None,
    w_norm: WNorm = "1",
    patch: Patch = None,
    start: Start = None,
    seed: Seed = 0,
    eta: Eta = None,
    steps: Steps = 10_000,
    directory: Output = CERTIFICATES,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Decide the runs from (v, a), (v, -a), (-v, a) and (-v, -a) (Du et al. 2018, Theorem 3.2)."""
    from relucert.families.cnn.descent import GLOBAL
    from relucert.families.cnn.descent import restarts as signs

    starts = [x for given in _starts(file, a_star, w_norm, patch, start, seed) for x in signs(given)]
    found = _runs(starts, eta, steps, directory, key, as_json, samples=False)
    if not as_json:
        count = sum(x.verdict == GLOBAL for x in found)
        output.print(f"{count} of {len(found)} are proved to converge to the global minimum", markup=False)
    _exit(found)


def table(
    ks: Annotated[str, typer.Option("--k", help="Numbers of patches.")] = "25,36,49,64,81,100",
    ratio: Annotated[str, typer.Option(help="Values of S^2/N: squares of rationals.")] = "0,1,4,9,16,25",
    patch: Annotated[str, typer.Option(help="Patch sizes p.")] = "6",
    runs: Annotated[int, typer.Option(min=1, help="Random starts of each cell.")] = 5000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same table.")] = 0,
    norm: Annotated[str, typer.Option(help="|a*|, exact.")] = "1",
    w_norm: WNorm = "1",
    prove: Annotated[
        int | None, typer.Option(min=0, help="Decide only so many runs of a cell in balls (default: all).")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the table here.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw it: .png, .svg or .pdf.")] = None,
    jobs: JobsOption = 1,
    as_json: AsJson = False,
) -> None:
    """How often random starts reach the global minimum: Table 5.1 of Du's thesis, decided and with bounds."""
    from relucert.base import store
    from relucert.base.rational import exact_number
    from relucert.families.cnn import plot as cnn_plot
    from relucert.families.cnn import table as tables

    lists = (
        _list(ks, "--k", _integer),
        _list(ratio, "--ratio", lambda text: exact_number(text, "--ratio")),
        _list(patch, "--patch", _integer),
    )
    size, length = exact_number(norm, "--norm"), exact_number(w_norm, "--w-norm")
    if size <= 0:
        raise InputError(f"--norm must be positive, not {norm}")
    if plot is not None:
        _plotting(lambda: cnn_plot.check(plot))
    cells: list[Cell] = []
    total = len(lists[0]) * len(lists[1]) * len(lists[2])
    with Bar("deciding random starts", total) as advance:
        for cell in tables.cells(
            *lists, runs=runs, seed=seed, prove=prove, norm=size, w_norm=length, jobs=jobs
        ):
            cells.append(cell)
            advance(len(cells), total)
            if as_json:
                print_json(tables.record(cell))
    if csv is not None:
        store.write(csv, tables.to_csv(cells).encode())
    if plot is not None:
        cnn_plot.plot_table(cells, plot)
    if not as_json:
        _print_table(cells)
    if any(cell.undecided for cell in cells):
        raise typer.Exit(INCONCLUSIVE)


def _starts(
    file: Path | None, a_star: str | None, w_norm: str, patch: int | None, start: Path | None, seed: int
) -> Sequence[CnnCandidate]:
    from relucert.families.cnn.descent import random_start
    from relucert.families.cnn.points import read_points

    if start is None:
        return [random_start(problem_of(file, a_star, w_norm, patch), seed)]
    if file is not None or a_star is not None or patch is not None:
        raise InputError(f"{start}: the file has its own problem; leave out --a-star and --patch")
    return read_points(start, start.read_bytes())


def _runs(
    starts: Sequence[CnnCandidate],
    eta: str | None,
    steps: int,
    directory: Path,
    key: Path | None,
    as_json: bool,
    *,
    samples: bool,
) -> list[CnnRun]:
    """The runs, printed, with a certificate each. samples: print the iterates on the way, too."""
    from relucert.base import store
    from relucert.base.rational import exact_number
    from relucert.certificate.provenance import provenance, sign_and_store
    from relucert.families.cnn import descent
    from relucert.families.cnn.descent_statement import run_statement

    problem = starts[0].problem
    step = descent.largest_step(problem) if eta is None else exact_number(eta, "--eta")
    descent.check_options(problem, step, steps)
    store.prepare(directory)
    signer = signing_key(key)
    found = []
    for start in starts:
        began = time.perf_counter()
        result = descent.enclose(start, step, steps, stop=not samples)
        seconds = time.perf_counter() - began
        certificate = None
        if result.entry is not None:
            certificate = sign_and_store(run_statement(result, provenance(result)), directory, signer)
        found.append(result)
        if as_json:
            fields = descent.record(result, samples=samples)
            where = None if certificate is None else str(certificate)
            print_json({**fields, "seconds": round(seconds, 4), "certificate": where})
        else:
            _print(result, samples)
            if certificate is not None:
                output.print(f"  certificate: {certificate}", markup=False)
    return found


def _exit(found: Sequence[CnnRun]) -> None:
    if any(x.entry is None for x in found):
        raise typer.Exit(INCONCLUSIVE)


def _plotting(action: Callable[[], T]) -> T:
    try:
        return action()
    except ModuleNotFoundError as error:
        remedy = 'pip install "relucert[plot]"'
        raise typer.Exit(fail(f"a package is missing: {error.name}; {remedy}", MISSING)) from error


def _integer(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError(f"{text!r} is not a positive integer")
    return int(text)


def _list(text: str, option: str, read: Callable[[str], T]) -> list[T]:
    try:
        return [read(x.strip()) for x in text.split(",")]
    except InputError as error:
        raise InputError(f"{option} {text}: {error}") from error


def _print(result: CnnRun, samples: bool) -> None:
    from rich.table import Table

    from relucert.families.cnn.descent import describe, short

    if samples:
        lines = Table(box=None, pad_edge=False)
        for title in ("step", "loss, about", "angle of v and w*, about", "a.a*, about"):
            lines.add_column(title, justify="right")
        for x in result.samples:
            leading = str(x.step).rstrip("0")
            if x.step in (0, result.steps) or leading in map(str, PRINTED):
                lines.add_row(str(x.step), short(x.loss), short(x.view.phi), short(x.state.q))
        output.print(lines)
    title, details = describe(result)
    output.print(f"[{STYLES.get(result.verdict, 'bold yellow')}]{title}[/]  {result.start.source}")
    for line in details:
        output.print(f"  {line}", markup=False)


def _print_table(cells: Sequence[Cell]) -> None:
    from rich.table import Table

    from relucert.base.decimals import share
    from relucert.base.dyadic import DOWN
    from relucert.families.printing import unloosened

    ratios = list(dict.fromkeys(cell.ratio for cell in cells))
    teacher = cells[0].problem
    output.print(
        f"One-hidden-layer CNN with weight normalisation, k patches of size p, standard Gaussian input, |a*|^2 = "
        f"{teacher.squares}, |w*| = {teacher.w_norm}, S = 1.a*, N = |a*|^2. A run: gradient descent on the population "
        "loss, the step 95%, in two digits, of min(2 pi/(k + pi - 1), 2/(|w*|^2 (N + S^2))), from independent v, "
        "uniform on the unit sphere, and a, uniform in the ball of radius |S| |w*|/sqrt k.",
        markup=False,
    )
    rows: dict[tuple[int, int], dict[Fraction, Cell]] = {}
    for cell in cells:
        rows.setdefault((cell.problem.patch, cell.problem.k), {})[cell.ratio] = cell
    shown = Table(
        box=None, pad_edge=False, title="share that ends at the global minimum", title_justify="left"
    )
    for title in ("p", "k", "", *(f"S^2/N = {x}" for x in ratios)):
        shown.add_column(title, justify="right")
    lines: list[tuple[str, Callable[[Cell], Any]]] = [
        ("observed", lambda c: share(c.seen_global, c.runs)),
        ("proved", lambda c: share(c.proved_global, c.tried) if c.tried else ""),
        ("bound", lambda c: unloosened(c.least_global, DOWN, 3)),
        ("thesis", lambda c: "" if c.thesis is None else f"{c.thesis:.2f}"),
    ]
    for (p, k), row in rows.items():
        for i, (name, value) in enumerate(lines):
            head = (str(p), str(k)) if i == 0 else ("", "")
            shown.add_row(*head, name, *(value(row[x]) for x in ratios))
    output.print(shown)
    tried, runs = sum(c.tried for c in cells), sum(c.runs for c in cells)
    proved = tried - sum(c.undecided for c in cells)
    against = sum(c.contradictions for c in cells)
    output.print(
        f"observed: {runs} runs in floating point, counted, not certified. proved: {tried} of them tried in balls, "
        f"{proved} decided, {against} otherwise than observed. bound: proved lower bound of the probability "
        "(Theorem 10.C).",
        markup=False,
    )
    gaps = [abs(c.to_global - c.thesis) for c in cells if c.thesis is not None]
    if gaps:
        output.print(f"largest difference from Table 5.1 of the thesis: {max(gaps):.3f}", markup=False)
