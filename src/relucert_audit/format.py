"""Step 0: from untrusted bytes to exact numbers, or a `Refusal`; and the exact comparison of step 2.

Sections 1 to 3 of docs/spec/certificate-v1.md; what they do not name is malformed. Size, depth and number of
values are bounded before parsing. A *shape* says what a value must be: a function that reads a leaf, a list
of one shape, or an object {name: shape}, where a name that ends in "?" is optional."""

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

ACCEPTED, REJECTED, NOT_CONFIRMED, MALFORMED = "accepted", "rejected", "not-confirmed", "malformed"
LIMIT = "resource limit"
MAX_BYTES, MAX_DEPTH, MAX_VALUES, MAX_INEQUALITIES, MAX_SIGNATURES = 64 << 20, 32, 400_000, 1_000, 100
MAX_EXPONENT = 65536  # of a dyadic; also the most bits of its mantissa
PAYLOAD_TYPE = "application/vnd.relucert.certificate.v1+json"
METHODS = {"teacher-student-relu": ("hessian",)}
MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
CRITICAL = (*MINIMA, "strict-saddle")
UPPER, LOWER = "upper", "lower"
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
MANTISSA = re.compile(r"0|-?[1-9][0-9]{0,19728}", re.ASCII)
DECIMAL = re.compile(r"(-?)([0-9]{1,400})(?:\.([0-9]{1,400}))?(?:e([+-]?[0-9]{1,5}))?", re.ASCII)


class Refusal(Exception):  # noqa: N818 -- a result, not a failure of the program
    """Reading ends here: (result, step, claim, reason)."""


def malformed(reason: str) -> Refusal:
    return Refusal(MALFORMED, 0, "format", reason)


class Dyadic(NamedTuple):
    """The exact number m * 2^e; m odd, or both 0, where it comes from a file."""

    m: int
    e: int

    def lt(self, other: "Dyadic") -> bool:
        low = min(self.e, other.e)
        return self.m << (self.e - low) < other.m << (other.e - low)


Rows = list[list[Dyadic]]


class Number(NamedTuple):
    """A bound: its exact value, its decimal for people, and which side of the truth it claims to be on."""

    exact: Dyadic
    decimal: str
    side: str


@dataclass(frozen=True)
class Certificate:
    """point: n rows of d, targets: k rows of d. bounds: flat, for instance "lambda_min.low"."""

    statement: dict[str, Any]
    signatures: list[dict[str, str]]
    n: int
    k: int
    d: int
    targets: Rows
    point: Rows
    verdict: str
    constants: str
    inertia: dict[str, int] | None
    bounds: dict[str, Number]
    evidence: list[dict[str, Any]]


def load(data: bytes) -> Any:
    """JSON with the restrictions of section 1; lone surrogates have no UTF-8 form, so no canonical form."""
    if len(data) > MAX_BYTES:
        raise malformed("larger than 64 MiB")
    if sum(data.count(mark) for mark in (b",", b"[", b"{", b":", b'"')) > MAX_VALUES:
        raise Refusal(NOT_CONFIRMED, 0, LIMIT, f"more than {MAX_VALUES} commas, brackets, colons and quotes")
    depth = 0
    for token in TOKEN.finditer(data):
        first = data[token.start()]
        depth += (first in b"[{") - (first in b"]}")
        if depth > MAX_DEPTH:
            raise malformed("nested deeper than 32")
    hooks = {"parse_int": integer, "parse_float": refuse_number, "parse_constant": refuse_number}
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=distinct, **hooks)  # type: ignore[arg-type]
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (UnicodeError, json.JSONDecodeError, RecursionError) as failure:
        raise malformed(f"not JSON in UTF-8: {failure}") from failure
    return value


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise malformed("an object has the same key twice")
    return dict(pairs)


def integer(literal: str) -> int:
    if len(literal) > 17 or literal == "-0" or not -(2**53) < int(literal) < 2**53:
        raise malformed("an integer is -0 or lies outside -2^53 < x < 2^53")
    return int(literal)


def refuse_number(literal: str) -> NoReturn:
    raise malformed(f"a number has a fraction or an exponent, or is none: {literal[:20]}")


def take(value: Any, shape: Any, where: str, open_ended: bool = False) -> Any:
    """Read a value of that shape. Members that the shape does not name are malformed, unless `open_ended`."""
    if callable(shape):
        return shape(value, where)
    if not isinstance(value, type(shape)):
        raise malformed(f"{where} is not an {'object' if isinstance(shape, dict) else 'array'}")
    if isinstance(shape, list):
        return [take(item, shape[0], where) for item in value]
    names = {name.rstrip("?"): name for name in shape}
    absent = [name for name, key in names.items() if name == key and name not in value]
    extra = [name for name in value if name not in names]
    if absent or (extra and not open_ended):
        raise malformed(f"{where} lacks {absent[0]}" if absent else f"{where} has an extra {extra[0][:40]!a}")
    return {x: take(value[x], shape[key], f"{where}.{x}") for x, key in names.items() if x in value}


def anything(value: Any, _where: str) -> Any:
    return value


def text(value: Any, where: str, pattern: str = "(?s:.*)") -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise malformed(f"{where} is not a string of the right form")
    return value


def flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise malformed(f"{where} is not true or false")
    return value


def count(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise malformed(f"{where} is not an integer of at least 0")
    return value


def match(pattern: str) -> Any:
    return lambda value, where: text(value, where, pattern)


def big(digits: str) -> int:
    """The integer with these decimal digits, piecewise: interpreters limit the length of one conversion."""
    value = 0
    for start in range(0, len(digits), 600):
        value = value * 10 ** len(digits[start : start + 600]) + int(digits[start : start + 600])
    return value


def dyadic(value: Any, where: str) -> Dyadic:
    """A canonical dyadic ["m", e] of section 2."""
    if not isinstance(value, list) or [type(part) for part in value] != [str, int]:
        raise malformed(f"{where} is not a dyadic")
    digits, e = value
    if abs(e) > MAX_EXPONENT or not MANTISSA.fullmatch(digits):
        raise malformed(f"{where} is not a dyadic within the limits of section 2")
    m = big(digits.lstrip("-"))
    if m.bit_length() > MAX_EXPONENT or (m % 2 == 0 and (m, e) != (0, 0)):
        raise malformed(f"{where} is not a canonical dyadic")
    return Dyadic(-m if digits.startswith("-") else m, e)


def number(side: str, negative: bool = True, null: bool = False) -> Any:
    """The shape of a number of section 2. Whether it may lie below 0, and whether it may be null."""

    def read_number(value: Any, where: str) -> Number | None:
        if value is None and null:
            return None
        pair = take(value, {"exact": dyadic, "decimal": text}, where)
        shape = DECIMAL.fullmatch(pair["decimal"])
        digits = (shape[2] + shape[3] if shape[3] else shape[2].rstrip("0")) if shape else "too long"
        if len(digits.lstrip("0")) > 6:
            raise malformed(f"{where} has no decimal of six digits")
        if pair["exact"].m < 0 and not negative:
            raise malformed(f"{where} is negative")
        return Number(pair["exact"], pair["decimal"], side)

    return read_number


def interval(value: Any, where: str) -> dict[str, Number]:
    low, high = (take(value, [number(side)], where) for side in (LOWER, UPPER))
    if len(low) != 2 or high[1].exact.lt(low[0].exact):
        raise malformed(f"{where} is not an ordered interval")
    return {"low": low[0], "high": high[1]}


SIGNATURE = {"keyid": match("[0-9a-f]{64}"), "sig": match("[A-Za-z0-9+/]{86}==")}
STATEMENT = {"claim": anything, "evidence": [anything], "provenance": anything}
FILE = {"payloadType": match(re.escape(PAYLOAD_TYPE)), "statement": STATEMENT, "signatures": [SIGNATURE]}
ENDS = {"left": number(UPPER, null=True), "relation": match("<|<="), "right": number(LOWER, null=True)}
INEQUALITY = {"step": text, "text": text, "proved": flag, **ENDS}
ARGUMENT = {"theorem": text, "holds": flag, "inequalities": [INEQUALITY]}
LIPSCHITZ = {"constants": match("simple|paper"), "radius": number(LOWER, False), "value": number(UPPER)}
BOUNDS = {
    "objective": interval,
    "gradient_norm": number(UPPER),
    "lambda_min": interval,
    "lambda_max": number(UPPER),
    "lambda_min_safran_shamir?": number(LOWER),
    "lipschitz": LIPSCHITZ,
    "lipschitz_safran_shamir?": number(UPPER),
    "inertia?": {"negative": count, "positive": count},
    "existence_radius?": number(UPPER, False),
    "uniqueness_radius?": number(LOWER, False),
    "existence_radius_lemma_1?": number(UPPER, False),
    "basin?": {"radius": number(LOWER, False), "step": number(LOWER)},
    "exclusion_radius?": number(LOWER, False),
}
HEADER = {"schema": text, "family": text, "method": text}
PROBLEM = {"n": count, "k": count, "d": count, "targets": anything}
VERDICT = match("|".join((*CRITICAL, "not-critical")))
CLAIM = {**HEADER, "problem": PROBLEM, "point": [[dyadic]], "verdict": VERDICT, "bounds": BOUNDS}


def read(data: bytes) -> Certificate:
    """Step 0, and of step 1 the family and method. Raises Refusal."""
    document = load(data)
    parts = take(document, FILE, "file")
    statement, signatures = document["statement"], parts["signatures"]
    take(statement["provenance"], {}, "provenance", open_ended=True)
    header = take(statement["claim"], HEADER, "claim", open_ended=True)
    version = re.fullmatch(r"relucert-certificate/1\.([0-9]+)", header["schema"], re.ASCII)
    if version is None:
        raise malformed("schema is not relucert-certificate/1.x")
    if version[1].strip("0"):
        raise Refusal(NOT_CONFIRMED, 0, "schema", "later than 1.0, may claim what is unknown here")
    if header["method"] not in METHODS.get(header["family"], ()):
        raise Refusal(REJECTED, 1, "family", "unknown, or the method does not belong to it")
    lists = [take(a, {"inequalities": [anything]}, "evidence", True) for a in statement["evidence"]]
    if sum(len(a["inequalities"]) for a in lists) > MAX_INEQUALITIES or len(signatures) > MAX_SIGNATURES:
        raise Refusal(NOT_CONFIRMED, 0, LIMIT, "too many inequalities or signatures")
    evidence = take(statement["evidence"], [ARGUMENT], "evidence")
    claim = take(statement["claim"], CLAIM, "claim")
    bounds, verdict, targets = claim["bounds"], claim["verdict"], claim["problem"]["targets"]
    (n, k, d), point = (claim["problem"][name] for name in "nkd"), claim["point"]
    if targets == "orthonormal":
        if d != k or d != len(point[0] if point else ()):
            raise malformed("orthonormal targets need d = k, the length of the rows of the point")
        targets = [[Dyadic(1, 0) if i == j else Dyadic(0, 0) for j in range(d)] for i in range(k)]
    else:
        targets = take(targets, [[dyadic]], "targets")
    widths = {len(row) for row in (*point, *targets)}
    if min(n, k, d) < 1 or (len(point), len(targets)) != (n, k) or widths != {d}:
        raise malformed("point and targets are not n and k rows of d")
    if not all(any(entry.m for entry in row) for row in point):
        raise malformed("a row of the point is 0")
    rest = verdict, bounds["lipschitz"]["constants"], bounds.get("inertia"), flat(bounds, verdict), evidence
    return Certificate(statement, signatures, n, k, d, targets, point, *rest)


def flat(bounds: dict[str, Any], verdict: str) -> dict[str, Number]:
    """The numbers among the bounds by name, after a look at which members the verdict needs and forbids."""
    critical, radii = verdict in CRITICAL, ("existence_radius", "uniqueness_radius")
    needed, forbidden = (
        ((*radii, "inertia"), ("exclusion_radius",)) if critical else (("exclusion_radius",), radii)
    )
    if any(name not in bounds for name in needed) or any(name in bounds for name in forbidden):
        raise malformed(f"a {verdict} has {', '.join(needed)} and not {', '.join(forbidden)}")
    nested = [
        (f"{name}.{part}", x) for name, v in bounds.items() if isinstance(v, dict) for part, x in v.items()
    ]
    return {name: x for name, x in [*bounds.items(), *nested] if isinstance(x, Number)}


def decimal_is_weak(x: Number) -> bool:
    """Step 2, exactly: x.decimal lies on the weak side of x.exact, within a relative 10^-4."""
    sign, whole, fraction, power = DECIMAL.fullmatch(x.decimal).groups("")  # type: ignore[union-attr]
    exponent = int(power or 0) - len(fraction)
    shown = int(sign + whole + fraction) * 10 ** max(exponent, 0) << max(-x.exact.e, 0)
    exact = x.exact.m * 10 ** max(-exponent, 0) << max(x.exact.e, 0)
    weak = shown >= exact if x.side == UPPER else shown <= exact
    return bool(weak and abs(shown - exact) * 10**4 <= abs(exact))
