"""Steps 3 to 7 of docs/spec/runs-v1.md, section 2: Theorem 19.R for each run, and where it ends."""

from fractions import Fraction
from math import log
from typing import NamedTuple

from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import REJECTED, Dyadic
from relucert_audit.interval import show
from relucert_audit.teacher import robust, runs_floor
from relucert_audit.teacher.runs import Certificate, Run
from relucert_audit.teacher.runs_curvature import EXACTLY, FINE, Reference, Slack, reference
from relucert_audit.teacher.runs_measure import probability
from relucert_audit.teacher.runs_path import Path

FEWEST, BITS_A_VECTOR, MOST = 104, 4, 320  # bits of a first try: more for more neurons or targets
SPENT = 4  # a quarter of all bits may be lost by bounding c on large balls
SHARE, MOST_SLACK, SQUARINGS = Fraction(1, 4), Fraction(1, 2), 6


class End(NamedTuple):  # path: at Y_T; r: in units of it
    path: Path
    r: int


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Stops at the first minimum, then the first run, that is not confirmed."""
    findings = [*step_3(cert, bits)] or [*rules(cert)]
    for i in range(len(cert.runs)) if cert.only is None else cert.only:
        findings = findings or decided(cert, cert.runs[i], f"runs.{i}", bits)
    return findings


def decided(cert: Certificate, run: Run, where: str, bits: int) -> list[Finding]:
    """By the fewest bits that do: only that run is done again."""
    first = min(FEWEST + BITS_A_VECTOR * max(cert.n, cert.k), MOST)
    findings: list[Finding] = []
    for p in (first, 2 * first) if bits < 2 * first else (bits,):
        try:
            findings = [*of_run(cert, run, where, p)]
        except TooWeak as failure:
            findings = [weak(4, where, str(failure))]
        if not findings or any(f.result == REJECTED for f in findings):
            break
    return findings


def step_3(cert: Certificate, bits: int) -> Findings:
    """Minima, as certificate-v1.md says."""
    for m, of in enumerate(cert.minima):
        for found in robust.prove(of, bits):
            yield Finding(found.result, 3, f"minima.{m}.{found.claim}", f"step {found.step}: {found.reason}")
            if found.result == REJECTED:
                return


def exact(x: Dyadic) -> Fraction:
    return Fraction(x.m << max(x.e, 0), 1 << max(-x.e, 0))


def rules(cert: Certificate) -> Findings:
    """What must hold between exact numbers of the file: parts of steps 5 and 6."""
    for i, run in enumerate(cert.runs):
        if run.until is not None:
            if cert.floor is None or exact(run.bounds["objective"].exact) >= cert.floor:
                yield refuted(6, f"runs.{i}.objective", "is not below the floor")
            continue
        of = cert.minima[run.minimum].bounds
        if not run.bounds["distance"].exact.lt(of["basin.radius"].exact):
            yield refuted(5, f"runs.{i}.distance", "is not below the radius of the basin")
        if cert.step >= exact(of["basin.step"].exact):
            yield refuted(5, f"runs.{i}.end.minimum", "its basin has no step as large as this one")


def of_run(cert: Certificate, run: Run, where: str, p: int) -> Findings:
    """Steps 4 to 7 for a run, in units of 2^-p."""
    if "neighbourhood.probability" in run.bounds:
        yield from step_7(cert, run, where)
    end = step_4(cert, run, p)
    if run.until is None:
        yield from step_5(cert, run, where, end)
    else:
        yield from runs_floor.step_6(cert, run, where, end.path, end.r)


def start(run: Run, p: int) -> tuple[list[list[int]], int]:
    """Y_0, `start` rounded down, and r_0, in units of 2^-p."""
    rows = [[x.m << x.e + p if x.e + p >= 0 else x.m >> -x.e - p for x in row] for row in run.start]
    rounded = sum(x.e + p < 0 for row in run.start for x in row if x.m)
    m, e = run.radius
    return rows, (m << e + p if e + p >= 0 else -(-m >> -e - p)) + rounded


def step_4(cert: Certificate, run: Run, p: int) -> End:
    """The iterates, and r_(t+1) = (1 + s c_t) r_t + delta_t. Where r_t = 0 nothing is asked of the Hessian."""
    rows, r = start(run, p)
    path, near, slack = Path(rows, cert.step, p, cert.network), None, slack_of(cert, run, p)
    for _ in range(run.steps):
        if r:
            near = nearby(path, near, r, slack)
            r = -(-r * near.growth >> FINE)
        r += path.step()
    return End(path, r)


def nearby(path: Path, near: Reference | None, r: int, slack: Slack) -> Reference:
    """One that holds on the ball of radius r."""
    if r >> path.p:
        raise TooWeak("r grows too large")
    return near if near and near.holds(path.rows, r) else reference(path, r, slack)


def slack_of(cert: Certificate, run: Run, p: int) -> Slack:
    """A ball of starts leaves no bits to spend."""
    if run.radius.m or not run.steps:
        return EXACTLY
    spent = Fraction(p * log(2)) / (SPENT * cert.step * run.steps)
    return Slack(min(spent, MOST_SLACK), SHARE, SQUARINGS)


def step_5(cert: Certificate, run: Run, where: str, end: End) -> Findings:
    """|Y^ - W| + r <= distance, in exact numbers."""
    minimum, rows, p = cert.minima[run.minimum], end.path.rows, end.path.p
    square = Fraction(0)
    for i, row in zip(run.rows, minimum.point, strict=True):
        for j, x in zip(run.columns, row, strict=True):
            square += (Fraction(rows[i][j], 1 << p) - exact(x)) ** 2
    claimed, r = exact(run.bounds["distance"].exact), Fraction(end.r, 1 << p)
    if claimed >= r and square <= (claimed - r) ** 2:
        return
    away = f"{float(square) ** 0.5:.5e} within {float(r):.2e} against {float(claimed):.5e}"
    far = square > (claimed + r) ** 2 and not run.radius.m
    yield (refuted if far else weak)(5, f"{where}.distance", f"not confirmed as upper bound: {away}")


def step_7(cert: Certificate, run: Run, where: str) -> Findings:
    """Lemma 19.G: a lower bound of the probability, or any smaller one."""
    claimed = run.bounds["neighbourhood.probability"].exact
    found = probability(run, cert.n, cert.k)
    if not found.allows(claimed):
        yield weak(
            7, f"{where}.neighbourhood.probability", f"not confirmed as lower bound: {show(found.low)}"
        )
