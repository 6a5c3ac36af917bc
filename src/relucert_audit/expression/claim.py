"""Reading a claim of method `hessian-box`, and its rules between exact numbers: steps 0 and 1 of
docs/spec/expression-v1.md."""

import re
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit.expression.graph import SMOOTH, Loss, limit, read_loss
from relucert_audit.expression.images import Images, read_images
from relucert_audit.expression.symmetry import Generator, read_symmetry
from relucert_audit.finding import Findings, refuted
from relucert_audit.format import LOWER, UPPER, Dyadic, Number, Opened, malformed, number, take

MINIMUM, SPURIOUS, SADDLE, NONE = "local-minimum", "spurious-minimum", "strict-saddle", "not-critical"
AT_MOST, AT_LEAST = number(UPPER), number(LOWER)
INERTIA = {"negative": int, "positive": int}
CRITICAL = {"gradient": AT_MOST, "existence_radius": AT_MOST, "box": AT_LEAST, "inertia": INERTIA}
CRITICAL |= {"objective": fmt.interval, "infimum_min?": AT_LEAST}
CONVEX = {
    "convexity": AT_LEAST,
    "smoothness": AT_MOST,
    "basin?": AT_LEAST,
    "step?": AT_LEAST,
    "barrier?": AT_LEAST,
}
FREE = CRITICAL | {"lambda_min": fmt.interval}  # without constraints
BOUNDS = {
    MINIMUM: FREE | CONVEX,
    SPURIOUS: FREE | CONVEX | {"gap": AT_LEAST},
    SADDLE: FREE | {"curvature": AT_MOST},
    NONE: {"gradient_min": AT_LEAST, "exclusion": AT_LEAST, "infimum_min?": AT_LEAST},
}
CONSTRAINED = {MINIMUM: CRITICAL, SPURIOUS: CRITICAL | {"gap": AT_LEAST}, SADDLE: CRITICAL}
POSITIVE = ("box", "convexity", "basin", "step", "barrier", "gap", "gradient_min", "exclusion")
VECTOR = [fmt.dyadic]
CLAIM = {**fmt.HEADER, "problem": {"loss": read_loss}, "point": VECTOR}
CLAIM |= {"verdict": re.compile("|".join(BOUNDS)), "bounds": object}
MOST_SLOPES, MOST_KEPT, MOST_FUNCTIONS = 12_000_000, 1_000_000, 400_000  # of the checker, not of the format
COSTS = {"erf": 40, "asin": 4, "atan": 4, "powi": 1}  # of functions; of the others 1


class Certificate(
    NamedTuple
):  # point, then multipliers: z0; vector: the witness or the direction; symmetry or none
    verdict: str
    loss: Loss
    z: list[Dyadic]
    vector: list[Dyadic]
    inertia: tuple[int, int]
    bounds: dict[str, Number]
    symmetry: list[Generator]
    images: Images | None = None

    @property
    def d(self) -> int:
        return len(self.z)


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    header = {"verdict": CLAIM["verdict"], "problem": dict}
    first = take(opened.claim, header, "claim", open_ended=True)
    verdict, raw = first["verdict"], first["problem"].get("loss")
    constrained = isinstance(raw, dict) and "constraints" in raw
    shape, vector = members(verdict, constrained, "symmetry" in opened.claim)
    claim = take(opened.claim, CLAIM | shape, "claim")
    loss, bounds = claim["problem"]["loss"], claim["bounds"]
    if ("basin" in bounds) != ("step" in bounds):
        raise malformed("basin and step do not go together")
    z = claim["point"] + claim.get("multipliers", [])
    lengths = {"point": loss.parameters, "multipliers": len(loss.constraints), vector: loss.parameters}
    for name, length in lengths.items():
        if name in claim and len(claim[name]) != length:
            raise malformed(f"{name} does not have {length} entries")
    found = claim[vector] if vector else []
    if vector == "direction" and not any(x.m for x in found):
        raise malformed("direction is 0")
    symmetry: list[Generator] = []
    if "symmetry" in claim:
        symmetry = read_symmetry(claim["symmetry"], loss.parameters, len(loss.constraints))
    effort(loss)
    inertia = bounds.get("inertia", {"negative": 0, "positive": 0})
    signs = inertia["negative"], inertia["positive"]
    images = read_images(claim["images"], loss) if "images" in claim else None
    return Certificate(verdict, loss, z, found, signs, fmt.flatten(bounds), symmetry, images)


def members(verdict: str, constrained: bool, symmetric: bool) -> tuple[dict[str, Any], str | None]:
    """What a claim has beside what all have, and which of its members is a vector. Raises Refusal."""
    if symmetric and not constrained:
        raise malformed("symmetry without constraints")
    if constrained and (verdict == NONE or (verdict == SPURIOUS and not symmetric)):
        raise malformed(f"{verdict} with constraints")
    vector = (
        "witness" if verdict == SPURIOUS else "direction" if verdict == SADDLE and not constrained else None
    )
    shape: dict[str, Any] = {"bounds": (CONSTRAINED if constrained else BOUNDS)[verdict]}
    shape |= {"multipliers": VECTOR} if constrained else {}
    shape |= {"symmetry": object} if symmetric else {}
    shape |= {} if constrained or verdict == NONE else {"images?": object}
    return shape | ({vector: VECTOR} if vector else {}), vector


def effort(loss: Loss) -> None:
    """Limits of the checker: how many numbers its gradients have, are kept at a time, and how many functions are
    evaluated, those that take longer counted more often. Raises Refusal."""
    rows, d = len(loss.data or [0]), loss.parameters + len(loss.constraints)
    slopes = kept = functions = 0
    for node, moves, reads in zip(loss.nodes, loss.moves, loss.reads, strict=True):
        times = rows if reads else 1
        slopes += (
            times * d * max(sum(loss.moves[a] and loss.nodes[a].op != "param" for a in node.args), moves)
        )
        kept += d * (moves and not reads)
        functions += times * COSTS.get(node.op, node.op in SMOOTH)
    if slopes > MOST_SLOPES:
        raise limit(f"rows times gradients that are added up are above {MOST_SLOPES}")
    if kept > MOST_KEPT:
        raise limit(f"nodes without data times parameters are above {MOST_KEPT}")
    if functions > MOST_FUNCTIONS:
        raise limit(f"rows times functions, weighted, are above {MOST_FUNCTIONS}")


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    for name in POSITIVE:
        if name in cert.bounds and cert.bounds[name].exact.m <= 0:
            yield refuted(1, name, "not positive")
    if cert.verdict == NONE:
        return
    if cert.bounds["existence_radius"].exact.m < 0:
        yield refuted(1, "existence_radius", "negative")
    if not cert.bounds["existence_radius"].exact.lt(cert.bounds["box"].exact):
        yield refuted(1, "existence_radius", "not below box")
    if "curvature" in cert.bounds and cert.bounds["curvature"].exact.m >= 0:
        yield refuted(1, "curvature", "not negative")
    a, b = cert.inertia
    if a + b != cert.loss.parameters - len(cert.loss.constraints):
        yield refuted(1, "inertia", "does not have as many signs as there are dimensions")
    if (a == 0) == (cert.verdict == SADDLE):
        yield refuted(1, "inertia", "does not fit the verdict")
