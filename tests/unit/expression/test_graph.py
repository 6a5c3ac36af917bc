"""The one form of a loss, its limits, and what messages say of it."""

import json
import time
from fractions import Fraction

import pytest

from relucert.base.errors import InputError
from relucert.families.expression.graph import Builder, Graph
from relucert.families.expression.nodes import MOST_NODES
from relucert.families.expression.reading import loads, parse

SQUARE = {"schema": "relucert-loss/1", "parameters": 1, "nodes": [["param", 0], ["square", 0]], "output": 1}
ROWS = {
    "schema": "relucert-loss/1",
    "parameters": 1,
    "nodes": [["param", 0], ["input", 0], ["sub", 0, 1], ["square", 2], ["square", 0]],
    "output": 3,
    "data": [["1/3"], ["0.5"], [2]],
    "scale": "1/3",
    "regulariser": 4,
}


def test_equal_nodes_are_one_and_unused_ones_fall_away():
    build = Builder()
    x, y = build.add("param", 0), build.add("param", 1)
    build.add("exp", x)
    assert build.add("mul", x, y) == build.add("mul", x, y)
    graph = build.graph(build.add("add", build.add("mul", y, x), build.add("mul", y, x)), 2)
    assert graph.nodes == (("param", 1), ("param", 0), ("mul", 0, 1), ("add", 2, 2))


def test_the_order_is_that_of_a_depth_first_search_and_stays():
    graph = parse(ROWS)
    assert graph.nodes == (("param", 0), ("input", 0), ("sub", 0, 1), ("square", 2), ("square", 0))
    assert parse(graph.as_json()) == graph
    turned = {**ROWS, "nodes": [["input", 0], ["param", 0], ["square", 1], ["sub", 1, 0], ["square", 3]]}
    assert parse({**turned, "output": 4, "regulariser": 2}) == graph
    assert graph.as_json()["data"] == [["1/3"], ["1/2"], ["2"]]


def test_a_parameter_can_be_fixed():
    build = Builder()
    x, y = build.add("param", 0), build.add("param", 1)
    graph = build.graph(build.add("mul", build.add("square", x), y), 2)
    assert graph.fixed({0: Fraction(1, 3)}).nodes == (
        ("const", Fraction(1, 3)), ("square", 0), ("param", 0), ("mul", 1, 2),
    )  # fmt: skip
    with pytest.raises(InputError, match="some but not all"):
        graph.fixed({0: Fraction(1), 1: Fraction(1)})


def test_a_long_chain_is_not_a_deep_recursion():
    nodes = [["param", 0], *([["tanh", i] for i in range(MOST_NODES - 1)])]
    graph = parse({**SQUARE, "nodes": nodes, "output": MOST_NODES - 1})
    assert len(graph.nodes) == MOST_NODES and "tanh(tanh" in graph.describe(MOST_NODES - 1)


def changed(**members):
    return {**ROWS, **members}


@pytest.mark.parametrize(
    ("whole", "message"),
    [
        ([], "expected a JSON object with"),
        (changed(schema="relucert-loss/2"), "relucert-loss/1"),
        (changed(code="1"), "unknown member 'code'"),
        ({x: y for x, y in ROWS.items() if x != "scale"}, "data and scale belong together"),
        ({x: y for x, y in ROWS.items() if x != "output"}, "no member 'output'"),
        (changed(output=5), "output: 5 is not a node; expected 0 to 4"),
        (changed(output=True), "output: True is not a node"),
        (changed(regulariser=None), "regulariser: None is not a node"),
        (changed(regulariser=2), "regulariser, .* depends on the data; only the output may"),
        (changed(constraints=[2]), "constraint 0, .* depends on the data"),
        (changed(constraints=[]), "constraints must be a list"),
        (changed(constraints=[4, 4]), "no more constraints than parameters"),
        (changed(parameters=0), "at least 1"),
        (changed(parameters=True), "parameters is True"),
        (changed(parameters=2), "parameter 1 occurs nowhere"),
        (changed(parameters=201), "at most 200 together"),
        (changed(scale="0"), "scale is 0"),
        (changed(scale="1/0"), "scale: '1/0' divides by zero"),
        (changed(data=[["1"], ["1", "2"]]), "data, row 1 has 2 entries; expected 1"),
        (changed(data=[[]]), "1 rows of data of 0 entries"),
        (changed(data=[["x"]]), "data, row 0, entry 0: 'x' is not a finite decimal or fraction"),
        (changed(data=[["1" + "0" * 400]]), "row 0, entry 0.*400 digits"),
        (changed(data=[["1"]] * 10_001), "at most 10000 rows"),
        (changed(data=[[True]]), "expected an exact number"),
        (changed(nodes=[["gelu", 0]]), "node 0: operation 'gelu' is not known; known: abs, add"),
        (
            changed(nodes=[["param", 0], ["exp", 1]]),
            "node 1: exp refers to node 1, which does not come before",
        ),
        (changed(nodes=[["param", 0], ["exp", -1]]), "refers to node -1"),
        (changed(nodes=[["param", 0], ["exp", 0, 0]]), "it takes one node"),
        (changed(nodes=[["param", 0], ["add", 0]]), "it takes two nodes"),
        (changed(nodes=[["param", 0], ["dot", 0, 0, 0]]), "it takes pairs of nodes"),
        (changed(nodes=[["param", 0], ["powi", 0, 2]]), "but 0, 1 and 2"),
        (changed(nodes=[["param", 0], ["powi", 0, 1001]]), "at most 1000"),
        (changed(nodes=[["param", 0], ["exp", "0"]]), "expected an integer"),
        (changed(nodes=[["param", 0], ["exp", None]]), "exp has the argument 'None'; expected an integer"),
        (changed(nodes=[["param", -1]]), "0 or more"),
        (changed(nodes=[["const", "0,1"]]), "node 0: the constant"),
        (changed(nodes=[["const", "1", "2"]]), "a constant is one exact number"),
        (changed(nodes=[[]]), "begins with an operation"),
        (changed(nodes={}), "nodes must be a list"),
    ],
)
def test_what_is_not_a_loss_is_refused_with_the_node_and_the_remedy(whole, message):
    with pytest.raises(InputError, match=message):
        parse(whole)


def test_inputs_need_data():
    with pytest.raises(InputError, match="input 0, but the data have 0 entries"):
        parse({**SQUARE, "nodes": [["param", 0], ["input", 0], ["mul", 0, 1]], "output": 2})
    with pytest.raises(InputError, match="input 1, but the data have 1 entries"):
        parse(changed(nodes=[["param", 0], ["input", 1], ["mul", 0, 1]], output=2, regulariser=0))


def test_numbers_of_json_are_exact_or_refused():
    text = json.dumps(ROWS).replace('"0.5"', "0.5")
    with pytest.raises(
        InputError, match=r"data, row 1, entry 0: 0\.5 has a decimal point; in quotation marks"
    ):
        loads(text.encode())
    for bad in (b"{", b"\xff", b'{"a": 1, "a": 2}', b"[" * 100_000, b'{"a": NaN}', b'{"a": 1e999}'):
        with pytest.raises(InputError):
            loads(bad)


def test_the_work_is_limited():
    nodes = [["param", 0], ["input", 0], *([["add", i + 1, 0] for i in range(500)])]
    with pytest.raises(InputError, match="10000 rows of data times 501 nodes"):
        parse({**ROWS, "nodes": nodes, "output": 501, "regulariser": 0, "data": [["1"]] * 10_000})


def test_a_graph_is_checked_however_it_is_made():
    with pytest.raises(InputError, match="expected a node"):
        Graph(1, (("param", 0),), 1)


def test_a_million_nodes_are_refused_before_they_are_read():
    nodes = [["param", 0], *(["neg", i] for i in range(10**6 - 1))]
    whole = {"schema": "relucert-loss/1", "parameters": 1, "nodes": nodes, "output": 10**6 - 1}
    data = json.dumps(whole, separators=(",", ":")).encode()
    assert len(data) < 2**24
    began = time.process_time()
    with pytest.raises(InputError, match="at most 20000 nodes"):
        loads(data)
    assert time.process_time() - began < 0.5  # 0.01 s
