"""Claims about Gram matrices, made by the prover, and the matrices again in floating point, by other formulas."""

import json
from fractions import Fraction
from functools import cache

import numpy as np
from scipy.special import roots_hermitenorm

from relucert import certificate
from relucert.base.exact import exact_rows
from relucert.families.ntk.gram import GramProblem, gram
from relucert.families.ntk.gram_statement import gram_statement

DATA = {
    "five": [[1, 0, 0.5], [0.25, -1, 0], [0.5, 1, 2], [-1, 0.125, 0], [0, 0, -3]],
    "pair": [[1, 0, 0], [1, 1, 0], [0.5, -1, 2], [-1, 0, 0]],  # the last is antipodal to the first
    "near": [[1, 0], [1, 2.0**-40]],
    "orthonormal": [[2, 0, 0], [0, 1, 0], [0, 0, 0.5]],
    "one": [[3, 4]],
    "twins": [[1, 2], [3, 1], [-0.5, -1], [2, 4]],
    "pairs": [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [3, 1]],
}


@cache
def made(data, activation, depth=1, c_res=None):
    """The prover's certificate, unsigned."""
    share = None if c_res is None else Fraction(c_res)
    result = gram(GramProblem(exact_rows(DATA[data], "row"), activation, depth, share))
    whole = certificate.envelope(gram_statement(result, {"source": "tests", "search": None}), [])
    return json.loads(whole)


CLAIMS = [
    ("five", "relu"), ("five", "erf"), ("five", "softplus"), ("pair", "relu"), ("pair", "softplus"), ("near", "relu"),
    ("orthonormal", "relu"), ("one", "erf"), ("five", "relu", 3), ("five", "erf", 3), ("five", "softplus", 3),
    ("pair", "relu", 4), ("near", "relu", 3), ("five", "softplus", 40), ("five", "relu", 4, "1/2"),
    ("five", "erf", 4, "3"), ("five", "softplus", 4, "1/2"), ("one", "softplus", 2, "7/3"),
    ("twins", "relu"), ("twins", "erf"), ("twins", "softplus", 3, "1"), ("pairs", "relu"), ("pairs", "softplus"),
    ("pairs", "erf", 2),
]  # fmt: skip

NODES, WEIGHTS = roots_hermitenorm(120)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
FUNCTIONS = {"softplus": (lambda z: np.logaddexp(0, z), lambda z: 1 / (1 + np.exp(-z)))}


def plain(data, activation, depth=1, c_res=None):
    """The matrix in floating point: relu and erf by arc cosine and derivatives, softplus by a grid in the plane."""
    x = np.array(DATA[data], dtype=float)
    x /= np.linalg.norm(x, axis=1)[:, None]
    k, r = np.eye(len(x)) + 0, np.clip(x @ x.T, -1, 1)
    np.fill_diagonal(r, 1)
    value, slope, mean = (lambda v, f=f: f(v, activation) for f in (values, slopes, means))
    scale = 1 / value((1.0, 1.0))
    k, b = r, np.sqrt(scale) * mean(1.0)
    g = None if c_res is None else float(Fraction(c_res)) / depth
    for h in range(1, depth):
        top = k[0, 0]
        each = np.vectorize(lambda q, v=top: value((v, q)))(k)
        if h == 1 or g is None:
            k = scale * each
        else:
            k, b = k + 2 * g * b * mean(top) + g * g * each, b + g * mean(top)
    last = k * np.vectorize(lambda q, v=k[0, 0]: slope((v, q)))(k)
    if g is not None:
        return g * g * last
    return last if (activation, depth) == ("relu", 1) else scale * last


def values(pair, activation):
    k, q = pair
    r = min(max(q / k, -1.0), 1.0)
    if activation == "relu":
        t = np.arccos(r)
        return k * (np.sin(t) + (np.pi - t) * r) / (2 * np.pi)
    if activation == "erf":
        return 2 / np.pi * np.arcsin(2 * q / (1 + 2 * k))
    return grid(k, r, FUNCTIONS["softplus"][0])


def slopes(pair, activation):
    k, q = pair
    r = min(max(q / k, -1.0), 1.0)
    if activation == "relu":
        return (np.pi - np.arccos(r)) / (2 * np.pi)
    if activation == "erf":
        return 4 / np.pi / np.sqrt((1 + 2 * k) ** 2 - 4 * q * q)
    return grid(k, r, FUNCTIONS["softplus"][1])


def means(k, activation):
    if activation == "relu":
        return np.sqrt(k / (2 * np.pi))
    return 0.0 if activation == "erf" else WEIGHTS @ FUNCTIONS["softplus"][0](np.sqrt(k) * NODES)


def grid(k, r, f):
    u, v = np.meshgrid(NODES, NODES, indexing="ij")
    return WEIGHTS @ (f(np.sqrt(k) * u) * f(np.sqrt(k) * (r * u + np.sqrt(1 - r * r) * v))) @ WEIGHTS
