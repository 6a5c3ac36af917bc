"""Theorem B' (docs/theorem/teacher.md section 2): its constant, and the third derivative that it bounds."""

import numpy as np
from flint import arb

from relucert.kernel import ball
from relucert.kernel.teacher import facts, sharp

BITS = 128


def rows(array):
    return [[ball.to_dyadic(arb(float(x))) for x in row] for row in array]


def shape_of(point, targets):
    at = facts.enclose(rows(point), rows(targets))
    return sharp.shape(at.geometry, at.curvatures)


def constant(point, targets, rho, drift=None):
    with ball.precision(BITS):
        moved = None if drift is None else arb(drift)
        return float(sharp.theorem_b_sharp(shape_of(point, targets), arb(float(rho)), moved))


class Third:
    """D^3 F at one point as Lemma F writes it: a.Gam(y) + R(y)."""

    def __init__(self, point, targets):
        self.n, self.d = point.shape
        self.p = np.linalg.norm(point, axis=1)
        self.units = point / self.p[:, None]
        self.rows = np.vstack([point, targets])
        self.signs = np.r_[np.ones(self.n), -np.ones(len(targets))]
        self.zeta = self.rows @ self.units.T  # z, i
        across = self.rows[:, None] - self.zeta[..., None] * self.units
        self.size = np.linalg.norm(across, axis=2)
        self.nbar = across / np.where(self.size > 1e-12, self.size, np.inf)[..., None]  # z, i, d

    def parts(self, y):
        """Gam, R and the vectors V_ij for y with rows orthogonal to the neurons; y: (..., n, d)."""
        n, p = self.n, self.p
        x = np.einsum("zid,...id->...zi", self.nbar, y)
        own, square = x[..., :n, :], (y * y).sum(axis=-1)[..., None, :]
        met = np.ones((len(self.rows), n))
        met[range(n), range(n)] = 0
        sines = self.size[:n] / p[:, None] * met[:n]  # j, i
        cosines = self.zeta[:n] / p[:, None]
        bend = (met * self.signs[:, None] * self.size * (square + x * x)).sum(axis=-2)
        gam = 1.5 / np.pi * ((sines * (square + own**2) / p).sum(axis=-1) - bend / p**2)
        cubic = (met * self.signs[:, None] * self.zeta * (x**3 - 3 * square * x)).sum(axis=-2)
        rest = (cubic / (2 * np.pi * p**2)).sum(axis=-1)
        along = np.einsum("jd,...id->...ji", self.units, y)[..., None]
        projected = y[..., None, :, :] - along * self.units[:, None]  # j, i, d
        back = np.transpose(self.nbar[:n], (1, 0, 2))  # nbar_ji at [j, i]
        v = 2 * own[..., None] * projected - (cosines * (square - own**2))[..., None] * back
        v *= met[:n, :, None]
        rest = rest + 1.5 / np.pi * (np.einsum("...jd,...jid->...i", y, v) / p).sum(axis=-1)
        return gam, rest, v, own, cosines

    def __call__(self, u):
        """D^3 F[u,u,u] of each of the directions u: (..., n, d)."""
        a = (u * self.units).sum(axis=-1)
        gam, rest, *_ = self.parts(u - a[..., None] * self.units)
        return (a * gam).sum(axis=-1) + rest

    def steepest(self, rng, starts=6, steps=60):
        """About the largest |D^3 F[u,u,u]|, |u| = 1, by a power method."""
        best = 0.0
        basis = np.eye(self.n * self.d).reshape(-1, self.n, self.d)
        alone = self(basis)
        for _ in range(starts):
            u = rng.standard_normal((self.n, self.d))
            if rng.random() < 0.5:  # start at a single neuron
                u *= np.eye(self.n)[rng.integers(self.n)][:, None]
            u /= np.linalg.norm(u)
            for _ in range(steps):
                slope = (self(u + basis) - self(u - basis) - 2 * alone) / 6  # D^3 F[u,u,e], of a cubic form
                slope = slope.reshape(u.shape) * (1 if self(u) >= 0 else -1)
                new = slope + 0.3 * np.linalg.norm(slope) * u
                if not np.linalg.norm(new) > 0:
                    break
                u = new / np.linalg.norm(new)
            best = max(best, abs(self(u)))
        return best
