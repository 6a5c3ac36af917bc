"""The checker's Theorem P: certificates of `relucert robust` pass, enlarged or malformed claims do not."""

import json
from contextlib import redirect_stdout
from copy import deepcopy
from fractions import Fraction
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy as np
import pytest
from certificates import POINTS, audit, changed, exact, member, number, prove
from flint import arb
from test_loss import rows
from test_sharp_checker import KINDS, landscape, sample

from relucert.cli import app
from relucert.kernel import ball, norms
from relucert.kernel.teacher import facts
from relucert.kernel.teacher import sharp as kernel
from relucert_audit.check import read
from relucert_audit.interval import dyadic, precision
from relucert_audit.teacher import robust, sharp
from relucert_audit.teacher.theorems import Numbers

BITS = 160
TWICE = Fraction(2)


@cache
def proved():
    """The certificate of a spurious minimum at (6, 6) with its member `robust`."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "old.json"
        source.write_text(json.dumps(prove("spurious")))
        with redirect_stdout(StringIO()):
            app(["robust", str(source), "-o", f"{folder}/out"], standalone_mode=False)
        (path,) = Path(folder, "out").iterdir()
        return json.loads(path.read_bytes())


def test_what_the_prover_proves_is_accepted():
    assert audit(proved()).result == "accepted"


def scaled(name, factor):
    old = member(proved(), f"robust.{name}")
    return changed(
        proved(), f"robust.{name}", number(exact(old) * factor, name in ("radius", "lipschitz.value"))
    )


@pytest.mark.parametrize(
    "name, factor",
    [
        ("deviation", TWICE),
        ("deviation", Fraction(21, 20)),
        ("radius", Fraction(9, 10)),
        ("lipschitz.value", Fraction(99, 100)),
        ("lipschitz.radius", Fraction(9, 10)),
        ("lipschitz.radius", 20 * TWICE),
    ],
)
def test_a_stronger_claim_is_not_confirmed(name, factor):
    document = scaled(name, factor)
    if name == "deviation":  # a matching dimension, so that nothing else is wrong
        most = 42 / exact(member(document, "robust.deviation")) ** 2
        document = changed(document, "robust.random_dimension", str(int(most) + 1))
    report = audit(document)
    assert report.result == "not-confirmed"
    assert report.finding.step == 8
    assert report.finding.claim.startswith(("robust", "bounds"))


@pytest.mark.parametrize(
    "name, factor", [("deviation", 1 / TWICE), ("radius", TWICE), ("lipschitz.value", TWICE)]
)
def test_a_weaker_claim_is_accepted(name, factor):
    document = scaled(name, factor)
    assert audit(changed(document, "robust.random_dimension", "9" * 30)).result == "accepted"


def test_the_random_dimension_is_checked_exactly():
    least = int(member(proved(), "robust.random_dimension"))
    report = audit(changed(proved(), "robust.random_dimension", str(least - 1)))
    assert (report.result, report.finding.claim) == ("rejected", "robust.random_dimension")
    assert audit(changed(proved(), "robust.random_dimension", str(least + 1))).result == "accepted"


SHORTEST = Fraction(min(np.linalg.norm(np.array(POINTS["spurious"]), axis=1)))


@pytest.mark.parametrize(
    "name, value",
    [
        ("deviation", Fraction(0)),
        ("deviation", Fraction(1)),
        ("lipschitz.radius", Fraction(0)),
        ("lipschitz.radius", SHORTEST * Fraction(10001, 10000)),
    ],
)
def test_inadmissible_numbers_are_rejected(name, value):
    document = changed(proved(), f"robust.{name}", number(value, False))
    report = audit(changed(document, "robust.random_dimension", "9" * 30))
    assert (report.result, report.finding.claim, report.finding.step) == ("rejected", f"robust.{name}", 8)


@pytest.mark.parametrize("name", ["deviation", "radius", "lipschitz.value", "lipschitz.radius"])
def test_decimals_must_lie_on_the_weak_side(name):
    old = member(proved(), f"robust.{name}")
    upper = name in ("radius", "lipschitz.value")
    wrong = number(exact(old) * (1 - Fraction(1, 50_000) * (1 if upper else -1)), upper)["decimal"]
    report = audit(changed(proved(), f"robust.{name}", {**old, "decimal": wrong}))
    assert (report.result, report.finding.step) == ("rejected", 2)


@pytest.mark.parametrize("name", ["deviation", "radius", "lipschitz", "lipschitz.value", "random_dimension"])
def test_a_missing_member_is_malformed(name):
    assert audit(changed(proved(), f"robust.{name}", None)).result == "malformed"


@pytest.mark.parametrize("value", ["0", "-5", "01", "1e9", 2_000_000_000, None, "9" * 500])
def test_a_dimension_that_is_no_positive_decimal_is_malformed(value):
    document = deepcopy(proved())
    document["statement"]["claim"]["robust"]["random_dimension"] = value
    assert audit(document).result == "malformed"


def test_robust_belongs_to_version_1_1_and_to_spurious_minima_of_orthonormal_targets():
    assert audit(changed(proved(), "schema", "relucert-certificate/1.0")).result == "malformed"
    for name in ("saddle", "global", "local"):
        document = deepcopy(prove(name))
        document["statement"]["claim"]["robust"] = member(proved(), "robust")
        assert audit(document).result == "malformed"
    size = len(POINTS["spurious"])
    eye = [[["1", 0] if i == j else ["0", 0] for j in range(size)] for i in range(size)]
    assert audit(changed(proved(), "problem.targets", eye)).result == "malformed"


def test_nothing_is_claimed_without_the_member():
    assert audit(changed(proved(), "robust", None)).result == "accepted"


def test_kappa_is_the_norm_of_the_response():
    """Against floating point, and not above the prover's."""
    _, _, cert = read(json.dumps(proved()).encode())
    with precision(BITS + 32):
        own = Numbers(cert, BITS)
        chi, _ = own.scaled(own.spectrum.gap)
        mine = float(robust.response(own, chi).a)
        blocks, slip = robust.cross(own.loss)
    j = np.ldexp(blocks.astype(float), -robust.KEPT)
    h = np.ldexp(own.loss.hessian.mantissa.astype(float), own.loss.hessian.exponent)
    image = np.linalg.solve(h, j).reshape(-1, cert.k, cert.k)
    true = np.linalg.norm((image + image.transpose(0, 2, 1)).reshape(len(h), -1) / 2, 2)
    assert true * (1 - 1e-9) <= mine <= true * (1 + 1e-9)
    assert 2 <= slip <= 4


@pytest.mark.parametrize("kind", KINDS)
def test_the_constant_for_moving_targets_agrees_with_the_prover_s(kind):
    rng = np.random.default_rng(9)
    for _ in range(15):
        point, targets = sample(rng, kind)
        rho = 0.4 * rng.random() * np.linalg.norm(point, axis=1).min()
        drift = 0.6 * rng.random() * np.linalg.norm(targets, axis=1).min()
        as_pairs = [[[ball.to_dyadic(arb(float(x))) for x in row] for row in p] for p in (point, targets)]
        with ball.precision(256), pytest.MonkeyPatch.context() as patch:
            patch.setattr(norms, "SQUARINGS", 40)
            at = facts.enclose(*as_pairs)
            shape = kernel.shape(at.geometry, at.curvatures)
            theirs = float(kernel.theorem_b_sharp(shape, arb(float(rho)), arb(float(drift))))
        with precision(BITS + 32):
            ends = [dyadic(*rows([[x]])[0][0]) for x in (float(rho), float(drift))]
            mine = float(sharp.theorem_b_sharp(landscape(point, targets), *ends).b)
        assert mine == pytest.approx(theirs, rel=1e-6)


def test_the_loss_must_exceed_the_fall_of_p_6():
    """sqrt(k/2) D + sqrt(n/2) r < sqrt(2 F(W)), n = k = 6; the claimed r is that of the proof, or a little more."""
    _, _, cert = read(json.dumps(proved()).encode())
    D, r = (float(exact(member(proved(), f"robust.{x}"))) for x in ("deviation", "radius"))
    for share, names in ((0.8, ["P.6"]), (1.01, [])):
        with precision(BITS + 32):
            own = Numbers(cert, BITS)
            own.objective = dyadic(round((share * 3**0.5 * (D + r)) ** 2 / 2 * 2**80), -80)
            assert [f.reason[:3] for f in robust.theorem_p(cert, own)] == names


@pytest.mark.parametrize("worst", [0, 1, (1 << 36) - 1, 5 << 36, (5 << 36) + 1])
def test_the_error_of_the_response_counts_what_is_dropped_and_the_errors_before(worst):
    """Entries with `worst` units of 2^-100 of error, and then rounded down to units of 2^-64."""
    entry = np.array([[(7 << 36) + 12345]], dtype=object)
    blocks = {(0, 1): (entry, 0), (0, 2): (entry, worst)}
    of = SimpleNamespace(n=1, k=2, bits=100, mixed=lambda i, j: blocks[i, j])
    kept, slip = robust.cross(of)
    assert kept.tolist() == [[7, 7]]
    for end in (entry[0, 0] - worst, entry[0, 0] + worst):
        assert abs(Fraction(end, 2**36) - 7) <= slip <= worst / 2**36 + 3


class Reached(Exception):  # noqa: N818 - a signal, not an error
    """Theorem E is applied."""


def test_the_step_counts_the_second_order_of_the_deviation(monkeypatch):
    """Delta = 1/2, and the response left out: eta grows by chi sqrt(n) Delta^2/(2 pi (1 - Delta)), n = 6."""
    _, _, cert = read(json.dumps(changed(proved(), "robust.deviation.exact", ["1", -1])).encode())
    seen = []

    def applied(_, chi, eta, __):
        seen.append((float(chi.b), float(eta.b)))
        raise Reached

    monkeypatch.setattr(robust, "response", lambda *_: dyadic(0, 0))
    monkeypatch.setattr(robust, "theorem_e", applied)
    with precision(BITS + 32):
        own = Numbers(cert, BITS)
        before = float(own.scaled(own.spectrum.gap)[1].b)
        with pytest.raises(Reached):
            list(robust.theorem_p(cert, own))
    ((chi, eta),) = seen
    assert eta - before == pytest.approx(chi * 6**0.5 * 0.25 / np.pi, rel=1e-9)


def test_the_response_counts_the_errors_of_all_entries(monkeypatch):
    """chi sqrt(entries) times the largest error of one."""
    _, _, cert = read(json.dumps(proved()).encode())
    with precision(BITS + 32):
        own = Numbers(cert, BITS)
        chi, _ = own.scaled(own.spectrum.gap)
        blocks, slip = robust.cross(own.loss)
        exactly = float(robust.response(own, chi).b)
        monkeypatch.setattr(robust, "cross", lambda _: (blocks, slip + (1 << robust.KEPT)))
        more = float(robust.response(own, chi).b)
    assert more - exactly == pytest.approx(float(chi.b) * blocks.size**0.5, rel=1e-9)
