"""With Coq: it proves what certificates say, and refuses what is not true."""

import dataclasses
import re

import pytest

from formal_claims import FORMAL, saddle_claim, spurious_claim, why_no_coq
from relucert.families.teacher.formal import coq, export
from relucert.families.teacher.formal.choose import choose
from relucert.families.teacher.formal.text import numbers_text, theorem_text


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


def verdicts(built, cases):
    """What coqc says the check of the numbers comes to, by what is false in them, in one run, with fast numbers."""
    lines = ["From Coq Require Import ZArith List.", "From Relucert Require Import Data Fast."]
    for i, (_, said, by) in enumerate(cases):
        (check,) = re.findall(r"Lemma checked : (.*) = true", theorem_text(said, False))
        lines += [f"Module Case{i}.", numbers_text(said, by), f"Eval vm_compute in {check}.", f"End Case{i}."]
    (built / "Cases.v").write_text("\n".join(lines))
    result = coq.run(["coqc", *coq.FLAGS, "-Q", "theory", "Relucert", "Cases.v"], built)
    assert result.code == 0, result.text
    found = re.findall(r"^ *= (true|false)", result.text, re.MULTILINE)
    return {what: value for (what, _, _), value in zip(cases, found, strict=True)}


def only_the_first_is_true(built, cases):
    found = verdicts(built, cases)
    assert list(found.values()) == ["true"] + ["false"] * (len(cases) - 1), found
    _, said, by = cases[1]
    with pytest.raises(coq.Refused, match=r"does not accept Theorem\.v: the check of the numbers"):
        coq.check(built, numbers_text(said, by), theorem_text(said, False), False)


def test_coq_refuses_what_is_not_true(built, spurious, proof):
    only_the_first_is_true(built, [("nothing", spurious, proof), *false_ones(spurious, proof)])


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
    # the loss rises along the first, is constant along the second
    for name, direction in (("rises", (1, *(0,) * 8)), ("constant", (0,) * 9), ("none", ())):
        changed = dataclasses.replace(proof, down=dataclasses.replace(down, direction=direction))
        yield f"the direction, {name}", saddle, changed
    yield "the shift", saddle, dataclasses.replace(proof, shift=(-2 * proof.shift[0], proof.shift[1]))
    yield "the centre", saddle, dataclasses.replace(proof, centre=one_more(proof.centre, 2, 2, 2**20))


def test_coq_refuses_what_is_not_true_of_a_saddle(built, saddle):
    by = choose(saddle)
    only_the_first_is_true(built, [("nothing", saddle, by), *false_saddles(saddle, by)])
