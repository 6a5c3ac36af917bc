"""The symmetric points published by Safran, Yehudai & Shamir (2021): all decided, in every dimension d >= k.

The data is not part of this repository: see test_published.py.
"""

import json
import os
from pathlib import Path

import pytest

from relucert.families.teacher.symmetric.point import SymmetricPoint, verify_point

FOLDER = Path(os.environ.get("RELUCERT_PUBLISHED", Path(__file__).parents[3] / "../shared/published"))
FILE = FOLDER / "minima-2021.jsonl"

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"there is no {FILE} (set RELUCERT_PUBLISHED)")


def test_every_family_is_decided_with_the_published_smallest_eigenvalue():
    records = [json.loads(line) for line in FILE.read_text().splitlines()]
    assert len(records) == 474
    for record in records:
        result = verify_point(SymmetricPoint.from_record(record))
        name = record["k"], tuple(record["class_sizes"])
        expected = "global-minimum" if record["values"] == [[1.0, 0.0]] else "spurious-minimum"
        assert result.verdict == expected, name
        assert result.outcome.every_dimension, name
        assert result.outcome.bounds.inertia == (0, record["k"] ** 2)
        assert result.moved is None, name
        least = float(result.outcome.bounds.lambda_min[0])
        assert least == pytest.approx(record["min_eig"], rel=1e-6), name
