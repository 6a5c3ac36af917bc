"""The run in double precision: operation by operation, against an exact emulation of binary64."""

import random
from fractions import Fraction
from math import ldexp

import pytest
from certificates import audit
from octopus_claims import claimed, problem, proved

from makers.edits import changed, claim
from relucert_audit.octopus import double
from relucert_audit.octopus.problem import Problem


def nearest(x):
    """The binary64 number nearest to a rational below 2^1000, ties to even, as a rational."""
    if x == 0:
        return x
    size = abs(x).numerator.bit_length() - x.denominator.bit_length()
    size += abs(x) >= Fraction(2) ** size
    unit = Fraction(2) ** max(size - 53, -1074)
    return round(x / unit) * unit  # Python rounds a Fraction's ties to even


class Double:
    """A binary64 number whose operations are exact ones, then rounded."""

    def __init__(self, x):
        self.x = nearest(Fraction(x))

    def __add__(self, other):
        return Double(self.x + real(other))

    def __sub__(self, other):
        return Double(self.x - real(other))

    def __rsub__(self, other):
        return Double(real(other) - self.x)

    def __mul__(self, other):
        return Double(self.x * real(other))

    def __truediv__(self, other):
        return Double(self.x / real(other))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return Double(-self.x)

    def __abs__(self):
        return Double(abs(self.x))

    def __ge__(self, other):
        return self.x >= real(other)

    def __le__(self, other):
        return self.x <= real(other)


def real(x):
    return x.x if isinstance(x, Double) else Fraction(x)


def printed(a, d, L, gamma, tau, eta):
    """One step, as docs/spec/octopus-v1.md prints it."""
    two = tau + tau
    four = two + two
    k = 0
    while k < d and a[k] >= two:
        k += 1
    g = [(2.0 * L) * (x - four) for x in a[:k]] + [(2.0 * L) * x for x in a[k:]]
    if k < d and a[k] <= tau:
        g[k] = -((2.0 * gamma) * a[k])
    elif k < d:
        s = (a[k] - tau) / tau
        u = 1.0 - s
        b = a[k + 1] if k + 1 < d else 0.0
        slope = -(((2.0 * gamma) * (u * u)) * (1.0 + 3.0 * s)) - (L * (s * s)) * (14.0 - 10.0 * s)
        turn = ((30.0 * (L + gamma)) * ((s * s) * (u * u))) / tau
        g[k] = tau * slope - turn * (b * b)
        if k + 1 < d:
            curve = ((L + gamma) * ((u * u) * u)) * ((10.0 - 15.0 * u) + 6.0 * (u * u)) - gamma
            g[k + 1] = (2.0 * curve) * b
    return [abs(x - eta * y) for x, y in zip(a, g, strict=True)]


def test_the_program_of_the_page_is_the_one_above():
    from pathlib import Path

    page = (Path(__file__).resolve().parents[3] / "docs/spec/octopus-v1.md").read_text("utf-8")
    body = page.partition("def step(a, d, L, gamma, tau, eta):\n")[2].partition("```")[0]
    own = Path(__file__).read_text("utf-8").partition('prints it."""\n')[2].partition("\n\n\n")[0]
    assert own.replace(", strict=True", "").strip() == body.strip()


@pytest.mark.parametrize("seed", range(6))
def test_each_step_is_the_emulated_one(seed):
    """From all pieces: near tau and 2 tau, and from subnormal numbers."""
    rng = random.Random(seed)  # noqa: S311
    gamma = Fraction(rng.randint(1, 99), 50)
    L = gamma * Fraction(rng.randint(10, 40), 10)
    tau = rng.choice([None, Fraction(rng.randint(28, 60), 10)])
    of = Problem(4, L, gamma, tau, Fraction(rng.randint(1, 10), 10) / (2 * L))
    program = double.Program(of)
    numbers = [Double(x) for x in (L, gamma, double.E_DOUBLE if tau is None else tau, of.eta)]
    L_, gamma_, tau_, eta_ = numbers
    for _ in range(40):
        k = rng.randint(0, 4)
        a = [program.tau * rng.choice([2.0, rng.uniform(2, 6)]) for _ in range(k)]
        a += [program.tau * rng.choice([1.0, rng.uniform(1, 2), rng.uniform(0, 1)]) for _ in range(k < 4)]
        while len(a) < 4:
            a.append(rng.choice([rng.uniform(0, 1), ldexp(rng.random(), -1060), 5e-324, 0.0]))
        for _ in range(3):
            exact = printed([Double(x) for x in a], 4, L_, gamma_, tau_, eta_)
            a = program.step(a)
            assert [Fraction(x) for x in a] == [x.x for x in exact]


def test_a_whole_run_is_the_emulated_one():
    """At L = 3, gamma = 1, eta = 1/12, to where it stands still."""
    of = Problem(2, Fraction(3), Fraction(1), None, Fraction(1, 12))
    program, a, exact = double.Program(of), [0.5, 2.0**-1070], [Double(0.5), Double(2.0**-1070)]
    for _ in range(150):
        a, exact = program.step(a), printed(exact, 2, *map(Double, (3, 1, double.E_DOUBLE, Fraction(1, 12))))
        assert [Fraction(x) for x in a] == [x.x for x in exact]
    assert a[1] == 5e-324
    assert program.step(a) == a
    assert a[0] >= program.two


def test_where_it_stands_still_it_never_leaves():
    """The least step is the first of two equal points; later ones are claims too, and no earlier one is."""
    document = proved("float")
    step = claim(document, "bounds.step")
    for by, expected in ((-1, "rejected"), (0, "accepted"), (1, "accepted"), (10**5, "accepted")):
        assert audit(changed(document, "bounds.step", step + by)).result == expected


def test_a_run_that_reaches_a_minimum_is_not_stuck():
    of = problem(2, 1, 1, "e", Fraction(1, 4))
    point = [["1", -1], ["1", -1]]
    for k in (1, 2):
        bounds = {"coordinate": k, "step": 10**5, "rest": ["0", 0]}
        assert audit(claimed("double-precision", "stuck", of, bounds, point)).result == "rejected"


def test_a_start_at_a_saddle():
    of = problem(2, 1, 1, "e", Fraction(1, 4))
    bounds = {"coordinate": 1, "step": 0, "rest": ["0", 0]}
    assert audit(claimed("double-precision", "stuck", of, bounds, [["0", 0]] * 2)).result == "accepted"
    far = {"coordinate": 2, "step": 0, "rest": ["0", 0]}
    assert audit(claimed("double-precision", "stuck", of, far, [["0", 0]] * 2)).result == "rejected"
    assert (
        audit(claimed("double-precision", "stuck", of, bounds, [["1", 0], ["1", -1075]])).result == "rejected"
    )
    assert (
        audit(claimed("double-precision", "stuck", of, bounds, [["-1", 0], ["-1", -1074]])).result
        == "rejected"
    )


def test_no_other_floats_are_believed(monkeypatch):
    assert double.exact_machine()
    monkeypatch.setattr(double, "exact_machine", lambda: False)
    assert audit(proved("float")).result == "not-confirmed"


def test_what_is_a_double():
    from relucert_audit.format import Dyadic

    assert all(map(double.is_double, (Dyadic(1, -1074), Dyadic(2**53 - 1, -1074), Dyadic(0, 0))))
    assert not any(map(double.is_double, (Dyadic(1, -1075), Dyadic(2**53 + 1, -60))))
