"""`relucert factorisation`: claims have the shape of the schema, words say them, and bad input is named."""

import json
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import relucert.certificate.provenance as provenance
from relucert.certificate import form
from relucert.certificate.numbers import number
from relucert.cli import app, main
from relucert.families.factorisation.words import words
from relucert_audit.check import read

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/spec/factorisation-v1.schema.json").read_text())
SPEC = (Path(__file__).parents[3] / "docs/spec/factorisation-v1.md").read_text()
VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """The statements that commands make, kept instead of signed: files in a folder of their own."""
    found = []

    def keep(statement, directory, key):
        read(form.envelope(statement, []))  # the checker's reader refuses what is not of its shape
        found.append(statement)
        return Path(directory) / "kept.json"

    monkeypatch.setattr(provenance, "sign_and_store", keep)
    monkeypatch.setattr("relucert.families.factorisation.commands.signing_key", lambda key: None)
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(15)
    np.save("m.npy", rng.standard_normal((4, 3)))
    np.save("twice.npy", np.diag([2.0, 2, 1, 0]))
    np.savez("pq.npz", p=rng.standard_normal((5, 2)) / 2, q=rng.standard_normal((4, 2)) / 2)
    np.savez("start.npz", u=rng.standard_normal((5, 2)) / 4, v=rng.standard_normal((4, 2)) / 4)
    np.savez("data.npz", x=rng.standard_normal((6, 3)), y=rng.standard_normal((6, 2)))
    np.savez("net.npz", w1=rng.standard_normal((4, 3)), w2=rng.standard_normal((2, 4)))
    return found


def run(*arguments):
    return CliRunner().invoke(app, ["factorisation", *arguments])


GOOD = [
    (["landscape", "m.npy", "--rank", "2"], ["no-spurious-minimum"]),
    (["landscape", "twice.npy", "--rank", "2", "--imbalance", "1/2"], ["no-spurious-minimum"]),
    (["certify", "pq.npz", "--factors", "--rank", "2", "--seed", "3"],
     ["balanced-for-ever", "converges-to-global-minimum"]),
    (["certify", "pq.npz", "--factors", "--rank", "2", "--start", "start.npz", "--step", "1/20"],
     ["balanced-for-ever", "converges-to-global-minimum"]),
    (["certify", "m.npy", "--rank", "2", "--seed", "3", "--step", "1/50", "--balance-only"], ["balanced-for-ever"]),
    (["rank-one", "--alpha", "1/10", "--beta", "0.1", "--a2", "1/2", "--b2", "0"], ["converges-to-global-minimum"]),
    (["rank-one", "--alpha", "0", "--beta", "0", "--a2", "30", "--b2", "31"], ["diverges"]),
    (["rank-one", "--variance", "1/10000", "--d1", "1000000000"], ["diverges-with-probability"]),
    (["schedule"], ["not-accurate"]),
    (["balance", "net.npz", "data.npz", "--steps", "5"], ["balance-drift"]),
    (["balance", "3,5,4,2", "data.npz", "--steps", "5", "--seed", "1", "--activation", "linear"], ["balance-drift"]),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "verdicts"), GOOD)
def test_claims(written, arguments, verdicts):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["verdict"] for line in lines] == verdicts
    for statement, shown in zip(written, lines, strict=True):
        claim = statement["claim"]
        VALIDATOR.validate(claim)
        assert words(claim)[0] == shown["claim"]
        assert shown["claim_digest"] == form.claim_digest(claim)
        assert statement["evidence"] or claim["method"] in ("balance",)
        for argument in statement["evidence"]:
            assert argument["holds"]
            for row in argument["inequalities"]:
                line = " | ".join((argument["theorem"], row["step"], row["relation"], row["text"]))
                assert line in SPEC.splitlines()
    assert run(*arguments).exit_code == 0


def test_singular_values_are_disjoint_intervals(written):
    run("landscape", "twice.npy", "--rank", "1")
    claim = written[0]["claim"]
    assert [level["multiplicity"] for level in claim["singular_values"]] == [2, 1]
    assert claim["annihilator"] == ["0", "4", "-5", "1"]
    low, high = (number(x, "value") for x in claim["singular_values"][0]["value"])
    assert low == high == (1, 1)


RANK_ONE = ["rank-one", "--beta", "1e60", "--a2", "0", "--b2", "0"]
BAD = [
    (["landscape", "m.npy", "--rank", "4"], 2, "the rank is 4: expected 1 to 3"),
    (["landscape", "m.npy", "--rank", "0"], 2, "the rank is 0"),
    (["landscape", "m.npy", "--rank", "1", "--imbalance", "-1"], 2, "imbalance"),
    (["landscape", "nan.npy", "--rank", "1"], 2, "finite"),
    (["landscape", "none.npy", "--rank", "1"], 2, "no such file"),
    (["certify", "m.npy", "--rank", "2"], 2, "--start or --seed"),
    (["certify", "m.npy", "--rank", "2", "--seed", "-1"], 2, "the seed is -1"),
    (["certify", "m.npy", "--rank", "2", "--start", "start.npz"], 2, "U has size 5 x 2; expected 4 x 2"),
    (["certify", "m.npy", "--rank", "3", "--seed", "1", "--step", "0"], 2, "the step is 0"),
    (["certify", "m.npy", "--rank", "3", "--seed", "1", "--step", "100"], 5, "B.1"),
    (["certify", "m.npy", "--rank", "2", "--seed", "1"], 5, "the rank of M is 3, above r = 2"),
    (["certify", "pq.npz", "--factors", "--rank", "2", "--seed", "1", "--steps", "3"], 5, "after 3 steps"),
    (["certify", "m.npy", "--rank", "2", "--seed", "1", "--scale", "1e400"], 2, "--scale 1e400"),
    (["rank-one", "--alpha", "1"], 2, "--beta"),
    (["rank-one", "--alpha", "nan", "--beta", "1", "--a2", "1", "--b2", "1"], 2, "finite"),
    (["rank-one", "--alpha", "1", "--beta", "1", "--a2", "-1", "--b2", "1"], 2, "squares"),
    (["rank-one", "--variance", "1/100", "--d1", "10"], 5, "Theorem 15.G"),
    (["rank-one", "--variance", "1", "--d1", "10", "--step", "1/4"], 5, "proves no positive probability"),
    ([*RANK_ONE, "--alpha", "1e60", "--step", "1e200"], 5, "after 1 steps a number is above 1e+70"),
    ([*RANK_ONE, "--alpha", "1", "--s", "1e80"], 5, "after 0 steps a number is above 1e+70"),
    (["landscape", "tall.npy", "--rank", "1"], 2, "M has size 2049 x 1"),
    (["schedule", "--accuracy", "2"], 2, "not below s"),
    (["schedule", "--start-norm", "3"], 2, "too large"),
    (["balance", "net.npz", "data.npz", "--steps", "0"], 2, "the number of steps is 0"),
    (["balance", "net.npz", "data.npz", "--kink", "2"], 2, "expected 0 to 1"),
    (["balance", "net.npz", "data.npz", "--activation", "tanh"], 2, "tanh"),
    (["balance", "4,5,2", "data.npz", "--seed", "1"], 2, "x has size 6 x 3; expected 6 x 4"),
    (["balance", "3,2", "data.npz"], 2, "two layers"),
    (["balance", "pq.npz", "data.npz"], 2, "w1, w2"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), BAD)
def test_bad_input(written, monkeypatch, capsys, arguments, code, message):
    m = np.ones((3, 2))
    m[1, 1] = np.nan
    np.save("nan.npy", m)
    np.save("tall.npy", np.ones((2049, 1)))
    monkeypatch.setattr("sys.argv", ["relucert", "factorisation", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    shown = "".join(capsys.readouterr())
    assert end.value.code == code, shown
    assert message in " ".join(shown.split())


def test_figures(written):
    result = run("figures", "-o", "out", "--steps", "40", "--certified", "2", "--json")
    assert result.exit_code == 0, result.output
    assert {path.name for path in Path("out").iterdir()} == {
        "figure-4.1.svg",
        "figure-4.2.svg",
        "figures.csv",
    }
    assert [statement["claim"]["verdict"] for statement in written] == ["balance-drift"] * 2


def test_a_matrix_and_weights_in_json(written):
    Path("m.json").write_text('{"matrix": [[["3", -1], 0], [0, 2]]}')
    Path("w.json").write_text('{"weights": [[[1, 0, 1]], [[1], [2]]]}')
    assert run("landscape", "m.json", "--rank", "1").exit_code == 0
    assert run("balance", "w.json", "data.npz", "--steps", "2").exit_code == 0
    assert written[0]["claim"]["problem"]["target"][0][0] == ["3", -1]
    assert written[1]["claim"]["problem"]["widths"] == [3, 1, 2]


def test_a_network_that_diverges_is_inconclusive(written):
    """The loss then has so many digits that nobody wants to read them."""
    options = ["--activation", "linear", "--seed", "1", "--step", "1", "--steps", "20"]
    result = run("balance", "3,20,20,2", "data.npz", *options)
    assert (result.exit_code, "the run diverges" in result.output, written) == (5, True, [])
