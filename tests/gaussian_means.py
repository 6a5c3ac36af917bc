"""Exact means of polynomials times relu under standard Gaussian input in the plane, for tests (sympy)."""

import sympy

Z = sympy.symbols("z1 z2", real=True)
ROOT = sympy.sqrt(2 * sympy.pi)


def half_moment(k):
    """E relu(z)^k, for k = 0 the chance that z > 0: (k - 1)!!/sqrt(2 pi) for odd k, (k - 1)!!/2 for even k."""
    return sympy.factorial2(k - 1) / (ROOT if k % 2 else 2)


def moment(k):
    return sympy.factorial2(k - 1) if k % 2 == 0 else sympy.Integer(0)


def relu_mean(p, axis=0):
    """E relu(z_axis) p(z1, z2), term by term: the coordinates are independent."""
    total = sympy.Integer(0)
    for powers, coefficient in sympy.Poly(p, *Z).terms():
        total += coefficient * half_moment(powers[axis] + 1) * moment(powers[1 - axis])
    return sympy.expand(total)


def label_mean(p, weights):
    """E y p for y = sum_i weights_i relu(z_i)."""
    return sympy.expand(sum(a * relu_mean(p, i) for i, a in enumerate(weights)))


def dot(v, w):
    return sum(x * y for x, y in zip(v, w, strict=True))


def hermite_pair(v, w, cross=-4):
    """<H4(z), v v w w>, with the coefficient of the cross term as given; -4 is right."""
    vz, wz, vv, ww, vw = dot(v, Z), dot(w, Z), dot(v, v), dot(w, w), dot(v, w)
    return vz**2 * wz**2 - ww * vz**2 - vv * wz**2 + cross * vw * vz * wz + vv * ww + 2 * vw**2


def designed(rows, weights, mu, cross=-2):
    """The mean in (2.8) without the regulariser, from (2.9) and (2.10) with its cross term `cross`; sign -1."""
    pairs = sum(
        hermite_pair(v, w, 2 * cross) / 2 for j, v in enumerate(rows) for w in rows[:j] + rows[j + 1 :]
    )
    own = sum(hermite_pair(v, v) / 24 for v in rows)
    return sympy.expand(-label_mean(sympy.expand(pairs - mu * own), weights))


def quartic(rows, weights, mu):
    """Q without the regulariser, alpha_i = weights_i/(2 sqrt(2 pi)); the teacher's rows are the axes."""
    total = sympy.Integer(0)
    for i, a in enumerate(weights):
        squares = [row[i] ** 2 for row in rows]
        total += a / (2 * ROOT) * (sum(squares) ** 2 - (1 + mu / 12) * sum(x**2 for x in squares))
    return sympy.expand(total)
