"""Points that are too large for a certificate or a machine are refused before anything is proved, and all bad files are
named."""

import json

import numpy as np
import pytest

from relucert.base import machine
from relucert.base.errors import InputError, LimitError, for_all
from relucert.certificate import provenance
from relucert.certificate.provenance import readable
from relucert.families import deciding
from relucert.families.family import Options
from relucert.families.teacher import deciding as teacher
from relucert.families.teacher import limits
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.problem import Problem
from relucert_audit.format import LIMIT, MALFORMED, NOT_CONFIRMED, Refusal

ROWS = ("--layout", "neurons-in-rows", "-o", "out")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def never(_):
    raise AssertionError("nothing is proved")


def test_what_can_have_no_certificate_is_refused_before_any_proof(relucert, tmp_path, monkeypatch):
    monkeypatch.setattr(deciding, "_prove", never)
    np.save("large.npy", np.eye(61))
    np.save("larger.npy", np.eye(62))
    np.save("small.npy", np.eye(3))
    code, out, err = relucert("verify", "small.npy", "large.npy", "larger.npy", *ROWS)
    assert (code, out) == (4, "")
    assert "large.npy[0]: no certificate is written" in err
    assert "resource limit: n d: 3721, and the most is 3600; " in err
    assert (
        "nothing was proved. A point of few classes has a certificate at any size by --method symmetric-hessian"
        in err
    )
    assert "larger.npy[0]: no certificate is written" in err
    assert "resource limit: n d: 3844, and the most is 3600; " in err
    assert "small.npy" not in err
    assert list((tmp_path / "out").iterdir()) == []


def of_rows(rows, problem=None):
    return Candidate.from_rows(np.asarray(rows, float).tolist(), problem)


def test_the_limit_is_that_of_the_claim_that_would_be_made():
    limits.check(of_rows(np.eye(60)), raw=False)
    one_more = np.vstack([np.eye(60), np.eye(60)[:1]])
    parts = of_rows(one_more, Problem.orthonormal(60, 61))  # 60 neurons, one of them in two parts
    limits.check(parts, raw=False)
    with pytest.raises(LimitError):
        limits.check(
            parts.with_network(None, None, "1/2"), raw=False
        )  # of which only those of the ReLU are one
    one_more[60, 1] = 1e-3  # no longer parallel
    with pytest.raises(LimitError, match="n d: 3660, and the most is 3600"):
        limits.check(of_rows(one_more, Problem.orthonormal(60, 61)), raw=False)
    flat = np.zeros((2, 2001))
    flat[:, :2] = np.eye(2)
    unit = np.eye(2, 2001).tolist()
    limits.check(of_rows(flat, Problem.from_targets(unit, 2)), raw=False)  # in the span of its targets
    with pytest.raises(LimitError, match="n d: 4002, and the most is 3600"):
        limits.check(of_rows(flat + 1, Problem.from_targets(unit, 2)), raw=False)


def test_the_bits_of_the_very_point_count_where_the_claim_is_about_it():
    large = of_rows([[1, 0], [0, 1]]).moved_to((((1, 0), (1, -16384)), ((0, 0), (1, 0))))
    limits.check(large, raw=False)
    with pytest.raises(LimitError, match="the bits that all entries span: 16385, and the most is 16384"):
        limits.check(large, raw=True)


def test_a_proof_by_classes_has_no_such_limit_and_costs_nothing_worth_a_word():
    classes, point = Options(method="symmetric-hessian"), of_rows(np.eye(61))
    teacher.check(point, classes)
    assert teacher.cost(point, classes) == (0, 0)
    assert teacher.cost(point, Options()).seconds > 50


@pytest.mark.parametrize(("k", "mib"), [(6, 105), (10, 107), (20, 130), (40, 418), (60, 1658)])
def test_memory_is_as_in_the_table_of_docs_speed(k, mib):
    assert limits.cost(of_rows(np.eye(k))).memory == pytest.approx(mib * 2**20, rel=0.05)


def test_a_proof_for_which_there_is_plainly_no_memory_is_refused(relucert, monkeypatch):
    monkeypatch.setattr(deciding, "_prove", never)
    monkeypatch.setattr(machine, "memory", lambda: {"total": 2**33, "free": None, "limit": 2**29})
    np.save("w.npy", np.eye(50))
    code, out, err = relucert("verify", "w.npy", *ROWS)
    assert (code, out) == (4, "")
    assert (
        "w.npy[0]: a proof takes about 0.8 GiB of memory, and there are 0.5 GiB; take a machine with more"
        in err
    )
    machine.check_memory(2**29, "as much as there is")
    monkeypatch.setattr(machine, "memory", lambda: dict.fromkeys(("total", "free", "limit")))
    machine.check_memory(2**60, "where nothing is known")


def test_what_the_checker_would_refuse_is_a_limit_only_where_it_says_so():
    for what, kind in ((LIMIT, LimitError), ("claim", InputError)):
        with pytest.raises(InputError, match="no certificate is written") as refused, readable("; do this"):
            raise Refusal(NOT_CONFIRMED if kind is LimitError else MALFORMED, 0, what, "n d")
        assert refused.type is kind
        assert str(refused.value).endswith("; do this")


def test_what_is_proved_is_said_where_a_limit_is_seen_only_at_the_end(relucert, monkeypatch):
    def refuse(_):
        raise Refusal(NOT_CONFIRMED, 0, LIMIT, "the bits that all entries span: 16385, and the most is 16384")

    monkeypatch.setattr(provenance, "read", refuse)
    np.save("w.npy", np.stack([np.eye(2), np.eye(2)[::-1]]))
    code, out, err = relucert("verify", "w.npy", *ROWS)
    assert code == 4
    assert [out.count(f"global minimum  w.npy[{i}]") for i in (0, 1)] == [1, 1]
    assert [err.count(f"w.npy[{i}]: no certificate is written") for i in (0, 1)] == [1, 1]
    assert "out/" not in out


def test_all_bad_files_are_named_before_anything_is_proved(relucert, tmp_path, monkeypatch):
    monkeypatch.setattr(deciding, "_prove", never)
    np.save("flags.npy", np.array([True]))
    np.save("good.npy", np.eye(2))
    np.save("complex.npy", 1j * np.eye(2))
    code, _, err = relucert("verify", "flags.npy", "good.npy", "complex.npy", "flags.npy", *ROWS)
    assert code == 2
    assert [line.split(":")[-2].split()[-1] for line in err.splitlines()] == ["flags.npy", "complex.npy"]
    assert not (tmp_path / "out").exists()


def test_limits_and_other_input_that_cannot_be_used():
    assert for_all(abs, [-1, 2]) == [1, 2]

    def refuse(error):
        raise error

    with pytest.raises(LimitError, match=r"^a\nb$"):
        for_all(refuse, [LimitError("a"), LimitError("b"), LimitError("a")])
    with pytest.raises(InputError, match=r"^a\nb$") as refused:
        for_all(refuse, [LimitError("a"), InputError("b")])
    assert refused.type is InputError


def test_targets_may_be_one_array_of_several(relucert):
    rows = np.array([[1.0, 2], [3, 1]])
    np.savez("several.npz", a=rows, b=np.eye(2))
    np.save("w.npy", rows)
    given = ("verify", "w.npy", *ROWS, "--targets", "several.npz")
    code, _, err = relucert(*given)
    assert code == 2
    assert "--targets, for which --variable is --targets-variable: several.npz: say which array" in err
    code, out, _ = relucert(*given, "--targets-variable", "a", "--json")
    assert (code, json.loads(out)["verdict"]) == (0, "global-minimum")
    code, _, err = relucert("verify", "w.npy", *ROWS, "--targets-variable", "a")
    assert code == 2
    assert "--targets-variable is for the file of --targets; give both, or leave it out" in err
