"""relucert ntk deep: what it reads, refuses, prints and writes."""

import json
from pathlib import Path

import numpy as np
import pytest

from relucert import certificate
from relucert.families.ntk import words

X = [[1.0, 0.0, 0.5], [0.0, 1.0, -0.5]]
Y = [1.0, -1.0]
SMALL = ["--width", "16", "--seed", "3"]


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    np.savez(tmp_path / "data.npz", x=X, y=Y)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def deep(relucert):
    return lambda *arguments: relucert("ntk", "deep", *arguments)


@pytest.fixture
def proved(deep):
    """Runs it; returns its JSON line and the claim of the certificate."""

    def run(*arguments):
        code, out, err = deep(*arguments, "--json")
        assert code == 0, err
        facts = json.loads(out)
        statement = certificate.parse(Path(facts["certificate"]).read_bytes(), "deep")["statement"]
        return facts, statement["claim"]

    return run


@pytest.mark.parametrize(
    "more",
    [
        [],
        ["--activation", "tanh"],
        ["-H", "2", "--activation", "erf"],
        ["-H", "2", "--resnet", "--c-res", "3/4"],
    ],
)
def test_a_network_that_is_certified(proved, more):
    facts, claim = proved("data.npz", *SMALL, *more)
    assert facts["verdict"] == "converges-to-zero-loss" and facts["steps"] % 20 == 0
    assert claim["start"] == {"weights": {"seed": 3, "scale": ["1", 0]}} and claim["steps"] == facts["steps"]
    assert set(claim["bounds"]) == {"loss", "rate", "travel"}
    assert ("c_res" in claim["problem"]) == ("--resnet" in more)
    assert words.words(claim)[0] == facts["claim"]
    _, again = proved("data.npz", *SMALL, *more, "--step", facts["step"], "--run", facts["steps"])
    assert again == claim


def test_weights_from_a_file_are_those_of_the_claim(proved):
    generator = np.random.default_rng(0)
    layers, output = (
        [generator.normal(size=(12, 3)), generator.normal(size=(12, 12))],
        generator.normal(size=12),
    )
    np.savez("start.npz", W_1=layers[0], W_2=layers[1], output=output)
    whole = {"layers": [w.tolist() for w in layers], "output": output.tolist()}
    Path("start.json").write_text(json.dumps(whole))
    one, other = (proved("data.npz", "-H", 2, "--start", name)[1] for name in ("start.npz", "start.json"))
    assert one == other
    given = one["start"]["weights"]
    assert len(given["layers"]) == 2 and len(given["layers"][1][11]) == 12 and len(given["output"]) == 12
    mantissa, exponent = given["output"][3]
    assert int(mantissa) * 2.0**exponent == output[3]


def test_for_people(deep):
    code, out, _ = deep("data.npz", *SMALL)
    assert code == 0 and "converges to zero loss" in out and "movement of all weights together" in out


def test_too_few_steps_are_inconclusive_and_write_nothing(deep):
    code, out, _ = deep("data.npz", *SMALL, "--run", 0, "--json")
    facts = json.loads(out)
    assert code == 5 and facts["certificate"] is None and "run more steps" in facts["reason"]
    assert not list(Path("certificates").glob("*.json"))


def test_a_step_that_is_too_long_says_so(deep):
    code, out, _ = deep("data.npz", *SMALL, "--run", 0, "--step", "5", "--json")
    assert code == 5 and "smaller step" in json.loads(out)["reason"]


def test_descent_that_diverges_is_inconclusive(deep):
    code, out, _ = deep("data.npz", *SMALL, "--run", 40, "--step", "1000", "--json")
    assert code == 5 and json.loads(out)["certificate"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--width", "16"], "give --width and --seed"),
        ([*SMALL, "--activation", "relu"], "relucert ntk certify"),
        ([*SMALL, "--c-res", "1"], "--resnet"),
        ([*SMALL, "--resnet"], "--depth 2 or more"),
        ([*SMALL, "-H", 2, "--resnet", "--c-res", "0"], "positive"),
        ([*SMALL, "-H", "0"], "--depth 0"),
        (["--width", "5000", "--seed", "1"], "--width 5000"),
        ([*SMALL, "--step", "0"], "positive"),
        ([*SMALL, "--step", "nan"], "--step"),
        ([*SMALL, "--run", "-3"], "--run"),
        ([*SMALL, "--run", "2001"], "0 to 2000"),
        ([*SMALL, "--scale", "0"], "--scale 0"),
        (["--width", "16", "--seed", str(2**53)], "seed"),
        ([*SMALL, "--start", "start.npz"], "leave them out with --start"),
        (["--start", "start.csv"], "a .json or .npz file"),
        ([*SMALL, "--plot", "a.txt"], "a plot is one of"),
    ],
)
def test_bad_input_is_refused_with_a_reason(deep, arguments, message):
    code, out, err = deep("data.npz", *arguments)
    assert code == 2 and message in err and out == ""
    assert not list(Path("certificates").glob("*.json"))


def test_equal_rows_are_named(deep):
    np.savez("twice.npz", x=[X[0], X[1], X[0]], y=[1.0, 2.0, 1.0])
    code, _, err = deep("twice.npz", *SMALL)
    assert code == 2 and "rows 0 and 2 are equal" in err


@pytest.mark.parametrize(
    "layers", [[np.ones((4, 3)), np.ones((4, 3))], [np.ones((4, 2)), np.ones((4, 4))], [np.ones((4, 3))]]
)
def test_layers_that_do_not_fit(deep, layers):
    np.savez("s.npz", output=np.ones(4), **{f"W_{h}": w for h, w in enumerate(layers, 1)})
    code, _, err = deep("data.npz", "-H", 2, "--start", "s.npz")
    assert code == 2 and "expected (4, 3), (4, 4)" in err


def test_a_left_out_layer_is_noticed(deep):
    np.savez("s.npz", output=np.ones(4), W_1=np.ones((4, 3)), W_3=np.ones((4, 4)))
    code, _, err = deep("data.npz", "-H", 2, "--start", "s.npz")
    assert code == 2 and "no number left out" in err


def test_a_plot_is_the_same_each_time(deep):
    pytest.importorskip("matplotlib")
    for name in ("a.svg", "b.svg"):
        assert deep("data.npz", *SMALL, "--plot", name)[0] == 0
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "singular"},
        {"steps": -1},
        {"steps": "3"},
        {"bounds": {}},
        {"start": {"weights": {"seed": 3}}},
    ],
)
def test_malformed_claims_have_no_words(proved, change):
    claim = proved("data.npz", *SMALL)[1]
    with pytest.raises((KeyError, TypeError, ValueError, IndexError)):
        words.words({**claim, **change})
    for name, value in (("architecture", "residual"), ("depth", "1"), ("y", [])):
        with pytest.raises((KeyError, TypeError, ValueError, IndexError)):
            words.words({**claim, "problem": {**claim["problem"], name: value}})
