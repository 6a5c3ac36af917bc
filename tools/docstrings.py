"""An extension of griffe for the site: "name: what; name: what." of a docstring becomes a list.

A name is one of the signature or a public member, so that no other colon is taken for one.
"""

import re
from typing import Any

import griffe


class NamedParts(griffe.Extension):
    """Rewrites the docstrings of functions and classes as they are loaded."""

    def on_function_instance(self, *, func: griffe.Function, **_: Any) -> None:
        self._rewrite(func, {x.name for x in func.parameters})

    def on_class_members(self, *, cls: griffe.Class, **_: Any) -> None:
        made = cls.members.get("__init__")
        names = {x.name for x in made.parameters} if isinstance(made, griffe.Function) else set[str]()
        self._rewrite(cls, names | set(cls.members))

    def _rewrite(self, thing: griffe.Object, names: set[str]) -> None:
        if thing.docstring and names:
            thing.docstring.value = listed(thing.docstring.value, names)


def listed(text: str, names: set[str]) -> str:
    """The text with each paragraph that has such parts as a list; words before and after them stay.

    >>> listed("Proves. raw: as given; constants: which. Raises.", {"raw", "constants"})
    'Proves.\\n\\n- **raw**: as given.\\n- **constants**: which.\\n\\nRaises.'
    """
    one = "|".join(map(re.escape, sorted(names)))
    start = re.compile(rf"(?:^|(?<=[.;)])\s+)((?:{one})(?:, (?:{one}))*):\s+")
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text):
        before, *parts = start.split(paragraph)
        if not parts:
            paragraphs.append(paragraph)
            continue
        items = [f"- **{name}**: {_flat(said)}" for name, said in zip(parts[::2], parts[1::2], strict=True)]
        last, rest = _after(items.pop())
        paragraphs += [x for x in (before.strip(), "\n".join([*items, last]), rest) if x]
    return "\n\n".join(paragraphs)


def _flat(said: str) -> str:
    """One line that ends a sentence."""
    return re.sub(r"[.;]?\Z", ".", " ".join(said.split()), count=1)


def _after(item: str) -> tuple[str, str]:
    """The last part, and what follows it: from "Raises" on."""
    said, *rest = re.split(r" (?=Raises\b)", item, maxsplit=1)
    return said, "".join(rest)
