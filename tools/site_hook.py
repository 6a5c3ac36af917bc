"""The hook of mkdocs.yml: what the site has beyond docs/.

- The front page is the README, then docs/index.md.
- certificates/README.md is a page; any other file outside docs/ that a page links to is copied to the site.
- A link to a folder becomes a link to its README.md on the site, or plain text where that is no page.
- A folder in the navigation stands for its pages.
- A page whose lists, tables, blocks or emphasis differ from what a code host shows (CommonMark) is a warning, and so
  is an item of a list that is shown with another number than the written one.
"""

import logging
import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

from mkdocs.structure.files import File, Files

from list_numbers import COMMONMARK, misnumbered

ROOT = Path(__file__).parents[1]
DOCS = "docs"
PAGES_OUTSIDE = ("certificates/README.md",)
LINK = re.compile(r"\[((?:[^][]|\[[^][]*\])*)\]\(([^()\s#]+)(#[^()\s]*)?\)")
SHAPES = ("h1", "h2", "h3", "ol", "ul", "li", "table", "tr", "td", "pre", "blockquote", "em", "strong")
LOG = logging.getLogger("mkdocs.hooks.site")
ELSEWHERE = re.compile(r"[a-z]+:")


def on_config(config: Any) -> Any:
    """Folders of the navigation become lists of pages."""
    config["nav"] = [_opened(x) for x in config["nav"]]
    return config


def _opened(entry: Any) -> Any:
    if isinstance(entry, dict):
        return {title: _opened(x) for title, x in entry.items()}
    if isinstance(entry, list):
        return [_opened(x) for x in entry]
    if entry.endswith("/"):
        return sorted(f"{entry}{x.name}" for x in (ROOT / DOCS / entry).glob("*.md"))
    return entry


def on_files(files: Files, config: Any) -> Files:
    """Adds what the pages link to outside docs/."""
    pages = {f"{DOCS}/{x.src_uri}": x.content_string for x in files.documentation_pages()}
    pages |= {x: (ROOT / x).read_text() for x in ("README.md", *PAGES_OUTSIDE)}
    linked = (_named(page, target) for page, text in pages.items() for _, target, _ in LINK.findall(text))
    for name in sorted({*PAGES_OUTSIDE, *(x for x in linked if x and _is_file_outside(x))}):
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def _named(page: str, target: str) -> str | None:
    """The file of the repository that a link of a page names; None for an address elsewhere."""
    return None if ELSEWHERE.match(target) else normpath(PurePosixPath(page).parent / target)


def _is_file_outside(name: str) -> bool:
    return name != "README.md" and not name.startswith(f"{DOCS}/") and (ROOT / name).is_file()


def on_page_markdown(markdown: str, *, page: Any, files: Files, **_: Any) -> str:
    """The page with its links as the site needs them; the front page with the README before it."""
    at = page.file.src_uri
    if at != "index.md":
        return _relinked(markdown, at if at in PAGES_OUTSIDE else f"{DOCS}/{at}", at, files)
    page.meta["hide"] = ["navigation"]
    story = _relinked((ROOT / "README.md").read_text(), "README.md", at, files)
    rest = _relinked(markdown, f"{DOCS}/{at}", at, files)
    return f"{story}\n#{rest}"


def _relinked(markdown: str, page: str, at: str, files: Files) -> str:
    """Links of `page`, a file of the repository, as links of `at`, a page of the site. Fences stay."""
    parts = re.split(r"(^```.*?^```)", markdown, flags=re.MULTILINE | re.DOTALL)
    parts[::2] = [LINK.sub(lambda found: _link(found, page, at, files), x) for x in parts[::2]]
    return "".join(parts)


def _link(found: re.Match[str], page: str, at: str, files: Files) -> str:
    text, target, anchor = found[1], found[2], found[3] or ""
    name = _named(page, target)
    if name is None:
        return found[0]
    on_site = "index.md" if name == "README.md" else name.removeprefix(f"{DOCS}/")
    if (ROOT / name).is_dir():
        readmes = (f"{on_site}/README.md", f"{PurePosixPath(on_site).parent}/README.md")
        on_site = next((x for x in readmes if files.get_file_from_path(x)), "")
    return f"[{text}]({relpath(on_site, PurePosixPath(at).parent)}{anchor})" if on_site else text


def on_page_content(html: str, *, page: Any, **_: Any) -> None:
    """Warns where the two readings of Markdown differ in shape; pages with docstrings have no other reading."""
    if "\n::: " in page.markdown:
        return
    other = COMMONMARK.render(page.markdown)
    for shape in SHAPES:
        here, there = (len(re.findall(f"<{shape}[ >]", x)) for x in (html, other))
        if here != there:
            LOG.warning("%s: %d <%s> on the site, %d on a code host", page.file.src_uri, here, shape, there)
    for written, shown in misnumbered(page.markdown):
        LOG.warning("%s: item %d of a list is shown as %d", page.file.src_uri, written, shown)
