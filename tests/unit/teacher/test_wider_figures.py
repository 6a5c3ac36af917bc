"""Pictures of wider networks: the curves that are drawn are the losses that the theorems are about."""

import json
from pathlib import Path

import numpy as np
import pytest

from relucert.base.dyadic import to_float
from relucert.certificate.numbers import number
from relucert.families.teacher import around, figures
from relucert.families.teacher.wider.figures import apart, grown

ACCEPT = Path(__file__).parents[2] / "corpus/accept"


def claim(name):
    return json.loads((ACCEPT / f"{name}.json").read_text())["statement"]["claim"]


def value(bound):
    return to_float(number(bound, "bounds"))


def titles(name):
    return [x.title.partition(",")[0] for x in figures.figures(claim(name))]


@pytest.mark.parametrize(("neurons", "shares", "sign"), [(2, (0.3, 0.7), 1.0), (6, (1.5, 0.5), -1.0)])
def test_the_curvature_of_a_split_is_that_of_theorem_18_s(neurons, shares, sign):
    """Along (u, -u) it is u.S_i u (1/t_1 + 1/t_2), S_i being homogeneous of degree -1; along (u, u) with the signs +
    and - it is u.S_i u (1/t_1 - 1/s_1)."""
    of = around.Place(np.random.default_rng(1).standard_normal((neurons, 3)), np.eye(3))
    eigenvalues = np.linalg.eigvalsh(around.hessian(of)[:3, :3] - np.eye(3) / 2)
    expected = eigenvalues[0] if sign > 0 else eigenvalues[-1]
    assert abs(expected) > 1e-2
    assert curvature(of, shares, sign) == pytest.approx(expected, rel=2e-3)


def curvature(of, shares, sign, step=1e-4):
    low, here, high = apart(of, around.hessian(of), 0, shares, sign, np.array([-step, 0, step]))
    return (low - 2 * here + high) / step**2 / (1 / shares[0] + sign / shares[1])


def test_the_curvature_of_a_split_is_the_claimed_one():
    of = claim("wider-split-six")
    claimed = value(of["bounds"]["splits"][0]["same"])
    assert curvature(around.place(of), (0.5, 0.5), 1.0) == pytest.approx(claimed, rel=2e-3)


def test_the_new_neuron_lowers_the_loss_as_claimed():
    of_claim = claim("wider-zero-six")
    of, bounds, j = around.place(of_claim), of_claim["bounds"], of_claim["target"] - 1
    slope, least = value(bounds["slope"]), value(bounds["decrease"])
    start, small, best = grown(of, j, np.array([0.0, 1e-5, 2 * slope]))
    assert start == pytest.approx(float(around.losses(of.point, of)))
    assert (small - start) / 1e-5 == pytest.approx(-slope, rel=1e-2)
    assert start - best >= least * (1 - 1e-9)
    assert start - best == pytest.approx(least, rel=0.01)


def test_what_is_drawn_of_which_claim():
    base = ["Weights", "Radii"]
    rest = [
        "Spectrum of the Hessian",
        "Loss on the way to a global minimum",
        "Loss on a plane through the point",
    ]
    assert titles("wider-split-six") == [
        "Weights", "What the splits of a neuron are", "Radii", "Loss where neuron 1 is split", *rest,
    ]  # fmt: skip
    assert titles("wider-zero-six") == [*base, "Loss as the new neuron grows", *rest]
    assert titles("outputs-farther") == ["Weights", "Output weights", "Radii", *rest]
    assert titles("wider-trained-six") == [*base, *rest]
    assert titles("collapsed-spurious-6-7") == [
        "Weights", "Which neurons are parts of which", "Radii", "Loss where neuron 6 is split", *rest,
    ]  # fmt: skip
    assert titles("wider-split-billion")[0] == "Weights"


def test_the_parts_are_named_in_the_order_of_the_given_point():
    (drawn,) = (
        x for x in figures.figures(claim("collapsed-spurious-6-7")) if x.title.startswith("Which neurons")
    )
    fractions = claim("collapsed-spurious-6-7")["fractions"]
    assert [len(x) for x in fractions] == [1, 1, 1, 1, 1, 2]
    for i, (mantissa, exponent) in enumerate([x for row in fractions for x in row], 1):
        assert f"<title>neuron {i}: {int(mantissa) * 2.0**exponent:.6g}</title>" in drawn.svg
