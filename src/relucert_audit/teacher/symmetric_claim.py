"""Claims about points on classes of equal indices: step 0 of docs/spec/certificate-v1.md, section 3a."""

import re
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit.format import Dyadic, Opened, Refusal, Rows, malformed
from relucert_audit.teacher import claim as claim_shapes
from relucert_audit.teacher.claim import Certificate

MAX_CLASSES, MAX_SIZE, MAX_EXTRA = 6, 10**12, 16


class Classes(NamedTuple):  # the point: section 3a
    sizes: list[int]
    values: Rows
    extra: Rows


POINT = {"class_sizes": [int], "values": [[fmt.dyadic]], "extra": [[fmt.dyadic]]}
CLAIM = {
    **claim_shapes.CLAIM,
    "problem": claim_shapes.PROBLEM | {"targets": re.compile("orthonormal")},
    "point": POINT,
}
COUNTS = dict.fromkeys(("negative", "positive"), re.compile("0|[1-9][0-9]{0,26}"))
BOUNDS: dict[str, Any] = {"lipschitz": claim_shapes.CONSTANTS | {"constants": re.compile("simple|sharp")}}
BOUNDS |= dict.fromkeys(("lambda_min_safran_shamir?", "lipschitz_safran_shamir?"), re.compile("(?!)"))


def read_points(opened: Opened) -> Certificate:
    """A claim about classes of equal indices. Raises Refusal."""
    name = "inertia" if opened.claim.get("verdict") in claim_shapes.CRITICAL else "inertia?"
    claim = claim_shapes.claim_of(opened, CLAIM, BOUNDS | {name: COUNTS})
    (n, k, d), bounds = (claim["problem"][x] for x in "nkd"), claim["bounds"]
    sizes, values, extra = point = Classes(*(claim["point"][x] for x in POINT))
    m, widths = len(sizes), [len(row) for row in (*values, *extra)]
    if not sizes or min(sizes) < 1 or (n, k, d) != (k + len(extra), sum(sizes), k):
        raise malformed("sizes are not positive with sum k, or n is not k and the extra neurons, or d not k")
    if len(values) != m or widths != [m + 1] * m + [m] * len(extra):
        raise malformed("not m rows of m + 1 values, or of m for extra neurons")
    if any(p == 1 and row[m].m for p, row in zip(sizes, values, strict=True)):
        raise malformed("the last entry of a row of values is not 0, where the class has one member")
    columns = [[row[a] for row in (*values, values[a][-1:] * (m + 1))] for a in range(m)]
    if not all(any(x.m for x in row) for row in (*columns, *extra)):
        raise malformed("a neuron is 0")
    entries = [Dyadic(1, 0)] + [x for row in (*values, *extra) for x in row if x.m]
    span = max(x.m.bit_length() + x.e for x in entries) - min(x.e for x in entries)
    if m > MAX_CLASSES or max(sizes) > MAX_SIZE or len(extra) > MAX_EXTRA or span > fmt.MAX_ROW_BITS:
        raise Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, "classes, their sizes, extra neurons, or bits")
    inertia = bounds.get("inertia") and {sign: int(x) for sign, x in bounds["inertia"].items()}
    rest = bounds["lipschitz"]["constants"], inertia, fmt.flatten(bounds), "dimension" in claim
    return Certificate(n, k, d, [], point, claim["verdict"], *rest)
