"""Claims about wider networks: true ones are accepted, those that say more are not, others are malformed."""

from fractions import Fraction

import pytest
from certificates import audit, changed, exact, member, number
from wider_certificates import wider

ZERO = {"exact": ["0", 0], "decimal": "0"}
POINTS = ["rough spurious", "rough local", "local-1-2-skew", "symmetric-spurious-3-3"]
POINTS += ["symmetric-spurious-1-7-extra", "symmetric-spurious-billion"]
MORE = [
    ("trained", name) for name in ("global", "saddle-3", "symmetric-global-2-1", "symmetric-saddle-1-2-extra")
]
CASES = [(kind, name) for name in POINTS for kind in ("split", "zero", "trained")] + MORE


def said(document):
    report = audit(document)
    return report.result, *(report.finding[1:3] if report.finding else ())


@pytest.mark.parametrize(("kind", "name"), CASES, ids=str)
def test_what_the_prover_writes_is_accepted(kind, name):
    assert said(wider(kind, name)) == ("accepted",)


def own_numbers(document):
    """Path and which side is tighter, of the numbers of these methods."""
    bounds = member(document, "bounds")
    for name in ("barrier", "slope", "decrease"):
        if name in bounds:
            yield f"bounds.{name}", False
    for place, split in enumerate(member(document, "splits") if "splits" in bounds else []):
        for kind in ("same", "opposite"):
            if kind in split:
                yield f"bounds.splits.{place}.{kind}", (kind == "same") == (split[kind] == "strict-saddle")


@pytest.mark.parametrize(("kind", "name"), [x for x in CASES if x not in MORE], ids=str)
def test_a_number_that_says_a_little_more_is_not_accepted(kind, name):
    document = wider(kind, name)
    for path, upper in own_numbers(document):
        old = exact(member(document, path))
        tighter = changed(document, path, number(old * Fraction(101, 100), upper))
        assert said(tighter)[:1] != ("accepted",), path
        if "split" in path:
            assert said(tighter) == ("rejected", 7, path.removeprefix("bounds.")), path
        weaker = changed(document, path, number(old * Fraction(99, 100), upper))
        narrow = path == "bounds.slope"  # then the decrease does not follow
        assert said(weaker) == (("rejected", 7, "decrease") if narrow else ("accepted",)), path


def test_what_is_claimed_is_nearly_the_truth():
    """All numbers but the barrier are so near to the truth that 10^-5 more is refuted."""
    for kind, path in (("split", "splits.0.same"), ("split", "splits.5.opposite"), ("zero", "slope")):
        document = wider(kind, "spurious-6-6-polished")
        upper = kind == "split"
        more = number(exact(member(document, f"bounds.{path}")) * Fraction(100001, 100000), upper)
        assert said(changed(document, f"bounds.{path}", more)) == ("rejected", 7, path)


FLIP = {"strict-saddle": "degenerate-minimum", "degenerate-minimum": "strict-saddle"}


@pytest.mark.parametrize("name", ["rough spurious", "symmetric-spurious-1-7-extra", "local-1-2-skew"])
def test_the_other_verdict_is_refuted(name):
    document = wider("split", name)
    for place, split in enumerate(member(document, "splits")):
        for kind in ("same", "opposite"):
            flipped = changed(document, f"splits.{place}.{kind}", FLIP[split[kind]])
            path = f"bounds.splits.{place}.{kind}"
            assert said(flipped)[:2] == ("malformed", 0)  # the number is on the wrong side of 0
            old = exact(member(document, path))
            upper = old > 0
            said_so = changed(flipped, path, number(-old / 100, upper))
            assert said(said_so) == ("rejected", 7, f"splits.{place}.{kind}")


@pytest.mark.parametrize(
    ("name", "path", "value", "finding"),
    [
        ("split", "splits.5.neuron", 7, ("rejected", 1, "splits")),
        ("split", "splits.5.neuron", 2**53 - 1, ("rejected", 1, "splits")),
        ("split", "problem.n", 7, ("malformed", 0, "format")),
        ("split", "critical_point", "local-minimum", ("accepted",)),
        ("zero", "target", 7, ("rejected", 1, "target")),
        ("zero", "target", 1, ("rejected", 7, "slope")),
        ("zero", "bounds.decrease", number(Fraction(1, 2), False), ("rejected", 7, "decrease")),
        ("zero", "bounds.slope", number(Fraction(2), False), ("rejected", 7, "slope")),
        ("trained", "verdict", "global-minima", ("rejected", 8, "objective")),
        ("trained", "verdict", "strict-saddles", ("rejected", 1, "barrier")),
        ("trained", "verdict", "local-minima", ("accepted",)),
        ("trained", "bounds.barrier", number(Fraction(1, 100), False), ("not-confirmed", 8, "barrier")),
        ("split", "schema", "relucert-certificate/1.0", ("rejected", 1, "family")),
        ("split", "family", "octopus", ("rejected", 1, "family")),
    ],
)
def test_other_members(name, path, value, finding):
    document = wider(name, "rough spurious")
    assert said(changed(document, path, value)) == finding


def test_symmetric_neurons_and_targets_are_counted_by_kinds():
    """Class sizes 1 and 7 and an extra neuron: kinds 1 to 3 of neurons, 1 and 2 of targets."""
    split, zero = (wider(kind, "symmetric-spurious-1-7-extra") for kind in ("split", "zero"))
    assert [x["neuron"] for x in member(split, "splits")] == [1, 2, 3]
    assert said(changed(split, "splits.2.neuron", 4)) == ("rejected", 1, "splits")
    assert said(changed(zero, "target", 3)) == ("rejected", 1, "target")


@pytest.mark.parametrize(
    ("verdict", "value", "finding"),
    [
        ("degenerate-minimum", 1, ("rejected", 1, "splits")),
        ("strict-saddle", -1, ("rejected", 7, "splits.0.same")),
    ],
)
def test_in_one_dimension_nothing_is_curved(verdict, value, finding):
    """n = k = d = 1 at the target, where S = 0."""
    document = wider("trained", "global-dimension-1")
    problem = {x: y for x, y in member(document, "problem").items() if x != "output_weights"}
    members = {"method": "split", "verdict": "splits", "critical_point": "local-minimum", "problem": problem}
    members |= {"splits": [{"neuron": 1, "same": verdict}]}
    members |= {"bounds.splits": [{"same": number(Fraction(value, 8), value < 0)}]}
    members |= {"bounds.objective": [number(Fraction(0), False), number(Fraction(1), True)]}
    for path, new in members.items():
        document = changed(document, path, new)
    assert said(document) == finding


MALFORMED = [
    ("split", "splits", []),
    ("split", "splits.0", {"neuron": 1}),
    ("split", "splits.0.neuron", 0),
    ("split", "splits.0.neuron", 2),
    ("split", "splits.0.neuron", -1),
    ("split", "splits.0.neuron", "1"),
    ("split", "splits.0.neuron", True),
    ("split", "splits.0.same", "minimum"),
    ("split", "splits.0.same", None),
    ("split", "splits.0.parts", 2),
    ("split", "bounds.splits.0.same", None),
    ("split", "bounds.splits.0.same", ZERO),
    ("split", "bounds.splits.0.other", ZERO),
    ("split", "bounds.splits.5", None),
    ("split", "bounds.splits", None),
    ("split", "bounds.splits", {}),
    ("split", "critical_point", "global-minimum"),
    ("split", "critical_point", "strict-saddle"),
    ("split", "critical_point", None),
    ("split", "verdict", "not-a-minimum"),
    ("split", "target", 1),
    ("split", "robust", {}),
    ("split", "bounds.slope", ZERO),
    ("split", "bounds.barrier", ZERO),
    ("split", "bounds.lambda_min_outside", None),
    ("split", "bounds.exclusion_radius", ZERO),
    ("split", "bounds.existence_radius_lemma_1", ZERO),
    ("split", "bounds.basin", {"radius": ZERO, "step": ZERO}),
    ("split", "bounds.lambda_min_safran_shamir", ZERO),
    ("split", "bounds.lipschitz_safran_shamir", ZERO),
    ("split", "bounds.lipschitz.constants", "paper"),
    ("split", "bounds.inertia", None),
    ("split", "dimension", "every d >= 6"),
    ("split", "problem.output_weights", "trained"),
    ("split", "point", "there"),
    ("split", "method", "zero-neuron"),
    ("zero", "target", 0),
    ("zero", "target", None),
    ("zero", "bounds.slope", ZERO),
    ("zero", "bounds.slope", number(Fraction(-1), False)),
    ("zero", "bounds.decrease", ZERO),
    ("zero", "bounds.decrease", None),
    ("zero", "splits", []),
    ("trained", "problem.output_weights", None),
    ("trained", "problem.output_weights", "free"),
    ("trained", "verdict", "spurious-minimum"),
    ("trained", "critical_point", "spurious-minimum"),
    ("trained", "bounds.barrier", {"exact": ["-1", -9], "decimal": "-0.01"}),
]


@pytest.mark.parametrize(("kind", "path", "value"), MALFORMED, ids=str)
def test_malformed(kind, path, value):
    assert said(changed(wider(kind, "rough spurious"), path, value))[:2] == ("malformed", 0)


def test_evidence_is_that_of_the_family():
    document = wider("split", "rough spurious")
    names = {x["theorem"] for x in document["statement"]["evidence"]}
    assert {"Theorem 18.M", "Theorem 18.V"} <= names
    (at,) = [i for i, x in enumerate(document["statement"]["evidence"]) if x["theorem"] == "Theorem 18.M"]
    evidence = [dict(x) for x in document["statement"]["evidence"]]
    evidence[at]["theorem"] = "Theorem 18.X"
    other = {**document, "statement": {**document["statement"], "evidence": evidence}}
    assert said(other)[:2] == ("rejected", 9)


@pytest.mark.parametrize(("kind", "name"), [(x, "rough spurious") for x in ("split", "zero", "trained")])
def test_the_base_claim_is_checked(kind, name):
    """Its steps come first, and refuse what they refuse of the claim itself."""
    document = wider(kind, name)
    for path, factor, upper, finding in (
        ("bounds.gradient_norm", Fraction(1, 2), True, ("rejected", 3, "gradient_norm")),
        ("bounds.lambda_max", Fraction(9, 10), True, ("rejected", 4, "lambda_max")),
        ("bounds.lipschitz.value", Fraction(9, 10), True, ("not-confirmed", 5, "lipschitz.value")),
        ("bounds.existence_radius", Fraction(9, 10), True, ("not-confirmed", 6, "existence_radius")),
    ):
        assert said(changed(document, path, number(exact(member(document, path)) * factor, upper))) == finding
    inertia = changed(document, "bounds.inertia", {"negative": 1, "positive": 35})
    assert said(inertia) == ("rejected", 4, "inertia")
    zero = changed(document, "point.0", [["0", 0]] * 6)
    assert said(zero)[:2] == ("malformed", 0)
