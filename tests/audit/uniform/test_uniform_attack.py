"""Files that would keep the checker busy for hours, and what a loss that is not claimed to be positive says."""

from fractions import Fraction

import pytest
from test_uniform_checker_box import box

from relucert.families.uniform.commands import _fail
from relucert.families.uniform.prove import Failure, edge
from relucert.families.uniform.words import words
from relucert_audit import format as fmt
from relucert_audit.uniform import boxes as all_boxes
from relucert_audit.uniform.boxes import prove
from relucert_audit.uniform.claim import EveryK, Straight, Tier, admit

LIMIT_OF_LOSS = Fraction(1, 4), Fraction(1, 3)


def straight(*ends):
    b = box(*ends)
    return Straight(b["s0"], b["s1"], tuple(b["x0"]), tuple(b["x1"]), tuple(b["z"]))


def claimed(boxes, *tiers):
    return EveryK("spurious-minimum", {}, tiers[0].start, list(tiers), boxes)


def test_all_boxes_together_have_so_many_pieces(monkeypatch):
    """7,600 boxes fit in a file, and each may be cut in 256: hours without this limit."""
    boxes = [straight("0", "1/1000"), straight("1/1000", "1/500")]
    claim = claimed(boxes, Tier(250_000, Fraction(1, 100), *LIMIT_OF_LOSS))
    assert not list(admit(claim))
    assert not prove(claim, 160)
    monkeypatch.setattr(all_boxes, "MAX_PIECES", 1)
    (found,) = prove(claim, 160)
    assert (found.result, found.claim) == (fmt.NOT_CONFIRMED, fmt.LIMIT)


class Counted(Fraction):
    count = 0

    def __gt__(self, other):
        Counted.count += 1
        return super().__gt__(other)

    def __lt__(self, other):
        Counted.count += 1
        return super().__lt__(other)


def test_bounds_are_not_compared_anew_for_each_box(monkeypatch):
    """With 1,094 tiers of 65,536 bits each comparison takes a millisecond, and 6,600 boxes fit beside them."""
    asked = []

    def passed(*numbers):
        asked.append(numbers[5:])
        return type("Tube", (), {"pieces": 1})()

    monkeypatch.setattr(all_boxes, "check_box", passed)
    monkeypatch.setattr(all_boxes, "same_branch", lambda *_: True)
    tiers = [Tier(100 + i, *(Counted(x, 1000) for x in (i % 7, 250 + i % 5, 300 - i % 3))) for i in range(50)]
    boxes = [Straight(Fraction(i, 400), Fraction(i + 1, 400), (), (), ()) for i in range(40)]
    prove(claimed(boxes, *tiers), 160)
    assert Counted.count <= 3 * 50
    for item, bounds in zip(boxes, asked, strict=True):
        holds = [t for t in tiers if item.low**2 * t.start <= 1]
        assert bounds == (
            max(t.least for t in holds), max(t.low for t in holds), min(t.high for t in holds), None,
        )  # fmt: skip


@pytest.mark.parametrize("low", (-1, 0))
def test_why_it_is_not_global_does_not_hang_on_the_claimed_loss(low):
    """Such a file is accepted, as what it says is true; F(W) > 0 by Lemma 12.Z and f < 0, not by this interval."""
    claim = {
        "verdict": "spurious-minimum",
        "problem": {"classes": "k-1,1", "neurons": "k", "targets": "orthonormal", "from": 1000},
        "bounds": {
            "tiers": [
                {
                    "from": 1000,
                    "lambda_min": {"exact": ["1", -5]},
                    "loss_times_k": [{"exact": [str(low), 0]}, {"exact": ["1", 0]}],
                }
            ]
        },
        "boxes": [{"s": ["0", "1"], **{x: ["1"] * 5 for x in ("centre", "slope", "radius")}}],
    }
    sentence, _ = words(claim)
    before, after = sentence.split("so W is a strict local minimum and not global")
    assert before.endswith("F(W) > 0 = min F, ") and "k F(W) is in" in after and "k F(W)" not in before


def test_the_saddle_at_k_5_is_no_reason_where_it_is_not_asked_for(capsys):
    """The last box of k >= 6 reaches a little beyond 6^(-1/2)."""
    found = Failure(0.408, edge(6), "the reason")
    assert found.high**-2 < 6
    _fail(found, 6, as_json=True)
    assert "saddle" not in capsys.readouterr().out
    _fail(found, 5, as_json=True)
    assert "at k = 5" in capsys.readouterr().out
