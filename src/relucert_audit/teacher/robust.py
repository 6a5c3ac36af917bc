"""The member `robust` of a claim: Theorem P of docs/theorem/teacher.md section 8, for targets near e_1 .. e_k.

Of the claimed numbers the proof reads the deviation D and `robust.lipschitz.radius`, its alpha."""

from functools import partial
from math import isqrt

import numpy as np

from relucert_audit.exact import Matrix, product, solved, spectrum
from relucert_audit.finding import Finding, Findings, refuted, weak
from relucert_audit.format import Dyadic
from relucert_audit.interval import Interval, dyadic, minimum, pi, proves_le, proves_lt, root, show
from relucert_audit.steps import bound, run
from relucert_audit.teacher import steps
from relucert_audit.teacher.claim import Certificate
from relucert_audit.teacher.loss import Landscape
from relucert_audit.teacher.sharp import eigenvalue, theorem_b_sharp
from relucert_audit.teacher.theorems import Numbers, theorem_e

KEPT, ROOT_BITS, ZERO = 64, 128, dyadic(0, 0)
STEP = 8


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 to 8 at one precision."""
    return run((*steps.STEPS[:-1], last), cert, Numbers(cert, bits))


def last(cert: Certificate, own: Numbers) -> Findings:
    """Step 8."""
    yield from steps.step_8(cert, own)
    yield from check_robust(cert, own)


def check_robust(cert: Certificate, own: Numbers) -> Findings:
    """Nothing if Theorem P is proved for the claimed deviation, or if none is claimed."""
    if cert.random_dimension is None:
        return
    findings = list(rules(cert, own))
    yield from findings or theorem_p(cert, own)


def rules(cert: Certificate, own: Numbers) -> Findings:
    """What must hold between exact numbers of the file."""
    deviation, alpha = (cert.bounds[f"robust.{x}"].exact for x in ("deviation", "lipschitz.radius"))
    if deviation.m <= 0 or not deviation.lt(Dyadic(1, 0)):
        yield refuted(STEP, "robust.deviation", "not between 0 and 1")
    if alpha.m <= 0 or not Dyadic(alpha.m**2, 2 * alpha.e).lt(own.shortest_squared):
        yield refuted(STEP, "robust.lipschitz.radius", "not positive, or not below the shortest neuron")
    square = Dyadic((cert.random_dimension or 0) * deviation.m**2, 2 * deviation.e)
    if square.lt(Dyadic(cert.k * (cert.k + 1), 0)):
        yield refuted(STEP, "robust.random_dimension", "D Delta^2 is below k (k + 1)")


def theorem_p(cert: Certificate, own: Numbers) -> Findings:
    """The hypotheses [P.1] to [P.6], with the radius and the constant as claimed."""
    n, k, loss = cert.n, cert.k, own.loss
    D, alpha = (dyadic(*cert.bounds[f"robust.{x}"].exact) for x in ("deviation", "lipschitz.radius"))
    finding = partial(weak, STEP, "robust.deviation")
    if own.spectrum.negative != 0:
        yield finding(f"P.1: lambda_min is not proved to be positive: {show(own.spectrum.smallest)}")
        return
    shift = root(dyadic(k, 0)) * D / (pi() * minimum(loss.norms[:n]))
    lipschitz = theorem_b_sharp(loss, alpha, D).b
    chi, eta = own.scaled(own.spectrum.gap)
    eta = eta + response(own, chi) * D + chi * root(dyadic(n, 0)) * D**2 / (2 * pi() * (1 - D))
    r = theorem_e((chi * shift).b, chi, eta.b, lipschitz)[0].b
    if not proves_le(r, alpha):
        yield finding(f"P.4: r is not within robust.lipschitz.radius: {show(r, alpha)}")
    slack, least = lipschitz * r + shift / 2, spectrum(loss.outside).smallest
    if not proves_lt(slack, least):
        yield finding(f"P.5: M is not proved to stay positive: {show(slack, least)}")
    fall, height = (
        (root(dyadic(k, 0)) * D + root(dyadic(n, 0)) * r) / root(dyadic(2, 0)),
        root(2 * own.objective),
    )
    if not proves_lt(fall, height):
        yield finding(f"P.6: the loss is not proved to stay positive: {show(fall, height)}")
    yield from bound(cert, STEP, "robust.radius", r, False)
    yield from bound(cert, STEP, "robust.lipschitz.value", lipschitz, False)


def response(own: Numbers, chi: Interval) -> Interval:
    """kappa >= |H^-1 J Z| over symmetric Z of norm 1; chi >= |H^-1|. Errors: docs/audit.md."""
    loss, k = own.loss, own.loss.k
    blocks, slip = cross(loss)
    parts = blocks.reshape(-1, k, k)
    half = isqrt(1 << 2 * ROOT_BITS - 1)  # 2^ROOT_BITS / sqrt 2
    columns: Matrix = np.array(
        [
            parts[:, j, j] if j == b else (parts[:, j, b] + parts[:, b, j]) * half >> ROOT_BITS
            for j in range(k)
            for b in range(j + 1)
        ],
        dtype=object,
    ).T
    y, exponent, rest = solved(loss.hessian, columns, -KEPT)
    size = root(eigenvalue(product(y.T, y), 2 * exponent, ZERO))
    before, after = root(dyadic(blocks.size, 0)) * slip, 2 * root(dyadic(columns.size, 0))
    return (size + chi * (rest + (before + after) * dyadic(1, -KEPT))).b


def cross(loss: Landscape) -> tuple[Matrix, int]:
    """J, shape (n k, k k), in units of 2^-KEPT, and by how many of these its entries err at most."""
    rows, worst = [], 0
    for i in range(loss.n):
        parts = [loss.mixed(i, loss.n + j) for j in range(loss.k)]
        rows.append(np.hstack([block for block, _ in parts]) >> (loss.bits - KEPT))
        worst = max(worst, *(error for _, error in parts))
    return np.vstack(rows), (worst >> (loss.bits - KEPT)) + 2
