"""Pictures of matrix factorisation: runs in floating point meet the claims, dots stand at their numbers."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.drawing import middle, ratio, real, table
from relucert.families.factorisation import figures
from relucert.families.pictures import drawn

ACCEPT = Path(__file__).parents[2] / "corpus/accept"
CLAIMS = {
    x.stem.removeprefix("factorisation-"): json.loads(x.read_text())["statement"]["claim"]
    for x in sorted(ACCEPT.glob("factorisation-*.json"))
}
LANDSCAPES = [x for x, of in CLAIMS.items() if of["method"] == "landscape" and of["singular_values"]]
CONVERGING = [x for x, of in CLAIMS.items() if of["verdict"] == "converges-to-global-minimum"]
NETWORKS = [x for x, of in CLAIMS.items() if of["method"] == "balance"]


def dots(figure):
    found = re.findall(r'class="point" cx="(.*?)" cy="(.*?)".*?<title>(.*?)</title>', figure.svg)
    return [(float(x), float(y), title) for x, y, title in found]


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_way_down_ends_at_the_claimed_minimum(name, monkeypatch):
    of, kept = CLAIMS[name], []
    monkeypatch.setattr(
        figures, "graph", lambda curves, levels, marks, *_: kept.append((curves, marks)) or ""
    )
    figures.figures(of)
    ((curve,), marks) = kept[0]
    low, high = (real(x) for x in of["bounds"]["minimum"])
    assert low - 1e-9 <= marks[-1].value <= high + 1e-9
    assert marks[0].value == pytest.approx(np.sum(table(of["problem"]["target"]) ** 2) / 2)
    assert np.all(np.diff(curve.values) <= 1e-12)
    m = table(of["problem"]["target"])
    p, values, q = np.linalg.svd(m)
    t = 0.37  # between the first two critical points
    inner = t**2 * values[0] * np.outer(p[:, 0], q[0])
    assert np.interp(t, curve.steps, curve.values) == pytest.approx(np.sum((inner - m) ** 2) / 2, rel=1e-2)


@pytest.mark.parametrize("name", CONVERGING)
def test_the_run_meets_the_claimed_value_and_stays_below_the_line(name, monkeypatch):
    of, kept = CLAIMS[name], []
    monkeypatch.setattr(figures, "_losses", lambda _, losses: kept.append(losses))
    figures.figures(of)
    (losses,), bounds, steps = kept, of["bounds"], of["steps"]
    first, rate = real(bounds["loss"]), real(bounds["rate"])
    if name != "later":  # whose steps are others than those of its loss
        assert losses[steps] == pytest.approx(first, rel=1e-3)
    after = np.arange(len(losses) - steps)
    assert np.all(losses[steps:] <= first * (1 - rate) ** after * (1 + 1e-6) + 1e-25)


@pytest.mark.parametrize("name", ["balanced", "balanced-given"])
def test_the_imbalance_stays_below_its_level_and_f_never_rises(name):
    of = CLAIMS[name]
    m, problem, bounds = table(of["problem"]["target"]), of["problem"], of["bounds"]
    shapes = [(len(m), problem["rank"]), (m.shape[1], problem["rank"])]
    u, v = figures._matrices(of["start"], ("u", "v"), shapes)
    losses, _, drifts = figures._factors(m, u, v, ratio(problem["step"]), 200)
    assert max(drifts) <= real(bounds["imbalance"])
    assert np.all(np.diff(losses) <= 0)
    assert "for ever" in figures.figures(of)[1].svg


@pytest.mark.parametrize("name", NETWORKS)
def test_the_network_ends_with_the_claimed_balance_and_loss(name, monkeypatch):
    of, kept = CLAIMS[name], []
    monkeypatch.setattr(figures, "_run", lambda _, *run: kept.append(run) or [])
    figures.figures(of)
    ((balances, losses),) = kept
    claimed = np.array([[real(e) for e in x] for layer in of["bounds"]["neurons"] for x in layer])
    change = balances[-1] - balances[0]
    assert np.all((claimed[:, 0] - 1e-12 <= change) & (change <= claimed[:, 1] + 1e-12))
    assert losses[-1] == pytest.approx(middle(of["bounds"]["loss"]), rel=1e-5)


def test_what_is_drawn_of_which_claim():
    titles = {name: [x.title for x in drawn(of, name)] for name, of in CLAIMS.items()}
    assert titles["golden"] == ["f from the origin to a minimum", "Singular values"]
    assert titles["converges-2"] == ["f along the run", "Singular values along the run"]
    assert titles["one"] == titles["diverges"] == ["f along the run"]
    assert titles["zero"] == titles["random"] == titles["schedule"] == []
    assert titles["relu"] == ["Change of balance", "Change of balance along the run", "Loss along the run"]
    change = figures.figures(CLAIMS["relu"])[1]
    assert len(dots(change)) == 3
    assert "no part of the proof" in change.caption


def test_what_cannot_be_drawn_is_said(monkeypatch):
    of = json.loads(json.dumps(CLAIMS["converges-given"]))
    of["start"]["u"] = of["start"]["u"][:1]
    with pytest.raises(InputError, match="here: cannot be drawn"):
        drawn(of, "here")
    monkeypatch.setattr(figures, "MOST_ENTRIES", 2)
    assert figures.figures(CLAIMS["converges-2"]) == [figures.TOO_LARGE]
    assert [x.title for x in figures.figures(CLAIMS["relu"])] == ["Change of balance"]
