"""Lemma 14.B: no output of a deep network bends more than Lam; and some bend nearly as much."""

import numpy as np
import pytest
from mpmath import mp
from scipy.special import erf

from property.ntk import deep_networks
from property.ntk.deep_networks import ACTIVATIONS, bend_along, random_training, training
from relucert.families.ntk.deep_problem import Architecture
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.ntk import deep, deep_run
from relucert.kernel.ntk.deep_activation import activation


def _softplus(z):
    p = 1 / (1 + np.exp(-z))
    return np.logaddexp(0, z), p, p * (1 - p)


def _erf(z):
    p = 2 / np.sqrt(np.pi) * np.exp(-z * z)
    return erf(z), p, -2 * z * p


def _tanh(z):
    v = np.tanh(z)
    return v, 1 - v * v, -2 * v * (1 - v * v)


SLOPES = {"softplus": _softplus, "erf": _erf, "tanh": _tanh}


def lam(problem, radius):
    net, at = problem.of.net(), deep_run.start(problem.weights())
    return float(deep.bend(net, deep_run.view(net, problem.data(), at).sizes, Ball(radius)))


class Doubles:
    """A problem in doubles."""

    def __init__(self, problem):
        def table(m):
            return np.array([[float(v) for v in row] for row in m.tolist()])

        weights, net = problem.weights(), problem.of.net()
        self.theta = np.concatenate([table(w).ravel() for w in (*weights.layers, weights.output)])
        self.shapes = problem.shapes
        self.factors = [float(k) for k in net.factors]
        self.x = table(problem.data().inputs)
        self.residual, self.slopes = net.residual, SLOPES[problem.of.activation]

    def parts(self, theta):
        cuts = np.cumsum([r * c for r, c in self.shapes])[:-1]
        *layers, output = (v.reshape(s) for v, s in zip(np.split(theta, cuts), self.shapes, strict=True))
        return layers, output[0]

    def bend(self, theta, direction):
        layers, output = self.parts(theta)
        dlayers, doutput = self.parts(direction)
        way = (*dlayers, doutput)
        return bend_along(layers, output, self.factors, self.residual, self.slopes, self.x, way)

    def largest_bend(self, theta, generator):
        """The largest |D^2 u[d, d]| that alternating between d and the combination of outputs finds, and its d."""
        size = len(theta)
        unit = np.eye(size)
        own = [self.bend(theta, d) for d in unit]
        forms = np.zeros((self.x.shape[1], size, size))
        for i in range(size):
            forms[:, i, i] = own[i]
            for j in range(i):
                forms[:, i, j] = forms[:, j, i] = (self.bend(theta, unit[i] + unit[j]) - own[i] - own[j]) / 2
        best, way = 0.0, unit[0]
        for _ in range(3):
            d = generator.normal(size=size)
            for _ in range(8):
                v = np.einsum("kij,i,j->k", forms, d, d)
                values, vectors = np.linalg.eigh(np.einsum("k,kij->ij", v, forms))
                d = vectors[:, np.argmax(abs(values))]
                size_here = float(np.linalg.norm(np.einsum("kij,i,j->k", forms, d, d)))
                if size_here > best:
                    best, way = size_here, d
        return best, way

    def passes(self):
        """x_0, .., x_H and g_1, .., g_H, each with a sample a column."""
        layers, output = self.parts(self.theta)
        states, slopes = [self.x], []
        for h, (w, k) in enumerate(zip(layers, self.factors, strict=True)):
            s, s1, _ = self.slopes(w @ states[-1])
            states.append(k * s + (states[-1] if self.residual and h else 0))
            slopes.append(k * s1)
        back = [np.repeat(output[:, None], self.x.shape[1], axis=1)]
        for h in range(len(layers) - 1, 0, -1):
            back.insert(0, layers[h].T @ (slopes[h] * back[0]) + (back[0] if self.residual else 0))
        return states, back


def lemma_14_b(doubles, constants, radius):
    """Its formulas once more, in doubles and letter by letter."""
    states, back = doubles.passes()
    top, b = constants
    k, depth = doubles.factors, len(doubles.factors)
    omega = [np.linalg.norm(w, 2) + radius for w in doubles.parts(doubles.theta)[0]]
    e, found = np.eye(depth + 1), []
    for i in range(doubles.x.shape[1]):
        p, z, xi = [np.zeros(depth + 1)], [], [np.linalg.norm(states[0][:, i])]
        for h in range(depth):
            z.append(omega[h] * p[h] + xi[h] * e[h])
            p.append(k[h] * top * z[h] + (p[h] if doubles.residual and h else 0))
            xi.append(np.linalg.norm(states[h + 1][:, i]) + np.linalg.norm(p[-1]) * radius)
        form, turn = np.outer(e[depth], p[depth]), e[depth]
        for h in reversed(range(depth)):
            length = np.linalg.norm(turn)
            g, gamma = (
                np.linalg.norm(back[h][:, i]) + length * radius,
                abs(back[h][:, i]).max() + length * radius,
            )
            form += k[h] * (b * gamma * np.outer(z[h], z[h]) / 2 + top * g * np.outer(e[h], p[h]))
            down = k[h] * top * g * e[h] + omega[h] * k[h] * (b * gamma * z[h] + top * turn)
            turn = down + (turn if doubles.residual else 0)
        found.append(np.linalg.eigvalsh(form + form.T)[-1])
    return np.linalg.norm(found)


@pytest.mark.parametrize("seed", range(40))
def test_the_bound_is_the_formula_of_the_lemma(seed):
    """From above, by no more than Lemma S gives away."""
    generator = np.random.default_rng(1000 + seed)
    problem = random_training(generator)
    radius = float(generator.choice([0, 0.01, 0.3, 2]))
    with ball.precision(64):
        bound, doubles, of = lam(problem, radius), Doubles(problem), activation(problem.of.activation)
        constants = float(of.slope), float(of.curvature)
    expected = lemma_14_b(doubles, constants, radius)
    assert expected * (1 - 1e-9) <= bound <= expected * 1.06


@pytest.mark.parametrize("seed", range(30))
def test_no_second_derivative_exceeds_the_bound(seed):
    generator = np.random.default_rng(seed)
    problem = random_training(generator, most_width=3)
    radius = float(generator.choice([0, 0.01, 0.3, 2]))
    with ball.precision(64):
        bound = lam(problem, radius)
        doubles = Doubles(problem)
    found, way = doubles.largest_bend(doubles.theta, generator)
    away = generator.normal(size=way.shape)
    others = [
        doubles.largest_bend(doubles.theta + shift, generator)[0]
        for shift in (radius * way, -radius * way, radius * away / np.linalg.norm(away))
    ]
    assert max(found, *others) <= bound * (1 + 1e-9)


def _one_neuron(name, w, a):
    return training([[1.0]], [0.0], Architecture(name, 1, 1), [[[w]]], [a], "1/8")


@pytest.mark.parametrize(
    ("name", "w"), [("softplus", 0.0), ("erf", 2**-0.5), ("tanh", float(np.arctanh(3**-0.5)))]
)
def test_the_bound_is_nearly_attained_by_one_neuron(name, w):
    problem = _one_neuron(name, w, 128.0)
    with ball.precision(64):
        bound, doubles = lam(problem, 0), Doubles(problem)
    found, _ = doubles.largest_bend(doubles.theta, np.random.default_rng(0))
    assert 0.998 * bound < found <= bound * (1 + 1e-12)


def test_the_bound_holds_on_the_whole_ball_and_is_nearly_attained_there():
    """At w = 0 softplus bends most, away from the centre of the ball."""
    problem = _one_neuron("softplus", 1.0, 128.0)
    with ball.precision(64):
        bound, doubles = lam(problem, 1), Doubles(problem)
    found, _ = doubles.largest_bend(np.array([0.0, 128.0]), np.random.default_rng(0))
    assert 0.98 * bound < found <= bound


def _attained(problem, theta, radius):
    """How much of the bound the second derivative at theta, within `radius` of the problem's weights, is."""
    with ball.precision(64):
        bound, doubles = lam(problem, radius), Doubles(problem)
    away = np.linalg.norm(np.array(theta) - doubles.theta)
    assert away <= radius
    return doubles.largest_bend(np.array(theta), np.random.default_rng(0))[0] / bound


def test_the_output_times_a_hidden_layer_is_nearly_attained():
    """u = a k s(w x), a = 0, softplus where its slope is 1: D^2 u [d, d] = 2 k da dw."""
    assert 0.997 < _attained(_one_neuron("softplus", 40.0, 0.0), [40.0, 0.0], 0) <= 1 + 1e-12


def _two_layers(x, w_1, w_2, a, name="tanh"):
    return training([[x]], [0.0], Architecture(name, 1, 2), [[[w_1]], [[w_2]]], [a], "1/8")


def test_one_layer_times_the_next_is_attained():
    """tanh at weights 0: D^2 u [d, d] = 2 a k_1 k_2 dw_1 dw_2."""
    assert 0.997 < _attained(_two_layers(1.0, 0.0, 0.0, 2.0), [0.0, 0.0, 2.0], 0) <= 1 + 1e-12


def test_the_growth_of_the_backward_vector_on_the_ball_is_nearly_attained():
    """w_2 = 0 at the centre, so that g_1 = 0 there, but not where w_2 is the radius."""
    x, radius, a = 2.0**20, 2.0**-13, 2.0**10
    w = float(np.arctanh(3**-0.5)) / x
    assert 0.97 < _attained(_two_layers(x, w, 0.0, a), [w, radius, a], radius) <= 1


def test_the_growth_of_a_hidden_layer_on_the_ball_is_nearly_attained():
    """Softplus is nearly the identity around 20; the second layer bends by |x_1|^2, which w_1 makes larger."""
    assert 0.85 < _attained(_two_layers(1.0, 20.0, 0.0, 2.0**20, "softplus"), [22.0, 0.0, 2.0**20], 2) <= 1


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_constants_of_the_activations(name):
    z = np.linspace(-8, 8, 160001)
    _, first, second = SLOPES[name](z)
    with ball.precision(128):
        of = activation(name)
        assert 0.999 * float(of.slope) < abs(first).max() <= float(of.slope) * (1 + 1e-12)
        assert 0.9999 * float(of.curvature) < abs(second).max() <= float(of.curvature) * (1 + 1e-12)
        with mp.workprec(300):
            precise = deep_networks.mean_square(name, mp.prec)
            assert Ball(mp.nstr(precise, 80)).overlaps(of.mean_square)
        assert ball.accuracy(of.mean_square) > 100
        for value in (-30.0, -1.5, 0.0, 0.25, 40.0):
            s, slope = of.at(Ball(value))
            expected = SLOPES[name](np.array(value))
            assert abs(float(s) - expected[0]) < 1e-12 and abs(float(slope) - expected[1]) < 1e-12
