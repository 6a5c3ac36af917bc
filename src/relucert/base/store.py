"""Files that are whole or absent: written under a temporary name, then renamed."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from relucert.base.errors import InputError


def write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Puts `data` at `path`, replacing the file that is there. A reader sees the old file or the new one, whole.

    Raises InputError for what is no file, as a device or a pipe: renaming would replace the thing itself.
    """
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no file, and would be replaced by one; name a file")
    with _temporary(path, data, mode) as temporary:
        os.replace(temporary, path)


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Puts `data` at `path`, which must not exist. Raises FileExistsError."""
    with _temporary(path, data, mode) as temporary:
        os.link(temporary, path)


def put(directory: Path, digest: str, data: bytes) -> Path:
    """Stores a certificate under its digest; returns its path."""
    path = directory / f"{digest}.json"
    write(path, data)
    return path


def certificate_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that are named, and those in directories that are named and below them. Raises InputError."""
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*.json"))
            if not inside:
                raise InputError(f"{path}: no certificates (*.json) in this directory")
            yield from inside
        elif path.exists():
            yield path
        else:
            raise InputError(f"{path}: no such file")


def prepare(directory: Path) -> None:
    """Makes the directory and proves that files can be written there, before long work starts."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=directory, prefix=".relucert-"):
        pass


@contextmanager
def _temporary(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A complete, synced file beside `path`, private until it is renamed; gone at the end, also on Ctrl-C."""
    name = path.parent / f".relucert-{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield name
    finally:
        name.unlink(missing_ok=True)
