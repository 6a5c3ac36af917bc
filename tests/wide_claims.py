"""Small claims about wide networks, one of each kind, as the prover makes them."""

from fractions import Fraction
from functools import cache

from relucert.base.exact import exact_rows
from relucert.families.ntk import deep_prove, shallow_prove
from relucert.families.ntk.deep_problem import Architecture, DeepTraining, Layers
from relucert.families.ntk.deep_statement import statement as deep_statement
from relucert.families.ntk.gram import grams
from relucert.families.ntk.gram_statement import gram_statement
from relucert.families.ntk.shallow_problem import Seeded, Start, Training
from relucert.families.ntk.shallow_statement import statement as shallow_statement

KINDS = ("gram", "residual gram", "singular", "descent", "run", "flow", "deep", "residual deep", "layers")
X, Y = exact_rows([[1.0, 0.0], [0.5, 0.75]], "x"), ((1, -5), (-1, -5))


@cache
def statement(kind):
    if kind in ("gram", "residual gram", "singular"):
        return _gram(kind)
    return _deep(kind) if kind in ("deep", "residual deep", "layers") else _shallow(kind)


def _gram(kind):
    inputs = exact_rows([[1.0, 0.0], [2.0, 0.0]], "x") if kind == "singular" else X
    depth, share = (2, Fraction(1, 2)) if kind == "residual gram" else (1, None)
    (result,) = grams(inputs, "relu", [depth], share)
    return gram_statement(result, {})


def _shallow(kind):
    start = Start(Seeded(1), 1)
    if kind != "run":  # pairs of neurons that cancel, so that u = 0 at first
        rows = exact_rows([[1.0, 0.5], [-0.5, 1.0], [-1.0, 0.25]], "w") * 40
        start = Start(rows, (1, 1, 1, -1, -1, -1) * 20)
    step = None if kind == "flow" else Fraction(1, 2)
    training = Training(X, Y, 50 if kind == "run" else 120, start, step)
    result = shallow_prove.prove(training, training.net(), 20 if kind == "run" else 0)
    return shallow_statement(result, {})


def _deep(kind):
    shape, start = Architecture("softplus", 40, 1), Seeded(1)
    if kind == "residual deep":
        shape = Architecture("tanh", 40, 2, Fraction(1, 2))
    elif kind == "layers":
        shape = Architecture("softplus", 2, 1)
        start = Layers((exact_rows([[1.0, 0.0], [-1.0, 1.0]], "w"),), ((1, 0), (-1, 0)))
    training = deep_prove.with_default_step(DeepTraining(X, Y, shape, start, Fraction(1)))
    return deep_statement(deep_prove.prove(training, None), {})
