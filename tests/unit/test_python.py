"""From a program: results and certificates, their numbers and words, in other processes, and when stopped."""

import copy
import html
import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import relucert as rc
from relucert.base.dyadic import to_fraction
from relucert.certificate import signing
from relucert.families.teacher.search.newton import hessian
from relucert.kernel import ball
from relucert.stored import Certificate

ROOT = Path(__file__).parents[2]
STORED = ROOT / "certificates"
MINIMUM = 1.037 * np.eye(6) - 0.05
MINIMUM[:, 5], MINIMUM[5] = 0.308, [0.225] * 5 + [-0.602]
verify = partial(rc.verify, layout="rows")


def sentence_of(result):
    return result.sentence


def double_well():
    return rc.Loss.trace(lambda x: (x[0] ** 2 - 1) ** 2 + x[1] ** 2 + x[0] / 8, 2)


@pytest.fixture(scope="module")
def minimum():
    return verify(MINIMUM)


@pytest.fixture(scope="module")
def results(minimum):
    """One of each kind: verdicts of the network, and of a loss of a user's own."""
    saddle = np.full((2, 2), 0.62)
    well = double_well()
    return {
        "spurious-minimum": minimum,
        "global-minimum": verify(np.eye(2)),
        "local-minimum": verify([[3.0]], targets=[[1], [2]]),
        "not-critical": verify([[-1.0]]),
        "global-minimum-not-isolated": verify([[0.5, 0], [0.5, 0], [0, 1]]),
        "not-a-minimum": verify([*MINIMUM[:5], MINIMUM[5] / 2, MINIMUM[5] / 2]),
        "inconclusive": verify(saddle, raw=True, exclusion=0.49),
        "well": rc.verify([-1.0, 0.0], well),
        "well, lower": rc.verify([0.98, 0.0], well, witness=[-1.0, 0.0]),
        "slope": rc.verify([3.0, 3.0], well),
        "flat": rc.verify([0.0], rc.Loss.trace(lambda x: x[0] ** 4, 1)),
    }


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    return tmp_path


def test_the_verdicts(results):
    kinds = {name: x.verdict for name, x in results.items()}
    own = {
        "well": "local-minimum",
        "well, lower": "spurious-minimum",
        "slope": "not-critical",
        "flat": "inconclusive",
    }
    assert kinds == {name: own.get(name, name) for name in kinds}
    assert [name for name, x in results.items() if not x.proved] == ["inconclusive", "flat"]


def test_the_numbers_are_those_of_the_kernel(results):
    for result in results.values():
        bounds = result.outcome.bounds
        sides = {
            "gradient_norm": "gradient",
            "existence_radius": "radius",
            "basin_radius": "basin",
            "basin_step": "step",
        }
        sides |= {
            "barrier": "barrier",
            "gap": "gap",
            "uniqueness_radius": result.uniqueness,
            "exclusion_radius": "exclusion",
        }
        for name, inner in sides.items():
            value = getattr(bounds, inner, None)
            if value is None or not value.is_finite():
                assert getattr(result, name) is None, name
            else:
                assert getattr(result, name).exact == to_fraction(ball.to_dyadic(value)), name
        for name in ("lambda_min", "objective"):
            ends = getattr(bounds, name, None)
            if result.verdict == "global-minimum-not-isolated":
                continue
            if ends is not None and all(x.is_finite() for x in ends):
                assert getattr(result, name).exact == tuple(to_fraction(ball.to_dyadic(x)) for x in ends)
            else:
                assert getattr(result, name) is None


def test_the_sides_of_the_bounds(results):
    sides = {name: [] for name in results}
    for name, result in results.items():
        for bound in (
            result.gradient_norm,
            result.existence_radius,
            result.uniqueness_radius,
            result.exclusion_radius,
        ):
            sides[name].append(None if bound is None else bound.side)
    assert sides["spurious-minimum"] == sides["well"] == ["<=", "<=", ">=", None]
    assert sides["not-critical"] == ["<=", None, None, ">="]
    assert sides["slope"] == [">=", None, None, ">="]  # a gradient that is not 0


def test_known_numbers(minimum, results):
    with pytest.warns(rc.RoundedWarning):
        spectrum = np.linalg.eigvalsh(hessian(minimum.point, np.eye(6)))
    assert minimum.lambda_min > spectrum[0] - 1e-12
    assert minimum.lambda_min < spectrum[0] + 1e-12
    assert minimum.lambda_min > 0
    assert 0.0250805 < minimum.objective.lower < minimum.objective.upper < 0.0250806
    assert results["global-minimum"].objective == 0
    assert results["global-minimum-not-isolated"].objective == 0
    assert results["well, lower"].gap.exact > Fraction(1, 10)
    assert 1 / 4 - 1 / (2 * np.pi) in results["global-minimum"].lambda_min


def test_a_point_of_doubles_is_that_point(results):
    assert results["global-minimum"].point.tolist() == [[1, 0], [0, 1]]
    assert results["slope"].point.tolist() == [3, 3]
    assert results["slope"].moved_by is None
    assert results["slope"].exact_point == (Fraction(3), Fraction(3))


def test_a_point_of_more_digits_is_rounded_and_says_so(minimum):
    with pytest.warns(rc.RoundedWarning, match="exact_point"):
        rounded = minimum.point
    assert rounded.shape == (6, 6)
    assert np.abs(rounded - MINIMUM).max() < 0.01
    moved = np.linalg.norm(rounded - MINIMUM)
    assert moved - 1e-12 < float(minimum.moved_by) < moved + 1e-8
    assert [[float(x) for x in row] for row in minimum.exact_point] == pytest.approx(rounded, rel=1e-15)


def test_a_point_beyond_the_range_of_doubles_has_no_array():
    result = rc.verify(rc.Candidate.from_rows([[(1, 3000)]], rc.Problem.from_targets([[(1, 3000)]], 1)))
    with pytest.raises(rc.InputError, match="beyond the range of floats"):
        _ = result.point
    assert result.exact_point == ((Fraction(2**3000),),)


def test_words(results, minimum):
    assert repr(minimum) == (
        "<spurious local minimum: lambda_min in [0.00470035, 0.00470036], objective in [0.0250805, 0.0250806]>"
    )
    assert minimum.sentence.startswith(
        "For 6 ReLU neurons against 6 orthonormal targets in every dimension d >= 6"
    )
    for name in ("inconclusive", "flat"):
        assert results[name].sentence.startswith("Nothing is proved: ")
    for result in results.values():
        assert len(repr(result)) < 200
        page = result._repr_html_()
        assert page.startswith("<table><caption")
        assert html.escape(result.sentence) in page
        assert str(result)


def test_text_in_a_page_is_escaped(home):
    hostile = verify(np.eye(2))
    object.__setattr__(hostile, "outcome", rc.Inconclusive(None, (), "<script>alert(1)</script>\u202e"))
    assert "<script>" not in hostile._repr_html_()
    assert "\u202e" not in hostile._repr_html_()


def test_copies_are_the_same(results):
    for result in results.values():
        for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result), copy.copy(result)):  # noqa: S301
            assert type(again) is type(result)
            assert again.lambda_min == result.lambda_min
            assert str(again) == str(result)
            assert again.sentence == result.sentence


def test_dask_and_joblib_carry_results(results):
    protocol, cloudpickle = pytest.importorskip("distributed.protocol"), pytest.importorskip("cloudpickle")
    for result in results.values():
        assert str(protocol.deserialize(*protocol.serialize(result))) == str(result)
        assert str(cloudpickle.loads(cloudpickle.dumps(result))) == str(result)


def test_balls_of_every_kind_go_through_a_pickle():
    with ball.precision(200):
        values = [ball.pi(), ball.exact((3, -7)), ball.exact((0, 0)), ball.pi() * ball.exact((1, 3000))]
    for value in values:
        again = pickle.loads(pickle.dumps(value))  # noqa: S301
        assert again.contains(value)
        assert float(again.rad()) <= 1.01 * float(value.rad()) or float(value.rad()) == float("inf")
        assert again.is_exact() == value.is_exact()
    for undefined in (ball.undefined(), 1 / (ball.pi() - ball.pi())):
        assert pickle.loads(pickle.dumps(undefined)).is_nan()  # noqa: S301


@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_results_come_from_other_processes(start, minimum, home):
    with ProcessPoolExecutor(2, get_context(start)) as pool:
        found = list(pool.map(verify, [MINIMUM, np.eye(2)]))
        wells = list(pool.map(partial(rc.verify, loss=double_well()), [[-1.0, 0.0]]))
        path = minimum.save(home / "mine")
        reports = list(pool.map(Certificate.audit, [rc.load(path)]))
        sent = list(pool.map(sentence_of, [minimum]))
    assert [x.verdict for x in (*found, *wells)] == ["spurious-minimum", "global-minimum", "local-minimum"]
    assert found[0] == minimum
    assert reports[0].accepted
    assert sent == [minimum.sentence]
    assert found[0].save(home / "theirs").name == path.name


def test_a_certificate_is_saved_read_and_audited(results, home):
    for result in (x for x in results.values() if x.proved):
        certificate = rc.load(result.save(home / "all"))
        assert certificate.verdict == result.verdict == certificate.claim["verdict"]
        assert certificate.sentence == result.sentence
        assert str(certificate) == f"{certificate.sentence} (as claimed; not checked)"
        assert repr(certificate).startswith(f"<unchecked certificate {certificate.digest[:12]}: ")
        assert certificate.path.name == f"{certificate.digest}.json"
        assert certificate.signers == ("you",)
        report = certificate.audit(require_signature=True)
        assert report.accepted, str(report)
        assert (report.status, report.step, report.reason) == ("accepted", None, None)
        assert report.claim_digest == certificate.claim_digest
        assert html.escape(certificate.sentence) in certificate._repr_html_()
        for again in (pickle.loads(pickle.dumps(certificate)), copy.deepcopy(certificate)):  # noqa: S301
            assert again == certificate
            assert again.claim == certificate.claim
    audited = rc.audit(home / "all")
    assert audited.accepted
    assert repr(audited) == "<audit: 9 accepted>"
    assert repr(audited[0]) == f"<{audited[0].path}: accepted, {audited[0].verdict}>"
    assert str(audited).count("\n") == 8
    assert len(audited) == len(rc.load_all(home / "all")) == 9
    assert {x.verdict for x in audited} == {x.verdict for x in results.values() if x.proved}


def test_a_key_signs(home, minimum):
    key = signing.new_key(home / "key.pem")
    paths = minimum.save(home / "a", home / "key.pem"), minimum.save(str(home / "b"), key=key)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    (signature,) = rc.load(paths[0]).signatures
    assert (signature.state, signature.keyid) == ("unknown key", signing.key_id(key.public_key()))
    assert rc.load(paths[0]).signers == ()
    assert not rc.load(paths[0]).audit(require_signature=True).accepted
    with pytest.raises(rc.InputError, match="no such key"):
        minimum.save(home, home / "none.pem")


def test_the_local_key_has_its_public_half_again(home, minimum):
    minimum.save(home / "a")
    (home / "home/key.pub").unlink()  # as if its maker had been stopped
    assert rc.load(minimum.save(home / "b")).signers == ("you",)


def test_nothing_proved_is_nothing_saved(results, home):
    with pytest.raises(rc.InputError, match="inconclusive outcome claims nothing"):
        results["inconclusive"].save(home / "none")
    assert not (home / "none").exists()


def test_a_claim_does_not_change():
    claim = rc.load(next((STORED / "6-6").glob("*.json"))).claim
    with pytest.raises(TypeError):
        claim["verdict"] = "global-minimum"
    with pytest.raises(TypeError):
        claim["bounds"]["objective"][0] = 0
    assert isinstance(hash(claim), int)
    assert dict(claim)["bounds"] == claim["bounds"]


def test_a_claim_that_was_changed_is_rejected(home, minimum):
    path = minimum.save(home / "mine")
    whole = json.loads(path.read_text())
    whole["statement"]["claim"]["bounds"]["lambda_min"] = [
        {"exact": ["1", e], "decimal": f"{2**e}.00000"} for e in (0, 1)
    ]
    path.write_text(json.dumps(whole))
    report = rc.load(path).audit()
    assert (report.status, report.accepted) == ("rejected", False)
    assert report.step is not None
    assert report.reason
    assert f"step {report.step}: {report.reason}" in str(report)
    assert not rc.audit(path.parent).accepted
    assert rc.audit(path.parent).reports[0].status == "rejected"


def test_a_folder_whose_index_lies_is_not_accepted(tmp_path):
    there = tmp_path / "k-1,1"
    there.mkdir()
    lines = (STORED / "k-1,1/index.csv").read_text().splitlines(keepends=True)[:2]
    digest = next(x for x in lines[1].strip().split(",") if len(x) == 64)
    (there / f"{digest}.json").write_bytes((STORED / f"k-1,1/{digest}.json").read_bytes())
    (there / "index.csv").write_text("".join(lines))
    assert rc.audit(tmp_path).accepted
    (there / f"{digest}.json").unlink()
    other = next(x for x in (STORED / "6-6").glob("*.json"))
    (there / other.name).write_bytes(other.read_bytes())
    audited = rc.audit(there)
    assert audited[0].accepted
    assert not audited.accepted


def test_what_is_no_certificate_is_refused(tmp_path, minimum):
    with pytest.raises(rc.InputError, match="no such file"):
        rc.load(tmp_path / "none.json")
    with pytest.raises(rc.InputError, match=r"is a folder; relucert\.load_all"):
        rc.load(tmp_path)
    with pytest.raises(rc.InputError, match="no certificates"):
        rc.audit(tmp_path)
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(rc.InputError, match=r"bad\.json: malformed"):
        rc.load(tmp_path / "bad.json")
    assert [x.status for x in rc.audit(tmp_path)] == ["malformed"]
