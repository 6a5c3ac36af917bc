"""Reading losses: the one form, limits, bombs, and inputs by chance."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from certificates import audit, check_bytes
from expression_claims import graph, opened

from makers.expression_direct import drawn
from makers.expression_losses import SUBJECTS, ordered
from relucert_audit.expression.graph import read_loss
from relucert_audit.format import Refusal

X = ["param", 0]
ROOT = Path(__file__).resolve().parents[3]


def result(loss, m=1):
    """Of a claim that says little: of what is read the step is not 0."""
    finding = audit(opened(loss, m)).finding
    return "read" if finding is None or finding.step else finding.result


def refused(loss):
    with pytest.raises(Refusal) as refusal:
        read_loss(loss, "loss")
    return refusal.value.args[-1]


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_one_form_is_read(name):
    loss = SUBJECTS[name]().loss.document()
    found = read_loss(loss, "loss")
    assert [len(found.nodes), found.parameters] == [len(loss["nodes"]), loss["parameters"]]


@pytest.mark.parametrize("seed", range(8))
def test_any_other_order_is_malformed(seed):
    loss = drawn(seed, 40, data=bool(seed % 2), constraints=seed % 3)
    read_loss(loss, "loss")
    roots = [
        loss["output"],
        *([loss["regulariser"]] if "regulariser" in loss else []),
        *loss.get("constraints", []),
    ]
    rng = random.Random(seed)  # noqa: S311
    others = 0
    for _ in range(30):
        i = rng.randrange(len(loss["nodes"]) - 1)
        swap = {i: i + 1, i + 1: i}
        nodes = list(loss["nodes"])
        if i in nodes[i + 1][1:] and nodes[i + 1][0] not in ("param", "input", "const"):
            continue
        nodes[i], nodes[i + 1] = nodes[i + 1], nodes[i]
        nodes = [moved(node, swap) for node in nodes]
        other = loss | {"nodes": nodes, "output": swap.get(loss["output"], loss["output"])}
        for key in ("regulariser", "constraints"):
            if key in loss:
                old = loss[key]
                other[key] = [swap.get(h, h) for h in old] if isinstance(old, list) else swap.get(old, old)
        assert "place" in refused(other)
        assert ordered(nodes, [swap.get(r, r) for r in roots])[0] == loss["nodes"]
        others += 1
    assert others > 3


def moved(node, swap):
    op, *rest = node
    if op in ("param", "input", "const", "pi"):
        return node
    last = rest[-1:] if op == "powi" else []
    args = rest[:-1] if op == "powi" else rest
    return [op, *(swap.get(a, a) for a in args), *last]


def test_order_of_roots():
    """output, then regulariser, then constraints."""
    nodes = [X, ["exp", 0], ["square", 0], ["sin", 0]]
    data = {"data": [["1"]], "scale": "1"}
    read_loss(graph(nodes, 1, output=1, regulariser=2, constraints=[3], **data), "loss")
    read_loss(graph(nodes[:1], 1, output=0, regulariser=0, constraints=[0], **data), "loss")
    for wrong in (
        {"output": 2, "regulariser": 1, "constraints": [3]},
        {"output": 1, "regulariser": 3, "constraints": [2]},
    ):
        assert "place" in refused(graph(nodes, 1, **wrong, **data))
    assert "place" in refused(graph(nodes, 3, output=1, constraints=[3, 2]))
    assert "not needed" in refused(graph(nodes, 1, output=1))


BAD = [
    *(
        [],
        {},
        "x",
        None,
        3,
        [[]],
        [[["param"], 0]],
        [["param"]],
        [["param", 0, 0]],
        [["param", "0"]],
        [["param", -1]],
    ),
    *([["param", 1]], [["param", 0.0]], [["pi", 0]], [["const", 1]], [["const", "+1"]], [["const", "01"]]),
    *([["const", "-0"]], [["const", "1/1"]], [["const", "1/0"]], [["const", "1/-2"]], [["const", "1e3"]]),
    *(
        [["const", " 1"]],
        [["const", "1/2/3"]],
        [["const", "\u0661"]],
        [["const", None]],
        [X, ["exp"]],
        [X, ["exp", 1]],
    ),
    *(
        [X, ["exp", -1]],
        [X, ["exp", True]],
        [X, ["exp", "0"]],
        [X, ["exp", [0]]],
        [X, ["powi", 0]],
        [X, ["powi", 0, 0]],
    ),
    *(
        [X, ["powi", 0, 1]],
        [X, ["powi", 0, 2]],
        [X, ["powi", 0, -1001]],
        [X, ["powi", 0, True]],
        [X, ["powi", 0, "3"]],
    ),
    *(
        [X, ["powi", 3, 0]],
        [X, ["sub", 0]],
        [X, ["sub", 0, 0, 0]],
        [X, ["sum"]],
        [X, ["sum", 0]],
        [X, ["dot"]],
    ),
    *([X, ["dot", 0]], [X, ["dot", 0, 0, 0]], [X, ["EXP", 0]], [X, ["eval", 0]], [X, X, ["add", 0, 1]]),
]


@pytest.mark.parametrize("nodes", BAD, ids=range(len(BAD)))
def test_bad_nodes(nodes):
    loss = graph(nodes if isinstance(nodes, list) else []) | {"nodes": nodes}
    loss["output"] = max(loss["output"], 0)
    assert result(loss) == "malformed"
    assert result(graph([X])) == "read"


ONE = {"scale": "1"}
MEMBERS = [
    *(
        {"schema": "relucert-loss/2"},
        {"parameters": 0},
        {"parameters": 201},
        {"parameters": True},
        {"parameters": "1"},
    ),
    *(
        {"output": 1},
        {"output": -1},
        {"output": None},
        {"name": "x"},
        ONE,
        {"regulariser": 0},
        {"data": [["1"]]},
    ),
    *(
        {"constraints": []},
        {"constraints": [0, 0]},
        {"constraints": 0},
        {"constraints": [1]},
        ONE | {"data": []},
    ),
    *(
        ONE | {"data": [[]]},
        ONE | {"data": [["1"], []]},
        ONE | {"data": [["1"], ["1", "2"]]},
        ONE | {"data": ["1"]},
    ),
    *(
        ONE | {"data": {}},
        {"data": [["1"]], "scale": "0"},
        {"data": [["1"]], "scale": 1},
        ONE | {"data": [[1]]},
    ),
    *(
        ONE | {"data": [["0.5"]]},
        ONE | {"data": [["1"] * 1001]},
        ONE | {"data": [["1"]] * 10_001},
        {"data": None},
    ),
    *(ONE | {"data": [["1"] * 501] * 400}, {"constraints": None}),
]


@pytest.mark.parametrize("members", MEMBERS, ids=range(len(MEMBERS)))
def test_bad_members(members):
    assert result(graph([X]) | members) == "malformed"


def test_long_numbers():
    for digits, expected in ((400, "read"), (401, "malformed")):
        for q in ("1" * digits, "-" + "1" * digits, "1/" + "3" * digits, "2" * digits + "/" + "3" * digits):
            nodes = [X, ["const", q if "2" not in q else q[:-1] + "5"], ["add", 0, 1]]
            assert result(graph(nodes)) in (expected, "malformed" if "2" in q else expected)


def test_limits_of_size():
    chain = [X, *(["neg", i] for i in range(19_999))]
    read_loss(graph(chain), "loss")
    assert "20000" in refused(graph([*chain, ["neg", 19_999]]))
    wide = [X, ["sum", *[0] * 199_998], ["neg", 1]]
    read_loss(graph([*wide, ["neg", 2]]), "loss")
    assert "200000" in refused(graph([*wide, ["neg", 2], ["neg", 3]]))
    inputs = [X, *(["input", j] for j in range(20)), ["sum", *range(21)]]
    rows = {"data": [["1"] * 20] * 10_000, "scale": "1"}
    deep = [*inputs, *(["neg", 21 + i] for i in range(179))]
    read_loss(graph(deep, **rows), "loss")
    assert "2000000" in refused(graph([*deep, ["neg", 200]], **rows))


def within_a_second(loss, m=1, expected=("not-confirmed", "rejected")):
    data = json.dumps(opened(loss, m)).encode()
    start = time.process_time()
    found = check_bytes(data).result
    assert time.process_time() - start < 1
    assert found in expected


def test_bombs():
    """Squares of squares, powers of powers, and graphs with many paths."""
    within_a_second(graph([X, *(["square", i] for i in range(3_000))]))
    within_a_second(graph([X, ["const", "3"], ["add", 0, 1], *(["square", i] for i in range(2, 19_000))]))
    within_a_second(graph([X, ["const", "3"], ["add", 0, 1], *(["powi", i, 1000] for i in range(2, 3_000))]))
    within_a_second(graph([X, ["const", "3"], ["add", 0, 1], *(["powi", i, -999] for i in range(2, 3_000))]))
    within_a_second(graph([X, *(["exp", i] for i in range(3_000))]))
    within_a_second(graph([X, *(["mul", i, i] for i in range(1_000))]))
    within_a_second(graph([X, *(["add", i, i] for i in range(1_000))]))
    within_a_second(graph([X, ["const", "2"], ["add", 0, 1], *(["dot", *[i] * 100] for i in range(2, 400))]))
    huge = ["const", "1" + 399 * "0"]
    within_a_second(graph([X, huge, ["mul", 0, 1], ["exp", 2]]))
    within_a_second(graph([X, huge, ["mul", 0, 1], ["sin", 2]]))
    tiny = ["const", "1/1" + 399 * "0"]
    within_a_second(graph([X, tiny, ["mul", 0, 1], ["powi", 2, -1000]]))


BOMB = """
import json, resource, sys, time
sys.path.insert(0, "tests/audit")
from relucert_audit.check import check
from relucert_audit.trust import Trust
from datetime import UTC, datetime
from expression_claims import opened, graph
nodes = [["param", 0]] + [["square", i] for i in range(10**6)]
data = json.dumps(opened(graph(nodes))).encode()
resource.setrlimit(resource.RLIMIT_AS, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + (1 << 30),) * 2)
start = time.process_time()
print(check(data, "a.json", Trust(), datetime.now(UTC)).result, time.process_time() - start < 1.0)
"""


def test_a_million_nodes():
    env = {
        "PYTHONPATH": ":".join(
            str(ROOT / x) for x in ("src", "tools", "tests", "tests/audit", "tests/audit/expression")
        )
    }
    done = subprocess.run(
        [sys.executable, "-c", BOMB], capture_output=True, text=True, env=env, cwd=ROOT, check=True
    )
    assert done.stdout == "not-confirmed True\n"


def test_a_point_that_is_too_large():
    for e in (300, 65536):
        document = opened(graph([X, ["square", 0]]), point=[["1", e]])
        assert audit(document).result == "not-confirmed"
    long, tiny = ([[str(2**14_000 + 1), -14_000]], [["1", -65536]])
    assert audit(opened(graph([X, ["square", 0]]), point=long)).result == "accepted"
    assert audit(opened(graph([X, ["square", 0]]), point=tiny)).result == "rejected"


def test_by_chance():
    """The short form of tools/fuzz_expression.py."""
    import fuzz_expression

    assert fuzz_expression.fuzz("reader", fuzz_expression.one_read, 1_500, seed=7) == 0
    assert fuzz_expression.fuzz("checker", fuzz_expression.one_checked, 200, seed=7) == 0


def test_an_input_is_one_of_the_columns():
    nodes = [X, ["input", 0], ["mul", 0, 1]]
    assert result(graph(nodes)) == "malformed"  # without data
    for rows, place in (([["1"]], 1), ([["1", "2"]], 2), ([["1", "2"]], 3)):
        nodes[1] = ["input", place]
        assert result(graph(nodes, data=rows, scale="1")) == "malformed"
    nodes[1] = ["input", 1]
    assert result(graph(nodes, data=[["1", "2"]], scale="1")) == "read"
