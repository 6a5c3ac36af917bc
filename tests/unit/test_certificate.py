"""Certificates: bytes, names, signatures, strict reading, and agreement with the specification."""

import base64
import hashlib
import json
import os
import stat
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from relucert import Candidate, InputError, Problem, certificate, verify
from relucert.base import store
from relucert.base.dyadic import DOWN, UP, to_fraction
from relucert.certificate import signing, trust
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.statement import issue

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/spec/certificate-v1.schema.json").read_text())


def certified(rows, problem=None, **options):
    result = verify(Candidate.from_rows(np.asarray(rows).tolist(), problem, source="test"), **options)
    return result, teacher_statement.statement(result, {"relucert": "test"})


CASES = {
    "global-minimum": (np.eye(3), None),
    "not-critical": (np.array([[1.0, 2.0], [3.0, 1.0]]), None),
    "local-minimum": ([[0.7, 0.7]], Problem.orthonormal(2, 1)),
    "other targets": ([[0.0, 2.0]], Problem.from_targets([[0, 2]], 1)),
}


@pytest.fixture(params=CASES, ids=str)
def case(request):
    return certified(*CASES[request.param])


def test_a_certificate_follows_the_schema(case):
    _, statement = case
    key = Ed25519PrivateKey.generate()
    signature = signing.sign(key, certificate.PAYLOAD_TYPE, certificate.canonical(statement))
    whole = json.loads(certificate.envelope(statement, [signature]))
    jsonschema.Draft202012Validator(SCHEMA).validate(whole)


def test_writing_and_reading_gives_the_statement_back(case):
    _, statement = case
    data = certificate.envelope(statement, [])
    assert certificate.parse(data, "x")["statement"] == statement
    assert list(json.loads(data)["statement"]) == ["claim", "evidence", "provenance"]  # claim first


def test_the_point_in_a_certificate_is_the_exact_point(case):
    result, statement = case
    point = [[(int(m), e) for m, e in row] for row in statement["claim"]["point"]]
    assert point == [list(row) for row in result.candidate.point]


def test_claims_are_weaker_than_what_was_proved_and_decimals_weaker_than_claims(case):
    from fractions import Fraction

    result, statement = case
    bounds, proved = statement["claim"]["bounds"], result.outcome.bounds

    def value(number):
        return to_fraction(certificate.number(number, "x"))

    def exact(ball):
        return to_fraction(tuple(int(x) for x in ball.man_exp()))

    pairs = [
        (bounds["gradient_norm"], proved.gradient, UP),
        (bounds["lambda_min"][0], proved.lambda_min[0], DOWN),
        (bounds["lambda_min"][1], proved.lambda_min[1], UP),
        (bounds["lambda_max"], proved.lambda_max, UP),
        (bounds["objective"][0], proved.objective[0], DOWN),
        (bounds["objective"][1], proved.objective[1], UP),
        (bounds["lipschitz"]["value"], proved.lipschitz, UP),
    ]
    if proved.radius is not None:
        pairs += [
            (bounds["existence_radius"], proved.radius, UP),
            (bounds["uniqueness_radius"], proved.uniqueness, DOWN),
        ]
    if proved.basin is not None:
        pairs += [
            (bounds["basin"]["radius"], proved.basin, DOWN),
            (bounds["basin"]["step"], proved.step, DOWN),
        ]
    for claimed, ball, side in pairs:
        sign = 1 if side == UP else -1
        assert sign * value(claimed) >= sign * exact(ball)
        assert sign * Fraction(claimed["decimal"]) >= sign * value(claimed)


def test_evidence_holds_between_its_exact_numbers(case):
    _, statement = case
    seen = 0
    for argument in statement["evidence"]:
        for item in argument["inequalities"]:
            if not item["proved"]:
                assert not argument["holds"]
                continue
            left, right = (to_fraction(certificate.number(item[side], "x")) for side in ("left", "right"))
            assert left < right if item["relation"] == "<" else left <= right
            seen += 1
    assert seen


def test_the_same_point_gives_the_same_certificate():
    one, two = certified(np.eye(3))[1], certified(np.eye(3))[1]
    assert certificate.digest(one) == certificate.digest(two)
    other = certified(np.eye(3)[[1, 0, 2]])[1]
    assert certificate.digest(one) != certificate.digest(other)


def test_an_inconclusive_outcome_has_no_certificate():
    rows = np.vstack([np.eye(2)[0], np.eye(2)[1] / 2, np.eye(2)[1] / 2])
    beside = rows * (1 + 2.0**-30)  # next to a continuum of global minima
    result = verify(Candidate.from_rows(beside.tolist(), Problem.orthonormal(2, 3)), raw=True)
    assert not result.outcome.proved
    with pytest.raises(InputError, match="claims nothing"):
        teacher_statement.statement(result, {})


def test_issue_writes_a_signed_file_named_by_its_digest(tmp_path):
    key = Ed25519PrivateKey.generate()
    path = issue(certified(np.eye(3))[0], tmp_path, key)
    whole = certificate.parse(path.read_bytes(), str(path))
    payload = certificate.canonical(whole["statement"])
    assert path.stem == hashlib.sha256(payload).hexdigest()
    (signature,) = whole["signatures"]
    assert signing.is_signed_by(key.public_key(), signature, whole["payloadType"], payload)
    assert not signing.is_signed_by(key.public_key(), signature, whole["payloadType"], payload + b" ")
    assert not signing.is_signed_by(key.public_key(), signature, "another/type", payload)
    stranger = Ed25519PrivateKey.generate().public_key()
    assert not signing.is_signed_by(stranger, signature, whole["payloadType"], payload)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_the_signature_fits_a_standard_dsse_envelope(tmp_path):
    """securesystemslib accepts the signature over the canonical statement."""
    key = Ed25519PrivateKey.generate()
    path = issue(certified(np.eye(2))[0], tmp_path, key)
    whole = certificate.parse(path.read_bytes(), str(path))
    standard = {
        "payload": base64.b64encode(certificate.canonical(whole["statement"])).decode(),
        "payloadType": whole["payloadType"],
        "signatures": whole["signatures"],
    }
    public = SSlibKey.from_crypto(key.public_key(), keyid=signing.key_id(key.public_key()))
    assert Envelope.from_dict(standard).verify([public], 1)
    assert CryptoSigner(key).public_key.keyval["public"] == public.keyval["public"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.replace('"payloadType": ', '"payloadType": "x", "payloadType": ', 1), "same key twice"),
        (lambda s: s.replace('"negative": 0', '"negative": 0.0'), "not an exact number"),
        (lambda s: s.replace('"negative": 0', '"negative": NaN'), "not an exact number"),
        (lambda s: s.replace("relucert-certificate/1.", "relucert-certificate/2."), "schema"),
        (lambda s: s.replace("vnd.relucert", "vnd.other"), "payloadType"),
        (lambda s: s.replace('"claim"', '"klaim"', 1), "'claim' is missing"),
        (lambda s: s.replace('"verdict"', '"verdikt"'), "'verdict' is missing"),
        (lambda s: s[: len(s) // 2], "not a certificate"),
        (lambda s: "[]", "expected an object"),
        (lambda s: "[" * 10**6, "not a certificate"),
        (lambda s: "\ud800".encode("utf-8", "surrogatepass"), "not a certificate"),
    ],
)
def test_what_is_not_a_certificate_is_refused(change, message):
    text = change(certificate.envelope(certified(np.eye(2))[1], []).decode())
    with pytest.raises(InputError, match=message):
        certificate.parse(text if isinstance(text, bytes) else text.encode(), "file")


def test_private_keys_are_private_and_never_replaced(tmp_path):
    path = tmp_path / "sub" / "key.pem"
    key = signing.new_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signing.key_id(signing.load_key(path).public_key()) == signing.key_id(key.public_key())
    assert trust.read_public(path.with_suffix(".pub")) == key.public_key()
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        signing.new_key(path)
    assert path.read_bytes() == before


def test_what_is_not_a_key_is_refused(tmp_path):
    path = tmp_path / "key.pem"
    path.write_text("-----BEGIN NONSENSE-----")
    with pytest.raises(InputError, match=r"key\.pem"):
        signing.load_key(path)
    with pytest.raises(InputError, match=r"key\.pem"):
        trust.read_public(path)


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file"
    store.write(path, b"old")

    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_failed_rename_leaves_no_temporary_file(tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        store.write(tmp_path / "file", b"new")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_file_is_not_replaced(tmp_path):
    """As /dev/full would be, by root: a new file under its name."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="is no file"):
        store.write(pipe, b"new")
    assert pipe.is_fifo()
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]
