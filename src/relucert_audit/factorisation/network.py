"""Method `balance`: the run of a deep network, in intervals, and how far it leaves the balance that it starts with.

All is derived from the run itself; Theorem 15.A says why the drift is small."""

import re
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix
from relucert_audit.factorisation import balls, data
from relucert_audit.factorisation.balls import Balls, product
from relucert_audit.factorisation.data import Dyadics, limit
from relucert_audit.finding import Finding, Findings, TooWeak, weak
from relucert_audit.format import UPPER, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, enclosure
from relucert_audit.steps import bound, contains

MOST_WORK, MOST_WEIGHTS, MOST_SQUARES = 2 * 10**7, 10**6, 5 * 10**7
BOUNDS = {"neurons": [[fmt.interval]], "layers": [fmt.interval], "largest": number(UPPER)}
BOUNDS |= {"loss": fmt.interval, "matrices?": [number(UPPER)]}
PROBLEM = {"activation": re.compile("relu|linear"), "widths": [data.count], "step": data.positive}
PROBLEM |= {"x": [[fmt.dyadic]], "y": [[fmt.dyadic]], "kink": data.not_negative}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "start": dict, "steps": data.count, "bounds": BOUNDS}
CLAIM |= {"verdict": re.compile("balance-drift")}


class Certificate(NamedTuple):  # samples are the columns of x and y
    verdict: str
    relu: bool
    weights: list[Dyadics]
    x: Dyadics
    y: Dyadics
    eta: Fraction
    kink: Fraction
    steps: int
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    of, bounds, widths = claim["problem"], claim["bounds"], claim["problem"]["widths"]
    if len(widths) < 3 or of["kink"] > 1:
        raise malformed("fewer than two layers, or kink is above 1")
    relu, inner = of["activation"] == "relu", widths[1:-1]
    if ("matrices" in bounds) == relu or any(
        [len(xs) for xs in bounds["neurons"]] != inner or len(bounds.get(name, inner)) != len(inner)
        for name in ("layers", "matrices")
    ):
        raise malformed("bounds do not fit the widths or the activation")
    x, y = (data.within(data.matrix(of[name], name), name) for name in ("x", "y"))
    if (x.mantissa.shape[1], *y.mantissa.shape) != (widths[0], len(x.mantissa), widths[-1]):
        raise malformed("x or y does not fit the widths")
    allowed(widths, len(x.mantissa), claim["steps"], relu)
    weights = start(claim["start"], widths)
    x, y = (Dyadics(a.mantissa.T, a.exponent) for a in (x, y))
    eta, kink, numbers = of["step"], of["kink"], fmt.flatten(bounds)
    return Certificate(claim["verdict"], relu, weights, x, y, eta, kink, claim["steps"], numbers)


def allowed(widths: list[int], samples: int, steps: int, relu: bool) -> None:
    """Raises Refusal beyond the limits."""
    weights = sum(a * b for a, b in pairwise(widths))
    if weights > MOST_WEIGHTS or weights * samples * steps > MOST_WORK:
        raise limit("the number of weights, or that times the samples times the steps")
    squares = sum(b * b * (a + c) for a, b, c in zip(widths, widths[1:], widths[2:], strict=False))
    if not relu and squares > MOST_SQUARES:
        raise limit("the size of the matrices D")


def start(given: dict[str, Any], widths: list[int]) -> list[Dyadics]:
    """Raises Refusal."""
    shapes = [(b, a) for a, b in pairwise(widths)]
    if "seed" in given:
        return data.seeded(take(given, data.SEED, "start"), shapes)
    rows = take(given, {"weights": [[[fmt.dyadic]]]}, "start")["weights"]
    found = [data.within(data.matrix(w, "weights"), "weights") for w in rows]
    if [w.mantissa.shape for w in found] != shapes:
        raise malformed("weights do not fit the widths")
    return found


def admit(_: Certificate) -> Findings:
    """Step 1: what fits was read."""
    yield from ()


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Step 7 at the working precision."""
    try:
        return list(step_7(cert, 2 * bits))
    except TooWeak as failure:
        return [weak(7, "steps", str(failure))]


class Network:
    """Gradient descent of the weights, in units of 2^-p."""

    def __init__(self, cert: Certificate, p: int) -> None:
        self.cert, self.p = cert, p
        self.x, self.y = balls.exact(cert.x, p), balls.exact(cert.y, p)

    def forward(self, weights: list[Balls]) -> tuple[list[Balls], list[tuple[Matrix, Matrix]]]:
        """Inputs of all layers and the residual; where each neuron is active, and where its argument is 0."""
        inputs, signs, a = [self.x], [], self.x
        for W in weights[:-1]:
            a, sign = self.activate(product(W, a, self.p))
            inputs.append(a)
            signs.append(sign)
        return [*inputs, product(weights[-1], a, self.p).minus(self.y)], signs

    def activate(self, z: Balls) -> tuple[Balls, tuple[Matrix, Matrix]]:
        """Raises TooWeak where the sign of an argument of relu is not decided."""
        if not self.cert.relu:
            one = 0 * z.m + 1
            return z, (one, 0 * one)
        active, zero = (z.m > z.r).astype(object), ((z.m == 0) & (z.r == 0)).astype(object)
        if not ((z.m < -z.r) | active.astype(bool) | zero.astype(bool)).all():
            raise TooWeak("an argument of relu is too near to 0")
        return z.where(1 * active), (1 * active, 1 * zero)

    def step(self, weights: list[Balls]) -> list[Balls]:
        """W - eta d, d by backpropagation."""
        (*inputs, g), signs = self.forward(weights)
        found = []
        for h in reversed(range(len(weights))):
            d = product(g, inputs[h].T, self.p)
            found.append(weights[h].minus(d.times(self.cert.eta)))
            if h:
                g = self.through(product(weights[h].T, g, self.p), *signs[h - 1])
        return found[::-1]

    def through(self, g: Balls, active: Matrix, zero: Matrix) -> Balls:
        """Times the derivative of the activation."""
        kept = g.where(active)
        if self.cert.kink and zero.any():
            bent = g.where(zero).times(self.cert.kink)
            kept = Balls(kept.m + bent.m, kept.r + bent.r)
        return kept


Ends = tuple[Matrix, Matrix]


def balance(weights: list[Balls]) -> list[Ends]:
    """Bounds of d(h, i), layer by layer, in units of 2^-2p."""
    found = []
    for W, X in pairwise(weights):
        (low, high), (below, above) = W.squares(), X.squares()
        found.append((low.sum(axis=1) - above.sum(axis=0), high.sum(axis=1) - below.sum(axis=0)))
    return found


def drift(now: list[Ends], first: list[Ends]) -> list[Ends]:
    return [(low - b, high - a) for (low, high), (a, b) in zip(now, first, strict=True)]


def step_7(cert: Certificate, p: int) -> Findings:
    """The run, and all bounds."""
    net = Network(cert, p)
    begin = weights = [balls.exact(w, p) for w in cert.weights]
    first, low, high, moved = balance(weights), 0, 0, []
    for _ in range(cert.steps):
        weights = net.step(weights)
        moved = drift(balance(weights), first)
        for a, b in moved:
            low = max(low, int(a.max()), -int(b.min()))
            high = max(high, int(b.max()), -int(a.min()))
    for h, (a, b) in enumerate(moved):
        for i in range(len(a)):
            yield from contains(cert, 7, f"neurons.{h}.{i}", enclosure(int(a[i]), int(b[i]), -2 * p))
        yield from contains(cert, 7, f"layers.{h}", enclosure(int(a.sum()), int(b.sum()), -2 * p))
    yield from bound(cert, 7, "largest", enclosure(low, high, -2 * p))
    (*_, residual), _ = net.forward(weights)
    below, above = residual.squares()
    yield from contains(cert, 7, "loss", enclosure(int(below.sum()), int(above.sum()), -2 * p - 1))
    if not cert.relu:
        for h, size in enumerate(matrices(begin, weights, p)):
            yield from bound(cert, 7, f"matrices.{h}", size)


def matrices(begin: list[Balls], end: list[Balls], p: int) -> list[Interval]:
    """|D_T - D_0|, layer by layer."""
    found = []
    for h in range(len(begin) - 1):
        (a, b), (c, d) = ((product(w[h], w[h].T, p), product(w[h + 1].T, w[h + 1], p)) for w in (begin, end))
        low, high = c.minus(d).minus(a.minus(b)).squares()
        found.append(ivl.root(enclosure(int(low.sum()), int(high.sum()), -2 * p)))
    return found
