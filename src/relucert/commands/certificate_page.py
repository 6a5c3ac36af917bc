"""One certificate as one HTML page that needs nothing else: no network, no fonts, no script.

Every text of the file is escaped, and its hidden characters are shown by their numbers. The Content-Security-Policy
allows the style sheet in the page, by its hash, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
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

from relucert.base.errors import InputError
from relucert.base.visible import visible
from relucert.certificate.numbers import Json, number
from relucert.commands.shown import Shown
from relucert.commands.words import Row
from relucert.families import family_called
from relucert.families.drawing import exponent_of, power
from relucert.families.family import Figure
from relucert.families.printing import NAMES

SHORT = 12  # digits of a digest in a heading
LONG = 500  # characters of a sentence that is set smaller
LONGEST_SCALE = 40  # decades that the bars of the margins show at most


def page(shown: Shown, output: Path) -> str:
    """The page, with a link to the certificate relative to where it will be. Raises InputError."""
    style = (files("relucert.study") / "page.css").read_text(encoding="utf-8")
    inside = files("relucert.commands")
    style += (inside / "certificate_page.css").read_text(encoding="utf-8")
    verdict = shown.claim.verdict
    heading = NAMES.get(verdict, verdict.replace("-", " "))
    heading = _text(heading[:1].upper() + heading[1:])
    name = os.path.relpath(shown.path.resolve(), output.parent.resolve())
    factors = _factors(shown.statement)
    decades = min(max((math.ceil(x) for x in factors if x is not None), default=1), LONGEST_SCALE)
    return Template((inside / "certificate_page.html").read_text(encoding="utf-8")).substitute(
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        title=f"{heading}: certificate {shown.digest[:SHORT]}",
        short=f"{shown.digest[:SHORT]}…",
        heading=heading,
        lead="lead long" if len(shown.claim.sentence) > LONG else "lead",
        sentence=_text(shown.claim.sentence),
        facts="".join(_fact(_text(fact), _text(value)) for fact, value in shown.claim.facts),
        figures=_figures(shown),
        scale=power(max(decades, 1)),
        margins=_margins(shown.inequalities, factors, max(decades, 1)),
        legend=_text(shown.legend),
        file=escape(shlex.quote(visible(str(shown.path)))),
        link=escape(quote(os.fsencode(Path(name).as_posix()))),
        path=_text(str(shown.path)),
        digest=escape(shown.digest),
        identity=escape(shown.identity),
        signatures=_signatures(shown),
        misnamed=_misnamed(shown),
        version=escape(version("relucert")),
    )


def _text(words: str) -> str:
    return escape(visible(words))


def _fact(name: str, value: str) -> str:
    """Of markup."""
    return f"<div><dt>{name}</dt><dd>{value}</dd></div>"


def _signatures(shown: Shown) -> str:
    if not shown.signatures:
        return _fact("signature", "none")
    return "".join(
        _fact("signature", f"{_text(state)}, {_text(signer)}, key <code>{_text(keyid)}</code>")
        for signer, state, keyid in shown.signatures
    )


def _misnamed(shown: Shown) -> str:
    if shown.path.stem == shown.digest:
        return ""
    return '<p class="warning">The name of the file is not the digest of its statement.</p>'


def _figures(shown: Shown) -> str:
    """Nothing for a family without figures."""
    claim = shown.statement["claim"]
    if not shown.well_formed:
        found = [Figure("No figures", "", "Not drawn: the file is larger than what the auditor reads.")]
    else:
        try:
            found = list(family_called(claim["family"], str(shown.path)).figures(claim))
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise InputError(f"{shown.path}: the claim cannot be drawn ({error!r})") from error
    if not found:
        return ""
    drawn = "".join(
        f"<figure><h3>{_text(x.title)}</h3>{x.svg}<figcaption>{_text(x.caption)}</figcaption></figure>"
        for x in found
    )
    return (
        '<section aria-labelledby="figures-title"><h2 id="figures-title">In pictures</h2>'
        f'<div class="figures">{drawn}</div></section>\n'
    )


def _factors(statement: Json) -> list[float | None]:
    """Of each inequality, as `words.inequalities` has them, the decimal logarithm of right over left; None where
    there is no such number."""
    found = []
    for item in (x for argument in statement["evidence"] for x in argument["inequalities"]):
        left, right = (
            None if item[side] is None else exponent_of(number(item[side], side))
            for side in ("left", "right")
        )
        found.append(right - left if item["proved"] and left is not None and right is not None else None)
    return found


def _margins(rows: list[Row], factors: list[float | None], decades: int) -> str:
    """Each theorem with a list of its inequalities."""
    parts = []
    for theorem, group in groupby(zip(rows, factors, strict=True), key=lambda pair: pair[0].theorem):
        items = "".join(_margin(row, factor, decades) for row, factor in group)
        parts.append(f'<h3 class="theorem">{_text(theorem)}</h3><ol class="margins">{items}</ol>')
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
        f'<li><span class="step">{_text(row.step)}</span><span>{_text(row.text)}'
        f"<small>left {_text(row.left)}, right {_text(row.right)}</small></span>{bar}"
        f'<span class="margin">{_text(row.margin)}</span></li>'
    )
