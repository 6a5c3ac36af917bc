"""The comparison as one HTML page that needs nothing else: no network, no fonts, no script."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from urllib.parse import quote

from relucert.base.dyadic import to_float
from relucert.families.landscape.compare import Line, Proved, Settings

CELL = 16  # pixels of an entry of a matrix in the picture
MINIMA = (  # part of every certificate of a run; not true for all mu and lambda
    "\nIts local minima are the matrices t P, P a permutation matrix with signs, t<sup>2</sup> = λ/(λ − μ c/12). "
    "All are global, and their rows are the teacher's neurons up to sign and length."
)
SHORT = 8  # digits of a digest that a link shows


def page(lines: Sequence[Line], settings: Settings, output: Path) -> str:
    """The page, with links to certificates relative to where it will be."""
    inside = files("relucert.families.landscape")
    style, text = ((inside / name).read_text(encoding="utf-8") for name in ("compare.css", "compare.html"))
    shown = [line for line in lines if line.proved is not None]
    left = [str(line.stored.k) for line in lines if line.proved is None]
    scope = f"This is proved for k = {_ranges([line.stored.k for line in shown])}."
    return Template(text).substitute(
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        mu=escape(str(settings.mu)),
        lam=escape(str(settings.lam)),
        eta=escape(str(settings.eta)),
        minima=MINIMA if shown else "",
        scope=scope if shown else "This is proved for no k.",
        open=f'<p class="open">Parts 2 and 3 are not proved for k = {", ".join(left)}.</p>' if left else "",
        lines="\n".join(_line(line, output.parent) for line in lines),
        picture=_picture(shown[0], shown[0].proved) if shown and shown[0].proved is not None else "",
        version=escape(version("relucert")),
    )


def _ranges(ks: Sequence[int]) -> str:
    """6, 7, 8, 10 as "6..8, 10"."""
    found: list[list[int]] = []
    for k in ks:
        if found and k == found[-1][1] + 1:
            found[-1][1] = k
        else:
            found.append([k, k])
    return ", ".join(str(a) if a == b else f"{a}..{b}" for a, b in found)


def _line(line: Line, folder: Path) -> str:
    stored, found = line.stored, line.proved
    target = Path(os.path.relpath(stored.path.resolve(), folder.resolve())).as_posix()
    cells = [f"{stored.loss[0]} .. {stored.loss[1]}", stored.shown_radius, *(stored.basin or ("–", "–"))]
    if found is None:
        new = '<td colspan="4" class="open">not proved</td>'
        last = f"<td>{escape(line.reason)}</td>"
    else:
        numbers = (found.start_radius, found.gradient_min, str(found.steps), found.distance)
        new = "".join(f"<td>{escape(x)}</td>" for x in numbers)
        last = f"<td>{_link(f'{found.digest}.json', found.digest)}</td>"
    head = "".join(f"<td>{escape(x)}</td>" for x in cells)
    return f'<tr><th scope="row">{stored.k}</th>{head}{new}<td>{_link(target, stored.digest)}</td>{last}</tr>'


def _link(target: str, digest: str) -> str:
    return f'<a href="{escape(quote(os.fsencode(target)))}" title="{digest}">{digest[:SHORT]}</a>'


def _picture(line: Line, found: Proved) -> str:
    """W beside the signed permutation in which all runs end, as squares of the sizes of the entries."""
    k = line.stored.k
    side = k * CELL
    start = [[to_float(x) for x in row] for row in line.stored.rows]
    end = [[0.0] * k for _ in range(k)]
    for j, (i, sign) in enumerate(zip(found.permutation, found.signs, strict=True)):
        end[j][i] = float(f"{sign}1")
    gap = 110
    words = (
        f"For k = {k}: on the left W, a neuron a row, where the l2 loss is stuck; on the right the global minimum of G "
        f"to which every run from within {found.start_radius} of W converges. An entry is a square with the area of "
        "its size, orange if positive, blue if negative."
    )
    return (
        f'<figure><svg viewBox="-1 -1 {2 * side + gap + 2} {side + 2}" role="img" aria-labelledby="seen">'
        f'<title id="seen">W and the end of gradient descent on G, k = {k}</title>{_matrix(start, 0)}'
        f'<text x="{side + gap / 2}" y="{side / 2 - 6}" text-anchor="middle">gradient</text>'
        f'<text x="{side + gap / 2}" y="{side / 2 + 12}" text-anchor="middle">descent on G →</text>'
        f"{_matrix(end, side + gap)}</svg><figcaption>{words}</figcaption></figure>"
    )


def _matrix(rows: Sequence[Sequence[float]], left: int) -> str:
    largest = max(abs(x) for row in rows for x in row) or 1.0
    squares = []
    for j, row in enumerate(rows):
        for i, x in enumerate(row):
            size = round((CELL - 2) * (abs(x) / largest) ** 0.5, 1)
            corner = (CELL - size) / 2
            kind = "p" if x > 0 else "n"
            if size > 0:
                squares.append(
                    f'<rect class="{kind}" x="{left + i * CELL + corner:.4g}" y="{j * CELL + corner:.4g}" '
                    f'width="{size}" height="{size}"/>'
                )
    side = len(rows) * CELL
    frame = f'<rect class="frame" x="{left}" y="0" width="{side}" height="{side}"/>'
    return frame + "".join(squares)
