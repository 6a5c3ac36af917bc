"""The crosscheck notices errors: every operand of every formula, made 1% larger, fails it."""

import __future__

import ast
import inspect
import textwrap
from types import SimpleNamespace

import pytest

import uniform_points as truth
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.uniform import blocks, loss, system
from uniform_checks import BITS, NEAR, block_error, equation_error, loss_error, outside_error, point

FACTOR = Ball(101) / 100
SEED, K = 1, 6
CALLS = ("arcsine", "arcsine_rest", "_kernel", "_own", "_cosine", "square", "product", "diagonal", "_pairs")
FAR = 1e-9  # of eigenvalues by doubles


class Enlarge(ast.NodeTransformer):
    """Puts a factor in the `which`-th place where a number is used; `count` are found."""

    def __init__(self, which):
        self.which, self.count, self.line = which, 0, ""

    def spot(self, node):
        if ast.unparse(node) == "zero":
            return node
        self.count += 1
        if self.count - 1 != self.which:
            return node
        self.line = ast.unparse(node)
        return ast.BinOp(node, ast.Mult(), ast.Name("FACTOR", ast.Load()))

    def visit_BinOp(self, node):
        self.generic_visit(node)
        node.left = self.spot(node.left)
        if not isinstance(node.op, ast.Pow | ast.Mult):
            node.right = self.spot(node.right)
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in CALLS:
            i = 1 if name == "_pairs" else 0
            node.args[i] = self.spot(node.args[i])
        return node

    def visit_Tuple(self, node):
        """A factor and a linear form."""
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load) and len(node.elts) == 2 and isinstance(node.elts[1], ast.Name):
            node.elts[0] = self.spot(node.elts[0])
        return node

    def visit_List(self, node):
        self.generic_visit(node)
        node.elts = [self.spot(x) if isinstance(x, ast.Name | ast.BinOp) else x for x in node.elts]
        return node

    def visit_AnnAssign(self, node):
        return node

    def visit_FunctionDef(self, node):
        node.body = [self.visit(x) for x in node.body]
        return node


def mutants(module, name):
    """(what is larger, the module's names with this function changed) for each of its operands."""
    source = textwrap.dedent(inspect.getsource(getattr(module, name)))
    total = Enlarge(-1)
    total.visit(ast.parse(source))
    for which in range(total.count):
        tree, change = ast.parse(source), Enlarge(which)
        tree = ast.fix_missing_locations(change.visit(tree))
        space = truth.copied(module, FACTOR=FACTOR)
        exec(compile(tree, name, "exec", flags=__future__.annotations.compiler_flag), space)  # noqa: S102
        yield f"{which}: {change.line}", SimpleNamespace(**space)


def noticed(check, most):
    try:
        return not check() <= most  # NaN is noticed
    except NotProved:
        return True


def unnoticed(module, name, check):
    return [line for line, space in mutants(module, name) if not check(space)]


def by_equations(space):
    return noticed(lambda: equation_error(SEED, K, space.equations), NEAR)


def by_spectrum(space):
    return noticed(lambda: block_error(SEED, K, space.blocks), FAR)


def by_both(space):
    return by_spectrum(space) or by_outside(space)


def by_outside(space):
    return noticed(lambda: outside_error(SEED, K, space.blocks), FAR)


def by_loss(space):
    return noticed(lambda: loss_error(SEED, K, space.scaled_loss), NEAR)


def by_anything(space):
    return (
        by_equations(space)
        or noticed(lambda: loss_error(SEED, K, scaled=space.scaled), NEAR)
        or noticed(lambda: block_error(SEED, K, scaled=space.scaled), FAR)
    )


@pytest.mark.parametrize(
    "module, name, check, least",
    [
        (system, "equations", by_equations, 100),
        (system, "scaled", by_anything, 60),
        (system, "_cosine", by_anything, 2),
        (loss, "scaled_loss", by_loss, 40),
        (loss, "_own", by_loss, 10),
        (loss, "_kernel", by_loss, 5),
        (blocks, "blocks", by_both, 10),
        (blocks, "_weights", by_both, 10),
        (blocks, "_standard", by_spectrum, 60),
        (blocks, "_pairs", by_spectrum, 3),
        (blocks, "_trivial", by_spectrum, 60),
        (blocks, "_outside", by_outside, 5),
    ],
)
def test_every_operand_matters(module, name, check, least):
    source = SimpleNamespace(**truth.copied(module))
    assert not check(source)  # the formulas as they are pass
    assert sum(1 for _ in mutants(module, name)) >= least
    left = unnoticed(module, name, check)
    if name == "equations":  # the sixth is 0 at every point, and so is a multiple of it
        assert left.pop().endswith(
            "2 * q.alpha + mm * q.alpha ** 2 - 2 * q.ow - mm * q.ow ** 2 + (1 - m) * m * be ** 2 + ga ** 2"
        )
    assert left == []


def changed(field):
    def scaled(x, sigma):
        q = system.scaled(x, sigma)
        return q._replace(**{field: getattr(q, field) * FACTOR})

    return scaled


def read_by(*functions):
    """The fields of Scaled that these functions name."""
    nodes = [n for f in functions for n in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(f))))]
    names = {n.attr for n in nodes if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "q"}
    return names & set(system.Scaled._fields)


@pytest.mark.parametrize("field", system.Scaled._fields)
def test_every_number_matters_wherever_it_is_read(field):
    wrong, readers = changed(field), 0
    if field in read_by(system.equations):
        readers += 1
        space = SimpleNamespace(**truth.copied(system, scaled=wrong))
        assert by_equations(space)
    if field in read_by(loss.scaled_loss):
        readers += 1
        assert noticed(lambda: loss_error(SEED, K, scaled=wrong), NEAR)
    if field in read_by(blocks.blocks, blocks._weights, blocks._standard, blocks._trivial):
        readers += 1
        assert noticed(lambda: block_error(SEED, K, scaled=wrong), FAR)
    if field in read_by(blocks._outside, blocks._weights) - {"a", "be"}:  # those of ab only
        readers += 1
        assert noticed(lambda: outside_error(SEED, K, scaled=wrong), FAR)
    assert readers


@pytest.mark.parametrize("which", range(5))
def test_every_multiple_matters(which):
    """A gradient entry that is 1% too large is noticed in the equation of its own."""
    at, x, sigma = point(SEED, K)
    with ball.precision(BITS):
        found = system.equations(x, sigma)[which]
    factor = 2 * truth.MP.pi * (K - 1) ** (2, 2, 1, 1, 1)[which]
    assert truth.off(found, factor * truth.gradient(at)[which] * truth.MP.mpf("1.01")) > NEAR
