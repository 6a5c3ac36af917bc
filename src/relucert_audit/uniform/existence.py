"""One zero of G(., s) for each s of an interval, by Krawczyk's operator along a line (docs/theorem/uniform.md, A)."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit.interval import Interval, dyadic, maximum, minimum, proves_lt, rational, show
from relucert_audit.uniform.claim import UNKNOWNS
from relucert_audit.uniform.dual import Dual, Unproved
from relucert_audit.uniform.linear import guessed, near_inverse
from relucert_audit.uniform.system import system

NARROWINGS = 8
Fractions = Sequence[Fraction]
Box = tuple[Interval, ...]


class Line(NamedTuple):
    """x(s) = x0 + x1 (s - middle), what the unknowns are measured from."""

    middle: Interval
    x0: Box
    x1: Box

    def at(self, s: Interval, y: Box) -> Box:
        return tuple(a + b * (s - self.middle) + c for a, b, c in zip(self.x0, self.x1, y, strict=True))

    def along(self, s: Interval, y: Box, *, second: bool = False) -> tuple[list[Dual], Dual]:
        """(x, s) with the derivatives by s on the lines x(s) + const."""
        zero = (dyadic(0, 0),) if second else ()
        x = [Dual(v, (d,), zero) for v, d in zip(self.at(s, y), self.x1, strict=True)]
        return x, Dual(s, (dyadic(1, 0),), zero)


class Tube(NamedTuple):
    """For each s in [s0, s1] line(s) + outer holds exactly one zero of G(., s); it is in line(s0) + first at s0, in
    line(s1) + last at s1. So many pieces of [s0, s1] were tried."""

    s0: Fraction
    s1: Fraction
    line: Line
    outer: Box
    first: Box
    last: Box
    pieces: int


def between(low: Interval, high: Interval) -> Interval:
    """From the lower end of one to the upper end of the other."""
    if proves_lt(high, low):
        raise ValueError("empty interval")
    return iv.make_mpf((low._mpi_[0], high._mpi_[1]))


def centre(x: Interval) -> Interval:
    """A thin enclosure of a point of x, the same whenever it is asked for."""
    return (x.a + x.b) / 2


def step(line: Line, low: Fraction, high: Fraction, y: Box) -> Box:
    """Krawczyk's operator on y: if it maps y into its interior, line(s) + y holds exactly one zero for each s in
    [low, high], and that lies in line(s) + the image.

    H(y, s) = G(line(s) + y, s), with Taylor's formula in s and the mean value form in y about one point (c, m):
    K = c - Y (H + dH/ds (s - m) + d2H/ds2 [along the line] (s - m)^2/2) + (I - Y dH/dy)(y - c)."""
    ends = rational(low), rational(high)
    s, m, c = between(*ends), (ends[0] + ends[1]) / 2, tuple(centre(v) for v in y)
    zero, one = dyadic(0, 0), dyadic(1, 0)
    seeds = [tuple(one if i == j else zero for j in range(UNKNOWNS)) for i in range(UNKNOWNS)]
    by_y = system([Dual(v, d) for v, d in zip(line.at(s, y), seeds, strict=True)], Dual(s))
    at_m = system(*line.along(m, c))
    bend = system(*line.along(s, c, second=True))
    t = s - m
    inverse = guessed(near_inverse, [g.d for g in by_y])
    if inverse is None:
        raise Unproved("existence: the Jacobian is singular in floating point")
    values = [g.v + g.d[0] * t + h.q[0] * t**2 / 2 for g, h in zip(at_m, bend, strict=True)]
    out = []
    for i, row in enumerate(inverse):
        new = c[i] - sum((f * value for f, value in zip(row, values, strict=True)), zero)
        for j in range(UNKNOWNS):
            rest = sum((f * g.d[j] for f, g in zip(row, by_y, strict=True)), zero)
            new += (int(i == j) - rest) * (y[j] - c[j])
        out.append(new)
    return tuple(out)


def start(s0: Fraction, s1: Fraction, x0: Fractions, x1: Fractions, z: Fractions) -> tuple[Line, Box]:
    """The line and [-z, z]. k >= 5: for k = 4 the Hessian has other blocks."""
    if not 0 <= s0 <= s1 or 5 * s1**2 > 1 or {len(x0), len(x1), len(z)} != {UNKNOWNS} or min(z) <= 0:
        raise ValueError("not a box")
    line = Line(rational((s0 + s1) / 2), tuple(rational(v) for v in x0), tuple(rational(v) for v in x1))
    return line, tuple(between(-rational(v), rational(v)) for v in z)


def zeros(line: Line, low: Fraction, high: Fraction, outer: Box) -> Box:
    """Where in line(s) + outer the only zeros are, for s in [low, high]; raises `Unproved` if they are not."""
    inner = step(line, low, high, outer)
    for name, image, box in zip(("al", "be", "ga", "ep", "ph"), inner, outer, strict=True):
        if not (proves_lt(box.a, image) and proves_lt(image, box.b)):
            raise Unproved(f"existence: {name} is {show(image)}, not inside {show(box)}")
    return inner


def narrowed(line: Line, low: Fraction, high: Fraction, y: Box) -> Box:
    """The part of y where the zeros are that are known to lie in line(s) + y: the operator again, while it helps."""
    for _ in range(NARROWINGS):
        image, before = step(line, low, high, y), y
        y = tuple(between(maximum([a.a, b.a]), minimum([a.b, b.b])) for a, b in zip(y, image, strict=True))
        if not any(proves_lt(2 * a.delta, b.delta) for a, b in zip(y, before, strict=True)):
            break
    return y


def same_branch(left: Tube, right: Tube) -> bool:
    """Do both hold the same zero at s = left.s1 = right.s0? Yes if that of `left` lies where `right` has only one.

    The tube's own ends are compared, not its sum with the line, which is rounded outward."""
    if left.s1 != right.s0:
        return False
    s = rational(left.s1)
    here, line = left.line.at(s, left.last), right.line.at(s, tuple(dyadic(0, 0) for _ in right.outer))
    off = [a - b for a, b in zip(here, line, strict=True)]
    return all(proves_lt(z.a, x) and proves_lt(x, z.b) for x, z in zip(off, right.outer, strict=True))
