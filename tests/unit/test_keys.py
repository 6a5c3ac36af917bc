"""Keys, trust, the audit command and the export of signatures."""

import base64
import json
import re
import shutil
import stat
import subprocess

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from relucert.base.errors import InputError
from relucert.certificate import signing, trust


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("RELUCERT_PASSPHRASE", raising=False)
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "good.npy", np.eye(2))
    return tmp_path / "home"


VERIFY = ("verify", "good.npy", "--layout", "neurons-in-rows", "-o", "out")


def audit(relucert, *options):
    code, out, err = relucert("audit", "out", "--json", *options)
    assert out, err
    return code, json.loads(out)


def test_a_key_with_a_passphrase_signs_only_with_it(relucert, home, monkeypatch):
    monkeypatch.setenv("RELUCERT_PASSPHRASE", "correct horse")
    assert relucert("keys", "new", "--passphrase")[0] == 0
    path = home / "key.pem"
    assert b"ENCRYPTED" in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert relucert(*VERIFY)[0] == 0
    monkeypatch.setenv("RELUCERT_PASSPHRASE", "wrong")
    code, _, err = relucert(*VERIFY)
    assert code == 2
    assert "passphrase" in err
    monkeypatch.delenv("RELUCERT_PASSPHRASE")
    code, _, err = relucert(*VERIFY)
    assert code == 2
    assert err == f"error: {path}: this key has a passphrase; set RELUCERT_PASSPHRASE\n"


def test_both_exports_are_the_same_key(relucert, tmp_path, home):
    relucert("keys", "new")
    for form in ("pem", "ssh"):
        code, out, _ = relucert("keys", "export", "--format", form)
        assert code == 0
        (tmp_path / form).write_text(out)
    one, two = (signing.key_id(trust.read_public(tmp_path / form)) for form in ("pem", "ssh"))
    assert one == two == signing.key_id(signing.load_key(home / "key.pem").public_key())


def test_trust_then_revoke(relucert, home):
    """The mathematics is accepted throughout; what changes is what is said of the signer."""
    relucert("keys", "new")
    relucert(*VERIFY)
    code, row = audit(relucert)
    assert (code, row["result"], row["signature"], row["signer"]) == (0, "accepted", "valid", "you")
    assert audit(relucert, "--require-signature")[0] == 0
    code, out, _ = relucert("keys", "trust", home / "key.pub", "--as", "ada@example.org")
    assert code == 0
    assert "ada@example.org" in out
    code, row = audit(relucert, "--require-signature")
    assert (code, row["signature"]) == (0, "valid")
    assert "ada@example.org" in row["signer"]
    identity = signing.key_id(trust.read_public(home / "key.pub"))
    assert relucert("keys", "revoke", identity[:12])[0] == 0
    assert "the key that signs is revoked" in relucert(*VERIFY)[2]
    code, row = audit(relucert)
    assert (code, row["result"], row["signature"]) == (0, "accepted", "untrusted: revoked")
    assert audit(relucert, "--require-signature")[0] == 1


def test_a_key_is_trusted_only_between_its_dates(relucert, home):
    relucert("keys", "new")
    relucert(*VERIFY)
    relucert("keys", "trust", home / "key.pub", "--as", "ada", "--valid-before", "20200101")
    assert audit(relucert)[1]["signature"] == "untrusted: expired"
    (home / "allowed_signers").unlink()
    relucert("keys", "trust", home / "key.pub", "--as", "ada", "--valid-after", "29990101Z")
    assert audit(relucert)[1]["signature"] == "untrusted: not yet valid"


def test_list_tells_each_key_with_its_standing(relucert, home):
    relucert("keys", "new")
    relucert("keys", "trust", home / "key.pub", "--as", "ada")
    code, out, _ = relucert("keys", "list", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(row["principal"], row["standing"]) for row in rows] == [("ada", "trusted")]
    assert rows[0]["local"]
    relucert("keys", "revoke", home / "key.pub")
    assert "revoked" in relucert("keys", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("trust", "absent.pub", "--as", "x"), "no such file"),
        (("trust", "good.npy", "--as", "x"), "not a public key"),
        (("trust", "home/key.pub", "--as", "two words"), "principal"),
        (("trust", "home/key.pub", "--as", "x", "--valid-after", "tomorrow"), "expected a date"),
        (("revoke", "12345678"), "neither a file nor the id"),
        (("export", "--format", "xml"), "pem or ssh"),
    ],
)
def test_bad_input_is_explained(relucert, arguments, message):
    relucert("keys", "new")
    code, _, err = relucert("keys", *arguments)
    assert code == 2
    assert message in err


@pytest.mark.parametrize("y", [0, 1, 2**255 - 20, 2**255 - 19])
@pytest.mark.parametrize("form", ["PEM", "OpenSSH"])
def test_a_key_for_which_anyone_can_sign_is_refused_wherever_a_public_key_is_read(relucert, home, y, form):
    key = Ed25519PublicKey.from_public_bytes(y.to_bytes(32, "little"))
    home.mkdir()
    (home / "key.pub").write_text(trust.pem(key) if form == "PEM" else trust.ssh_line(key))
    with pytest.raises(InputError, match="anyone can sign for it"):
        trust.local_public_key()
    for arguments in (
        ("keys", "list"),
        ("keys", "trust", home / "key.pub", "--as", "x"),
        ("report", "out", "--format", "md"),
    ):
        code, _, err = relucert(*arguments)
        assert code == 2 and "key.pub: an Ed25519 key of small order" in err


def test_the_local_public_key(home):
    assert trust.local_public_key() is None
    key = signing.new_key(home / "key.pem").public_key()
    assert trust.local_public_key() == key
    (home / "key.pub").write_text(trust.ssh_line(key))
    assert trust.local_public_key() == key


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
@pytest.mark.parametrize("passphrase", [None, "secret", "wrong", ""])
def test_a_key_of_openssh_with_a_passphrase_is_refused_with_the_remedy(
    relucert, tmp_path, monkeypatch, passphrase
):
    """Without the package bcrypt; whether there is a passphrase to try or not, nobody is asked for one."""
    monkeypatch.setattr(signing, "find_spec", lambda name: None)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", "mine"], check=True)
    if passphrase is not None:
        monkeypatch.setenv("RELUCERT_PASSPHRASE", passphrase)
    code, out, err = relucert(*VERIFY, "--key", "mine")
    assert (code, out) == (2, "")
    assert err.startswith("error: mine: an OpenSSH key with a passphrase")
    assert err.endswith("ssh-keygen -p -N '' -f COPY\n")
    shutil.copy("mine", "copy")
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "secret", "-N", "", "-f", "copy"], check=True)
    assert relucert(*VERIFY, "--key", "copy")[0] == 0


def test_adding_a_line_twice_changes_nothing(home):
    key = signing.new_key(home / "key.pem").public_key()
    first = trust.trust(key, "ada", None, None).read_text()
    assert trust.trust(key, "ada", None, None).read_text() == first
    with pytest.raises(InputError):
        trust.trust(key, "a,b", None, None)


def test_audit_reports_a_changed_certificate_and_exits_1(relucert, tmp_path):
    relucert(*VERIFY)
    (path,) = (tmp_path / "out").iterdir()
    text = path.read_text()
    found = re.search(r'"existence_radius": {"exact": \["(\d+)", (-\d+)\]', text)
    path.write_text(text.replace(found[0], found[0].replace(found[2], str(int(found[2]) - 40))))
    code, row = audit(relucert)
    assert code == 1
    assert row["result"] == "rejected"


def test_audit_of_nothing_is_a_usage_error(relucert, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, err = relucert("audit", "empty")
    assert code == 2
    assert "no *.json files" in err


def test_openssl_alone_verifies_an_exported_signature(relucert, tmp_path, home):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    relucert(*VERIFY)
    (path,) = (tmp_path / "out").iterdir()
    assert relucert("export", path, "--format", "dsse", "-o", "c.dsse.json")[0] == 0
    whole = json.loads((tmp_path / "c.dsse.json").read_text())
    body, kind = base64.b64decode(whole["payload"]), whole["payloadType"]
    (tmp_path / "signed").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body))
    (tmp_path / "sig").write_bytes(base64.b64decode(whole["signatures"][0]["sig"]))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", home / "key.pub", "-rawin"]
    good = subprocess.run([*command, "-in", "signed", "-sigfile", "sig"], capture_output=True, text=True)
    assert good.returncode == 0, good.stderr
    (tmp_path / "signed").write_bytes((tmp_path / "signed").read_bytes()[:-1] + b"!")
    assert subprocess.run([*command, "-in", "signed", "-sigfile", "sig"], capture_output=True).returncode != 0


def test_revoking_over_a_broken_link_is_an_error_and_a_link_stays_one(relucert, home):
    relucert("keys", "new")
    link = home / "revoked_keys"
    link.symlink_to(home / "shared")
    code, _, _ = relucert("keys", "revoke", home / "key.pub")
    assert code == 2 and link.is_symlink() and not link.exists()
    (home / "shared").write_text("")
    assert relucert("keys", "revoke", home / "key.pub")[0] == 0
    assert link.is_symlink() and "ssh-ed25519" in (home / "shared").read_text()


def test_your_own_key_is_known_to_you_everywhere(relucert, home):
    relucert("keys", "new")
    (row,) = [json.loads(line) for line in relucert("keys", "list", "--json")[1].splitlines()]
    assert (row["principal"], row["standing"], row["local"]) == ("you", "trusted", True)
    assert relucert("keys", "revoke", row["keyid"][:12])[0] == 0
    (row,) = [json.loads(line) for line in relucert("keys", "list", "--json")[1].splitlines()]
    assert row["standing"] == "revoked"
