"""Method `deep-gradient-descent`: all layers of a network with a smooth activation, trained to zero loss."""

import re
from fractions import Fraction
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit import seeded
from relucert_audit.digits import LIMB
from relucert_audit.exact import Matrix
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, UPPER, Dyadic, Number, Opened, malformed, number, take
from relucert_audit.interval import dyadic, precision, proves_lt, to_fixed
from relucert_audit.ntk.data import Integers, limit, rows, within
from relucert_audit.ntk.deep_bend import Shape
from relucert_audit.ntk.deep_digits import split
from relucert_audit.ntk.deep_functions import ACTIVATIONS
from relucert_audit.ntk.deep_run import Network, State, layer_norm, run
from relucert_audit.ntk.deep_theorem import End, end, theorem
from relucert_audit.steps import bound

MOST_ROWS, MOST_ENTRIES, MOST_NEURONS, MOST_LAYERS, MOST_STEPS, MOST_DIGITS = 64, 1024, 512, 16, 2000, 300
MOST_WEIGHTS, MOST_VALUES, MOST_WORK = 1 << 18, 1 << 22, 1 << 29
POINTS, HEAD, ENOUGH = (9, 20), 2, 64  # digits after and before the point; bits that rounding has to leave
NAMES = "|".join(ACTIVATIONS)


def positive(value: Any, where: str) -> Fraction:
    x = fmt.rational(value, where)
    if x <= 0:
        raise malformed(f"{where} is not positive")
    if max(x.numerator, x.denominator) >= 10**MOST_DIGITS:
        raise limit(f"{where}, a number of more than {MOST_DIGITS} digits")
    return x


def weights(value: Any, where: str) -> dict[str, Any]:
    """By a seed, or layer by layer."""
    found: dict[str, Any] = take(
        value, SEEDED if isinstance(value, dict) and "seed" in value else GIVEN, where
    )
    return found


SEEDED = {"seed": int, "scale": fmt.dyadic}
GIVEN = {"layers": [[[fmt.dyadic]]], "output": [fmt.dyadic]}
PROBLEM = {
    "x": [[fmt.dyadic]],
    "y": [fmt.dyadic],
    "width": int,
    "depth": int,
    "activation": re.compile(NAMES),
}
PROBLEM |= {"architecture": re.compile("dense|residual"), "c_res?": positive, "step": positive}
BOUNDS = {"loss": number(UPPER), "rate": number(LOWER), "travel": number(UPPER)}
CLAIM = {**fmt.HEADER, "verdict": re.compile("converges-to-zero-loss"), "problem": PROBLEM, "bounds": BOUNDS}
CLAIM |= {"start": {"weights": weights}, "steps": int}


class Certificate(NamedTuple):
    """layers: W_1, .., W_H, and output: (1, m); c_res: None if dense."""

    verdict: str
    x: Integers
    y: Integers
    layers: list[Integers]
    output: Integers
    activation: str
    c_res: Fraction | None
    eta: Fraction
    steps: int
    bounds: dict[str, Number]
    ends: list[tuple[Network, End]]  # of runs that more bits would not change


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    problem, steps = claim["problem"], claim["steps"]
    m, H, residual = problem["width"], problem["depth"], problem["architecture"] == "residual"
    x, y = rows(problem["x"], "x"), rows([problem["y"]], "y")
    n, d = x.mantissa.shape
    if y.mantissa.shape[1] != n or m == 0 or H == 0:
        raise malformed("y does not have one entry for each row of x, or there are no neurons")
    if residual != ("c_res" in problem) or (residual and H == 1):
        raise malformed("c_res belongs to residual networks, which have at least two layers")
    if n > MOST_ROWS or d > MOST_ENTRIES or m > MOST_NEURONS or H > MOST_LAYERS or steps > MOST_STEPS:
        raise limit("n, d, m, H or T")
    values = H * m * n * steps * (2 if problem["activation"] == "erf" else 1)
    if m * (d + H * m) > MOST_WEIGHTS or values > MOST_VALUES:
        raise limit("m (d + H m) or H m n T")
    if (d + H * m) * m * n * steps > MOST_WORK:
        raise limit("(d + H m) m n T")
    shapes = [(m, d)] + [(m, m)] * (H - 1) + [(1, m)]
    start = claim["start"]["weights"]
    given = by_seed(start, shapes) if "seed" in start else given_rows(start)
    if [w.mantissa.shape for w in given] != shapes:
        raise malformed("weights do not have the shapes that width and depth say")
    numbers = fmt.flatten(claim["bounds"])
    c_res, activation = problem.get("c_res"), problem["activation"]
    return Certificate(
        claim["verdict"], x, y, given[:-1], given[-1], activation, c_res, problem["step"], steps, numbers, []
    )


def by_seed(weights: dict[str, Any], shapes: list[tuple[int, int]]) -> list[Integers]:
    scale: Dyadic = weights["scale"]
    within(scale, "scale")
    found, first = [], 0
    for shape in shapes:
        count = shape[0] * shape[1]
        w = seeded.weights(weights["seed"], first, count).astype(object) * scale.m
        found.append(Integers(w.reshape(shape), scale.e - seeded.UNIT))
        first += count
    return found


def given_rows(weights: dict[str, Any]) -> list[Integers]:
    return [*(rows(layer, "layers") for layer in weights["layers"]), rows([weights["output"]], "output")]


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    for name, x in cert.bounds.items():
        if x.exact.m < 0 or (name == "rate" and x.exact.m == 0):
            yield refuted(1, name, "is negative, or a rate of 0")
    if not cert.bounds["rate"].exact.lt(Dyadic(1, 0)):
        yield refuted(1, "rate", "is not below 1")
    if len(set(map(tuple, cert.x.mantissa.tolist()))) < len(cert.x.mantissa):
        yield refuted(1, "x", "two rows are the same")


def fixed(a: Integers, p: int) -> tuple[Matrix, bool]:
    """In units of 2^-p, rounded down; whether that changed anything."""
    up = p + a.exponent
    if up >= 0:
        return a.mantissa << up, False
    found: Matrix = a.mantissa >> -up
    return found, bool(((found << -up) != a.mantissa).any())


def network(cert: Certificate, point: int) -> Network:
    p, (m, H) = LIMB * point, (cert.layers[0].mantissa.shape[0], len(cert.layers))
    function = ACTIVATIONS[cert.activation]
    x, x_off = fixed(cert.x, p)
    y, _ = fixed(cert.y, p)
    with precision(p + 64):
        width = dyadic(m, 0)
        first = ivl.root(1 / (function.mean_square(p) * width))
        later = first if cert.c_res is None else ivl.rational(cert.c_res / H) / ivl.root(width)
        factors = [to_fixed(k, p) for k in [first] + [later] * (H - 1)]
    tops = [dyadic(k + off, -p) for k, off in factors]
    shape = Shape(tops, function.first().b, function.second().b, cert.c_res is not None)
    return Network(point, x.T, int(x_off), y[0], cert.eta, factors, function, shape)


def begin(cert: Certificate, point: int) -> State:
    """c_0, rounded where entries of the start are no multiples of a unit."""
    p, changed, layers, norms = LIMB * point, 0, [], []
    for given in cert.layers:
        w, off = fixed(given, p)
        changed += off * w.size
        layers.append(split(w, point + HEAD))
        norms.append(layer_norm(w, p))
    output, off = fixed(cert.output, p)
    changed += off * output.size
    return State(layers, output[0], (ivl.root(dyadic(changed, 0)) * dyadic(1, -p)).b, norms)


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 2 to 4 of the page."""
    point = POINTS[bits > 160]
    try:
        if not cert.ends:
            net = network(cert, point)
            at = end(net, run(net, begin(cert, point), cert.steps))
            if sharp(at):
                cert.ends.append((net, at))
        net, at = cert.ends[0] if cert.ends else (net, at)
        return [*bound(cert, 3, "loss", at.error**2 / 2), *step_4(cert, net, at)]
    except TooWeak as failure:
        return [weak(3, "steps", str(failure))]


def sharp(at: End) -> bool:
    """Whether the rest of rounding is far below what decides."""
    many, width = dyadic(1, ENOUGH), at.error.b - at.error.a
    return proves_lt(many * width, at.error) and proves_lt(many * at.at.r, at.least)


def step_4(cert: Certificate, net: Network, at: End) -> Findings:
    """Theorem 14.W with rho = travel."""
    travel, rate = (dyadic(*cert.bounds[name].exact) for name in ("travel", "rate"))
    found = theorem(net, at, travel)
    for name, (left, right, holds) in found.hypotheses.items():
        if not holds:
            yield weak(4, "travel", f"{name} of Theorem 14.W is not proved: {ivl.show(left, right)}")
            return
    # q <= (1 - rate)^2, less 1 on both sides: 1 - rate would round a rate of 1e-250 to nothing.
    claimed = rate * (2 - rate)
    if not ivl.proves_le(claimed, found.gain):
        yield weak(4, "rate", f"not confirmed as lower bound: {ivl.show(claimed, found.gain)}")
