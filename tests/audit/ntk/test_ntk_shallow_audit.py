"""Two-layer networks: claims of the prover, the same made false or too tight, and the run again in W, by mpmath."""

import hashlib
import json
from contextlib import redirect_stdout
from fractions import Fraction
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from certificates import audit, changed, exact, member, number
from mpmath import mp, mpf

from relucert.cli import app
from relucert_audit import interval as ivl
from relucert_audit import seeded
from relucert_audit.exact import TooWeak, product
from relucert_audit.interval import precision
from relucert_audit.ntk import shallow_run, shallow_theorem
from relucert_audit.ntk.data import Integers
from relucert_audit.ntk.shallow_run import Network, Start, from_digits

FLOW, FIRST, RUN, SEEDED = "flow", "descent from the start", "descent after a run", "weights by a seed"
ONE, ZERO = ["1", 0], ["0", 0]


@cache
def made(name):
    """The prover's certificate."""
    rng = np.random.default_rng(3)
    x, w = np.round(rng.standard_normal((3, 4)), 2), np.round(rng.standard_normal((30, 4)), 3)
    data = {"x": x.tolist(), "y": [0.02, -0.01, 0.03] if name in (FLOW, FIRST) else [0.2, -0.1, 0.3]}
    start = {"weights": np.vstack([w, w]).tolist(), "signs": "+" * 30 + "-" * 30}
    options = {FLOW: ["--flow"], FIRST: ["--run", "0"], RUN: ["--run", "20"]}
    with TemporaryDirectory() as folder:
        for file, content in (("data", data), ("start", start)):
            Path(folder, f"{file}.json").write_text(json.dumps(content))
        given = options.get(name, ["-m", "60", "-s", "5", "--run", "25"])
        given += [] if name == SEEDED else ["--start", f"{folder}/start.json"]
        with redirect_stdout(StringIO()):
            app(
                ["ntk", "certify", f"{folder}/data.json", "-o", f"{folder}/out", "--json", *given],
                standalone_mode=False,
            )
        (path,) = Path(folder, "out").glob("*.json")
        return json.loads(path.read_bytes())


def judged(document):
    """(result, step, name) of the worst finding."""
    report = audit(document)
    return (report.result, *(report.finding[1:3] if report.finding else (None, None)))


def scaled(document, name, factor):
    value = exact(member(document, f"bounds.{name}")) * Fraction(factor)
    return changed(document, f"bounds.{name}", number(value, upper=name != "rate"))


@pytest.mark.parametrize("name", [FLOW, FIRST, RUN, SEEDED])
def test_claims_of_the_prover(name):
    assert judged(made(name)) == ("accepted", None, None)
    for bound in member(made(name), "bounds"):
        if bound != "switching":
            loose = scaled(made(name), bound, "99/100" if bound == "rate" else "101/100")
            assert judged(loose)[0] == "accepted" or bound == "rate"


TIGHT = {
    "loss": ("99/100", ("rejected", 3, "loss")),
    "first_travel": ("99/100", ("rejected", 3, "first_travel")),
    "travel": ("99/100", ("not-confirmed", 4, "travel")),
    "rate": ("101/100", ("not-confirmed", 4, "rate")),
}


@pytest.mark.parametrize("name", [FLOW, FIRST, RUN, SEEDED])
def test_bounds_that_are_too_tight(name):
    for bound, (factor, verdict) in TIGHT.items():
        if bound in member(made(name), "bounds"):
            assert judged(scaled(made(name), bound, factor)) == verdict
    if name != FLOW and member(made(name), "bounds.switching"):
        less = member(made(name), "bounds.switching") - 1
        assert judged(changed(made(name), "bounds.switching", less)) == ("not-confirmed", 4, "switching")


def test_bounds_that_are_tight_by_a_millionth():
    assert judged(scaled(made(RUN), "loss", 1 - Fraction(1, 10**5))) == ("rejected", 3, "loss")
    assert judged(scaled(made(RUN), "first_travel", 1 - Fraction(1, 10**5))) == (
        "rejected",
        3,
        "first_travel",
    )


def test_some_pairs_are_open():
    assert member(made(FIRST), "bounds.switching") > 0 or member(made(SEEDED), "bounds.switching") > 0


def test_other_signs_and_seeds():
    signs = member(made(RUN), "start.signs")
    assert judged(changed(made(RUN), "start.signs", "-" + signs[1:]))[0] != "accepted"
    assert judged(changed(made(FLOW), "start.signs", "-" + signs[1:]))[0] != "accepted"
    assert judged(changed(made(SEEDED), "start.weights.seed", 6))[0] != "accepted"
    assert judged(changed(made(SEEDED), "start.signs.seed", 6))[0] != "accepted"
    assert judged(changed(made(SEEDED), "start.weights.scale", ["3", -1]))[0] != "accepted"


def test_other_data():
    for name in (FLOW, RUN):  # u = 0 at the start of the flow, so any labels of the same norm have its loss
        x, y = member(made(name), "problem.x"), member(made(name), "problem.y")
        both = changed(changed(made(name), "problem.x", x[::-1]), "problem.y", y[::-1])
        assert judged(both)[0] == "accepted"  # the same network
        other = ("accepted", None) if name == FLOW else ("rejected", 3)
        assert judged(changed(made(name), "problem.x", x[::-1]))[:2] == other
        assert judged(changed(made(name), "problem.y", y[::-1]))[:2] == other
        assert judged(changed(made(name), "problem.x", [x[0], x[1], x[1]]))[0] != "accepted"
        assert judged(changed(made(name), "problem.x", [x[0], x[1], [ZERO] * 4])) == ("rejected", 1, "x")
    weights = member(made(RUN), "start.weights")
    assert judged(changed(made(RUN), "start.weights", [weights[1], *weights[1:]]))[:2] == ("rejected", 3)


def test_steps():
    assert judged(changed(made(RUN), "steps", 19)) == ("rejected", 3, "loss")
    without = changed(made(RUN), "bounds.first_travel", None)
    assert judged(without)[0] == "accepted"
    assert judged(changed(without, "steps", 0))[:2] == ("rejected", 3)
    step = Fraction(member(made(RUN), "problem.step"))
    assert judged(changed(made(RUN), "problem.step", str(2 * step))) == ("not-confirmed", 3, "step")
    assert judged(changed(made(FIRST), "problem.step", str(2 * step)))[0] == "not-confirmed"
    assert judged(changed(made(RUN), "problem.step", str(step / 2)))[0] == "rejected"


def test_a_step_beyond_the_other_end():
    """The step is at most 2/|X|^2; beyond 2/lambda_max(H) nothing is proved, however near to zero loss."""
    tiny = [[m, e - 40] for m, e in member(made(FIRST), "problem.y")]
    near = changed(scaled(made(FIRST), "rate", "1/100"), "problem.y", tiny)
    step = Fraction(member(made(FIRST), "problem.step"))
    found = [judged(changed(near, "problem.step", str(step * k / 10))) for k in (10, 15, 60)]
    assert found == [("accepted", None, None)] * 2 + [("not-confirmed", 4, "rate")]


def test_a_tie():
    """A neuron that is 0 stays undecided: after the start no run goes on, but Theorem 14.D may hold."""
    still = [ZERO] * 4
    assert judged(changed(made(RUN), "start.weights.0", still)) == ("not-confirmed", 3, "steps")
    kink = changed(changed(made(FIRST), "start.weights.0", still), "start.weights.30", still)
    assert judged(kink) == ("not-confirmed", 4, "switching")
    more = changed(kink, "bounds.switching", member(made(FIRST), "bounds.switching") + 10)
    slower = scaled(scaled(more, "rate", "1/2"), "travel", 3)
    assert judged(slower)[0] == "accepted"


MALFORMED = {
    "problem.width": [0, "60", -1, 59, True, 61],
    "problem.step": ["0", "-1/5", "2/4", 1, "0.1"],
    "problem.x": [[], [[]], [[ONE] * 4] * 2, [[ONE] * 3] * 3, [[ONE] * 4, [ONE] * 4, [ONE] * 3]],
    "problem.y": [[], [ONE] * 2, [[ONE] * 3], [["2", 0]] * 3],
    "start.signs": ["", "+" * 59, "+" * 59 + "0", {"seed": -1}, {"seed": 1, "scale": ONE}, [1] * 60],
    "start.weights": [[], [[ONE] * 4] * 59, [[ONE] * 3] * 60, {"seed": 1}, {"seed": "1", "scale": ONE}],
    "steps": [-1, "20", None],
    "verdict": ["global-minimum"],
    "bounds.switching": [None, "0", True],
    "bounds.loss": [None],
    "bounds.rate": [None],
    "bounds.travel": [None],
}


@pytest.mark.parametrize("path", MALFORMED)
def test_malformed(path):
    for value in MALFORMED[path]:
        assert judged(changed(made(RUN), path, value))[:2] == ("malformed", 0), value


def test_members_of_the_other_method():
    bound = member(made(RUN), "bounds.travel")
    assert judged(changed(made(FLOW), "steps", 0))[0] == "malformed"
    assert judged(changed(made(FLOW), "problem.step", "1"))[0] == "malformed"
    assert judged(changed(made(FLOW), "bounds.switching", 1))[0] == "malformed"
    assert judged(changed(made(FIRST), "bounds.first_travel", bound))[0] == "malformed"
    assert judged(changed(made(FLOW), "method", "gradient-descent"))[0] == "malformed"
    assert judged(changed(made(FLOW), "method", "gradient")) == ("rejected", 1, "family")


def test_admission():
    for name in ("loss", "travel", "first_travel", "rate"):
        assert judged(scaled(made(RUN), name, -1)) == ("rejected", 1, name)
    nothing, whole = {"exact": ZERO, "decimal": "0"}, {"exact": ONE, "decimal": "1"}
    assert judged(changed(made(FLOW), "bounds.rate", nothing)) == ("rejected", 1, "rate")
    assert judged(changed(made(RUN), "bounds.rate", whole)) == ("rejected", 1, "rate")
    assert judged(changed(made(RUN), "bounds.switching", -1)) == ("rejected", 1, "switching")


def test_limits():
    for path, value in {
        "problem.width": 1 << 15,
        "steps": 1001,
        "problem.y.0": ["1", -257],
        "problem.x.0.0": ["1", 128],
        "start.weights.0.0": ["1", -257],
        "problem.step": f"1/{10**300}",
    }.items():
        assert judged(changed(made(RUN), path, value)) == ("not-confirmed", 0, "resource limit"), path
    wide = changed(made(SEEDED), "problem.width", 1 << 14)
    assert judged(changed(wide, "problem.x", [[ONE] * 1024] * 16))[0] == "malformed"
    many = changed(changed(wide, "problem.x", [[ONE] * 600] * 16), "problem.y", [ONE] * 16)
    assert judged(many) == ("not-confirmed", 0, "resource limit")
    assert judged(changed(made(SEEDED), "start.weights.scale", ["1", 128]))[:2] == ("not-confirmed", 0)


def test_evidence_that_says_something_else():
    for path, value in (("theorem", "Theorem 14.F"), ("inequalities.0.text", "0 < h")):
        document = json.loads(json.dumps(made(RUN)))
        *parents, last = path.split(".")
        place = document["statement"]["evidence"][-1]
        for part in parents:
            place = place[int(part) if part.isdigit() else part]
        place[last] = value
        assert judged(document)[:2] == ("rejected", 9)


def naive(seed, q):
    """The specification, digit by digit."""
    bits = bin(int(hashlib.sha256(f"relucert-weights/1 {seed} {q}".encode()).hexdigest(), 16))[2:].zfill(256)
    return sum(Fraction(int(bits[21 * k : 21 * k + 21], 2), 2**21) for k in range(12)) - 6


def test_seeds():
    seed = 2**53 - 1
    assert [Fraction(int(x), 2**21) for x in seeded.weights(seed, 7, 5)] == [
        naive(seed, q) for q in range(7, 12)
    ]
    first = [hashlib.sha256(f"relucert-signs/1 4 {q}".encode()).digest()[0] >= 128 for q in range(20)]
    assert (seeded.signs(4, 20) < 0).tolist() == first
    large = seeded.weights(1, 0, 4000) / 2.0**21
    assert abs(large.mean()) < 0.05
    assert abs(large.std() - 1) < 0.05


def network(seed, n, d, m, unit):
    """Integers in units of 2^unit for x and 2^-10 for the rest."""
    rng = np.random.default_rng(seed)
    x, w, y = (rng.integers(-500, 500, shape).astype(object) for shape in ((n, d), (m, d), (1, n)))
    gram, signs = Integers(product(x, x.T), 2 * unit), rng.choice([1, -1], m)
    trace = int(np.trace(gram.mantissa))
    square, eta = ivl.dyadic(trace, 2 * unit), Fraction(3, 2) / trace / Fraction(4) ** unit
    return Network(0, eta, Integers(x, unit), gram, Integers(y, -10), signs, Start(w, 0, 1, -10), square)


def floats(a, exponent):
    return np.vectorize(lambda x: mp.ldexp(int(x), exponent), otypes=[object])(a)


@pytest.mark.parametrize("p", [40, 160])
@pytest.mark.parametrize("seed", range(4))
def test_runs_enclose_descent(seed, p):
    """With 40 bits, too, where the errors are to be seen."""
    n, d, m, unit = [(3, 2, 7, -9), (1, 1, 1, 0), (4, 9, 5, -20), (6, 7, 30, -9)][seed]
    with precision(192), mp.workdps(150):
        net = network(seed, n, d, m, unit)
        x, y, W = floats(net.x.mantissa, unit), floats(net.y.mantissa, -10)[0], floats(net.start.given, -10)
        start, step = W, mpf(net.eta.numerator) / net.eta.denominator / mp.sqrt(m)
        for steps in range(1, 8):
            z = W @ x.T
            e = y - net.signs @ np.where(z > 0, z, 0) / mp.sqrt(m)
            W = W + step * net.signs[:, None] * ((np.where(z > 0, 1, 0) * e) @ x)
            found = shallow_run.run(net, steps, p)
            own = start + floats(from_digits(found.v), -p) @ x
            away = mp.sqrt(sum(((own - W) ** 2).flat))
            assert away <= mp.ldexp(found.r, -p)
            assert p < 160 or mp.ldexp(found.r, -p) < mpf(10) ** -30
            given = floats(from_digits(found.z), -p)
            assert np.abs(given - own @ x.T).max() <= mp.ldexp(found.rough, -p)
            lengths = np.array([mp.norm(row) for row in x.tolist()])
            most = floats(np.array(shallow_run.margins(net, found), dtype=object), -p)
            assert (most >= mp.ldexp(found.rough, -p) + mp.ldexp(found.r, -p) * lengths).all()


def test_how_errors_of_a_step_add_up():
    """The bounds of docs/audit.md, which no run comes near."""
    with precision(192):
        net, p = network(5, 4, 3, 9, -9), 160
        one = shallow_run.run(net, 1, p)
        two = shallow_run.run(net, 2, p)
    assert (one.rough, two.rough) == (1 + 4, 1 + 8)
    norm = mp.sqrt(mpf(int(np.trace(net.gram.mantissa))) / 2**18 * 9 * 4)
    eta = mpf(net.eta.numerator) / net.eta.denominator
    assert norm * (2 + eta) <= one.r <= norm * (3 + eta) + 2
    assert norm * (2 + 5 * eta) <= two.r - one.r <= norm * (3 + 5 * eta) + 2


@pytest.mark.parametrize("rough", [1, 1 << 152])
@pytest.mark.parametrize("r", [0, 1 << 153])
def test_counts_are_those_of_the_theorem(rough, r):
    """Against the definition, in floating point, where nothing is near equality."""
    for seed in range(20):
        with precision(192):
            net = network(seed, 5, 4, 12, -9)
            state = shallow_run.begin(net, 160)._replace(rough=rough, r=r)
            at = shallow_theorem.here(net, state, 160)
            C = ivl.rational(Fraction(seed, 20))
            found = shallow_theorem.counts(net, at, C)
            of = shallow_theorem.spectra(net, found)
        x = net.x.mantissa.astype(float) * 2.0**-9
        K, z = x @ x.T, net.start.given.astype(float) @ x.T * 2.0**-10
        v = np.ldexp(rough, -160) + np.ldexp(r, -160) * np.sqrt(np.diagonal(K))
        kappa = np.sqrt((K**2).sum(axis=0))
        inside = z + v + seed / 20 * kappa >= 0
        kappa = np.sqrt(inside @ K**2)
        on, off = z - v > seed / 20 * kappa, -z - v > seed / 20 * kappa
        assert (off >= ~inside).all()
        low, high = on.T.astype(int) @ on, (~off).T.astype(int) @ ~off
        assert (found.low == low).all()
        assert (found.high == high).all()
        assert found.open == (~on & ~off).sum()
        values = np.linalg.eigvalsh(K * (low + high) / 24)
        assert float(of.smallest.mid) == pytest.approx(values[0], abs=1e-9)
        assert float(of.largest.mid) == pytest.approx(values[-1], abs=1e-9)
        spread = np.linalg.norm(np.abs(K) * (high - low) / 24, 2)
        assert float(of.spread.mid) == pytest.approx(spread, abs=1e-9)
        e = net.y.mantissa[0].astype(float) / 1024 - net.signs @ np.maximum(z, 0) / 12**0.5
        wide = np.sqrt(np.trace(K)) * np.ldexp(r, -160)
        each = 12**0.5 * np.ldexp(rough, -160)
        most = np.linalg.norm(np.abs(e) + each) + wide
        assert float(at.error.b) == pytest.approx(most, rel=1e-9)


def test_digits():
    rng = np.random.default_rng(0)
    x = np.array([int(v) ** 5 for v in rng.integers(-(2**30), 2**30, 50)], dtype=object).reshape(5, 10)
    digits = shallow_run.to_digits(x, 5)
    assert (from_digits(digits) == x).all()
    twice = shallow_run.add(digits, iter(shallow_run.to_digits(-3 * x, 5)))
    assert (from_digits(twice) == -2 * x).all()
    assert all(((d >= 0) & (d < 2**44)).all() for d in twice[:-1])
    with pytest.raises(TooWeak):
        shallow_run.to_digits(x << 500, 5)
