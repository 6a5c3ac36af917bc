"""Certificates of symmetric points: their shape, their size, and what they say beside the dense ones."""

import json
from pathlib import Path

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert import InputError, certificate
from relucert.base.dyadic import ZERO, to_float, to_fraction
from relucert.certificate.provenance import provenance
from relucert.commands import words as text
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.statement import issue
from relucert.families.teacher.symmetric.follow import follow
from relucert.families.teacher.symmetric.point import SymmetricPoint, verify_point, verify_symmetric
from relucert.families.teacher.verify import verify
from symmetric_points import STARTS, found, whole

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/spec/certificate-v1.schema.json").read_text())
LARGEST = 5000  # bytes for a point with two classes


def certified(at, directory, **options):
    result = verify_point(at, **options)
    path = issue(result, directory, Ed25519PrivateKey.generate())
    return result, certificate.parse(path.read_bytes(), str(path)), path


@pytest.mark.parametrize("name", STARTS)
def test_a_certificate_follows_the_schema_and_says_what_the_dense_one_says(name, tmp_path):
    at = found(name)
    _, envelope, path = certified(at, tmp_path)
    jsonschema.Draft202012Validator(SCHEMA).validate(envelope)
    statement = envelope["statement"]
    assert path.stem == certificate.digest(statement)
    claim = statement["claim"]
    dense = teacher_statement.statement(verify(whole(at), raw=True), {})["claim"]
    for member in ("schema", "family", "problem", "verdict", "dimension"):
        assert claim[member] == dense[member]
    assert claim["method"] == "symmetric-hessian"
    assert set(dense["bounds"]) - set(claim["bounds"]) <= {
        "existence_radius_lemma_1", "lambda_min_safran_shamir", "lipschitz_safran_shamir"
    }  # fmt: skip
    assert set(claim["bounds"]) <= set(dense["bounds"])
    inertia = {sign: int(count) for sign, count in claim["bounds"]["inertia"].items()}
    assert inertia == dense["bounds"]["inertia"]
    for member in ("lambda_min", "lambda_min_outside", "objective"):
        a, b = (
            [to_fraction(certificate.number(x, member)) for x in one["bounds"][member]]
            for one in (claim, dense)
        )
        assert a[0] <= b[1]
        assert b[0] <= a[1]


def test_the_point_of_a_certificate_is_the_exact_point(tmp_path):
    at = found("a neuron too many")
    _, envelope, _ = certified(at, tmp_path)
    point = envelope["statement"]["claim"]["point"]
    values, extra = ([[(int(m), e) for m, e in row] for row in point[x]] for x in ("values", "extra"))
    assert SymmetricPoint.from_rows(point["class_sizes"], values, extra) == at


def test_evidence_holds_between_its_exact_numbers_and_leaves_no_step_out(tmp_path):
    _, envelope, _ = certified(found("one neuron turned away"), tmp_path)
    steps = []
    for argument in envelope["statement"]["evidence"]:
        assert argument["holds"]
        for item in argument["inequalities"]:
            left, right = (to_fraction(certificate.number(item[x], x)) for x in ("left", "right"))
            assert left < right if item["relation"] == "<" else left <= right
            steps.append(item["step"])
    assert steps == ["C.1", "E.1", "E.2", "E.3", "M.1", "L2.1", "L2.2", "D.1", "D.2", "D.3"]


def test_files_stay_small_and_existence_radii_tiny_at_any_k(tmp_path):
    points = list(follow(found("one neuron turned away"), 1, [5, 300, 10**9]))
    assert len(points) == 3
    for at in points:
        result, _, path = certified(at, tmp_path)
        assert path.stat().st_size <= LARGEST
        assert float(result.outcome.bounds.radius) < 1e-17


def test_an_unused_value_is_written_as_0(tmp_path):
    at = SymmetricPoint.from_rows([1, 1], [[1.0, 0.0, 7.5], [0.0, 1.0, -3.0]])
    assert [row[2] for row in at.values] == [ZERO, ZERO]
    assert at == SymmetricPoint.from_rows([1, 1], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    result, envelope, _ = certified(at, tmp_path)
    assert result.verdict == "global-minimum"
    assert envelope["statement"]["claim"]["point"]["values"][0][2] == ["0", 0]


def test_provenance_says_where_the_point_came_from_and_how_far_it_moved():
    at = found("one neuron turned away")
    rough = [[round(to_float(x), 4) for x in row] for row in at.values]
    point = SymmetricPoint.from_rows(at.sizes, rough, source="points.jsonl:3")
    result = verify_point(point)
    statement = teacher_statement.statement(result, provenance(result))
    assert statement["provenance"]["source"] == "points.jsonl:3"
    assert float(statement["provenance"]["moved"]["decimal"]) == pytest.approx(float(result.moved), rel=1e-5)
    assert statement["provenance"]["precision"] == result.precision


def test_what_is_not_proved_has_no_certificate():
    with pytest.raises(InputError, match="claims nothing"):
        teacher_statement.statement(verify_symmetric([2], [[0.0, 0.0]]), {})


def test_the_layout_of_a_file_is_not_part_of_the_statement(tmp_path):
    _, envelope, path = certified(found("a saddle"), tmp_path)
    flat = json.dumps(envelope).encode()
    assert flat != path.read_bytes()
    again = certificate.parse(flat, "flat")
    assert certificate.digest(again["statement"]) == path.stem


def test_claims_in_words_name_the_classes_and_every_dimension(tmp_path):
    _, envelope, _ = certified(found("a neuron too many"), tmp_path)
    claim = text.claim(envelope["statement"], "x")
    assert "9 ReLU neurons against 8 orthonormal targets in every dimension d >= 8" in claim.sentence
    facts = dict(claim.facts)
    said = "classes of 1 + 7 = 8 indices that may be exchanged, and 1 more neuron"
    assert facts["symmetric point"] == said
    assert facts["smallest eigenvalue in dimensions beyond k"].startswith("in [0.")
    assert facts["eigenvalues"] == "0 negative, 72 positive at the point, d = 8"
    dense = teacher_statement.statement(verify(whole(found("a saddle"))), {})
    assert "in every dimension d >= 3" in text.claim(dense, "x").sentence
    assert "symmetric point" not in dict(text.claim(dense, "x").facts)


def test_show_explains_a_symmetric_certificate(relucert, tmp_path):
    pytest.importorskip("relucert_audit.teacher.symmetric")  # what reads the file strictly
    _, _, path = certified(found("one neuron turned away"), tmp_path)
    code, out, _ = relucert("show", path)
    assert code == 0
    assert "in every dimension d >= 6 with standard Gaussian input" in out
    assert "classes of 1 + 5 = 6 indices that may be exchanged" in out
    assert "Theorem M" in out
