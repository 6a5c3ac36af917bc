"""Claims about Gram matrices: the prover's are accepted, tighter ones and others are not, malformed ones not read."""

from fractions import Fraction

import pytest
from certificates import audit, changed, exact, member, number
from gram_claims import CLAIMS, made

ONE = number(Fraction(1), False)
LOW, HIGH, TOP, GEOMETRY = (
    "bounds.lambda_min.0",
    "bounds.lambda_min.1",
    "bounds.largest",
    "bounds.by_geometry",
)
POSITIVE = [claim for claim in CLAIMS if made(*claim)["statement"]["claim"]["verdict"] == "positive-definite"]
FIVE = ("five", "relu", 3)


def result(document):
    return audit(document).result


def named(claim):
    return "-".join(map(str, claim)).replace("/", "|")


@pytest.mark.parametrize("claim", CLAIMS, ids=named)
def test_what_the_prover_claims(claim):
    report = audit(made(*claim))
    assert (report.result, report.finding) == ("accepted", None)


@pytest.mark.parametrize("claim", POSITIVE, ids=named)
def test_bounds_that_are_too_tight_are_refuted(claim):
    """By one percent: past the number that the claim encloses to a few millionths."""
    document = made(*claim)
    for path, factor in ((LOW, Fraction(101, 100)), (HIGH, Fraction(99, 100)), (TOP, Fraction(99, 100))):
        upper = path != LOW
        edit = changed(document, path, number(exact(member(document, path)) * factor, upper))
        if path == LOW:
            edit = changed(edit, HIGH, number(exact(member(document, HIGH)) * 2, True))
        if path == HIGH:
            edit = changed(edit, LOW, number(exact(member(document, LOW)) / 2, False))
            edit = changed(edit, GEOMETRY, None) if "by_geometry" in member(document, "bounds") else edit
        assert result(edit) == "rejected", path


@pytest.mark.parametrize("claim", POSITIVE, ids=named)
def test_weaker_bounds_are_accepted(claim):
    document = made(*claim)
    for path, factor in ((LOW, Fraction(1, 2)), (HIGH, Fraction(2)), (TOP, Fraction(3))):
        document = changed(document, path, number(exact(member(document, path)) * factor, path != LOW))
    assert result(document) == "accepted"


def test_a_bound_without_eigenvalues_may_be_any_lower_bound():
    document = made(*FIVE)
    low, high = (exact(member(document, path)) for path in (LOW, HIGH))
    assert result(changed(document, GEOMETRY, number(low, False))) == "accepted"
    assert result(changed(document, GEOMETRY, number(high * 2, False))) == "rejected"
    assert result(changed(document, GEOMETRY, number(Fraction(0), False))) == "rejected"
    assert result(changed(document, GEOMETRY, None)) == "accepted"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("problem.x.0.0", ["3", -1]),
        ("problem.x.4.2", ["-1", -2]),
        ("problem.activation", "erf"),
        ("problem.activation", "softplus"),
        ("problem.depth", 4),
        ("problem.depth", 1),
        ("bounds.lambda_min.0.decimal", "0.9"),
        ("bounds.lambda_min.0", number(Fraction(0), False)),
        ("bounds.lambda_min.0", number(Fraction(-1), False)),
        ("bounds.lambda_min.0", number(Fraction(1, 2**600), False)),
        ("bounds.largest", number(Fraction(2**200), True)),
    ],
)
def test_other_members(path, value):
    found = audit(changed(made(*FIVE), path, value))
    true = path in ("problem.x.4.2", "bounds.largest") or value == number(Fraction(1, 2**600), False)
    assert found.result == ("accepted" if true else "rejected"), found.finding


def test_the_length_of_an_input_does_not_matter():
    document = made(*FIVE)
    row = [[m, e + 3] if m != "0" else [m, 0] for m, e in member(document, "problem.x.2")]
    assert result(changed(document, "problem.x.2", row)) == "accepted"


def test_residual_networks():
    document = made("five", "softplus", 4, "1/2")
    for path, value in (("problem.c_res", "1"), ("problem.depth", 3), ("problem.depth", 1)):
        assert result(changed(document, path, value)) == "rejected"
    dense = changed(changed(document, "problem.c_res", None), "problem.architecture", "dense")
    assert result(dense) == "rejected"


def singular(rows, claim=("pairs", "relu")):
    return result(changed(made(*claim), "dependent", rows))


def test_rows_that_show_it():
    assert member(made("pairs", "relu"), "dependent") == [0, 1, 2, 3, 4, 5]
    wrong = ([], [0], [0, 1], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 6], [1, 0, 2, 3, 4, 5], [0, 0],
             [*range(7)], [0, 1, 2, 3, 4, 5, 7], [0, 6])  # fmt: skip
    assert [singular(rows) for rows in wrong] == ["rejected"] * len(wrong)
    assert singular([0, 1], ("pairs", "erf", 2)) == "accepted"
    assert singular([0, 2], ("pairs", "erf", 2)) == "rejected"
    assert singular([0, 1, 2, 3, 4, 5], ("pairs", "erf", 2)) == "rejected"
    assert (singular([0, 3], ("twins", "relu")), singular([0, 2], ("twins", "relu"))) == (
        "accepted",
        "rejected",
    )
    assert singular([0, 2, 3], ("twins", "relu")) == "rejected"


@pytest.mark.parametrize(
    ("path", "value"), [("problem.depth", 2), ("problem.activation", "erf")], ids=["deeper", "erf"]
)
def test_three_pairs_are_singular_only_at_depth_1(path, value):
    assert result(changed(made("pairs", "relu"), path, value)) == "rejected"


def test_a_singular_matrix_is_not_positive_definite():
    for claim, verdict in ((("pairs", "softplus"), "pair"), (("twins", "erf"), "twins")):
        document = made("five", claim[1])
        rows = member(made(*claim), "problem.x")
        assert result(changed(document, "problem.x", rows)) == "rejected", verdict


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("problem.x", []), ("problem.x", [[]]), ("problem.x.0", [["1", 0]]), ("problem.x.0.0", ["2", 0]),
        ("problem.x.0.0", 1), ("problem.activation", "tanh"), ("problem.activation", None), ("problem.depth", 0),
        ("problem.depth", "3"), ("problem.depth", -1), ("problem.depth", True), ("problem.depth", None),
        ("problem.architecture", "residual"), ("problem.architecture", "cnn"), ("problem.architecture", None),
        ("problem.c_res", "1"), ("problem.width", 3), ("verdict", "singular"), ("verdict", "minimum"),
        ("verdict", None), ("dependent", [0, 1]), ("bounds", {}), ("bounds.lambda_min", ONE),
        ("bounds.lambda_min", [number(Fraction(2), False), ONE]), ("bounds.lambda_min", [ONE]),
        ("bounds.largest", None), ("bounds.largest", "1"), ("bounds.lambda_max", ONE), ("bounds", None),
    ],
)  # fmt: skip
def test_malformed(path, value):
    assert result(changed(made(*FIVE), path, value)) == "malformed"


@pytest.mark.parametrize("value", ["0", "-1/2", "2/4", "1.5", 1, None])
def test_malformed_shares(value):
    assert result(changed(made("five", "relu", 4, "1/2"), "problem.c_res", value)) == "malformed"


@pytest.mark.parametrize("value", [None, [0, 1.5], ["0", "1"], "0, 1", [-1, 0]])
def test_malformed_rows(value):
    assert result(changed(made("pairs", "relu"), "dependent", value)) == "malformed"
    assert result(changed(made("pairs", "relu"), "bounds", {"largest": ONE})) == "malformed"


@pytest.mark.parametrize(
    ("path", "value", "step"),
    [
        ("problem.x", [[["1", 0]]] * 513, 0),
        ("problem.depth", 1001, 0),
        ("problem.x.0.0", ["1", -300], 0),
        ("problem.x.0.0", ["1", 200], 0),
    ],
)
def test_beyond_the_limits(path, value, step):
    report = audit(changed(made(*FIVE), path, value))
    assert (report.result, report.finding.step, report.finding.claim) == (
        "not-confirmed",
        step,
        "resource limit",
    )


def test_a_row_of_zeros():
    assert result(changed(made(*FIVE), "problem.x.0", [["0", 0]] * 3)) == "rejected"


def test_evidence_of_another_theorem():
    document = made(*FIVE)
    assert document["statement"]["evidence"][0]["theorem"] == "Theorem 14.K"
    document = {**document, "statement": {**document["statement"], "evidence": []}}
    assert result(document) == "accepted"
    other = made("pairs", "relu")["statement"]["evidence"][0]
    wrong = {**other, "theorem": "Theorem 14.D"}
    assert result({**document, "statement": {**document["statement"], "evidence": [wrong]}}) == "rejected"
