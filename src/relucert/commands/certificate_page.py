"""One certificate as one HTML page that needs nothing else: no network, no fonts, no script.

Every text of the file is escaped, and its hidden characters are shown by their numbers. The Content-Security-Policy
allows the style sheet in the page, by its hash, and nothing else.
"""

from __future__ import annotations

import math
import os
import shlex
from html import escape
from importlib.metadata import version
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from string import Template
from urllib.parse import quote

from relucert.base.visible import escaped, visible
from relucert.certificate.numbers import Json
from relucert.commands.shown import Shown
from relucert.commands.words import Row, title
from relucert.families.drawing import LONGEST_SCALE, power
from relucert.families.family import Figure
from relucert.families.pictures import drawn, factor, markup, style, style_hash

SHORT = 12  # digits of a digest in a heading
LONG = 500  # characters of a sentence that is set smaller


def page(shown: Shown, output: Path) -> str:
    """The page, with a link to the certificate relative to where it will be. Raises InputError."""
    inside, sheet = files("relucert.commands"), style()
    for place in (files("relucert.study") / "page.css", inside / "certificate_page.css"):
        sheet += place.read_text(encoding="utf-8")
    heading = escaped(shown.claim.heading[:1].upper() + shown.claim.heading[1:])
    name = os.path.relpath(shown.path.resolve(), output.parent.resolve())
    factors = _factors(shown.statement)
    decades = min(max((math.ceil(x) for x in factors if x is not None), default=1), LONGEST_SCALE)
    return Template((inside / "certificate_page.html").read_text(encoding="utf-8")).substitute(
        style=sheet,
        style_hash=style_hash(sheet),
        title=f"{heading}: certificate {shown.digest[:SHORT]}",
        short=f"{shown.digest[:SHORT]}…",
        heading=heading,
        lead="lead long" if len(shown.claim.sentence) > LONG else "lead",
        sentence=escaped(shown.claim.sentence),
        facts="".join(_fact(escaped(fact), escaped(value)) for fact, value in shown.claim.facts),
        figures=_figures(shown),
        scale=power(max(decades, 1)),
        margins=_margins(shown.inequalities, factors, max(decades, 1)),
        legend=escaped(shown.legend),
        file=escape(shlex.quote(visible(str(shown.path)))),
        link=escape(quote(os.fsencode(Path(name).as_posix()))),
        path=escaped(str(shown.path)),
        digest=escape(shown.digest),
        identity=escape(shown.identity),
        signatures=_signatures(shown),
        warnings="".join(f'<p class="warning">{escaped(text)}</p>' for text in shown.warnings),
        version=escape(version("relucert")),
    )


def _fact(name: str, value: str) -> str:
    """Of markup."""
    return f"<div><dt>{name}</dt><dd>{value}</dd></div>"


def _signatures(shown: Shown) -> str:
    if not shown.signatures:
        return _fact("signature", "none")
    return "".join(
        _fact("signature", f"{escaped(state)}, {escaped(signer)}, key <code>{escaped(keyid)}</code>")
        for signer, state, keyid in shown.signatures
    )


def _figures(shown: Shown) -> str:
    """Nothing for a claim that has none."""
    claim = shown.statement["claim"]
    if not shown.well_formed:
        found = [Figure("No figures", "", "Not drawn: the file is larger than what the auditor reads.")]
    else:
        found = drawn(claim, str(shown.path))
    if not found:
        return ""
    return (
        '<section aria-labelledby="figures-title"><h2 id="figures-title">In pictures</h2>'
        f"{markup(found)}</section>\n"
    )


def _factors(statement: Json) -> list[float | None]:
    """Of each inequality, as `words.inequalities` has them, the decimal logarithm of right over left; None where
    there is no such number."""
    return [factor(item) for argument in statement["evidence"] for item in argument["inequalities"]]


def _margins(rows: list[Row], factors: list[float | None], decades: int) -> str:
    """Each theorem with a list of its inequalities."""
    parts = []
    for theorem, group in groupby(zip(rows, factors, strict=True), key=lambda pair: title(pair[0])):
        items = "".join(_margin(row, factor, decades) for row, factor in group)
        parts.append(f'<h3 class="theorem">{escaped(theorem)}</h3><ol class="margins">{items}</ol>')
    return "".join(parts) or "<p>None is recorded.</p>"


def _margin(row: Row, factor: float | None, decades: int) -> str:
    bar = "<span></span>"
    if factor is not None:
        share = 100 * min(max(factor / decades, 0.0), 1.0)
        bar = (
            '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
            '<rect class="track" width="100" height="10"/>'
            f'<rect class="bar" width="{share:.2f}" height="10"/></svg>'
        )
    return (
        f'<li><span class="step">{escaped(row.step)}</span><span>{escaped(row.text)}'
        f"<small>left {escaped(row.left)}, right {escaped(row.right)}</small></span>{bar}"
        f'<span class="margin">{escaped(row.margin)}</span></li>'
    )
