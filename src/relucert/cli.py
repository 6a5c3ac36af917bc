"""The command line. Thin: it reads, calls the library and prints; heavy imports wait inside the commands.

Exit codes: 0 all decided, 2 malformed input or usage, 3 missing optional dependency, 4 resource limit,
5 inconclusive, 130 interrupted, 141 closed pipe.
"""

from __future__ import annotations

import errno
import sys
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer

from relucert import families
from relucert.base.console import (
    INTERRUPTED,
    MISSING,
    RESOURCES,
    USAGE,
    closed_pipe,
    fail,
    output,
    print_anywhere,
)
from relucert.base.errors import InputError, LimitError
from relucert.base.groups import group

HELP = "Turn a candidate minimum of a small ReLU network into a theorem with a signed certificate."
COMMON = {  # where the commands are that are common to all families
    "verify": "relucert.commands.verify",
    "show": "relucert.commands.show",
    "audit": "relucert.commands.audit",
    "export": "relucert.commands.export",
    "grid": "relucert.study.commands",
    "report": "relucert.study.report_command",
    "doctor": "relucert.commands.doctor",
}


@cache
def application(only: str | None = None) -> typer.Typer:
    """All commands, or the one of this name alone, if there is one: to make them all takes longer than what many do."""
    settings = {"help_option_names": ["-h", "--help"]}
    made = group(HELP, context_settings=settings, pretty_exceptions_enable=False)
    made.callback(help=HELP)(_top)
    for name in [only] if only in COMMON else COMMON:
        made.command(name)(getattr(import_module(COMMON[name]), name))
    if only not in COMMON:
        made.add_typer(import_module("relucert.commands.keys").keys, name="keys")
        families.register(made)
        commands = [
            x for x in made.registered_commands if only == (x.name or getattr(x.callback, "__name__", ""))
        ]
        groups = [x for x in made.registered_groups if only == x.name]
        if commands or groups:
            made.registered_commands, made.registered_groups = commands, groups
    return made


def __getattr__(name: str) -> Any:
    """`app`: all commands, made when they are first asked for."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return application()


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        output.print(f"relucert {version('relucert')}", markup=False)
        raise typer.Exit


def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command line and turns every failure into a message and an exit code."""
    print_anywhere()
    sys.exit(_run())


def _broken() -> type[Exception]:
    from concurrent.futures import BrokenExecutor

    return BrokenExecutor


def _interrupted() -> int:
    return fail("interrupted; what is finished is whole", INTERRUPTED)


def _run() -> int:
    try:
        application(next(iter(sys.argv[1:]), None))()
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            return _interrupted()
        if isinstance(stop.__context__, BrokenPipeError):  # of help, which typer ends with 1
            closed_pipe()
        return stop.code if isinstance(stop.code, int) else 0
    except KeyboardInterrupt:  # before typer runs the command
        return _interrupted()
    except LimitError as error:
        return fail(str(error), RESOURCES)
    except InputError as error:
        return fail(str(error), USAGE)
    except ModuleNotFoundError as error:
        return fail(f"a package is missing: {error.name}", MISSING)
    except _broken():  # asked when something else than the above was raised
        return fail(
            "a worker process died, perhaps for want of memory; try fewer --jobs, or a larger machine",
            RESOURCES,
        )
    except MemoryError as error:
        return fail(f"out of memory: {error}" if str(error) else "out of memory", RESOURCES)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE)
        where = f"{error.filename}: " if error.filename else ""
        return fail(f"{where}{error.strerror or error}", RESOURCES if full else USAGE)
    return 0
