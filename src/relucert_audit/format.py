"""Step 0: from untrusted bytes to exact numbers, or `Malformed`; and the exact comparison of step 2.

Sections 1 to 3 of docs/spec/certificate-v1.md; what they do not name is malformed. Size, depth and number of
values are bounded before parsing. A *shape* says what a value must be: a function that reads a leaf, a list of one
shape, or an object {name: shape}, where a name that ends in "?" is optional.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

MAX_BYTES = 64 << 20
MAX_DEPTH = 32
MAX_VALUES = 400_000
MAX_INEQUALITIES = 1_000
MAX_SIGNATURES = 100
MAX_EXPONENT = 65536  # of a dyadic; also the most bits of its mantissa
PAYLOAD_TYPE = "application/vnd.relucert.certificate.v1+json"
METHODS = {"teacher-student-relu": ("hessian",)}
MINIMA = ("spurious-minimum", "global-minimum", "local-minimum")
CRITICAL = (*MINIMA, "strict-saddle")
UPPER, LOWER = "upper", "lower"
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
MANTISSA = re.compile(r"0|-?[1-9][0-9]{0,19728}", re.ASCII)
DECIMAL = re.compile(r"(-?)([0-9]{1,400})(?:\.([0-9]{1,400}))?(?:e([+-]?[0-9]{1,5}))?", re.ASCII)


class Malformed(Exception):  # noqa: N818 -- a result, not a failure of the program
    """The file is not a certificate of format 1 (step 0)."""


class Inadmissible(Exception):  # noqa: N818
    """Readable, but no certificate of this checker's families (step 1)."""


class ResourceLimit(Exception):  # noqa: N818
    """Larger than this checker is willing to work on."""


class Newer(Exception):  # noqa: N818
    """Of a later minor version, which may claim what this checker cannot confirm."""


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
    """point: n rows of d, targets: k rows of d. bounds: flat, for instance "lambda_min.low", "lipschitz.radius"."""

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
    """JSON with the restrictions of section 1; only objects, arrays, strings, integers, booleans and null."""
    if len(data) > MAX_BYTES:
        raise Malformed("larger than 64 MiB")
    if sum(data.count(mark) for mark in (b",", b"[", b"{", b":", b'"')) > MAX_VALUES:
        raise ResourceLimit(f"more than {MAX_VALUES} commas, brackets, colons and quotes")
    depth = 0
    for token in TOKEN.finditer(data):
        first = data[token.start()]
        depth += (first in b"[{") - (first in b"]}")
        if depth > MAX_DEPTH:
            raise Malformed("nested deeper than 32")
    hooks = {"parse_int": integer, "parse_float": refuse_number, "parse_constant": refuse_number}
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=distinct, **hooks)  # type: ignore[arg-type]
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as failure:
        raise Malformed(f"not JSON in UTF-8: {failure}") from failure
    check_strings(value)
    return value


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise Malformed("an object has the same key twice")
    return dict(pairs)


def integer(literal: str) -> int:
    if len(literal) > 17 or literal == "-0" or not -(2**53) < int(literal) < 2**53:
        raise Malformed("an integer is -0 or lies outside -2^53 < x < 2^53")
    return int(literal)


def refuse_number(literal: str) -> NoReturn:
    raise Malformed(f"a number has a fraction or an exponent, or is none: {literal[:20]}")


def check_strings(value: Any) -> None:
    """No lone surrogates: they have no UTF-8 form, so no canonical form either."""
    if isinstance(value, str):
        if not value.isascii() and re.search("[\ud800-\udfff]", value):
            raise Malformed("a string holds a lone surrogate")
    elif isinstance(value, dict | list):
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            check_strings(item)


def take(value: Any, shape: Any, where: str, open_ended: bool = False) -> Any:
    """Read a value of that shape. Members that the shape does not name are malformed, unless `open_ended`."""
    if callable(shape):
        return shape(value, where)
    if not isinstance(value, type(shape)):
        raise Malformed(f"{where} is not an {'object' if isinstance(shape, dict) else 'array'}")
    if isinstance(shape, list):
        return [take(item, shape[0], where) for item in value]
    absent = [name for name in shape if not name.endswith("?") and name not in value]
    extra = [name for name in value if name not in shape and f"{name}?" not in shape]
    if absent or (extra and not open_ended):
        raise Malformed(
            f"{where} lacks {absent[0]}" if absent else f"{where} has no member {extra[0][:40]!a}"
        )
    names = [(name, name.rstrip("?")) for name in shape]
    return {name: take(value[name], shape[key], f"{where}.{name}") for key, name in names if name in value}


def anything(value: Any, _where: str) -> Any:
    return value


def text(value: Any, where: str, pattern: str = "(?s:.*)") -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise Malformed(f"{where} is not a string of the right form")
    return value


def flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise Malformed(f"{where} is not true or false")
    return value


def count(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed(f"{where} is not an integer of at least 0")
    return value


def choice(*allowed: str) -> Any:
    return lambda value, where: text(value, where, "|".join(map(re.escape, allowed)))


def big(digits: str) -> int:
    """The integer with these decimal digits, piecewise: interpreters limit the length of one conversion."""
    value = 0
    for start in range(0, len(digits), 600):
        value = value * 10 ** len(digits[start : start + 600]) + int(digits[start : start + 600])
    return value


def dyadic(value: Any, where: str) -> Dyadic:
    """A canonical dyadic ["m", e] of section 2."""
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str):
        raise Malformed(f"{where} is not a dyadic")
    digits, e = value
    if (
        not isinstance(e, int)
        or isinstance(e, bool)
        or abs(e) > MAX_EXPONENT
        or not MANTISSA.fullmatch(digits)
    ):
        raise Malformed(f"{where} is not a dyadic within the limits of section 2")
    m = big(digits.lstrip("-"))
    if m.bit_length() > MAX_EXPONENT or (m % 2 == 0 and (m, e) != (0, 0)):
        raise Malformed(f"{where} is not a canonical dyadic")
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
            raise Malformed(f"{where} has no decimal of six digits")
        if pair["exact"].m < 0 and not negative:
            raise Malformed(f"{where} is negative")
        return Number(pair["exact"], pair["decimal"], side)

    return read_number


def interval(value: Any, where: str) -> dict[str, Number]:
    if not isinstance(value, list) or len(value) != 2:
        raise Malformed(f"{where} is not an interval")
    low, high = number(LOWER)(value[0], where), number(UPPER)(value[1], where)
    if high.exact.lt(low.exact):
        raise Malformed(f"{where} is not an ordered interval")
    return {"low": low, "high": high}


HEX, BASE64 = "[0-9a-f]{64}", "[A-Za-z0-9+/]{86}=="
SIGNATURE = {"keyid": lambda v, w: text(v, w, HEX), "sig": lambda v, w: text(v, w, BASE64)}
FILE = {
    "payloadType": choice(PAYLOAD_TYPE),
    "statement": {"claim": anything, "evidence": anything, "provenance": anything},
    "signatures": [SIGNATURE],
}
ENDS = {"left": number(UPPER, null=True), "relation": choice("<", "<="), "right": number(LOWER, null=True)}
INEQUALITY = {"step": text, "text": text, "proved": flag, **ENDS}
ARGUMENT = {"theorem": text, "holds": flag, "inequalities": [INEQUALITY]}
BOUNDS = {
    "objective": interval,
    "gradient_norm": number(UPPER),
    "lambda_min": interval,
    "lambda_max": number(UPPER),
    "lambda_min_safran_shamir?": number(LOWER),
    "lipschitz": {
        "constants": choice("simple", "paper"),
        "radius": number(LOWER, False),
        "value": number(UPPER),
    },
    "lipschitz_safran_shamir?": number(UPPER),
    "inertia?": {"negative": count, "positive": count},
    "existence_radius?": number(UPPER, False),
    "uniqueness_radius?": number(LOWER, False),
    "existence_radius_lemma_1?": number(UPPER, False),
    "basin?": {"radius": number(LOWER, False), "step": number(LOWER)},
    "exclusion_radius?": number(LOWER, False),
}
CLAIM = {
    "schema": text,
    "family": text,
    "method": text,
    "problem": {"n": count, "k": count, "d": count, "targets": anything},
    "point": [[dyadic]],
    "verdict": choice(*CRITICAL, "not-critical"),
    "bounds": BOUNDS,
}


def arguments(value: Any, where: str) -> Any:
    """The evidence, of a bounded length."""
    lists = [a.get("inequalities") for a in take(value, [anything], where) if isinstance(a, dict)]
    if sum(len(a) for a in lists if isinstance(a, list)) > MAX_INEQUALITIES:
        raise ResourceLimit(f"more than {MAX_INEQUALITIES} inequalities")
    return take(value, [ARGUMENT], where)


def read(data: bytes) -> Certificate:
    """Step 0. Raises Malformed, Inadmissible (unknown family or method), ResourceLimit, or Newer."""
    document = load(data)
    parts = take(document, FILE, "file")
    statement, signatures = parts["statement"], parts["signatures"]
    if len(signatures) > MAX_SIGNATURES:
        raise ResourceLimit(f"more than {MAX_SIGNATURES} signatures")
    take(statement["provenance"], {}, "provenance", open_ended=True)
    raw = take(statement["claim"], {"schema": text, "family": text, "method": text}, "claim", open_ended=True)
    version = re.fullmatch(r"relucert-certificate/1\.([0-9]+)", raw["schema"], re.ASCII)
    if version is None:
        raise Malformed("schema is not relucert-certificate/1.x")
    if version[1].strip("0"):
        raise Newer("a later minor version than 1.0, with claims that this checker may not know")
    if raw["method"] not in METHODS.get(raw["family"], ()):
        raise Inadmissible("unknown family, or a method that does not belong to it")
    evidence = arguments(statement["evidence"], "evidence")
    claim = take(statement["claim"], CLAIM, "claim")
    bounds, verdict, targets = claim["bounds"], claim["verdict"], claim["problem"]["targets"]
    (n, k, d), point = (claim["problem"][name] for name in "nkd"), claim["point"]
    if targets == "orthonormal":
        if d != k or d != len(point[0] if point else ()):
            raise Malformed("orthonormal targets need d = k, the length of the rows of the point")
        targets = [[Dyadic(1, 0) if i == j else Dyadic(0, 0) for j in range(d)] for i in range(k)]
    else:
        targets = take(targets, [[dyadic]], "targets")
    if (
        min(n, k, d) < 1
        or (len(point), len(targets)) != (n, k)
        or {len(r) for r in (*point, *targets)} != {d}
    ):
        raise Malformed("point and targets are not n and k rows of d")
    if not all(any(entry.m for entry in row) for row in point):
        raise Malformed("a row of the point is 0")
    constants, inertia, numbers = (
        bounds["lipschitz"]["constants"],
        bounds.get("inertia"),
        flat(bounds, verdict),
    )
    return Certificate(
        document["statement"],
        signatures,
        n,
        k,
        d,
        targets,
        point,
        verdict,
        constants,
        inertia,
        numbers,
        evidence,
    )


def flat(bounds: dict[str, Any], verdict: str) -> dict[str, Number]:
    """The numbers among the bounds by name, after a look at which members the verdict needs and forbids."""
    needed, forbidden = ("existence_radius", "uniqueness_radius", "inertia"), ("exclusion_radius",)
    if verdict not in CRITICAL:
        needed, forbidden = forbidden, needed[:2]  # type: ignore[assignment]
    if any(name not in bounds for name in needed) or any(name in bounds for name in forbidden):
        raise Malformed(f"a {verdict} has {', '.join(needed)} and not {', '.join(forbidden)}")
    nested = [
        (f"{name}.{part}", x) for name, v in bounds.items() if isinstance(v, dict) for part, x in v.items()
    ]
    return {name: x for name, x in [*bounds.items(), *nested] if isinstance(x, Number)}


def decimal_is_weak(x: Number) -> bool:
    """Step 2, exactly: x.decimal lies on the weak side of x.exact, within a relative 10^-4."""
    sign, whole, fraction, power = DECIMAL.fullmatch(x.decimal).groups("")  # type: ignore[union-attr]
    exponent = int(power or 0) - len(fraction)
    shown = int(sign + whole + fraction) << max(-x.exact.e, 0)
    exact = x.exact.m << max(x.exact.e, 0)
    if exponent >= 0:
        shown *= 10**exponent
    else:
        exact *= 10**-exponent
    weak = shown >= exact if x.side == UPPER else shown <= exact
    return weak and abs(shown - exact) * 10**4 <= abs(exact)
