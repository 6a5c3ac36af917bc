"""ssh-keygen itself, beside which this reads files of keys: what it takes we take, what it skips we skip."""

import base64
import hashlib
import shutil
import subprocess
from functools import partial

import pytest
from certificates import NOW
from test_trust import OTHER_TYPES, keys, other_key

from relucert_audit.trust import read, standing

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")

VERIFY = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "ada", "-n", "relucert", "-s", "data.sig"]
OPTIONS = (
    *("", "cert-authority ", "unknown ", r"unknown\" ", 'valid-after="20200101" '),
    *(r'valid-after="\"20200101" ', r'valid-after="20200101",cert-authority,namespaces="a\",relucert" '),
    *('namespaces="git",namespaces="relucert" ', 'namespaces="relucert",namespaces="git" '),
    *('namespaces="relucert ', r'namespaces="relucert\" ', r'namespaces="relucert\\" '),
)
NAMESPACES = (
    *("git", "*", "!relucert,*", "RELUCERT", "[r]elucert", "r?lucert", "git,cert-authority,relucert"),
    *(
        r"relucert,\"x\"",
        r"\"x y\",relucert",
        r"relucert\"",
        r"git,\"relucert\"",
        r"*\",relucert",
        "relucert,x y",
    ),
    *(r"relucert,a\b", r"relucert,a\\\"", r"x,namespaces=\"git\",relucert"),
)


@pytest.fixture
def run(tmp_path):
    """ssh-keygen, in a directory with a key and data that it has signed."""
    run = partial(subprocess.run, cwd=tmp_path, capture_output=True, timeout=60)
    run(["ssh-keygen", "-q", "-t", "ed25519", "-C", "ada@host", "-N", "", "-f", "key"], check=True)
    (tmp_path / "data").write_bytes(b"text")
    run(["ssh-keygen", "-Y", "sign", "-f", "key", "-n", "relucert", "data"], check=True)
    return run


@pytest.fixture
def public(run, tmp_path):
    return " ".join((tmp_path / "key.pub").read_text().split()[:2])


def takes(folder):
    """Whether a line of the file `allowed` counts here; a malformed line counts for nobody."""
    try:
        return bool(read(folder / "allowed", None, []).signers)
    except ValueError:
        return False


@pytest.mark.parametrize("options", [*OPTIONS, *(f'namespaces="{x}" ' for x in NAMESPACES)])
def test_which_options_count(run, public, tmp_path, options):
    (tmp_path / "allowed").write_text(f"ada {options}{public}\n")
    assert takes(tmp_path) is (run(VERIFY, input=b"text").returncode == 0)


@pytest.mark.parametrize("kind", OTHER_TYPES)
@pytest.mark.parametrize("options", ["", r'namespaces="\"x y\",relucert" '])
def test_keys_of_other_types_do_not_stop_the_reading(run, public, tmp_path, kind, options):
    other = f"ada {options}{other_key(kind)} c\n"
    (tmp_path / "allowed").write_text(f"{other}ada {public}\n")
    assert run(VERIFY, input=b"text").returncode == 0 and takes(tmp_path)
    (tmp_path / "allowed").write_text(other)
    assert run(VERIFY, input=b"text").returncode != 0 and not takes(tmp_path)


def test_a_key_made_by_ssh_keygen(run, tmp_path):
    public = (tmp_path / "key.pub").read_text()
    line = f'ada namespaces="relucert",valid-after="20260101Z" {public}'
    keyid = hashlib.sha256(base64.b64decode(public.split()[1])[-32:]).hexdigest()
    assert standing(keys(tmp_path, line), keyid, NOW) == "trusted"
    (tmp_path / "allowed").write_text(line)
    run([*VERIFY, "-O", "verify-time=20260701"], check=True, input=b"text")
    assert standing(keys(tmp_path, "", public), keyid, NOW) == "revoked"
    (tmp_path / "gone").write_text(public)
    assert run([*VERIFY, "-O", "verify-time=20260701", "-r", "gone"], input=b"text").returncode != 0
