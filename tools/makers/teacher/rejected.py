"""False certificates of points in full, and true statements under false names."""

from __future__ import annotations

import base64
import json
import math
from copy import deepcopy
from fractions import Fraction
from typing import Any

from corpus_keys import OTHER_KEY, TEST_KEY, signed
from judge.documents import MINIMA, Json, number, replaced, value
from makers.edits import PAST, bare, changed, claim, in_d_only, shown
from makers.folder import Corpus
from makers.teacher.cases import Case
from makers.teacher.points import p, prove
from relucert import certificate
from relucert.certificate import signing


def rejected(corpus: Corpus, cases: dict[str, Case]) -> None:
    documents = {name: case.document for name, case in cases.items()}
    spurious, local, saddle = documents["spurious"], documents["local"], documents["saddle"]
    top, away, one = documents["global"], documents["away"], prove([[p, p]])

    def false(name: str, why: str, document: Json, kind: str = "reject") -> None:
        corpus.false(kind, name, why, document)

    def with_bounds(document: Json, **new: Any) -> Json:
        for name, x in new.items():
            document = changed(document, f"bounds.{name}", x)
        return document

    def num(x: float | Fraction, up: bool) -> Json:
        return number(Fraction(x), up, 64)

    zero = number(Fraction(0), True)
    # Verdicts.
    low = claim(saddle, "bounds.lambda_min")
    mirrored = [num(-value(low[1]["exact"]), False), num(-value(low[0]["exact"]), True)]
    positive = with_bounds(saddle, lambda_min=mirrored)
    false("saddle-lambda-min-positive", "The smallest eigenvalue of a saddle with its sign turned.", positive)
    for verdict in MINIMA:
        name, why = f"saddle-called-{verdict}", f"A strict saddle called a {verdict}; all numbers are true."
        false(name, why, changed(saddle, "verdict", verdict))
        zeros = with_bounds(saddle, lambda_min=mirrored, inertia={"negative": 0, "positive": 4})
        why = f"A strict saddle called a {verdict}, with positive lambda_min and no negative eigenvalue."
        false(f"saddle-dressed-as-{verdict}", why, changed(zeros, "verdict", verdict))
    false(
        "minimum-called-saddle",
        "A minimum called a strict saddle.",
        changed(bare(local), "verdict", "strict-saddle"),
    )
    called = changed(
        with_bounds(top, objective=[num(1e-3, False), num(2e-3, True)]), "verdict", "spurious-minimum"
    )
    false("global-called-spurious", "A global minimum called spurious, with an objective above 0.", called)
    why = "A global minimum called spurious; the objective is as it was, [0, 0]."
    false("global-called-spurious", why, changed(top, "verdict", "spurious-minimum"), "not-confirmed")
    why = "A spurious minimum called global; the objective is as it was, above 0."
    false("spurious-called-global", why, changed(spurious, "verdict", "global-minimum"))
    called = changed(with_bounds(spurious, objective=[zero, zero]), "verdict", "global-minimum")
    why = "A spurious minimum called global, with the objective [0, 0]."
    false("spurious-called-global", why, called, "not-confirmed")
    false(
        "n-below-k-called-spurious",
        "n < k, where nothing is known of inf F.",
        changed(local, "verdict", "spurious-minimum"),
    )
    false(
        "n-below-k-called-global",
        "n < k: no permutation of the targets.",
        changed(local, "verdict", "global-minimum"),
    )
    critical = {
        "exclusion_radius": None,
        "existence_radius": num(Fraction(1, 2**20), True),
        "uniqueness_radius": num(Fraction(1, 2**20), False),
        "inertia": {"negative": 0, "positive": 4},
    }
    for verdict in ("global-minimum", "spurious-minimum", "strict-saddle"):
        called = changed(with_bounds(away, **critical), "verdict", verdict)
        steep = shown(cases["away"].true["gradient_norm"])
        why = f"A point with a gradient of norm {steep} called a {verdict}."
        false(f"not-critical-called-{verdict}", why, called)
    for case in ("local", "saddle", "global", "spurious"):
        document = bare(documents[case])
        radius = cases[case].apart * 4  # type: ignore[operator]
        document = with_bounds(in_d_only(document), existence_radius=None, uniqueness_radius=None)
        document = with_bounds(document, exclusion_radius=num(radius, False))
        why = (
            f"A critical point called not critical: it is {shown(cases[case].apart)} away, inside the radius."  # type: ignore[arg-type]
        )
        false(f"{case}-called-not-critical", why, changed(document, "verdict", "not-critical"))
    # Radii.
    for case in ("local", "saddle", "global", "spurious"):
        document, apart = documents[case], cases[case].apart
        assert apart is not None  # noqa: S101
        why = f"existence_radius is 2^-10 times the distance {shown(apart)} of W*."
        false(
            f"{case}-existence-radius", why, with_bounds(document, existence_radius=num(apart / 2**10, True))
        )
        why = f"existence_radius falls short of the distance {shown(apart)} of W* by a relative {PAST}."
        near = with_bounds(document, existence_radius=num(apart * (1 - PAST), True))
        false(f"{case}-existence-radius", why, near, "not-confirmed")
    for case in ("local", "saddle", "global", "away"):
        point = claim(documents[case], "point")
        square = min(sum((value(x) ** 2 for x in row), Fraction(0)) for row in point)
        shortest = Fraction(math.isqrt(int(square * 2**100) - 1) + 1, 2**50)  # rounded up
        for what, radius in (("at", shortest), ("zero", Fraction(0)), ("beyond", Fraction(100))):
            why = f"lipschitz.radius is {shown(radius)}; the shortest neuron has length {shown(shortest)}."
            new = changed(documents[case], "bounds.lipschitz.radius", num(radius, False))
            if what == "at" or case == "global":
                false(f"{case}-lipschitz-radius-{what}", why, new)
    short = [[["1", -200], ["0", 0]], claim(away, "point")[1]]
    false(
        "neuron-near-the-origin",
        "A neuron of length 2^-200, within lipschitz.radius.",
        changed(away, "point", short),
    )
    radius = value(claim(top, "bounds.lipschitz.radius.exact"))
    new = with_bounds(top, uniqueness_radius=num(radius * (1 + PAST), False))
    false("uniqueness-radius-above-the-ball", "uniqueness_radius is above lipschitz.radius.", new)
    new = with_bounds(top, uniqueness_radius=num(Fraction(3, 2), False))
    false(
        "uniqueness-radius-past-another-minimum",
        "Another global minimum is within uniqueness_radius (sqrt 2).",
        new,
    )
    radius = value(claim(away, "bounds.lipschitz.radius.exact"))
    new = with_bounds(away, exclusion_radius=num(radius * (1 + PAST), False))
    false("exclusion-radius-above-the-ball", "exclusion_radius is above lipschitz.radius.", new)
    # A ball that does hold a critical point: W is 2^-9 from the global minimum, the radius is twice that.
    near = bare(in_d_only(prove([[1.0, 2.0**-9], [0.0, 1.0]])))
    new = with_bounds(
        near, existence_radius=None, uniqueness_radius=None, exclusion_radius=num(2.0**-8, False)
    )
    new = changed(with_bounds(new, objective=[zero, num(1.0, True)]), "verdict", "not-critical")
    false(
        "exclusion-radius-past-a-critical-point",
        "The global minimum is 2^-9 away, exclusion_radius 2^-8.",
        new,
    )
    # Not admissible.
    basin = {"radius": num(1e-3, False), "step": num(0.1, False)}
    false("saddle-with-basin", "A strict saddle with a basin.", with_bounds(saddle, basin=basin))
    false(
        "not-critical-with-basin",
        "A point that is not critical, with a basin.",
        with_bounds(away, basin=basin),
    )
    for name, step in (("zero", 0), ("negative", -1)):
        new = changed(local, "bounds.basin.step", num(step, False))
        corpus.put(
            "reject",
            f"basin-step-{name}",
            f"basin.step is {step}; Theorem D speaks of positive steps.",
            signed(new),
        )
    lemma = with_bounds(saddle, existence_radius_lemma_1=num(1.0, True))
    false("saddle-with-lemma-1", "A strict saddle with a radius by Lemma 1, which is about minima.", lemma)
    paper = with_bounds(one, lipschitz_safran_shamir=num(100, True))
    false(
        "paper-constant-for-one-neuron", "lipschitz_safran_shamir with n = 1, where L_A is not valid.", paper
    )
    paper = changed(
        changed(one, "bounds.lipschitz.constants", "paper"), "bounds.lipschitz.value", num(100, True)
    )
    false("paper-constants-for-one-neuron", 'constants "paper" with n = 1, where L_A is not valid.', paper)
    false("unknown-family", "A family that is not known.", changed(local, "family", "deep-relu"))
    false("unknown-method", "A method that the family does not admit.", changed(local, "method", "gradient"))
    false(
        "method-of-another-family",
        "Unknown family and method.",
        changed(changed(local, "family", "deep-relu"), "method", "ibp"),
    )
    wrong = {"negative": 0, "positive": 7}
    false("inertia-too-many", "inertia adds up to 7; n d = 6.", with_bounds(local, inertia=wrong))
    wrong = {"negative": 6, "positive": 0}
    false("inertia-exchanged", "inertia with the two numbers exchanged.", with_bounds(local, inertia=wrong))
    # The problem.
    scaled = [[["3", -1], ["0", 0]], [["0", 0], ["1", 0]]]
    false(
        "targets-changed",
        "The first target is 3/2 e_1; the numbers are those of e_1.",
        changed(top, "problem.targets", scaled),
    )
    turned = [[["1", 0], ["0", 0]], [["0", 0], ["-1", 0]]]
    false(
        "target-turned",
        "The second target is -e_2; the numbers are those of e_2.",
        changed(saddle, "problem.targets", turned),
    )
    point = deepcopy(claim(local, "point"))
    point[1][1] = [str(int(point[1][1][0]) + 2**30), point[1][1][1]]
    false(
        "point-moved",
        "A coordinate is moved by 2^30 units; the numbers are the old ones.",
        changed(local, "point", point),
    )
    # Decimals.
    for name, why, path, text in (
        ("wrong-side-upper", "lambda_max's decimal lies below it", "lambda_max", None),
        ("wrong-side-lower", "uniqueness_radius's decimal lies above it", "uniqueness_radius", None),
        ("wrong-side-interval", "objective's low decimal lies above it", "objective.0", None),
        ("far-off", "lambda_max's decimal is on the weak side, off by 1/500", "lambda_max", 1.002),
        ("far-off-lower", "basin.step's decimal is on the weak side, off by 1/500", "basin.step", 0.998),
        ("ten-times", "existence_radius's decimal is ten times as large", "existence_radius", 10),
        ("sign", "lambda_max's decimal has another sign", "lambda_max", -1),
        ("zero", "lambda_min's low decimal is 0", "lambda_min.0", 0),
    ):
        up = "lower" not in name and path[-2:] != ".0"
        x = value(claim(local, f"bounds.{path}.exact"))
        text = number(x, not up)["decimal"] if text is None else f"{float(x) * text:.5e}"
        false(f"decimal-{name}", why + f": {text}.", changed(local, f"bounds.{path}.decimal", text))
    # Evidence.
    place = ("statement", "evidence", 0, "inequalities", 0)
    inequality = local["statement"]["evidence"][0]["inequalities"][0]
    right = value(inequality["right"]["exact"])
    for name, why, change in (
        ("false", "An inequality is marked proved, and is false.", {"left": num(right * 2, True)}),
        ("equal", "a < a is marked proved.", {"left": num(right, True), "relation": "<"}),
        ("without-number", "An inequality without a left side is marked proved.", {"left": None}),
        ("unproved", "An argument is marked to hold with an unproved inequality.", {"proved": False}),
        (
            "decimal",
            "A decimal of the evidence is off by 1/100.",
            {"right": inequality["right"] | {"decimal": f"{float(right) * 0.99:.5e}"}},
        ),
    ):
        false(f"evidence-{name}", why, replaced(local, place, inequality | change))
    new = replaced(local, (*place[:3], "inequalities"), [])
    false("evidence-without-hypotheses", "An argument is marked to hold without any inequality.", new)
    # What a checker need not be able to refute.
    for case in ("local", "global", "spurious"):
        document = documents[case]
        most = 2 / cases[case].true["lambda_max"]
        new = changed(document, "bounds.basin.step", num(most * (1 + PAST), False))
        why = f"basin.step is above 2/lambda_max = {shown(most)} by a relative {PAST}: descent diverges."
        false(f"{case}-basin-step", why, new, "not-confirmed")
        first = value(claim(document, "bounds.existence_radius_lemma_1.exact"))
        new = with_bounds(document, existence_radius_lemma_1=num(first / 4, True))
        false(
            f"{case}-existence-radius-lemma-1",
            "A quarter of the radius that Lemma 1 gives.",
            new,
            "not-confirmed",
        )
        L = value(claim(document, "bounds.lipschitz.value.exact"))
        new = changed(document, "bounds.lipschitz.value", num(L * (1 - PAST), True))
        why = f"lipschitz.value is below Theorem B's bound {shown(L)} by a relative {PAST}."
        false(f"{case}-lipschitz-value", why, new, "not-confirmed")
    new = changed(top, "bounds.basin.radius", num(Fraction(3, 2), False))
    false(
        "basin-past-another-minimum", "Another global minimum is within basin.radius.", new, "not-confirmed"
    )
    steep = prove([[0.5, 0.8660254037844386]], [[1.0, 0.0]])
    tiny = changed(steep, "bounds.lipschitz.radius", num(2.0**-30, False))
    tiny = with_bounds(tiny, exclusion_radius=num(2.0**-31, False))
    true = 3 * math.sqrt(3) / (4 * math.pi)
    new = changed(tiny, "bounds.lipschitz.value", num(true * (1 - 2.0**-12), True))
    why = f"At 60 degrees the third derivative is {true:.9g}; lipschitz.value is below by a relative {PAST}."
    false("lipschitz-value-attained", why, new, "not-confirmed")
    later = changed(local, "schema", "relucert-certificate/1.2")
    why = "Version 1.2 may claim what is unknown to version 1.1."
    false("later-minor-version", why, later, "not-confirmed")
    forged(corpus, local)


def forged(corpus: Corpus, local: Json) -> None:
    """True statements under false names."""
    whole, body = signed(local), certificate.canonical(local["statement"])
    keyid = whole["signatures"][0]["keyid"]

    def put(name: str, why: str, signature: bytes, document: Json = local) -> None:
        entry = {"keyid": keyid, "sig": base64.b64encode(signature).decode()}
        corpus.put("reject", name, why, document | {"signatures": [entry]})

    point = deepcopy(claim(local, "point"))
    point[0][0][0] = str(int(point[0][0][0]) ^ 2)
    moved = changed(whole, "point", point)
    why = "One bit of a coordinate was flipped after signing, in a place where every claim stays true."
    corpus.put("reject", "point-changed-after-signing", why, moved)
    noted = replaced(whole, ("statement", "provenance", "source"), "elsewhere")
    corpus.put(
        "reject", "provenance-changed-after-signing", "The provenance was changed after signing.", noted
    )
    raw = base64.b64decode(whole["signatures"][0]["sig"])
    put("signature-one-bit", "One bit of the signature is flipped.", bytes([raw[0] ^ 1]) + raw[1:])
    put("signature-zero", "The signature is 64 zero bytes, under the known keyid.", bytes(64))
    other = base64.b64decode(signed(local, OTHER_KEY)["signatures"][0]["sig"])
    put("signature-of-another-key", "Another key's signature, under the known keyid.", other)
    kind = signing.pre_authentication_encoding("application/json", body)
    put("signature-for-another-type", "A signature over another payload type.", TEST_KEY.sign(kind))
    put("signature-of-the-bare-statement", "A signature without the DSSE encoding.", TEST_KEY.sign(body))
    spread = json.dumps(local["statement"], indent=1).encode()
    kind = signing.pre_authentication_encoding(certificate.PAYLOAD_TYPE, spread)
    put("signature-of-other-bytes", "A signature over a form that is not canonical.", TEST_KEY.sign(kind))
    both = whole["signatures"] + [{"keyid": keyid, "sig": base64.b64encode(other).decode()}]
    why = "A valid signature by the known key, and an invalid one."
    corpus.put("reject", "signed-well-and-badly", why, local | {"signatures": both})
    name = certificate.digest(local["statement"])
    why = "The name is the digest of the statement before its provenance was changed."
    corpus.put("reject", name, why, signed(noted))
    corpus.put("reject", "0" * 64, "The name is a digest, and not that of the statement.", whole)


def rejected_sharp(corpus: Corpus, made: dict[str, Json]) -> None:
    for case in ("local-2-3", "global-2-2", "spurious-6-6", "not-critical-turned", "saddle-2-2"):
        document = made[f"{case}-sharp"]
        short = min(math.hypot(*(float(value(x)) for x in row)) for row in claim(document, "point"))
        why = f"lipschitz.radius is above the shortest neuron, of length {short:.6g}; sharp constants."
        new = changed(document, "bounds.lipschitz.radius", number(Fraction(short * 1.001), False))
        corpus.false("reject", f"sharp-{case}-radius", why, new)
        L = value(claim(document, "bounds.lipschitz.value.exact"))
        why = f"lipschitz.value is a hundredth below {shown(L)}, the bound of Theorems B and B'."
        new = changed(document, "bounds.lipschitz.value", number(L * Fraction(99, 100), True))
        corpus.false("not-confirmed", f"sharp-{case}-lipschitz-value", why, new)
        if case in ("local-2-3", "spurious-6-6", "saddle-2-2"):
            why = f"A constant by Theorem B', {shown(L)}, called \"simple\"; Theorem B's is larger."
            new = changed(document, "bounds.lipschitz.constants", "simple")
            corpus.false("not-confirmed", f"sharp-{case}-called-simple", why, new)
    names = ("spurious-1-5", "spurious-1-7-extra", "spurious-billion", "saddle-1-3", "not-critical")
    for case in (f"symmetric-{name}-sharp" for name in names):
        document = made[case]
        new = changed(document, "bounds.lipschitz.radius", number(Fraction(100), False))
        corpus.false("reject", f"{case}-radius", "lipschitz.radius is 100, above every neuron.", new)
        L = value(claim(document, "bounds.lipschitz.value.exact"))
        why = f"lipschitz.value is a hundredth below {shown(L)}, the bound of Theorems B and B'."
        new = changed(document, "bounds.lipschitz.value", number(L * Fraction(99, 100), True))
        corpus.false("not-confirmed", f"{case}-lipschitz-value", why, new)
        if "not-critical" not in case:
            why = f"A constant by Theorem B', {shown(L)}, called \"simple\"; Theorem B's is larger."
            new = changed(document, "bounds.lipschitz.constants", "simple")
            corpus.false("not-confirmed", f"{case}-called-simple", why, new)
    steep = prove([[0.5, 0.8660254037844386]], [[1.0, 0.0]], constants="sharp")
    tiny = changed(steep, "bounds.lipschitz.radius", number(Fraction(1, 2**40), False))
    tiny = changed(tiny, "bounds.exclusion_radius", number(Fraction(1, 2**41), False))
    true = 3 * math.sqrt(3) / (4 * math.pi)
    new = changed(tiny, "bounds.lipschitz.value", number(Fraction(true * (1 - 2.0**-12)), True))
    why = f"At 60 degrees the third derivative is {true:.9g}; lipschitz.value is below by a relative {PAST}."
    corpus.false("not-confirmed", "sharp-lipschitz-value-attained", why, new)
    new = changed(tiny, "bounds.lipschitz.value", number(Fraction(true * (1 + 2.0**-12)), True))
    corpus.accept("sharp-lipschitz-value-attained", signed(new))
