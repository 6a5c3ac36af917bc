"""The stored certificates: the index adds up, names every file, and says what the files say."""

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest

STORED = Path(__file__).parents[2] / "certificates"
PAPER = {(k, k) for k in range(6, 21)} | {(8, 9)} | {(k, k + 1) for k in range(10, 20)}


@pytest.fixture(scope="module")
def index():
    with (STORED / "index.csv").open() as file:
        return list(csv.DictReader(file))


def test_the_rows_of_both_tables_of_the_paper_are_there_and_add_up(index):
    counts, runs = defaultdict(int), {}
    for line in index:
        size = int(line["k"]), int(line["n"])
        counts[size] += int(line["count"])
        runs[size] = int(line["runs"])
    assert counts == runs
    assert set(runs) >= PAPER
    assert not [line for line in index if line["kind"] == "undecided"]


def test_every_certificate_is_in_the_index_and_says_the_same(index):
    named = {}
    for line in index:
        if line["certificate"]:
            named[STORED / f"{line['k']}-{line['n']}" / f"{line['certificate']}.json"] = line
    files = set(STORED.rglob("*.json"))
    assert files == set(named)
    assert sum(path.stat().st_size for path in files) < 20 * 2**20
    for path, line in named.items():
        claim = json.loads(path.read_bytes())["statement"]["claim"]
        assert (claim["verdict"], claim["problem"]["k"], claim["problem"]["n"]) == (
            line["kind"], int(line["k"]), int(line["n"])
        )  # fmt: skip
        assert claim["bounds"]["lambda_min"][0]["decimal"] == line["lambda_min"]
