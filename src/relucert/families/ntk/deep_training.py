"""Problems of training a deep network from files and options."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from relucert.base.dyadic import Dyadic
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.base.json_numbers import located
from relucert.base.rational import exact_number
from relucert.families.ntk.deep_problem import Architecture, DeepTraining, Layers
from relucert.families.ntk.deep_prove import with_default_step
from relucert.families.ntk.shallow_problem import Seeded
from relucert.families.ntk.shallow_read import members, row_of, table_of


def training_of(
    x: Rows, y: tuple[Dyadic, ...], of: Architecture, start: Seeded | Layers, step: str | None
) -> DeepTraining:
    """With the default step where none is given. Raises InputError."""
    given = Fraction(1) if step is None else exact_number(step, "--step")
    training = DeepTraining(x, y, of, start, given)
    return with_default_step(training) if step is None else training


def read_layers(path: Path) -> Layers:
    """A start: .json with layers, a list of tables, and output; .npz with W_1, .., W_H and output.

    Raises InputError.
    """
    if path.suffix.lower() == ".json":
        found = members(path, ("layers", "output"), ())
        given = found["layers"]
        if not isinstance(given, list) or not given:
            raise InputError(f"{path}: layers: expected a list of tables W_1, .., W_H")
    elif path.suffix.lower() == ".npz":
        found = members(path, ("W_1", "output"), tuple(f"W_{h}" for h in range(2, 33)))
        given = [found[f"W_{h}"] for h in range(1, len(found)) if f"W_{h}" in found]
        if len(given) != len(found) - 1:
            raise InputError(f"{path}: expected W_1, .., W_H with no number left out, and output")
    else:
        raise InputError(f"{path}: a start is a .json or .npz file")
    return located(
        path,
        lambda: Layers(
            tuple(table_of(layer, f"layer {h}") for h, layer in enumerate(given)),
            row_of(found["output"], "output"),
        ),
    )
