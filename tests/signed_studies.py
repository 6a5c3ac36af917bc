"""Tiny studies of signed networks, without processes."""

import json
from pathlib import Path

from proved_studies import KEY, Here
from relucert.families.teacher.network import layer
from relucert.study import batch
from relucert.study.batch import Row, Study
from relucert.study.runs import Protocol

TURNED = Protocol(seed=1, layer=layer(slope="-1/2")), Row(1, 1, 12)
MIXED = Protocol(seed=1, layer=layer("+,-", "+,-")), Row(2, 2, 8)
EVEN = Protocol(seed=1, layer=layer(slope="-1")), Row(2, 2, 12)
WIDE = Protocol(seed=1, floor_steps=3000, layer=layer(slope="1/3")), Row(1, 2, 4)
OPEN = Protocol(seed=3, max_steps=20_000, layer=layer("+,+,-,-", "+,+,+,-")), Row(4, 4, 6)


def opened(directory: Path, protocol: Protocol) -> Study:
    found = Study(directory, protocol, KEY)
    found.open()
    return found


def make(directory: Path, kind: tuple[Protocol, Row], pool=Here) -> Path:
    """The finished study of one row."""
    protocol, row = kind
    events = list(batch.run(opened(directory, protocol), [row], pool, 4))
    assert [event.error for event in events if event.error] == []
    return directory


def read(directory: Path, kind: tuple[Protocol, Row]) -> dict:
    return json.loads((directory / f"rows/{kind[1].k}-{kind[1].n}.json").read_text())


def claims(directory: Path, row: dict) -> list[dict]:
    """Of its families."""
    paths = [directory / f"certificates/{family['certificate']}.json" for family in row["families"]]
    return [json.loads(path.read_text())["statement"]["claim"] for path in paths]
