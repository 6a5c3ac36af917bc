"""What is malformed, and that it is found out quickly."""

import json
import time

import pytest
from certificates import audit, changed, check_bytes, prove

from relucert_audit.check import read
from relucert_audit.format import (
    DECIMAL,
    LOWER,
    UPPER,
    Dyadic,
    Number,
    Refusal,
    decimal_is_weak,
    dyadic,
    load,
)


def text(document):
    return json.dumps(document).encode()


def test_reads_the_prover_s_certificate():
    _, _, cert = read(text(prove("spurious")))
    assert (cert.n, cert.k, cert.d, cert.verdict) == (6, 6, 6, "spurious-minimum")
    assert len(cert.targets) == 6
    assert cert.bounds["lambda_min.low"].side == LOWER


CLAIMS = [
    ("schema", "relucert-certificate/2.0"),
    ("schema", "relucert-certificate/1"),
    ("schema", 1),
    ("problem.n", 7),
    ("problem.n", True),
    ("problem.n", "6"),
    ("problem.n", -6),
    ("problem.k", 5),
    ("problem.d", 0),
    ("problem.d", 2**52),
    ("problem.targets", "orthogonal"),
    ("problem.targets", []),
    ("problem.targets", None),
    ("point", []),
    ("point.0", []),
    ("point.0.0", ["2", 0]),
    ("point.0.0", ["0", 1]),
    ("point.0.0", ["-0", 0]),
    ("point.0.0", ["01", 0]),
    ("point.0.0", ["+1", 0]),
    ("point.0.0", [" 1", 0]),
    ("point.0.0", ["1\n", 0]),
    ("point.0.0", ["\u0661", 0]),
    ("point.0.0", ["1_1", 0]),
    ("point.0.0", ["", 0]),
    ("point.0.0", [1, 0]),
    ("point.0.0", ["1", True]),
    ("point.0.0", ["1", "0"]),
    ("point.0.0", ["1", 65537]),
    ("point.0.0", ["1", -65537]),
    ("point.0.0", ["1"]),
    ("point.0.0", ["1", 0, 0]),
    ("point.0.0", {"m": "1"}),
    ("point.0.0", ["9" * 19728 + "1", 0]),
    ("point.0", [["0", 0]] * 6),
    ("verdict", "Spurious-minimum"),
    ("verdict", ["spurious-minimum"]),
    ("verdict", "not-critical"),
    ("bounds.gradient_norm", None),
    ("bounds.inertia", None),
    ("bounds.existence_radius", None),
    ("bounds.uniqueness_radius", None),
    ("bounds.exclusion_radius", {"exact": ["1", -20], "decimal": "9.53674e-7"}),
    ("bounds.existence_radius", {"exact": ["-1", 0], "decimal": "-1"}),
    ("bounds.basin.radius", {"exact": ["-1", 0], "decimal": "-1"}),
    ("bounds.gradient_norm.decimal", 1),
    ("bounds.gradient_norm.decimal", "NaN"),
    ("bounds.gradient_norm.decimal", "inf"),
    ("bounds.gradient_norm.decimal", "1.4139123e-9"),
    ("bounds.gradient_norm.decimal", "1e999999"),
    ("bounds.gradient_norm.decimal", "0" * 500),
    ("bounds.gradient_norm.lower", 1),
    ("bounds.lambda_min", [{"exact": ["1", 0], "decimal": "1"}, {"exact": ["0", 0], "decimal": "0"}]),
    ("bounds.lambda_min", [{"exact": ["1", 0], "decimal": "1"}]),
    ("bounds.lambda_min", {"exact": ["1", 0], "decimal": "1"}),
    ("bounds.lipschitz.constants", "other"),
    ("bounds.lipschitz.radius", None),
    ("bounds.inertia.negative", -1),
    ("bounds.inertia.negative", False),
    ("bounds.inertia.zero", 0),
    ("bounds.surprise", 1),
    ("bounds.basin?", 1),
    ("surprise", 1),
    ("problem.surprise", 1),
]


@pytest.mark.parametrize(("path", "value"), CLAIMS, ids=[f"{i}-{path}" for i, (path, _) in enumerate(CLAIMS)])
def test_malformed_claims(path, value):
    report = audit(changed(prove("spurious"), path, value))
    assert (report.result, report.finding.step) == ("malformed", 0)


def test_unknown_family_and_later_version():
    document = prove("spurious")
    for path in ("family", "method"):
        report = audit(changed(document, path, "other"))
        assert (report.result, report.finding.step) == ("rejected", 1)
    report = audit(changed(document, "schema", "relucert-certificate/1.7"))
    assert (report.result, report.finding.step) == ("not-confirmed", 0)


@pytest.mark.parametrize(
    "change",
    [
        {"payloadType": "application/json"},
        {"signatures": {}},
        {"signatures": [{"keyid": "0" * 64}]},
        {"signatures": [{"keyid": "0" * 63, "sig": "A" * 86 + "=="}]},
        {"signatures": [{"keyid": "0" * 64, "sig": "A" * 86 + "==\n"}]},
        {"extra": 1},
        {"statement": []},
        {"statement": {}},
    ],
)
def test_malformed_envelopes(change):
    assert audit(prove("spurious") | change).result == "malformed"


@pytest.mark.parametrize(
    "change",
    [
        {"evidence": {}},
        {"evidence": [{}]},
        {"evidence": [{"theorem": "E", "holds": 1, "inequalities": []}]},
        {"evidence": [{"theorem": "E", "holds": False, "inequalities": [None]}]},
        {"evidence": 3},
        {"evidence": None},
        {"provenance": []},
        {"provenance": {"x": "\ud800"}},
        {"provenance": {"\udfff": 1}},
        {"more": 1},
    ],
)
def test_malformed_statements(change):
    document = prove("spurious")
    assert audit(document | {"statement": document["statement"] | change}).result == "malformed"


@pytest.mark.parametrize(
    "literal",
    [
        "1.0",
        "1e3",
        "NaN",
        "-Infinity",
        "-0",
        "9007199254740992",
        "-9007199254740992",
        "1" * 5000,
        "01",
        "0x1",
        "'a'",
    ],
)
def test_forbidden_literals(literal):
    document = prove("spurious")
    data = text(document).replace(b'"provenance": {', b'"provenance": {"x": ' + literal.encode() + b", ", 1)
    assert data != text(document)
    assert check_bytes(data).result == "malformed"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b"{",
        b'"',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\\ud800"}',
        b'{"a": 1, "a": 1}',
        b'{"a": 1, "\\u0061": 1}',
        b'{"a": "\n"}',
        b"{}{}",
        b"[" * 33 + b"]" * 33,
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"1" * 10**6,
        b'"' + b'\\"' * 10**5,
        b" " * (1 << 20) + b"{",
        b"\x00" * 100,
    ],
    ids=range(21),
)
def test_malformed_bytes(data):
    start = time.process_time()
    assert check_bytes(data).result == "malformed"
    assert time.process_time() - start < 1.5


def test_brackets_in_strings_are_not_depth():
    assert load(b'["' + b"[{" * 100 + b'\\"[["]') == ["[{" * 100 + '"[[']


def test_too_large_is_never_accepted():
    assert check_bytes(b" " * ((64 << 20) + 1)).result == "malformed"
    for data in (b"[" + b"[]," * 10**6, b'"",' * 10**6):
        report = check_bytes(data)
        assert (report.result, report.finding.claim) == ("not-confirmed", "resource limit")


def test_depth_32_is_allowed():
    assert load(b"[" * 32 + b"]" * 32)
    with pytest.raises(Refusal):
        load(b"[" * 33 + b"]" * 33)


def test_long_mantissas_are_exact():
    for digits in ("7" * 5000, "1" + "0" * 1199 + "1", "9" * 600, "9" * 601):
        value = 0
        for digit in digits:
            value = 10 * value + int(digit)
        assert dyadic([digits, 0], "") == (value, 0)


@pytest.mark.parametrize(
    ("exact", "decimal", "side", "weak"),
    [
        (Dyadic(1, -1), "0.5", UPPER, True),
        (Dyadic(1, -1), "0.5", LOWER, True),
        (Dyadic(1, -1), "0.49999", UPPER, False),
        (Dyadic(1, -1), "0.49999", LOWER, True),
        (Dyadic(1, -1), "0.50001", UPPER, True),
        (Dyadic(1, -1), "0.5001", UPPER, False),
        (Dyadic(-1, -1), "-0.50001", UPPER, False),
        (Dyadic(-1, -1), "-0.50001", LOWER, True),
        (Dyadic(-1, -1), "-0.49999", UPPER, True),
        (Dyadic(0, 0), "0", LOWER, True),
        (Dyadic(0, 0), "1e-9", UPPER, False),
        (Dyadic(5, 1), "1e1", UPPER, True),
        (Dyadic(5, 1), "1.0e+01", LOWER, True),
        (Dyadic(1, -65536), "1e-99999", UPPER, False),
    ],
)
def test_decimals(exact, decimal, side, weak):
    assert DECIMAL.fullmatch(decimal)
    assert decimal_is_weak(Number(exact, decimal, side)) is weak


def test_dyadics_compare_exactly():
    assert Dyadic(1, -65536).lt(Dyadic(1, 65536))
    assert not Dyadic(1, 0).lt(Dyadic(1, 0))
    assert Dyadic(-1, 65536).lt(Dyadic(0, 0))
    assert not Dyadic(3, -1).lt(Dyadic(1, 0))


def test_members_fit_the_verdict():
    document = prove("saddle")
    for name in ("basin", "existence_radius_lemma_1"):
        bound = {"exact": ["1", -20], "decimal": "9.5367e-7"}
        value = {"radius": bound, "step": bound} if name == "basin" else bound | {"decimal": "9.5368e-7"}
        report = audit(changed(document, f"bounds.{name}", value))
        assert (report.result, report.finding.step) == ("rejected", 1)


def test_no_target_is_zero():
    rows = [[["1", 0], ["0", 0]], [["0", 0], ["0", 0]]]
    assert audit(changed(prove("global"), "problem.targets", rows)).result == "malformed"


def resized(n, d, row):
    document = changed(prove("global"), "problem", {"n": n, "k": d, "d": d, "targets": "orthonormal"})
    return changed(document, "point", [row] * n)


def test_resource_limits_before_anything_large_is_built():
    one = ["1", 0]
    spans = [(2, 2, [one, ["1", exponent]]) for exponent in (-60_000, 60_000)]
    for n, d, row in ((700, 3, [one] * 3), (1, 70_000, [one] * 70_000), *spans):
        start = time.process_time()
        report = audit(resized(n, d, row))
        assert (report.result, *report.finding[1:3]) == ("not-confirmed", 0, "resource limit"), report
        assert time.process_time() - start < 3


def test_a_large_file_of_brackets_is_malformed_at_once():
    start = time.process_time()
    assert check_bytes(b"[" * (64 << 20)).result == "malformed"
    assert time.process_time() - start < 1
