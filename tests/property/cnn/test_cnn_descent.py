"""Section 10 of docs/theorem/cnn.md: the reduction to four scalars, U+ and U-, and their rates."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from descents import THREE, candidate, random_problem
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relucert.families.cnn.descent import SPURIOUS, enclose, largest_step, reduced, spread_of
from relucert.families.cnn.problem import CnnProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, proves_lt
from relucert.kernel.cnn import descent as cnn_descent
from relucert.kernel.cnn import teacher as cnn
from relucert.kernel.cnn.descent import State

LITTLE = Ball(2.0**-40)


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(192):
        yield


def full_step(problem, w, v, a, eta):
    """One step of gradient descent in all coordinates, from the gradient of section 9, in mpmath."""
    k, a_star = problem.k, [mpmath.mpf(x.numerator) / x.denominator for x in problem.a_star]
    W, dot = mpmath.mpf(problem.w_norm.numerator) / problem.w_norm.denominator, mpmath.fdot
    r, length = mpmath.sqrt(dot(v, v)), mpmath.sqrt(dot(w, w))
    target = [W * x / length for x in w]
    cosine = dot(v, w) / (r * length)
    phi, q = mpmath.acos(cosine), dot(a, a_star)
    g = (mpmath.pi - phi) * cosine + mpmath.sin(phi)
    across = [y - dot(v, target) / r**2 * x for x, y in zip(v, target, strict=True)]
    new_v = [
        x + eta * q * (mpmath.pi - phi) / (2 * mpmath.pi * r) * y for x, y in zip(v, across, strict=True)
    ]
    total, total_star = sum(a), sum(a_star)
    pull = [
        total + (mpmath.pi - 1) * x - W * (total_star + (g - 1) * y) for x, y in zip(a, a_star, strict=True)
    ]
    matrix = mpmath.matrix(k, k)
    for i in range(k):
        for j in range(k):
            matrix[i, j] = mpmath.pi if i == j else 1
    x, y = mpmath.matrix(a), mpmath.matrix(a_star)
    cross = total * total_star + (g - 1) * q
    loss = ((x.T * matrix * x)[0] + W**2 * (y.T * matrix * y)[0] - 2 * W * cross) / (4 * mpmath.pi)
    return (
        (r, phi, q, total, loss),
        new_v,
        [x - eta / (2 * mpmath.pi) * y for x, y in zip(a, pull, strict=True)],
    )


@pytest.mark.parametrize("seed", range(24))
def test_each_iterate_contains_full_dimensional_descent(seed):
    generator = np.random.default_rng(seed)
    problem = random_problem(generator)
    axis = generator.integers(-3, 4, problem.patch).tolist()
    axis[0] = axis[0] or 1
    v, a = generator.standard_normal(problem.patch).tolist(), generator.standard_normal(problem.k).tolist()
    start = candidate(problem, v, a, [float(x) for x in axis])
    eta = Fraction(int(generator.integers(1, 100)), 100) * largest_step(problem)
    scalars, spread = reduced(start), ball.ratio(spread_of(problem).as_integer_ratio())
    by = cnn_descent.rule(problem.teacher(), ball.ratio(eta.as_integer_ratio()))
    x, rest = scalars.state(), ball.ratio(scalars.rest.as_integer_ratio())
    with mpmath.workdps(60):
        step = mpmath.mpf(eta.numerator) / eta.denominator
        v, a = list(map(mpmath.mpf, v)), list(map(mpmath.mpf, a))
        for t in range(40):
            expected, v, a = full_step(problem, axis, v, a, step)
            seen = cnn_descent.view(x)
            loss = cnn_descent.loss(by, x, seen, spread, rest * ball.square(by.keep_q) ** t)
            found = (seen.r, seen.phi, x.q, x.s, loss)
            for mine, true in zip(found, expected, strict=True):
                near = Ball(mpmath.nstr(true, 55)) + ball.symmetric(Ball(10) ** -40)
                assert mine.overlaps(near)  # the enclosure is right ..
                assert proves_lt(ball.radius(mine), Ball(10) ** -40)  # .. and not so wide as to be void
            x = cnn_descent.step(by, x, seen)


def test_polar_and_cartesian_steps_agree():
    """Lemma 10.A's two forms, and that passing e (x cos phi > 1) flips the side."""
    of = THREE.teacher()
    for eta, q in ((0.1, 0.7), (0.1, -0.7), (1.0, 9.0), (1.0, -9.0)):
        by = cnn_descent.rule(of, ball.exact_float(eta))
        for along in (0.9, -0.9):
            x = State(Ball(along), Ball(0.25), Ball(q), Ball(0.1))
            seen = cnn_descent.view(x)
            move = by.eta * of.W * seen.psi * x.q / (2 * ball.pi() * ball.square(seen.r))
            sine = seen.phi.sin()
            across = sine * abs(1 - move * seen.cos)
            phi = Ball.atan2(across, seen.cos + move * ball.square(sine))
            after = cnn_descent.view(cnn_descent.step(by, x, seen))
            assert after.phi.overlaps(phi)
            assert after.r.overlaps(seen.r * (1 + ball.square(move * sine)).sqrt())


angles = st.floats(1e-6, 3.1415)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    seed=st.integers(0, 10**6),
    along=st.floats(-1, 1),
    across=st.floats(1e-9, 1),
    q_size=st.floats(-12, 1),
    position=st.floats(-1, 1),
    outside=st.booleans(),
    load=st.floats(0.01, 1),
    share=st.floats(0.01, 1),
)
def test_u_plus_and_u_minus_are_invariant_and_keep_their_rates(
    seed, along, across, q_size, position, outside, load, share
):
    """From a state that Theorem 10.B decides, all of 30 iterates are decided alike, within the rate."""
    problem = random_problem(np.random.default_rng(seed))
    of = problem.teacher()
    W, S, N = (float(x) for x in (of.W, of.S, of.N))
    assume(along * along + across * across > 1e-3)
    eta = share * 6.283 / (problem.k + 2.1416)
    sigma = position * S * S * (20 if outside else 1)
    s = sigma * W / S if S else 0.0
    for sign in (1, -1):
        q = sign * W * N * 10**q_size
        top = max(abs(q), W * (N + (S * S + max(abs(sigma), S * S)) / 2.1415926))
        scale = (eta * W * top / (2 * load)) ** 0.5 / (along * along + across * across) ** 0.5
        x = State(*map(ball.exact_float, (along * scale, across * scale, q, s)))
        by = cnn_descent.rule(of, ball.exact_float(eta))
        seen = cnn_descent.view(x)
        first = cnn_descent.decide(by, x, seen)
        if not first.holds:
            continue
        rate, start = cnn_descent.rate(by, x, seen), seen
        now = cnn_descent.drift(of, x, seen)
        tan = (start.phi / 2).tan()
        for t in range(1, 31):
            x = cnn_descent.step(by, x, seen)
            seen = cnn_descent.view(x)
            argument = cnn_descent.decide(by, x, seen)
            assert argument.theorem == first.theorem
            assert argument.holds
            assert not proves_lt(now.q_top, abs(x.q))
            if rate.decay is not None:
                assert proves_lt(rate.decay, Ball(1)) and proves_lt(Ball(0), rate.decay)
                assert not proves_lt(tan * (1 - rate.decay) ** t, (seen.phi / 2).tan())
            else:
                assert not proves_lt(start.psi / (1 + rate.flattest * start.psi * t / 2), seen.psi)
                assert not proves_lt(seen.psi, start.psi / (1 + 2 * rate.steepest * start.psi * t))


def edge(**changes):
    """A state of U+ for a* = (1, 1), W = 1, eta = 1, one hypothesis of which can be put on its boundary."""
    values = {"along": Ball(0), "across": Ball(2), "q": Ball(1), "s": Ball(1)} | changes
    of = CnnProblem.from_text("1,1", "1", 2).teacher()
    by = cnn_descent.rule(of, Ball(1))
    x = State(**values)
    return by, x, cnn_descent.decide(by, x, cnn_descent.view(x))


def failed(argument):
    return [h.name for h in argument.hypotheses if not h.proved]


def test_every_hypothesis_of_u_plus_is_needed_and_sharp():
    assert edge()[2].holds
    # there q = 1, D = S^2 - s S = 2 and K = S^2 (pi - 1)/(pi + 1) at the angle pi/2
    values = {h.name: h.right for h in edge()[2].hypotheses}
    true = {"10.3": 1, "10.4": 2, "10.5": 4 * (ball.pi() - 1) / (ball.pi() + 1)}
    assert all(proves_lt(abs(values[name] - value), Ball(10) ** -12) for name, value in true.items())
    assert failed(edge(q=Ball(0))[2]) == ["10.3"]
    # from the far side everything has the other sign, and says so
    far = edge(along=Ball(-9), across=Ball(1), q=Ball(-1), s=Ball(9))[2]
    assert (far.theorem, [h.text for h in far.hypotheses][3:]) == (
        cnn_descent.TO_SPURIOUS,
        ["q < 0", "D < 0", "K < 0"],
    )
    assert [h.text for h in edge()[2].hypotheses][3:6] == ["q > 0", "D > 0", "K > 0"]
    # At phi = pi/2, g = 1, so D = S^2 - s S = 4 - 2 s.
    assert failed(edge(s=Ball(2))[2]) == ["10.4"]
    assert failed(edge(s=2 + LITTLE)[2]) == ["10.4"]
    assert edge(s=2 - LITTLE)[2].holds
    # Q = max(q, N + 2 S^2/(pi - 1)): with q = 100, eta W Q <= 2 r^2 is r^2 >= 50.
    length = Ball(50).sqrt()
    assert edge(q=Ball(100), across=length * (1 + LITTLE))[2].holds
    assert failed(edge(q=Ball(100), across=length * (1 - LITTLE))[2]) == ["10.2"]
    # With q = 1 it is the other branch: N = 2, S^2 = 4, sigma = 2 s <= S^2, and for s = -9, sigma = -18.
    for s, largest in ((1, 4), (-9, 18)):
        length = ((2 + (4 + Ball(largest)) / (ball.pi() - 1)) / 2).sqrt()
        assert edge(s=Ball(s), across=length * (1 + LITTLE))[2].holds
        assert failed(edge(s=Ball(s), across=length * (1 - LITTLE))[2]) == ["10.2"]
    # phi = pi does not move, although q, D and K > 0 there: K(pi) = pi S^2/(pi + 1) - N, N = 2, S^2 = 4.
    at_pi = edge(along=Ball(-9), across=Ball(0), s=Ball(0))[2]
    assert failed(at_pi) == ["10.6"]


def test_the_rates_are_those_of_the_theorem():
    """By the formulas, in mpmath, for a* = (2, -1), W = 1, eta = 1, r = 3 and both ends."""
    of = CnnProblem.from_text("2,-1", "1", 2).teacher()
    by, N, S = cnn_descent.rule(of, Ball(1)), 5, 1
    with mpmath.workdps(50):
        pi = mpmath.pi
        for q, s, phi in ((2, 0, mpmath.mpf("0.7")), (-2, 1, mpmath.mpf("2.9"))):
            angle = Ball(mpmath.nstr(phi, 45))
            x = State(3 * angle.cos(), 3 * angle.sin(), Ball(q), Ball(s))
            seen = cnn_descent.view(x)
            assert cnn_descent.decide(by, x, seen).holds
            rate = cnn_descent.rate(by, x, seen)
            psi, g = pi - phi, (pi - phi) * mpmath.cos(phi) + mpmath.sin(phi)
            D = (g - 1) * N + S**2 - s * S
            K = (g - 1) * N + S**2 * (pi - g) / (2 + pi - 1)
            Q = max(abs(q), N + (S**2 + max(abs(s * S), S**2)) / (pi - 1))
            least, xi = min(abs(q), min(abs(D), abs(K)) / (pi - 1)), Q / mpmath.mpf(18)
            expected = {"alpha": (pi - 1) / (2 * pi)}
            if q > 0:
                y = psi * least / (2 * pi * 9 * mpmath.exp(4 * xi * phi / pi))
                expected["decay"] = y / (1 + y * (1 - mpmath.cos(phi)))
            else:
                expected["flattest"] = least / (2 * pi * 9 * mpmath.exp(4 * xi * psi**2 / pi**2))
                expected["steepest"] = Q / (2 * pi * 9)
            for name, value in rate._asdict().items():
                assert (value is None) == (name not in expected)
                if value is not None:
                    assert abs(value / Ball(mpmath.nstr(expected[name], 45)) - 1) < Ball(10) ** -40


def test_the_boundary_itself_is_left_after_one_step():
    """The last line of Theorem 10.B: D = 0 is not decided, its next iterate is."""
    by, x, argument = edge(s=Ball(2), across=Ball(9))
    assert not argument.holds
    seen = cnn_descent.view(x)
    after = cnn_descent.step(by, x, seen)
    assert cnn_descent.decide(by, after, cnn_descent.view(after)).holds


@pytest.mark.parametrize("seed", range(40))
def test_the_corollaries(seed):
    """R1 decides iterate 0, R2 iterate 1, for |sigma_0| <= S^2 up to its ends and the largest steps."""
    generator = np.random.default_rng(seed)
    problem = random_problem(generator)
    of = problem.teacher()
    stiff, squared = cnn.stiffness(of), ball.square(of.S)
    largest = of.W * (of.N + squared)
    sigma = squared * ball.exact_float(generator.choice([-1.0, 1.0, generator.uniform(-1, 1)]))
    s = sigma * of.W / of.S if problem.total else Ball(0)
    q = largest * ball.exact_float(10.0 ** generator.uniform(-9, 0))
    by = cnn_descent.rule(of, ball.lower(2 * ball.pi() / stiff * (1 - LITTLE)))
    r = (by.eta * of.W * largest / 2).sqrt() * (1 + LITTLE)  # xi = 1, nearly

    def iterate(phi, sign, steps):
        x = State(r * phi.cos(), r * phi.sin(), sign * q, s)
        for _ in range(steps):
            x = cnn_descent.step(by, x, cnn_descent.view(x))
        return cnn_descent.decide(by, x, cnn_descent.view(x))

    phi = ball.exact_float(generator.uniform(1e-6, 1.5707))
    assert iterate(phi, 1, 0).theorem == cnn_descent.TO_GLOBAL
    assert iterate(phi, 1, 0).holds
    if not problem.total:
        found = iterate(ball.pi() / 2, -1, 1)  # the end of R2: D = K = 0 at iterate 0
        assert found.theorem == cnn_descent.TO_SPURIOUS and found.holds
        return
    # R2: (1 - g) N >= S^2 - min(sigma, S^2 (k - 1)/(k + pi - 1))
    least = ball.smallest((sigma, squared * (of.k - 1) / stiff))
    g = 1 - (squared - least) / of.N
    if ball.proves_positive(g):
        found = iterate(cnn.angle_of_g(ball.lower(g * (1 - LITTLE))), -1, 1)
        assert found.theorem == cnn_descent.TO_SPURIOUS and found.holds


def test_k_needs_the_angle_of_the_saddle():
    """K changes its sign at phi_s: g(phi_s) = T/(T + (pi - 1) S^2)."""
    of = THREE.teacher()
    g_s = cnn.excess(of) / (cnn.excess(of) + (ball.pi() - 1) * ball.square(of.S))
    angle = ball.middle(cnn.angle_of_g(g_s))
    by = cnn_descent.rule(of, ball.exact_float(0.1))
    for move, sign in ((-LITTLE, 1), (LITTLE, -1)):
        x = State(3 * (angle + move).cos(), 3 * (angle + move).sin(), sign * Ball(1), -sign * Ball(9))
        found = failed(cnn_descent.decide(by, x, cnn_descent.view(x)))
        assert found == []
        x = State(3 * (angle - move).cos(), 3 * (angle - move).sin(), sign * Ball(1), -sign * Ball(9))
        assert failed(cnn_descent.decide(by, x, cnn_descent.view(x))) == ["10.5"]


def test_u_minus_allows_larger_steps_near_the_end_and_no_larger():
    """[10.2] for U-: eta W Q psi <= pi r^2."""
    of = THREE.teacher()
    by = cnn_descent.rule(of, Ball(1))
    psi = ball.exact_float(0.001)
    x = State(-psi.cos(), psi.sin(), Ball(-100), Ball(9))
    base = by.eta * of.W * 100 * psi / ball.pi()  # the least r^2

    def at(square):
        r = (base * square).sqrt()
        y = x._replace(along=x.along * r, across=x.across * r)
        return failed(cnn_descent.decide(by, y, cnn_descent.view(y)))

    assert at(1 + LITTLE) == []
    assert at(1 - LITTLE) == ["10.2"]


def test_a_step_above_the_bound_decides_nothing():
    of = THREE.teacher()
    most = 2 * ball.pi() / cnn.stiffness(of)
    x = State(Ball(9), Ball(9), Ball(1), Ball(0))
    for eta, names in ((most * (1 - LITTLE), []), (most * (1 + LITTLE), ["10.1"])):
        by = cnn_descent.rule(of, ball.lower(eta))
        assert failed(cnn_descent.decide(by, x, cnn_descent.view(x))) == names


@pytest.mark.parametrize(("eta", "names"), [(-1, ["10.0"]), (0, ["10.0"]), (2.0**-40, [])])
def test_a_step_that_is_not_positive_decides_nothing(eta, names):
    """Every other hypothesis holds for it."""
    x = State(Ball(1), Ball(1), Ball(1), Ball(0))
    by = cnn_descent.rule(CnnProblem.from_text("1", "1", 2).teacher(), Ball(eta))
    assert failed(cnn_descent.decide(by, x, cnn_descent.view(x))) == names


def test_at_pi_exactly_the_run_stays_and_is_decided():
    start = candidate(THREE, [-1.0] + [0.0] * 19, [-0.5, 0.5, 0.5])
    run = enclose(start, Fraction(1, 10), 50)
    assert run.verdict == SPURIOUS
    assert run.samples[-1].view.psi == 0
    assert run.samples[-1].view.r == 1


def test_an_undefined_state_decides_nothing():
    by, x, _ = edge()
    for name in State._fields:
        y = x._replace(**{name: ball.undefined()})
        assert not cnn_descent.decide(by, y, cnn_descent.view(y)).holds
    nowhere = State(Ball(0), Ball(0), Ball(1), Ball(1))
    assert not cnn_descent.decide(by, nowhere, cnn_descent.view(nowhere)).holds
