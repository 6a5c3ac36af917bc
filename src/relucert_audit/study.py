"""A study, docs/spec/study-v1.md: its rows say what the certificates say that were audited, and nothing else.

What floating point counted is compared with itself and, if a known key sealed the row, with the seal: nothing
certifies it, and the audit says so. `study_proofs` is about the runs that are proved, `study_converges` about those
that go on from below the floor."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit.check import SAMPLED
from relucert_audit.finding import Finding, Findings, refuted
from relucert_audit.format import LOWER, MALFORMED, MAX_BYTES, NOT_CONFIRMED, UPPER, Number, Refusal, take
from relucert_audit.shares import MOST_RUNS, exact
from relucert_audit.study_converges import (
    CONVERGES,
    about_converging,
    certificates,
    check_below,
    check_converges,
)
from relucert_audit.study_network import LAYER, fits, is_problem, layer, said
from relucert_audit.study_proofs import PROVED, about_proofs, check_proofs
from relucert_audit.trust import Trust, sealed, sealer

ROW_TYPE = "application/vnd.relucert.study-row.v1+json"
TASK_TYPE = "application/vnd.relucert.study-task.v1"
SEAL = 64  # bytes before the result of a task
TASK = re.compile("[A-Za-z_]+-([0-9a-f]{64})[.]npz")
ROW_NAME = re.compile("([1-9][0-9]*)-([1-9][0-9]*)[.]json")
VERDICTS = "spurious-minimum", "global-minimum", "local-minimum", "strict-saddle"
OTHERS = "below-floor", "undecided"  # kinds of runs that end at no certified point
DIGEST = re.compile("[0-9a-f]{64}")
LARGEST = sys.float_info.max
STEP = 0  # of a finding: a study has no numbered steps


def entry(value: Any, where: str) -> int:
    if type(value) is not int or value < -1:
        raise fmt.malformed(f"{where} is not an index, nor -1")
    return value


def real(value: Any, where: str) -> float:
    if type(value) not in (int, float) or not -LARGEST <= value <= LARGEST:
        raise fmt.malformed(f"{where} is not a number")
    return float(value)


def text_or_null(value: Any, where: str) -> str | None:
    return None if value is None else take(value, fmt.DECIMAL, where)


def counts(value: Any, where: str) -> dict[str, int]:
    return {name: take(x, int, f"{where}.{name}") for name, x in take(value, dict, where).items()}


PROTOCOL = {"seed": int, "step": real, "tolerance": real, "look": real, "floor": real}
PROTOCOL |= {"floor_steps?": int, "max_steps": int, **LAYER}
FAMILY: dict[str, Any] = {"certificate": DIGEST, "verdict": re.compile("|".join(VERDICTS)), "count": int}
FAMILY |= {
    "objective": [fmt.DECIMAL],
    "lambda_min": [fmt.DECIMAL],
    "lambda_max": fmt.DECIMAL,
    "radius": fmt.DECIMAL,
}
FAMILY |= {"uniqueness_radius": fmt.DECIMAL, "basin_radius": text_or_null, "proved_distinct": bool}
RUNS = {"family": [entry], "ended": [str], "loss": [real], "steps": [int], "distance": [text_or_null]}
SIGNED = {"keyid": DIGEST, "sig": fmt.SIGNATURE["sig"]}
ROW = {"schema": re.compile("relucert-study-row/1"), "k": int, "n": int, "runs": int, "protocol": PROTOCOL}
ROW |= {
    "kinds": counts,
    "ended": counts,
    "families": [FAMILY],
    "per_run": RUNS,
    "proved?": PROVED,
    "converges?": CONVERGES,
    "seal": SIGNED,
}
STUDY = {"schema": re.compile("relucert-study/1"), "protocol": PROTOCOL}


class Audited(NamedTuple):
    """Of the certificates of a study, by path: what became of them, what they claim, how many of their runs were
    proved by this audit and how many they have."""

    results: Mapping[Path, str]
    claims: Mapping[Path, Any]
    runs: Mapping[Path, Sequence[int]]

    def claim(self, path: Path) -> Any:
        """Of a certificate that was not refused; None of any other."""
        return self.claims.get(path)


def load(path: Path) -> Any:
    """JSON of a study, which has floating-point numbers and any seeds. Raises Refusal."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise fmt.malformed("larger than 64 MiB")
        return json.loads(data.decode("utf-8"), object_pairs_hook=fmt.distinct, parse_constant=constant)
    except (OSError, ValueError, RecursionError) as failure:
        raise fmt.malformed(f"cannot be read: {failure}") from failure


def constant(literal: str) -> float:
    raise fmt.malformed(f"{literal} is no number")


def claims_of(results: Mapping[Path, str]) -> dict[Path, Any]:
    """Of the certificates that were not refused, read again."""
    good = [path for path, result in results.items() if result in (fmt.ACCEPTED, SAMPLED)]
    return {path: fmt.unwrap(path.read_bytes()).claim for path in good}


def is_study(path: Path) -> bool:
    return (path / "study.json").is_file()


def files_of(study: Path) -> list[Path]:
    """Its certificates: of points, then of runs, then of points that runs come to."""
    found = [
        path
        for at in ("certificates/*", "runs/*/*", "converges/*/*")
        for path in sorted(study.glob(f"{at}.json"))
    ]
    return [path for path in found if not path.name.startswith(".")]


class Said(NamedTuple):  # of a file of a study that is no certificate
    path: Path
    about: str
    findings: list[Finding]


def check_study(study: Path, audited: Audited, trust: Trust, now: datetime) -> Iterator[Said]:
    """study.json, all rows, and work that is left."""
    try:
        protocol = take(load(study / "study.json"), STUDY, "study")["protocol"]
    except Refusal as refusal:
        yield Said(study / "study.json", "", [Finding(*refusal.args)])
        return
    paths = sorted(path for path in (study / "rows").glob("*") if path.suffix == ".json")
    paths = [path for path in paths if not path.name.startswith(".")]
    rows: list[Said] = []
    used: set[Path] = set()
    for path in paths:
        try:
            row = take(whole := load(path), ROW, "row")
        except Refusal as refusal:
            rows.append(Said(path, "", [Finding(*refusal.args)]))
            continue
        seal, findings = (
            sealed(whole, ROW_TYPE, trust, now),
            [*check_row(study, path, row, protocol, audited)],
        )
        if seal == "invalid":
            findings.append(refuted(STEP, "seal", "is not that of these members, by a key that is known"))
        used |= {study / "certificates" / f"{family['certificate']}.json" for family in row["families"]}
        proofs = [] if "proved" not in row else proofs_of(study, row)
        used |= {study / name / f"{row['k']}-{row['n']}" for name in ("runs", "converges")}
        used |= {*proofs, *certificates(study, row)}
        rows.append(
            Said(path, about(row, seal, findings, [audited.runs.get(x, (0, 0)) for x in proofs]), findings)
        )
    strays = [*strange(study, used)] if paths else [refuted(STEP, "rows", "there is none")]
    yield Said(study / "study.json", f"{len(paths)} rows", strays)
    yield from rows
    yield from check_work(study, trust)


def proofs_of(study: Path, row: Any) -> list[Path]:
    """The certificates of runs that a row names."""
    folder = study / "runs" / f"{row['k']}-{row['n']}"
    return [folder / f"{digest}.json" for digest in row["proved"]["certificates"]]


def strange(study: Path, used: set[Path]) -> Findings:
    """Files that no row names, and folders of runs without a row, in a study that has no unfinished row."""
    if any((study / "work").glob("*/*")):
        return
    for name in ("certificates", "runs", "converges"):
        for path in sorted((study / name).rglob("*")):
            aside = path.name.startswith(".") or path.suffix == ".damaged"
            if path not in used and not aside:
                yield refuted(STEP, name, f"no row names {path.relative_to(study / name).as_posix()[:24]!a}")


def about(row: Any, seal: str, findings: list[Finding], looked: list[Sequence[int]]) -> str:
    """looked: of each certificate of runs, how many of them this audit proved, and how many there are. Of proofs no
    more is said than they are: nothing of a row with findings, nothing of bounds where some were left out."""
    done, of = (sum(column) for column in zip((0, 0), *looked, strict=True))
    proofs = ""
    if "proved" in row and not findings:
        part = f"{done} of {of} proofs of runs from their starts looked at"
        proofs = f"{about_proofs(row) if done == of else part}; "
    if "converges" in row and not findings:
        proofs += f"{about_converging(row)}; "
    counted = "floating-point counts" if {"proved", "converges"} & set(row) else "counts"
    problem = f"k = {row['k']}, n = {row['n']}{said(row['protocol'])}"
    return f"{problem}: {row['runs']} runs, {proofs}{counted} are not certified; seal: {seal}"


def check_row(study: Path, path: Path, row: Any, protocol: Any, audited: Audited) -> Findings:
    k, n, runs, name = row["k"], row["n"], row["runs"], ROW_NAME.fullmatch(path.name)
    if name is None or (int(name[1]), int(name[2])) != (k, n) or min(k, n, runs) < 1:
        yield refuted(STEP, "row", f"is about k = {k}, n = {n} and has another name")
        return
    if runs > MOST_RUNS:
        yield Finding(NOT_CONFIRMED, STEP, fmt.LIMIT, f"more than {MOST_RUNS} runs")
        return
    if row["protocol"] != protocol:
        yield refuted(STEP, "protocol", "is not that of the study")
    if not fits(row["protocol"], n, k):
        yield refuted(STEP, "protocol", "has not one sign for each neuron and each target")
        return
    claims = []
    for i, family in enumerate(row["families"]):
        claim = audited.claim(study / "certificates" / f"{family['certificate']}.json")
        if claim is None:
            yield refuted(
                STEP, f"families.{i}", f"certificate {family['certificate'][:12]}.. is not accepted"
            )
            return
        if not is_about(claim, row["protocol"], n, k):
            yield refuted(STEP, f"families.{i}", "its certificate is about another problem")
            return
        yield from check_family(f"families.{i}", family, claim)
        claims.append(claim)
    if len({family["certificate"] for family in row["families"]}) < len(claims):
        yield refuted(STEP, "families", "a certificate is named twice")
    for i, family in enumerate(row["families"]):
        if family["proved_distinct"] != all(apart(claims[i], x) for j, x in enumerate(claims) if j != i):
            yield refuted(
                STEP, f"families.{i}.proved_distinct", "is not what the enclosures of the losses say"
            )
    yield from check_counts(row)
    if "proved" in row:
        yield from check_proofs(study, row, claims, audited)
    if "converges" in row:
        yield from check_converges(study, row, audited)
    for member, folder in (("proved", "runs"), ("converges", "converges")):
        if member not in row and any((study / folder / f"{k}-{n}").glob("*.json")):
            yield refuted(STEP, member, f"is missing, but there are certificates in {folder}/{k}-{n}")


def is_about(claim: Any, protocol: Any, n: int, k: int) -> bool:
    """Whether it is about a point of this (k, n)."""
    method = "signed-hessian" if layer(protocol) else "hessian"
    same = (claim["family"], claim["method"]) == ("teacher-student-relu", method)
    return same and is_problem(claim["problem"], protocol, n, k)


def check_family(where: str, family: Any, claim: Any) -> Findings:
    """Facts are those of the claim, on the weak side of its numbers, within a relative 10^-4."""
    bounds = claim["bounds"]
    if family["verdict"] != claim["verdict"]:
        yield refuted(STEP, f"{where}.verdict", f"its certificate says {claim['verdict']}")
    facts = {"lambda_max": ("lambda_max", UPPER), "radius": ("existence_radius", UPPER)}
    facts |= {"uniqueness_radius": ("uniqueness_radius", LOWER)}
    pairs = [(name, family[name], bounds.get(of), side) for name, (of, side) in facts.items()]
    basin = bounds.get("basin", {}).get("radius")
    pairs += [("basin_radius", family["basin_radius"], basin, LOWER)]
    for name in ("objective", "lambda_min"):
        ends = zip(family[name], bounds[name], (LOWER, UPPER), strict=False)
        pairs += [(name, *end) for end in ends] if len(family[name]) == 2 else [(name, None, {}, LOWER)]
    for name, shown, number, side in pairs:
        if not (shown is None and number is None) and not is_weak(shown, number, side):
            yield refuted(STEP, f"{where}.{name}", f"{shown} is not what its certificate says")


def is_weak(shown: str | None, number: Any, side: str) -> bool:
    if shown is None or not number:
        return False
    return fmt.decimal_is_weak(Number(fmt.dyadic(number["exact"], "bound"), shown, side))


def apart(one: Any, other: Any) -> bool:
    """Whether the enclosures of the losses are disjoint."""
    (a, b), (c, d) = (
        [exact(fmt.dyadic(x["exact"], "bound")) for x in of["bounds"]["objective"]] for of in (one, other)
    )
    return b < c or d < a


def check_counts(row: Any) -> Findings:
    """Counted by floating point: the counts are those of the list of runs, and add up."""
    runs, per, families = row["runs"], row["per_run"], row["families"]
    if any(len(column) != runs for column in per.values()):
        yield refuted(STEP, "per_run", f"has not {runs} entries everywhere")
        return
    found = Counter(per["family"])
    if max(found) >= len(families):
        yield refuted(STEP, "per_run.family", "names a family that is not there")
    for i, family in enumerate(families):
        if found[i] != family["count"]:
            yield refuted(STEP, f"families.{i}.count", f"{family['count']}, per_run says {found[i]}")
    if +Counter(row["ended"]) != Counter(per["ended"]):
        yield refuted(STEP, "ended", "is not what per_run says")
    kinds: Counter[str] = Counter()
    for family in families:
        kinds[family["verdict"]] += family["count"]
    counted = Counter({name: x for name, x in row["kinds"].items() if name not in OTHERS})
    if +counted != +kinds or sum(row["kinds"].values()) != runs:
        yield refuted(STEP, "kinds", "is not what the families say, or does not add up to the runs")
    yield from check_below(row)


def check_work(study: Path, trust: Trust) -> Iterator[Said]:
    """Results of tasks that a known key has sealed are as it left them; only `grid` reads them."""
    for path in sorted(study.glob("work/*/*.npz")):
        name = TASK.fullmatch(path.name)
        try:
            data = path.read_bytes()
        except OSError as failure:
            yield Said(path, "", [Finding(MALFORMED, STEP, "work", f"cannot be read: {failure}")])
            continue
        body = (name[1] if name else "").encode() + data[SEAL:]
        by = sealer(data[:SEAL], TASK_TYPE, body, trust)
        if trust.signers and by is None:
            yield Said(path, "", [refuted(STEP, "work", "no key that is known has sealed it")])
        else:
            yield Said(
                path, f"unfinished work, {f'sealed by {by}' if by else 'by an unknown key'}; not audited", []
            )
