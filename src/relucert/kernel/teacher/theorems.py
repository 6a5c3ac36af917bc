"""From numbers to theorems about the teacher-student network: only here a proved outcome of it is made.

docs/theorem/teacher.md section 4. `decide_critical` draws a conclusion from an argument only if it holds,
and every outcome carries the arguments it rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import ball, outcome
from relucert.kernel.ball import Ball, lower, smallest, square, upper
from relucert.kernel.newton import (
    ZERO,
    lemma_1,
    lemma_2,
    nonnegative,
    not_critical,
    taylor,
    theorem_d,
    theorem_e,
)
from relucert.kernel.outcome import Argument, Bounds, Inconclusive, Outcome, inequality, undecided
from relucert.kernel.spectrum import Spectrum, signs
from relucert.kernel.teacher.sharp import Shape
from relucert.kernel.teacher.wider import theorem_18_v


class Facts(NamedTuple):
    """Everything the theorems need about one point W."""

    neurons: Sequence[Ball]  # their lengths p_1 .. p_n
    targets: Sequence[Ball]  # their lengths q_1 .. q_k
    objective: Ball  # F(W)
    gradient: Ball  # |grad F(W)|
    spectrum: Spectrum  # of Hess F(W)
    correction: Ball  # eta >= |X grad F(W)|, X the approximate inverse in `spectrum`
    lipschitz: Ball  # L: Lipschitz constant of Hess F on B(W, domain)
    lipschitz_safran_shamir: Ball | None  # L_A on the same ball, reported beside it
    domain: Ball  # alpha
    to_global: Ball | None  # where n = k, the distance from W to some permutation of the targets
    shape: Shape | None = None  # what the sharp Lipschitz constant needs, where that is used
    counts: tuple[int, int] | None = None  # n and k, where `neurons` and `targets` list each length only once
    outside: Spectrum | None = None  # of M: then the facts are about every dimension from d on
    scale: Ball | None = None  # (1 - alpha)^2, where the activation is max(t, alpha t), alpha != 0
    matched: bool | None = (
        None  # where there are output weights or a slope: whether inf F = 0 by Theorem 20.I
    )

    @property
    def n(self) -> int:
        return len(self.neurons) if self.counts is None else self.counts[0]

    @property
    def k(self) -> int:
        return len(self.targets) if self.counts is None else self.counts[1]

    @property
    def reaches_zero(self) -> bool:
        """Whether inf F = 0 is proved: docs/theorem/teacher.md, Lemma 2; docs/theorem/signed.md, Theorem 20.I."""
        return self.n >= self.k if self.matched is None else self.matched

    @property
    def spectra(self) -> tuple[Spectrum, ...]:
        """Together the spectrum of Hess F, in R^(nd) or in every dimension (docs/theorem/teacher.md, Theorem M)."""
        return (self.spectrum,) if self.outside is None else (self.spectrum, self.outside)


def safran_shamir_5(facts: Facts, gradient: Ball, radius: Ball) -> Argument:
    """Safran & Shamir's own criterion for F(W*) > 0 (2018, equation 5), reported beside Lemma 2."""
    n, k = facts.n, facts.k
    least = 2 * ball.pi() * (smallest(facts.neurons) - radius)
    pairs = n * (n - 1) * ((ball.largest(facts.neurons) + radius) / least + Ball(1) / 2)
    curvature = Ball(1) / 2 + pairs + n * k * ball.largest(facts.targets) / least
    bound = square(radius) * curvature + radius * gradient
    text = "their bound of F(W) - F(W*) < F(W)"
    return Argument("Safran & Shamir (5)", (inequality("SS.5", bound, "<", facts.objective, text),))


def global_minimum(to_global: Ball, uniqueness: Ball, *, signed: bool = False) -> Argument:
    """W* is a permutation of the targets: that is a critical point, and there is only one so near.

    docs/theorem/teacher.md section 4, n = k; signed: docs/theorem/signed.md, Theorem 20.G, where some targets may be
    reversed. uniqueness: min(alpha, r+) of Theorem E.
    """
    if signed:
        text = "distance to a point of loss 0 < min(alpha, r+)"
        return Argument("Theorem 20.G", (inequality("20.G.1", to_global, "<", uniqueness, text),))
    text = "distance to a permutation of the targets < min(alpha, r+)"
    return Argument("Global minimum", (inequality("G.1", to_global, "<", uniqueness, text),))


def witness(there: Ball, least: Ball) -> tuple[Argument, Ball]:
    """W* is not a global minimum, as F is lower at another point Y; returns a lower bound of F(W*) - F(Y).

    docs/theorem/teacher.md section 4, Theorem W. there: encloses F(Y); least: a lower bound of F(W*).
    """
    lower_there = Argument("Theorem W", (inequality("W.1", there, "<", least, "F(Y) < F(W*)"),))
    return lower_there, lower(least - upper(there))


def with_witness(minimum: outcome.LocalMinimum, there: Ball) -> outcome.SpuriousMinimum | Inconclusive:
    """A local minimum is spurious if F is lower elsewhere. there: encloses F(Y), Y any other point."""
    bounds = minimum.bounds
    if bounds is None:
        return Inconclusive(None, (), "nothing is known of the minimum")
    below, gap = witness(there, bounds.objective[0])
    if not below.holds:
        return undecided(below, bounds=bounds)
    return outcome.SpuriousMinimum(bounds._replace(gap=gap), (*minimum.arguments, below))


def outside_positive(lambda_min: Ball) -> Argument:
    """Dimensions beyond d add no direction of descent: docs/theorem/teacher.md section 7, Theorem M."""
    text = "0 < lambda_min(M)"
    return Argument("Theorem M", (inequality("M.1", ZERO, "<", lambda_min, text),))


def decide_critical(facts: Facts, *, lemma_1_only: bool = False) -> Outcome:
    """The verdict on the critical point W* next to W: Theorem E for existence, then the kind of W*.

    In R^(nd), or with `facts.outside` in every dimension from d on, where X of Theorem E is that of R^(nd)
    beside one of M for each further coordinate. With `lemma_1_only` a minimum must satisfy Safran & Shamir's
    Lemma 1 as well.
    """
    eps, spectra = upper(facts.gradient), facts.spectra
    low = lower(smallest(s.values[0] for s in spectra))
    high = upper(ball.largest(s.values[-1] for s in spectra))
    bounds = _bounds(facts)
    nearest = lower(smallest(abs(x) for s in spectra for x in s.values))
    regular = Argument("Theorem C", (inequality("C.1", ZERO, "<", nearest, "0 < min |lambda_i|"),))
    first, first_radius = lemma_1(low, eps, facts.lipschitz, facts.domain)
    exists, radius, uniqueness = theorem_e(
        ball.largest(s.inverse.error for s in spectra),
        ball.largest(s.inverse.size for s in spectra),
        facts.correction,
        facts.lipschitz,
        facts.domain,
    )
    if bounds.inertia is None or not (regular.holds and exists.holds):
        return undecided(regular, exists, first, bounds=bounds)
    negative = bounds.inertia[0]
    around = taylor(facts.objective, eps, upper(ball.largest((abs(high), abs(low)))), facts.lipschitz, radius)
    bounds = bounds._replace(radius=radius, uniqueness=uniqueness, objective=around)
    ground: tuple[Argument, ...] = (regular, exists)
    if negative > 0:
        return outcome.StrictSaddle(bounds, ground)
    if facts.outside is not None:
        upwards = outside_positive(lower(facts.outside.values[0]))
        if not upwards.holds:
            return undecided(upwards, *ground, bounds=bounds)
        ground = (*ground, upwards)
    if lemma_1_only and not first.holds:
        return undecided(first, *ground, bounds=bounds)
    if first.holds:
        radius = upper(radius.min(first_radius))
        bounds = bounds._replace(radius=radius, radius_lemma_1=first_radius)
    basin, reach, step = theorem_d(low, high, facts.lipschitz, radius, facts.domain)
    if basin.holds:
        bounds = bounds._replace(basin=reach, step=step)
    height, climb = theorem_18_v(low, facts.lipschitz, radius, facts.domain)
    if height.holds and ball.proves_positive(climb):
        bounds = bounds._replace(barrier=climb)
    if facts.to_global is not None and facts.n == facts.k:
        coincides = global_minimum(facts.to_global, uniqueness, signed=facts.matched is not None)
        if coincides.holds:
            zero = bounds._replace(objective=(ZERO, ZERO))
            return outcome.GlobalMinimum(zero, (*ground, coincides, first, basin, height))
    above, least = lemma_2(facts.objective, eps, low, facts.lipschitz, radius)
    if above.hypotheses[0].proved:
        bounds = bounds._replace(objective=(nonnegative(least), upper(facts.objective)))
    if not facts.reaches_zero:
        return outcome.LocalMinimum(bounds, (*ground, first, basin, height))
    paper = () if facts.matched is not None else (safran_shamir_5(facts, eps, radius),)
    if above.holds:
        return outcome.SpuriousMinimum(bounds, (*ground, above, first, basin, height, *paper))
    return undecided(above, *ground, first, basin, height, *paper, bounds=bounds)


def decide_not_critical(facts: Facts) -> Outcome:
    """NotCritical on B(W, facts.domain), or Inconclusive."""
    values = facts.spectrum.values
    steepest = upper(ball.largest((abs(values[0]), abs(values[-1]))))
    argument = not_critical(lower(facts.gradient), steepest, facts.lipschitz, facts.domain)
    bounds = _bounds(facts._replace(outside=None))  # a statement about R^d
    if argument.holds:
        return outcome.NotCritical(bounds._replace(exclusion=facts.domain), (argument,))
    return undecided(argument, bounds=bounds)


def _bounds(facts: Facts) -> Bounds:
    flat = facts.spectrum
    return Bounds(
        objective=(nonnegative(lower(facts.objective)), upper(facts.objective)),
        gradient=upper(facts.gradient),
        lambda_min=_ends(flat.values[0]),
        lambda_max=upper(flat.values[-1]),
        lambda_min_safran_shamir=flat.safran_shamir,
        inertia=signs(flat),
        lipschitz=facts.lipschitz,
        lipschitz_safran_shamir=facts.lipschitz_safran_shamir,
        domain=facts.domain,
        lambda_min_outside=None if facts.outside is None else _ends(facts.outside.values[0]),
    )


def _ends(value: Ball) -> tuple[Ball, Ball]:
    return lower(value), upper(value)
