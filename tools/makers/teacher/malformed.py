"""Files that are no certificates of the format."""

from __future__ import annotations

import base64
import json
import sys
from fractions import Fraction
from typing import Any

from corpus_keys import signed
from judge.documents import Json, number, replaced
from makers.edits import changed, claim, pretty
from makers.folder import Corpus


def malformed(corpus: Corpus, local: Json, away: Json) -> None:
    whole = signed(away)
    plain = pretty(whole).decode()

    def put(name: str, why: str, content: Json | bytes) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
        corpus.put("malformed", name, why, data)

    def text(name: str, why: str, old: str, new: str) -> None:
        if plain.count(old) < 1 or old == new:
            raise SystemExit(f"{name}: nothing to replace")
        put(name, why, plain.replace(old, new, 1).encode("utf-8", "surrogatepass"))

    def edit(name: str, why: str, path: str, new: Any, document: Json = away) -> None:
        """Signed anew where it can be, so that only the shape is wrong."""
        document = changed(document, path, new)
        put(name, why, signed(document))

    # Bytes.
    put("empty", "No bytes.", b"")
    put("blank", "Only white space.", b" \n")
    put("not-json", "Not JSON.", b"strict local minimum\n")
    put("truncated", "The last 40 bytes are missing.", plain.encode()[:-40])
    put("trailing-garbage", "Something follows the object.", plain.encode() + b"x\n")
    put("two-objects", "Two objects, one after the other.", plain.encode() * 2)
    put("byte-order-mark", "A byte order mark, which JSON does not have.", b"\xef\xbb\xbf" + plain.encode())
    put("utf-16", "UTF-16.", plain.encode("utf-16"))
    source = '"bench/make_corpus.py"'
    put("bad-utf-8", "A byte that is not UTF-8.", plain.encode().replace(b"bench", b"b\xffnch", 1))
    put("overlong-utf-8", "An overlong form in UTF-8.", plain.encode().replace(b"bench", b"b\xc0\xafnch", 1))
    text("surrogate-bytes", "A surrogate encoded in UTF-8.", source, '"\ud800"')
    text(
        "lone-surrogate", "An escaped surrogate without its partner: no canonical form.", source, '"\\ud800"'
    )
    text("control-character", "A line end inside a string.", source, '"a\nb"')
    for name, why, escape in (
        ("escaped-nul", "An escaped NUL.", "\\u0000"),
        ("escaped-escape", "An escaped ESC, with which terminals are commanded.", "\\u001b[2J"),
        ("escaped-c1", "An escaped C1 control.", "\\u009b2J"),
        ("escaped-override", "An escaped right-to-left override.", "\\u202e"),
        ("escaped-line-separator", "An escaped line separator.", "\\u2028"),
    ):
        text(name, why, source, f'"a{escape}b"')
    text("trailing-comma", "A comma before a closing bracket.", '"signatures": [', '"signatures": [,')
    text("comment", "A comment.", "{", "{ /* no */")
    put("single-quotes", "Strings in single quotes.", plain.replace('"', "'").encode())
    put("null", "null instead of an object.", b"null\n")
    put("list", "The object inside a list.", f"[{plain}]".encode())
    put("nested-brackets", "40 brackets.", b"[" * 40 + b"]" * 40)
    text("nested-provenance", "Nested 40 deep.", source, "[" * 40 + "]" * 40)
    text("nested-33", "Nested 33 deep, one too many.", source, "[" * 30 + "]" * 30)
    # Numbers of JSON.
    for name, why, literal in (
        ("fraction", "A fraction.", "1.5"),
        ("fraction-whole", "A whole number with a fraction.", "1.0"),
        ("exponent", "An exponent.", "1e3"),
        ("exponent-huge", "A huge exponent.", "1E999999999"),
        ("nan", "NaN.", "NaN"),
        ("infinity", "Infinity.", "Infinity"),
        ("minus-infinity", "-Infinity.", "-Infinity"),
        ("minus-zero", "-0.", "-0"),
        ("leading-zero", "A leading zero.", "007"),
        ("plus", "A plus sign.", "+1"),
        ("hexadecimal", "A hexadecimal number.", "0x10"),
        ("two-to-53", "2^53.", str(2**53)),
        ("minus-two-to-53", "-2^53.", str(-(2**53))),
        ("thousand-digits", "An integer of 1000 digits.", "9" * 1000),
    ):
        text(f"number-{name}", f"{why} In the provenance.", source, literal)
    text("inertia-float", "1.0 where an integer is due.", '"negative": 0', '"negative": 0.0')
    text("exponent-float", "The exponent of a dyadic with a fraction.", '["1", 0]', '["1", 0.0]')
    text("exponent-minus-zero", "The exponent of a dyadic is -0.", '["1", 0]', '["1", -0]')
    # The same key twice.
    for name, old in (
        ("file", '"payloadType"'),
        ("claim", '"verdict"'),
        ("problem", '"n"'),
        ("bounds", '"gradient_norm"'),
        ("number", '"decimal"'),
        ("inertia", '"negative"'),
        ("provenance", '"source"'),
    ):
        start = plain.index(old + ":")
        end = min(
            i for i in (plain.find(",", start), plain.find("\n", start), plain.find("}", start)) if i > 0
        )
        member = plain[start:end].rstrip(",")
        if name == "bounds":
            member = f"{old}: {json.dumps(claim(away, 'bounds.gradient_norm'))}"
        put(f"twice-{name}", f"{old} twice.", (plain[:start] + member + ", " + plain[start:]).encode())
    text(
        "twice-escaped",
        "The same key twice, once escaped.",
        '"verdict"',
        '"v\\u0065rdict": "not-critical", "verdict"',
    )
    # Dyadics.
    m, e = claim(away, "bounds.lambda_max.exact")
    for name, why, pair in (
        ("even", "An even mantissa.", [str(2 * int(m)), e - 1]),
        ("zero-exponent", 'Zero as ["0", 1].', ["0", 1]),
        ("mantissa-number", "The mantissa is a number.", [int(m), e]),
        ("exponent-string", "The exponent is a string.", [m, str(e)]),
        ("exponent-boolean", "The exponent is true.", [m, True]),
        ("exponent-null", "The exponent is null.", [m, None]),
        ("exponent-huge", "The exponent is 65537.", ["1", 65537]),
        ("exponent-very-huge", "The exponent is 2^52.", ["1", 2**52]),
        ("exponent-minus-huge", "The exponent is -65537.", ["1", -65537]),
        ("leading-zero", "A mantissa with a leading zero.", ["0" + m, e]),
        ("plus", "A mantissa with a plus sign.", ["+" + m, e]),
        ("minus-zero", 'The mantissa is "-0".', ["-0", 0]),
        ("empty", "An empty mantissa.", ["", e]),
        ("space", "A space before the mantissa.", [" " + m, e]),
        ("line-end", "A line end after the mantissa.", [m + "\n", e]),
        ("underscore", "An underscore in the mantissa.", [m[:1] + "_" + m[1:], e]),
        ("fraction", "A fraction in the mantissa.", [m + ".0", e]),
        ("hexadecimal", "A hexadecimal mantissa.", [hex(int(m)), e]),
        ("other-digits", "Arabic-Indic digits.", ["\u0661", e]),
        ("short", "Only a mantissa.", [m]),
        ("long", "Three parts.", [m, e, 0]),
        ("string", "A string.", f"{m}p{e}"),
        ("object", "An object.", {"m": m, "e": e}),
    ):
        edit(f"dyadic-{name}", f"{why} In lambda_max.", "bounds.lambda_max.exact", pair)
    edit("dyadic-too-many-bits", "A coordinate of 65537 bits.", "point.0.0", [digits(2**65536 + 1), -65536])
    edit("point-even", "An even mantissa in the point.", "point.0.0", ["2", -1])
    edit("point-decimal", "A coordinate as a decimal.", "point.0.0", "1.0")
    # Shapes.
    edit("rows-unequal", "A row of the point is too short.", "point.0", claim(away, "point.0")[:1])
    edit("rows-too-few", "The point has one row; n = 2.", "point", claim(away, "point")[:1])
    edit("rows-none", "The point has no rows.", "point", [])
    edit("row-empty", "A row of the point is empty.", "point.0", [])
    edit("neuron-zero", "A neuron is 0.", "point.0", [["0", 0], ["0", 0]])
    for name, wrong in (("n", 3), ("k", 1), ("d", 3), ("n", 0), ("k", -2)):
        edit(f"problem-{name}-{wrong}", f"{name} = {wrong} does not match.", f"problem.{name}", wrong)
    edit("problem-n-true", "n is true.", "problem.n", True)
    edit("problem-n-string", "n is a string.", "problem.n", "2")
    edit("targets-too-few", "One target; k = 2.", "problem.targets", [[["1", 0], ["0", 0]]])
    edit("targets-too-long", "Targets of length 3; d = 2.", "problem.targets", [[["1", 0]] * 3] * 2)
    edit("targets-unknown", "Targets by an unknown name.", "problem.targets", "orthogonal")
    edit("targets-none", "No targets.", "problem.targets", [])
    # Versions and names.
    edit("version-2", "Another major version.", "schema", "relucert-certificate/2.0")
    edit("version-0", "Another major version.", "schema", "relucert-certificate/0.9")
    edit("version-none", "No version.", "schema", "relucert-certificate")
    edit("version-three-parts", "A version of three parts.", "schema", "relucert-certificate/1.0.0")
    edit("version-line-end", "A line end after the version.", "schema", "relucert-certificate/1.0\n")
    edit("version-number", "The schema is a number.", "schema", 1)
    edit("verdict-unknown", "A verdict that is not one of the five.", "verdict", "minimum")
    edit("verdict-capital", "A verdict with a capital.", "verdict", "Not-critical")
    edit("verdict-list", "A list of verdicts.", "verdict", ["not-critical"])
    edit("family-number", "The family is a number.", "family", 1)
    edit("constants-unknown", "Unknown Lipschitz constants.", "bounds.lipschitz.constants", "best")
    # Bounds.
    one, two = number(Fraction(1), True), number(Fraction(2), False)
    edit("interval-reversed", "lambda_min is [2, 1].", "bounds.lambda_min", [two, one])
    edit("interval-one-end", "lambda_min has one end.", "bounds.lambda_min", [one])
    edit("interval-three", "lambda_min has three ends.", "bounds.lambda_min", [one, one, two])
    edit("objective-reversed", "objective is [2, 1].", "bounds.objective", [two, one])
    negative = number(Fraction(-1), False)
    edit("negative-exclusion-radius", "exclusion_radius is -1.", "bounds.exclusion_radius", negative)
    edit("negative-lipschitz-radius", "lipschitz.radius is -1.", "bounds.lipschitz.radius", negative)
    for name in ("existence_radius", "uniqueness_radius", "existence_radius_lemma_1", "basin.radius"):
        file = f"negative-{name}".replace("_", "-").replace(".", "-")
        edit(file, f"{name} is -1.", f"bounds.{name}", negative, local)
    edit("inertia-negative", "inertia counts -1.", "bounds.inertia.negative", -1)
    edit("inertia-true", "inertia counts true.", "bounds.inertia.negative", True)
    edit("number-bare", "A dyadic where a number is due.", "bounds.lambda_max", [m, e])
    edit("number-integer", "An integer where a number is due.", "bounds.lambda_max", 3)
    edit("number-list", "gradient_norm is a list.", "bounds.gradient_norm", [])
    edit("decimal-number", "A decimal that is a number.", "bounds.lambda_max.decimal", 3)
    for name, decimal in (
        ("nan", "NaN"),
        ("infinite", "inf"),
        ("empty", ""),
        ("words", "about 1"),
        ("seven", "1.234567"),
    ):
        edit(
            f"decimal-{name}",
            f"The decimal of lambda_max is {decimal!r}.",
            "bounds.lambda_max.decimal",
            decimal,
        )
    # Members missing, and members too many.
    for path in (
        *("schema", "family", "method", "problem", "point", "verdict", "bounds"),
        *("problem.n", "problem.k", "problem.d", "problem.targets"),
        *(
            f"bounds.{name}"
            for name in ("objective", "gradient_norm", "lambda_min", "lambda_max", "lipschitz")
        ),
        *("bounds.lipschitz.constants", "bounds.lipschitz.radius", "bounds.lipschitz.value"),
        *("bounds.exclusion_radius", "bounds.inertia.positive", "bounds.lambda_max.decimal"),
        "bounds.lambda_max.exact",
    ):
        edit(f"without-{path}".replace("_", "-"), f"{path} is missing.", path, None)
    for name in ("existence_radius", "uniqueness_radius", "inertia", "basin.radius", "basin.step"):
        edit(
            f"minimum-without-{name}".replace("_", "-"),
            f"A minimum without {name}.",
            f"bounds.{name}",
            None,
            local,
        )
    radius = claim(away, "bounds.exclusion_radius")
    edit(
        "minimum-with-exclusion", "A minimum with exclusion_radius.", "bounds.exclusion_radius", radius, local
    )
    edit(
        "not-critical-with-existence", "Not critical, with existence_radius.", "bounds.existence_radius", one
    )
    edit(
        "not-critical-with-uniqueness",
        "Not critical, with uniqueness_radius.",
        "bounds.uniqueness_radius",
        two,
    )
    for path in ("", "problem.", "bounds.", "bounds.lipschitz.", "bounds.inertia.", "bounds.lambda_max."):
        file = f"extra-in-{path.rstrip('.').replace('_', '-') or 'claim'}"
        edit(file, f"An extra member in {path.rstrip('.') or 'the claim'}.", path + "more", 1)
    edit("extra-in-basin", "An extra member in basin.", "bounds.basin.more", one, local)
    statement = ("statement",)
    for name in ("claim", "evidence", "provenance"):
        rest = {key: x for key, x in away["statement"].items() if key != name}
        put(f"statement-without-{name}", f"The statement has no {name}.", signed(away | {"statement": rest}))
    put(
        "extra-in-statement",
        "An extra member in the statement.",
        signed(replaced(away, (*statement, "more"), 1)),
    )
    for name in ("payloadType", "statement", "signatures"):
        rest = {key: x for key, x in whole.items() if key != name}
        put(f"file-without-{name.lower()}", f"The file has no {name}.", rest)
    put("extra-in-file", "An extra member beside the statement.", whole | {"more": 1})
    put(
        "payload-type-swapped",
        "The payload type is another one.",
        whole | {"payloadType": "application/json"},
    )
    other = whole["payloadType"].replace("v1", "v2")
    put("payload-type-v2", "The payload type is version 2's.", whole | {"payloadType": other})
    put(
        "provenance-list", "The provenance is a list.", signed(replaced(away, (*statement, "provenance"), []))
    )
    # Evidence.
    for name, why, new in (
        ("object", "The evidence is an object.", {}),
        ("strings", "The evidence holds a string.", ["Theorem E"]),
        ("holds-one", "holds is 1.", [{"theorem": "E", "holds": 1, "inequalities": []}]),
        ("no-inequalities", "An argument without inequalities.", [{"theorem": "E", "holds": False}]),
        (
            "extra",
            "An extra member in an argument.",
            [{"theorem": "E", "holds": False, "inequalities": [], "x": 0}],
        ),
    ):
        put(f"evidence-{name}", why, signed(replaced(away, (*statement, "evidence"), new)))
    place = (*statement, "evidence", 0, "inequalities", 0)
    inequality = away["statement"]["evidence"][0]["inequalities"][0]
    for name, why, change in (
        ("relation", "A relation that is neither < nor <=.", {"relation": ">"}),
        ("proved", "proved is a string.", {"proved": "true"}),
        ("side", "A side is a bare dyadic.", {"left": ["1", 0]}),
        ("more", "An extra member in an inequality.", {"more": 0}),
    ):
        put(f"inequality-{name}", why, signed(replaced(away, place, inequality | change)))
    # Signatures.
    entry = whole["signatures"][0]
    for name, why, new in (
        ("object", "signatures is an object.", entry),
        ("null", "signatures is null.", None),
        ("no-keyid", "A signature without keyid.", [{"sig": entry["sig"]}]),
        ("extra", "An extra member in a signature.", [entry | {"alg": "none"}]),
        ("keyid-short", "A keyid of 63 digits.", [entry | {"keyid": entry["keyid"][1:]}]),
        ("keyid-capitals", "A keyid in capitals.", [entry | {"keyid": "ABCDEF" + entry["keyid"][6:]}]),
        ("base64-short", "63 bytes of signature.", [entry | {"sig": base64.b64encode(bytes(63)).decode()}]),
        ("base64-url", "The URL alphabet of base64.", [entry | {"sig": "-_" * 43 + "=="}]),
        ("base64-unpadded", "base64 without padding.", [entry | {"sig": entry["sig"].rstrip("=")}]),
        ("base64-line-end", "A line end after the signature.", [entry | {"sig": entry["sig"] + "\n"}]),
        ("hexadecimal", "A signature in hexadecimal.", [entry | {"sig": "00" * 64}]),
    ):
        put(f"signature-{name}", why, whole | {"signatures": new})


def digits(x: int) -> str:
    """Decimal digits, however long: interpreters limit the length of one conversion."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return str(x)
    finally:
        sys.set_int_max_str_digits(limit)
