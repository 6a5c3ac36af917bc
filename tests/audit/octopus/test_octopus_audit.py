"""The checker of the octopus: what is accepted, and that nothing else is."""

import random
from fractions import Fraction
from math import ceil

import pytest
from certificates import audit
from mpmath import mp
from octopus_claims import PROVED, claimed, escape, every, problem, proved

from judge.documents import number, replaced
from makers.edits import changed, claim
from relucert_audit.interval import precision
from relucert_audit.octopus import logs
from relucert_audit.octopus.problem import least_ceil, most_floor


def result(document):
    return audit(document).result


@pytest.mark.parametrize("name", PROVED)
def test_what_is_proved_is_accepted(name):
    assert audit(proved(name)).finding is None


TIGHT = [
    ("every-start", "bounds.time", lambda x: str(int(x) * 101 // 100), "not-confirmed"),
    ("every-start", "bounds.time", lambda x: str(int(x) + 1), "not-confirmed"),
    ("escape", "bounds.times.3", lambda x: str(int(x) * 101 // 100), "rejected"),
    ("escape", "bounds.times.3", lambda x: str(int(x) * 99 // 100), "rejected"),
    ("float", "bounds.step", lambda x: x * 99 // 100, "rejected"),
    ("perturbed", "bounds.steps", lambda x: x * 99 // 100, "not-confirmed"),
    ("perturbed", "bounds.probability", lambda _: number(Fraction(9999, 10000), False), "not-confirmed"),
    ("perturbed", "problem.noise.wait", lambda x: x * 99 // 100, "not-confirmed"),
]


@pytest.mark.parametrize(("name", "path", "by", "expected"), TIGHT)
def test_one_percent_too_tight(name, path, by, expected):
    document = proved(name)
    assert result(changed(document, path, by(claim(document, path)))) == expected


def test_the_value_in_an_interval_moved_by_a_percent():
    low, high = (
        int(x["exact"][0]) * Fraction(2) ** x["exact"][1] for x in claim(proved("critical"), "bounds.value")
    )
    for factor in (Fraction(99, 100), Fraction(101, 100)):
        ends = [number(low * factor, False), number(high * factor, True)]
        assert result(changed(proved("critical"), "bounds.value", ends)) == "rejected"


def test_the_value_may_be_one_point():
    """nu = 1/4 for tau = 1/2, L = gamma = 3/25: an end just above -2 nu is refuted, by exact arithmetic."""
    of = {"d": 2, "L": "3/25", "gamma": "3/25", "tau": "1/2"}
    point = number(Fraction(-1, 2), False)
    assert (
        result(claimed("critical-points", "strict-saddles-and-minima", of, {"value": [point, point]}))
        == "accepted"
    )
    beside = [{"exact": [str(1 - 2**2999), -3000], "decimal": "-0.5"}, number(Fraction(0), True)]
    assert (
        result(claimed("critical-points", "strict-saddles-and-minima", of, {"value": beside})) == "rejected"
    )


MEMBERS = [  # still true: gamma smaller, or L larger, makes every start slower
    ("critical", "problem", {"d": 5, "L": "4", "gamma": "2", "tau": "3"}, ()),
    ("escape", "problem", {"d": 5, "L": "4", "gamma": "2", "tau": "3", "step": "1/11"}, ()),
    ("every-start", "problem", {"d": 29, "L": "1", "gamma": "2", "tau": "3", "step": "1/3"}, ("tau",)),
    ("float", "problem", {"d": 4, "L": "4", "gamma": "2", "tau": "3", "step": "1/11"}, ()),
    ("perturbed", "problem", {"d": 5, "L": "1", "gamma": "1/2", "tau": "3", "step": "1/20"}, ("tau",)),
    ("escape", "point", {0: "1/2", 1: "1/4", 2: "1/3", 3: "-1/2"}, ()),
    ("float", "bounds", {"coordinate": 2, "step": 3, "rest": ["1", -1073]}, ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "where", "members", "harmless"), MEMBERS)
def test_every_member_altered(name, where, members, harmless):
    for member, new in members.items():
        found = result(changed(proved(name), f"{where}.{member}", new))
        assert (found == "accepted") == (member in harmless), (member, found)


@pytest.mark.parametrize("name", PROVED)
def test_members_that_lack_or_are_extra(name):
    document = proved(name)
    paths = [
        *("schema", "verdict", "bounds", "problem"),
        *(f"problem.{x}" for x in claim(document, "problem")),
    ]
    for path in [*paths, *(f"bounds.{x}" for x in claim(document, "bounds"))]:
        assert result(changed(document, path, None)) == "malformed"
    for path in ("extra", "problem.extra", "bounds.extra"):
        assert result(changed(document, path, "1")) == "malformed"


@pytest.mark.parametrize(
    "text",
    [
        "01",
        "-0",
        "+1",
        "1.5",
        "1e3",
        "2/4",
        "1/1",
        "1/0",
        " 1",
        "1\n",
        "",
        "\u0661",
        1,
        None,
        ["1", 0],
        "1" * 301,
    ],
)
def test_what_is_no_rational(text):
    document = proved("escape")
    assert result(replaced(document, ("statement", "claim", "problem", "L"), text)) == "malformed"


def of_steps(L, gamma, tau, eta, start, most=4000):
    """The times by descent itself, in 400 digits, with the gradient written down from the function's pieces."""
    with mp.workdps(400):
        L, gamma, tau, eta = (mp.mpf(x.numerator) / x.denominator for x in (L, gamma, tau, eta))
        x, d, times = [mp.mpf(v.numerator) / v.denominator for v in start], len(start), []
        for t in range(most):
            while len(times) < d and abs(x[len(times)]) >= 2 * tau:
                times.append(t)
            if len(times) == d:
                return times
            x = [v - eta * y for v, y in zip(x, slopes(x, L, gamma, tau, len(times)), strict=True)]
    return None


def slopes(x, L, gamma, tau, k):
    sign = [-1 if v < 0 else 1 for v in x]
    z = [abs(v) for v in x]
    g = [2 * L * (v - 4 * tau) for v in z[:k]] + [2 * L * v for v in z[k:]]
    if z[k] <= tau:
        g[k] = -2 * gamma * z[k]
    else:
        u = 2 - z[k] / tau
        g[k] = -2 * gamma * tau * u**2 * (4 - 3 * u) - L * tau * (1 - u) ** 2 * (4 + 10 * u)
        if k + 1 < len(x):
            g[k] -= 30 * (L + gamma) * u**2 * (1 - u) ** 2 * z[k + 1] ** 2 / tau
            g[k + 1] = 2 * (-gamma + (L + gamma) * u**3 * (10 - 15 * u + 6 * u**2)) * z[k + 1]
    return [s * v for s, v in zip(sign, g, strict=True)]


@pytest.mark.parametrize("seed", range(12))
def test_times_are_those_of_descent_itself(seed):
    """In reach of 400 digits: q^t > 10^-300."""
    rng = random.Random(seed)  # noqa: S311
    gamma = Fraction(rng.randint(1, 8), 4)
    L, tau = gamma * Fraction(rng.randint(8, 20), 8), Fraction(rng.randint(22, 60), 8)
    eta = Fraction(rng.randint(1, 15), 16) / (2 * L)
    start = [Fraction(rng.choice([-1, 1]) * rng.randint(1, 64), 64) for _ in range(rng.choice([2, 3]))]
    times = of_steps(L, gamma, tau, eta, start)
    assert times is not None
    of = problem(len(start), L, gamma, tau, eta)
    assert result(escape(of, start, times)) == "accepted"
    for k in range(len(times)):
        for by in (-1, 1):
            others = [t + by * (i == k) for i, t in enumerate(times)]
            if sorted(set(others)) == others:
                assert result(escape(of, start, others)) == "rejected"
    bounds = every_times(of, len(start))
    assert all(t >= least for t, least in zip(times, bounds, strict=True))
    assert result(every(of, bounds[-1])) == "accepted"


def every_times(of, d):
    """1 + a_k, at 400 digits."""
    with mp.workdps(400):
        L, gamma, tau, eta = (
            mp.mpf(x.numerator) / x.denominator
            for x in (Fraction(of[n]) for n in ("L", "gamma", "tau", "step"))
        )
        lg, ls = mp.log(1 + 2 * eta * gamma), -mp.log(1 - 2 * eta * L)
        a = [ceil(mp.log(tau) / lg)]
        while len(a) < d:
            a.append(ceil((1 + ls / lg) * a[-1] + mp.log(tau) / lg))
        return [1 + x for x in a]


def test_a_coordinate_that_meets_2_tau_almost_exactly():
    """h = l = 9/20, |x_1| = 4/3 tau in the buffer: the next would be 2 tau but for x_2, with which it is just above."""
    of, tau, steps = problem(2, 1, 1, 3, Fraction(9, 40)), 3, 4
    first = tau * Fraction(4, 3) / (1 + Fraction(9, 20)) ** steps
    for small, expected in ((10**20, "accepted"), (10**290, "not-confirmed")):
        second = Fraction(1, small)
        times = of_steps(Fraction(1), Fraction(1), Fraction(3), Fraction(9, 40), [first, second])
        if expected == "accepted":
            assert times[0] == steps + 1
        assert result(escape(of, [first, second], times or [steps + 1, 10**4])) == expected


def test_a_coordinate_that_enters_at_tau_exactly():
    of, start = problem(2, 1, 1, Fraction(27, 8), Fraction(1, 4)), [Fraction(1), Fraction(1, 2)]
    times = of_steps(Fraction(1), Fraction(1), Fraction(27, 8), Fraction(1, 4), start)
    assert result(escape(of, start, times)) == "accepted"


def test_ties_of_every_start():
    """1 + h = 4/3, q = 9/16, so ls/lg = 2, and tau = (4/3)^4: a_1 = 4, a_(k+1) = 3 a_k + 4 exactly."""
    of = problem(5, Fraction(7, 32), Fraction(1, 6), Fraction(256, 81), 1)
    times = [4]
    while len(times) < 5:
        times.append(3 * times[-1] + 4)
    assert [result(every(of, 1 + times[-1] + by)) for by in (0, 1)] == ["accepted", "not-confirmed"]


def test_a_tiny_step_and_a_long_time():
    of = problem(2, 1, 1, Fraction(3), Fraction(1, 10**290))
    assert result(every(of, 10**289)) == "accepted"
    assert result(every(of, 10**292)) == "not-confirmed"
    assert result(every(problem(10**6, 1, 1, "e", Fraction(1, 4)), 10**3999)) == "accepted"


def test_logarithms_and_exponentials_contain_the_true_ones():
    rng = random.Random(5)  # noqa: S311
    for _ in range(40):
        x = Fraction(rng.randint(1, 10**6), rng.randint(1, 10**6))
        x = rng.choice([x, 1 + x / 10**200, 1 - x / 10**250, 10**40 * x])
        with precision(200), mp.workdps(600):
            found, true = logs.log(x), mp.log(mp.mpf(x.numerator) / x.denominator)
            low, high = (mp.make_mpf(end) for end in found._mpi_)
            assert low <= true <= high
            assert high - low <= abs(true) * mp.mpf(2) ** -180
            low, high = (mp.make_mpf(end) for end in logs.exponential(found)._mpi_)
            assert low <= mp.exp(true) <= high
            assert high - low <= high * mp.mpf(2) ** -180 * (1 + abs(true))
    low, high = logs.e_ends()
    with mp.workdps(1010):
        assert mp.mpf(low.numerator) / low.denominator < mp.e
        assert mp.e - mp.mpf(low.numerator) / low.denominator < mp.mpf(10) ** -990
    assert 0 < high - low < Fraction(1, 10**990)


def test_integers_next_to_an_interval():
    from relucert_audit.interval import enclosure

    ends = enclosure(7, 9, -1), enclosure(8, 8, -1), enclosure(-9, -7, -1)
    assert [least_ceil(x) for x in ends] == [4, 4, -4]
    assert [most_floor(x) for x in ends] == [4, 4, -4]
