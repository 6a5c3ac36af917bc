"""Which problems of training a two-layer network are taken, and what is said of the others."""

from fractions import Fraction

import pytest

from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.families.ntk.shallow_problem import Seeded, Start, Training

X, Y = [[1.0, 0.0], [0.5, 1.0]], [1.0, -1.0]


def training(x=X, y=Y, width=3, start=None, step=Fraction(1, 2)):
    return Training(exact_rows(x, "x"), exact_rows([y], "y")[0], width, start or Start(Seeded(1), 1), step)


def given(weights, signs=(1, -1, 1)):
    return Start(exact_rows(weights, "neuron"), signs)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": [[1.0, 0.0], [0.5]]}, "all of the same length"),
        ({"x": []}, "at least one row"),
        ({"y": [1.0]}, "x has 2 rows, but there are 1 labels"),
        ({"width": 0}, "0 neurons: expected 1 to 16384"),
        ({"width": 2**15}, "expected 1 to 16384"),
        ({"x": [[1.0, 0.0], [0.0, 0.0]]}, "x, row 1 is 0"),
        ({"x": [[1.0, 0.5], [2.0, 1.0]]}, "x, rows 0 and 1 are equal, or positive multiples"),
        ({"x": [[1.0, 0.0], [2.0**-300, 1.0]]}, "x, row 1, entry 0: not a multiple of 2^-256"),
        ({"y": [1.0, 2.0**128]}, "y, row 0, entry 1"),
        ({"step": Fraction(0)}, "--step 0: expected a positive number"),
        ({"step": Fraction(1, 10**301)}, "more than 300 digits"),
        ({"start": Start(Seeded(1), -1)}, "seed -1"),
        ({"start": Start(Seeded(1), (1, -1))}, "signs: expected 3 times 1 or -1"),
        ({"start": Start(Seeded(1), (1, -1, 2))}, "signs: expected 3 times 1 or -1"),
        ({"start": given([[1.0, 2.0]] * 2)}, "weights: 2 rows of 2; expected 3 neurons"),
        ({"start": given([[1.0]] * 3)}, "weights: 3 rows of 1; expected 3 neurons, each with 2 entries"),
    ],
)
def test_what_is_refused(change, said):
    with pytest.raises(InputError) as raised:
        training(**change)
    assert said in str(raised.value)


def test_antipodal_rows_are_taken():
    assert training(x=[[1.0, 0.5], [-2.0, -1.0]]).n == 2


@pytest.mark.parametrize("seed", [-1, 2**53])
def test_seeds_have_53_bits(seed):
    with pytest.raises(InputError, match="seed"):
        Seeded(seed)


def test_no_scale_no_weights():
    with pytest.raises(InputError, match="--scale 0"):
        Seeded(1, (0, 0))


def test_too_much_work():
    wide = training(width=2**14)
    assert wide.most_steps == 1000
    wide.check_steps(1000)
    with pytest.raises(InputError, match="expected 0 to 1000"):
        wide.check_steps(1001)


def test_records_and_weights_are_those_of_the_spec():
    seeded = training(start=Start(Seeded(5, (3, -2)), 7))
    assert seeded.start.record() == {"weights": {"seed": 5, "scale": ["3", -2]}, "signs": {"seed": 7}}
    assert set(seeded.record()) == {"x", "y", "width", "step"}
    assert set(training(step=None).record()) == {"x", "y", "width"}
    fixed = training(start=given([[1.0, 2.0], [0.0, -1.0], [3.0, 0.25]], (1, 1, -1)))
    assert fixed.start.record()["signs"] == "++-"
    net = fixed.net()
    unit = 2.0**net.inner.exponent
    assert [[float(v) * unit for v in row] for row in net.inner.entries.tolist()] == [
        [1.0, 2.5], [0.0, -1.0], [3.0, 1.75],
    ]  # fmt: skip
    unit = 2.0**net.gram.exponent
    assert [[float(v) * unit for v in row] for row in net.gram.entries.tolist()] == [[1.0, 0.5], [0.5, 1.25]]
