"""The checker accepts what the prover says about symmetric points, and `show` explains it."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert.certificate.provenance import sign_and_store
from relucert.families.teacher.statement import issue
from relucert.families.teacher.symmetric.family import Pattern, members
from relucert.families.teacher.symmetric.point import verify_point
from relucert.families.teacher.symmetric.run import certify
from relucert.families.teacher.symmetric.start import first_member
from relucert_audit.check import check
from relucert_audit.trust import Trust
from symmetric_points import STARTS, found

pytest.importorskip("relucert_audit.teacher.symmetric")


def result(path):
    report = check(path.read_bytes(), path.name, Trust(), datetime.now(UTC))
    return report.result, report.finding


@pytest.mark.parametrize("name", STARTS)
def test_certificates_of_small_points_are_accepted(name, tmp_path):
    path = issue(verify_point(found(name)), tmp_path, Ed25519PrivateKey.generate())
    assert result(path) == ("accepted", None)


@pytest.mark.parametrize("classes", ["k-1,1", "k-2,2", "k-3,3", "k-5,4,1"])
def test_certificates_of_families_are_accepted_at_any_k(classes, tmp_path):
    pattern, key = Pattern.parse(classes), Ed25519PrivateKey.generate()
    for _, at in members(pattern, first_member(pattern), [20, 10**3, 10**6, 10**9, 10**12]):
        path = sign_and_store(certify(at)["statement"], tmp_path, key)
        assert result(path) == ("accepted", None)
