"""What a verification costs, and what it decides on published points: python bench/bench_verify.py [FOLDER]

1. One (20, 20) point, unpolished, against numpy.linalg.eigh of its Hessian (400 x 400), alternating in one run and in
   processor time: the ratio of the medians is what counts. Peak memory.
2. All families of Safran & Shamir's files (FOLDER, default ../shared/published): decided as what, how fast.
3. The same with their constants, unpolished: their figures, and what they could not decide.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from relucert import Candidate, verify
from relucert.base.dyadic import to_float
from relucert.families.teacher.points import read
from relucert.families.teacher.search import newton
from relucert.families.teacher.search.descent import descend
from relucert.families.teacher.verification import one_line

NAMES = ("6-6", "8-9", "9-9", "13-14", "15-16", "17-18", "20-20")


def one_point(folder: Path, repeats: int = 5) -> None:
    path = folder / "newExp-20-20.mat"
    if path.exists():
        candidate = read(path, variable="WbadNew", layout="neurons-in-columns")[0]
    else:
        print(f"(no {path}: a point of our own)")
        ends = descend(np.eye(20), 20, 8, seed=1)
        best = int(np.argmax(ends.converged & (ends.loss > 1e-3)))
        candidate = Candidate.from_rows(ends.weights[best].tolist())
    points = (candidate.point, candidate.problem.targets)
    matrix = newton.hessian(*(np.array([[to_float(x) for x in row] for row in rows]) for rows in points))
    guesses, proofs = [], []
    for _ in range(repeats):
        start = time.process_time()
        np.linalg.eigh(matrix)
        guesses.append(time.process_time() - start)
        start = time.process_time()
        result = verify(candidate, raw=True)
        proofs.append(time.process_time() - start)
    guess, proof = statistics.median(guesses), statistics.median(proofs)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"(20, 20), unpolished: {result.verdict}; {one_line(result)}")
    print(f"  verification {proof:.3f} s (limit 0.25), numpy.linalg.eigh {guess:.3f} s")
    print(f"  ratio {proof / guess:.1f} (limit 12); peak memory {memory:.0f} MiB (limit 250)")


def _decide(task: tuple[Path, int, dict[str, object]]) -> tuple[str, int, str, str]:
    path, index, options = task
    candidate = read(path, variable="WbadNew", layout="neurons-in-columns")[index]
    result = verify(candidate, **options)  # type: ignore[arg-type]
    return path.stem.removeprefix("newExp-"), index, result.verdict, one_line(result)


def all_families(folder: Path, title: str, **options: object) -> None:
    tasks = [
        (path, index, options)
        for path in (folder / f"newExp-{name}.mat" for name in NAMES)
        for index in range(len(read(path, variable="WbadNew", layout="neurons-in-columns")))
    ]
    start = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(_decide, tasks))
    seconds = time.perf_counter() - start
    print(f"\n{title}: {dict(Counter(row[2] for row in rows))}, {seconds:.1f} s on two processes")
    for name, index, verdict, line in rows:
        print(f"  ({name.replace('-', ',')}) q={index:<2} {verdict:<16} {line}")


def main() -> None:
    default = Path(__file__).parents[1] / "../shared/published"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default.resolve()
    one_point(folder)
    if not folder.is_dir():
        print(f"no published points at {folder}: the tables are skipped")
        return
    all_families(folder, "All published families")
    all_families(folder, "Unpolished", raw=True)
    all_families(folder, "Unpolished, sharp constants", raw=True, constants="sharp")
    all_families(folder, "Unpolished, the paper's constants", raw=True, constants="paper")


if __name__ == "__main__":
    main()
