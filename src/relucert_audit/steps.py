"""The comparisons that make findings: common to the steps of every family."""

from collections.abc import Callable, Sequence
from typing import Any

from relucert_audit import progress
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, REJECTED
from relucert_audit.interval import Interval, dyadic, proves_le, proves_lt, show


def run(steps: Sequence[Callable[..., Findings]], cert: Any, own: Any, first: int = 3) -> list[Finding]:
    """Steps, the first of this number; the last ones are left out once a claim is rejected."""
    findings: list[Finding] = []
    for number, step in enumerate(steps, first):
        progress.at("step", f"step {number}")
        try:
            findings += step(cert, own)
        except TooWeak as failure:
            findings.append(weak(number, "bounds", str(failure)))
        if any(f.result == REJECTED for f in findings):
            break
    return findings


def bound(cert: Any, step: int, name: str, mine: Interval, refutable: bool = True) -> Findings:
    """The claimed bound, if present, holds by the enclosure `mine` of what it bounds; or, and then it is not
    refutable, of a sufficient bound of that."""
    if name in cert.bounds:
        exact, _, side = cert.bounds[name]
        claimed = dyadic(*exact)
        low, high = (claimed, mine) if side == LOWER else (mine, claimed)
        if not proves_le(low, high):
            finding = refuted if refutable and proves_lt(high, low) else weak
            yield finding(step, name, f"not confirmed as {side} bound: {show(mine, claimed)}")


def contains(cert: Any, step: int, name: str, mine: Interval) -> Findings:
    """The claimed interval, if present, contains the enclosure `mine`."""
    if f"{name}.low" in cert.bounds:
        low, high = (dyadic(*cert.bounds[f"{name}.{end}"].exact) for end in ("low", "high"))
        if not (proves_le(low, mine) and proves_le(mine, high)):
            finding = refuted if proves_lt(mine, low) or proves_lt(high, mine) else weak
            yield finding(step, name, f"enclosure not claimed: {show(mine, low, high)}")
