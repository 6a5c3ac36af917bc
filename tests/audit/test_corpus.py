"""tests/corpus, made by tools/make_corpus.py, through the command; and mutants of its certificates."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from certificates import check_bytes

from relucert_audit.check import Report
from relucert_audit.steps import Finding
from relucert_audit.trust import read

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "corpus"
FINDINGS = Path(__file__).with_name("findings.txt")
LEAST = {"accept": 20, "reject": 60, "malformed": 40, "not-confirmed": 1}
RESULTS = {"accept": "accepted", "reject": "rejected"}
sys.path.insert(0, str(ROOT / "tools"))


@pytest.fixture(scope="module")
def rows():
    """What the command prints on the whole corpus, by file."""
    command = [
        sys.executable,
        "-m",
        "relucert_audit",
        str(CORPUS),
        "--json",
        "--key",
        str(CORPUS / "key.pub"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 1
    progress = re.compile(r"note: \d+/\d+, ")  # a line a minute, where it takes longer
    assert not [line for line in done.stderr.splitlines() if not progress.match(line)]
    return {row["file"]: row for row in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*/*.json")), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_each_file(path, rows):
    row, kind = rows[str(path)], path.parent.name
    assert row["result"] == RESULTS.get(kind, kind), row["reason"]
    if kind != "accept":
        assert len(path.with_suffix(".md").read_text().splitlines()) == 1
        unread = kind == "malformed" or path.stem == "later-minor-version" or "-limit-" in path.stem
        assert (row["step"] == 0) == unread


def report(row):
    finding = row["reason"] and Finding(
        row["result"], row["step"], row["claim"], row["reason"].removeprefix(row["claim"] + ": ")
    )
    return Report(row["result"], finding, row["verdict"], row["signer"], row["signature"])


def said(report):
    """Result, step, claim and reason, or of an accepted file verdict, signer and signature. Without the
    numbers in reasons, the last digits of which depend on the machine, and without words of Python's own."""
    what = report.finding or ("accepted", report.verdict, report.signer, report.signature)
    text = re.sub(r"(UTF-8): .*", r"\1", " | ".join(map(str, what)), flags=re.DOTALL)
    shown = r"-?[0-9]+\.[0-9]+(?:e[-+]?[0-9]+)?"
    return text if " | 0 | " in text else re.sub(rf"\[{shown}, {shown}\]|{shown}", "#", text)


def findings():
    trust = read(None, None, [CORPUS / "key.pub"])
    for path in sorted(CORPUS.glob("*/*.json")):
        report = check_bytes(path.read_bytes(), path.name, trust)
        yield f"{path.parent.name}/{path.stem} | {said(report)}"


def test_what_is_said_of_each_file(rows):
    """As in findings.txt, which `python tests/audit/test_corpus.py` renews; read what changed in it."""
    paths = sorted(CORPUS.glob("*/*.json"))
    assert rows.keys() == set(map(str, paths))
    for path, expected in zip(paths, FINDINGS.read_text("utf-8").splitlines(), strict=True):
        assert f"{path.parent.name}/{path.stem} | {said(report(rows[str(path)]))}" == expected


def test_there_are_enough_of_each(rows):
    counts = Counter(Path(name).parent.name for name in rows)
    assert counts.keys() == LEAST.keys()
    assert all(counts[kind] >= least for kind, least in LEAST.items()), counts


def test_unsigned_files_where_a_signature_is_required():
    command = [sys.executable, "-m", "relucert_audit", "--json", "--key", str(CORPUS / "key.pub")]
    for name, status in (("unsigned", 1), ("signed-by-an-unknown-key", 1), ("signed-twice", 0)):
        path = str(CORPUS / "accept" / f"{name}.json")
        done = subprocess.run([*command, "--require-signature", path], capture_output=True, check=False)
        assert done.returncode == status, name


def test_no_mutant_is_accepted_unless_it_is_true():
    """The short form of tools/mutants.py; 6 by 6 is left to the long one."""
    import mutants
    from judge.documents import encode

    documents = mutants.bases()
    del documents["spurious-6-6"]
    assert not [name for name, d in documents.items() if mutants.judged(encode(d))]
    results, failures, _ = mutants.run(documents, 300, seed=20)
    assert not failures
    assert all(results[kind] > 10 for kind in ("accepted", "rejected", "malformed")), results


if __name__ == "__main__":
    FINDINGS.write_text("".join(f"{line}\n" for line in findings()), "utf-8")
