"""`relucert ntk certify`: what it proves, prints and writes, and what it refuses."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relucert.certificate.numbers import number
from relucert.families.ntk import shallow_prove
from relucert.families.ntk.words import words

CERTIFY = ("ntk", "certify", "data.npz", "--width", "100", "--seed", "3", "-o", "out")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    x = rng.standard_normal((4, 8))
    x /= np.linalg.norm(x, axis=1)[:, None]
    np.savez("data.npz", x=x, y=rng.standard_normal(4))


def certificate():
    (path,) = Path("out").glob("*.json")
    return json.loads(path.read_bytes())["statement"]


def value(bound):
    m, e = number(bound, "bounds")
    return m * 2.0**e


def test_a_certificate(relucert):
    code, out, _ = relucert(*CERTIFY)
    statement = certificate()
    claim, bounds = statement["claim"], statement["claim"]["bounds"]
    assert code == 0
    assert (claim["family"], claim["method"]) == ("wide-network", "gradient-descent")
    assert set(claim) == {
        "schema", "family", "method", "problem", "start", "steps", "verdict", "bounds",
    }  # fmt: skip
    assert set(bounds) == {"loss", "rate", "travel", "switching", "first_travel"}
    assert claim["steps"] % 25 == 0
    assert 0 < value(bounds["rate"]) < 1
    assert [a["theorem"] for a in statement["evidence"]] == ["Theorem 14.N", "Theorem 14.D"]
    assert all(i["proved"] for a in statement["evidence"] for i in a["inequalities"])
    sentence, facts = words(claim)
    assert sentence in out
    assert all(f"{name}: {text}" in out for name, text in facts)


def test_json_says_the_same(relucert):
    code, out, _ = relucert(*CERTIFY, "--run", "50", "--json")
    row = json.loads(out)
    assert (code, row["verdict"], row["steps"]) == (0, "converges-to-zero-loss", 50)
    assert Path(row["certificate"]).exists()
    assert row["claim"] == words(certificate()["claim"])[0]


def test_the_same_question_gives_the_same_certificate(relucert):
    for _ in range(2):
        assert relucert(*CERTIFY)[0] == 0
    assert len(list(Path("out").iterdir())) == 1


def test_flow_from_the_start(relucert):
    np.savez("data.npz", x=np.eye(2), y=np.array([0.25, -0.25]))
    code, out, _ = relucert(
        "ntk", "certify", "data.npz", "--width", "8000", "--seed", "1", "--flow", "-o", "out", "--json"
    )
    claim = certificate()["claim"]
    assert (code, json.loads(out)["step"]) == (0, None)
    assert claim["method"] == "gradient-flow"
    assert "steps" not in claim
    assert set(claim["bounds"]) == {"loss", "rate", "travel"}


def test_a_start_from_a_file(relucert):
    np.savez("start.npz", weights=np.random.default_rng(1).standard_normal((60, 8)), signs=[1, -1] * 30)
    code, _, _ = relucert("ntk", "certify", "data.npz", "--start", "start.npz", "-o", "out", "--step", "1/2")
    claim = certificate()["claim"]
    assert code == 0
    assert (claim["problem"]["width"], claim["problem"]["step"]) == (60, "1/2")
    assert claim["start"]["signs"] == "+-" * 30
    assert len(claim["start"]["weights"]) == 60


def test_inconclusive_is_5_and_writes_nothing(relucert):
    code, out, _ = relucert(*CERTIFY, "--run", "0", "--json")
    row = json.loads(out)
    assert (code, row["verdict"], row["certificate"]) == (5, "inconclusive", None)
    assert "|I - eta H| + eta |P| <= 1 - g; it fails by a factor" in row["reason"]
    assert list(Path("out").iterdir()) == []
    code, out, _ = relucert(*CERTIFY, "--run", "0")
    assert code == 5
    assert out.startswith("inconclusive after 0 steps: ")


def test_a_tie_at_the_start_is_inconclusive(relucert):
    weights = np.random.default_rng(1).standard_normal((60, 2))
    weights[7, 0] = 0
    np.savez("data.npz", x=np.eye(2), y=np.array([1.0, -1.0]))
    np.savez("start.npz", weights=weights, signs=[1, -1] * 30)
    code, out, _ = relucert("ntk", "certify", "data.npz", "--start", "start.npz", "-o", "out")
    assert code == 5
    assert "after 0 steps neuron 7 is too near the kink of row 0" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--step", "3"), "is above 2/|X|^2"),
        (("--step", "-1"), "expected a positive number"),
        (("--step", "x"), "not a finite decimal"),
        (("--run", "-1"), "expected a number of steps, or auto"),
        (("--run", "2000"), "expected 0 to 1000"),
        (("--flow", "--run", "5"), "--flow has no steps"),
        (("--flow", "--step", "1"), "--flow has no steps"),
        (("--scale", "0.1"), "an integer times a power of 2"),
        (("--scale", "0"), "--scale 0"),
        (("--labels", "none.npy"), "no such file"),
        (("--plot", "a.gif"), "a plot is one of"),
        (("--start", "none.npz", "--scale", "2"), "--scale is for weights by a seed"),
    ],
)
def test_what_is_refused(relucert, options, said):
    code, out, err = relucert(*CERTIFY, *options)
    assert (code, out) == (2, "")
    assert said in err


def test_a_start_needs_a_seed_or_a_file(relucert):
    code, _, err = relucert("ntk", "certify", "data.npz", "--width", "5")
    assert code == 2
    assert "give --seed, or --start FILE" in err
    np.save("start.npy", np.ones((5, 8)))
    code, _, err = relucert("ntk", "certify", "data.npz", "--start", "start.npy")
    assert code == 2
    assert "has no signs: give --seed" in err
    code, _, err = relucert(
        "ntk", "certify", "data.npz", "--start", "start.npy", "--width", "4", "--seed", "1"
    )
    assert code == 2
    assert "5 neurons, but --width is 4" in err


def test_equal_rows_are_named(relucert):
    np.savez("data.npz", x=[[1.0, 2.0], [0.0, 1.0], [0.5, 1.0]], y=[1.0, 2.0, 3.0])
    code, _, err = relucert(*CERTIFY)
    assert code == 2
    assert "rows 0 and 2 are equal, or positive multiples" in err


def test_the_greatest_step_is_taken_and_the_next_refused(relucert):
    np.savez("data.npz", x=np.eye(2), y=np.array([0.5, -0.5]))
    line = ("ntk", "certify", "data.npz", "--width", "50", "--seed", "1", "-o", "out", "--step")
    code, _, err = relucert(*line, "2.0001")
    assert code == 2
    assert "take at most 1.99999" in err or "take at most 2" in err
    assert relucert(*line, "1.99999")[0] in (0, 5)


@pytest.mark.parametrize("flow", [(), ("--flow",)])
def test_a_plot(relucert, flow):
    pytest.importorskip("matplotlib")
    code, _, _ = relucert(*CERTIFY, "--plot", "p/a.svg", *flow)
    assert code == (5 if flow else 0)
    assert "<svg" in Path("p/a.svg").read_text()
    assert ("proved" in Path("p/a.svg").read_text()) == (not flow)


def test_the_default_step_is_short_and_stable():
    from shallow_runs import seeded

    for x in ([[1.0, 0.0], [0.0, 1.0]], [[100.0, 3.0], [5.0, 7.0]], [[2.0**-20, 0.0], [0.0, 2.0**-19]]):
        made = seeded(x, [1.0, 1.0], 30, 1)
        step = shallow_prove.default_step(made.net())
        assert isinstance(step, Fraction)
        top = np.linalg.eigvalsh(np.array(x) @ np.array(x).T)[-1]
        assert 0.1 / top < step <= 2 / top
        assert len(str(step)) < 20


@pytest.mark.parametrize(
    "damage",
    [
        {"verdict": "spurious-minimum"}, {"method": "adam"}, {"steps": -1}, {"steps": "25"}, {"start": {}},
        {"problem": {}}, {"bounds": {}},
    ],
)  # fmt: skip
def test_words_refuse_what_they_do_not_say(relucert, damage):
    relucert(*CERTIFY, "--run", "50")
    with pytest.raises((KeyError, TypeError, ValueError, IndexError)):
        words({**certificate()["claim"], **damage})
