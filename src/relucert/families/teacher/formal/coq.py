"""Running coqc: the theory from its texts, then one certificate after another.

Compiled files that lie on the disk already are not believed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relucert.families.teacher.formal.text import CLEAN, FAST, NUMBERS, PLACE, THEOREM

PROJECT = "_CoqProject"
INSTALL = "Debian: apt-get install coq libcoq-interval libcoq-coquelicot"
OLDEST, NEWEST = (8, 16), (8, 20)
FLAGS = ("-w", "-ambiguous-paths")
PROBE = "From Interval Require Import Tactic.\nFrom Coquelicot Require Import Coquelicot.\n"

REAL_AXIOMS = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "Classical_Prop.classic",
        "FunctionalExtensionality.functional_extensionality_dep",
    }
)
MACHINE_INTEGERS = ("PrimInt63.", "Uint63.")  # modules whose axioms describe 63-bit integers


class Missing(Exception):  # noqa: N818 - says what happened
    """Coq or a library of it is not there, or of a version that the theory is not made for."""


class Refused(Exception):  # noqa: N818
    """coqc does not accept a file; the message is for people."""


class OutOfMemory(Exception):  # noqa: N818
    """coqc was killed, or said that memory ran out."""


@dataclass(frozen=True)
class Run:
    """What a program said, how long it took (its own work, and in all, in seconds), its largest memory (bytes)."""

    text: str
    code: int
    work: float
    wall: float
    memory: int


@dataclass(frozen=True)
class Checked:
    """A theorem that coqc accepted. axioms: all that it rests on; work, wall, memory: as in Run, for both files."""

    axioms: tuple[str, ...]
    work: float
    wall: float
    memory: int


def theory() -> Path:
    """The folder of the theory: in an installed package, or in the repository."""
    package = Path(__file__).parents[3]
    installed = package / "formal"
    return installed if (installed / PROJECT).is_file() else package.parents[1] / "formal"


def theory_files(fast: bool) -> dict[str, str]:
    """Name and text of each file of the theory, in the order of compilation, with one of its two number types."""
    folder = theory()
    names = [x for x in (folder / PROJECT).read_text().split() if x.endswith(".v")]
    unused = f"{CLEAN if fast else FAST}.v"
    return {name: (folder / name).read_text() for name in names if name != unused}


def find() -> str:
    """The version of coqc. Raises Missing."""
    if shutil.which("coqc") is None:
        raise Missing(f"there is no coqc on the PATH; {INSTALL}")
    found = re.search(r"version (\d+)\.(\d+)", run(["coqc", "--version"], Path.cwd()).text)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if not OLDEST <= version <= NEWEST:
        least, most = (".".join(map(str, x)) for x in (OLDEST, NEWEST))
        raise Missing(
            f"coqc is of version {version[0]}.{version[1]}; the theory is for {least} to {most}; {INSTALL}"
        )
    return f"{version[0]}.{version[1]}"


def libraries(folder: Path) -> None:
    """Raises Missing where coqc does not find them. `folder` is for a file that asks for them."""
    (folder / "Probe.v").write_text(PROBE)
    if run(["coqc", *FLAGS, "Probe.v"], folder).code:
        raise Missing(f"coqc does not find coq-interval and coquelicot; {INSTALL}")


def build(folder: Path, fast: bool) -> Run:
    """Writes the theory into `folder` / theory and compiles it. Raises Missing, OutOfMemory."""
    place = folder / "theory"
    place.mkdir()
    libraries(place)
    runs = []
    for name, text in theory_files(fast).items():
        (place / name).write_text(text)
        result = run(["coqc", *FLAGS, "-Q", ".", "Relucert", name], place)
        if result.code:
            _memory(result)
            raise Missing(
                f"this version of Coq does not compile the theory ({name}: {_last(result.text)}); {INSTALL}"
            )
        runs.append(result)
    return _together(runs)


def check(folder: Path, numbers: str, theorem: str, fast: bool) -> Checked:
    """What coqc says of a certificate's two files, beside a theory that `build` made. Raises Refused, OutOfMemory."""
    place = folder / PLACE
    place.mkdir(exist_ok=True)
    runs = []
    for name, text in ((NUMBERS, numbers), (THEOREM, theorem)):
        (place / name).write_text(text)
        result = run(
            ["coqc", *FLAGS, "-Q", str(folder / "theory"), "Relucert", "-Q", ".", "Certificate", name], place
        )
        if result.code:
            _memory(result)
            raise Refused(f"coqc does not accept {name}: {_last(result.text)}")
        runs.append(result)
    axioms = axioms_in(runs[-1].text)
    unknown = [x for x in axioms if not (x in REAL_AXIOMS or (fast and x.startswith(MACHINE_INTEGERS)))]
    if unknown or not axioms:
        raise Refused(
            f"the theorem rests on more than it may: {', '.join(unknown) or 'no axioms were listed'}"
        )
    whole = _together(runs)
    return Checked(axioms, whole.work, whole.wall, whole.memory)


def axioms_in(text: str) -> tuple[str, ...]:
    """The names that Print Assumptions lists."""
    _, found, listed = text.partition("Axioms:\n")
    names = re.findall(r"^([A-Za-z_][\w.']*)", listed, re.MULTILINE) if found else []
    return tuple(sorted(set(names)))


def run(command: Sequence[str], folder: Path) -> Run:
    """Runs a program to its end."""
    start = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - a fixed program
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        text = process.stdout.read() if process.stdout is not None else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    work = usage.ru_utime + usage.ru_stime
    return Run(text, process.returncode, work, time.monotonic() - start, usage.ru_maxrss * 1024)


def _together(runs: Sequence[Run]) -> Run:
    return Run("", 0, sum(x.work for x in runs), sum(x.wall for x in runs), max(x.memory for x in runs))


def _memory(result: Run) -> None:
    """Raises OutOfMemory where a failure is one of memory."""
    if result.code == -9 or "Out of memory" in result.text or "Stack overflow" in result.text:
        raise OutOfMemory(f"coqc ran out of memory at {result.memory >> 20} MiB")


def _last(text: str) -> str:
    """The end of an error message, on one line."""
    if re.search(r"check(_every)?(_saddle)?\s+(numbers|proof)\s+=\s+true", text):
        return "the check of the numbers does not come out true"
    words = " ".join(text.partition("Error:")[2].split() or text.split())
    return words[:200] or "no message"
