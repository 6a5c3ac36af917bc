"""A report in one of its formats; the tables alone as Markdown, LaTeX, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from relucert.base.decimals import percent
from relucert.base.errors import InputError
from relucert.study.page import page
from relucert.study.sample import GRID
from relucert.study.study import KINDS, Study
from relucert.study.tables import (
    INTERVAL,
    TEST,
    Line,
    comparison,
    line,
    networks,
    onward,
    protocol,
    shares,
    summary,
    tables,
)

TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "λmin": r"$\lambda_{\min}$",
    "≥": r"$\geq$", "–": "--",
}  # fmt: skip
FORMATS = ("html", "md", "csv", "tex", "parquet")
NEED_A_FILE = ("html", "parquet")
REALS = (
    *("spurious_percent", "spurious_percent_low", "spurious_percent_high", "paper_percent", "p_value"),
    "smallest_lambda_min",
)
PROVED = (
    *("proved_asked", "proved", "proved_spurious_minimum", "proved_global_minimum", "proved_local_minimum"),
    "proved_below_floor",
)
PROVED_TEXTS = "proved_spurious_percent_low", "proved_spurious_percent_high", "proved_confidence"
PROVED_TOO = (
    ", but for the column of those proved from their starts and the bounds beside it, as far as `relucert audit STUDY`"
    " proves their certificates again."
)
NOTE_CONVERGES = (
    " Converging: of the runs below the floor that were to go on, those that came, in floating point, to a point from"
    " which exact gradient descent converges to a global minimum, as far as `relucert audit STUDY` proves their"
    " certificates."
)


def render(study: Study, form: str, output: Path | None) -> bytes:
    """The report in one of FORMATS, to be written at `output`. Raises ModuleNotFoundError, InputError."""
    if form == "html":
        if output is None:
            raise InputError("links to certificates are relative: say where the page will be")
        return page(study, output).encode()
    if form == "parquet":
        return to_parquet(study)
    return {"md": to_markdown, "csv": to_csv, "tex": to_latex}[form](study).encode()


def records(study: Study) -> list[dict[str, Any]]:
    """One flat record per (k, n), all with the same members; None where there is no number."""
    ended = sorted({reason for row in study.rows for reason in row.ended})
    proofs = any(row.proved is not None for row in study.rows)
    went_on = any(row.converged is not None for row in study.rows)
    of = study.protocol.layer.as_json()
    return [_record(line(row), ended, proofs, went_on) | of for row in study.rows]


def _record(each: Line, ended: list[str], proofs: bool, went_on: bool) -> dict[str, Any]:
    record: dict[str, Any] = {"k": each.k, "n": each.n, "runs": each.runs}
    reals = (
        100 * each.spurious / each.runs,
        *(100 * x / GRID for x in (each.low, each.high)),
        each.paper,
        each.p_value,
    )
    smallest = None if each.lambda_min is None else float(each.lambda_min)
    record |= dict(zip(REALS, (*reals, smallest), strict=True))
    record |= {"agrees": each.agrees, "families": each.families, "families_proved_distinct": each.distinct}
    record |= {kind.replace("-", "_"): each.kinds[kind] for kind in KINDS}
    record |= _proved(each) if proofs else {}
    record |= _converged(each) if went_on else {}
    return record | {f"ended_{reason}": each.ended.get(reason, 0) for reason in ended}


def _proved(each: Line) -> dict[str, Any]:
    """What is proved of runs from their starts; decimals as texts, rounded outwards."""
    proved = each.proved
    values = (
        [None] * (len(PROVED) + len(PROVED_TEXTS))
        if proved is None
        else [
            proved.asked, proved.proved, proved.kinds["spurious-minimum"], proved.kinds["global-minimum"],
            proved.kinds["local-minimum"], proved.kinds["below-floor"],
            *(percent(share) for share in (proved.low, proved.high)), proved.confidence,
        ]
    )  # fmt: skip
    return dict(zip((*PROVED, *PROVED_TEXTS), values, strict=True))


def _converged(each: Line) -> dict[str, Any]:
    """Of runs that went on from below the floor."""
    part = each.converged
    values = (None,) * 3 if part is None else (part.asked, part.below_floor, part.converging)
    return dict(zip(("converges_asked", "converges_below_floor", "converging"), values, strict=True))


def to_csv(study: Study) -> str:
    """RFC 4180 apart from the line ends, which are single line feeds."""
    rows = records(study)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def to_parquet(study: Study) -> bytes:
    """Needs pyarrow. Raises ModuleNotFoundError without it."""
    import pyarrow
    import pyarrow.parquet

    about = {"summary": summary(study), "protocol": json.dumps(study.protocol.as_json())}
    rows = records(study)
    texts = dict.fromkeys((*PROVED_TEXTS, *study.protocol.layer.as_json()), pyarrow.string())
    kinds = {**dict.fromkeys(REALS, pyarrow.float64()), "agrees": pyarrow.bool_(), **texts}
    fields = [(name, kinds.get(name, pyarrow.int64())) for name in rows[0]]
    table = pyarrow.Table.from_pylist(rows, pyarrow.schema(fields, metadata=about))
    whole = io.BytesIO()
    pyarrow.parquet.write_table(table, whole)
    return whole.getvalue()


def to_markdown(study: Study) -> str:
    """Tables for GitHub and its kin."""
    parts = [summary(study), "", comparison(study), "", _settings(study), ""]
    parts += [x for sentence in shares(study) + onward(study) for x in (sentence, "")]
    for table in tables(study):
        parts += [f"## {table.title}", ""]
        parts += [_bar(column.heading for column in table.columns), "|" + "---|" * len(table.columns)]
        parts += [_bar(column.text(each) for column in table.columns) for each in table.lines]
        parts += [""]
    return "\n".join([*parts, _note(study), ""])


def to_latex(study: Study) -> str:
    """One table environment each; needs the package booktabs."""
    parts = [r"% needs \usepackage{booktabs}", f"% {_plain(summary(study))}", f"% {_settings(study)}"]
    parts += [f"% {_plain(sentence)}" for sentence in shares(study) + onward(study)]
    for table in tables(study):
        title = table.title.partition(". ")[2]
        parts += [r"\begin{table}", rf"\caption{{{_tex(f'{title}. {_note(study)}')}}}", r"\centering"]
        parts += [rf"\begin{{tabular}}{{{'r' * (len(table.columns) - 1)}l}}", r"\toprule"]
        parts += [" & ".join(_tex(column.heading) for column in table.columns) + r" \\", r"\midrule"]
        for each in table.lines:
            parts += [" & ".join(_tex(column.text(each)) for column in table.columns) + r" \\"]
        parts += [r"\bottomrule", r"\end{tabular}", r"\end{table}", ""]
    return "\n".join(parts)


def _note(study: Study) -> str:
    agreement = f" Agreement: {TEST}." if study.protocol.layer.is_plain else ""
    proofs = any(row.proved is not None for row in study.rows)
    note = (
        f"Population loss of {networks(study)} in dimension d = k, standard Gaussian input."
        f" The interval is {INTERVAL}.{agreement} Distinct: families that"
        " are proved to differ from all others of the row. The smallest λmin is a proved lower bound of the smallest"
        " eigenvalue of the Hessian at W over the certified minima of the row, from certificates proved"
        f" again for this report; counts of runs are not certified{PROVED_TOO if proofs else '.'}"
    )
    return note + (NOTE_CONVERGES if any(row.converged is not None for row in study.rows) else "")


def _settings(study: Study) -> str:
    return "Protocol: " + ", ".join(f"{name} {value}" for name, value in protocol(study)) + "."


def _bar(cells: Any) -> str:
    escaped = (re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", _plain(cell)) for cell in cells)
    return "| " + " | ".join(escaped) + " |"


def _plain(text: str) -> str:
    """On one line: a line end would end a row of a table, or a comment."""
    return " ".join(text.split())


def _tex(text: str) -> str:
    return re.sub("|".join(map(re.escape, TEX)), lambda match: TEX[match[0]], _plain(text))
