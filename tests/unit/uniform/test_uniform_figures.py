"""Pictures of every k at once: the branch is that of the words, and its loss in floating point lies in the bands."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.drawing import real
from relucert.families.pictures import drawn
from relucert.families.uniform import figures, words

ROOT = Path(__file__).parents[3]
(STORED,) = (ROOT / "certificates/every-k").glob("*.json")  # from k = 6 on


def claim(path=STORED):
    return json.loads(path.read_text())["statement"]["claim"]


def test_the_loss_lies_in_every_band_that_speaks_of_it():
    of = claim()
    for k in (6, 7, 20, 99, 100, 1000, 10_000):
        value = k * figures.loss(k, figures.middle(of, k))
        for tier in of["bounds"]["tiers"]:
            low, high = (real(x) for x in tier["loss_times_k"])
            # At its first k the lower end is next to the loss; the middle of a tube is not quite the minimum.
            assert k < tier["from"] or low * (1 - 1e-3) <= value <= high


def test_the_loss_by_classes_is_that_of_the_whole_matrix():
    k, entries = 7, [0.9, -0.1, 0.3, 0.2, -0.6]
    a, b, c, e, f = entries
    w = np.full((k, k), b) + (a - b) * np.eye(k)
    w[:, -1], w[-1] = c, e
    w[-1, -1] = f

    def total(one, other):
        sizes = np.outer(np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1))
        angle = np.arccos(np.clip(one @ other.T / sizes, -1, 1))
        return (sizes * (np.sin(angle) + (np.pi - angle) * np.cos(angle))).sum() / (2 * np.pi)

    direct = (total(w, w) - 2 * total(w, np.eye(k)) + total(np.eye(k), np.eye(k))) / 2
    assert figures.loss(k, entries) == pytest.approx(direct, rel=1e-6)


def test_the_branch_begins_at_the_limits_that_the_words_say():
    of = claim()
    _, facts = words.words(of)
    said = dict(facts)["limits for k -> infinity"]
    for entry, (low, high) in enumerate(re.findall(r"in \[(.*?), (.*?)\]", said)):
        first = figures.tubes(of, entry)[0]
        assert first.ends[0] == 0
        assert float(low) == pytest.approx(first.low[0], rel=1e-4)
        assert float(high) == pytest.approx(first.high[0], rel=1e-4)


def test_what_is_drawn():
    branch, loss, least, attraction = figures.figures(claim())
    assert branch.svg.count('class="enclosed"') == 5
    assert (
        loss.svg.count('class="enclosed"')
        == least.svg.count('class="proved"')
        == len(claim()["bounds"]["tiers"])
    )
    assert "as the claim states it" in branch.caption
    assert "no part of the proof" in loss.caption
    assert attraction.title == "Attraction"
    far = figures.figures(
        claim(ROOT / "tests/corpus/accept/uniform-far.json")
    )  # too far for double precision
    assert [x.title for x in far] == [branch.title, loss.title, least.title]
    assert "no part of the proof" not in far[1].caption


def test_a_claim_of_another_shape_is_a_message():
    of = claim()
    of["boxes"][0]["centre"] = of["boxes"][0]["centre"][:2]
    with pytest.raises(InputError, match="here: cannot be drawn"):
        drawn(of, "here")
