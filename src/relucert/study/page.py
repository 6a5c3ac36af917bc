"""The report as one HTML page that needs nothing else: no network, no fonts, no libraries.

The Content-Security-Policy allows the style sheet and the script in the page, by their hashes, and no other.
"""

from __future__ import annotations

import base64
import hashlib
import math
import os
import re
from collections.abc import Iterable
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from urllib.parse import quote

import numpy as np

from relucert.base.decimals import share_percent
from relucert.base.visible import visible
from relucert.families.pictures import colours
from relucert.families.teacher.network import Layer
from relucert.families.teacher.search.classes import TOLERANCE, coordinate_classes
from relucert.families.verdicts import NAMES
from relucert.study import tables
from relucert.study.figures import heat_map, histogram, png
from relucert.study.structure import arranged, class_structure
from relucert.study.study import KINDS, NONE, Family, Row, Study
from relucert.study.tables import Line, Table

LABELS = NAMES | {"below-floor": "below the floor", "undecided": "undecided"}


def page(study: Study, output: Path) -> str:
    """The page, with links to certificates relative to where it will be."""
    inside = files("relucert.study")
    style, script = ((inside / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    style = colours() + style
    name = visible(study.directory.resolve().name)
    base = _relative(study.directory / "certificates", output.parent)
    families = sum(len(row.families) for row in study.rows)
    numbers = [
        ("runs", sum(row.runs for row in study.rows)), ("pairs (k, n)", len(study.rows)),
        ("families", families), ("undecided runs", sum(row.kinds["undecided"] for row in study.rows)),
    ]  # fmt: skip
    plain = study.protocol.layer.is_plain
    kinds = [kind for kind in KINDS if any(row.kinds[kind] for row in study.rows)]
    return Template((inside / "page.html").read_text(encoding="utf-8")).substitute(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        name=escape(name),
        title=escape(f"{name}: certified minima of small {'ReLU ' if plain else ''}networks"),
        heading="Beside Safran and Shamir (2018)" if plain else "Where runs ended",
        networks=escape(tables.networks(study)),
        summary=escape(tables.summary(study)),
        comparison=escape(tables.comparison(study)),
        shares=_shares(study) + _onward(study),
        facts="".join(f"<div><dt>{fact}</dt><dd>{number:,}</dd></div>" for fact, number in numbers),
        ks=_options((str(k), str(k)) for k in sorted({row.k for row in study.rows})),
        ns=_options((str(n), str(n)) for n in sorted({row.n for row in study.rows})),
        verdicts=_options((kind, LABELS[kind]) for kind in kinds),
        interval=escape(tables.INTERVAL),
        agreement=escape(f" Agreement: {tables.TEST}.") if plain else "",
        symmetries=_symmetries(study.protocol.layer),
        exchanged=" without a reversal" if study.protocol.layer.slope == -1 else "",
        tables="".join(_table(number, table) for number, table in enumerate(tables.tables(study))),
        histograms=_histograms(study),
        maps=_maps([tables.line(row) for row in study.rows]),
        gallery="".join(_card(row, family, base) for row in study.rows for family in _ordered(row)),
        tolerance=f"{TOLERANCE:g}",
        protocol=escape(", ".join(f"{key} {value}" for key, value in tables.protocol(study))),
        version=escape(version("relucert")),
        directory=escape(visible(_relative(study.directory, output.parent))),
    )


def _symmetries(of: Layer) -> str:
    """What takes the points of a family to one another."""
    if of.is_plain:
        return "permutations of neurons and coordinates"
    kept = "permutations of neurons and coordinates that keep the output weights"
    return f"{kept}, neurons and coordinates maybe reversed" if of.slope == -1 else kept


def _shares(study: Study) -> str:
    """What proved runs say of probabilities; nothing where none is proved."""
    return _section("proved", "Proved from the start", tables.proved(study), tables.shares(study))


def _onward(study: Study) -> str:
    """What is proved of runs that went on from below the floor; nothing where none did."""
    return _section("converges", "On from below the floor", tables.ONWARD, tables.onward(study))


def _section(name: str, title: str, about: str, sentences: list[str]) -> str:
    if not sentences:
        return ""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return (
        f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>'
        f"<p>{escape(about)}</p><ul>{items}</ul></section>\n"
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _relative(target: Path, start: Path) -> str:
    return Path(os.path.relpath(target.resolve(), start.resolve())).as_posix()


def _options(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in pairs)


def _filtered(k: int, n: int, kinds: Iterable[str]) -> str:
    """What the filter looks at."""
    return f'data-k="{k}" data-n="{n}" data-v="{escape(" ".join(kinds))}"'


def _present(row: Row | Line) -> list[str]:
    return [kind for kind in KINDS if row.kinds[kind]]


def _table(number: int, table: Table) -> str:
    heads = "".join(f'<th scope="col">{_subscript(column.heading)}</th>' for column in table.columns)
    body = "".join(
        f"<tr {_filtered(line.k, line.n, _present(line))}>{_cells(table, line)}</tr>" for line in table.lines
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="caption-{number}"><table>'
        f'<caption id="caption-{number}"><span>{escape(table.title)}</span></caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(table: Table, line: Line) -> str:
    cells = []
    for column in table.columns:
        value = column.value(line)
        sort = f'data-s="{"Infinity" if math.isinf(value) else repr(value)}"'
        text = escape(column.text(line))
        if column.heading in ("k", "n"):
            cells.append(f'<th scope="row" {sort}>{text}</th>')
            continue
        differs = column.heading == "agreement" and line.agrees is False
        shade = ' class="differs"' if differs else ' class="strong"' if column.heading == "spurious %" else ""
        cells.append(f"<td {sort}{shade}>{text}</td>")
    return "".join(cells)


def _subscript(text: str) -> str:
    return re.sub("λ(min|max)", r"λ<sub>\1</sub>", escape(text))


def _histograms(study: Study) -> str:
    """On one scale, which ends at the largest loss of a run that ended at a family."""
    pairs = [pair for row in study.rows for pair in zip(row.per_run.family, row.per_run.loss, strict=True)]
    largest = max((loss for family, loss in pairs if family != NONE), default=0.0)
    scale = max(largest, study.protocol.floor) or 1.0
    return "".join(
        f"<figure {_filtered(row.k, row.n, _present(row))}>"
        f"<figcaption>k = {row.k}, n = {row.n}</figcaption>{histogram(row, scale)}</figure>"
        for row in study.rows
    )


def _maps(lines: list[Line]) -> str:
    proved = [float(line.lambda_min) for line in lines if line.lambda_min is not None]
    positive = [math.log(bound) for bound in proved if bound > 0]
    low, high = min(positive, default=0.0), max(positive, default=0.0)

    def strength(line: Line) -> float:
        bound = float(line.lambda_min or 0)
        return (math.log(bound) - low) / (high - low) if bound > 0 and high > low else 0.0

    maps = [
        ("Figure 2. Runs that ended at a spurious minimum, in percent (counted, not certified)",
         heat_map(lines, "Spurious minima in percent", lambda x: share_percent(x.spurious, x.runs),
                  lambda x: x.spurious / x.runs)),
        ("Figure 3. The smallest proved λmin of a minimum, shaded on a logarithmic scale",
         heat_map(lines, "Smallest eigenvalues", lambda x: x.lambda_min or "none", strength)),
    ]  # fmt: skip
    return "".join(
        f'<figure tabindex="0"><figcaption>{_subscript(title)}</figcaption>{svg}</figure>'
        for title, svg in maps
    )


def _ordered(row: Row) -> list[Family]:
    return sorted(row.families, key=lambda family: (-family.count, float(family.objective[0])))


def _card(row: Row, family: Family, base: str) -> str:
    classes = coordinate_classes(family.point, row.network)
    structure, digest = class_structure(classes), family.certificate
    point = arranged(family.point, classes)
    picture = png(point, float(np.abs(point).max()))
    height, width = point.shape
    facts = [
        ("runs", f"{family.count:,} ({share_percent(family.count, row.runs)}%)"),
        ("objective", " to ".join(family.objective)),
        ("λmin", " to ".join(family.lambda_min)),
        ("λmax", f"≤ {family.lambda_max}"),
        ("existence", f"≤ {family.radius}"),
        ("uniqueness", f"≥ {family.uniqueness_radius}"),
        ("basin", "not proved" if family.basin_radius is None else f"≥ {family.basin_radius}"),
        *([] if family.barrier is None else [("barrier", f"≥ {family.barrier}")]),
        ("distinct", "proved" if family.proved_distinct else "not proved"),
        ("entries", " to ".join(f"{round(x, 3) + 0.0:g}" for x in (point.min(), point.max()))),
    ]
    values = f'data-count="{family.count}" data-f="{family.objective[0]}" data-l="{family.lambda_min[0]}"'
    listed = "".join(f"<dt>{_subscript(fact)}</dt><dd>{escape(value)}</dd>" for fact, value in facts)
    link = escape(quote(os.fsencode(f"{base}/{digest}.json")))
    return (
        f"<li {_filtered(row.k, row.n, [family.verdict])} {values}>"
        f"<h3>k = {row.k}, n = {row.n} <span>classes {structure}</span></h3>"
        f'<p class="verdict">{escape(LABELS[family.verdict])}</p>'
        f'<img src="{picture}" width="{width}" height="{height}" decoding="async" '
        f'alt="W, {height} neurons by {width} coordinates, classes {structure}">'
        f'<dl>{listed}</dl><a href="{link}">{digest}</a></li>'
    )
