"""Step 0: from untrusted bytes to exact numbers, or a `Refusal`; and the exact comparison of step 2.

What sections 1 to 3 of docs/spec/certificate-v1.md do not name is malformed. Size, depth and number of tokens
are bounded before parsing. A *shape* says what a value must be: `str`, `bool`, `int` (at least 0), `object`
(anything), a pattern of a whole string, a function that reads a leaf, [shape], or {name: shape}, where a name
that ends in "?" is optional."""

import base64
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import gcd, log2
from typing import Any, NamedTuple

import rfc8785

ACCEPTED, REJECTED, NOT_CONFIRMED, MALFORMED = "accepted", "rejected", "not-confirmed", "malformed"
LIMIT, MAX_ROW_BITS = "resource limit", 16384
MAX_BYTES, MAX_DEPTH, MAX_TOKENS, MAX_INEQUALITIES, MAX_SIGNATURES = 64 << 20, 32, 1_000_000, 1_000, 100
MAX_EXPONENT = 65536  # of a dyadic; also the most bits of its mantissa
PAYLOAD_TYPE = "application/vnd.relucert.certificate.v1+json"
UPPER, LOWER = "upper", "lower"
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},:]', re.DOTALL)
CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)  # also of direction
MANTISSA = re.compile(r"0|-?[1-9][0-9]{0,19728}")
RATIONAL = re.compile("(0|-?[1-9][0-9]*)(?:/([1-9][0-9]*))?")
DECIMAL = re.compile(r"(-?)([0-9]{1,400})(?:\.([0-9]{1,400}))?(?:e([+-]?[0-9]{1,5}))?")


class Refusal(Exception):  # noqa: N818 -- a result, not a failure of the program
    """Reading ends here: (result, step, claim, reason)."""


def malformed(reason: str) -> Refusal:
    return Refusal(MALFORMED, 0, "format", reason)


class Dyadic(NamedTuple):  # the number m * 2^e; m odd, or both 0, where it comes from a file
    m: int
    e: int

    def lt(self, other: "Dyadic") -> bool:
        low = min(self.e, other.e)
        return self.m << (self.e - low) < other.m << (other.e - low)


class Number(NamedTuple):  # a bound; side: which side of the truth it claims to be on
    exact: Dyadic
    decimal: str
    side: str


Rows = list[list[Dyadic]]


class Opened(NamedTuple):  # a file; minor: of the version; of the claim only the header is read yet
    statement: dict[str, Any]
    signatures: list[dict[str, str]]
    claim: dict[str, Any]
    minor: int
    evidence: list[dict[str, Any]]


def load(data: bytes) -> Any:
    """JSON with the restrictions of section 1; lone surrogates have no UTF-8 form, so no canonical form."""
    if len(data) > MAX_BYTES:
        raise malformed("larger than 64 MiB")
    depth = 0
    for count, token in enumerate(TOKEN.finditer(data), 1):
        first = data[token.start()]
        depth += (first in b"[{") - (first in b"]}")
        if depth > MAX_DEPTH:
            raise malformed("nested deeper than 32")
        if count > MAX_TOKENS:
            raise Refusal(NOT_CONFIRMED, 0, LIMIT, f"more than {MAX_TOKENS} strings and punctuation marks")
    hooks: dict[str, Any] = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), integer)
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=distinct, **hooks)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (UnicodeError, json.JSONDecodeError, RecursionError) as failure:
        raise malformed(f"not JSON in UTF-8: {failure}") from failure
    if any(CONTROL.search(text) for text in texts(value)):
        raise malformed("a string with a control character")
    return value


def texts(value: Any) -> Iterator[str]:
    """All strings, names of members among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from texts(item)


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise malformed("an object has the same key twice")
    return dict(pairs)


def integer(literal: str) -> int:
    if len(literal) > 17 or not MANTISSA.fullmatch(literal) or not -(2**53) < int(literal) < 2**53:
        raise malformed(f"not an integer with -2^53 < x < 2^53: {literal[:20]}")
    return int(literal)


def take(value: Any, shape: Any, where: str, open_ended: bool = False) -> Any:
    """Read a value of that shape. Members that the shape does not name are malformed, unless `open_ended`."""
    if isinstance(shape, re.Pattern):
        fits = isinstance(value, str) and shape.fullmatch(value) is not None
    elif shape in (object, str, bool, int, dict):
        fits = shape is object or (type(value) is shape and (shape is not int or value >= 0))
    elif callable(shape):
        return shape(value, where)
    else:
        fits = isinstance(value, type(shape))
    if not fits:
        raise malformed(f"{where} is not of the right type or form")
    if isinstance(shape, list):
        return [take(item, shape[0], where) for item in value]
    if not isinstance(shape, dict):
        return value
    names = {name.rstrip("?"): name for name in shape}
    absent = [name for name, key in names.items() if name == key and name not in value]
    extra = [name for name in value if name not in names]
    if absent or (extra and not open_ended):
        raise malformed(f"{where} lacks {absent[0]}" if absent else f"{where} has an extra {extra[0][:40]!a}")
    return {x: take(value[x], shape[key], f"{where}.{x}") for x, key in names.items() if x in value}


def dyadic(value: Any, where: str) -> Dyadic:
    """A canonical dyadic ["m", e] of section 2. (Decimal is exact here; int alone refuses long strings.)"""
    pair = isinstance(value, list) and [type(part) for part in value] == [str, int]
    if pair and abs(value[1]) <= MAX_EXPONENT and MANTISSA.fullmatch(value[0]):
        x = Dyadic(int(Decimal(value[0])), value[1])
        if x.m.bit_length() <= MAX_EXPONENT and (x.m % 2 or x == (0, 0)):
            return x
    raise malformed(f"{where} is not a canonical dyadic within the limits of section 2")


def rational(value: Any, where: str) -> Fraction:
    """A rational "p" or "p/q" in lowest terms."""
    parts = RATIONAL.fullmatch(value) if isinstance(value, str) else None
    if parts and len(value) > MAX_ROW_BITS:
        raise Refusal(NOT_CONFIRMED, 0, LIMIT, f"{where} has more than {MAX_ROW_BITS} characters")
    p, q = (int(Decimal(part)) for part in parts.groups("1")) if parts else (0, 0)
    if not parts or gcd(p, q) != 1 or (parts[2] and q == 1):
        raise malformed(f"{where} is not a rational in lowest terms")
    return Fraction(p, q)


def number(side: str, negative: bool = True, null: bool = False) -> Any:
    """The shape of a number of section 2. Whether it may lie below 0, and whether it may be null."""

    def read_number(value: Any, where: str) -> Number | None:
        if value is None and null:
            return None
        pair = take(value, {"exact": dyadic, "decimal": DECIMAL}, where)
        _, whole, fraction, _ = DECIMAL.fullmatch(pair["decimal"]).groups()  # type: ignore[union-attr]
        if len((whole + fraction if fraction else whole.rstrip("0")).lstrip("0")) > 6:
            raise malformed(f"{where} has a decimal of more than six digits")
        if pair["exact"].m < 0 and not negative:
            raise malformed(f"{where} is negative")
        return Number(pair["exact"], pair["decimal"], side)

    return read_number


def interval(value: Any, where: str) -> dict[str, Number]:
    low, high = (take(value, [number(side)], where) for side in (LOWER, UPPER))
    if len(low) != 2 or high[1].exact.lt(low[0].exact):
        raise malformed(f"{where} is not an ordered interval")
    return {"low": low[0], "high": high[1]}


SIGNATURE = {"keyid": re.compile("[0-9a-f]{64}"), "sig": re.compile("[A-Za-z0-9+/]{86}==")}
STATEMENT = {"claim": object, "evidence": [object], "provenance": dict}
FILE = {"payloadType": re.compile(re.escape(PAYLOAD_TYPE)), "statement": STATEMENT, "signatures": [SIGNATURE]}
DSSE = {name: FILE[name] for name in ("payloadType", "signatures")} | {"payload": str}
SIDES = {"left": number(UPPER, null=True), "right": number(LOWER, null=True)}
INEQUALITY = {"step": str, "text": str, "relation": re.compile("<=?"), "proved": bool, **SIDES}
ARGUMENT = {"theorem": str, "holds": bool, "inequalities": [INEQUALITY]}
RADIUS_BELOW, RADIUS_ABOVE = number(LOWER, negative=False), number(UPPER, negative=False)
RADII = {"existence_radius": RADIUS_ABOVE, "uniqueness_radius": RADIUS_BELOW}
HEADER = {"schema": re.compile(r"relucert-certificate/1\.[0-9]+"), "family": str, "method": str}


def from_dsse(value: dict[str, Any]) -> dict[str, Any]:
    """The same file as a standard DSSE envelope: its payload is the canonical statement, to the byte."""
    whole = take(value, DSSE, "envelope")
    try:
        body = base64.b64decode(whole["payload"], validate=True)
    except ValueError as failure:  # also what is not ASCII
        raise malformed(f"payload is not base64: {failure}") from failure
    if base64.b64encode(body).decode() != whole["payload"]:
        raise malformed("payload is not canonical base64")
    statement = load(body)
    if rfc8785.dumps(statement) != body:
        raise malformed("payload is not the canonical form of a statement")
    return {"payloadType": whole["payloadType"], "statement": statement, "signatures": whole["signatures"]}


def unwrap(data: bytes) -> Opened:
    """Step 0, without the claim. Raises Refusal."""
    value = load(data)
    parts = take(from_dsse(value) if isinstance(value, dict) and "payload" in value else value, FILE, "file")
    statement, signatures = parts["statement"], parts["signatures"]
    header = take(statement["claim"], HEADER, "claim", open_ended=True)
    minor = header["schema"].rpartition(".")[2]
    if minor not in ("0", "1"):
        raise Refusal(NOT_CONFIRMED, 0, "schema", "later than 1.1, may claim what is unknown here")
    evidence = take(statement["evidence"], [ARGUMENT], "evidence")
    if sum(len(a["inequalities"]) for a in evidence) > MAX_INEQUALITIES or len(signatures) > MAX_SIGNATURES:
        raise Refusal(NOT_CONFIRMED, 0, LIMIT, "too many inequalities or signatures")
    return Opened(statement, signatures, statement["claim"], int(minor), evidence)


def flatten(item: Any, name: str = "") -> dict[str, Number]:
    """All numbers by their dotted names."""
    if isinstance(item, Number):
        return {name[1:]: item}
    parts = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
    return {key: x for part, inner in parts for key, x in flatten(inner, f"{name}.{part}").items()}


def decimal_is_weak(x: Number) -> bool:
    """Step 2, exactly: x.decimal lies on the weak side of x.exact, within a relative 10^-4."""
    sign, whole, fraction, power = DECIMAL.fullmatch(x.decimal).groups("")  # type: ignore[union-attr]
    digits, exponent = int(whole + fraction), int(power or 0) - len(fraction)
    size = (len(str(digits)) + exponent) * log2(10) - x.exact.m.bit_length() - x.exact.e  # no huge powers
    if not digits or not x.exact.m or abs(size) > 8:
        return not digits and not x.exact.m
    shown = int(sign + str(digits)) * 10 ** max(exponent, 0) << max(-x.exact.e, 0)
    exact = x.exact.m * 10 ** max(-exponent, 0) << max(x.exact.e, 0)
    excess = shown - exact if x.side == UPPER else exact - shown
    return bool(0 <= excess * 10**4 <= abs(exact))
