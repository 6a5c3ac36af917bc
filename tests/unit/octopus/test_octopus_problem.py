"""What `relucert octopus` refuses, and its statements as values."""

import json
import re
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from relucert.base.errors import InputError
from relucert.families.octopus import prove
from relucert.families.octopus.problem import OctopusProblem, check_start, random_start, read_start
from relucert.families.octopus.statement import statement
from relucert.families.octopus.words import words
from relucert.kernel.octopus.perturbed import Noise

SCHEMA = Path(__file__).parents[3] / "docs/spec/octopus-v1.schema.json"


def problem(d=10, L="3", gamma="1", tau="e", step="1/12"):
    return OctopusProblem.from_text(d, L, gamma, tau, step)


def results():
    start = random_start(10, 0)
    yield prove.certify(problem(step=None))
    yield prove.escape_times(problem(), start)
    yield prove.every_start(problem())
    yield prove.double_precision(problem(), start)
    noise = Noise(Fraction(1, 100), Fraction(1, 100), 96, Fraction(1, 10**6), Fraction(1, 600))
    yield prove.perturbed_descent(problem(), noise)


def test_every_method_makes_a_statement_of_the_schema():
    valid = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    said = []
    for result in results():
        made = statement(result, {})
        valid.validate(made["claim"])
        assert all(a["holds"] and all(i["proved"] for i in a["inequalities"]) for a in made["evidence"])
        said.append(words(made["claim"]))
        assert made["provenance"] == {"precision": result.precision}
    assert [facts[0][0] for _, facts in said] == [
        "value at the minima",
        "T_1, .., T_d",
        "T_10",
        "|x_5| for ever",
        "probability",
    ]
    assert "2^10 - 1 strict saddles" in said[0][0]
    assert "T_10 = 71507986 steps" in said[1][0]


def test_the_value_that_is_said_is_that_of_the_minima():
    """-d nu, with nu as the sentence defines it; at the saddles f is higher."""
    result = prove.certify(problem(d=7, L="5/2", gamma="2/3", tau="3", step=None))
    sentence, _ = words(statement(result, {})["claim"])
    assert "nu = tau^2 (37 L + 13 gamma)/6" in sentence
    nu = Fraction(9, 6) * (37 * Fraction(5, 2) + 13 * Fraction(2, 3))
    low, high = map(
        Fraction, re.search(r"; at each of the minima f is in \[(.*), (.*)\]\.$", sentence).groups()
    )
    assert low <= -7 * nu <= high < -6 * nu


def test_every_inequality_is_one_of_the_format():
    page = SCHEMA.with_name("octopus-v1.md").read_text().replace("\\|", "|")
    for result in results():
        for argument in result.outcome.arguments:
            assert f"| {argument.theorem} |" in page
            for h in argument.hypotheses:
                assert f"| {h.name} | `{h.text}` | {h.relation} |" in page


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"L": "1/2"}, "L = 1/2 is below gamma = 1: the theorems need L >= gamma"),
        ({"step": "1/5"}, r"step = 1/5 is above 1/\(2 L\) = 1/6"),
        ({"step": "0"}, "step = 0: expected a positive number"),
        ({"tau": "2.7"}, "Theorem 16.D needs tau >= e"),
        ({"tau": "0", "step": None}, "tau = 0: expected a positive number"),
        ({"gamma": "-1"}, "gamma = -1: expected a positive number"),
        ({"d": 1}, "expected 2 to 1000000"),
        ({"L": "nan"}, "not a finite decimal"),
        ({"tau": "pi"}, "not a finite decimal"),
        ({"L": "1e301"}, "more than 300 digits"),
    ],
)
def test_bad_problems_are_refused(changed, message):
    with pytest.raises(InputError, match=message):
        problem(**changed)


def test_bad_starts_are_refused():
    for start, message in (
        ("1,0,1", r"coordinate 2, is 0: .* never escapes the saddle there \(T_2 is infinite\)"),
        ("1,1,-1.5", r"coordinate 3, is -3/2: outside the cube"),
        ("1,1", "has 2 entries; expected d = 3"),
    ):
        with pytest.raises(InputError, match=message):
            prove.escape_times(problem(d=3), read_start(start))
    check_start(read_start("1,0,1"), 3, zeros=True)
    for text in ("nan,1,1", "1,,1", "nofile", "1/0,1,1"):
        with pytest.raises(InputError):
            read_start(text)


def test_starts_are_lists_files_or_random(tmp_path):
    want = (Fraction(1), Fraction(-1, 2), Fraction(1, 3))
    assert read_start("1,-0.5,1/3") == want
    (tmp_path / "a.txt").write_text("1\n-0.5 1/3\n")
    (tmp_path / "b.json").write_text('[1, -0.5, "1/3"]')
    assert read_start(str(tmp_path / "a.txt")) == read_start(str(tmp_path / "b.json")) == want
    for text in ("[[1]]", "[1,", '{"a": 1}', "[true]"):
        (tmp_path / "c.json").write_text(text)
        with pytest.raises(InputError):
            read_start(str(tmp_path / "c.json"))
    assert random_start(4, 7) == random_start(4, 7)
    assert random_start(4, 7) != random_start(4, 8)
    assert all(0 < abs(x) <= 1 and Fraction(float(x)) == x for x in random_start(100, 1))


def test_the_step_1_over_2_l_never_escapes():
    for attempt in (
        lambda p: prove.escape_times(p, random_start(10, 0)),
        prove.every_start,
        lambda p: prove.wait_for(p, Fraction(1, 100)),
    ):
        with pytest.raises(InputError, match="never escapes the second saddle"):
            attempt(problem(step="1/6"))


def test_what_is_too_large_is_refused():
    with pytest.raises(InputError, match="exact times are found for d <= 1000"):
        prove.escape_times(problem(d=1001), random_start(1001, 0))
    with pytest.raises(InputError, match="exceeds 20000"):
        prove.escape_times(problem(step="1/100000"), random_start(10, 0))
    with pytest.raises(InputError, match="more than 4,000 digits; it has fewer for d up to about"):
        prove.every_start(problem(d=10**5))
    with pytest.raises(InputError, match=r"2\^53 steps"):
        prove.perturbed_descent(
            problem(step="1e-14"), Noise(*[Fraction(1, 100)] * 2, 2**53 - 1, *[Fraction(1, 400)] * 2)
        )


def test_an_undecided_time_is_inconclusive(monkeypatch):
    monkeypatch.setattr(prove, "MOST_BITS", 64)
    monkeypatch.setattr(prove, "PRECISION", 64)
    monkeypatch.setattr(prove, "LOST", -2.5)
    result = prove.escape_times(problem(d=40), random_start(40, 0))
    assert result.verdict == "inconclusive"
    assert "not decided" in result.outcome.reason
    with pytest.raises(InputError, match="claims nothing"):
        statement(result, {})


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("certify", "--d", "3", "--L", "1/2"), 2, "L >= gamma"),
        (("escape", "--d", "3", "--L", "3", "--start", "1,0,1"), 2, "never escapes"),
        (("escape", "--d", "3", "--L", "3", "--start", "2,1,1"), 2, "outside the cube"),
        (("escape", "--d", "3", "--L", "3", "--step", "1/2"), 2, "step <= 1/(2 L)"),
        (("escape", "--d", "3", "--L", "3", "--start", "1,1,1", "--seed", "1"), 2, "leave one out"),
        (("float", "--d", "3", "--L", "1"), 5, "the run is not stuck"),
        (("perturbed", "--d", "3", "--L", "3", "--threshold", "1/5"), 5, "10 g <= gamma"),
        (("perturbed", "--d", "3", "--L", "3", "--wait", "5"), 5, "N <= wait"),
        (("perturbed", "--d", "3", "--L", "3", "--least", "2"), 2, "(0, 1]"),
    ],
)
def test_the_command_says_which_hypothesis_fails(relucert, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    got, out, err = relucert("octopus", *arguments)
    assert got == code
    assert message in out + err


def test_whatever_changes_in_a_claim_changes_what_is_said():
    for result in results():
        claim = statement(result, {})["claim"]
        before = words(claim)
        for group, name, value in (
            ("problem", "L", "4"),
            ("problem", "gamma", "1/2"),
            ("problem", "tau", "3"),
            ("problem", "step", "1/13"),
            ("bounds", "times", ["1"] * 9 + ["2"]),
            ("bounds", "time", str(10**3000)),
            ("bounds", "rest", ["3", -1074]),
        ):
            if name in claim[group]:
                assert words({**claim, group: {**claim[group], name: value}}) != before
    noise = claim["problem"]["noise"]
    for name in noise:
        changed = {**claim["problem"], "noise": {**noise, name: "7"}}
        assert words({**claim, "problem": changed}) != before
    with pytest.raises(ValueError, match="another method or verdict"):
        words({**claim, "verdict": "stuck"})
