"""How far orthonormal targets may move: python tools/robust_table.py FOLDER

Theorem P (docs/theorem/teacher.md section 8) at every spurious minimum that Safran & Shamir published
(newExp-k-n.mat in FOLDER), at the very points published. Prints a table in markdown."""

import sys
from pathlib import Path

from relucert.base.dyadic import DOWN, UP
from relucert.families.printing import text, unloosened
from relucert.families.teacher.points import read
from relucert.families.teacher.robust import UNLIKELY, robustness
from relucert.families.teacher.verify import verify
from relucert.kernel import ball

HEAD = "k, n", "q", "lambda_min", "kappa", "L", "Delta", "r", "D", "d (99%)"


def main(folder: Path) -> None:
    files = sorted(folder.glob("newExp-*.mat"), key=lambda path: [int(x) for x in path.stem.split("-")[1:]])
    if not files:
        sys.exit(f"{folder}: no newExp-*.mat there")
    print("|", " | ".join(HEAD), "|")
    print("|---" * len(HEAD) + "|")
    for path in files:
        for q, candidate in enumerate(read(path, variable="WbadNew", layout="neurons-in-columns")):
            result = verify(candidate, raw=True, constants="sharp")
            bounds = result.outcome.bounds
            if result.verdict != "spurious-minimum" or bounds is None:
                continue
            found = robustness(candidate)
            row = [
                f"{candidate.problem.k}, {candidate.problem.n}",
                str(q),
                text(bounds.lambda_min[0], DOWN, 3),
            ]
            if found is not None:
                with ball.precision(64):
                    row += [text(found.answer, UP, 3), text(found.lipschitz, UP, 3)]
                    row += [unloosened(found.deviation, DOWN, 3), text(found.radius, UP, 3)]
                row += [f"{x:.2e}" for x in (found.random_dimension, found.dimension_for(UNLIKELY))]
            print("|", " | ".join(row), "|", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
