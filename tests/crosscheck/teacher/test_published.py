"""Points published by Safran & Shamir (2018): every family decided, and their own figures reproduced.

The data is not part of this repository; it is looked for in ../shared/published, or where the environment
variable RELUCERT_PUBLISHED says.
"""

import os
from pathlib import Path

import pytest

from relucert import verify
from relucert.families.teacher.points import read
from relucert.families.teacher.symmetric.mean import symmetrise, verify_symmetrised

FOLDER = Path(os.environ.get("RELUCERT_PUBLISHED", Path(__file__).parents[3] / "../shared/published"))
FAMILIES = {"6-6": 1, "8-9": 1, "9-9": 2, "13-14": 4, "15-16": 8, "17-18": 13, "20-20": 21}
SADDLES = {("15-16", 6), ("17-18", 11)}
NEARLY_FLAT = {("20-20", q) for q in (10, 12, 14, 15, 16, 17, 18, 19, 20)}
UNDECIDED_BY_THE_PAPER = {("17-18", q) for q in (1, 4, 6, 12)} | NEARLY_FLAT

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the published points are not at {FOLDER} (set RELUCERT_PUBLISHED)"
)


def families(name):
    path = FOLDER / f"newExp-{name}.mat"
    points = read(path, variable="WbadNew", layout="neurons-in-columns")
    assert len(points) == FAMILIES[name]
    return list(enumerate(points))


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_decided_unpolished_and_in_every_dimension(name):
    for q, candidate in families(name):
        expected = "strict-saddle" if (name, q) in SADDLES else "spurious-minimum"
        result = verify(candidate, raw=True)
        assert (result.verdict, result.precision) == (expected, 64), (name, q)
        assert result.outcome.every_dimension, (name, q)
        if (name, q) in NEARLY_FLAT:
            assert 4.0e-4 < float(result.outcome.bounds.lambda_min[0]) < 4.1e-4


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_symmetric_and_its_mean_is_what_it_is(name):
    for q, candidate in families(name):
        expected = "strict-saddle" if (name, q) in SADDLES else "spurious-minimum"
        result = verify_symmetrised(symmetrise(candidate))
        assert (result.verdict, result.outcome.every_dimension) == (expected, True), (name, q)
        assert float(result.moved) < (1e-5 if (name, q) in UNDECIDED_BY_THE_PAPER else 1e-6), (name, q)


def test_theorem_b_leaves_a_family_to_polishing():
    """(17,18) q = 1, 4 and 6 are one minimum, q = 12 too."""
    for q, moved in ((4, True), (12, False)):
        result = verify(families("17-18")[q][1], constants="simple")
        assert (result.verdict, result.moved is not None) == ("spurious-minimum", moved)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_paper_s_constants_decide_what_the_paper_decided(name):
    """With L_A and Lemma 1, unpolished: inconclusive exactly where Safran & Shamir (section 3) were.

    Of the larger ones every third or tenth family; bench/bench_verify.py asks for all.
    """
    for q, candidate in families(name)[:: {"17-18": 3, "20-20": 10}.get(name, 1)]:
        verdict = verify(candidate, raw=True, constants="paper", max_precision=64).verdict
        if (name, q) in SADDLES:
            assert verdict == "strict-saddle"
        elif (name, q) in UNDECIDED_BY_THE_PAPER:
            assert verdict == "inconclusive", (name, q)
        else:
            assert verdict == "spurious-minimum", (name, q)


@pytest.mark.parametrize("name", ["6-6", "8-9", "9-9", "13-14"])  # the others take minutes
def test_theorem_b_prime_gives_larger_basins(name):
    for _, candidate in families(name):
        sharp = verify(candidate, raw=True)
        simple = verify(candidate, raw=True, max_precision=64, constants="simple")
        assert float(sharp.outcome.bounds.lipschitz) < float(simple.outcome.bounds.lipschitz) / 5
        if simple.verdict == "spurious-minimum":
            assert float(sharp.outcome.bounds.basin) > 5 * float(simple.outcome.bounds.basin)


@pytest.mark.parametrize(
    ("name", "lambda_min", "radius", "objective"),
    [("6-6", 0.004699, 1.12e-7, 0.02508), ("8-9", 0.005944, 7.8e-8, 0.02056)],
)
def test_the_paper_s_figures(name, lambda_min, radius, objective):
    """Safran & Shamir 2018, section 3: lower bound of the spectrum, radius and objective."""
    ((_, candidate),) = families(name)
    bounds = verify(candidate, raw=True, constants="paper").outcome.bounds
    assert float(bounds.lambda_min[0]) >= lambda_min
    assert float(bounds.radius) <= radius
    assert float(bounds.objective[0]) >= objective


def test_theorem_b_decides_what_the_paper_could_not():
    """One of the nine families at (20,20) that are one minimum."""
    assert verify(families("20-20")[10][1], raw=True, constants="simple").verdict == "spurious-minimum"
