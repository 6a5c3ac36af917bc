"""Claims about networks with signs and a slope: true ones are accepted, those that say more are not."""

import json
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from certificates import POINTS, audit, changed, exact, member, number, prove_points

ZERO = {"exact": ["0", 0], "decimal": "0"}
TURNED = [[-0.388923008, 0.107547768], [-0.611076992, 0.892452232]]
HIGHER = [[0.521229186, 1.166358181, -0.207397926], [0.018387171, 0.081337154, -0.42903306]]
LOWER = [[0.578593, 1.253617, -0.071431], [-0.031284, -0.019132, 0.640694]]
THREE = [
    [0.034508996, 0.942931754, -0.375247973],
    [0.942931754, 0.034508996, -0.375247973],
    [0.167404999, 0.167404999, -0.748568046],
]
PHASES = 0.694492265
TWO = ("--signs", "+,-", "--teacher-signs", "+,-")
CASES = {  # point, targets, options
    "turned": (TURNED, None, TWO),
    "reversed": (TURNED, None, ("--signs=-,+", "--teacher-signs=-,+")),
    "three": (THREE, None, ("--signs", "+,+,-", "--teacher-signs", "+,+,-", "--activation", "leaky:-1/4")),
    "witness": (HIGHER, None, ("--signs", "+,-", "--teacher-signs", "+,+,-", "--activation", "leaky:-1/2")),
    "leaky": (POINTS["local"], None, ("--activation", "leaky:1/1048576")),
    "global": ([[1.0, 2.0**-30], [2.0**-31, 1.0]], None, (*TWO, "--activation", "leaky:9/10")),
    "phases": ([[-1.0, 2.0**-30], [2.0**-31, 1.0]], None, ("--activation", "abs")),
    "saddle": ([[PHASES, -PHASES], [-PHASES, -PHASES]], None, ("--activation", "abs")),
    "far": ([[1.0, 0.0], [-2.0, 0.0]], None, TWO),
    "skew": ([[-1.0, 2.0**-30 - 1], [1.0, 0.5]], [[1.0, 1.0], [1.0, 0.5]], ("--activation", "abs")),
    "line": ([[1.0 + 2.0**-30]], [[1.0]], ("--activation", "leaky:1/2")),
}  # fmt: skip
VERDICTS = {"leaky": "local-minimum", "saddle": "strict-saddle", "far": "not-critical"}
VERDICTS |= dict.fromkeys(("global", "phases", "skew", "line"), "global-minimum")


@cache
def made(name: str, constants: str = "sharp") -> dict:
    point, targets, options = CASES[name]
    with TemporaryDirectory() as folder:
        if name == "witness":
            Path(folder, "better.json").write_text(json.dumps({"points": [LOWER], "targets": "orthonormal"}))
            options = (*options, "--witness", f"{folder}/better.json")
        (document,) = prove_points([point], targets, "--raw", "--constants", constants, *options)
    return document


def said(document):
    report = audit(document)
    return report.result, *(report.finding[1:3] if report.finding else ())


@pytest.mark.parametrize("constants", ["sharp", "simple"])
@pytest.mark.parametrize("name", CASES)
def test_what_the_prover_writes_is_accepted(name, constants):
    document = made(name, constants)
    assert member(document, "method") == "signed-hessian"
    assert member(document, "verdict") == VERDICTS.get(name, "spurious-minimum")
    assert said(document) == ("accepted",)


UPPER = ("gradient_norm", "lambda_max", "existence_radius", "lipschitz.value")
LOWER_BOUNDS = ("uniqueness_radius", "exclusion_radius", "basin.radius", "basin.step", "gap")


@pytest.mark.parametrize("name", CASES)
def test_a_number_that_says_a_little_more_is_not_accepted(name):
    document, checked = made(name), 0
    for path in [f"bounds.{x}" for x in (*UPPER, *LOWER_BOUNDS)]:
        first = path.split(".")[1]
        if first not in member(document, "bounds") or (name == "line" and "radius" not in path):
            continue
        upper = path.removeprefix("bounds.") in UPPER
        old, percent = exact(member(document, path)), Fraction(1 if upper else -1, 100)
        assert said(changed(document, path, number(old * (1 - percent), upper)))[:1] != ("accepted",), path
        if path != "bounds.uniqueness_radius":
            weaker = said(changed(document, path, number(old * (1 + percent), upper)))
            assert weaker == ("accepted",), (path, weaker)
        checked += 1
    assert checked > 2


@pytest.mark.parametrize("name", ["turned", "three", "witness", "saddle", "far"])
def test_an_interval_beside_the_truth_is_refuted(name):
    document = made(name)
    for path in ("lambda_min", "lambda_min_outside", "objective"):
        if path in member(document, "bounds"):
            high = exact(member(document, f"bounds.{path}.1"))
            step = abs(high) / 10**4
            ends = [number(high + step, False), number(high + 2 * step, True)]
            assert said(changed(document, f"bounds.{path}", ends))[0] == "rejected", path


def test_a_barrier():
    document = made("turned")
    names = ("lipschitz.value", "existence_radius", "lipschitz.radius", "lambda_min.0")
    steep, r, alpha, least = (exact(member(document, f"bounds.{x}")) for x in names)
    slope = least - steep * r
    t = min(alpha - r, 2 * slope / steep)
    climb = slope * t**2 / 2 - steep * t**3 / 6
    for factor, result in (
        (Fraction(99, 100), ("accepted",)),
        (Fraction(101, 100), ("not-confirmed", 8, "barrier")),
    ):
        assert said(changed(document, "bounds.barrier", number(climb * factor, False))) == result
    saddle = changed(made("saddle"), "bounds.barrier", number(climb, False))
    assert said(saddle) == ("rejected", 1, "barrier")


@pytest.mark.parametrize(
    ("name", "path", "value", "finding"),
    [
        ("turned", "problem.signs", [-1, 1], ("rejected", 3, "gradient_norm")),
        ("turned", "problem.signs", [1, 1], ("rejected", 1, "verdict")),
        ("turned", "problem.teacher_signs", [-1, 1], ("rejected", 3, "gradient_norm")),
        ("turned", "problem.slope", "1/1048576", ("rejected", 3, "gradient_norm")),
        ("turned", "verdict", "local-minimum", ("accepted",)),
        ("turned", "verdict", "global-minimum", ("rejected", 8, "objective")),
        ("turned", "schema", "relucert-certificate/1.0", ("rejected", 1, "family")),
        ("turned", "family", "octopus", ("rejected", 1, "family")),
        ("turned", "bounds.inertia", {"negative": 1, "positive": 3}, ("rejected", 4, "inertia")),
        ("turned", "bounds.lipschitz.radius", number(Fraction(1), False), ("rejected", 5, "lipschitz.radius")),
        ("three", "problem.slope", "1/4", ("rejected", 3, "gradient_norm")),
        ("leaky", "verdict", "spurious-minimum", ("rejected", 1, "verdict")),
        ("leaky", "verdict", "global-minimum", ("rejected", 1, "verdict")),
        ("phases", "problem.slope", "-1023/1024", ("rejected", 3, "gradient_norm")),
        ("phases", "verdict", "local-minimum", ("not-confirmed", 8, "objective")),
        ("phases", "verdict", "spurious-minimum", ("not-confirmed", 7, "verdict")),
        ("global", "problem.teacher_signs", [1, 1], ("rejected", 1, "verdict")),
        ("global", "problem.slope", "-1", ("rejected", 4, "lambda_min.high")),
        ("saddle", "verdict", "local-minimum", ("rejected", 7, "verdict")),
        ("witness", "bounds.gap", number(Fraction(1, 9), False), ("rejected", 7, "gap")),
        ("witness", "problem.slope", "0", ("rejected", 3, "gradient_norm")),
    ],
)  # fmt: skip
def test_other_members(name, path, value, finding):
    assert said(changed(made(name), path, value)) == finding


def test_a_plain_network_has_its_own_method():
    plain = changed(changed(made("turned"), "problem.signs", [1, 1]), "problem.teacher_signs", [1, 1])
    assert said(plain) == ("rejected", 1, "problem")


def test_a_witness_is_for_signs_that_are_not_matched():
    document = changed(made("turned"), "witness", member(made("turned"), "point"))
    assert said(changed(document, "bounds.gap", number(Fraction(1, 99), False))) == ("rejected", 1, "witness")
    itself = changed(made("witness"), "witness", member(made("witness"), "point"))
    assert said(itself) == ("rejected", 7, "gap")
    exchanged = changed(made("witness"), "witness", member(made("witness"), "witness")[::-1])
    assert said(exchanged) == ("rejected", 7, "gap")


@pytest.mark.parametrize(
    ("verdict", "signs"),
    [("spurious-minimum", [1, 1]), ("global-minimum", [1, 1]), ("global-minimum", [1, -1])],
)
def test_more_neurons_than_targets(verdict, signs):
    """Two neurons and a target with -1: more neurons match no signs by themselves, and global minima need n = k."""
    document = changed(made("line"), "problem", {"n": 2, "k": 1, "d": 1, "targets": [[["1", 0]]]})
    for path, value in (
        ("problem.signs", signs),
        ("problem.teacher_signs", [-1]),
        ("problem.slope", "0"),
        ("point", [[["1", 0]], [["-1", 0]]]),
        ("verdict", verdict),
        ("bounds.inertia", {"negative": 0, "positive": 2}),
    ):
        document = changed(document, path, value)
    assert said(document) == ("rejected", 1, "verdict")


SLOPES = [
    "1",
    "2",
    "-2",
    "-5/4",
    "2/4",
    "4/4",
    "-0",
    "0/1",
    "-1/1",
    "01/2",
    "1/02",
    "+1/2",
    " 1/2",
    "1/2 ",
    "1/-2",
]
SLOPES += ["0.5", "1/0", "", "1e-1", "nan", "\u0661/2", f"1/1{'0' * 62}", 0, -1, True, ["1/2"]]
MALFORMED = [
    *(("turned", "problem.slope", slope) for slope in SLOPES),
    *(
        ("turned", "problem.signs", signs)
        for signs in ([1], [1, -1, 1], [], "+,-", [1, 0], [1, True], [1, "-1"])
    ),
    *(("turned", "problem.teacher_signs", signs) for signs in ([1], [1, -2], [[1], [-1]], {}, 1)),
    *(("turned", f"problem.{name}", None) for name in ("signs", "teacher_signs", "slope", "n", "targets")),
    *(
        ("turned", f"bounds.{name}", None)
        for name in ("inertia", "objective", "existence_radius", "gradient_norm")
    ),
    ("turned", "problem.output_weights", "trained"),
    ("turned", "problem.n", 3),
    ("turned", "method", "hessian"),
    ("turned", "method", "symmetric-hessian"),
    ("turned", "method", "split"),
    ("turned", "robust", {}),
    ("turned", "dimension", None),
    ("turned", "dimension", "every d"),
    ("far", "dimension", "every d >= k"),
    ("turned", "verdict", "spurious-minima"),
    ("turned", "witness", []),
    ("turned", "witness", [[["1", 0], ["0", 0]], [["0", 0], ["1", 0]]]),
    ("turned", "bounds.gap", number(Fraction(1), False)),
    ("turned", "bounds.barrier", ZERO),
    ("turned", "bounds.barrier", number(Fraction(-1), False)),
    ("turned", "bounds.exclusion_radius", ZERO),
    ("turned", "bounds.existence_radius_lemma_1", number(Fraction(1), True)),
    ("turned", "bounds.lambda_min_safran_shamir", number(Fraction(0), False)),
    ("turned", "bounds.lipschitz_safran_shamir", number(Fraction(9), True)),
    ("turned", "bounds.lipschitz.constants", "paper"),
    ("turned", "point.0", [["0", 0], ["0", 0]]),
    ("turned", "point.1", None),
    ("witness", "witness", None),
    ("witness", "bounds.gap", None),
    ("witness", "bounds.gap", ZERO),
    ("witness", "witness.1", None),
    ("witness", "witness.0.2", None),
    ("witness", "witness.0", [["0", 0]] * 3),
    ("witness", "witness.0.0", ["2", 0]),
    ("witness", "verdict", "local-minimum"),
    ("witness", "verdict", "not-critical"),
]


@pytest.mark.parametrize(("name", "path", "value"), MALFORMED, ids=str)
def test_malformed(name, path, value):
    assert said(changed(made(name), path, value))[:2] == ("malformed", 0)


def test_limits():
    wide = changed(made("witness"), "witness.0.0", ["1", -20000])
    assert said(wide) == ("not-confirmed", 0, "resource limit")


def test_evidence_is_that_of_these_claims():
    document = made("witness")
    assert "Theorem W" in {x["theorem"] for x in document["statement"]["evidence"]}
    for theorem in ("Theorem P", "Safran & Shamir (5)", "Theorem 20.W", "Theorem 18.M"):
        evidence = [dict(x) for x in document["statement"]["evidence"]]
        evidence[0]["theorem"] = theorem
        other = {**document, "statement": {**document["statement"], "evidence": evidence}}
        assert said(other) == ("rejected", 9, theorem)


def test_a_sign_may_not_move_from_the_targets_to_the_neurons():
    for signs, teacher in (([1], [-1, 1, -1]), ([1, -1, 1], [-1])):
        problem = member(made("turned"), "problem") | {"signs": signs, "teacher_signs": teacher}
        assert said(changed(made("turned"), "problem", problem))[:2] == ("malformed", 0)
