"""What is printed is what was proved: each sentence names every hypothesis of its claim, each number is rounded
by us from the exact member, and no text of a file steers the terminal."""

import copy
import re
from fractions import Fraction

import pytest

from claim_members import NAMES, changed, leaves, other, said, statement
from hypotheses import hypotheses
from relucert.base.errors import InputError
from relucert.certificate.provenance import sign_and_store
from relucert.certificate.shown import at_least, at_most
from relucert.commands import words

POINT = "the sentence says `the point`: that of the file, which the claim identity printed below it names"
UNSAID = {  # members of a claim that no sentence has to say, as patterns of family and path; why
    r".* schema": "the version of the file",
    r".* family": "says which sentences are taken; test_each_family_has_its_own_sentences",
    r"teacher.* method": "how it is proved, not what",
    r"teacher.* runs\.[0-9]+\.start\..*": "the sentence says `the start in the file`",
    r"teacher.* minima\.[0-9]+\.(schema|method|bounds\..*)": "of the claim that is named by its identity",
    r"one-filter method": "the family has one",
    r"(teacher|one-hidden).* point\.(values|extra|[0-9]+|axis|v|a)\..*": POINT,
    r"designed-landscape point\..*": POINT,
    r"designed-landscape direction\..*": "the sentence says `the direction in the file`",
    r".* bounds\.existence_radius_lemma_1\..*": "another bound, never smaller than the one said",
    r".* bounds\.(lambda_min|lipschitz)_safran_shamir\..*": "another bound of what is said, by others' method",
    r"one-hidden.* bounds\.alpha\..*": "eta (pi - 1)/(2 pi), and eta is said",
    r"one-hidden.* bounds\.critical_points\.[0-9]+\.complement\..*": "pi minus the angle, which is said",
    r"one-hidden.* bounds\.(critical_points\.[0-9]+\.)?inertia\..*": "the signs of the eigenvalues, which are said",
    r"matrix-factorisation verdict": "a landscape has one; the words of the others need bounds of their own",
    r"matrix-factorisation annihilator\..*": "how it is proved that singular values are equal",
    r"matrix-factorisation problem\.imbalance": "said of saddles, of which M = 0 has none",
    r"matrix-factorisation problem\.kink": "a linear network has none",
    r"matrix-factorisation bounds\.neurons\..*": "the largest is said, and the layers",
    r"matrix-factorisation (start\.(u|v|weights)|problem\.[xy])\..*": "as POINT: of the file",
    r"teacher-student-relu-every-k boxes\.[0-9]+\..*": "how it is proved: where the critical point is, k by k",
}  # fmt: skip
GLOBAL = "global-minimum", "global-minima"
GLOBAL_LOSS = r"bounds\.objective\..*"  # of the teacher's global minimum: 0, which the sentence says


def exempt(claim, path):
    at = ".".join(map(str, path))
    found = [x for x in UNSAID if re.fullmatch(x, f"{claim['family']} {at}")]
    if claim["family"].startswith("teacher") and claim["verdict"] in GLOBAL:
        found += [GLOBAL_LOSS] * bool(re.fullmatch(GLOBAL_LOSS, at))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_another_member_of_a_claim_is_another_sentence(name):
    claim = statement(name)["claim"]
    before, silent = said(claim), []
    for path, value in leaves(claim):
        if path[-1] in ("targets", "dimension") or exempt(claim, path) or other(value) is None:
            continue
        if said(changed(claim, path, other(value))) == before:
            silent.append(".".join(map(str, path)))
    assert silent == []


def test_what_need_not_be_said_is_not_said():
    """No entry of the table is there without need, and each matches members of some claim."""
    needed = set()
    for name in NAMES:
        claim = statement(name)["claim"]
        for path, value in leaves(claim):
            for pattern in exempt(claim, path):
                if pattern not in needed and said(changed(claim, path, other(value) or value)) == said(claim):
                    needed.add(pattern)
    assert needed == {*UNSAID, GLOBAL_LOSS}


def test_orthonormal_targets_and_every_dimension_are_said():
    claim = statement("local-1-3")["claim"]
    one = {x: y for x, y in claim.items() if x != "dimension"}
    given = changed(claim, ("problem", "targets"), [[["1", 0]] * 3] * 3)
    assert len({said(x)[0] for x in (claim, one, given)}) == 3
    assert ("targets, 3 rows of 3 numbers", "(1, 1, 1, 1, 1, 1, 1, 1, 1)") in said(given)[1]


def test_each_family_has_its_own_sentences():
    names = (
        "local-1-3",
        "cnn-saddle",
        "filter-orthogonal",
        "uniform-one-tier",
        "landscape-whole",
        "wide gram",
    )
    assert len({said(statement(x)["claim"])[0][:16] for x in names}) == 6
    assert len({said(statement(x)["claim"])[0] for x in ("spurious-6-6-polished", "runs converges")}) == 2


@pytest.mark.parametrize("name", NAMES)
def test_every_hypothesis_is_in_the_sentence(name):
    claim = statement(name)["claim"]
    sentence, _ = said(claim)
    assert [part for part in hypotheses(claim) if part not in sentence] == []


def test_the_facts_say_where_they_hold():
    facts = dict(said(statement("local-1-3")["claim"])[1])
    for name in ("smallest eigenvalue of the Hessian", "largest eigenvalue", "gradient norm", "eigenvalues"):
        assert facts[name].endswith(" at the point, d = 3")
    assert " of the point, d = 3 (" in facts["Lipschitz constant of the Hessian"]
    assert " of the point, with any fixed step below " in facts["gradient descent converges to it"]
    inside = dict(said(statement("local-2-3-in-d-only")["claim"])[1])
    assert inside["largest eigenvalue"].endswith(" at the point")


def test_near_and_random_targets_have_all_their_hypotheses():
    claim = statement("robust")["claim"]
    (near, minimum), (random, chance) = said(claim)[1][-3:-1]
    assert near == "for every d >= 6 and all targets V = Q P in R^d, P = (V^T V)^(1/2)"
    deviation, radius = at_least(claim["robust"]["deviation"]), at_most(claim["robust"]["radius"])
    assert minimum == (
        f"with Frobenius norm |P - I|_F <= {deviation}: a strict local minimum that is not global, within {radius} of "
        "the point turned by Q in Frobenius norm"
    )
    assert "6 independent targets drawn from N(0, c I_d), c > 0, in every dimension d > " in random
    assert chance.endswith(f"1 - exp(-d t^2/2), t = max(0, {deviation} - sqrt(42/d))")


def test_the_chance_that_is_printed_is_not_more_than_proved():
    """From the rounded deviation, in the first dimensions of which the claim speaks."""
    robust = statement("robust")["claim"]["robust"]
    mantissa, exponent = robust["deviation"]["exact"]
    exact, printed = (
        Fraction(int(mantissa)) * Fraction(2) ** exponent,
        Fraction(at_least(robust["deviation"])),
    )
    d = int(robust["random_dimension"]) + 1
    assert (
        d * exact**2 >= 42 > d * printed**2
    )  # so without the max, t would be negative, and its square positive


def test_decimals_of_the_file_are_not_believed():
    plain = statement("local-1-3")
    forged = copy.deepcopy(plain)
    for number in (forged["claim"]["bounds"]["existence_radius"], *forged["claim"]["bounds"]["objective"]):
        number["decimal"] = "7.77"
    assert words.claim(forged, "forged") == words.claim(plain, "plain")


def test_unknown_evidence_is_called_so():
    changed = copy.deepcopy(statement("local-1-3"))
    changed["evidence"][0]["theorem"] = "Theorem S"
    theorems = [row.theorem for row in words.inequalities(changed, "x")]
    assert theorems[0] == "unknown, not checked: Theorem S"
    assert not any("unknown" in x for x in theorems[1:])


def test_what_the_checker_would_not_read_is_not_written(tmp_path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    broken = copy.deepcopy(statement("local-1-3"))
    broken["provenance"]["source"] = "\x1b[31m"
    with pytest.raises(InputError, match=r"malformed.*control character"):
        sign_and_store(broken, tmp_path, Ed25519PrivateKey.generate())
    assert list(tmp_path.iterdir()) == []
