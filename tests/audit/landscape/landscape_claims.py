"""Claims about the designed landscape from the objective alone, in mpmath, and how the checker judges them."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from fractions import Fraction

from mpmath import mp, mpf

from relucert_audit.check import check
from relucert_audit.trust import Trust

NOW, DIGITS = datetime(2026, 7, 1, 12, tzinfo=UTC), 60
SLACK = mpf(10) ** -6


def judged(claim):
    """(result, step, name) of the worst finding."""
    statement = {"claim": claim, "evidence": [], "provenance": {}}
    whole = {"payloadType": "application/vnd.relucert.certificate.v1+json", "statement": statement}
    report = check(json.dumps({**whole, "signatures": []}).encode(), "x.json", Trust(), NOW)
    return (report.result, *(report.finding[1:3] if report.finding else (None, None)))


def dyadic(x, bits=60):
    """Of a number in mpmath, rounded down to `bits` bits."""
    with mp.workdps(DIGITS):
        if x == 0:
            return ["0", 0]
        e = int(mp.frexp(x)[1]) - bits
        m = int(mp.floor(mp.ldexp(x, -e)))
    while m % 2 == 0:
        m, e = m // 2, e + 1
    return [str(m), e]


def number(x, side, slack=SLACK):
    """A bound looser than x by a relative `slack` (tighter, if negative), with its decimal."""
    up = side == "upper"
    with mp.workdps(DIGITS):
        x = mpf(x) + (1 if up else -1) * abs(mpf(x)) * slack
        exact = dyadic(x)
        x = mp.ldexp(int(exact[0]), exact[1])
        if not x:
            return {"exact": exact, "decimal": "0"}
        place = int(mp.floor(mp.log10(abs(x)))) - 5
        digits = (mp.ceil if up else mp.floor)(x / mpf(10) ** place)
        return {"exact": exact, "decimal": f"{int(digits)}e{place}"}


def interval(x, slack=SLACK):
    return [number(x, "lower", slack), number(x, "upper", slack)]


def problem(a, mu, lam, teacher=None):
    given = {"objective": "G" if teacher is None else "F", "a_star": a, "mu": mu, "lambda": lam}
    return given if teacher is None else {**given, "teacher": teacher}


def changed(claim, path, value):
    """A copy; None removes."""
    new = deepcopy(claim)
    at = new
    for name in path[:-1]:
        at = at[name]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return new


def real(text):
    x = Fraction(text)
    return mpf(x.numerator) / x.denominator


class Landscape:
    """The objective of a problem, at DIGITS digits; call inside mp.workdps(DIGITS)."""

    def __init__(self, given):
        self.a, self.mu, self.lam = (
            [real(x) for x in given["a_star"]],
            real(given["mu"]),
            real(given["lambda"]),
        )
        self.d, self.general = len(self.a), given["objective"] == "F"
        rows = given.get("teacher") or [[str(int(i == j)) for i in range(self.d)] for j in range(self.d)]
        self.star = mp.matrix([[real(x) for x in row] for row in rows])
        self.c, self.nu = 1 / (2 * mp.sqrt(2 * mp.pi)), self.mu / 12
        self.alpha = [self.c / x if self.general else self.c * x for x in self.a]
        scale = mp.diag([mp.sqrt(x) if self.general else mpf(1) for x in self.a])
        self.T = scale * self.star

    def t(self, i):
        return mp.sqrt(self.lam / (self.lam - self.nu * self.alpha[i]))

    def value(self, B):
        """F of Theorem 13.F as printed, or (2.8) as an expectation, from B."""
        v = self.star * B.T  # <b*_i, b_j>
        total = mpf(0)
        for i, w in enumerate(self.a):
            squares = [v[i, j] ** 2 for j in range(self.d)]
            weight = self.c * w if self.general else self.alpha[i]
            total += weight * (sum(squares) ** 2 - (1 + self.nu) * sum(x * x for x in squares))
        M = self.T.T * self.T
        for j in range(self.d):
            row = B[j, :]
            total += self.lam * ((row * M * row.T)[0] - 1) ** 2
        return total

    def signed(self, p, s):
        U = mp.matrix(self.d, self.d)
        for j, i in enumerate(p):
            U[j, i] = s[j] * self.t(i)
        return self.at(U)

    def doubled(self, twice, never):
        U = mp.matrix(self.d, self.d)
        for j in range(self.d):
            U[j, j] = self.t(j)
        t = mp.sqrt(self.lam / (self.lam + (1 - self.nu) * self.alpha[twice]))
        U[never, never], U[never, twice], U[twice, twice] = mpf(0), t, t
        return self.at(U)

    def at(self, U):
        """B with u_j = T b_j."""
        return U * mp.inverse(self.T).T

    def hessian(self, B):
        """By differences, good to about 20 digits."""
        n, h = self.d**2, mpf(10) ** -12
        steps = []
        for k in range(n):
            e = mp.matrix(self.d, self.d)
            e[k // self.d, k % self.d] = h
            steps.append(e)
        H = mp.matrix(n, n)
        for k in range(n):
            for l in range(k + 1):  # noqa: E741
                x, y = steps[k], steps[l]
                mixed = self.value(B + x + y) - self.value(B + x - y)
                mixed += self.value(B - x - y) - self.value(B - x + y)
                H[k, l] = H[l, k] = mixed / (4 * h * h)
        return H

    def eigenvalues(self, B):
        return sorted(mp.eigsy(self.hessian(B), eigvals_only=True))

    def gradient(self, B):
        """By hand, for G only."""
        d, S = self.d, [sum(B[j, i] ** 2 for j in range(self.d)) for i in range(self.d)]
        rows = [sum(B[j, i] ** 2 for i in range(d)) - 1 for j in range(d)]
        out = mp.matrix(d, d)
        for j in range(d):
            for i in range(d):
                inner = self.alpha[i] * (S[i] - (1 + self.nu) * B[j, i] ** 2) + self.lam * rows[j]
                out[j, i] = 4 * B[j, i] * inner
        return out


def norm(B):
    return mp.sqrt(sum(x * x for x in B))
