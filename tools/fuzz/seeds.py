"""Certificates that the fuzzer starts from."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relucert import Candidate, certificate, verify
from relucert.certificate import signing
from relucert.families.teacher import statement as teacher_statement
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.symmetric.point import CONSTANTS, verify_symmetric

Json = Any
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
POINTS: list[tuple[list[list[float]], list[list[float]] | None]] = [  # point, targets (None: orthonormal)
    ([[1.0 + 1e-9]], None),
    ([[0.5]], None),
    ([[1.0, 1e-7], [-3e-8, 1.0]], None),
    ([[-0.0683098861837908] * 2, [1.0683098861837907] * 2], None),
    ([[1.0, 0.0], [-2.0, 0.0]], None),
    ([[0.9, 0.9]], None),
    ([[1.0683098861837907] * 2], None),
    ([[0.8, 0.8], [-0.3, 0.1]], [[1.0, 0.5], [0.25, 1.0]]),
    ([[1.0, 0.5 + 1e-8], [0.25, 1.0]], [[1.0, 0.5], [0.25, 1.0]]),
]


A, B, C, D, E = (
    -0.0504134032168047,
    0.9867038188885837,
    0.308010991479057,
    0.2245158075994672,
    -0.6015119235610932,
)
SPURIOUS = [[B if i == j else A for j in range(5)] + [C] for i in range(5)] + [
    [D] * 5 + [E]
]  # none is smaller


SYMMETRIC: list[tuple[list[int], list[list[float]], list[list[float]]]] = [  # sizes, values, extra neurons
    ([1, 5], [[E, C, 0.0], [D, B, A]], []),
    ([3], [[-0.31818007, 0.659453093]], []),
    ([2, 1], [[1.0, 1e-3, 0.0], [0.0, 1.0, 0.0]], []),
    ([1, 10**9 - 1], [[-0.999999994643, 2e-09, 0.0], [1.27327217e-09, 1.0, -1.27327218e-18]], []),
    (
        [1, 7],
        [[-0.486232704, 0.230097497, 0.0], [0.0686917007, 0.984087519, -0.0298468322]],
        [[-0.188997764, 0.126333539]],
    ),
]


def seeds(points: list[tuple[list[list[float]], list[list[float]] | None]]) -> list[bytes]:
    found = []
    for point, targets in points:
        problem = None if targets is None else Problem.from_targets(targets, len(point))
        for constants in ("simple", "sharp", "paper"):
            for raw in (True, False):
                result = verify(Candidate.from_rows(point, problem), constants=constants, raw=raw)
                if result.outcome.proved:
                    found += files(teacher_statement.statement(result, {}), raw)
    return sorted(set(found))


def symmetric_seeds() -> list[bytes]:
    results = [verify_symmetric(*point, constants=name) for point in SYMMETRIC for name in CONSTANTS]
    return [data for result in results for data in files(teacher_statement.statement(result, {}), True)]


def files(statement: Json, sign: bool) -> list[bytes]:
    """With evidence, perhaps signed; and bare."""
    payload = certificate.canonical(statement)
    signed = [signing.sign(KEY, certificate.PAYLOAD_TYPE, payload)] if sign else []
    bare = certificate.envelope(statement | {"evidence": []}, [])
    return [certificate.envelope(statement, signed), json.dumps(json.loads(bare)).encode()]
