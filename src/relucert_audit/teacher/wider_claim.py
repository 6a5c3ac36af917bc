"""Claims about wider networks: step 0 and step 1 of docs/spec/wider-v1.md."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from relucert_audit.finding import Findings, refuted
from relucert_audit.format import (
    HEADER,
    LIMIT,
    LOWER,
    MAX_ROW_BITS,
    NOT_CONFIRMED,
    RADIUS_ABOVE,
    UPPER,
    Dyadic,
    Number,
    Opened,
    Refusal,
    Rows,
    dyadic,
    flatten,
    malformed,
    number,
    take,
)
from relucert_audit.teacher import claim, signed, symmetric_claim
from relucert_audit.teacher.claim import EVERYWHERE, KIND, NOT_HERE, Certificate
from relucert_audit.teacher.symmetric_claim import Classes

SPLIT, ZERO, TRAINED, COLLAPSED = "split", "zero-neuron", "trained-output-weights", "collapsed"
SADDLE, DEGENERATE, KINDS = "strict-saddle", "degenerate-minimum", ("same", "opposite")
SIDES = {("same", SADDLE): UPPER, ("same", DEGENERATE): LOWER}
SIDES |= {("opposite", SADDLE): LOWER, ("opposite", DEGENERATE): UPPER}
PLURAL = {"spurious-minima": "spurious-minimum", "global-minima": "global-minimum"}
PLURAL |= {"local-minima": "local-minimum", "strict-saddles": "strict-saddle"}
WITH_SIGNS = (SPLIT, TRAINED)  # methods for signed networks, too
PART = re.compile(f"{SADDLE}|{DEGENERATE}")
AT = {"critical_point": re.compile("spurious-minimum|local-minimum")}
MEMBERS: dict[str, Any] = {
    SPLIT: {
        "verdict": re.compile("splits"),
        "splits": [{"neuron": int, "same?": PART, "opposite?": PART}],
        **AT,
    },
    ZERO: {"verdict": re.compile("not-a-minimum"), "target": int, **AT},
    TRAINED: {"verdict": re.compile("|".join(PLURAL)), "weights?": [dyadic]},
    COLLAPSED: {
        "verdict": re.compile("not-a-minimum"),
        "fractions": [[dyadic]],
        "neuron?": int,
        "critical_point": re.compile(f"spurious-minimum|local-minimum|{SADDLE}"),
    },
}
COMMON = {**HEADER, "problem": dict, "point": object, "bounds": dict}


class Split(NamedTuple):  # what is said of the splits of a neuron, by kind
    neuron: int
    verdicts: dict[str, str]


class Wider(NamedTuple):  # a claim about W* in `base`; bounds: of both, flat
    base: Certificate
    verdict: str
    bounds: dict[str, Number]
    splits: list[Split]
    target: int | None
    fractions: Rows | None  # of each neuron, for the method "collapsed"
    neuron: int | None
    weights: list[Dyadic] | None  # output weights, for the method "trained-output-weights"


def strict(side: str) -> Callable[[Any, str], Number]:
    """The shape of an upper bound below 0, or of a lower bound above 0."""
    shape, sign = number(side), -1 if side == UPPER else 1

    def read_strict(value: Any, where: str) -> Number:
        found: Number = shape(value, where)
        if sign * found.exact.m <= 0:
            raise malformed(f"{where} does not have the sign of its verdict")
        return found

    return read_strict


def read(opened: Opened) -> Wider:
    """A claim of one of the methods. Raises Refusal."""
    raw, method = opened.claim, opened.claim["method"]
    members = take(
        raw, COMMON | {f"{name}?": shape for name, shape in EVERYWHERE.items()} | MEMBERS[method], "claim"
    )
    problem, bounds = dict(members["problem"]), members["bounds"]
    take(bounds, {"lipschitz": KIND}, "claim.bounds", open_ended=True)
    if any(name in bounds for name in NOT_HERE):
        raise malformed("a bound that the claims of this method do not have")
    verdict = PLURAL[members["verdict"]] if method == TRAINED else members["critical_point"]
    if method == TRAINED:
        take(problem, {"output_weights": re.compile("trained")}, "claim.problem", open_ended=True)
        del problem["output_weights"]
    splits = [read_split(x) for x in members.get("splits", [])]
    mine = own_bounds(method, splits)
    if method == COLLAPSED and verdict != SADDLE:
        mine = {"curvature": strict(UPPER)}
    weights = members.get("weights")
    if weights is not None:
        mine = {"distance": RADIUS_ABOVE}
    own = take(bounds, mine, "claim.bounds", open_ended=True)
    if method == COLLAPSED and ("neuron" in members) == (verdict == SADDLE):
        raise malformed("a neuron is named of a minimum, and of no saddle")
    if method == SPLIT and not (splits and increasing(splits)):
        raise malformed("no splits, or their neurons are not strictly increasing from 1")
    if method == ZERO and members["target"] < 1:
        raise malformed("claim.target is not at least 1")
    base = {name: raw[name] for name in (*HEADER, "dimension", "point") if name in raw}
    base |= {"verdict": verdict, "problem": problem}
    base |= {"bounds": {name: x for name, x in bounds.items() if name not in own}}
    certificate = read_base(opened, base, rows_only=method == COLLAPSED or weights is not None)
    if weights is not None and (len(weights) != certificate.n or not all(x.m for x in weights)):
        raise malformed("claim.weights is not n numbers, none of them 0")
    parts = [x for row in members.get("fractions", []) for x in row if x.m] + [Dyadic(1, 0)]
    if max(x.m.bit_length() + x.e for x in parts) - min(x.e for x in parts) > MAX_ROW_BITS:
        raise Refusal(NOT_CONFIRMED, 0, LIMIT, "the bits that 1 and the fractions span")
    return Wider(
        certificate,
        raw["verdict"],
        certificate.bounds | flatten(own),
        splits,
        members.get("target"),
        members.get("fractions"),
        members.get("neuron"),
        weights,
    )


def read_base(opened: Opened, base: dict[str, Any], rows_only: bool) -> Certificate:
    """The claim of the critical point, of the method that its point and its problem ask for."""
    symmetrically = isinstance(base["point"], dict)
    if symmetrically and rows_only:
        raise malformed("the point of this claim is a list of rows")
    with_signs = "signs" in base["problem"] and opened.claim["method"] in WITH_SIGNS
    base["method"] = "symmetric-hessian" if symmetrically else "signed-hessian" if with_signs else "hessian"
    given = opened._replace(claim=base)
    if with_signs and not symmetrically:
        return signed.read(given)
    certificate: Certificate = (symmetric_claim if symmetrically else claim).read_points(given)
    return certificate


def read_split(given: dict[str, Any]) -> Split:
    verdicts = {kind: given[kind] for kind in KINDS if kind in given}
    if not verdicts:
        raise malformed("claim.splits has a neuron of which nothing is said")
    return Split(given["neuron"], verdicts)


def increasing(splits: list[Split]) -> bool:
    neurons = [0, *(x.neuron for x in splits)]
    return all(i < j for i, j in pairwise(neurons))


def own_bounds(method: str, splits: list[Split]) -> dict[str, Any]:
    """The shapes of what the method adds to the bounds."""
    if method == ZERO:
        return {"slope": strict(LOWER), "decrease": strict(LOWER)}
    return {"splits": numbers_of(splits)} if method == SPLIT else {}


def numbers_of(splits: list[Split]) -> Callable[[Any, str], list[Any]]:
    """The shape of bounds.splits: for each verdict a number, on its side."""

    def read_numbers(value: Any, where: str) -> list[Any]:
        given = take(value, [dict], where)
        if len(given) != len(splits):
            raise malformed(f"{where} is not as long as claim.splits")
        return [
            take(x, {kind: strict(SIDES[kind, verdict]) for kind, verdict in split.verdicts.items()}, where)
            for x, split in zip(given, splits, strict=True)
        ]

    return read_numbers


def step_1(cert: Wider) -> Findings:
    """Admission: that of the base claim, and that what is named is there."""
    yield from (signed.step_1 if cert.base.signs else claim.step_1)(cert.base)
    base, at = cert.base, cert.base.point
    neurons, targets = base.n, base.k
    if isinstance(at, Classes):
        neurons, targets = len(at.sizes) + len(at.extra), len(at.sizes)
    for split in cert.splits:
        if split.neuron > neurons:
            yield refuted(1, "splits", f"there is no neuron {split.neuron}")
        if DEGENERATE in split.verdicts.values() and base.d < 2:
            yield refuted(1, "splits", "a degenerate minimum needs d >= 2")
    if cert.target is not None and cert.target > targets:
        yield refuted(1, "target", f"there is no target {cert.target}")
    yield from admit_fractions(cert)
    if cert.weights is not None:
        signs = cert.base.signs or (1,) * base.n
        if any(sign * x.m < 0 for sign, x in zip(signs, cert.weights, strict=False)):
            yield refuted(1, "weights", "not of the signs of the neurons")


def admit_fractions(cert: Wider) -> Findings:
    """One list for each neuron, of positive numbers with sum 1, exactly; not all of a single one."""
    if cert.fractions is None:
        return
    sizes = [len(row) for row in cert.fractions]
    if len(sizes) != cert.base.n or max(sizes, default=0) < 2:
        yield refuted(1, "fractions", "not one list a neuron, or no neuron is split")
    if any(x.m <= 0 for row in cert.fractions for x in row):
        yield refuted(1, "fractions", "not all are positive")
    if not all(adds_up(row) for row in cert.fractions):
        yield refuted(1, "fractions", "of a neuron do not add up to 1")
    if cert.neuron is not None and not (1 <= cert.neuron <= len(sizes) and sizes[cert.neuron - 1] > 1):
        yield refuted(1, "neuron", "is not one that is split")


def adds_up(row: list[Dyadic]) -> bool:
    """Whether the sum is 1, exactly: in integers, which are faster than fractions."""
    low = min((x.e for x in row), default=0)
    return low <= 0 and sum(x.m << (x.e - low) for x in row) == 1 << -low
