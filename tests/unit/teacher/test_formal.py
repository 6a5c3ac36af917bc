"""The export to Coq: its numbers are guesses, and what Coq proves of them is exactly what the certificate says."""

import dataclasses
import json
import re

import pytest

from pages import ROOT
from relucert.base.errors import InputError
from relucert.certificate import parse
from relucert.families.teacher.formal import coq, export
from relucert.families.teacher.formal.choose import choose
from relucert.families.teacher.formal.claim import claim
from relucert.families.teacher.formal.proof import Unprovable
from relucert.families.teacher.formal.text import numbers_text, read_proof, theorem_text

FORMAL = ROOT / "formal"
FORBIDDEN = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Conjecture|Parameters?|Abort|Unset|bypass_check|Type\s*:\s*Type|Extract)\b"
)


def stored(verdict, folder="6-6"):
    """The certificate of this verdict at (6, 6): its path, and its statement."""
    for path in sorted((ROOT / "certificates" / folder).glob("*.json")):
        statement = parse(path.read_bytes(), path.name)["statement"]
        if statement["claim"]["verdict"] == verdict:
            return path, statement
    raise AssertionError(verdict)


@pytest.fixture(scope="module")
def spurious():
    path, statement = stored("spurious-minimum")
    return claim(statement, path.name)


@pytest.fixture(scope="module")
def proof(spurious):
    return choose(spurious)


def saddle_claim(name):
    """Of a certificate of the corpus."""
    path = ROOT / "tests/corpus/accept" / f"{name}.json"
    return claim(parse(path.read_bytes(), path.name)["statement"], path.name)


@pytest.fixture(scope="module")
def saddle():
    """(3, 3), all neurons alike, in every d >= 3."""
    return saddle_claim("symmetric-saddle-3")


def why_no_coq(folder):
    """Why nothing can be checked here, or None."""
    try:
        coq.find()
        coq.libraries(folder)
    except coq.Missing as error:
        return str(error)
    return None


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


def fake(folder, monkeypatch, script):
    """A coqc that does this."""
    program = folder / "coqc"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


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


# -- with Coq --


@pytest.fixture(scope="module")
def made(tmp_path_factory, spurious):
    """An exported folder, and what `make` does there."""
    missing = why_no_coq(tmp_path_factory.mktemp("probe"))
    if missing is not None:
        pytest.skip(f"nothing to check with: {missing}")
    folder = tmp_path_factory.mktemp("coq")
    export.write(spurious, folder, fast=False)
    return folder, coq.run(["make", "--no-print-directory"], folder)


@pytest.fixture(scope="module")
def built(made):
    """The folder, with the other type of numbers too."""
    folder, _ = made
    (folder / "theory/Fast.v").write_text((FORMAL / "Fast.v").read_text())
    result = coq.run(["coqc", *coq.FLAGS, "-Q", ".", "Relucert", "Fast.v"], folder / "theory")
    assert result.code == 0, result.text
    return folder


def test_coq_proves_the_certificate_from_the_axioms_of_the_reals(made):
    _, result = made
    assert result.code == 0, result.text
    assert set(coq.axioms_in(result.text)) == coq.REAL_AXIOMS
    assert "Warning" not in result.text


def longer(of):
    """The same minimum for targets 65/64 e_i, as the loss is homogeneous: a problem that is not orthonormal."""
    point = tuple(tuple((65 * m, e - 6) for m, e in row) for row in of.point)
    targets = tuple(tuple((65 * (i == j), -6 * (i == j)) for j in range(6)) for i in range(6))
    radius = (65 * of.radius[0], of.radius[1] - 6)
    low, high = ((65**2 * m, e - 12) for m, e in (of.low, of.high))
    return dataclasses.replace(
        of, point=point, targets=targets, radius=radius, low=low, high=high, every=False
    )


def test_the_fast_theorem_rests_on_machine_integers_too(built, spurious):
    said = longer(spurious)
    result = coq.check(built, numbers_text(said, choose(said)), theorem_text(said, True), True)
    assert set(result.axioms) > coq.REAL_AXIOMS
    assert all(x in coq.REAL_AXIOMS or x.startswith(coq.MACHINE_INTEGERS) for x in result.axioms)
    assert result.memory < 2 * 2**30


def one_more(rows, i, j, by):
    return tuple(tuple(x + by * (a == i and b == j) for b, x in enumerate(row)) for a, row in enumerate(rows))


def false_ones(spurious, proof):
    """Texts that say, or prove by, what is not true."""
    (m, e), point = spurious.radius, spurious.point
    digit = (point[0][0][0] + 2 ** (12 - point[0][0][1] - 52), point[0][0][1])
    moved = ((digit, *point[0][1:]), *point[1:])
    yield "a digit of the point", dataclasses.replace(spurious, point=moved), proof
    yield "the radius", dataclasses.replace(spurious, radius=(m, e - 12)), proof
    yield "the loss", dataclasses.replace(spurious, low=spurious.high), proof
    factor = one_more(proof.factor, 20, 3, 2 ** (proof.factor_bits - 6))
    yield "the factor", spurious, dataclasses.replace(proof, factor=factor)
    yield "the shift", spurious, dataclasses.replace(proof, shift=(proof.shift[0] * 2, proof.shift[1]))
    yield "the centre", spurious, dataclasses.replace(proof, centre=one_more(proof.centre, 2, 2, 2**20))
    further = dataclasses.replace(proof.further, shift=(proof.further.shift[0] * 4, proof.further.shift[1]))
    yield "larger dimensions", spurious, dataclasses.replace(proof, further=further)


@pytest.mark.parametrize("case", range(7))
def test_coq_refuses_what_is_not_true(built, spurious, proof, case):
    what, said, by = list(false_ones(spurious, proof))[case]
    with pytest.raises(coq.Refused, match="does not accept Theorem"):
        coq.check(built, numbers_text(said, by), theorem_text(said, False), False)
    assert what


@pytest.mark.parametrize(
    ("name", "space"), [("symmetric-saddle-3", "forall d, (3 <= d)%nat ->"), ("saddle-2-2-skew", "exists w")]
)
def test_coq_proves_saddles_from_the_axioms_of_the_reals(built, name, space):
    said = saddle_claim(name)
    theorem = theorem_text(said, False)
    result = coq.check(built, numbers_text(said, choose(said)), theorem, False)
    assert set(result.axioms) == coq.REAL_AXIOMS
    assert f"Theorem strict_saddle : {space}" in theorem
    assert result.memory < 2 * 2**30


def false_saddles(saddle, proof):
    """Texts that say of a saddle, or prove by, what is not true."""
    down, (m, e), point = proof.down, saddle.radius, saddle.point
    digit = (point[0][0][0] + 2 ** (-25 - point[0][0][1]), point[0][0][1])
    yield (
        "a digit of the point",
        dataclasses.replace(saddle, point=((digit, *point[0][1:]), *point[1:])),
        proof,
    )
    yield "the radius", dataclasses.replace(saddle, radius=(m, e - 5)), proof
    yield "the loss", dataclasses.replace(saddle, high=saddle.low), proof
    inverse = one_more(down.inverse, 4, 4, 2**down.inverse_bits // 2)
    yield "the inverse", saddle, dataclasses.replace(proof, down=dataclasses.replace(down, inverse=inverse))
    for direction in (
        (1, *(0,) * 8),
        (0,) * 9,
        (),
    ):  # the loss rises along the first, is constant along the others
        yield (
            "the direction",
            saddle,
            dataclasses.replace(proof, down=dataclasses.replace(down, direction=direction)),
        )
    yield "the shift", saddle, dataclasses.replace(proof, shift=(-2 * proof.shift[0], proof.shift[1]))
    yield "the centre", saddle, dataclasses.replace(proof, centre=one_more(proof.centre, 2, 2, 2**20))


@pytest.mark.parametrize("case", range(9))
def test_coq_refuses_what_is_not_true_of_a_saddle(built, saddle, case):
    what, said, by = list(false_saddles(saddle, choose(saddle)))[case]
    with pytest.raises(coq.Refused, match=r"does not accept Theorem\.v: the check of the numbers"):
        coq.check(built, numbers_text(said, by), theorem_text(said, False), False)
    assert what
