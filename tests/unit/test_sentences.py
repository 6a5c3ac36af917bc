"""What is printed is what was proved: each sentence names every hypothesis of its claim, each number is rounded
by us from the exact member, and no text of a file steers the terminal."""

import copy
import json
from pathlib import Path

import pytest

from relucert.base.errors import InputError
from relucert.certificate.provenance import sign_and_store
from relucert.commands import words

ACCEPT = Path(__file__).parents[1] / "corpus" / "accept"
CNN = [
    "one-hidden-layer CNN", "3 patches of size 20", "weight-normalised", "standard Gaussian input",
    "a* = (1, -1/2, 3/10)", "|w*| = 2", "population loss",
]  # fmt: skip
TEACHER = ["ReLU neurons", "standard Gaussian input", "population loss", "within", "of the point"]
HYPOTHESES = {
    "local-1-3": [*TEACHER, "every dimension d >= 3", "3 orthonormal targets", "strict local minimum",
                  "loss between", "only critical point within"],
    "spurious-6-6": [*TEACHER, "6 ReLU neurons", "a strict local minimum that is not global"],
    "global-2-2-exact": [*TEACHER, "a permutation of the targets", "with loss 0"],
    "not-critical-antiparallel": [*TEACHER, "no critical point within"],
    "symmetric-spurious-billion": [*TEACHER, "that is not global"],
    "cnn-landscape-none": ["a* = (", "|w*| = ", "no critical points but these", "with loss"],
    "filter-orthogonal": ["one ReLU filter", "standard Gaussian input", "step 2", "w0 = (", "w* = (", "|w_t - w*| <="],
}  # fmt: skip


def statement(name):
    return json.loads((ACCEPT / f"{name}.json").read_text())["statement"]


@pytest.mark.parametrize("name", HYPOTHESES)
def test_every_hypothesis_is_in_the_sentence(name):
    sentence = words.claim(statement(name), name).sentence
    assert [part for part in HYPOTHESES[name] if part not in sentence] == []


def test_decimals_of_the_file_are_not_believed():
    plain, forged = statement("local-1-3"), statement("local-1-3")
    for number in (forged["claim"]["bounds"]["existence_radius"], *forged["claim"]["bounds"]["objective"]):
        number["decimal"] = "7.77"
    assert words.claim(forged, "forged") == words.claim(plain, "plain")


def test_unknown_evidence_is_called_so():
    changed = statement("local-1-3")
    changed["evidence"][0]["theorem"] = "Theorem S"
    theorems = [row.theorem for row in words.inequalities(changed, "x")]
    assert theorems[0] == "unknown, not checked: Theorem S"
    assert not any("unknown" in x for x in theorems[1:])


def test_two_teachers_have_two_sentences():
    first = statement("cnn-saddle")
    second = copy.deepcopy(first)
    second["claim"]["problem"]["a_star"][0] = "2"
    assert words.claim(first, "x").sentence != words.claim(second, "x").sentence


def test_what_the_checker_would_not_read_is_not_written(tmp_path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    broken = statement("local-1-3")
    broken["provenance"]["source"] = "\x1b[31m"
    with pytest.raises(InputError, match=r"malformed.*control character"):
        sign_and_store(broken, tmp_path, Ed25519PrivateKey.generate())
    assert list(tmp_path.iterdir()) == []
