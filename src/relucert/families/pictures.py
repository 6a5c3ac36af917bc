"""The figures of a claim in one object, which a notebook shows and `save` writes as a page. They prove nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from os import PathLike
from pathlib import Path
from string import Template

import numpy as np

from relucert.base import store
from relucert.base.errors import InputError
from relucert.base.visible import escaped
from relucert.certificate.numbers import Json, number
from relucert.certificate.shown import margin
from relucert.families import family_called
from relucert.families.drawing import Margin, exponent_of, margins
from relucert.families.family import Figure

PAGE = ".html"
MOST_MARGINS = 40  # bars of one picture
RECORDED = (
    "The inequalities that the prover recorded beside the claim, which no check binds to it: a bar is the factor by "
    "which the right side exceeds the left one, on a logarithmic scale; without a bar there is no factor."
)


@dataclass(frozen=True, repr=False)
class Pictures:
    """Figures of one claim, below its sentence. A notebook shows them; `save` writes them."""

    sentence: str
    figures: tuple[Figure, ...]

    def save(self, path: str | PathLike[str]) -> Path:
        """Writes them as one page that needs nothing else. Raises InputError where the name is not that of a page."""
        place = Path(path)
        if place.suffix.lower() != PAGE or place.is_dir():
            raise InputError(f"{place}: the pictures are a page; give its file a name that ends in {PAGE}")
        sheet = style()
        page = Template(_sheet("pictures.html")).substitute(
            style=sheet, style_hash=style_hash(sheet), inside=self._inside()
        )
        store.prepare(place.parent)
        store.write(place, page.encode())
        return place

    def _inside(self) -> str:
        return f"<p>{escaped(self.sentence)}</p>\n{markup(self.figures)}"

    def _repr_html_(self) -> str:
        own = style().replace(":root", ".relucert")  # the colours of the notebook stay as they are
        return f'<style>{own}</style><div class="relucert">{self._inside()}</div>'

    def __repr__(self) -> str:
        return f"<pictures: {'; '.join(x.title for x in self.figures)}>"


def pictures(statement: Json, sentence: str, where: str) -> Pictures:
    """Of a statement that is well-formed. `where` stands in errors. Raises InputError."""
    found = drawn(statement["claim"], where)
    with _legible(where):
        found += _margins(statement)
    return Pictures(sentence, tuple(found))


def drawn(claim: Json, where: str) -> list[Figure]:
    """The figures that its family brings. Raises InputError for a claim that cannot be drawn."""
    with _legible(where), np.errstate(all="ignore"):  # what overflows is seen, and left out
        return list(family_called(claim["family"], where).figures(claim))


@contextmanager
def _legible(where: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, ArithmeticError) as error:
        raise InputError(f"{where}: cannot be drawn ({error!r})") from error


def factor(item: Json) -> float | None:
    """Of a recorded inequality the decimal logarithm of right over left; None where there is no such number."""
    left, right = (
        None if item[side] is None else exponent_of(number(item[side], side)) for side in ("left", "right")
    )
    return right - left if item["proved"] and left is not None and right is not None else None


def _margins(statement: Json) -> list[Figure]:
    """One picture, of the smallest margins where there are many; nothing without inequalities."""
    found = [
        Margin(item["step"], item["text"], factor(item), margin(item))
        for argument in statement["evidence"]
        for item in argument["inequalities"]
    ]
    if not found:
        return []
    smallest = sorted(range(len(found)), key=lambda i: (found[i].factor is None, found[i].factor or 0.0))
    shown = [found[i] for i in sorted(smallest[:MOST_MARGINS])]
    more = (
        f" The {MOST_MARGINS} with the smallest factors of {len(found)}." if len(shown) < len(found) else ""
    )
    return [Figure("Margins", margins(shown), RECORDED + more)]


def style() -> str:
    """The sheet of figures, with the colours."""
    return colours() + _sheet("figures.css")


def colours() -> str:
    """The sheet of the colours of all pages."""
    return _sheet("colours.css")


def _sheet(name: str) -> str:
    return (files("relucert.families") / name).read_text(encoding="utf-8")


def style_hash(sheet: str) -> str:
    """As a Content-Security-Policy names a style sheet."""
    return base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()


def markup(figures: Sequence[Figure]) -> str:
    shown = "".join(
        f"<figure><h3>{escaped(x.title)}</h3>{x.svg}<figcaption>{escaped(x.caption)}</figcaption></figure>"
        for x in figures
    )
    return f'<div class="figures">{shown}</div>'
