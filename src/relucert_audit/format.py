"""Step 0: from untrusted bytes to exact numbers, or `Malformed`; and step 2, decimals, which needs only these.

Sections 1 to 3 of docs/spec/certificate-v1.md. Nothing here is lenient: what the page does not name is malformed.
Work is bounded before it is done: size, depth and number of values are checked on the bytes.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

MAX_BYTES = 64 << 20
MAX_DEPTH = 32
MAX_VALUES = 1_000_000
MAX_ARGUMENTS = 1_000
MAX_BITS = 65536
PAYLOAD_TYPE = "application/vnd.relucert.certificate.v1+json"
FAMILY, METHOD = "teacher-student-relu", "hessian"
MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
CRITICAL = (*MINIMA, "strict-saddle")
VERDICTS = (*CRITICAL, "not-critical")
UPPER, LOWER = "upper", "lower"

# name: (side of the bound, may be negative)
SCALARS = {
    "gradient_norm": (UPPER, True),
    "lambda_max": (UPPER, True),
    "lambda_min_safran_shamir": (LOWER, True),
    "lipschitz_safran_shamir": (UPPER, True),
    "existence_radius": (UPPER, False),
    "uniqueness_radius": (LOWER, False),
    "existence_radius_lemma_1": (UPPER, False),
    "exclusion_radius": (LOWER, False),
}
REQUIRED = ("objective", "gradient_norm", "lambda_min", "lambda_max", "lipschitz")
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
MANTISSA = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)
DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:e([+-]?[0-9]{1,5}))?", re.ASCII)


class Malformed(Exception):
    """The file is not a certificate of format 1 (step 0)."""


class Inadmissible(Exception):
    """Readable, but no certificate of this checker's families (step 1)."""


class ResourceLimit(Exception):
    """Well-formed as far as read, but larger than this checker is willing to work on."""


class Dyadic(NamedTuple):
    """The exact number m * 2^e, m odd or both 0."""

    m: int
    e: int

    def lt(self, other: "Dyadic") -> bool:
        low = min(self.e, other.e)
        return self.m << (self.e - low) < other.m << (other.e - low)

    def le(self, other: "Dyadic") -> bool:
        return not other.lt(self)


ZERO = Dyadic(0, 0)


class Number(NamedTuple):
    """A claimed bound: its exact value, its decimal for people, and which side of the truth it is on."""

    exact: Dyadic
    decimal: str
    side: str


class Inequality(NamedTuple):
    step: str
    left: Number | None
    relation: str
    right: Number | None
    proved: bool


class Argument(NamedTuple):
    theorem: str
    holds: bool
    inequalities: list[Inequality]


Rows = list[list[Dyadic]]


@dataclass(frozen=True)
class Certificate:
    """A parsed certificate. point: n rows of d, targets: k rows of d, exact. bounds: flat, for instance
    "lambda_min.low", "lipschitz.radius". unknown: members that a later minor version may have added."""

    statement: dict[str, Any]
    signatures: list[tuple[str, str]]
    n: int
    k: int
    d: int
    targets: Rows
    point: Rows
    verdict: str
    constants: str
    inertia: tuple[int, int] | None
    bounds: dict[str, Number]
    evidence: list[Argument]
    unknown: list[str]


def read(data: bytes) -> Certificate:
    """Step 0. Raises Malformed, Inadmissible (unknown family or method) or ResourceLimit."""
    document = members(load(data), "file", ("payloadType", "statement", "signatures"))
    if document["payloadType"] != PAYLOAD_TYPE:
        raise Malformed("payloadType is not that of format 1")
    statement = members(document["statement"], "statement", ("claim", "evidence", "provenance"))
    if not isinstance(statement["provenance"], dict):
        raise Malformed("provenance is not an object")
    signatures = []
    for entry in sequence(document["signatures"], "signatures"):
        one = members(entry, "signature", ("keyid", "sig"))
        keyid, sig = text(one["keyid"], "keyid"), text(one["sig"], "sig")
        if not re.fullmatch(r"[0-9a-f]{64}", keyid) or not re.fullmatch(r"[A-Za-z0-9+/]{86}==", sig):
            raise Malformed("a signature is not 64 hexadecimal digits and 64 bytes in base64")
        signatures.append((keyid, sig))
    evidence = read_evidence(statement["evidence"])
    unknown: list[str] = []
    version = claim_version(statement["claim"])
    claim = members(
        statement["claim"],
        "claim",
        ("schema", "family", "method", "problem", "point", "verdict", "bounds"),
        later=unknown if version else None,
    )
    if text(claim["family"], "family") != FAMILY or text(claim["method"], "method") != METHOD:
        raise Inadmissible("unknown family, or a method that does not belong to it")
    return read_claim(claim, statement, signatures, evidence, unknown if version else None)


def load(data: bytes) -> Any:
    """JSON with the restrictions of section 1. Depth and number of values are bounded before parsing."""
    if len(data) > MAX_BYTES:
        raise Malformed("larger than 64 MiB")
    if sum(data.count(c) for c in (b",", b"[", b"{", b":")) > MAX_VALUES or data.count(b'"') > MAX_VALUES:
        raise ResourceLimit(f"more than {MAX_VALUES} values")
    depth = 0
    for token in TOKEN.finditer(data):
        first = data[token.start()]
        depth += (first in b"[{") - (first in b"]}")
        if depth > MAX_DEPTH:
            raise Malformed("nested deeper than 32")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=distinct,
            parse_int=integer_literal,
            parse_float=refuse_number,
            parse_constant=refuse_number,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as failure:
        raise Malformed(f"not JSON in UTF-8: {failure}") from failure
    check_strings(value)
    return value


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Malformed("an object has the same key twice")
    return value


def integer_literal(literal: str) -> int:
    if len(literal) > 17 or literal == "-0" or not -(2**53) < int(literal) < 2**53:
        raise Malformed("an integer is -0 or lies outside -2^53 < x < 2^53")
    return int(literal)


def refuse_number(literal: str) -> NoReturn:
    raise Malformed(f"a number has a fraction or an exponent, or is none: {literal[:20]}")


def check_strings(value: Any) -> None:
    """No lone surrogates, anywhere (they have no UTF-8 form, so no canonical form either)."""
    if isinstance(value, str):
        if any("\ud800" <= c <= "\udfff" for c in value if not c.isascii()):
            raise Malformed("a string holds a lone surrogate")
    elif isinstance(value, dict):
        for key, item in value.items():
            check_strings(key)
            check_strings(item)
    elif isinstance(value, list):
        for item in value:
            check_strings(item)


def members(
    value: Any,
    where: str,
    required: tuple[str, ...],
    optional: tuple[str, ...] = (),
    later: list[str] | None = None,
) -> dict[str, Any]:
    """An object with all the required members and no others but the optional ones. Others are collected in `later`
    if a later minor version may have added them, and malformed if not."""
    if not isinstance(value, dict):
        raise Malformed(f"{where} is not an object")
    absent = [name for name in required if name not in value]
    if absent:
        raise Malformed(f"{where} lacks {absent[0]}")
    extra = [f"{where}.{name}"[:80] for name in value if name not in required and name not in optional]
    if extra and later is None:
        raise Malformed(f"{extra[0]} is not a member of format 1.0")
    if later is not None:
        later.extend(extra)
    return value


def sequence(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(f"{where} is not an array")
    return value


def text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{where} is not a string")
    return value


def flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise Malformed(f"{where} is not true or false")
    return value


def whole(value: Any, where: str, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise Malformed(f"{where} is not an integer of at least {least}")
    return value


def big_integer(digits: str) -> int:
    """Exact, whatever the interpreter's limit on the length of conversions."""
    sign, digits = (-1, digits[1:]) if digits.startswith("-") else (1, digits)
    value = 0
    for start in range(0, len(digits), 600):
        piece = digits[start : start + 600]
        value = value * 10 ** len(piece) + int(piece)
    return sign * value


def dyadic(value: Any, where: str) -> Dyadic:
    """A canonical dyadic ["m", e] of section 2."""
    pair = sequence(value, where)
    if len(pair) != 2 or not isinstance(pair[0], str):
        raise Malformed(f"{where} is not a dyadic")
    e = whole(pair[1], where, -MAX_BITS)
    if e > MAX_BITS or len(pair[0]) > MAX_BITS * 0.302 + 2 or not MANTISSA.fullmatch(pair[0]):
        raise Malformed(f"{where} is not a dyadic within the limits of section 2")
    m = big_integer(pair[0])
    if m.bit_length() > MAX_BITS or (m % 2 == 0 and (m, e) != (0, 0)):
        raise Malformed(f"{where} is not a canonical dyadic")
    return Dyadic(m, e)


def number(value: Any, where: str, side: str, negative: bool = True, later: list[str] | None = None) -> Number:
    """A number of section 2: exact and decimal. `negative`: whether it may lie below 0."""
    pair = members(value, where, ("exact", "decimal"), later=later)
    exact, decimal = dyadic(pair["exact"], where), text(pair["decimal"], where)
    shape = DECIMAL.fullmatch(decimal) if len(decimal) <= 400 else None
    if shape is None or len((shape[2] + (shape[3] or "")).lstrip("0").rstrip("0" if not shape[3] else "")) > 6:
        raise Malformed(f"{where} has no decimal of six digits")
    if exact.m < 0 and not negative:
        raise Malformed(f"{where} is negative")
    return Number(exact, decimal, side)


def rows(value: Any, where: str, count: int, width: int) -> Rows:
    """count rows of width dyadics."""
    outer = sequence(value, where)
    if len(outer) != count or any(len(sequence(row, where)) != width for row in outer):
        raise Malformed(f"{where} is not {count} rows of {width}")
    return [[dyadic(entry, where) for entry in row] for row in outer]


def claim_version(claim: Any) -> int:
    """Minor version of the claim's schema. Raises Malformed for another major version."""
    if not isinstance(claim, dict) or "schema" not in claim:
        raise Malformed("claim lacks schema")
    match = re.fullmatch(r"relucert-certificate/1\.([0-9]{1,6})", text(claim["schema"], "schema"))
    if match is None:
        raise Malformed("schema is not relucert-certificate/1.x")
    return int(match[1])


def read_claim(
    claim: dict[str, Any],
    statement: dict[str, Any],
    signatures: list[tuple[str, str]],
    evidence: list[Argument],
    later: list[str] | None,
) -> Certificate:
    """Section 3: problem, point, verdict and bounds, with the members that the verdict needs and no others."""
    problem = members(claim["problem"], "problem", ("n", "k", "d", "targets"), later=later)
    n, k, d = (whole(problem[name], name, 1) for name in ("n", "k", "d"))
    point = rows(claim["point"], "point", n, d)
    if any(all(entry.m == 0 for entry in row) for row in point):
        raise Malformed("a row of the point is 0")
    if problem["targets"] == "orthonormal":
        if d != k:
            raise Malformed("orthonormal targets need d = k")
        if k * d > MAX_VALUES:
            raise ResourceLimit("too many targets")
        targets = [[Dyadic(1, 0) if i == j else ZERO for j in range(d)] for i in range(k)]
    else:
        targets = rows(problem["targets"], "targets", k, d)
    verdict = text(claim["verdict"], "verdict")
    if verdict not in VERDICTS:
        raise Malformed("verdict is none of the five")
    needed = ("existence_radius", "uniqueness_radius", "inertia") if verdict in CRITICAL else ("exclusion_radius",)
    optional = ["inertia", "basin", "lambda_min_safran_shamir", "lipschitz_safran_shamir"]
    optional.append("existence_radius_lemma_1")
    bounds = members(claim["bounds"], "bounds", REQUIRED + needed, tuple(optional), later)
    found = {
        name: number(bounds[name], name, side, negative, later)
        for name, (side, negative) in SCALARS.items()
        if name in bounds
    }
    for name in ("objective", "lambda_min"):
        ends = sequence(bounds[name], name)
        if len(ends) != 2:
            raise Malformed(f"{name} is not an interval")
        found[f"{name}.low"] = number(ends[0], name, LOWER, later=later)
        found[f"{name}.high"] = number(ends[1], name, UPPER, later=later)
        if found[f"{name}.high"].exact.lt(found[f"{name}.low"].exact):
            raise Malformed(f"{name} is not an ordered interval")
    lipschitz = members(bounds["lipschitz"], "lipschitz", ("constants", "radius", "value"), later=later)
    if lipschitz["constants"] not in ("simple", "paper"):
        raise Malformed("constants is neither simple nor paper")
    found["lipschitz.radius"] = number(lipschitz["radius"], "lipschitz.radius", LOWER, False, later)
    found["lipschitz.value"] = number(lipschitz["value"], "lipschitz.value", UPPER, later=later)
    if "basin" in bounds:
        basin = members(bounds["basin"], "basin", ("radius", "step"), later=later)
        found["basin.radius"] = number(basin["radius"], "basin.radius", LOWER, False, later)
        found["basin.step"] = number(basin["step"], "basin.step", LOWER, later=later)
    inertia = None
    if "inertia" in bounds:
        counts = members(bounds["inertia"], "inertia", ("negative", "positive"), later=later)
        inertia = whole(counts["negative"], "negative", 0), whole(counts["positive"], "positive", 0)
    constants, unknown = str(lipschitz["constants"]), later or []
    return Certificate(
        statement, signatures, n, k, d, targets, point, verdict, constants, inertia, found, evidence, unknown
    )


def read_evidence(value: Any) -> list[Argument]:
    """Section 4: the arguments. A left side is rounded up, a right side down, or null."""
    arguments, budget = [], MAX_ARGUMENTS
    for entry in sequence(value, "evidence"):
        argument = members(entry, "argument", ("theorem", "holds", "inequalities"))
        inequalities = []
        for item in sequence(argument["inequalities"], "inequalities"):
            budget -= 1
            if budget < 0:
                raise ResourceLimit(f"more than {MAX_ARGUMENTS} inequalities")
            one = members(item, "inequality", ("step", "text", "left", "relation", "right", "proved"))
            text(one["text"], "text")
            if one["relation"] not in ("<", "<="):
                raise Malformed("relation is neither < nor <=")
            left = None if one["left"] is None else number(one["left"], "left", UPPER)
            right = None if one["right"] is None else number(one["right"], "right", LOWER)
            name, proved = text(one["step"], "step"), flag(one["proved"], "proved")
            inequalities.append(Inequality(name, left, one["relation"], right, proved))
        holds = flag(argument["holds"], "holds")
        arguments.append(Argument(text(argument["theorem"], "theorem"), holds, inequalities))
    return arguments


def decimal_is_weak(x: Number) -> bool:
    """Step 2, exactly: x.decimal lies on the weak side of x.exact, within a relative 10^-4."""
    shape = DECIMAL.fullmatch(x.decimal)
    if shape is None:
        return False
    fraction = shape[3] or ""
    exponent = int(shape[4] or 0) - len(fraction)
    shown, exact = int(shape[1] + shape[2] + fraction), x.exact.m
    shown <<= max(-x.exact.e, 0)
    exact <<= max(x.exact.e, 0)
    if exponent >= 0:
        shown *= 10**exponent
    else:
        exact *= 10**-exponent
    weak = shown >= exact if x.side == UPPER else shown <= exact
    return weak and abs(shown - exact) * 10**4 <= abs(exact)
