"""Claims about infinite-width Gram matrices (docs/spec/wide-network-v1.md): how they are read, admitted and proved."""

import re
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from relucert_audit import format as fmt
from relucert_audit.exact import Matrix, norm_bound
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, UPPER, Number, Opened, interval, malformed, number, take
from relucert_audit.interval import precision, to_fixed
from relucert_audit.ntk import data, gram_singular
from relucert_audit.ntk.gram_layers import Network, finer, last, matrix
from relucert_audit.ntk.gram_spectrum import Enclosed, bounds

MOST_ROWS, MOST_ENTRIES, DEEPEST, MOST_MEANS, DIGITS = 512, 2**20, 1000, 10**7, 300
FIRST, AGAIN = 160, 500_000  # more bits than FIRST are tried for n^2 H <= AGAIN
GUARD = 32
POSITIVE, SINGULAR = "positive-definite", "singular"
PROBLEM = {
    "x": [[fmt.dyadic]], "activation": re.compile("relu|erf|softplus"), "depth": int,
    "architecture": re.compile("dense|residual"), "c_res?": fmt.rational,
}  # fmt: skip
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "verdict": re.compile(f"{POSITIVE}|{SINGULAR}")}
BOUNDS = {"lambda_min": interval, "largest": number(UPPER), "by_geometry?": number(LOWER)}


class Gram(NamedTuple):
    """A claim; inner: x x^T, up to a power of 2; d: of x; rows: the dependent ones."""

    verdict: str
    bounds: dict[str, Number]
    network: Network
    inner: Matrix
    d: int
    rows: list[int]

    @property
    def odd(self) -> bool:
        return self.network.activation == "erf"

    @property
    def shallow(self) -> bool:
        return not self.odd and self.network.depth == 1


def read(opened: Opened) -> Gram:
    """Step 0 of the claim. Raises Refusal."""
    positive = opened.claim.get("verdict") != SINGULAR
    rest = {"bounds": BOUNDS} if positive else {"bounds": {}, "dependent": [int]}
    claim = take(opened.claim, {**CLAIM, **rest}, "claim")
    problem = claim["problem"]
    depth, share = problem["depth"], problem.get("c_res")
    if depth < 1 or (share is not None) != (problem["architecture"] == "residual"):
        raise malformed("claim.problem has no layer, or c_res where none belongs, or none where it does")
    if share is not None and share <= 0:
        raise malformed("claim.problem.c_res is not positive")
    n, d = len(problem["x"]), len(problem["x"][0]) if problem["x"] else 0
    if n > MOST_ROWS or n * d > MOST_ENTRIES or depth > DEEPEST or (positive and n * n * depth > MOST_MEANS):
        raise data.limit("more inputs or layers than this checker takes")
    if share is not None and max(share.numerator, share.denominator) >= 10**DIGITS:
        raise data.limit(f"c_res of more than {DIGITS} digits")
    inner = gram_singular.gram(data.rows(problem["x"], "x").mantissa)
    network = Network(problem["activation"], depth, None if share is None else share / depth)
    return Gram(claim["verdict"], fmt.flatten(claim["bounds"]), network, inner, d, claim.get("dependent", []))


def exact(x: Number) -> Fraction:
    return x.exact.m * Fraction(2) ** x.exact.e


def admit(claim: Gram) -> Findings:
    """Step 1, in integers."""
    n, network = len(claim.inner), claim.network
    if network.share is not None and network.depth < 2:
        yield refuted(1, "depth", "a residual network has at least two layers")
    if any(claim.inner[i, i] == 0 for i in range(n)):
        yield refuted(1, "x", "a row is 0")
        return
    for name in ("lambda_min.low", "by_geometry"):
        if name in claim.bounds and claim.bounds[name].exact.m <= 0:
            yield refuted(1, name, "is not positive")
    try:
        yield from singularity(claim)
    except TooWeak as failure:
        yield weak(1, "x", str(failure))


def singularity(claim: Gram) -> Findings:
    """The verdict against Theorem 14.0."""
    kind = claim.odd, claim.shallow
    if claim.verdict == POSITIVE:
        if gram_singular.singular(claim.inner, claim.d, *kind):
            yield refuted(1, "verdict", "the matrix is singular")
    elif any(i >= j for i, j in pairwise(claim.rows)) or max(claim.rows, default=0) >= len(claim.inner):
        yield refuted(1, "dependent", "not rows in ascending order")
    elif not gram_singular.shows(claim.inner, claim.d, claim.rows, *kind):
        yield refuted(1, "dependent", "these rows do not show that the matrix is singular")


def prove(claim: Gram, bits: int) -> list[Finding]:
    """Steps 2 and 3; of a singular matrix, admission was all."""
    if claim.verdict == SINGULAR:
        return []
    if bits > FIRST and len(claim.inner) ** 2 * claim.network.depth > AGAIN:
        return [weak(3, "bounds", "not confirmed, and too many entries for more digits")]
    p = bits + GUARD + finer(claim.inner)
    try:
        with precision(p):
            return list(eigenvalues(claim, p, bits))
    except TooWeak as failure:
        return [weak(3, "bounds", str(failure))]


def eigenvalues(claim: Gram, p: int, bits: int) -> Findings:
    """The claimed numbers are divided by g^2, which the matrix of a residual network has as a factor, exactly."""
    share = claim.network.share
    scale = 2**p / (share * share if share is not None else Fraction(1))
    pairs, diagonal = last(claim.network, claim.inner, p, bits)
    mids, radii = matrix(pairs, to_fixed(diagonal, p), len(claim.inner))
    claimed = {name: exact(x) * scale for name, x in claim.bounds.items()}
    yield from bounds(Enclosed(mids, norm_bound(radii), p), claimed)
