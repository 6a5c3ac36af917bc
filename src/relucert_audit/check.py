"""What is common to all certificates: steps 2, 9 and 10 of docs/spec/certificate-v1.md, section 5, and the
result. `families` says how each family's claims are read and proved."""

import hashlib
import re
from datetime import datetime
from typing import Any, NamedTuple

import rfc8785

from relucert_audit import families, progress
from relucert_audit import format as fmt
from relucert_audit.finding import Finding, Findings, refuted
from relucert_audit.format import REJECTED, Opened, Refusal
from relucert_audit.method import Method
from relucert_audit.trust import Trust, states

UNPROVED = "unproved"  # no result of an audit
SAMPLED = "sampled"  # accepted, but for runs that were not looked at
NOT_IDENTITY = ("schema", "method", "bounds", "step", "robust", "boxes")  # members of a claim


class Report(NamedTuple):  # finding: the first of the worst kind; signer, signature: of all, with commas
    result: str
    finding: Finding | None
    verdict: str | None = None
    signer: str | None = None
    signature: str | None = None
    claim_digest: str | None = None
    runs: tuple[int, int] | None = (
        None  # of a certificate of runs: how many were to be proved, and how many there are
    )


def read(data: bytes) -> tuple[Opened, Method, Any]:
    """Step 0, and of step 1 the family and method. Raises Refusal."""
    opened = fmt.unwrap(data)
    method = families.method_of(opened.claim["family"], opened.claim["method"])
    if method is None or opened.minor < method.since:
        raise Refusal(REJECTED, 1, "family", "unknown, or the method does not belong to it")
    return opened, method, method.read(opened)


def check(
    data: bytes,
    name: str,
    trust: Trust,
    now: datetime,
    require_signature: bool = False,
    only: tuple[int, ...] | None = None,
) -> Report:
    """All steps on the bytes of one file called `name` (no directory), signatures judged at `now`. only: places of
    the runs to prove, of a certificate of runs; None: all."""
    return _check(data, name, trust, now, require_signature, only, True)


def unproved(data: bytes, name: str, trust: Trust, now: datetime) -> Report:
    """The steps that ask for no proof: 0, 1, 2, 9 and 10. That nothing is found says nothing of what is claimed."""
    return _check(data, name, trust, now, False, None, False)._replace(result=UNPROVED)


def _check(
    data: bytes,
    name: str,
    trust: Trust,
    now: datetime,
    require_signature: bool,
    only: tuple[int, ...] | None,
    proving: bool,
) -> Report:
    try:
        opened, method, cert = read(data)
    except Refusal as refusal:
        return Report(refusal.args[0], Finding(*refusal.args))
    runs = None
    if hasattr(cert, "only"):
        places = tuple(i for i in range(len(cert.runs)) if only is None or i in only)
        cert, runs = cert._replace(only=places), (len(places), len(cert.runs))
    body = rfc8785.dumps(opened.statement)
    signed = states(body, opened.signatures, trust, now)
    findings = [
        *method.admit(cert),
        *step_2(cert, opened),
        *step_9(opened, method),
        *step_10(body, name, signed, require_signature),
    ]
    if proving and not findings:
        findings = proved(method, cert)
    first = min(findings, key=lambda f: (f.result != REJECTED, f.step), default=None)
    signers, said = (", ".join(column) for column in zip(*signed, strict=True)) if signed else (None, None)
    good = SAMPLED if runs and runs[0] < runs[1] else fmt.ACCEPTED
    result, identity = first.result if first else good, claim_digest(opened.claim)
    return Report(result, first, cert.verdict, signers, said or "unsigned", identity, runs)


def proved(method: Method, cert: Any) -> list[Finding]:
    """Steps 3 to 8, at one precision after the other."""
    from relucert_audit.interval import precision  # and with it mpmath, which to read a claim does without

    findings: list[Finding] = []
    for bits in method.precisions:
        progress.at("bits", f"{bits} bits" + patience(method.expected(cert)))
        with precision(bits + 32):
            findings = method.prove(cert, bits)
        if not findings or any(f.result == REJECTED for f in findings):
            break
    return findings


def patience(seconds: float) -> str:
    return f", about {seconds:.0f} s" if seconds >= progress.FIRST else ""


def step_2(cert: Any, opened: Opened) -> Findings:
    """Decimals, of the claim and of the evidence."""
    inequalities = [i for argument in opened.evidence for i in argument["inequalities"]]
    sides = [(i["step"], i[side]) for i in inequalities for side in ("left", "right") if i[side]]
    for name, x in [*cert.bounds.items(), *sides]:
        if not fmt.decimal_is_weak(x):
            yield refuted(2, name[:40], "decimal not on the weak side within 10^-4")


def step_9(opened: Opened, method: Method) -> Findings:
    """Evidence says only what the theorems of the family say, and does not contradict itself."""
    for argument in opened.evidence:
        theorem, inequalities = argument["theorem"][:40], argument["inequalities"]
        if not is_known(argument, method):
            yield refuted(9, theorem, "unknown, or an inequality that is not one of its hypotheses")
        for i in [i for i in inequalities if i["proved"]]:
            left, right = i["left"] and i["left"].exact, i["right"] and i["right"].exact
            if not left or not right or right.lt(left) or (i["relation"] == "<" and not left.lt(right)):
                yield refuted(9, f"{theorem}, {i['step'][:40]}", "marked proved, but does not hold")
        if argument["holds"] and not (inequalities and all(i["proved"] for i in inequalities)):
            yield refuted(9, theorem, "marked to hold, but has unproved inequalities or none")


def is_known(argument: dict[str, Any], method: Method) -> bool:
    """Whether this theorem, with these hypotheses, is one of the family's."""
    said = method.evidence.get(argument["theorem"])
    inequalities = argument["inequalities"]
    return said is not None and all((i["step"], i["relation"], i["text"]) in said for i in inequalities)


def claim_digest(claim: dict[str, Any]) -> str:
    """The identity of a claim: section 1a of the specification."""
    parts = {name: x for name, x in claim.items() if name not in NOT_IDENTITY or is_step_size(name, x)}
    parts["schema"] = claim["schema"].partition(".")[0]
    return hashlib.sha256(rfc8785.dumps(parts)).hexdigest()


def is_step_size(name: str, value: Any) -> bool:
    """Of runs, where `step` is a string: what is claimed, not a number that proves it."""
    return name == "step" and isinstance(value, str)


def step_10(body: bytes, name: str, signed: list[tuple[str, str]], require: bool) -> Findings:
    """Name and signatures. `require`: demand a valid signature by a key that is trusted now."""
    digest = hashlib.sha256(body).hexdigest()
    if re.fullmatch(r"[0-9a-fA-F]{64}\.json", name) and name != f"{digest}.json":
        yield refuted(10, "name", f"is not the digest of the statement, {digest[:12]}..")
    for signer, state in signed:
        if state == "invalid":
            yield refuted(10, "signature", f"invalid, by the known key of {signer}")
    if require and not any(state == "valid" for _, state in signed):
        yield refuted(10, "signature", "none by a trusted key, and one is required")
