"""`relucert doctor`: what a bug report needs to know about an installation, and nothing personal."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

from relucert.base.console import output, print_json
from relucert.base.machine import GIB, memory
from relucert.base.visible import visible
from relucert.commands.options import JsonOption

NEEDED = (
    "relucert",
    "python-flint",
    "numpy",
    "scipy",
    "numba",
    "mpmath",
    "cryptography",
    "rfc8785",
    "typer",
    "rich",
)
EXTRAS = {
    "matplotlib": "pictures (relucert[plot])",
    "pyarrow": "report --format parquet (relucert[report])",
    "sympy": "losses from SymPy (relucert[expressions])",
    "distributed": "grid --dask (relucert[cluster])",
    "h5py": "HDF5 and MATLAB 7.3 (relucert[weights])",
    "torch": ".pt and .pth",
    "bcrypt": "OpenSSH keys with a passphrase",
}
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def doctor(as_json: JsonOption = False) -> None:
    """Print versions, BLAS, cores, memory, disk, extras and whether there is a key: for bug reports.

    Nothing is sent, and nothing is personal but the place of the key below your home.
    """
    found = facts()
    if as_json:
        print_json(found)
        return
    missing = {name: f"not there; for {use}" for name, use in EXTRAS.items() if found["extras"][name] is None}
    for name, value in (found | {"extras": found["extras"] | missing}).items():
        output.print(f"{name.replace('_', ' ')}: {_words(value)}", markup=False)


def facts() -> dict[str, Any]:
    """All that is printed, as JSON values."""
    return {
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": {name: _version(name) for name in NEEDED},
        "blas": _blas(),
        "cores": _cores(),
        "memory_gib": _memory(),
        "disk_free_gib": _gib(shutil.disk_usage(".").free),
        "key": _key(),
        "extras": {name: _version(name) for name in EXTRAS},
        "coqc": _coqc(),
        "output": {"terminal": sys.stdout.isatty(), "encoding": sys.stdout.encoding},
    }


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"\n  {name}: {_words(inner)}" for name, inner in value.items())
    if value is None:
        return "not there"
    return ("yes" if value else "no") if isinstance(value, bool) else visible(str(value))


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _blas() -> str:
    """Which one NumPy was built with."""
    import numpy as np

    built: dict[str, Any] = np.show_config(mode="dicts") or {}  # type: ignore[assignment]
    of = built.get("Build Dependencies", {}).get("blas", {})
    return f"{of.get('name', 'unknown')} {of.get('version', '')}".strip()


def _cores() -> dict[str, int | None]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return {"of the machine": os.cpu_count(), "of this process": usable}


def _memory() -> dict[str, float | None]:
    return {name: None if size is None else _gib(size) for name, size in memory().items()}


def _gib(count: int) -> float:
    return round(count / GIB, 1)


def _key() -> dict[str, Any]:
    """Where the local key is and who may read it, never what is in it."""
    from relucert.certificate.signing import default_key_path

    path = default_key_path()
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return {"place": _place(path), "mode": None}
    private = os.name != "posix" or not mode & OTHERS
    return {"place": _place(path), "mode": f"{mode:04o}", "readable by you alone": private}


def _place(path: Path) -> str:
    """With ~ for the home; outside of it by the variable that says where."""
    if path.is_relative_to(Path.home()):
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    return (
        "$RELUCERT_HOME/key.pem" if os.environ.get("RELUCERT_HOME") else "$XDG_CONFIG_HOME/relucert/key.pem"
    )


def _coqc() -> str | None:
    from relucert.families.teacher.formal import coq

    try:
        return coq.find()
    except coq.Missing:
        return None
