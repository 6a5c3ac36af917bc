"""Loss, gradient and Hessian against averages over a million random inputs of the network itself.

Nothing of the kernel's formulas is used here: only relu, Gaussian input, and derivatives of relu.
"""

import numpy as np
import pytest
from flint import arb

from relucert.kernel import ball
from relucert.kernel.teacher import loss

SAMPLES = 1_000_000
SIGMAS = 6

PROBLEMS = {
    "plane": ([[1.0, 0.25], [-0.5, 1.5]], [[1.0, 0.0], [0.0, 1.0]]),
    "obtuse": ([[1.0, 0.5], [-1.25, -0.5], [0.25, -1.0]], [[-0.75, 0.5], [0.5, -0.75]]),
    "parallel": ([[1.0, 1.0], [-0.5, -0.5]], [[2.0, 2.0]]),
    "space": ([[1.0, 0.25, -0.5], [-0.5, 1.5, 1.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, -1.0, 1.0]]),
    "one": ([[0.75, 1.0, 0.5]], [[1.0, -1.0, 0.5]]),
}


@pytest.fixture(scope="module", params=PROBLEMS)
def problem(request):
    """Neurons, targets, random inputs (standard normal, a fixed seed), and the kernel's geometry."""
    point, targets = (np.array(x) for x in PROBLEMS[request.param])
    x = np.random.default_rng(20180610).standard_normal((SAMPLES, point.shape[1]))
    return point, targets, x


def kernel_at(point, targets):
    def rows(array):
        return [[ball.to_dyadic(arb(float(x))) for x in row] for row in array]

    with ball.precision(128):
        g = loss.geometry(rows(point), rows(targets))
        gradient = np.array([float(x) for x in loss.gradient(g)])
        hessian = np.array([[float(x) for x in row] for row in loss.hessian(g).tolist()])
        return float(loss.objective(g)), gradient, hessian


def residual(point, targets, x):
    return np.maximum(x @ point.T, 0).sum(axis=1) - np.maximum(x @ targets.T, 0).sum(axis=1)


def agree(samples, expected):
    """Whether the mean over the first axis is within six standard errors of what is expected."""
    mean, error = samples.mean(axis=0), samples.std(axis=0) / np.sqrt(len(samples))
    assert np.all(error < 0.1 * (1 + np.abs(expected)))  # an agreement that means something
    return bool(np.all(np.abs(mean - expected) <= SIGMAS * error + 1e-12))


def test_the_objective_is_the_mean_of_half_the_squared_error(problem):
    point, targets, x = problem
    assert agree(residual(point, targets, x) ** 2 / 2, kernel_at(point, targets)[0])


def test_the_gradient_is_the_mean_gradient(problem):
    point, targets, x = problem
    error = residual(point, targets, x)
    gradient = kernel_at(point, targets)[1].reshape(point.shape)
    for i, w in enumerate(point):
        assert agree((error * (x @ w > 0))[:, None] * x, gradient[i])


def test_blocks_off_the_diagonal_are_means_over_inputs_where_both_neurons_are_active(problem):
    """d2F/dw_i dw_j = E 1{w_i.x > 0} 1{w_j.x > 0} x x^T for i != j."""
    point, targets, x = problem
    d = point.shape[1]
    hessian = kernel_at(point, targets)[2]
    for i, w in enumerate(point):
        for j, other in enumerate(point):
            if i != j:
                both = x[(x @ w > 0) & (x @ other > 0)]
                block = hessian[i * d : (i + 1) * d, j * d : (j + 1) * d]
                for a in range(d):
                    samples = np.zeros((SAMPLES, d))
                    samples[: len(both)] = both[:, [a]] * both
                    assert agree(samples, block[a])


def test_diagonal_blocks_are_half_the_identity_and_a_mean_over_the_kink(problem):
    """d2F/dw_i2 = E 1{w_i.x > 0} x x^T + E delta(w_i.x) r(x) x x^T with r the residual: the second term is
    the density 1/(|w_i| sqrt(2 pi)) of w_i.x at 0 times the mean of r x x^T over Gaussian x
    orthogonal to w_i."""
    point, targets, x = problem
    d = point.shape[1]
    hessian = kernel_at(point, targets)[2]
    for i, w in enumerate(point):
        length = np.linalg.norm(w)
        flat = x - np.outer(x @ w / length**2, w)
        kink = residual(point, targets, flat) / (length * np.sqrt(2 * np.pi))
        active = x @ w > 0
        block = hessian[i * d : (i + 1) * d, i * d : (i + 1) * d]
        for a in range(d):
            samples = active[:, None] * (x[:, [a]] * x) + (kink * flat[:, a])[:, None] * flat
            assert agree(samples, block[a])


def test_the_hessian_is_the_change_of_the_mean_gradient(problem):
    """Finite steps of the gradient, by common random inputs, against the kernel's own change of gradient."""
    point, targets, x = problem
    x = x[: SAMPLES // 4]
    step = 0.25
    _, before, _ = kernel_at(point, targets)
    for place in range(point.size):
        after_point = point.copy()
        after_point.flat[place] += step
        _, after, _ = kernel_at(after_point, targets)
        errors = [residual(p, targets, x) for p in (point, after_point)]
        change = (after - before).reshape(point.shape)
        for i in range(len(point)):
            near, far = (
                (error * (x @ p[i] > 0))[:, None] * x
                for error, p in zip(errors, (point, after_point), strict=True)
            )
            assert agree(far - near, change[i])
