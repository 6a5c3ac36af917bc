"""Claims of the method "signed-hessian", docs/spec/signed-v1.md: output weights +1 and -1, activation max(t, slope t).

They are those of the method "hessian" for a loss with signs and a slope (docs/theorem/signed.md), which `loss`,
`theorems` and `steps` know. Here is what only these claims have."""

from relucert_audit.finding import Findings, refuted
from relucert_audit.format import HEADER, Opened, malformed, take
from relucert_audit.teacher import claim
from relucert_audit.teacher.claim import EVERYWHERE, KIND, NOT_HERE, WITNESS, Certificate
from relucert_audit.teacher.network import SIGNED, network_of

OF_THE_PAPER = [name for name in NOT_HERE if name != "basin"]


SHAPE = {**HEADER, "problem": dict, "point": object, "verdict": str, "bounds": dict}
SHAPE |= {f"{name}?": shape for name, shape in (EVERYWHERE | WITNESS).items()}


def read(opened: Opened) -> Certificate:
    """What remains without the members of this method is a claim of the method "hessian". Raises Refusal."""
    raw = opened.claim
    members = take(raw, SHAPE, "claim")
    problem = take(members["problem"], SIGNED, "claim.problem", open_ended=True)
    bounds = members["bounds"]
    take(bounds, {"lipschitz": KIND}, "claim.bounds", open_ended=True)
    if any(name in bounds for name in OF_THE_PAPER):
        raise malformed("a bound that the claims of this method do not have")
    base = {**raw, "problem": {name: x for name, x in raw["problem"].items() if name not in SIGNED}}
    cert = claim.read_points(opened._replace(claim=base), signed=True)
    of = network_of(problem, cert.n, cert.k)
    return cert._replace(signs=of.weights, slope=of.slope)


def step_1(cert: Certificate) -> Findings:
    """Admission."""
    yield from claim.step_1(cert)
    if set(cert.signs) == {1} and not cert.slope:
        yield refuted(1, "problem", "not a signed network: its method is hessian")
