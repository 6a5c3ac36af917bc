"""One box of the certificate: existence, every block of the Hessian and the loss (docs/theorem/uniform.md, A)."""

from collections.abc import Callable
from fractions import Fraction

from relucert_audit.interval import Interval, dyadic, pi, precision, proves_lt, rational, show
from relucert_audit.uniform.basin import prove_basin
from relucert_audit.uniform.blocks import Form, blocks
from relucert_audit.uniform.dual import Dual, Unproved
from relucert_audit.uniform.existence import Box, Fractions, Line, Tube, between, narrowed, start, step, zeros
from relucert_audit.uniform.linear import positive_on
from relucert_audit.uniform.loss import scaled_loss

BITS = 96
DEPTH = 8  # bisections of the interval of s


def check_box(
    s0: Fraction, s1: Fraction, x0: Fractions, x1: Fractions, z: Fractions, c: Fraction, loss_low: Fraction,
    loss_high: Fraction, basin: Fraction | None = None,
) -> Tube:  # fmt: skip
    """For every s in [s0, s1] exactly one zero x of G(., s) has |x - x0 - x1 (s - (s0 + s1)/2)| <= z, componentwise;
    there all eigenvalues of the Hessian in R^(k d), d >= k = 1/s^2, are above c, and loss_low < k F < loss_high. If
    basin is a number, gradient descent with any fixed step up to 4/k converges to W(k) from within basin/sqrt(k).

    All of it is proved for pieces of [s0, s1], one by one. Raises `Unproved` with the reason if that fails,
    ValueError if these numbers are no box."""
    with precision(BITS):
        line, outer = start(s0, s1, x0, x1, z)
        inner: dict[Fraction, Box] = {}
        pieces, count = [(s0, s1, 0)], 0
        while pieces:
            low, high, depth = pieces.pop()
            count += 1
            try:
                y = narrowed(line, low, high, zeros(line, low, high, outer))
                inner[low] = inner[high] = y
                prove(line, low, high, y, c, loss_low, loss_high)
                if basin is not None:
                    s = between(rational(low), rational(high))
                    prove_basin(*line.along(s, y), basin, c)
            except Unproved as problem:
                if depth == DEPTH or low == high:
                    raise Unproved(
                        f"{problem}, for s in {show(between(rational(low), rational(high)))}"
                    ) from None
                half = (low + high) / 2
                pieces += [(half, high, depth + 1), (low, half, depth + 1)]
        ends = at_end(line, s0, inner[s0]), at_end(line, s1, inner[s1])
        return Tube(s0, s1, line, outer, *ends, count)


def at_end(line: Line, s: Fraction, y: Box) -> Box:
    """Where the zero is at one s: so near that it can be compared with a neighbour's."""
    for _ in range(2):
        y = step(line, s, s, y)
    return y


def prove(
    line: Line, low: Fraction, high: Fraction, y: Box, c: Fraction, loss_low: Fraction, loss_high: Fraction
) -> None:
    """The bounds for s in [low, high] and x in line(s) + y: on each line x(s) + const by Taylor's formula about m."""
    ends = rational(low), rational(high)
    s, m = between(*ends), (ends[0] + ends[1]) / 2
    t = s - m
    at_m, bend = line.along(m, y), line.along(s, y, second=True)
    thin, wide = scaled_loss(*at_m), scaled_loss(*bend)
    value = thin.v + thin.d[0] * t + wide.q[0] * t**2 / 2
    if not (proves_lt(rational(loss_low), value) and proves_lt(value, rational(loss_high))):
        raise Unproved(f"loss: k F is {show(value)}")
    bound = 2 * pi() * rational(c)
    for near, far in zip(blocks(*at_m), blocks(*bend), strict=True):
        terms = less(near, bound, value_of), less(near, bound, slope_of), less(far, bound, bend_of)
        if not positive_on(terms, (t, t**2 / 2)):
            raise Unproved(f"block {near.name}: not proved to be above {show(rational(c))}")


def value_of(x: Dual) -> Interval:
    return x.v


def slope_of(x: Dual) -> Interval:
    """A constant has none."""
    return x.d[0] if x.d else dyadic(0, 0)


def bend_of(x: Dual) -> Interval:
    return x.q[0] if x.q else dyadic(0, 0)


def less(of: Form, bound: Interval, part: Callable[[Dual], Interval]) -> list[list[Interval]]:
    """The form less `bound` times the Gram matrix."""
    out = [[dyadic(0, 0)] * of.size for _ in range(of.size)]
    for (i, j), entry in of.form.items():
        out[i][j] = out[j][i] = part(entry) - bound * part(of.gram[i, j])
    return out
