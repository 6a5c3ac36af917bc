"""The loss of ReLU networks as an expression against its own family: python tools/expression_against_teacher.py FOLDER

At the points of up to --variables variables that Safran & Shamir (2018; newExp-k-n.mat in FOLDER) and Safran, Yehudai
& Shamir (2021; minima-2021.jsonl) published, and with --stored also at those of the certificates in certificates/k-n,
prints what both prove: verdicts, the radius of Theorem E over the half-width of the box, and processor times.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

from relucert import losses
from relucert.base.dyadic import from_float
from relucert.families.expression.candidate import ExpressionCandidate
from relucert.families.expression.prove import verify_point
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.points import read
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.verify import verify as verify_teacher

CERTIFICATES = Path(__file__).resolve().parents[1] / "certificates"
BESIDE = (
    2.0**-8
)  # of the targets: there the loss is low, and no two rows are parallel, as the expression needs
HEAD = "point", "k, n", "own family", "expression", "radius", "box", "ratio", "s", "s", "ratio"
Found = TypeVar("Found")


class Compared(NamedTuple):
    """radius: of Theorem E; box: half-width; None where one of the two has none. own, ours: seconds."""

    verdicts: tuple[str, str]
    radius: float | None
    box: float | None
    own: float
    ours: float


def published(folder: Path, most: int) -> Iterator[tuple[str, Candidate]]:
    """The points of both papers with up to `most` variables, named."""
    files = sorted(folder.glob("newExp-*.mat"), key=lambda path: [int(x) for x in path.stem.split("-")[1:]])
    for path in files:
        k, n = (int(x) for x in path.stem.split("-")[1:])
        if n * k <= most:
            for q, candidate in enumerate(read(path, variable="WbadNew", layout="neurons-in-columns")):
                yield f"2018, q = {q}", candidate
    for line in (folder / "minima-2021.jsonl").read_text().splitlines():
        record = json.loads(line)
        sizes = record["class_sizes"]
        if sum(sizes) ** 2 <= most:
            yield f"2021, {'+'.join(map(str, sizes))}", spread(sizes, record["values"])


def spread(sizes: Sequence[int], values: Sequence[Sequence[float]]) -> Candidate:
    """The rows of a point that is given by classes of indices (../shared/published/README.md)."""
    classes = [c for c, size in enumerate(sizes) for _ in range(size)]

    def entry(neuron: int, at: int) -> float:
        a, c = classes[neuron], classes[at]
        return values[c][len(sizes) if a == c and neuron != at else a]

    indices = range(len(classes))
    return Candidate.from_rows([[entry(i, j) for j in indices] for i in indices])


def stored(most: int) -> Iterator[tuple[str, Candidate]]:
    """The points of the certificates of this repository with up to `most` variables."""
    for path in sorted(CERTIFICATES.glob("*/*.json")):
        claim = json.loads(path.read_bytes())["statement"]["claim"]
        name = re.fullmatch("([0-9]+)-([0-9]+)", path.parent.name)  # k-n
        if name is None or int(name[1]) * int(name[2]) > most or claim["problem"]["targets"] != "orthonormal":
            continue
        rows = [[(int(m), e) for m, e in row] for row in claim["point"]]
        problem = Problem.orthonormal(claim["problem"]["k"], claim["problem"]["n"])
        yield f"certificate {path.stem[:8]}", Candidate.from_rows(rows, problem)


def beside_the_targets(k: int, n: int) -> list[list[float]]:
    """A point of low loss, no two rows of which are parallel, nor to a target; the spare rows are small."""

    def small(i: int, j: int) -> float:
        return BESIDE * (1 + (3 * i + 5 * j + i * j) % 7) / 7

    return [[float(i == j) + small(i, j) for j in range(k)] for i in range(n)]


def timed(work: Callable[[], Found]) -> tuple[Found, float]:
    began = time.process_time()
    return work(), time.process_time() - began


def compare(candidate: Candidate) -> Compared:
    """A minimum of the expression gets a witness: that inf F is 0 is what the family of its own knows."""
    problem = candidate.problem
    k, n = problem.k, problem.n
    theirs, own = timed(lambda: verify_teacher(candidate))
    loss = losses.teacher_student(k, n)
    witness = tuple(from_float(x) for row in beside_the_targets(k, n) for x in row)
    point = tuple(x for row in candidate.point for x in row)
    ours, seconds = timed(lambda: verify_point(ExpressionCandidate(loss.graph, point, witness=witness)))
    a, b = theirs.outcome.bounds, ours.outcome.bounds
    radius = None if a is None or a.uniqueness is None else float(a.uniqueness)
    box = float(b.box) if ours.outcome.proved and hasattr(b, "box") else None
    return Compared((theirs.verdict, ours.verdict), radius, box, own, seconds)


def row(name: str, candidate: Candidate, found: Compared) -> str:
    def shown(x: float | None) -> str:
        return "-" if x is None else f"{x:.3g}"

    ratio = None if found.radius is None or found.box is None else found.radius / found.box
    cells = [name, f"{candidate.problem.k}, {candidate.problem.n}", *found.verdicts]
    cells += [
        shown(x) for x in (found.radius, found.box, ratio, found.own, found.ours, found.ours / found.own)
    ]
    return f"| {' | '.join(cells)} |"


def summary(all_of: Sequence[Compared]) -> str:
    """Of the points that both decide alike."""
    same = [x for x in all_of if x.verdicts[0] == x.verdicts[1]]
    lines = [f"{len(all_of)} points, {len(same)} with the same verdict"]
    ratios = [x.radius / x.box for x in same if x.radius is not None and x.box is not None]
    for what, values in (
        ("radius over box", ratios),
        ("time over the own family's", [x.ours / x.own for x in same]),
    ):
        if values:
            lines.append(f"{what}: median {median(values):.3g}, {min(values):.3g} to {max(values):.3g}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="with the published points")
    parser.add_argument("--variables", type=int, default=100, help="at most so many")
    parser.add_argument("--stored", action="store_true", help="the points of certificates/k-n, too")
    options = parser.parse_args()
    points = [
        *published(options.folder, options.variables),
        *(stored(options.variables) if options.stored else ()),
    ]
    print("|", " | ".join(HEAD), "|")
    print("|---" * len(HEAD) + "|")
    found = []
    for name, candidate in points:
        found.append(compare(candidate))
        print(row(name, candidate, found[-1]), flush=True)
    print()
    print(summary(found))


if __name__ == "__main__":
    main()
