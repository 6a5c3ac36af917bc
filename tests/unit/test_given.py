"""Numbers of a program: by their exact value, or refused with the entry and the remedy."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import relucert as rc
from relucert.base.dyadic import to_fraction
from relucert.base.given import table
from relucert.families.teacher.arrays import candidate

POINT = np.array([[1.5, 0.1], [0.25, 1.0], [0.5, -2.0]])


class Tensor:
    """As a tensor of PyTorch: no array until it is detached and on the host."""

    def __init__(self, array, where="cuda", grad=True):
        self.array, self.where, self.grad = array, where, grad

    def detach(self):
        return Tensor(self.array, self.where, grad=False)

    def cpu(self):
        return Tensor(self.array, "cpu", self.grad)

    def numpy(self):
        if self.grad or self.where != "cpu":
            raise RuntimeError("call detach and cpu first")
        if self.array is None:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ([[2**20000, 0], [0, 1]], "more than 16384 bits"),
        (
            [[Fraction(2**20000, 3), 0], [0, 1]],
            "this Fraction of thousands of digits is not an integer times",
        ),
    ],
)
def test_an_integer_too_long_to_be_printed_is_refused_in_words(point, message):
    with pytest.raises(rc.InputError, match=message):
        rc.verify(point, layout="rows")
    with pytest.raises(rc.InputError, match="this int of thousands of digits is no row"):
        table([[1, 0], 2**20000], "the point")


class Lazy:
    """As an array of JAX: only __array__ is known of it."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.array, dtype)


class Stubborn:
    """As an array on a GPU of a library that does not copy by itself."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("use .get()")


def values(of):
    return [[to_fraction(x) for x in row] for row in of.point]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda x: x,
        Tensor,
        Lazy,
        np.ndarray.tolist,
        list,
        lambda x: [*map(Tensor, x)],
        lambda x: [[Lazy(y) for y in row] for row in x],
    ],
)
def test_arrays_tensors_and_lists_are_the_same_point(wrap):
    expected = [[Fraction(float(x)) for x in row] for row in POINT]
    assert values(candidate(wrap(POINT), "rows")) == expected
    assert values(candidate(wrap(np.ascontiguousarray(POINT.T)), "columns")) == expected


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", np.longdouble])
def test_floats_of_each_width_by_their_value(kind):
    array = POINT.astype(kind)
    expected = [[Fraction(*x.as_integer_ratio()) for x in row] for row in array]
    assert values(candidate(array, "rows")) == expected
    assert values(candidate([list(row) for row in array], "rows")) == expected


def test_integers_that_no_double_has_stay_what_they_are():
    assert values(candidate(np.array([[2**53 + 1]]), "rows")) == [[2**53 + 1]]


def test_exact_numbers_of_python():
    rows = [[Fraction(1, 4), Decimal("0.5")], [(3, -1), 2**70]]
    assert values(candidate(rows, "rows")) == [[Fraction(1, 4), Fraction(1, 2)], [Fraction(3, 2), 2**70]]


@pytest.mark.parametrize(
    ("point", "said"),
    [
        (np.array([[1, np.nan], [0, 1]]), r"entry \[0, 1\] is nan; expected finite"),
        (np.array([[1, 0], [np.inf, 1]], "f4"), r"entry \[1, 0\] is inf"),
        ([[1.0, float("inf")], [0, 1]], "row 0, coordinate 1: inf is not a finite number"),
        ([[Lazy(1.0), Lazy(np.nan)]], "row 0, entry 1: nan; expected finite"),
        ([[np.float64(1), np.bool_(1)]], "row 0, entry 1: expected real numbers, found an array of bool"),
        (np.eye(2, dtype=complex), "found an array of complex128; give an array of float64"),
        (np.eye(2, dtype=object), "found an array of object"),
        (np.eye(2, dtype=bool), "found an array of bool"),
        (np.array([["1"]]), "found an array of <U1"),
        (np.ma.masked_array(np.eye(2), np.eye(2)), "a masked array"),
        ([[1, 1j]], "1j is not a real number"),
        ([[True]], "True is not a number"),
        ([["1.0"]], "'1.0' is not a number"),
        (
            [[Fraction(1, 3)]],
            r"not an integer times a power of 2; give the double that you mean, float\(..\)",
        ),
        ([[Decimal("0.1")]], "not an integer times a power of 2"),
        (np.ones((2, 2, 2), int), r"the shape is \(2, 2, 2\), expected 2 dimensions; one point at a time"),
        (np.ones((2, 2, 2), int).tolist(), "row 0, entry 0: is no number; give one point at a time"),
        ([[np.ones(2)]], "row 0, entry 0: is no number"),
        (np.ones(4), r"which loss the point is of: verify\(point, loss\); or give neurons as a table"),
        ([1.0, 2.0], "which loss the point is of"),
        (["1.0", [2.0]], "row 0: '1.0' is no row of numbers"),
        ([[1.0, 2.0], [1.0]], "row 1 has 1 numbers, row 0 has 2"),
        ([], "holds no numbers"),
        (np.empty((0, 3)), "holds no numbers"),
        (3.0, "float is no table of numbers"),
        ("weights.npy", "str is no table of numbers"),
        (Tensor(None), r"BFloat16; give a dense one, as tensor.double\(\)"),
        (Stubborn(), r"not a NumPy array: use .get\(\)"),
        (np.array([[1.0, 0.0], [0.0, 0.0]]), "neuron 1 is at the origin"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(point, said):
    with pytest.raises(rc.InputError, match=said):
        rc.verify(point, layout="rows")


def test_a_layout_that_is_not_said_is_never_guessed():
    minimum = 1.037 * np.eye(6) - 0.05
    minimum[:, 5], minimum[5] = 0.308, [0.225] * 5 + [-0.602]
    said = (
        r"shape \(6, 6\) does not tell whether neurons are columns or rows; its gradient in floating point, as columns "
        r"3.3e-01, as rows 4.3e-03: add layout='rows'$"
    )
    with pytest.raises(rc.InputError, match=said):
        rc.verify(minimum)
    with pytest.raises(
        rc.InputError, match=r"shape \(3, 2\).*as rows 1.* \(as columns: 2 neurons in R\^3, and no targets"
    ):
        rc.verify(POINT)
    with pytest.raises(rc.InputError, match="layout='across': expected 'rows' or 'columns'"):
        rc.verify(POINT, layout="across")


def test_targets_tell_the_layout_where_one_side_alone_fits():
    targets = [[1, 0], [0, 1], [1, 1]]
    assert candidate(POINT, targets=targets) == candidate(POINT, "rows", targets)
    assert candidate(POINT.T, targets=targets) == candidate(POINT.T, "columns", np.transpose(targets))
    for square in (np.eye(2), np.ones((3, 4))):
        with pytest.raises(rc.InputError, match="does not tell"):
            candidate(square, targets=targets)


def test_a_witness_has_the_layout_of_the_point():
    lower = [[1, 0], [0, 1]]
    by_rows = candidate([[3.0, 1.0]], "rows", [[1, 0], [0, 2]], witness=[[2, 1]])
    assert by_rows == candidate([[3.0], [1.0]], "columns", [[1, 0], [0, 2]], witness=[[2], [1]])
    with pytest.raises(rc.InputError, match="witness is of no use"):
        rc.verify(lower, layout="rows", witness=lower)


def test_output_weights_and_slopes_are_of_the_point():
    point = np.array([[1.0, 0.5], [0.25, -1.0]])
    of = candidate(point, "columns", signs="+,-", slope=Fraction(1, 10))
    assert of == candidate(point.T, "rows").with_network("+,-", None, "1/10")
    with pytest.raises(
        rc.InputError,
        match=r"as columns [0-9.e+-]*, as rows [0-9.e+-]*: add layout='columns' or layout='rows'",
    ):
        rc.verify(point, slope=-1)
    assert rc.verify(np.eye(2), layout="rows", slope=-1).verdict == "global-minimum"


def test_targets_of_fewer_neurons_have_to_be_said():
    few = POINT[:1]
    with pytest.raises(rc.InputError, match=r"1 neurons in R\^2, and no targets: give targets="):
        candidate(few, "rows")
    assert candidate(few, "rows", "orthonormal").problem == rc.Problem.orthonormal(2, 1)
    with pytest.raises(rc.InputError, match="targets='orthogonal': expected a table"):
        candidate(few, "rows", "orthogonal")
    with pytest.raises(rc.InputError, match="target 0 is at the origin"):
        candidate(few, "rows", [[0, 0]])


def test_what_belongs_to_another_kind_of_point_is_refused():
    with pytest.raises(rc.InputError, match="a Candidate has a layout and targets of its own"):
        rc.verify(rc.Candidate.from_rows([[1.0]]), layout="rows")
    loss = rc.Loss.trace(lambda x: x[0] ** 2, 1)
    with pytest.raises(rc.InputError, match="leave them out with a loss"):
        rc.verify([0.0], loss, layout="rows")
    assert rc.verify(Tensor(np.zeros(1, "f4")), loss) == rc.verify([0.0], loss)
