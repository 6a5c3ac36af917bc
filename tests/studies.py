"""A small study on disk: the stored certificates as families, shares near the paper's or far from them."""

import csv
import json
import shutil
from pathlib import Path

from relucert.base.dyadic import to_float
from relucert.certificate import signing
from relucert.study import files

STORED = Path(__file__).parents[1] / "certificates"
PROTOCOL = {
    **{"step": 0.1, "tolerance": 1e-9, "look": 1e-6, "max_steps": 200000, "floor": 0.001, "seed": 1},
    "floor_steps": 50000,
}
SPURIOUS = {(6, 6): 3, (8, 8): 300, (10, 10): 340, (12, 12): 580, (16, 16): 850, (20, 20): 940}
RUNS = 1000


def stored(k: int, n: int) -> Path:
    """The certificate of the spurious minimum of (k, n) that most runs ended at."""
    with (STORED / "index.csv").open() as file:
        lines = [x for x in csv.DictReader(file) if x["kind"] == "spurious-minimum"]
    mine = [x for x in lines if (int(x["k"]), int(x["n"])) == (k, n)]
    digest = max(mine, key=lambda x: int(x["count"]))["certificate"]
    return STORED / f"{k}-{n}" / f"{digest}.json"


def make(directory: Path) -> Path:
    """Writes the study; (8, 8) is far from the paper's 126 of 1000."""
    for folder in ("rows", "certificates"):
        (directory / folder).mkdir(parents=True)
    write(directory / "study.json", {"schema": "relucert-study/1", "protocol": PROTOCOL})
    for (k, n), count in SPURIOUS.items():
        path = stored(k, n)
        shutil.copy(path, directory / "certificates")
        write(directory / f"rows/{k}-{n}.json", row(k, n, [family(path, count)]))
    for k, n in ((9, 10), (13, 14), (21, 24)):
        write(directory / f"rows/{k}-{n}.json", row(k, n, []))
    return directory


def family(path: Path, count: int) -> dict:
    """What a row says of a certificate."""
    claim = json.loads(path.read_text())["statement"]["claim"]
    bounds = claim["bounds"]
    return {
        "certificate": path.stem,
        "verdict": claim["verdict"],
        "count": count,
        "proved_distinct": True,
        **{key: [x["decimal"] for x in bounds[key]] for key in ("objective", "lambda_min")},
        "lambda_max": bounds["lambda_max"]["decimal"],
        "radius": bounds["existence_radius"]["decimal"],
        "uniqueness_radius": bounds["uniqueness_radius"]["decimal"],
        "basin_radius": bounds["basin"]["radius"]["decimal"],
    }


def row(k: int, n: int, families: list) -> dict:
    """A row of 1000 runs; those without a family are below the floor for n > k, and undecided for n = k."""
    rest = RUNS - sum(one["count"] for one in families)
    low, undecided = (rest, 0) if n > k else (0, rest)
    index = [i for i, one in enumerate(families) for _ in range(one["count"])]
    loss = [float(families[i]["objective"][1]) for i in index] + [1e-12] * low + [0.02] * undecided
    ended = ["basin"] * len(index) + ["floor"] * low + ["undecided"] * undecided
    kinds = {"below-floor": low, "undecided": undecided, "spurious-minimum": len(index)}
    return {
        **{"schema": "relucert-study-row/1", "k": k, "n": n, "runs": RUNS, "protocol": PROTOCOL},
        "kinds": kinds,
        "ended": {reason: ended.count(reason) for reason in sorted(set(ended))},
        "families": families,
        "per_run": {
            "family": index + [-1] * (RUNS - len(index)),
            "ended": ended,
            "loss": loss,
            "steps": list(range(1, RUNS + 1)),
            "distance": ["2.1e-6"] * len(index) + [None] * (RUNS - len(index)),
        },
    }


def write(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value))


def sealed(value: dict, key) -> dict:
    """With the seal that `relucert grid` adds."""
    rest = {name: x for name, x in value.items() if name != "seal"}
    return rest | {"seal": signing.sign(key, files.ROW_TYPE, json.dumps(rest, sort_keys=True).encode())}


def point(path: Path) -> list:
    rows = json.loads(path.read_text())["statement"]["claim"]["point"]
    return [[to_float((int(m), e)) for m, e in each] for each in rows]
