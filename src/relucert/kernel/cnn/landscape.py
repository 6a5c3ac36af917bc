"""Every critical point of the one-hidden-layer CNN: where it is, its loss, the spectrum of its Hessian.

docs/theorem/cnn.md section 9: Theorem 9.K (the list), Theorem 9.A (which of them are minima), Theorem 9.P (the
pass between the minima) and Lemma 9.H (spectra).
The loss does not change under v -> c v, so all spectra are taken at |v| = 1.
"""

from __future__ import annotations

from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, pi, root, square, upper
from relucert.kernel.cnn import teacher as cnn
from relucert.kernel.cnn.teacher import Teacher
from relucert.kernel.outcome import Argument, inequality

GLOBAL = "global-minimum"
SPURIOUS = "spurious-minimum"
NON_STRICT = "non-strict-saddle"
STRICT = "strict-saddle"


class Eigenvalue(NamedTuple):
    value: Ball
    multiplicity: int


class Critical(NamedTuple):
    """A set of critical points: all v at the angle phi with w*, and one a = x a* + y 1."""

    verdict: str
    phi: Ball  # pi - phi is `complement`, accurate where phi is near pi
    complement: Ball
    a: tuple[Ball, Ball]  # (x, y)
    loss: Ball
    spectrum: tuple[Eigenvalue, ...]  # of the Hessian in R^(p + k) at |v| = 1; zero eigenvalues are exact
    inertia: tuple[int, int, int]  # how many are negative, zero, positive


class Landscape(NamedTuple):
    """The complete list of critical points: kinds 1, 2 and, if T > 0, 3 of Theorem 9.K, in this order."""

    excess: Ball  # T = (k + pi - 1) N - pi S^2
    q_bad: Ball  # a_bad . a*
    points: tuple[Critical, ...]
    barrier: Ball | None  # the loss of the saddles less that of the spurious minimum (T > 0)
    arguments: tuple[Argument, ...]


def landscape(of: Teacher, patch: int) -> Landscape:
    """All critical points for patches of size p = `patch` >= 2 (Theorems 9.K and 9.A).

    Raises NotProved where the precision does not tell on which side of the threshold the teacher lies.
    """
    if patch < 2:
        raise NotProved("the classification needs patches of size p >= 2")
    spurious = cnn.has_spurious_minimum(of)
    points = [global_minimum(of, patch), opposite(of, patch)]
    return Landscape(
        excess=cnn.excess(of) if of.k > 1 else Ball(0),
        q_bad=cnn.q_bad(of) if of.k > 1 else Ball(0),
        points=(*points, saddle(of, patch)) if spurious else tuple(points),
        barrier=cnn.barrier(of) if spurious else None,
        arguments=(threshold(of),),
    )


def threshold(of: Teacher) -> Argument:
    """The hypothesis of Theorem 9.A or of its converse. For k = 1, T = 0 exactly."""
    distance = cnn.excess(of) if of.k > 1 else Ball(0)
    if ball.proves_positive(distance):
        text = "0 < T = (k + pi - 1) N - pi S^2"
        return Argument("Theorem 9.A", (inequality("K.1", Ball(0), "<", distance, text),))
    text = "T = (k + pi - 1) N - pi S^2 <= 0"
    return Argument("Theorem 9.A, converse", (inequality("K.2", distance, "<=", Ball(0), text),))


def global_minimum(of: Teacher, patch: int) -> Critical:
    """phi = 0, a = W a*, with loss 0. v turns against W^2 N/2 (Lemma 9.H)."""
    turning = Eigenvalue(square(of.W) * of.N / 2, patch - 1)
    return Critical(
        verdict=GLOBAL,
        phi=Ball(0),
        complement=pi(),
        a=(of.W, Ball(0)),
        loss=Ball(0),
        spectrum=(Eigenvalue(Ball(0), 1), turning, *output_spectrum(of)),
        inertia=(0, 1, patch - 1 + of.k),
    )


def opposite(of: Teacher, patch: int) -> Critical:
    """phi = pi, a = a_bad: a spurious minimum if T > 0, otherwise a saddle with a semidefinite Hessian."""
    x, y = cnn.a_bad_coefficients(of)
    return Critical(
        verdict=SPURIOUS if cnn.has_spurious_minimum(of) else NON_STRICT,
        phi=pi(),
        complement=Ball(0),
        a=(x, y),
        loss=cnn.loss_bad(of),
        spectrum=(Eigenvalue(Ball(0), patch), *output_spectrum(of)),
        inertia=(0, patch, of.k),
    )


def saddle(of: Teacher, patch: int) -> Critical:
    """a.a* = 0, g(phi) = g(phi_s), a = a_s. Raises NotProved unless T > 0 is proved."""
    if not cnn.has_spurious_minimum(of):
        raise NotProved("there is no saddle at an angle between 0 and pi")
    complement = cnn.complement_of_g(cnn.saddle_g(of))
    low, middle, high = coupled_spectrum(of, complement)
    across = [Eigenvalue(isotropic(), of.k - 2)] if of.k > 2 else []
    return Critical(
        verdict=STRICT,
        phi=pi() - complement,
        complement=complement,
        a=cnn.a_saddle_coefficients(of),
        loss=cnn.loss_saddle(of),
        spectrum=(
            Eigenvalue(low, 1),
            Eigenvalue(Ball(0), patch - 1),
            *across,
            Eigenvalue(middle, 1),
            Eigenvalue(high, 1),
        ),
        inertia=(1, patch - 1, of.k),
    )


def isotropic() -> Ball:
    """(pi - 1)/(2 pi): the eigenvalue of M/(2 pi) across 1."""
    return (pi() - 1) / (2 * pi())


def output_spectrum(of: Teacher) -> tuple[Eigenvalue, ...]:
    """M/(2 pi), the Hessian in a: (pi - 1)/(2 pi), k - 1 times, and (k + pi - 1)/(2 pi)."""
    along = Eigenvalue(cnn.stiffness(of) / (2 * pi()), 1)
    return (Eigenvalue(isotropic(), of.k - 1), along) if of.k > 1 else (along,)


def coupled_spectrum(of: Teacher, complement: Ball) -> tuple[Ball, Ball, Ball]:
    """The three eigenvalues, ascending, of the Hessian at a saddle on the directions of increasing phi, 1
    and a* (Lemma 9.H): with b = W psi sin(psi)/(2 pi), psi = pi - phi,

        ( 0              b S/sqrt k          b sqrt(N - S^2/k) )
        ( b S/sqrt k     (k + pi - 1)/(2 pi)        0          )
        ( b sqrt(N - S^2/k)     0           (pi - 1)/(2 pi)    )

    The roots of P(t) = t (t - m1)(t - m2) - b1^2 (t - m2) - b2^2 (t - m1) are separated by 0 and m2 and m1
    (Cauchy's interlacing theorem).
    """
    m1, m2 = cnn.stiffness(of) / (2 * pi()), isotropic()
    size = square(of.W * complement * complement.sin() / (2 * pi()))
    b1 = size * square(of.S) / of.k
    b2 = size * (of.N - square(of.S) / of.k)
    reach = upper(root(size * of.N))

    def characteristic(t: Ball) -> Ball:
        return t * (t - m1) * (t - m2) - b1 * (t - m2) - b2 * (t - m1)

    def falling(t: Ball) -> Ball:
        return -characteristic(t)

    return (
        cnn.zero_between(characteristic, -reach, Ball(0)),
        cnn.zero_between(falling, m2, m1),
        cnn.zero_between(characteristic, m1, upper(m1 + reach)),
    )
