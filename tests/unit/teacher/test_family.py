"""Families of symmetric points: patterns, ranges of k, first members, and the page that tells of them."""

import re
from pathlib import Path

import pytest

from relucert.base.dyadic import to_float
from relucert.base.errors import InputError
from relucert.families.teacher.symmetric.family import Pattern, Row, members, numbers, row_of, summary
from relucert.families.teacher.symmetric.point import verify_point
from relucert.families.teacher.symmetric.run import certify
from relucert.families.teacher.symmetric.start import first_member
from relucert.families.teacher.verify import verify
from symmetric_points import found, whole


def floats(at):
    return [[to_float(x) for x in row] for row in at.values]


# ---- patterns and numbers --------------------------------------------------------------------------------


def test_patterns_give_the_class_sizes_at_any_k():
    pattern = Pattern.parse("k-5, 4,1")
    assert str(pattern) == "k-5,4,1"
    assert pattern.sizes(10**12) == (10**12 - 5, 4, 1)
    assert Pattern.parse("1,k-1").sizes(6) == (1, 5)
    assert Pattern.parse("k").sizes(7) == (7,)
    for k in (5, 10**13):
        with pytest.raises(InputError, match=f"k = {k}"):
            pattern.sizes(k)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("k-2,k-1", "exactly one class"),
        ("5,1", "exactly one class"),
        ("", "exactly one class"),
        ("k-2,1", "only if the growing one is k-1"),
        ("k-1", "only if the growing one is k"),
        ("k-1,x", "expected sizes"),
        ("k-0,0", "expected sizes"),
        ("k+1,1", "expected sizes"),
        ("2k,1", "exactly one class"),
        ("k-6,1,1,1,1,1,1", "at most 6"),
    ],
)
def test_what_is_not_a_pattern_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        Pattern.parse(text)


def test_ranges_of_k():
    assert numbers("6:9") == [6, 7, 8, 9]
    assert numbers("6:11:2,10,8") == [6, 8, 10]
    assert numbers("6:40:x1.5") == [6, 9, 14, 21, 32]
    assert numbers("2:5:x1.01") == [2, 3, 4, 5]
    assert numbers("10,1000,1000000") == [10, 1000, 10**6]
    large = numbers("6:1000000:x1.5")
    assert (large[0], len(large)) == (6, 30)
    assert large[-1] <= 10**6 < 1.6 * large[-1]


@pytest.mark.parametrize(
    "text", ["", "0", "9:6", "6:9:0", "6:9:1.5", "6:9:x1", "6:9:x", "6:9:x1.2.3", "a", "6:", "1:2000000"]
)
def test_what_is_not_a_range_is_refused(text):
    with pytest.raises(InputError, match="--k"):
        numbers(text)


def test_a_point_is_arranged_to_the_order_of_the_pattern():
    at = found("a neuron too many")  # classes of 1 and 7
    other = Pattern.parse("k-1,1").arranged(at)
    assert other.sizes == (7, 1)
    (a, b, _), (c, d, e) = at.values
    assert other.values == ((d, c, e), (b, a, (0, 0)))
    assert other.extra == ((at.extra[0][1], at.extra[0][0]),)
    one, two = verify_point(at).outcome.bounds, verify_point(other).outcome.bounds
    assert float(one.objective[0]) == pytest.approx(float(two.objective[0]), rel=1e-12)
    assert float(one.lambda_min[0]) == pytest.approx(float(two.lambda_min[0]), rel=1e-9)
    assert Pattern.parse("k-2,2").arranged(at) is None
    assert Pattern.parse("k").arranged(at) is None


# ---- first members, and what becomes of them -------------------------------------------------------------


@pytest.mark.parametrize(
    ("classes", "least", "eigenvalue"),
    [("k-1,1", 6, 0.0550925814), ("k-2,2", 8, 0.0443443096), ("k-3,3", 10, 0.0385126799), ("k", 6, None)],
)
def test_families_are_minima_from_some_k_on_and_saddles_before(classes, least, eigenvalue):
    """eigenvalue: the smallest at k = 20, as Safran, Yehudai & Shamir (2021) computed it."""
    pattern = Pattern.parse(classes)
    verdicts = {}
    for k, at in members(pattern, first_member(pattern), [*range(least - 2, least + 3), 20]):
        result = verify_point(at)
        verdicts[k] = result.verdict
        if k == 20 and eigenvalue:
            assert float(result.outcome.bounds.lambda_min[0]) == pytest.approx(eigenvalue, rel=1e-8)
        if k in (least - 1, least):
            assert verify(whole(at), raw=True).verdict == result.verdict
    assert sorted(verdicts) == [*range(least - 2, least + 3), 20]
    for k, verdict in verdicts.items():
        assert verdict == ("spurious-minimum" if k >= least else "strict-saddle"), k


def test_a_minimum_with_three_classes_is_found():
    """With the smallest eigenvalue of Safran, Yehudai & Shamir (2021), who found it by gradient descent."""
    start = first_member(Pattern.parse("k-7,6,1"))
    assert start.k == 20
    result = verify_point(start)
    assert result.verdict == "spurious-minimum"
    assert float(result.outcome.bounds.lambda_min[0]) == pytest.approx(0.000401236, rel=1e-5)


def test_classes_that_could_be_joined_are_not_taken_for_different_ones():
    start = first_member(Pattern.parse("k-5,4,1"))
    (_, b, _, _), (_, own, _, inside), (_, _, single, _) = floats(start)
    assert abs(own - single) > 0.01 or abs(inside - b) > 0.01
    result = verify_point(start)
    assert result.verdict == "strict-saddle"
    assert float(result.outcome.bounds.objective[0]) > 0


def test_where_there_is_no_such_point_the_search_says_so():
    with pytest.raises(InputError, match=r"--start FILE"):
        first_member(Pattern.parse("k-2,1,1"))


def row(k, verdict, negative="0", every="true"):
    return Row(
        str(k), str(k), f"{k - 1}+1", verdict, every, "1", "1", "1", "1", negative, "d" if every else ""
    )


def test_a_summary_joins_what_is_alike_and_names_each_change_of_the_index():
    rows = [
        row(3, "not-found", "", ""),
        *(row(k, "strict-saddle", str(k)) for k in (4, 5)),
        *(row(k, "spurious-minimum") for k in (6, 8, 9)),
        row(10, "spurious-minimum", every="false"),
    ]
    ranges, changes = summary(rows)
    assert ranges == [
        (3, 3, 1, "not-found", False),
        (4, 5, 2, "strict-saddle", True),
        (6, 9, 3, "spurious-minimum", True),
        (10, 10, 1, "spurious-minimum", False),
    ]
    assert changes == [(4, 5, 4, 5), (5, 6, 5, 0)]


# ---- the page for users ----------------------------------------------------------------------------------

PAGE = (Path(__file__).parents[3] / "docs/families/symmetric.md").read_text()


def test_the_table_of_the_page_is_what_is_proved():
    lines = re.findall(r"^\| (k[-0-9,]*) \|.*\| (-?[0-9.]+) \| ([0-9.e-]+) \|$", PAGE, re.MULTILINE)
    assert [classes for classes, _, _ in lines] == ["k-1,1", "k-2,2", "k-3,3", "k-4,4", "k", "k-5,4,1"]
    for classes, lambda_min, loss in lines:
        pattern = Pattern.parse(classes)
        ((_, at),) = members(pattern, first_member(pattern), [10**6])
        found = row_of(certify(at)["statement"])
        assert (found.lambda_min, found.objective_low) == (lambda_min, loss)


def test_the_example_of_the_page_runs(capsys):
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(code, {})  # noqa: S102
    assert capsys.readouterr().out == "1000000 spurious-minimum\n6 spurious-minimum\n"
