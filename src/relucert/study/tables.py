"""What a study measured beside what Safran & Shamir (2018) published, one line per (k, n)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scipy.stats import fisher_exact

from relucert.base.decimals import percent, share_percent, shortest
from relucert.families.teacher.network import reaches_zero
from relucert.families.teacher.signed_words import of_layer
from relucert.study.converged import Converged
from relucert.study.proved import Proved
from relucert.study.sample import GRID, interval
from relucert.study.study import Row, Study, Tally

PAPER_RUNS = 1000
LEVEL = 0.001  # of the test of agreement
TENTH = GRID // 1000  # of a percent

# Their Tables 1 and 2: runs of 1000 that ended in a spurious minimum.
TABLE_1 = {
    6: 3, 7: 55, 8: 126, 9: 218, 10: 346, 11: 455, 12: 585, 13: 730, 14: 736, 15: 803, 16: 851, 17: 897,
    18: 900, 19: 934, 20: 940,
}  # fmt: skip
TABLE_2 = {8: 1, 9: 0, 10: 1, 11: 1, 12: 3, 13: 15, 14: 55, 15: 101, 16: 180, 17: 209, 18: 369, 19: 491}
NONE_FOUND = {2: range(1, 19), 3: range(1, 19)}  # n - k: the k where they found no spurious minimum

TEST = (
    f"Fisher's exact test of two binomial samples, ours and the paper's of {PAPER_RUNS} runs (two-sided): "
    f"they agree if p ≥ {LEVEL}"
)
EXACT = (
    "Exact gradient descent, in real numbers, from the exact start of each of these runs, with the exact step that "
    "is said: not the floating-point run of the tables, whose step is a double. "
)
AGAIN = "proved again for this report; `relucert audit STUDY` does that. The bounds are those of Clopper and Pearson, "
AGAIN += "rounded outwards; both hold together with the confidence that is said."
ONWARD = (
    "A run that floating point ended below the floor was made again from its start, in floating point with the study's "
    "step, to go on until the theorem applies at the point where it is. A certificate is about such a point: exact "
    "gradient descent from it, in real numbers, with the exact step that is said, converges to a global minimum that "
    "is not isolated. That floating point came to this point is not certified, and nothing is said here of exact "
    "gradient descent from the random start. This report did not prove these certificates again; `relucert audit "
    "STUDY` does that."
)
NOT_MATCHED = (
    " Where an output weight occurs less often among the neurons than among the targets, the infimum of the loss is "
    "not known to be 0, and minima are called local."
)
INTERVAL = "the 95% interval of Clopper and Pearson, rounded outwards"


@dataclass(frozen=True)
class Line(Tally):
    """The numbers of one (k, n); low, high: of the interval, in units of 1/GRID; paper: a share in percent;
    lambda_min: the smallest proved one of a minimum."""

    families: int
    distinct: int
    low: int
    high: int
    paper: float | None
    p_value: float | None
    lambda_min: str | None
    proved: Proved | None
    converged: Converged | None

    @property
    def spurious(self) -> int:
        return self.kinds["spurious-minimum"]

    @property
    def agrees(self) -> bool | None:
        return None if self.p_value is None else self.p_value >= LEVEL


def line(row: Row) -> Line:
    """The numbers of a row."""
    spurious = row.kinds["spurious-minimum"]
    low, high = interval(spurious, row.runs)
    theirs = published(row.k, row.n) if row.network is None else None
    bounds = [family.lambda_min[0] for family in row.families if family.verdict != "strict-saddle"]
    return Line(
        row.k, row.n, row.runs, row.kinds, row.ended, len(row.families),
        distinct=sum(family.proved_distinct for family in row.families),
        low=low, high=high,
        paper=None if theirs is None else 100 * theirs / PAPER_RUNS,
        p_value=None if theirs is None else agreement(spurious, row.runs, theirs),
        lambda_min=min(bounds, key=float, default=None),
        proved=row.proved,
        converged=row.converged,
    )  # fmt: skip


def published(k: int, n: int) -> int | None:
    """Of how many of their 1000 runs the paper says that they ended in a spurious minimum."""
    if n == k or n == k + 1:
        return (TABLE_1 if n == k else TABLE_2).get(k)
    return 0 if k in NONE_FOUND.get(n - k, ()) else None


def agreement(ours: int, runs: int, theirs: int) -> float:
    """The p-value of Fisher's exact test that both shares are the same."""
    table = [[ours, runs - ours], [theirs, PAPER_RUNS - theirs]]
    return min(1.0, float(fisher_exact(table).pvalue))


class Column(NamedTuple):
    """A column for people; value: what it is sorted by."""

    heading: str
    text: Callable[[Line], str]
    value: Callable[[Line], float]


class Table(NamedTuple):
    """A titled table for people."""

    title: str
    columns: Sequence[Column]
    lines: Sequence[Line]


def tables(study: Study) -> list[Table]:
    """Tables 1 and 2 of the paper beside ours, and the other rows; without those that would be empty."""
    if not study.protocol.layer.is_plain:
        lines = list(map(line, study.rows))
        return [Table("Table 1. Where gradient descent ended", _columns(lines), lines)]
    groups: dict[str, list[Line]] = {
        "Table 1. As many neurons as targets, n = k": [],
        "Table 2. More neurons than targets": [],
        "Table 3. Rows without a published number": [],
    }
    one, two, three = groups.values()
    for each in map(line, study.rows):
        (three if each.paper is None else one if each.n == each.k else two).append(each)
    return [Table(title, _columns(lines), lines) for title, lines in groups.items() if lines]


def summary(study: Study) -> str:
    """The study in a sentence."""
    runs = sum(row.runs for row in study.rows)
    undecided, below = (sum(row.kinds[kind] for row in study.rows) for kind in ("undecided", "below-floor"))
    families = sum(len(row.families) for row in study.rows)
    pairs = _many(len(study.rows), "pair (k, n)", "pairs (k, n)")
    decided = (
        f"All {runs:,} runs of gradient descent, over {pairs}, are decided"
        if undecided == 0
        else f"{runs - undecided:,} of {runs:,} runs of gradient descent, over {pairs}, are decided"
    )
    reached = _many(families, "certified family", "certified families") + " of critical points"
    floor = f" and {below:,} with a loss below {shortest(study.protocol.floor)}" if below else ""
    return f"{decided}: {runs - undecided - below:,} ended at {reached}{floor}. {counted(study)}"


def counted(study: Study) -> str:
    """What nobody has certified, in a sentence."""
    foreign = sum(not row.sealed for row in study.rows)
    seals = (
        "the rows are as your key sealed them"
        if not foreign
        else f"{foreign} of {_many(len(study.rows), 'row is', 'rows are')} not sealed by your key"
    )
    proofs = _proved(study) + _converged(study)
    return (
        f"{proofs}The certificates{' of critical points' if proofs else ''} were proved again for this report; how "
        f"many runs ended where was counted by relucert in floating point, and is not certified: {seals}."
    )


def _proved(study: Study) -> str:
    """What is proved of runs from their starts, in sentences; nothing where that was not asked for."""
    rows = [(row.proved, row.sealed) for row in study.rows if row.proved is not None]
    if not rows:
        return ""
    asked, good = sum(part.asked for part, _ in rows), sum(part.proved for part, _ in rows)
    steps = " or ".join(sorted({part.step for part, _ in rows}))
    foreign = sum(not sealed for _, sealed in rows)
    of = _many(len(rows), "row", "rows")
    seal = "proved by relucert under your key's seal" if not foreign else (
        f"as the files say, but {foreign} of {of} with proofs not under your key's seal"
    )  # fmt: skip
    return (
        f"{good:,} of the {_many(asked, 'run', 'runs')} that were to be proved from their starts, as exact gradient "
        f"descent with step {steps}, are: {seal}; `relucert audit STUDY` proves them again, this report does not. "
    )


def _converged(study: Study) -> str:
    """What is proved of points that runs came to from below the floor; nothing where that was not asked for."""
    rows = [(row.converged, row.sealed) for row in study.rows if row.converged is not None]
    if not rows:
        return ""
    low, good = sum(part.below_floor for part, _ in rows), sum(part.converging for part, _ in rows)
    steps = " or ".join(sorted({part.step for part, _ in rows}))
    seal = (
        "under your key's seal" if all(sealed for _, sealed in rows) else "in part not under your key's seal"
    )
    return (
        f"Of the {_many(low, 'run', 'runs')} below the floor that were to go on, {good:,} came, as counted in "
        f"floating point {seal}, each to a point from which, by its certificate, exact gradient descent with step "
        f"{steps} converges to a global minimum; `relucert audit STUDY` proves these certificates again, this report "
        "does not. "
    )


def onward(study: Study) -> list[str]:
    """What is proved of runs that went on from below the floor, a sentence for each (k, n)."""
    return [_onward(row, row.converged, study) for row in study.rows if row.converged is not None]


def _onward(row: Row, part: Converged, study: Study) -> str:
    of, low, good = _many(part.asked, "run", "runs"), part.below_floor, part.converging
    share = f" ({share_percent(good, low)}%)" if low else ""
    seal = "" if row.sealed else "as the files say without your key's seal, "
    return (
        f"k = {row.k}, n = {row.n}: of {of}, chosen by the seed, floating point ended {low:,} below "
        f"{shortest(study.protocol.floor)}; these were to go on, for at most {study.protocol.max_steps:,} steps in "
        f"all. Of them, {seal}{good:,}{share} came, in floating point, each to a point from which, by its "
        f"certificate, exact gradient descent with step {part.step} converges to a global minimum that is not "
        f"isolated; {low - good:,} did not."
    )


def proved(study: Study) -> str:
    """What proved runs are, and who says so."""
    own = all(row.sealed for row in study.rows if row.proved is not None)
    made = "made by relucert under your key's seal and not " if own else (
        "in part not under your key's seal: who made them is not known. They were not "
    )  # fmt: skip
    return f"{EXACT}The certificates of these runs were {made}{AGAIN}"


def shares(study: Study) -> list[str]:
    """What the proved runs say of the probability of a spurious end, a sentence for each (k, n)."""
    return [_share(row, row.proved, study) for row in study.rows if row.proved is not None]


def _share(row: Row, proved: Proved, study: Study) -> str:
    low, high, level = percent(proved.low), percent(proved.high), percent(proved.confidence)
    kinds, floor = proved.kinds, shortest(study.protocol.floor)
    ends = [
        f"{kinds['spurious-minimum']:,} to a spurious minimum",
        f"{kinds['global-minimum']:,} to a global minimum",
    ]
    if kinds["local-minimum"]:
        ends.append(f"{kinds['local-minimum']:,} to a local minimum of which no more is proved")
    below, falls = "", ""
    if row.n > row.k:
        once = (
            f" ({proved.touching:,} at one step, with nothing proved of the next)" if proved.touching else ""
        )
        falls = f", the loss of {kinds['below-floor']:,} to fall below {floor}{once}"
        below = f", without its loss falling below {floor} in its first {study.protocol.max_steps:,} steps,"
    of = _many(proved.asked, "run", "runs")
    are = "are proved" if row.sealed else "are, as the files say without your key's seal, proved"
    proofs = "" if row.sealed else " and the proofs hold"
    return (
        f"k = {row.k}, n = {row.n}: of {of}, chosen by the seed, {are} from their "
        f"starts to converge {', '.join(ends)}{falls}; {kinds['not-proved']:,} are not proved. If the starts are "
        f"independent draws of the Gaussian distribution N(0, 1/k) and the number of these runs was fixed before their "
        f"ends were seen{proofs}, then, with confidence {level}%, exact gradient "
        f"descent with step {proved.step} from such a start converges to a spurious minimum with probability at least "
        f"{low}%, and does so{below} with probability at most {high}%."
    )


def networks(study: Study) -> str:
    """What the study is about, as "n ReLU neurons against k orthonormal targets"."""
    return of_layer(study.protocol.layer)


def comparison(study: Study) -> str:
    """How many published numbers agree with ours, in a sentence."""
    if not study.protocol.layer.is_plain:
        unknown = not all(reaches_zero(row.n, row.k, row.network) for row in study.rows)
        return f"These networks are not compared with published numbers.{NOT_MATCHED if unknown else ''}"
    verdicts = [each.agrees for each in map(line, study.rows) if each.agrees is not None]
    numbers = _many(len(verdicts), "row has a published number", "rows have a published number")
    return f"{numbers}; {sum(verdicts)} of them agree with ours." if verdicts else f"{numbers}."


def protocol(study: Study) -> list[tuple[str, str]]:
    """How the runs were made: names and values."""
    p = study.protocol
    soon = [] if p.floor_steps is None else [("most steps below the floor", f"{p.floor_steps:,}")]
    of = [(name.replace("_", " "), x) for name, x in p.layer.as_json().items()]
    return [
        ("step", shortest(p.step)), ("gradient tolerance", shortest(p.tolerance)),
        ("looks for a certified basin once the gradient is below", shortest(p.look)),
        ("most steps", f"{p.max_steps:,}"), *soon,
        ("floor of the loss", shortest(p.floor)), ("seed", str(p.seed)), *of,
    ]  # fmt: skip


def reasons(line: Line) -> str:
    """Why runs ended, the most frequent reason first."""
    ordered = sorted(line.ended.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {count:,}" for reason, count in ordered if count)


def _columns(lines: Sequence[Line]) -> list[Column]:
    def kind(heading: str, name: str) -> Column:
        return Column(heading, lambda x: f"{x.kinds[name]:,}", lambda x: x.kinds[name])

    columns = [
        Column("k", lambda x: str(x.k), lambda x: x.k),
        Column("n", lambda x: str(x.n), lambda x: x.n),
        Column("runs", lambda x: f"{x.runs:,}", lambda x: x.runs),
        Column("spurious %", lambda x: share_percent(x.spurious, x.runs), lambda x: x.spurious / x.runs),
        Column("95% interval", _interval, lambda x: x.low),
    ]
    if any(x.paper is not None for x in lines):
        columns += [
            Column("paper %", lambda x: "" if x.paper is None else f"{x.paper:g}", lambda x: x.paper or 0.0),
            Column("agreement", _agreement, lambda x: 1.0 if x.p_value is None else x.p_value),
        ]
    if any(x.proved is not None for x in lines):
        columns += [
            Column("proved", lambda x: _of(x.proved), lambda x: x.proved.proved if x.proved else 0.0),
            Column("proved share %, 99.9%", lambda x: _bounds(x), lambda x: _low(x.proved)),
        ]
    columns += [kind("global", "global-minimum")]
    if any(x.kinds["local-minimum"] for x in lines):
        columns += [kind("local", "local-minimum")]
    columns += [kind("saddles", "strict-saddle"), kind("below floor", "below-floor")]
    if any(x.converged is not None for x in lines):
        columns += [
            Column(
                "converging",
                lambda x: _part(x.converged),
                lambda x: x.converged.share if x.converged else -1.0,
            )
        ]
    return [
        *columns, kind("undecided", "undecided"),
        Column("families", lambda x: f"{x.families:,}", lambda x: x.families),
        Column("distinct", lambda x: f"{x.distinct:,}", lambda x: x.distinct),
        Column("smallest λmin", lambda x: x.lambda_min or "none", lambda x: float(x.lambda_min or "inf")),
        Column("runs ended by", reasons, lambda x: max(x.ended.values(), default=0)),
    ]  # fmt: skip


def _interval(line: Line) -> str:
    """In percent with one place, rounded outwards."""
    return f"{share_percent(line.low, GRID)}–{share_percent(-(-line.high // TENTH), GRID // TENTH)}"


def _agreement(line: Line) -> str:
    if line.p_value is None:
        return ""
    return f"{'agrees' if line.agrees else 'differs'}, p = {line.p_value:.2g}"


def _of(proved: Proved | None) -> str:
    return "" if proved is None else f"{proved.proved:,} of {proved.asked:,}"


def _bounds(line: Line) -> str:
    """For n > k the upper bound is of less: docs/spec/study-v1.md section 5."""
    proved = line.proved
    if proved is None:
        return ""
    return f"≥ {percent(proved.low)}" if line.n > line.k else f"{percent(proved.low)}–{percent(proved.high)}"


def _part(converged: Converged | None) -> str:
    return "" if converged is None else f"{converged.converging:,} of {converged.below_floor:,}"


def _low(proved: Proved | None) -> float:
    return -1.0 if proved is None else float(proved.low)


def _many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
