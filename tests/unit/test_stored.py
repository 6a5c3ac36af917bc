"""The stored certificates: the index adds up, names every file, and says what the files say."""

import base64
import csv
import hashlib
import json
import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

import split_table
from index_wider import SIDES

STORED = Path(__file__).parents[2] / "certificates"
FAMILY = "k-1,1"
OTHERS = (
    FAMILY,
    "every-k",
    "landscape",
    "wider",
    "wider-symmetric",
    "expression",
    "runs",
    "open-starts",
    "signed",
    "signed-runs",
)  # not of this index
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
    files = {path for path in STORED.rglob("*.json") if path.relative_to(STORED).parts[0] not in OTHERS}
    assert files == set(named)
    assert sum(path.stat().st_size for path in files) < 20 * 2**20
    for path, line in named.items():
        claim = json.loads(path.read_bytes())["statement"]["claim"]
        assert (claim["verdict"], claim["problem"]["k"], claim["problem"]["n"]) == (
            line["kind"], int(line["k"]), int(line["n"])
        )  # fmt: skip
        assert claim["bounds"]["lambda_min"][0]["decimal"] == line["lambda_min"]


def test_the_family_has_a_spurious_minimum_for_every_k_in_every_dimension():
    """Theorem S of docs/theorem/teacher.md; `make audit-alone` proves the certificates again."""
    with (STORED / FAMILY / "index.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["k"]) for row in rows] == [*range(6, 1001), 10**6, 10**9]
    files = list((STORED / FAMILY).glob("*.json"))
    assert {path.stem for path in files} == {row["digest"] for row in rows}
    assert sum(path.stat().st_size for path in files) < 5 * 10**6
    for row in rows:
        claim = json.loads((STORED / FAMILY / f"{row['digest']}.json").read_bytes())["statement"]["claim"]
        k = claim["problem"]["k"]
        assert (k, claim["problem"]["n"], claim["point"]["class_sizes"]) == (int(row["k"]), k, [k - 1, 1])
        assert (claim["verdict"], claim["dimension"]) == ("spurious-minimum", "every d >= k")
        bounds = claim["bounds"]
        assert float(bounds["lambda_min"][0]["decimal"]) >= 0.0047
        assert float(bounds["lambda_min_outside"][0]["decimal"]) >= 0.0047
        assert k * float(bounds["objective"][0]["decimal"]) > 0.150
        assert k * float(bounds["objective"][1]["decimal"]) < 0.298
        assert {"radius", "step"} == set(bounds["basin"])


def test_all_splits_of_all_spurious_minima_of_the_study_are_decided(index):
    """docs/families/wider.md: the counts are those of the certificates, and each is about a minimum of the study."""
    with (STORED / "wider/index.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["verdict"] == "splits"]
    minima = {}
    for line in index:
        if line["kind"] == "spurious-minimum" and line["certificate"]:
            path = STORED / f"{line['k']}-{line['n']}" / f"{line['certificate']}.json"
            minima[json.dumps(json.loads(path.read_bytes())["statement"]["claim"]["point"])] = line
    counts = Counter()
    for row in rows:
        claim = json.loads((STORED / "wider" / f"{row['digest']}.json").read_bytes())["statement"]["claim"]
        assert claim["dimension"] == "every d >= k" and claim["critical_point"] == "spurious-minimum"
        assert minima.pop(json.dumps(claim["point"]))["n"] == row["n"]
        said = Counter((side, x[side]) for x in claim["splits"] for side in ("same", "opposite"))
        assert [x["neuron"] for x in claim["splits"]] == [*range(1, int(row["n"]) + 1)]
        assert said == Counter({
            ("same", "strict-saddle"): int(row["same_saddles"]),
            ("opposite", "strict-saddle"): int(row["opposite_saddles"]),
            ("opposite", "degenerate-minimum"): int(row["opposite_minima"]),
        })  # fmt: skip
        counts += said
    assert minima == {} and len(rows) == 155
    assert list(counts.values()) == [2548, 2367, 181]
    assert sum(path.stat().st_size for path in (STORED / "wider").iterdir()) < 4 * 10**6


def test_the_published_symmetric_minima_have_the_splits_of_the_page(monkeypatch, capsys):
    """docs/families/wider.md: the rows of its table are those of the certificates, which speak of every neuron."""
    folder = STORED / "wider-symmetric"
    monkeypatch.setattr("sys.argv", ["split_table.py", str(folder)])
    split_table.main()
    rows = capsys.readouterr().out.splitlines()
    assert {*rows} <= {*(STORED.parent / "docs/families/wider.md").read_text().splitlines()}
    assert rows[-1] == "| all | 448 | 12711 | 12711 | 0 | 1199 | 11512 |"
    points = set()
    for path in folder.glob("*.json"):
        claim = json.loads(path.read_bytes())["statement"]["claim"]
        assert (claim["dimension"], claim["critical_point"]) == ("every d >= k", "spurious-minimum")
        assert [x["neuron"] for x in claim["splits"]] == [*range(1, len(claim["point"]["class_sizes"]) + 1)]
        assert all({"same", "opposite"} < x.keys() for x in claim["splits"])
        points.add(json.dumps([claim["problem"], claim["point"]]))
    assert len(points) == 448
    with (folder / "index.csv").open() as file:
        sums = [sum(int(row[x]) for x in SIDES) for row in csv.DictReader(file)]
    assert len(sums) == 448 and sum(sums) == 2 * 12711
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3 * 10**6


def test_all_runs_are_proved_from_their_starts():
    """Theorem 19.R of docs/theorem/runs.md; the counts are those of the certificates."""
    with (STORED / "runs/index.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["ends"] for row in rows} == {"spurious-minimum", "global-minimum", "below-floor"}
    counts, asked = defaultdict(int), {}
    for row in rows:
        counts[row["k"], row["n"]] += int(row["count"])
        asked[row["k"], row["n"]] = int(row["runs"])
    assert counts == asked
    assert asked["6", "6"] == asked["7", "7"] == 1000
    files = list((STORED / "runs").glob("*-*/*.json"))
    assert {path.stem for path in files} == {row["certificate"] for row in rows}
    assert sum(path.stat().st_size for path in files if path.parent.name in ("6-6", "7-7")) < 6 * 10**6


@pytest.mark.parametrize("size, mass", [("6-6", "1e-98"), ("20-20", "1e-803")])
def test_an_open_set_of_starts_goes_to_a_spurious_minimum(size, mass):
    (path,) = (STORED / "open-starts" / size).glob("*.json")
    claim = json.loads(path.read_bytes())["statement"]["claim"]
    (run,), (minimum,) = claim["runs"], claim["minima"]
    assert claim["step"] == "1/10" and minimum["verdict"] == "spurious-minimum"
    assert Decimal(run["neighbourhood"]["probability"]["decimal"]) > Decimal(mass)


def test_runs_of_signed_networks_and_leaky_activations_end_where_the_pages_say():
    """docs/families/runs.md, the table of examples; `make audit-alone` proves the certificates again."""
    claims = [
        json.loads(path.read_bytes())["statement"]["claim"]
        for path in (STORED / "signed-runs").glob("*.json")
    ]
    found = {
        (claim["problem"]["k"], claim["problem"]["n"], claim["problem"]["slope"], run["steps"]): [
            minimum["verdict"] for minimum in claim["minima"]
        ]
        for claim in claims
        for run in claim["runs"]
    }
    assert found == {
        (6, 6, "-1/2", 1520): ["spurious-minimum"],
        (8, 8, "0", 2112): ["spurious-minimum"],
        (6, 6, "-1", 288): ["global-minimum"],
        (3, 4, "0", 14_048): ["spurious-minimum"],
        (3, 4, "-1/3", 2400): [],
    }


def test_the_page_of_expressions_says_no_more_than_the_certificates():
    """docs/families/expression-examples.md: enclosures as claimed, lower bounds no larger, counts of eigenvalues."""
    page = (STORED.parent / "docs/families/expression-examples.md").read_text()
    rows = [
        line.strip("| ").split(" | ") for line in page.splitlines() if re.search(r"[0-9a-f]{8}\.\. \|$", line)
    ]
    assert len(rows) == 9
    for _, _, value, *numbers, box, digest in rows:
        (path,) = (STORED / "expression").glob(f"{digest[:8]}*.json")
        claim = json.loads(path.read_bytes())["statement"]["claim"]
        bounds, inertia = claim["bounds"], claim["bounds"]["inertia"]
        low, high = (x["decimal"] for x in bounds["objective"])
        lower = [(box, bounds["box"])]
        if len(numbers) == 2:
            lower += zip(numbers, (bounds["gap"], bounds["lambda_min"][0]), strict=True)
            assert value == f"[{low}, {high}]" and inertia["negative"] == 0
        else:
            negative, positive = inertia["negative"], inertia["positive"]
            signs = [
                (negative, "negative"),
                (positive, "positive"),
                (len(claim["point"]) - negative - positive, "zero"),
            ]
            assert numbers == [", ".join(f"{count} {sign}" for count, sign in signs if count)]
            said, _, gap = value.partition(", spurious, lower by at least ")
            assert said == f"[{low}, {high}]" and bool(gap) == ("gap" in bounds)
            lower += [(gap, bounds["gap"])] if gap else []
        for shown, bound in lower:
            assert Decimal("0.99") * Decimal(bound["decimal"]) < Decimal(shown) <= Decimal(bound["decimal"])


def test_the_readme_counts_the_files_of_the_corpus():
    said = re.search(
        r"(\d+) certificates to accept, (\d+) to reject, (\d+) not to confirm and (\d+) to call malformed",
        (STORED.parent / "README.md").read_text(),
    )
    kinds = ("accept", "reject", "not-confirmed", "malformed")
    assert [int(x) for x in said.groups()] == [
        len(list((STORED.parent / "tests/corpus" / kind).glob("*.json"))) for kind in kinds
    ]


def test_the_folders_of_each_key_are_those_that_are_named():
    """certificates/README.md: by the second line of allowed_signers those, all others by the first."""
    text = (STORED / "README.md").read_text()
    keys = [
        hashlib.sha256(base64.b64decode(line.split()[-1])[-32:]).hexdigest()
        for line in (STORED / "allowed_signers").read_text().splitlines()
    ]
    second = set(re.findall(r"`([a-z-]+)/`", text.partition("with the second")[0]))
    folders = {path.parent.relative_to(STORED).parts[0]: path for path in STORED.rglob("*.json")}
    for folder, path in folders.items():
        (signature,) = json.loads(path.read_bytes())["signatures"]
        assert signature["keyid"] == keys[folder in second], folder
