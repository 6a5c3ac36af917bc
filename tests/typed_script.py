"""A user's script, which mypy --strict accepts; tests/unit/test_types.py runs it, too."""

import sys
from pathlib import Path

import numpy as np

import relucert as rc


def least_eigenvalue(result: rc.Verification) -> float:
    """A proved lower bound. Raises ValueError where there is none."""
    if result.lambda_min is None:
        raise ValueError(result.sentence)
    return result.lambda_min.lower


def main(folder: Path) -> None:
    result = rc.verify(np.eye(2), layout="rows", max_precision=128)
    radius: float | None = None if result.existence_radius is None else float(result.existence_radius)
    path = result.save(folder)
    certificate: rc.Certificate = rc.load(path)
    report: rc.Report = certificate.audit()
    everything: rc.Audit = rc.audit(folder)
    names: list[str] = [x.digest for x in rc.load_all(folder)]
    loss = rc.Loss.trace(lambda x: (x[0] ** 2 - 1) ** 2 + x[1] ** 2, 2)
    other: rc.ExpressionVerification = rc.verify([1.0, 0.0], loss)
    print(result.verdict, least_eigenvalue(result), radius, report.accepted, everything.accepted, names)
    print(other.verdict, other.objective, result.point.shape, certificate.claim["verdict"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
