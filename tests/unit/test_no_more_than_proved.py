"""What is printed says no more than its claim: headings, lines, sentences, tables and pages."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import relucert as rc
from relucert.base.dyadic import DOWN, UP, decimal
from relucert.certificate import numbers, trust
from relucert.commands import export
from relucert.commands.certificate_page import page
from relucert.commands.shown import read
from relucert.families.teacher import figures
from relucert.families.teacher.formal import coq
from relucert.families.teacher.verification import one_line
from relucert.families.verdicts import heading_of
from relucert.kernel.ball import Ball

ACCEPT = Path(__file__).parents[1] / "corpus/accept"
ANTIPARALLEL = ACCEPT / "saddle-2-2-antiparallel.json"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))


def traced(loss, parameters=2, **more):
    return rc.Loss.trace(loss, parameters, **more)


def html(path):
    return page(read(path, trust.known(lambda _: None)), Path("page.html"))


def printed(result, folder):
    """All that is said of a result and of its certificate, and what the page calls it."""
    whole = html(result.save(folder))
    (title,) = re.findall("<h1>(.*?)</h1>", whole)
    assert f"<title>{title}: certificate" in whole
    seen = unescape(re.sub("<[^>]*>", " ", whole.partition("</style>")[2]))
    return " ".join((str(result), repr(result), result._repr_html_(), result.sentence, seen)), title


RING = traced(lambda x: (x @ x - 1) ** 2)
MAXIMA = {
    "a maximum": (traced(lambda x: -(x[0] ** 2) - x[1] ** 2), [0, 0], {}, (2, 0)),
    "an orbit of maxima": (traced(lambda x: -((x @ x - 1) ** 2)), [1, 0], {"gauge": "auto"}, (1, 0)),
    "a maximum on a set": (traced(lambda x: x[0], constraints=lambda x: [x @ x - 1]), [1, 0], {}, (1, 0)),
}


@pytest.mark.parametrize("name", MAXIMA)
def test_a_maximum_is_nowhere_called_a_saddle(name, tmp_path):
    """No eigenvalue is positive: the point is a maximum, which the verdict of the format includes."""
    loss, point, options, inertia = MAXIMA[name]
    found = rc.verify(point, loss, **options)
    assert found.verdict == "strict-saddle" and found.outcome.bounds.inertia == inertia
    text, title = printed(found, tmp_path)
    assert "saddle" not in text.lower()
    for text in (str(found), title, found.sentence):
        assert re.search("no minim(um|a)|none of them a minimum", text)


def test_the_maximum_of_the_designed_objective_is_not_called_a_saddle(relucert):
    """G at 0: all four eigenvalues are -4."""
    path = ACCEPT / "landscape-saddle-at-0.json"
    assert json.loads(path.read_text())["statement"]["claim"]["bounds"]["inertia"] == {
        "negative": 4,
        "positive": 0,
    }
    _, out, _ = relucert("show", path)
    assert "a critical point that is no minimum, where the Hessian has negative eigenvalues" in out
    assert "<h1>Critical point that is no minimum</h1>" in html(path)
    shown = unescape(re.sub("<[^>]*>", " ", html(path).partition("</style>")[2])).replace(path.name, "")
    assert "saddle" not in (out.replace(path.name, "") + shown).lower()


@pytest.mark.parametrize(
    ("loss", "point", "options", "called"),
    [
        (RING, [1, 0], {"gauge": "auto"}, "orbit of local minima"),
        (
            traced(lambda x: x[0] + x[1] ** 2, constraints=lambda x: [x @ x - 1]),
            [-1, 0],
            {},
            "strict local minimum on the set of the constraints",
        ),
        (traced(lambda x: x @ x), [0, 0], {}, "strict local minimum"),
    ],
)
def test_the_page_has_the_heading_of_the_command_line(loss, point, options, called, tmp_path):
    """Of the minima, only the last is a strict local minimum of F on R^2."""
    found = rc.verify(point, loss, **options)
    text, title = printed(found, tmp_path)
    assert found.verdict == "local-minimum"
    assert [str(found).splitlines()[0], title.lower(), heading_of(found._brings(), found)] == [called] * 3
    assert repr(found).startswith(f"<{called}") and text.count("curvature below") == 0


def test_a_gauge_gives_no_radius_within_which_the_point_is_the_only_critical_one():
    """Every point of the circle is critical, also those in the box, within its half-width."""
    found = rc.verify([1, 0], RING, gauge="auto")
    near = np.array([np.cos(0.01), np.sin(0.01)])
    assert np.abs(RING.gradient(near)).max() < 1e-15
    assert np.linalg.norm(near - found.point) < float(found.outcome.bounds.box)
    assert found.uniqueness_radius is None and "uniqueness" not in found._repr_html_()
    assert "the only one where the constraints vanish in the box" in str(found)
    plain = rc.verify([0, 0], traced(lambda x: x @ x))
    assert float(plain.uniqueness_radius) > 1 and "the only one in the box" in str(plain)


def test_the_gradient_of_a_loss_with_multipliers_is_not_said_to_be_that_of_the_loss():
    """F = x on the unit circle: at (1, 0) the gradient of F has the norm 1, that of F + mu.h is 0."""
    found = rc.verify([1, 0], MAXIMA["a maximum on a set"][0])
    assert float(found.outcome.bounds.gradient) < 1e-20 and found.gradient_norm is None
    assert float(rc.verify([0, 0], traced(lambda x: x @ x)).gradient_norm) < 1e-20


def test_a_curvature_may_be_the_bound():
    """x^2 - y^2 along y: -2, of which the certificate claims a little less."""
    assert "has curvature at most -1.99" in str(rc.verify([0, 0], traced(lambda x: x[0] ** 2 - x[1] ** 2)))


def test_a_barrier_is_of_continuous_paths():
    found = rc.verify([0, 0], traced(lambda x: x @ x))
    text = f"{found} {found.sentence} {dict(found._brings().words(found._statement()['claim'])[1])}"
    assert text.count("every continuous path") == text.count(" path") >= 2


def test_a_saddle_has_in_more_dimensions_more_negative_eigenvalues_than_are_counted():
    """M of Theorem M has a negative eigenvalue here, so each further dimension adds one."""
    claim = json.loads(ANTIPARALLEL.read_text())["statement"]["claim"]
    point = [[int(m) * 2.0**e for m, e in row] for row in claim["point"]]
    found = rc.verify(np.array(point), layout="rows")
    bounds = found.outcome.bounds
    assert bounds.inertia == (1, 3) and found.outcome.every_dimension
    assert float(bounds.lambda_min_outside[1]) < 0
    assert ", at least 1 negative, " in one_line(found)
    flat = rc.verify(np.array(point) @ np.array([[1, 0, 0], [0, 1, 0]]), targets=np.eye(3)[:2], layout="rows")
    assert flat.outcome.bounds.inertia[0] == 2
    assert ", at least 2 negative, " in one_line(flat)
    alone = replace(found, outcome=replace(found.outcome, bounds=bounds._replace(lambda_min_outside=None)))
    assert ", 1 negative, " in one_line(alone)


def test_a_smallest_eigenvalue_in_every_dimension_is_that_of_both_spectra():
    found = rc.verify(np.eye(1), layout="rows")  # F = |w - e|^2/4, about: 1/2, in every dimension
    assert found.outcome.every_dimension and one_line(found).startswith("lambda_min >= 0.499999")
    bounds = found.outcome.bounds._replace(lambda_min_outside=(Ball(0.25), Ball(0.5)))
    lower = replace(found, outcome=replace(found.outcome, bounds=bounds))
    assert one_line(lower).startswith("lambda_min >= 0.249999,")
    assert re.search(r"lambda_min: in \[0.499999, 0.50000[12]\] at d = 1$", str(lower), re.MULTILINE)


def test_verify_prints_the_numbers_of_its_certificate(relucert, tmp_path, monkeypatch):
    """Of a point with lambda_min = 1/2, about, which is proved to more digits than the certificate claims."""
    monkeypatch.chdir(tmp_path)
    np.save("one.npy", np.eye(1))
    arguments = ("verify", "one.npy", "--targets", "one.npy", "--layout", "neurons-in-rows", "--raw")
    _, out, _ = relucert(*arguments, "--json")
    record = json.loads(out)
    claimed = json.loads(Path(record["certificate"]).read_text())["statement"]["claim"]["bounds"]
    for name, number, rounding in (
        ("lambda_min", claimed["lambda_min"][0], DOWN),
        ("lambda_min_upper", claimed["lambda_min"][1], UP),
        ("radius", claimed["existence_radius"], UP),
        ("basin_radius", claimed["basin"]["radius"], DOWN),
        ("lipschitz", claimed["lipschitz"]["value"], UP),
    ):
        assert record[name] == decimal(numbers.number(number, name), rounding, 12), name
    assert float(record["lambda_min"]) < 0.5 < float(record["lambda_min_upper"])
    _, out, _ = relucert(*arguments)
    assert f"lambda_min >= {claimed['lambda_min'][0]['decimal']}, " in out


def test_the_distance_in_a_certificate_is_of_the_point_of_the_claim():
    claim = json.loads((ACCEPT / "outputs-weights-six.json").read_text())["statement"]["claim"]
    assert "distance" in claim["bounds"]
    text = " ".join(f"{x.title} {x.svg} {x.caption}" for x in figures.figures(claim))
    assert "the point of the claim is from the manifold" in text
    assert "output weights c_i of the point of the claim" in text and "given" not in text


def test_the_evidence_of_eigenvalues_has_both_theorems_in_words_and_its_name_in_json(relucert):
    _, out, _ = relucert("show", ANTIPARALLEL)
    assert "eigenvalues (Theorem C or K)" in out and "eigenvalues (Theorem C or K)" in html(ANTIPARALLEL)
    _, out, _ = relucert("show", ANTIPARALLEL, "--json")
    assert json.loads(out)["inequalities"][0]["theorem"] == "Theorem C"


def test_coq_proves_a_theorem_of_the_certificate(monkeypatch, capsys):
    """It says nothing of uniqueness, basin and eigenvalues, which are in the certificate, too."""
    result = SimpleNamespace(wall=1.0, work=1.0, memory=1 << 20, axioms=["an axiom"])
    monkeypatch.setattr(coq, "build", lambda *_: result)
    monkeypatch.setattr(coq, "check", lambda *_: result)
    export._run([SimpleNamespace(digest="abc")], [("", "Theorem t : True.\n")], False, "8")
    assert "proved by Coq: the theorem of certificate abc\nTheorem t : True.\n" in capsys.readouterr().out
