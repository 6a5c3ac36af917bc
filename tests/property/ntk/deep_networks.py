"""Deep networks to test with: random small problems, the same in other arithmetics, and their second derivatives."""

from fractions import Fraction
from functools import cache

import numpy as np
from mpmath import mp

from relucert.base.dyadic import from_float
from relucert.families.ntk.deep_problem import Architecture, DeepTraining, Layers

ACTIVATIONS = ("softplus", "erf", "tanh")


def exact(table):
    return tuple(tuple(map(from_float, row)) for row in np.asarray(table, dtype=float).tolist())


def training(x, y, of, layers, output, step):
    start = Layers(tuple(map(exact, layers)), exact([output])[0])
    return DeepTraining(exact(x), exact([y])[0], of, start, Fraction(step))


def random_training(generator, step="1/8", most_width=6):
    """One to three rows in one to four dimensions, dense and residual, with small and large weights."""
    n, d, m, depth = (int(generator.integers(1, most + 1)) for most in (3, 4, most_width, 4))
    c_res = Fraction(int(generator.integers(1, 9)), 2) if depth > 1 and generator.integers(2) else None
    of = Architecture(str(generator.choice(ACTIVATIONS)), m, depth, c_res)
    size = float(generator.choice([0.25, 1, 1, 3]))
    layers = [size * generator.normal(size=(m, d if h == 0 else m)) for h in range(depth)]
    output = float(generator.choice([0.25, 1, 10])) * generator.normal(size=m)
    return training(generator.normal(size=(n, d)), generator.normal(size=n), of, layers, output, step)


def real(value):
    return mp.mpf(value[0]) * mp.mpf(2) ** value[1]


class Network:
    """The network of a problem in mpmath's arithmetic, from the formulas of the specification alone."""

    def __init__(self, problem):
        of = problem.of
        self.name, self.residual = of.activation, of.c_res is not None
        first = mp.sqrt(1 / (mean_square(of.activation, mp.prec) * of.width))
        if self.residual:
            later = mp.mpf(of.c_res.numerator) / of.c_res.denominator / (of.depth * mp.sqrt(of.width))
        else:
            later = first
        self.factors = [first] + [later] * (of.depth - 1)
        self.inputs = [[real(v) for v in row] for row in problem.x]
        self.labels = [real(v) for v in problem.y]
        self.layers = [[[real(v) for v in row] for row in layer] for layer in problem.start.layers]
        self.output = [real(v) for v in problem.start.output]

    def value(self, z):
        if self.name == "softplus":
            return mp.log(1 + mp.exp(z))
        return mp.erf(z) if self.name == "erf" else mp.tanh(z)

    def slopes(self, z):
        """s'(z) and s''(z)."""
        if self.name == "softplus":
            p = 1 / (1 + mp.exp(-z))
            return p, p * (1 - p)
        if self.name == "erf":
            p = 2 / mp.sqrt(mp.pi) * mp.exp(-z * z)
            return p, -2 * z * p
        v = mp.tanh(z)
        return 1 - v * v, -2 * v * (1 - v * v)

    def states(self, x):
        """x_0, .., x_H and z_1, .., z_H."""
        found, sums = [x], []
        for h, (layer, k) in enumerate(zip(self.layers, self.factors, strict=True)):
            sums.append([mp.fdot(row, found[-1]) for row in layer])
            now = [k * self.value(z) for z in sums[-1]]
            found.append([a + b for a, b in zip(now, found[-1], strict=True)] if self.residual and h else now)
        return found, sums

    def outputs(self):
        return [mp.fdot(self.output, self.states(x)[0][-1]) for x in self.inputs]

    def descend(self, step):
        """One step of gradient descent; returns the loss before."""
        layers = [[row[:] for row in layer] for layer in self.layers]
        output, loss = self.output[:], mp.mpf(0)
        for x, y in zip(self.inputs, self.labels, strict=True):
            states, sums = self.states(x)
            error = y - mp.fdot(self.output, states[-1])
            loss += error**2 / 2
            output = [a + step * error * v for a, v in zip(output, states[-1], strict=True)]
            back = self.output
            for h in reversed(range(len(layers))):
                moved = [self.factors[h] * self.slopes(z)[0] * g for z, g in zip(sums[h], back, strict=True)]
                for r, b in enumerate(moved):
                    layers[h][r] = [
                        w + step * error * b * v for w, v in zip(layers[h][r], states[h], strict=True)
                    ]
                through = [mp.fdot([row[j] for row in self.layers[h]], moved) for j in range(len(states[h]))]
                back = [a + b for a, b in zip(through, back, strict=True)] if self.residual and h else through
        self.layers, self.output = layers, output
        return loss


@cache
def mean_square(name, precision):
    """E s(z)^2 by quadrature, in mpmath's precision of now, which is given."""
    if name == "erf":
        return 2 * mp.asin(mp.mpf(2) / 3) / mp.pi
    s = mp.tanh if name == "tanh" else lambda z: mp.log(1 + mp.exp(z))
    end = mp.sqrt(2 * mp.prec) + 2
    parts = mp.linspace(-end, end, 33)
    return mp.quad(lambda z: s(z) ** 2 * mp.exp(-z * z / 2), parts) / mp.sqrt(2 * mp.pi)


def bend_along(layers, output, factors, residual, slopes, x, direction):
    """D^2 u [d, d] for each column of x (d, n), by derivatives of second order carried forwards; in doubles."""
    state, first, second = x, np.zeros_like(x), np.zeros_like(x)
    for h, (w, dw, k) in enumerate(zip(layers, direction[:-1], factors, strict=True)):
        z, z1, z2 = w @ state, dw @ state + w @ first, 2 * dw @ first + w @ second
        s, s1, s2 = slopes(z)
        now = (k * s, k * s1 * z1, k * (s2 * z1**2 + s1 * z2))
        if residual and h:
            now = (now[0] + state, now[1] + first, now[2] + second)
        state, first, second = now
    return 2 * direction[-1] @ first + output @ second
