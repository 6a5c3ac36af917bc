"""What the whole landscape of Q is like: Theorems 13.A, 13.B and 13.T' of docs/theorem/landscape.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, lower, smallest, upper
from relucert.kernel.landscape.basin import basin, spectrum_at_minima
from relucert.kernel.landscape.weights import Scale, Weights
from relucert.kernel.newton import ZERO
from relucert.kernel.outcome import Argument, Inconclusive, inequality, undecided

ONE = Ball(1)


class Minima(NamedTuple):
    """Of the signed permutations. basin, step: Theorem 13.B; saddle: Theorem 13.T'."""

    value: tuple[Ball, Ball]
    lambda_min: Ball
    lambda_max: Ball
    basin: Ball
    step: Ball
    saddle: Ball


class Worse(NamedTuple):
    """Of a spurious minimum: its value, how much lower Q gets at least, its smallest eigenvalue."""

    value: tuple[Ball, Ball]
    gap: Ball
    lambda_min: Ball


@dataclass(frozen=True)
class NoSpuriousMinimum:
    """All local minima are signed permutations, and global."""

    verdict: ClassVar[str] = "no-spurious-minimum"
    proved: ClassVar[bool] = True
    bounds: Minima
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class UnboundedBelow:
    """inf Q = -infinity."""

    verdict: ClassVar[str] = "unbounded-below"
    proved: ClassVar[bool] = True
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class HasSpuriousMinimum:
    """A strict local minimum is not global: the doubled point `twice`, `never`."""

    verdict: ClassVar[str] = "spurious-minimum"
    proved: ClassVar[bool] = True
    bounds: Worse
    twice: int
    never: int
    arguments: tuple[Argument, ...]


def bounded(w: Weights) -> Argument:
    """Q is bounded below, and there are signed permutations."""
    text = "nu alpha_max < lambda"
    return Argument("Theorem 13.A", (inequality("A.1", w.nu * w.ascending[-1], "<", w.lam, text),))


def unbounded(w: Weights) -> Argument:
    """inf Q = -infinity."""
    text = "lambda < nu alpha_max"
    return Argument("Theorem 13.A", (inequality("A.2", w.lam, "<", w.nu * w.ascending[-1], text),))


def benign(w: Weights) -> Argument:
    """All local minima are signed permutations, and global: Theorem 13.A (ii), by one of its two conditions."""
    first = inequality("A.3", w.nu, "<", ONE, "mu < 12")
    text = "lambda < (1 + nu) alpha_min"
    second = inequality("A.4", w.lam, "<", (1 + w.nu) * w.ascending[0], text)
    chosen = second if second.proved and not first.proved else first
    return Argument("Theorem 13.A", (*bounded(w).hypotheses, chosen))


def lowered(w: Weights, m: Ball) -> Ball:
    """h(m) = lambda m/(lambda - m): what a row of strength m < lambda takes off the value."""
    return w.lam * m / (w.lam - m)


def least_value(w: Weights) -> Ball:
    """V, the value at the signed permutations."""
    return -sum((lowered(w, w.nu * a) for a in w.alpha), ZERO)


def saddle_bound(w: Weights) -> tuple[Argument, Ball]:
    """Every critical point but the minima has an eigenvalue below -tau, in U; returns tau: Theorem 13.T'.

    tau = 8 nu gam. All hypotheses are linear in gam, which is a little less than where the first one fails.
    """
    low, kap = w.ascending[0], ball.largest((2 * w.nu + w.d - 1, Ball(w.d)))
    total = sum((1 / a for a in w.ascending), ZERO)
    slope = kap / w.lam + total  # Z = 1 - gam slope
    by_rows, by_columns = 1 - w.nu, (1 + w.nu) * low - w.lam
    rows = by_rows * low / (kap + by_rows * (low * slope - 1))
    columns = smallest((1 / slope, by_columns / (w.nu + by_columns * (slope - 1 / low))))
    use_rows = not ball.proves_positive(by_columns) or (
        ball.proves_positive(by_rows) and ball.proves_lt(columns, rows)
    )
    gam = lower((1 - Ball(2.0**-10)) * (rows if use_rows else columns))
    z, q = 1 - gam * slope, kap * gam
    hypotheses = [inequality("T.1", ZERO, "<", gam, "0 < gam")]
    if use_rows:
        more = by_rows * (low * z + gam)
        hypotheses.append(inequality("T.2", q, "<", more, "q < (1 - nu) (alpha_min Z + gam)"))
    else:
        hypotheses.append(inequality("T.3", ZERO, "<", z, "0 < Z"))
        more = by_columns * (z + gam / low)
        text = "nu gam < ((1 + nu) alpha_min - lambda) (Z + gam/alpha_min)"
        hypotheses.append(inequality("T.4", w.nu * gam, "<", more, text))
    return Argument("Theorem 13.T'", tuple(hypotheses)), lower(8 * w.nu * gam)


def decide(
    w: Weights, scale: Scale
) -> NoSpuriousMinimum | UnboundedBelow | HasSpuriousMinimum | Inconclusive:
    """Theorem 13.A on one problem; numbers are those with respect to B."""
    below = unbounded(w)
    if below.holds:
        return UnboundedBelow((below,))
    good = benign(w)
    if not good.holds:
        return _spurious(w, scale)
    low, high = spectrum_at_minima(w)
    draws, reach, step = basin(w, scale)
    size, tau = saddle_bound(w)
    if not (draws.holds and size.holds):
        return undecided(good, draws, size)
    value = least_value(w)
    bounds = Minima(
        (lower(value), upper(value)), lower(low * scale.least), upper(high * scale.most), reach, step,
        lower(tau * scale.least),
    )  # fmt: skip
    return NoSpuriousMinimum(bounds, (good, draws, size))


def _spurious(w: Weights, scale: Scale) -> HasSpuriousMinimum | Inconclusive:
    """Theorem 13.A (iii), with l the place of the smallest weight and k that of the largest of the others.

    The doubled point is then above V, as h increases, and this k makes it the highest.
    """
    least, most = w.ascending[0], w.ascending[-1]
    text = "(1 + nu) alpha_l < lambda"
    hypotheses = (
        *bounded(w).hypotheses,
        inequality("A.6", ONE, "<", w.nu, "12 < mu"),
        inequality("A.7", (1 + w.nu) * least, "<", w.lam, text),
    )
    if not all(h.proved for h in hypotheses):
        return undecided(Argument("Theorem 13.A", hypotheses))
    gap = lowered(w, w.nu * least) + lowered(w, w.nu * most) - 2 * lowered(w, (w.nu - 1) * least)
    more = inequality("A.8", ZERO, "<", gap, "the values of the two kinds of minima differ")
    argument = Argument("Theorem 13.A", (*hypotheses, more))
    if not argument.holds:
        return undecided(argument)
    worse = least_value(w) + gap
    low = doubled_spectrum(w) * scale.least
    bounds = Worse((lower(worse), upper(worse)), lower(gap), lower(low))
    return HasSpuriousMinimum(bounds, w.smallest, w.largest, (argument,))


def doubled_spectrum(w: Weights) -> Ball:
    """The smallest eigenvalue, in U, where u_l = u_k = t e_l: Theorem 13.A (iii), with alpha_l the smallest.

    Those that are left out are larger: 8 lambda = 8 t^2 (lambda - (nu - 1) alpha_l), and 4 nu alpha_j t_j^2 =
    4 h(nu alpha_j) > 4 h((nu - 1) alpha_l), which is the force; all others are one of these, and more.
    """
    least, nu, lam = w.ascending[0], w.nu, w.lam
    force = 4 * lowered(w, (nu - 1) * least)
    return smallest((force, 8 * lam * (lam - (1 + nu) * least) / (lam - (nu - 1) * least)))
