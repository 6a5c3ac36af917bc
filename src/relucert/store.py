"""Files that are whole or absent: written under a temporary name, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from relucert.problem import InputError


def write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Puts `data` at `path`, replacing what is there. A reader sees the old file or the new one, whole."""
    temporary = _temporary(path, data, mode)
    try:
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Puts `data` at `path`, which must not exist. Raises FileExistsError."""
    temporary = _temporary(path, data, mode)
    try:
        os.link(temporary, path)
    finally:
        os.unlink(temporary)


def put(directory: Path, digest: str, data: bytes) -> Path:
    """Stores a certificate under its digest; returns its path."""
    path = directory / f"{digest}.json"
    write(path, data)
    return path


def certificate_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that are named, and those in directories that are named. Raises InputError."""
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob("*.json"))
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


def _temporary(path: Path, data: bytes, mode: int) -> str:
    """A complete, synced file beside `path`, private until it is renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".relucert-")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # also on Ctrl-C: nothing half-written stays behind
        os.unlink(name)
        raise
    return name
