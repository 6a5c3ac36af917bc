"""The command line: what it prints, where it writes, and its exit codes."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from relucert import certificate
from relucert.base import store
from relucert.certificate import signing, trust
from relucert.families.teacher.layout_option import complete_layout


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def good(tmp_path):
    np.save(tmp_path / "good.npy", np.eye(3))
    return tmp_path / "good.npy"


ROWS = ("--layout", "neurons-in-rows")


def test_verify_writes_one_certificate_a_point_and_says_who_signs(relucert, tmp_path):
    np.save(
        tmp_path / "three.npy", np.stack([np.eye(3), np.eye(3)[[1, 0, 2]], [[1, 2, 3], [4, 5, 7], [7, 8, 1]]])
    )
    code, out, err = relucert("verify", "three.npy", *ROWS, "-o", "out")
    assert code == 0
    assert "2 global-minimum; 1 not-critical" in out
    assert "made a local signing key" in err
    assert len(list((tmp_path / "out").iterdir())) == 3
    _, _, again = relucert("verify", "three.npy", *ROWS, "-o", "out")
    assert "made a local signing key" not in again
    assert len(list((tmp_path / "out").iterdir())) == 3  # the same point, the same certificate


def test_json_has_the_documented_members_and_nothing_else_on_stdout(relucert, good):
    code, out, _ = relucert("verify", good, *ROWS, "-o", "out", "--json")
    assert code == 0
    (record,) = map(json.loads, out.splitlines())
    documented = {
        *("source", "index", "k", "n", "verdict", "lambda_min", "gradient_norm", "lipschitz", "radius"),
        *("basin_radius", "objective", "moved", "constants", "precision", "certificate", "seconds", "reason"),
    }
    assert documented <= set(record)
    assert record["verdict"] == "global-minimum"
    assert record["objective"] == ["0", "0"]
    assert 0.09 < float(record["lambda_min"]) < 0.0908451
    assert os.path.exists(record["certificate"])


def test_inconclusive_is_exit_code_5_with_a_reason_and_no_certificate(relucert, tmp_path):
    np.save(tmp_path / "split.npy", np.array([[1, 0], [1e-9, 0.5], [-1e-9, 0.5]]))
    (tmp_path / "targets.csv").write_text("1,0\n0,1\n")
    options = (*ROWS, "--targets", "targets.csv", "-o", "out", "--json", "--raw")
    code, out, _ = relucert("verify", "split.npy", *options)
    record = json.loads(out)
    assert code == 5
    assert record["verdict"] == "inconclusive"
    assert "continuum" in record["reason"]
    assert record["certificate"] is None
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "absent.npy", *ROWS], "absent.npy: no such file"),
        (["verify", "good.npy"], "--layout"),
        (["verify", "good.npy", "nan.npy", *ROWS], "entry [0, 0] is nan"),
        (["verify", "good.npy", *ROWS, "--constants", "best"], "unknown constants"),
        (["verify", "good.npy", *ROWS, "--max-precision", "1"], "precision"),
        (["verify", "good.npy", *ROWS, "--key", "no.pem"], "no such key"),
        (["verify", "good.npy", *ROWS, "--key", "good.npy"], "not a private key in PEM"),
        (["verify"], "Missing argument"),
        (["frobnicate"], "No such command"),
        (["search", "0", "1"], "Invalid value"),
        (["show", "good.npy"], "malformed: not JSON"),
        (["show", "absent.json"], "no such file"),
    ],
)
def test_bad_input_is_exit_code_2_with_a_message_and_nothing_written(
    relucert, good, tmp_path, arguments, message
):
    np.save(tmp_path / "nan.npy", np.full((2, 2), np.nan))
    options = ["-o", "out"] if arguments[0] == "verify" else []
    code, out, err = relucert(*arguments, *options)
    assert code == 2
    assert message in err
    assert out == ""
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_an_unwritable_directory_is_an_error_before_any_work(relucert, good, tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, _, err = relucert("verify", good, *ROWS, "-o", tmp_path / "file" / "below")
    assert code == 2
    assert "error:" in err


def test_a_full_disk_is_exit_code_4_and_loses_nothing(relucert, good, tmp_path, monkeypatch):
    relucert("verify", good, *ROWS, "-o", "out")
    (whole,) = (tmp_path / "out").iterdir()
    before = whole.read_bytes()

    def full(path, data, mode=0o644):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(store, "write", full)
    code, _, err = relucert("verify", good, *ROWS, "-o", "out")
    assert code == 4
    assert "No space left on device" in err
    assert whole.read_bytes() == before


def test_ctrl_c_leaves_whole_certificates_only(tmp_path):
    """A real process, interrupted while it verifies 400 points."""
    points = np.eye(5) + 1e-3 * np.random.default_rng(0).standard_normal((400, 5, 5))
    np.save(tmp_path / "many.npy", points)
    command = [sys.executable, "-m", "relucert", "verify", "many.npy", *ROWS, "-o", "out"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs start without it
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list((tmp_path / "out").glob("*.json"))) < 5:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in err
    written = list((tmp_path / "out").iterdir())
    assert 5 <= len(written) < 400
    for path in written:
        whole = certificate.parse(path.read_bytes(), str(path))
        assert certificate.digest(whole["statement"]) == path.stem


@pytest.mark.parametrize("arguments", ["--help", "keys --help", "keys list", "verify", "audit good.npy"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_is_141_without_a_word(good, arguments, unbuffered, monkeypatch):
    """Real processes, whose reader is gone; the error of `verify` is all that goes to standard error."""
    reader, writer = os.pipe()
    os.close(reader)
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    command, error = [sys.executable, "-m", "relucert", *arguments.split()], arguments == "verify"
    process = subprocess.run(command, stdout=writer, stderr=writer if error else subprocess.PIPE, timeout=60)
    os.close(writer)
    assert (process.returncode, process.stderr) == (141, None if error else b"")


def test_show_explains_a_certificate(relucert, good, tmp_path):
    relucert("verify", good, *ROWS, "-o", "out")
    code, out, _ = relucert("show", "out")
    assert code == 0
    assert "a global minimum, a permutation of the targets" in " ".join(out.split())
    assert "2 chi L eta < (1 - omega)^2" in out
    assert "signature: valid, you" in out
    (path,) = (tmp_path / "out").iterdir()
    path.write_text(path.read_text().replace('"source": "good.npy[0]"', '"source": "forged"'))
    code, out, _ = relucert("show", path)
    first, *above = out.partition("For 2 ")[0].splitlines()
    assert (code, first) == (0, "as the file claims; not checked here (relucert audit does)")
    assert "a signature is invalid: you" in above[0] and "its name is not the digest" in above[1]
    assert "signature: invalid, you" in out
    _, out, _ = relucert("show", path, "--json")
    record = json.loads(out)
    assert record["verdict"] == "global-minimum"
    identity = signing.key_id(trust.read_public(tmp_path / "home/key.pub"))
    assert record["signed_by"] == []
    assert record["signatures"] == [{"signer": "you", "state": "invalid", "keyid": identity}]
    assert {"theorem", "step", "text", "left", "right", "margin"} == set(record["inequalities"][0])


def test_show_tells_signers_apart_and_says_which_lines_are_skipped(relucert, good, tmp_path):
    """As audit does; the key ids are those of the file, in its order."""
    relucert("verify", good, *ROWS, "-o", "out")
    (path,) = (tmp_path / "out").iterdir()
    whole = json.loads(path.read_text())
    other = signing.new_key(tmp_path / "other.pem")
    payload = certificate.canonical(whole["statement"])
    whole["signatures"].append(signing.sign(other, whole["payloadType"], payload))
    path.write_text(json.dumps(whole))
    allowed = tmp_path / "home/allowed_signers"
    allowed.write_text("ada ssh-ed448 AAAACXNzaC1lZDQ0OAAAAAA= Ada's\n")
    (tmp_path / "home/revoked_keys").write_text("ssh-ed448 AAAACXNzaC1lZDQ0OAAAAAA=\n")
    code, out, err = relucert("show", path, "--json")
    mine, theirs = (entry["keyid"] for entry in whole["signatures"])
    assert (code, theirs) == (0, signing.key_id(other.public_key()))
    assert json.loads(out)["signatures"] == [
        {"signer": "you", "state": "valid", "keyid": mine},
        {"signer": theirs[:12], "state": "unknown key", "keyid": theirs},
    ]
    said = ":1: skipped: a key of the type ssh-ed448\n"
    assert err == f"note: {tmp_path / 'home/revoked_keys'}{said}note: {allowed}{said}"
    assert relucert("show", path)[2] == relucert("audit", path)[2] == err


def test_keys_new_prints_the_key_and_never_replaces_one(relucert, tmp_path):
    code, out, _ = relucert("keys", "new", "--out", "mine.pem", "--json")
    assert code == 0
    key = signing.load_key(tmp_path / "mine.pem")
    assert json.loads(out)["keyid"] == signing.key_id(key.public_key())
    code, _, err = relucert("keys", "new", "--out", "mine.pem")
    assert code == 2
    assert "there is a key already" in err


def test_search_is_reproducible_and_its_points_verify(relucert, tmp_path):
    for name in ("a", "b"):
        code, out, _ = relucert("search", 6, 6, "--find", 1, "--seed", 1, "-o", name)
        assert code == 0
        assert "1 ended with loss >= 0.001" in out
    _, _, err = relucert("search", 6, 6, "--find", 1, "--seed", 1, "-o", "b")
    assert "replaced: b/6-6-seed1.npz, which was there" in err
    one, two = (np.load(tmp_path / name / "6-6-seed1.npz") for name in ("a", "b"))
    assert np.array_equal(one["weights"], two["weights"])
    code, out, _ = relucert("verify", "a/6-6-seed1.npz", "--json", "-o", "out")
    record = json.loads(out)
    assert (code, record["verdict"]) == (0, "spurious-minimum")
    claim = json.loads((tmp_path / record["certificate"]).read_text())
    search = claim["statement"]["provenance"]["search"]
    assert (search["seed"], search["run"]) == (1, int(one["run"][0]))


@pytest.mark.parametrize("option", ["--show-completion", "--install-completion"])
def test_completion_is_for_a_shell_that_is_known(relucert, option):
    code, out, err = relucert(option, "foo")
    assert (code, out) == (2, "")
    assert f"{option} foo: expected one of bash, zsh, fish" in err


def test_layouts_are_completed():
    assert complete_layout("n") == ["neurons-in-columns", "neurons-in-rows"]
    assert complete_layout("neurons-in-r") == ["neurons-in-rows"]


def test_search_that_keeps_nothing_says_so_and_writes_nothing(relucert):
    code, out, err = relucert("search", 2, 2, "--runs", 5, "-o", "p")
    assert code == 5
    assert "0 ended with loss >= 0.001" in out
    assert "none of 5 runs is kept, and no file written; search with more --runs or another --seed" in err
    assert not list(Path("p").iterdir())


MALFORMED = sorted((Path(__file__).parents[1] / "corpus/malformed").glob("*.json"))


@pytest.mark.parametrize("path", MALFORMED, ids=lambda path: path.stem)
def test_show_refuses_what_is_malformed(relucert, path):
    code, out, err = relucert("show", path)
    assert code == 2
    assert "error:" in err
    assert out == ""


def test_a_terminal_without_the_letters_of_a_path_gets_their_escapes(tmp_path):
    """PYTHONIOENCODING: as on a terminal, or in a log, that knows ASCII only."""
    Path("é.json").write_text("[[1, 0], [0, 1]]")
    plain = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "RELUCERT_HOME": str(tmp_path / "hé")}

    def run(*arguments):
        done = subprocess.run([sys.executable, "-m", "relucert", *arguments], capture_output=True, env=plain)
        assert b"Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout.decode("ascii"), done.stderr.decode("ascii")

    code, out, err = run("verify", "é.json", "-o", "oé")
    assert code == 0 and "\\xe9.json[0]" in out and "h\\xe9/key.pem" in err
    (path,) = Path("oé").iterdir()
    code, out, _ = run("show", "oé")
    assert code == 0 and f"certificate: o\\xe9/{path.name}" in out
    code, out, _ = run("audit", "oé")
    assert code == 0 and "accepted" in out
    code, out, _ = run("keys", "new", "--out", "ké.pem")
    assert code == 0 and "private key: k\\xe9.pem" in out and Path("ké.pem").exists()
    code, out, err = run("show", "fé")
    assert (code, out) == (2, "") and "f\\xe9: no such file" in err
