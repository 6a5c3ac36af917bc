"""A deep network of smooth activation, all layers trained: docs/theorem/ntk.md, Theorem 14.W.

x_h = [x_(h-1) +] k_h s(W_h x_(h-1)), h = 1, .., H (the bracket: residual, h >= 2), u = a . x_H. Sample i is column i.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, norm, root, upper
from relucert.kernel.norms import spectral_norm
from relucert.kernel.ntk.deep_activation import Activation


class Net(NamedTuple):
    """factors: k_1, .., k_H."""

    activation: Activation
    factors: tuple[Ball, ...]
    residual: bool


class Weights(NamedTuple):
    """layers: W_1 (m, d), .., W_H (m, m); output: a (1, m)."""

    layers: tuple[BallMatrix, ...]
    output: BallMatrix


class Data(NamedTuple):
    """inputs: (d, n); labels: (1, n)."""

    inputs: BallMatrix
    labels: BallMatrix


class Pass(NamedTuple):
    """states: x_0, .., x_H. back: g_1, .., g_H, g_h = du/dx_h. moved: B_1, .., B_H, B_h = k_h s'(z_h) o g_h.

    outputs: u (1, n). du/dW_h of a sample is the column of B_h times the column of x_(h-1).
    """

    states: tuple[BallMatrix, ...]
    back: tuple[BallMatrix, ...]
    moved: tuple[BallMatrix, ...]
    outputs: BallMatrix


def network(activation: Activation, width: int, depth: int, c_res: Ball | None) -> Net:
    """k_1 = (c_s/m)^(1/2), c_s = 1/E s(z)^2; k_h, h >= 2: the same, or c_res/(H m^(1/2)) with skip connections."""
    first = 1 / (activation.mean_square * width).sqrt()
    later = first if c_res is None else c_res / (depth * Ball(width).sqrt())
    return Net(activation, (first, *(later for _ in range(depth - 1))), c_res is not None)


def evaluate(net: Net, at: Weights, inputs: BallMatrix) -> Pass:
    """Outputs and their derivatives."""
    states, slopes = [inputs], []
    for h, (layer, factor) in enumerate(zip(at.layers, net.factors, strict=True)):
        before = states[-1]
        pairs = [net.activation.at(z) for z in (layer * before).entries()]
        shape = (layer.nrows(), inputs.ncols())
        now = BallMatrix(*shape, [factor * value for value, _ in pairs])
        states.append(now + before if net.residual and h else now)
        slopes.append([factor * slope for _, slope in pairs])
    n, m = inputs.ncols(), at.output.ncols()
    back = [BallMatrix(m, n, [a for a in at.output.entries() for _ in range(n)])]
    moved: list[BallMatrix] = []
    for h in reversed(range(len(slopes))):
        now = back[0]
        moved.insert(0, _product(slopes[h], now))
        if h:
            earlier = at.layers[h].transpose() * moved[0]
            back.insert(0, earlier + now if net.residual else earlier)
    return Pass(tuple(states), tuple(back), tuple(moved), at.output * states[-1])


def _product(entries: Sequence[Ball], matrix: BallMatrix) -> BallMatrix:
    """Entry by entry."""
    products = [x * y for x, y in zip(entries, matrix.entries(), strict=True)]
    return BallMatrix(matrix.nrows(), matrix.ncols(), products)


def gram(of: Pass) -> BallMatrix:
    """J J^T (n, n): the sum of (B_h^T B_h) o (x_(h-1)^T x_(h-1)), and x_H^T x_H."""
    total = of.states[-1].transpose() * of.states[-1]
    for moved, state in zip(of.moved, of.states[:-1], strict=True):
        total += _product((moved.transpose() * moved).entries(), state.transpose() * state)
    return total


def pulled(of: Pass, errors: BallMatrix) -> Weights:
    """J^T e: minus the gradient of |y - u|^2/2. errors: y - u, (1, n)."""
    n = errors.ncols()
    weighted = BallMatrix([[e if i == j else 0 for j in range(n)] for i, e in enumerate(errors.entries())])
    layers = tuple(
        moved * (weighted * state.transpose()) for moved, state in zip(of.moved, of.states[:-1], strict=True)
    )
    return Weights(layers, errors * of.states[-1].transpose())


def layer_norms(at: Weights) -> tuple[Ball, ...]:
    """Upper bounds of the spectral norms of W_1, .., W_H (Lemma S)."""
    return tuple(upper(root(spectral_norm(_smaller(layer)))) for layer in at.layers)


def _smaller(layer: BallMatrix) -> BallMatrix:
    """W W^T or W^T W."""
    turned = layer.transpose()
    return layer * turned if layer.nrows() < layer.ncols() else turned * layer


def columns(matrix: BallMatrix) -> list[list[Ball]]:
    return [list(column) for column in matrix.transpose().tolist()]


class Sizes(NamedTuple):
    """Upper bounds at a point. states: by sample, |x_0|, .., |x_H|; back: by sample, |g_h| and the largest |entry|,
    h = 1, .., H; layers: |W_1|, .., |W_H|."""

    states: tuple[tuple[Ball, ...], ...]
    back: tuple[tuple[tuple[Ball, Ball], ...], ...]
    layers: tuple[Ball, ...]


def sizes(of: Pass, layers: tuple[Ball, ...]) -> Sizes:
    """Of the network with these bounds of |W_h|."""
    states = zip(*([upper(norm(x)) for x in columns(state)] for state in of.states), strict=True)
    back = zip(
        *([(upper(norm(g)), upper(ball.largest(map(abs, g)))) for g in columns(back)] for back in of.back),
        strict=True,
    )
    return Sizes(tuple(states), tuple(back), layers)


def bend(net: Net, at: Sizes, radius: Ball) -> Ball:
    """Upper bound of |D^2 u [d, d]| for all unit d, within `radius` of the point: Theorem 14.W."""
    each = (
        _sample_bend(net, states, back, at.layers, radius)
        for states, back in zip(at.states, at.back, strict=True)
    )
    return upper(norm(list(each)))


def _sample_bend(
    net: Net, states: Sequence[Ball], back: Sequence[tuple[Ball, Ball]], layers: Sequence[Ball], radius: Ball
) -> Ball:
    """Of one output: the norm of the form T of Theorem 14.W in (|dW_1|, .., |dW_H|, |da|)."""
    depth = len(layers)
    slope, curvature = net.activation.slope, net.activation.curvature
    size = depth + 1
    unit = [_row([Ball(int(i == j)) for j in range(size)]) for i in range(size)]
    moves, pushes = [unit[0] * 0], []  # p_h: of x_h, z_h: of W_h x_(h-1)
    for h, (factor, layer) in enumerate(zip(net.factors, layers, strict=True)):
        reach = states[h] + _length(moves[-1]) * radius
        push = moves[-1] * (layer + radius) + unit[h] * reach
        move = push * (factor * slope)
        pushes.append(push)
        moves.append(move + moves[-1] if net.residual and h else move)
    form = _both(unit[depth], moves[depth])
    turn = unit[depth]  # l_h: of g_h
    for h in reversed(range(depth)):
        factor, drift = net.factors[h], _length(turn) * radius
        long, high = back[h][0] + drift, back[h][1] + drift
        form += (pushes[h].transpose() * pushes[h]) * (factor * curvature * high)
        form += _both(unit[h], moves[h]) * (factor * slope * long)
        inner = (pushes[h] * (curvature * high) + turn * slope) * (factor * (layers[h] + radius))
        before = inner + unit[h] * (factor * slope * long)
        turn = before + turn if net.residual else before
    return spectral_norm(form)


def _row(entries: list[Ball]) -> BallMatrix:
    return BallMatrix(1, len(entries), entries)


def _length(row: BallMatrix) -> Ball:
    return upper(norm(row.entries()))


def _both(x: BallMatrix, y: BallMatrix) -> BallMatrix:
    """x^T y + y^T x of two rows."""
    half = x.transpose() * y
    return half + half.transpose()
