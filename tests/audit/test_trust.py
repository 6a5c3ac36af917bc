"""Whose signatures count, and that this stands apart from what is proved."""

import base64
import hashlib
import json
from datetime import timedelta

import pytest
import rfc8785
from certificates import NOW, audit, prove
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from relucert_audit import trust as trust_module
from relucert_audit.command import main
from relucert_audit.trust import encoding, read, standing

PRIVATE = [Ed25519PrivateKey.from_private_bytes(bytes([i]) * 32) for i in range(3)]
ME, OTHER, THIRD = (
    "ssh-ed25519 " + b64
    for b64 in (
        key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode().split()[1]
        for key in PRIVATE
    )
)
IDS = [hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest() for key in PRIVATE]
BLOB = ME.split()[1]


def other_key(kind, blob_of=None):
    """A well-formed line with a key of another type, or one whose blob is of yet another type."""
    name = (blob_of or kind).encode()
    return f"{kind} {base64.b64encode(len(name).to_bytes(4, 'big') + name + bytes(8)).decode()}"


def ssh(raw):
    return "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + raw).decode()


OTHER_TYPES = (
    "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com", "ssh-ed448", "x",
    "ssh-xmss@openssh.com", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "ssh-rsa-cert-v01@openssh.com",
)  # fmt: skip


def keys(folder, allowed, revoked=None, pems=()):
    (folder / "allowed_signers").write_text(allowed)
    if revoked is not None:
        (folder / "revoked_keys").write_text(revoked)
    return read(folder / "allowed_signers", None, list(pems))


def signed(*which, forge=False):
    document = prove("global")
    body = encoding(rfc8785.dumps(document["statement"]))
    entries = []
    for i in which:
        sig = PRIVATE[i].sign(body + b"!" * forge)
        entries.append({"keyid": IDS[i], "sig": base64.b64encode(sig).decode()})
    return document | {"signatures": entries}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", "trusted"),
        ('namespaces="relucert"', "trusted"),
        ('namespaces="git,relucert,file"', "trusted"),
        ('NameSpaces="relucert",Valid-After="20260101"', "trusted"),
        ('valid-after="20260701"', "trusted"),
        ('valid-after="20260702"', "not yet valid"),
        ('valid-after="202607011200"', "trusted"),
        ('valid-after="20260701120001Z"', "not yet valid"),
        ('valid-before="20260701120000Z"', "trusted"),
        ('valid-before="202607011159"', "expired"),
        ('valid-before="20260701"', "expired"),
        ('valid-after="20200101Z",valid-before="20300101Z",namespaces="relucert"', "trusted"),
    ],
)
def test_standing_of_one_line(tmp_path, options, expected):
    trust = keys(tmp_path, f"# me\n\n  ada@example.org,ada {options} {ME} a comment\r\n")
    assert standing(trust, IDS[0], NOW) == expected
    assert standing(trust, IDS[1], NOW) == "unknown"
    assert trust.signers[0].name == "ada@example.org,ada"


def test_a_key_on_several_lines_is_as_good_as_the_best(tmp_path):
    old, new = f'ada valid-before="20200101" {ME}\n', f'ada valid-after="20300101" {ME}\n'
    assert standing(keys(tmp_path, old + old), IDS[0], NOW) == "expired"
    assert standing(keys(tmp_path, old + new), IDS[0], NOW) == "not yet valid"
    assert standing(keys(tmp_path, old + f"ada {ME}\n" + new), IDS[0], NOW) == "trusted"
    assert standing(keys(tmp_path, old + new), IDS[0], NOW.replace(year=2019)) == "trusted"
    assert standing(keys(tmp_path, f"ada {ME}\nada {ME}\n", ME), IDS[0], NOW) == "revoked"


def test_revoked_keys(tmp_path):
    trust = keys(tmp_path, f"ada {ME}\nbob {OTHER}\n", f"# lost\n\n{OTHER} bob's\n{THIRD}")
    assert [standing(trust, x, NOW) for x in IDS] == ["trusted", "revoked", "revoked"]
    (tmp_path / "elsewhere").write_text(ME + "\n")
    trust = read(tmp_path / "allowed_signers", tmp_path / "elsewhere", [])
    assert [standing(trust, x, NOW) for x in IDS] == ["revoked", "trusted", "unknown"]
    with pytest.raises(OSError, match="absent"):
        read(tmp_path / "allowed_signers", tmp_path / "absent", [])


@pytest.mark.parametrize(
    "line",
    [
        ME,
        "ada",
        "ada ssh-ed25519",
        f"ada no-touch-required {ME}",
        f"ada namespaces=relucert {ME}",
        f'ada namespaces="relucert", {ME}',
        f'ada ,namespaces="relucert" {ME}',
        f'ada namespaces="relucert" valid-after="20260101" {ME}',
        f'ada valid-after="20260101",valid-after="20260102" {ME}',
        f'ada valid-after="20260102",valid-before="20260101" {ME}',
        f'ada valid-after="2026" {ME}',
        f'ada valid-after="20261301" {ME}',
        f'ada valid-after="2026010112000" {ME}',
        f'ada valid-after="20260101z" {ME}',
        f'ada valid-after="" {ME}',
        f'ada valid-after="\u0662\u0660260101" {ME}',
        f'ada "valid-after=20260101" {ME}',
        f'ada namespaces="relucert {ME}',
        rf'ada namespaces="relucert\" {ME}',
        rf'ada namespaces="relucert\\" {ME}',
        rf"ada namespaces=\"relucert\" {ME}",
        f'ada namespaces="git",namespaces="relucert" {ME}',
        f"ada {other_key('ssh-ed448', 'ssh-rsa')}",
        f"ada {other_key('ssh-ed448', 'ssh-ed25519')}",
        f"ada {other_key('ssh-ed25519', 'ssh-ed448')}",
        f"ada {other_key('ssh-ed448')}=",
        f"ada {other_key('a,b')}",
        f"ada {other_key('x' * 65)}",
        f"{other_key('ssh-ed448')} a comment",
        f"ada ssh-ed25519 {BLOB[:-4]}",
        f"ada ssh-ed25519 {BLOB}AAAA",
        f"ada ssh-ed25519 {'B' + BLOB[1:]}",
        f"ada ssh-ed25519 !{BLOB}",
        "ada ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==",
    ],
)
def test_malformed_lines_are_named(tmp_path, line):
    with pytest.raises(ValueError, match=r"allowed_signers:3: "):
        keys(tmp_path, f"# comment\nbob {OTHER}\n{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        *(f"ada {ME}", "ssh-ed25519", "SHA256:abc", "xssh-ed25519 AAAA", f"{ME[:-6]}"),
        *(f"ada {other_key('ssh-ed448')}", other_key("ssh-ed448", "ssh-rsa")),
    ],
)
def test_malformed_revoked_keys_are_named(tmp_path, line):
    with pytest.raises(ValueError, match=r"revoked_keys:2: .*; put the line of the key's \.pub file here"):
        keys(tmp_path, f"ada {ME}\n", f"{OTHER}\n{line}\n")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"ada cert-authority {ME}", "a certificate authority"),
        (f'ada cert-authority,namespaces="relucert" {ME}', "a certificate authority"),
        (f'ada namespaces="git" {ME}', "for other namespaces"),
        (f'ada namespaces="!relucert,relucert" {ME}', "for other namespaces"),
        (rf'ada namespaces="git,\"relucert\"" {ME}', "for other namespaces"),
        (rf'ada namespaces="relucert\"" {ME}', "for other namespaces"),
        (rf'ada valid-after="\"",cert-authority {ME}', "a certificate authority"),
        *((f"ada {other_key(kind)}", f"a key of the type {kind}") for kind in OTHER_TYPES),
        (f'"ada b@c" {other_key("ssh-ed448")} Ada AAAA', "a key of the type ssh-ed448"),
        (rf'ada namespaces="\" x",new {other_key("ssh-rsa")} me', "a key of the type ssh-rsa"),
        (f'ada Namespaces="g*,file" {ME}', "for other namespaces"),
        (f'ada namespaces="RELUCERT" {ME}', "for other namespaces"),
        (f'ada namespaces="[r]elucert" {ME}', "for other namespaces"),
    ],
)
def test_lines_that_are_not_for_us_are_skipped_with_a_note(tmp_path, line, reason):
    (tmp_path / "allowed_signers").write_text(f"{line}\nbob {OTHER}\n")
    said = []
    trust = read(tmp_path / "allowed_signers", None, [], None, said.append)
    assert [standing(trust, x, NOW) for x in IDS] == ["unknown", "trusted", "unknown"]
    assert said == [f"{tmp_path / 'allowed_signers'}:1: skipped: {reason}"]


def test_revoked_keys_of_other_types_are_skipped_with_a_note(tmp_path):
    lines = [other_key(kind) + " comment" for kind in OTHER_TYPES]
    (tmp_path / "gone").write_text("\n".join([*lines, OTHER]))
    said = []
    trust = read(None, tmp_path / "gone", [], None, said.append)
    assert [standing(trust, x, NOW) for x in IDS] == ["unknown", "revoked", "unknown"]
    where = f"{tmp_path / 'gone'}:"
    assert said == [f"{where}{i}: skipped: a key of the type {x}" for i, x in enumerate(OTHER_TYPES, 1)]


@pytest.mark.parametrize(
    "spaces",
    [
        *("*", "relu*", "git,relucert", "r?lucert,!git", "git,cert-authority,relucert"),
        *(r"\"x y\",relucert", r"relucert,a\b", r"relucert,a\\\"", r"x,namespaces=\"git\",relucert"),
    ],
)
def test_patterns_of_namespaces(tmp_path, spaces):
    assert standing(keys(tmp_path, f'ada namespaces="{spaces}" {ME}\n'), IDS[0], NOW) == "trusted"


SMALL_ORDER = [
    0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18, 2**255 - 1,
    *(y | sign << 255 for y in (trust_module.ORDER_8, 2**255 - 19 - trust_module.ORDER_8) for sign in (0, 1)),
    1 << 255, (1 << 255) + 1,
]  # fmt: skip


@pytest.mark.parametrize("y", SMALL_ORDER)
def test_keys_for_which_anyone_can_sign_are_refused(tmp_path, y):
    raw = y.to_bytes(32, "little")
    assert trust_module.is_weak(raw)
    with pytest.raises(ValueError, match=r"allowed_signers:1: .*(small order|key)"):
        keys(tmp_path, f"ada {ssh(raw)}\n")
    with pytest.raises(ValueError, match=r"allowed_signers:1: .*(small order|key)"):
        keys(tmp_path, f"ada {ssh(raw)}\n", ssh(raw))


@pytest.mark.parametrize("y", SMALL_ORDER)
def test_revoked_keys_for_which_anyone_can_sign_are_revoked_and_hide_nothing(tmp_path, y):
    raw = y.to_bytes(32, "little")
    weak, sig = hashlib.sha256(raw).hexdigest(), base64.b64encode(bytes(64)).decode()
    trust = keys(tmp_path, f"ada {ME}\nbob {OTHER}\n", f"{ssh(raw)} lost\n{OTHER}\n")
    assert [standing(trust, x, NOW) for x in (*IDS, weak)] == ["trusted", "revoked", "unknown", "revoked"]
    assert audit(signed(0), trust).signature == "valid"
    assert audit(signed(1), trust).signature == "untrusted: revoked"
    assert audit(signed(0, forge=True), trust).result == "rejected"
    both = signed(0)
    both["signatures"].append({"keyid": weak, "sig": sig})
    report = audit(both, trust, require=True)
    assert (report.result, report.signer) == ("accepted", "ada, a revoked key")
    assert report.signature == "valid, untrusted: revoked"
    alone = both | {"signatures": both["signatures"][1:]}
    assert audit(alone, trust).signature == "untrusted: revoked"
    assert audit(alone, trust, require=True).result == "rejected"


def test_points_of_order_eight_are_what_they_are_called():
    """8 P = 0 on -x^2 + y^2 = 1 + d x^2 y^2, and 4 P is not: the y of such P, by doubling."""
    p, d = 2**255 - 19, -121665 * pow(121666, -1, 2**255 - 19)
    for y in (trust_module.ORDER_8, p - trust_module.ORDER_8):
        found = []
        for _ in range(3):  # y(2P) = (y^2 + x^2)/(2 - y^2 + x^2), with x^2 = (y^2 - 1)/(d y^2 + 1)
            x2 = (y * y - 1) * pow(d * y * y + 1, -1, p)
            y = (y * y + x2) * pow(2 - y * y + x2, -1, p) % p
            found.append(y)
        assert found == [0, p - 1, 1]
    assert not any(trust_module.is_weak(base64.b64decode(x.split()[1])[-32:]) for x in (ME, OTHER, THIRD))


@pytest.mark.parametrize("make", [lambda p: p.symlink_to("gone"), lambda p: p.mkdir()])
def test_a_list_of_revoked_keys_that_cannot_be_read_is_an_error(tmp_path, make):
    (tmp_path / "allowed_signers").write_text(f"ada {ME}\n")
    make(tmp_path / "revoked_keys")
    with pytest.raises(OSError, match="revoked_keys"):
        read(tmp_path / "allowed_signers", None, [])


def test_keys_in_pem(tmp_path):
    pem = tmp_path / "ada.pem"
    pem.write_bytes(PRIVATE[0].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    trust = read(None, None, [pem])
    assert (trust.signers[0].name, trust.signers[0].keyid) == ("ada", IDS[0])
    assert standing(trust, IDS[0], NOW) == "trusted"
    both = keys(tmp_path, f'ada valid-before="20200101" {ME}\nbob {OTHER}\n', None, [pem])
    assert [standing(both, x, NOW) for x in IDS] == ["trusted", "trusted", "unknown"]
    assert standing(keys(tmp_path, "", ME, [pem]), IDS[0], NOW) == "revoked"
    pem.write_text("no key")
    with pytest.raises(ValueError, match=r"ada\.pem"):
        read(None, None, [pem])


def test_signatures_are_reported_apart_from_the_result(tmp_path):
    trust = keys(tmp_path, f'ada valid-before="20260801" {ME}\nbob {OTHER}\n', OTHER)
    for document, signer, state in (
        (signed(), None, "unsigned"),
        (signed(0), "ada", "valid"),
        (signed(1), "bob", "untrusted: revoked"),
        (signed(2), IDS[2][:12], "unknown key"),
        (signed(2, forge=True), IDS[2][:12], "unknown key"),
        (signed(2, 0), f"{IDS[2][:12]}, ada", "unknown key, valid"),
    ):
        report = audit(document, trust)
        assert (report.result, report.signer, report.signature) == ("accepted", signer, state)
        required = audit(document, trust, require=True)
        assert (required.result == "accepted") is ("valid" in state.split(", "))
        if required.finding:
            reason = "none by a trusted key, and one is required"
            assert required.finding == ("rejected", 10, "signature", reason)
    gone = keys(tmp_path, "", THIRD)
    report = audit(signed(2), gone)
    assert (report.signer, report.signature) == ("a revoked key", "untrusted: revoked")
    for i in (0, 1):
        report = audit(signed(i, forge=True), trust)
        assert (report.result, report.finding.step, report.signature) == ("rejected", 10, "invalid")
    assert audit(signed(0) | {"statement": []}, trust).signature is None


def test_the_signed_bytes_are_those_of_the_specification():
    body = b'{"claim":{}}'
    assert encoding(body) == b'DSSEv1 44 application/vnd.relucert.certificate.v1+json 12 {"claim":{}}'


def test_the_ends_of_a_time_are_those_of_openssh(tmp_path):
    """A key is valid at both ends of its time; the times may not be equal."""
    noon = NOW.strftime("%Y%m%d%H%M%SZ")
    second = timedelta(seconds=1)
    after, before = (keys(tmp_path, f'ada valid-{which}="{noon}" {ME}\n') for which in ("after", "before"))
    assert [standing(after, IDS[0], NOW + i * second) for i in (-1, 0)] == ["not yet valid", "trusted"]
    assert [standing(before, IDS[0], NOW + i * second) for i in (0, 1)] == ["trusted", "expired"]
    late = f'ada valid-before="20200101" {ME}\nada valid-after="20300101" {ME}\n'
    assert standing(keys(tmp_path, late), IDS[0], NOW.replace(year=2031)) == "trusted"
    with pytest.raises(ValueError, match="valid-before is not later than valid-after"):
        keys(tmp_path, f'ada valid-after="{noon}",valid-before="{noon}" {ME}\n')


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ada", "expected principals [options] ssh-ed25519 BASE64"),
        (f"ada no-touch-required {ME}", "unknown, malformed or repeated option 'no-touch-required'"),
        (f'ada valid-after="2026" {ME}', "a time is not YYYYMMDD[HHMM[SS]][Z]"),
        (
            f'ada valid-after="20260102",valid-before="20260101" {ME}',
            "valid-before is not later than valid-after",
        ),
    ],
)
def test_what_is_wrong_with_a_line_is_said(tmp_path, line, reason):
    with pytest.raises(ValueError, match=":1: ") as failure:
        keys(tmp_path, line)
    assert (
        str(failure.value)
        == f"{tmp_path / 'allowed_signers'}:1: {reason}; correct the line, or put # before it"
    )


def test_other_keys_in_pem_are_refused(tmp_path):
    pem = tmp_path / "other.pem"
    public = X25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    pem.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(ValueError, match="not an Ed25519 public key") as failure:
        read(None, None, [pem])
    assert str(failure.value) == f"{pem}: not an Ed25519 public key"


def test_a_comment_need_not_be_text(tmp_path):
    (tmp_path / "allowed_signers").write_bytes(f"# \u00e9\nada {ME} ".encode() + b"\xff\n")
    assert standing(read(tmp_path / "allowed_signers", None, []), IDS[0], NOW) == "trusted"


def test_command_judges_at_the_time_of_the_audit(tmp_path, capsys):
    file, allowed = tmp_path / "a.json", tmp_path / "allowed_signers"
    file.write_text(json.dumps(signed(0)))
    after, before = NOW - timedelta(days=1), NOW + timedelta(days=1)
    allowed.write_text(f'ada valid-after="{after:%Y%m%d%H%M}Z",valid-before="{before:%Y%m%d%H%M}Z" {ME}\n')
    command = [str(file), "--json", "--trusted", str(allowed)]
    for days, state in ((-2, "untrusted: not yet valid"), (0, "valid"), (2, "untrusted: expired")):
        now = NOW + timedelta(days=days)
        assert main(command, now) == 0
        row = json.loads(capsys.readouterr().out)
        assert (row["result"], row["signer"], row["signature"]) == ("accepted", "ada", state)
        assert main([*command, "--require-signature"], now) == (0 if days == 0 else 1)
        assert json.loads(capsys.readouterr().out)["signature"] == state
    (tmp_path / "gone").write_text(ME)
    assert main([*command, "--revoked", str(tmp_path / "gone"), "--require-signature"], NOW) == 1
    assert json.loads(capsys.readouterr().out)["signature"] == "untrusted: revoked"
    assert main([str(file), "--trusted", str(allowed)], NOW) == 0
    assert "valid ada" in capsys.readouterr().out
    assert main([str(file)], NOW) == 0
    assert f"unknown key {IDS[0][:12]}" in capsys.readouterr().out
    allowed.write_text("ada no-touch-required " + ME)
    with pytest.raises(SystemExit, match="2"):
        main(command, NOW)
    assert "allowed_signers:1:" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main([str(file), "--trusted", str(tmp_path / "absent")], NOW)


def test_the_current_time_is_used_by_default(tmp_path, capsys):
    (tmp_path / "a.json").write_text(json.dumps(signed(0)))
    (tmp_path / "allowed_signers").write_text(f'ada valid-before="20200101" {ME}\n')
    assert main([str(tmp_path / "a.json"), "--json", "--trusted", str(tmp_path / "allowed_signers")]) == 0
    assert json.loads(capsys.readouterr().out)["signature"] == "untrusted: expired"
