"""The export to Coq: its numbers are guesses, and what Coq proves of them is exactly what the certificate says."""

import dataclasses
import json
import re

import pytest

from formal_claims import FORMAL, fake, saddle_claim, spurious_claim, stored, why_no_coq
from pages import ROOT
from relucert.base.errors import InputError
from relucert.certificate import parse
from relucert.families.teacher.formal import coq, export
from relucert.families.teacher.formal import saddle as formal_saddle
from relucert.families.teacher.formal.choose import choose
from relucert.families.teacher.formal.claim import claim
from relucert.families.teacher.formal.proof import Unprovable
from relucert.families.teacher.formal.text import numbers_text, read_proof, theorem_text

FORBIDDEN = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Conjecture|Parameters?|Abort|Unset|bypass_check|Type\s*:\s*Type|Extract)\b"
)


@pytest.fixture(scope="module")
def spurious():
    return spurious_claim()


@pytest.fixture(scope="module")
def proof(spurious):
    return choose(spurious)


@pytest.fixture(scope="module")
def saddle():
    """(3, 3), all neurons alike, in every d >= 3."""
    return saddle_claim("symmetric-saddle-3")


def code(text):
    """A file of Coq without its comments."""
    while "(*" in text:
        text, rest = re.sub(r"\(\*(?:(?!\(\*|\*\)).)*\*\)", " ", text, flags=re.DOTALL), text
        assert text != rest, "an open comment"
    return text


# -- the theory, as text --


def test_the_theory_has_no_axioms_and_nothing_admitted():
    files = sorted(FORMAL.glob("*.v"))
    assert sorted(x for x in (FORMAL / "_CoqProject").read_text().split() if x.endswith(".v")) == [
        x.name for x in files
    ]
    for path in files:
        assert FORBIDDEN.findall(code(path.read_text())) == [], path.name
        outside = re.sub(r"(?s)\bSection (\w+)\..*?\bEnd \1\.", "", code(path.read_text()))
        assert not re.findall(r"\b(Variables?|Hypothes[ie]s|Context)\b", outside), path.name


def test_the_search_for_axioms_finds_them():
    for line in (
        "Axiom a : False.",
        "Proof. admit. Admitted.",
        "Parameter p : nat.",
        "Unset Guard Checking.",
    ):
        assert FORBIDDEN.search(code(f"(* a (* nested *) comment *) {line}"))
    assert not FORBIDDEN.search(code("(* no Axiom here *) Lemma l : True."))


# -- the numbers --


def test_numbers_are_written_and_read_back(spurious, proof):
    text = numbers_text(spurious, proof)
    assert spurious.every
    assert read_proof(text, spurious, "N") == proof
    assert spurious.digest in text
    one = dataclasses.replace(spurious, every=False)
    alone = dataclasses.replace(proof, further=None)
    assert choose(one) == alone
    assert read_proof(numbers_text(one, alone), one, "N") == alone
    assert "forall d, (6 <= d)%nat" in theorem_text(spurious, fast=False)
    assert "forall" not in theorem_text(one, fast=False)
    assert spurious.digest in theorem_text(spurious, fast=False)


def test_a_file_that_says_anything_else_is_refused(spurious, proof):
    text = numbers_text(spurious, proof)
    digits = re.search(r"Definition point.*?(\d{9,})", text, re.DOTALL)
    at = digits.end() - 1
    changed = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
    others = [
        changed,
        text.replace("radius := Fraction 5", "radius := Fraction 6"),
        text.replace("neurons := 6", "neurons := 7"),
        text.replace("Open Scope Z_scope.", "Open Scope Z_scope.\nAxiom false : False."),
        text + "Axiom false : False.\n",
        text.replace("low := Fraction", "low := Fraction 0 1; low := Fraction"),
        text[:-1],
        text.replace("box := Fraction 1 ", "box := Fraction 1 3"),
        "",
    ]
    for other in others:
        assert other != text
        with pytest.raises(InputError, match="N: "):
            read_proof(other, spurious, "N")


@pytest.mark.parametrize(
    ("folder", "verdict", "said"),
    [("6-6", "global-minimum", "this is a global minimum"), ("every-k", None, "every-k")],
)
def test_certificates_of_other_kinds_are_refused(relucert, tmp_path, folder, verdict, said):
    path = stored(verdict, folder)[0] if verdict else next((ROOT / "certificates" / folder).glob("*.json"))
    status, _, error = relucert("export", path, "--format", "coq", "-o", tmp_path / "out")
    assert status == 2
    assert said in error
    assert not (tmp_path / "out").exists()


def test_a_minimum_called_a_saddle_is_refused(spurious, saddle):
    with pytest.raises(Unprovable, match="smallest eigenvalue of the Hessian seems to be 0"):
        choose(dataclasses.replace(spurious, saddle=True))
    with pytest.raises(Unprovable, match="smallest eigenvalue of the Hessian seems to be -"):
        choose(dataclasses.replace(saddle, saddle=False))


def test_a_saddle_with_parallel_neurons_is_refused():
    with pytest.raises(Unprovable, match="parallel"):
        choose(saddle_claim("saddle-2-2-antiparallel"))


def test_a_saddle_whose_radius_or_loss_is_too_narrow_is_refused(saddle):
    mantissa, exponent = saddle.radius
    with pytest.raises(Unprovable, match="farther away"):
        choose(dataclasses.replace(saddle, radius=(mantissa, exponent - 12)))
    with pytest.raises(Unprovable, match="interval for the loss"):
        choose(dataclasses.replace(saddle, low=saddle.high))
    with pytest.raises(Unprovable, match="interval for the loss"):
        choose(dataclasses.replace(saddle, high=saddle.low))


@pytest.mark.parametrize("name", ["symmetric-saddle-3", "saddle-2-2-skew", "saddle-2-3-spread"])
def test_a_saddle_is_written_and_read_back(name):
    said = saddle_claim(name)
    proof = choose(said)
    text = numbers_text(said, proof)
    assert read_proof(text, said, "N") == proof
    theorem = theorem_text(said, fast=False)
    assert "Theorem strict_saddle : " + "forall d, (3 <= d)%nat -> " * said.every + "exists w" in theorem
    for other in (
        text.replace("shift := Fraction (-", "shift := Fraction (-1"),
        text.replace("downhill : list Z :=\n  [", "downhill : list Z :=\n  [1; "),
        text.replace("base := numbers", "base := numbers "),
        text.replace("Definition downhill", "Axiom false : False.\n\nDefinition downhill"),
    ):
        assert other != text
        try:  # another guess is read as another guess; anything else is no Numbers.v
            assert read_proof(other, said, "N") != proof
        except InputError:
            continue


def test_a_large_network_is_refused():
    path = next(
        x
        for x in sorted((ROOT / "certificates/k-1,1").glob("*.json"))
        if json.loads(x.read_text())["statement"]["claim"]["problem"]["k"] > 100
    )
    with pytest.raises(InputError, match="Coq takes up to"):
        claim(parse(path.read_bytes(), path.name)["statement"], "c")


def test_parallel_targets_are_refused():
    _, statement = stored("spurious-minimum")
    rows = [[["1" if i == j else "0", 0] for j in range(6)] for i in range(5)]
    rows.append([["3" if j == 0 else "0", 0] for j in range(6)])
    problem = statement["claim"]["problem"] | {"targets": rows}
    with pytest.raises(InputError, match="targets 0 and 5 are parallel"):
        claim(statement | {"claim": statement["claim"] | {"problem": problem}}, "c")


def test_targets_that_are_not_orthonormal_are_written(spurious, proof):
    rows = tuple(tuple((1 + 2 * (i == j), -1) for j in range(6)) for i in range(6))
    moved = dataclasses.replace(spurious, targets=rows, every=False)
    proof = dataclasses.replace(proof, further=None)
    text = numbers_text(moved, proof)
    assert "target_rows := Some (Table [" in text
    assert read_proof(text, moved, "N") == proof
    assert "(target_matrix numbers)" in theorem_text(moved, fast=False)


def test_what_coq_would_refuse_is_said_before(spurious, relucert, tmp_path, monkeypatch):
    mantissa, exponent = spurious.radius
    with pytest.raises(Unprovable, match="farther away"):
        choose(dataclasses.replace(spurious, radius=(mantissa, exponent - 12)))
    with pytest.raises(Unprovable, match="interval for the loss"):
        choose(dataclasses.replace(spurious, low=spurious.high))
    _, statement = stored("global-minimum")
    point = claim(statement | {"claim": statement["claim"] | {"verdict": "spurious-minimum"}}, "c").point
    with pytest.raises(Unprovable):
        choose(dataclasses.replace(spurious, point=point))

    def fails(_):
        raise Unprovable("because")

    monkeypatch.setattr(export, "choose", fails)
    path, _ = stored("spurious-minimum")
    status, _, error = relucert("export", path, "--format", "coq", "-o", tmp_path / "out")
    assert (status, "because" in error) == (5, True)
    assert not (tmp_path / "out").exists()


def test_a_guess_that_is_too_rough_is_refused(saddle, monkeypatch):
    monkeypatch.setattr(formal_saddle, "HALF", 8.0)
    monkeypatch.setattr(formal_saddle, "FALL", 2.0)
    with pytest.raises(Unprovable, match="too close to a singular one"):
        choose(saddle)


# -- the command --


def test_a_folder_has_all_that_coqc_needs(relucert, tmp_path, spurious):
    path, _ = stored("spurious-minimum")
    assert relucert("export", path, "--format", "coq", "-o", tmp_path)[0] == 0
    made = (tmp_path / "Makefile").read_text()
    for name in re.search(r"FILES := (.*)", made)[1].split():
        assert (tmp_path / f"{name}.v").exists()
    for name in coq.theory_files(fast=False):
        assert (tmp_path / "theory" / name).read_text() == (FORMAL / name).read_text()
    assert export.read(spurious, tmp_path, False) == export.fresh(spurious, False)
    with pytest.raises(InputError, match="--fast makes a theorem of its own"):
        export.read(spurious, tmp_path, True)


def test_a_folder_of_a_saddle(relucert, tmp_path, saddle):
    path = ROOT / "tests/corpus/accept/symmetric-saddle-3.json"
    assert relucert("export", path, "--format", "coq", "-o", tmp_path)[0] == 0
    assert export.read(saddle, tmp_path, False) == export.fresh(saddle, False)
    opposite = ROOT / "tests/corpus/accept/saddle-2-2-antiparallel.json"
    status, _, error = relucert("export", opposite, "--format", "coq", "-o", tmp_path / "out")
    assert (status, "two rows are nearly parallel" in error) == (5, True)
    assert not (tmp_path / "out").exists()


def test_options_that_do_not_fit_are_refused(relucert, tmp_path):
    path, _ = stored("spurious-minimum")
    for arguments in (
        ("--format", "xml"),
        ("--format", "dsse", "--check"),
        ("--format", "dsse", "--fast"),
        ("--format", "coq"),
        (path, "--format", "dsse"),
        (path, "--format", "coq", "--check", "-o", tmp_path / "out"),
    ):
        assert relucert("export", path, *arguments)[0] == 2, arguments


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        ("echo The Coq Proof Assistant, version 8.12.1", 3, "of version 8.12"),
        ("echo nothing", 3, "of version 0.0"),
        ("test $1 = --version && echo version 8.16.1", 3, "does not find coq-interval"),
        (
            'test $1 = --version && echo version 8.16.1; case "$*" in *Sums.v) echo Error: Out of memory.; exit 1;; '
            "esac; exit 0",
            4,
            "out of memory",
        ),
        (
            'test $1 = --version && echo version 8.16.1; case "$*" in *Sums.v) echo Error: who knows; exit 1;; '
            "esac; exit 0",
            3,
            "does not compile the theory (Sums.v: who knows)",
        ),
        (
            'test $1 = --version && echo version 8.16.1; case "$*" in *Theorem.v) echo Error: no; exit 1;; '
            "esac; exit 0",
            5,
            "coqc does not accept Theorem.v: no",
        ),
        ("test $1 = --version && echo version 8.16.1; exit 0", 5, "no axioms were listed"),
        (
            "test $1 = --version && echo version 8.16.1; printf 'Axioms:\\nmine : False\\n'; exit 0",
            5,
            "rests on more than it may: mine",
        ),
    ],
)
def test_a_coq_that_does_not_do(relucert, tmp_path, monkeypatch, script, status, said):
    fake(tmp_path, monkeypatch, script)
    path, _ = stored("spurious-minimum")
    code, _, error = relucert("export", path, "--format", "coq", "--check")
    assert (code, said in error) == (status, True), error


def test_without_coq(relucert, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    path, _ = stored("spurious-minimum")
    code, _, error = relucert("export", path, "--format", "coq", "--check")
    assert (code, "apt-get install coq" in error) == (3, True)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("test $1 = --version && echo version 8.16.1", "does not find coq-interval and coquelicot"),
        ("echo version 8.12.1", "of version 8.12"),
        ("exit 0", "of version 0.0"),
    ],
)
def test_where_coq_or_a_library_is_absent_tests_are_skipped_with_a_reason(
    tmp_path, monkeypatch, script, said
):
    fake(tmp_path, monkeypatch, script)
    reason = why_no_coq(tmp_path)
    assert said in reason
    assert "apt-get install coq libcoq-interval libcoq-coquelicot" in reason
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert "no coqc on the PATH" in why_no_coq(tmp_path)
