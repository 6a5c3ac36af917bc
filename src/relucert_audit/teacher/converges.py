"""Method "converges" of docs/spec/wider-v1.md section 9: gradient descent to a global minimum, n > k.

Theorem 18.C of docs/theorem/wider.md with rho = `travel`. Angles are those of exact integers, each neuron's own; the
largest eigenvalue is bounded by the norm of the Hessian."""

from fractions import Fraction
from typing import NamedTuple

from relucert_audit import definite
from relucert_audit import interval as ivl
from relucert_audit.exact import norm
from relucert_audit.finding import Finding, Findings, TooWeak, refuted
from relucert_audit.format import Dyadic
from relucert_audit.interval import Interval, maximum, pi, proves_lt, root, root_above, show
from relucert_audit.steps import bound, run
from relucert_audit.teacher.converges_claim import Descent
from relucert_audit.teacher.loss import Landscape
from relucert_audit.teacher.owners import fraction

STEP = 7
ZERO, ONE = ivl.dyadic(0, 0), ivl.dyadic(1, 0)


class Ball(NamedTuple):
    """Of B(W, rho), each interval of numbers of which the upper end counts."""

    apart: Interval  # E
    angles: list[Interval]  # of neurons in groups of two or more with the sum of the group
    split: Interval  # P
    group: Interval  # G


def prove(cert: Descent, bits: int) -> list[Finding]:
    """Step 7."""
    return run((descent,), cert, bits, STEP)


def descent(cert: Descent, bits: int) -> Findings:
    """Raises TooWeak where a hypothesis is not proved."""
    point = [[fraction(x) for x in row] for row in cert.point]
    travel = fraction(cert.bounds["travel"].exact)
    sides = (x for row, j in zip(point, cert.owners, strict=True) for a, x in enumerate(row, 1) if a != j)
    aside = sum((x * x for x in sides), Fraction(0))
    if aside > travel**2:
        yield refuted(STEP, "travel", "the neurons are farther from the multiples of their targets")
        return
    targets = [[Dyadic(int(i == j), 0) for j in range(cert.k)] for i in range(cert.k)]
    loss, rho = Landscape(cert.point, targets, bits), ivl.rational(travel)
    yield from bound(cert, STEP, "objective", loss.objective)
    along = min(row[j - 1] for row, j in zip(point, cert.owners, strict=True))
    need(rho, ivl.rational(along), "18.C.1: rho against min w_i.v_j(i)")
    near = around(cert, point, ivl.rational(along), rho, bits)
    slope, reach = pull(cert.k, near, loss.objective.b)
    step, rho_up = ivl.rational(cert.step), cert.bounds["travel"].exact
    steepest = definite.norm(loss.hessian) or norm(loss.hessian)  # at least the largest eigenvalue
    load = step * (steepest.b + loss.lipschitz(rho_up) * rho)
    need(load, ivl.dyadic(2, 0), "18.C.6: s (lambda_max + L rho) against 2")
    steep, fall = 2 * slope / reach, 1 - load / 2
    need(3 * root_above(loss.objective, 3) / (fall * steep), rho, "18.C.7: l against rho")
    yield from bound(cert, STEP, "rate", (step * fall * steep**2 / 3).a, False)


def need(left: Interval, right: Interval, what: str) -> None:
    if not proves_lt(left, right):
        raise TooWeak(f"{what} is not proved to be less: {show(left, right)}")


def around(cert: Descent, point: list[list[Fraction]], along: Interval, rho: Interval, bits: int) -> Ball:
    """From exact sums of the groups. Raises TooWeak."""
    groups = [[i for i, j in enumerate(cert.owners) if j == t] for t in range(1, cert.k + 1)]
    sums = [[sum((point[i][a] for i in group), Fraction(0)) for a in range(cert.k)] for group in groups]
    error = sum(((x - (a == j)) ** 2 for j, s in enumerate(sums) for a, x in enumerate(s)), Fraction(0))
    far = root(ivl.rational(error))
    drift = root(ivl.dyadic(max(map(len, groups)), 0)) * rho
    need(far + drift, ONE, "18.C.2: E against 1")
    turned = turn(rho / along) + turn(drift / (1 - far))
    squares = [sum((x * x for i in group for x in point[i]), Fraction(0)) for group in groups]
    several = [x for x, group in zip(squares, groups, strict=True) if len(group) > 1]
    angles = [
        angle(point[i], s, bits) + turned
        for group, s in zip(groups, sums, strict=True)
        if len(group) > 1
        for i in group
    ]
    widest = maximum([root(ivl.rational(x)) for x in squares])
    return Ball(far + drift, angles, root(ivl.rational(sum(several, Fraction(0)))) + rho, widest + rho)


def turn(x: Interval) -> Interval:
    """At least arcsin x, 0 <= x < 1: t = tan(arcsin x)."""
    return x / root(1 - x**2)


def angle(w: list[Fraction], s: list[Fraction], bits: int) -> Interval:
    """Of two vectors of fractions, not both 0, from exact inner products."""
    a, b, c = (
        sum((x * y for x, y in zip(u, v, strict=True)), Fraction(0)) for u, v in ((w, w), (s, s), (w, s))
    )
    scale = max(a.denominator, b.denominator, c.denominator)  # powers of 2
    area = (a * b - c * c) * scale**2
    return ivl.angle(int(area), int(c * scale), bits)


def pull(k: int, near: Ball, loss: Interval) -> tuple[Interval, Interval]:
    """(c_1, C): the numbers of Theorem 18.C on the ball. Raises TooWeak.

    zeta is taken with the sum of the angles, which is at most m Phi."""
    phi, e = maximum([ZERO, *near.angles]), near.apart
    need(phi**2, ivl.dyadic(5, 0), "18.C.3: Phi^2 against 5")
    c0, sqrt_k = root(ivl.dyadic(5, 0)) / (2 * pi()), root(ivl.dyadic(k, 0))
    lipschitz = 3 * root(ivl.dyadic(3, 0)) / (4 * pi()) * (k + (k - 1) * (1 + e)) / (1 - e) ** 2
    lipschitz += 3 * root(ivl.dyadic(k - 1, 0)) / (pi() * (1 - e))
    flat = ONE / 4 - 1 / (2 * pi())
    need(lipschitz * e / 3, flat, "18.C.4: L_V E/3 against 1/4 - 1/(2 pi)")
    a, b = 2 * (1 - phi**2 / 5) / (3 * pi()), flat - lipschitz * e / 3
    zeta = c0 * sqrt_k * root(sum(near.angles, ZERO) / (a * b))
    xi = zeta / (1 - e) + pi() ** 2 / 2 * c0 * sqrt_k * e / b
    need(zeta + xi, ONE, "18.C.5: zeta + xi against 1")
    aside = root_above(2 * near.split / ((1 - zeta) * a), 3) if near.angles else ZERO
    rest = (1 + pi() * near.group / 2) * root(2 / ((1 - zeta) * b)) * root_above(loss, 6)
    return 1 - xi / (1 - zeta), aside + rest
