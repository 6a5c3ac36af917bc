"""`relucert loss`: what a loss.json holds. (`relucert verify POINT --loss loss.json` proves.)"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from relucert.base.console import output, print_json
from relucert.base.visible import counted
from relucert.commands.options import JsonOption


def loss(
    file: Annotated[Path, typer.Argument(help="A loss.json (docs/families/expression.md).")],
    write: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write it in its one form to this file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read a loss, say what it holds, and write it in the one form that certificates have."""
    import json

    from relucert.base import store
    from relucert.families.expression.reading import read_loss
    from relucert.families.expression.words import digest

    graph = read_loss(file)
    whole = graph.as_json()
    kinds = Counter(str(node[0]) for node in graph.nodes)
    facts = {
        "parameters": graph.parameters,
        "nodes": len(graph.nodes),
        "rows": len(graph.data or ()),
        "constraints": len(graph.constraints),
        "operations": dict(sorted(kinds.items())),
        "digest": digest(whole),
    }
    if write is not None:
        store.write(write, (json.dumps(whole) + "\n").encode())
    if as_json:
        print_json({"source": str(file), **facts})
        return
    output.print(
        f"{file}: {counted(facts['parameters'], 'parameter')}, {counted(facts['nodes'], 'node')}",
        markup=False,
    )
    output.print("  " + ", ".join(f"{count} {name}" for name, count in sorted(kinds.items())), markup=False)
    if graph.data is not None:
        output.print(
            f"  {counted(facts['rows'], 'row')} of {counted(graph.inputs, 'number')}, scale {graph.scale}",
            markup=False,
        )
    if graph.constraints:
        output.print(f"  {counted(facts['constraints'], 'constraint')}", markup=False)
    output.print(f"  SHA-256 {facts['digest']}", markup=False)


def register(app: typer.Typer) -> None:
    """Adds it to the command line."""
    app.command()(loss)
