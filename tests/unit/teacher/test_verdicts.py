"""What `verify` says about points whose nature is known."""

import math

import numpy as np
import pytest

from relucert import (
    Candidate,
    GlobalMinima,
    GlobalMinimum,
    Inconclusive,
    InputError,
    LocalMinimum,
    NotCritical,
    Problem,
    SplitSaddle,
    SpuriousMinimum,
    verify,
)
from relucert.base.dyadic import to_float
from relucert.families.teacher.verify import _patience

RNG = np.random.default_rng(0)
IDENTITY = np.eye(4)


def ask(rows, problem=None, **options):
    return verify(Candidate.from_rows(np.asarray(rows).tolist(), problem), **options)


def saddle_of_two():
    """n = k = 2: both neurons at c (1, 1) with gradient 0, a saddle: separating them lowers the loss.

    The gradient is along (1, 1). With f(w, v) = |w||v| A(t)/(2 pi), A(t) = sin t + (pi - t) cos t,
    F = p^2 - 2 p A(pi/4)/pi + const for two equal neurons of length p, so p = A(pi/4)/pi.
    """
    p = (math.sin(math.pi / 4) + (3 * math.pi / 4) * math.cos(math.pi / 4)) / math.pi
    return [[p / math.sqrt(2)] * 2] * 2


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
@pytest.mark.parametrize("noise", [0.0, 1e-12, 1e-5])
def test_the_targets_in_any_order_are_a_global_minimum(order, noise):
    result = ask(IDENTITY[order] + noise * RNG.standard_normal((4, 4)))
    assert isinstance(result.outcome, GlobalMinimum)
    assert [float(x) for x in result.outcome.bounds.objective] == [0, 0]
    assert float(result.outcome.bounds.radius) <= 100 * (noise + 1e-15)


def test_the_hessian_at_the_global_minimum_has_its_known_spectrum():
    """At W = V = I_2 (n = k = 2): a closed form, smallest eigenvalue 1/4 - 1/(2 pi)."""
    low, high = ask(np.eye(2)).outcome.bounds.lambda_min
    assert float(low) <= 0.25 - 1 / (2 * math.pi) <= float(high)
    assert float(high) - float(low) < 1e-12


def test_a_single_neuron_and_a_single_target():
    result = ask([[0.0, 2.0]], Problem.from_targets([[0, 2]], 1))
    assert isinstance(result.outcome, GlobalMinimum)
    assert float(result.outcome.bounds.lambda_min[0]) == pytest.approx(0.5)


def test_one_dimension():
    assert isinstance(ask([[1.0]]).outcome, GlobalMinimum)
    against = ask([[-1.0]])  # antiparallel to its only target: gradient w/2
    assert isinstance(against.outcome, NotCritical)


@pytest.mark.parametrize("scale", [2.0**-400, 1e-20, 1e20, 2.0**400])
def test_verdicts_do_not_depend_on_the_unit_of_length(scale):
    result = ask(scale * IDENTITY, Problem.from_targets((scale * IDENTITY).tolist(), 4))
    assert isinstance(result.outcome, GlobalMinimum)
    assert float(result.outcome.bounds.lambda_min[0]) == pytest.approx(0.0908451, rel=1e-6)


def test_numbers_beyond_the_range_of_doubles():
    rows = [[(int(i == j), 3000) for j in range(3)] for i in range(3)]
    result = verify(Candidate.from_rows(rows, Problem.from_targets(rows, 3)))
    assert isinstance(result.outcome, GlobalMinimum)


def test_more_significant_bits_than_a_double_has():
    rows = [[(2**200 + 1, -200), (1, -300)], [(1, -250), (2**100 + 1, -100)]]
    result = verify(Candidate.from_rows(rows, Problem.orthonormal(2)))
    assert isinstance(result.outcome, GlobalMinimum)
    assert result.moved is None


@pytest.mark.parametrize("raw", [True, False])
def test_a_split_neuron_lies_in_a_continuum_of_global_minima(raw):
    """n = k + 1 with one target halved: F = 0, and the minima are not isolated."""
    rows = np.vstack([IDENTITY[:3], IDENTITY[3] / 2, IDENTITY[3] / 2])
    result = ask(rows, Problem.orthonormal(4, 5), raw=raw)
    assert isinstance(result.outcome, GlobalMinima)
    assert result.outcome.owners == (1, 2, 3, 4, 4)
    assert result.moved is None


def test_equal_neurons_at_a_critical_point_of_two_are_no_minimum():
    """A direction of descent, and one along which the pair may be split at no cost: the split of a minimum."""
    result = ask(saddle_of_two())
    assert isinstance(result.outcome, SplitSaddle)
    assert result.outcome.base.verdict == "local-minimum"
    assert result.outcome.fractions == (((1, -1), (1, -1)),)


def test_fewer_neurons_than_targets_is_never_called_spurious():
    """n = 1, k = 2: w along (1, 1) with length p = 2 A(pi/4)/pi; F(W*) > 0 but so is inf F."""
    p = 2 * (math.sin(math.pi / 4) + (3 * math.pi / 4) * math.cos(math.pi / 4)) / math.pi
    result = ask([[p / math.sqrt(2)] * 2], Problem.orthonormal(2, 1))
    assert isinstance(result.outcome, LocalMinimum)
    assert float(result.outcome.bounds.objective[0]) > 0.01


def test_a_random_point_is_not_critical():
    result = ask(RNG.standard_normal((4, 4)))
    assert isinstance(result.outcome, NotCritical)
    assert float(result.outcome.bounds.exclusion) > 0.01


@pytest.mark.parametrize("rows", [[[0.5, 0], [0.5, 0]], [[1, 0], [-1, 0]], [[1, 0], [1, 0]]])
def test_parallel_and_antiparallel_neurons_are_handled(rows):
    assert isinstance(ask(rows).outcome, NotCritical)


def test_a_rounded_point_is_polished_unless_that_is_forbidden():
    rows = IDENTITY + np.full((4, 4), 2e-3)
    assert isinstance(ask(rows, raw=True).outcome, NotCritical | GlobalMinimum)
    rough = np.round(spurious_six(), 3)
    polished = ask(rough)
    assert isinstance(polished.outcome, SpuriousMinimum)
    assert 1e-5 < float(polished.moved) < 1e-2
    moved = np.linalg.norm([[to_float(x) for x in row] for row in polished.candidate.point] - rough)
    assert moved <= float(polished.moved) * (1 + 1e-9)
    assert float(polished.outcome.bounds.radius) < 1e-13
    raw = ask(rough, raw=True)
    assert not isinstance(raw.outcome, SpuriousMinimum)
    assert raw.moved is None


def spurious_six():
    """Safran & Shamir's minimum at k = n = 6, by symmetry: 5 neurons (a on the diagonal, b off it, c at the
    last target), one neuron (e .. e, f). Found by descent; 4 digits are enough to polish from."""
    from relucert.families.teacher.search.collect import collect

    return collect(6, 6, 250, 1, find=1).weights[0]


def test_paper_constants_demand_lemma_1_and_are_weaker():
    point = spurious_six()
    ours, theirs = ask(point, raw=True), ask(point, raw=True, constants="paper")
    assert isinstance(theirs.outcome, SpuriousMinimum)
    assert theirs.outcome.bounds.radius_lemma_1 is not None
    assert float(theirs.outcome.bounds.basin) < float(ours.outcome.bounds.basin) / 4


def test_sharp_constants_decide_the_same_with_a_larger_basin():
    point = spurious_six()
    ours, sharp = ask(point, raw=True, constants="simple"), ask(point, raw=True)
    assert isinstance(sharp.outcome, SpuriousMinimum)
    assert sharp.constants == "sharp"
    assert float(sharp.outcome.bounds.lipschitz) < float(ours.outcome.bounds.lipschitz) / 5
    assert float(sharp.outcome.bounds.basin) > 5 * float(ours.outcome.bounds.basin)


def test_sharp_constants_decide_what_the_simple_ones_do_not():
    """The same minimum, moved until Theorem B only excludes a small ball around the point."""
    point = [[x + 1e-4 * (-1) ** (i + j) for j, x in enumerate(row)] for i, row in enumerate(spurious_six())]
    assert ask(point, raw=True, constants="simple").verdict == "not-critical"
    assert ask(point, raw=True).verdict == "spurious-minimum"


@pytest.mark.parametrize("dimension", [1, 2])
def test_sharp_constants_of_a_single_neuron_on_a_target(dimension):
    result = ask([[1.0] + [0.0] * (dimension - 1)], Problem.from_targets([[1] + [0] * (dimension - 1)], 1),
                 constants="sharp")  # fmt: skip
    assert result.verdict == "global-minimum"
    assert result.outcome.bounds.lipschitz.is_finite()


def test_a_single_neuron_has_no_paper_constant():
    result = ask([[1.0, 0.0]], Problem.from_targets([[1, 0]], 1), constants="paper")
    assert isinstance(result.outcome, Inconclusive)
    assert "single neuron" in result.outcome.reason


def test_options_out_of_range_are_refused():
    for options in (
        {"constants": "best"},
        {"max_precision": 10},
        {"exclusion": 0.0},
        {"exclusion": math.nan},
    ):
        with pytest.raises(InputError):
            ask(IDENTITY, **options)


def test_outcomes_print_for_people():
    result = ask(IDENTITY)
    assert "global minimum" in str(result)
    assert "<table>" in result._repr_html_()
    assert "lambda_min" in str(result.outcome)
    split = np.vstack([IDENTITY[:3], IDENTITY[3] / 2, IDENTITY[3] / 2])
    assert "reason" in str(ask(split * (1 + 2.0**-30), Problem.orthonormal(4, 5), raw=True))


def test_nearly_parallel_neurons_are_enclosed_tightly():
    """sin t = 2^-50 at 64 bits: the Hessian's entries are known to about sin t, not to 2^-64 / sin t."""
    from relucert.kernel import ball
    from relucert.kernel.teacher import loss

    with ball.precision(64):
        rows = [[(1, 0), (1, 0)], [(1, 0), (2**50 + 1, -50)]]
        hessian = loss.hessian(loss.geometry(rows, Problem.orthonormal(2).targets))
        assert max(float(x.rad()) for x in hessian.entries()) < 1e-14


def test_a_point_that_newton_s_method_pushes_into_the_origin_is_refused_quietly():
    result = ask([[1.0], [-(2.0**-130)]], Problem.orthonormal(1, 2))
    assert not isinstance(result.outcome, SpuriousMinimum)


@pytest.mark.parametrize("order", [[0, 0], [0], [5, 0], [0, 1, 2], None])
def test_only_a_permutation_of_the_targets_counts_as_a_global_minimum(order):
    from relucert.kernel import ball, spectrum
    from relucert.kernel.teacher import facts

    with ball.precision(64):
        rows = Problem.orthonormal(2).targets
        eigen = spectrum.Eigen([[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 0], [0, 0, 0, 1.0]], [1.0] * 4)
        measured = facts.measure(facts.enclose(rows, rows), eigen, order)
        assert measured.to_global is None
        assert float(facts.measure(facts.enclose(rows, rows), eigen, [0, 1]).to_global) == 0
        assert float(facts.measure(facts.enclose(rows, rows), eigen, [1, 0]).to_global) >= 2


def test_the_largest_numbers_still_fit_a_certificate():
    from relucert.families.teacher import statement as teacher_statement

    size = 2**14
    result = verify(Candidate.from_rows([[(1, size)]], Problem.from_targets([[(1, -size)]], 1)))
    if result.outcome.proved:
        text = str(teacher_statement.statement(result, {}))
        assert all(abs(int(e)) <= 65536 for e in __import__("re").findall(r"', (-?\d+)\]", text))
    with pytest.raises(InputError, match="exponent"):
        Candidate.from_rows([[(1, size + 1)]])


@pytest.mark.parametrize("scale", [2.0**-600, 1e200])
def test_a_continuum_is_recognised_in_any_unit_of_length(scale):
    rows = scale * np.array([[1, 0], [0, 0.5], [0, 0.5]])
    problem = Problem.from_targets((scale * np.eye(2)).tolist(), 3)
    assert isinstance(ask(rows, problem).outcome, GlobalMinima)
    near = ask(rows * (1 + 2.0**-30), problem, raw=True)
    assert isinstance(near.outcome, Inconclusive)
    assert "continuum" in near.outcome.reason


def test_a_long_attempt_says_how_long():
    told = {k: _patience(Candidate.from_rows(np.eye(k).tolist())) for k in (6, 20, 40)}
    assert told == {6: "", 20: "", 40: ", n d = 1600: about 6 s"}
