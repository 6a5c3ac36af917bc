"""`relucert search --from`: gradient descent from one's own points."""

import json
from pathlib import Path

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.search.collect import collect_from

SIX = np.array(
    [
        [0.9867038188885837 if i == j else -0.0504134032168047 for j in range(5)] + [0.308010991479057]
        for i in range(5)
    ]
    + [[0.2245158075994672] * 5 + [-0.6015119235610932]]
)


def noisy(scale):
    return SIX + scale * np.random.default_rng(0).normal(size=SIX.shape)


def test_a_noisy_minimum_is_refused_with_the_remedy_and_the_remedy_works(relucert, tmp_path):
    np.save(tmp_path / "noisy.npy", noisy(0.02))
    rows = ("--layout", "neurons-in-rows", "-o", tmp_path / "out")
    _, out, _ = relucert("verify", tmp_path / "noisy.npy", *rows)
    assert "the gradient norm is at most 0.0" in out
    assert "relucert search --from" in out
    code, out, _ = relucert("search", "--from", tmp_path / "noisy.npy", *rows, "--json")
    facts = json.loads(out)
    assert (code, facts["points"], facts["unconverged"]) == (0, 1, 0)
    assert (facts["k"], facts["n"], facts["start"]) == (6, 6, "noisy.npy")
    code, out, _ = relucert("verify", facts["path"], "-o", tmp_path / "out", "--json")
    found = json.loads(out)
    assert (code, found["verdict"]) == (0, "spurious-minimum")
    provenance = json.loads(Path(found["certificate"]).read_text())["statement"]["provenance"]
    assert provenance["search"]["start"] == "noisy.npy"


def test_every_end_point_is_kept_and_each_starts_where_it_was_told():
    starts = [
        Candidate.from_rows(rows.tolist(), source=f"a[{i}]")
        for i, rows in enumerate((noisy(1e-3), np.eye(6)))
    ]
    found = collect_from(starts)
    assert found.kept == 2
    assert found.per_point["loss"] == pytest.approx([0.02508, 0.0], abs=1e-5)
    assert found.per_point["steps"][1] == 0
    assert np.abs(found.weights[0] - SIX).max() < 1e-6


def test_a_diverging_run_starts_again_from_its_own_point():
    """Step 100 diverges at once; halved often enough, the run ends at the same minimum."""
    found = collect_from([Candidate.from_rows(noisy(1e-3).tolist(), source="a[0]")], step=100.0)
    assert found.per_point["step"][0] < 10
    assert np.abs(found.weights[0] - SIX).max() < 1e-6


def test_other_targets():
    targets = np.array([[2.0, 0.0], [1.0, 1.0]])
    problem = Problem.from_targets(targets.tolist(), 2)
    found = collect_from([Candidate.from_rows((targets + 0.01).tolist(), problem, source="a[0]")])
    assert np.array_equal(found.targets, targets)
    assert found.per_point["loss"][0] < 1e-12


def test_what_cannot_be_descended_from_is_refused():
    one = Candidate.from_rows([[1.0, 0.0], [0.0, 1.0]])
    other = Candidate.from_rows([[1.0, 0.0], [0.0, 1.0]], Problem.from_targets([[2.0, 0.0]], 2))
    with pytest.raises(InputError, match="several problems"):
        collect_from([one, other])
    with pytest.raises(InputError, match="targets are no doubles"):
        targets = [[(1, 0), (2**80 + 1, -80)], [(1, 0), (0, 0)]]
        collect_from([Candidate.from_rows([[1.0, 0.0], [0.0, 1.0]], Problem.from_targets(targets, 2))])
    with pytest.raises(InputError, match="too large"):
        collect_from([Candidate.from_rows([[(1, 2000), (0, 0)], [(0, 0), (1, 0)]])])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "p.npy", "--seed", "3"], "--seed does not apply with --from"),
        (["--from", "p.npy", "--floor", "0"], "--floor does not apply with --from"),
        (["6", "6", "--from", "p.npy"], "K does not apply with --from"),
        (["6", "6", "--layout", "neurons-in-rows"], "--layout does not apply without --from"),
        (["6"], "--from FILE"),
        (["6", "6", "--floor", "-1"], "--floor -1.0"),
    ],
)
def test_options_that_do_not_apply_are_refused(relucert, tmp_path, arguments, said):
    np.save(tmp_path / "p.npy", SIX)
    given = [tmp_path / x if x == "p.npy" else x for x in arguments]
    code, out, err = relucert("search", *given, "-o", tmp_path / "out")
    assert (code, out) == (2, "")
    assert said in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("starts", [["6", "6"], ["--from", "p.npy"]])
def test_where_the_points_go_is_seen_to_before_the_work(relucert, tmp_path, monkeypatch, starts):
    from relucert.families.teacher.search import collect as module

    np.save(tmp_path / "p.npy", SIX)
    (tmp_path / "out").write_text("a file, not a folder")
    for name in ("collect", "collect_from"):
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("worked in vain"))
    given = [tmp_path / x if x == "p.npy" else x for x in starts]
    rows = ["--layout", "neurons-in-rows"] if "--from" in starts else []
    code, out, err = relucert("search", *given, *rows, "-o", tmp_path / "out")
    assert code != 0
    assert out == ""
    assert "out" in err
