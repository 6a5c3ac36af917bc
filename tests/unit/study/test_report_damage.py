"""What relucert report refuses: studies that are damaged, of foreign points, or forged."""

import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import studies
from relucert import certificate
from relucert.base.errors import InputError
from relucert.study import study as reading
from relucert.study import tables


def edit(name, change):
    """Damage: `change` a JSON file of the study."""

    def damage(study):
        path = next(study.glob(name))
        value = json.loads(path.read_text())
        change(value)
        studies.write(path, value)

    return damage


def put(name, *keys, value):
    def change(inner):
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value

    return edit(name, change)


def text(name, content):
    return lambda study: next(study.glob(name)).write_bytes(content)


def below(name, run):
    """Counts an undecided run as below the floor."""

    def change(row):
        row["per_run"]["ended"][run], row["per_run"]["loss"][run] = "floor", 1e-9
        row["ended"] |= {"undecided": row["ended"]["undecided"] - 1, "floor": 1}
        row["kinds"] |= {"undecided": row["kinds"]["undecided"] - 1, "below-floor": 1}

    return edit(name, change)


WIDE = "rows/9-10.json"
ROW, CERTIFICATE = "rows/6-6.json", f"certificates/{studies.stored(6, 6).name}"
DAMAGE = {
    "no study.json": (lambda s: (s / "study.json").unlink(), "study.json: no such file"),
    "study.json not JSON": (text("study.json", b"{"), "study.json: not JSON"),
    "study.json not UTF-8": (text("study.json", b"\xff"), "study.json: not UTF-8"),
    "study.json a list": (text("study.json", b"[]"), "schema is None"),
    "other schema": (put("study.json", "schema", value="relucert-study/2"), "reads 'relucert-study/1'"),
    "no protocol": (edit("study.json", lambda v: v.pop("protocol")), "member 'protocol' is missing"),
    "step a string": (put("study.json", "protocol", "step", value="0.1"), "protocol: step: '0.1' is not"),
    "steps half": (put("study.json", "protocol", "max_steps", value=0.5), "'max_steps' is missing or is not"),
    "seed negative": (put("study.json", "protocol", "seed", value=-1), "protocol: seed: -1 is negative"),
    "no rows": (lambda s: [path.unlink() for path in (s / "rows").iterdir()], "no finished row"),
    "nested": (text(ROW, b"[" * 100_000), "not JSON"),
    "twice": (text(ROW, b'{"schema": 1, "schema": 2}'), "the same key twice"),
    "NaN": (text(ROW, b'{"schema": NaN}'), "NaN is not a number"),
    "row of another schema": (put(ROW, "schema", value="x"), "schema is 'x'"),
    "row of another k": (put(ROW, "k", value=7), "call it 7-6.json"),
    "k true": (put(ROW, "k", value=True), "member 'k' is missing or is not a JSON int"),
    "no runs": (put(ROW, "runs", value=0), "runs: 0 is not in [1"),
    "other protocol": (put(ROW, "protocol", "seed", value=2), "not that of study.json"),
    "kinds do not sum": (put(ROW, "kinds", "undecided", value=998), "kinds: they sum to 1001"),
    "kind unknown": (edit(ROW, lambda v: v["kinds"].update(odd=0)), "unknown ['odd']"),
    "kinds of other families": (
        put(ROW, "kinds", value={"spurious-minimum": 1, "below-floor": 999}), "1, its families: 3",
    ),
    "ended does not sum": (put(ROW, "ended", "basin", value=4), "ended: they sum to 1001"),
    "ended negative": (put(ROW, "ended", value={"a": -1, "b": 1001}), "a: -1 is not in"),
    "ended of others": (put(ROW, "ended", value={"basin": 1000}), "ended: not the counts in per_run"),
    "below the floor with n = k": (below(ROW, 3), "kinds: below-floor: is for n > k"),
    "not below the floor": (put(WIDE, "per_run", "loss", 7, value=0.001), "per_run.loss[7]: not below the floor"),
    "below the floor, not in per_run": (
        edit(WIDE, lambda v: (v["per_run"]["ended"].__setitem__(0, "x"), v.update(ended={"floor": 999, "x": 1}))),
        "below-floor: 1000, not the 999 in per_run",
    ),
    "family not an object": (put(ROW, "families", 0, value=1), "families[0]: expected an object"),
    "digest no digest": (put(ROW, "families", 0, "certificate", value="../x"), "certificate: not a digest"),
    "verdict unknown": (put(ROW, "families", 0, "verdict", value="maximum"), "verdict: not what certificate"),
    "verdict of another": (put(ROW, "families", 0, "verdict", value="global-minimum"), "verdict: not what certificate"),
    "count": (put(ROW, "families", 0, "count", value=4), "4, not that in per_run"),
    "bound a number": (put(ROW, "families", 0, "radius", value=0.1), "radius: not what certificate"),
    "bound infinite": (put(ROW, "families", 0, "radius", value="inf"), "radius: not what certificate"),
    "bounds reversed": (put(ROW, "families", 0, "lambda_min", value=["2", "1"]), "lambda_min: not what certificate"),
    "one bound": (put(ROW, "families", 0, "objective", value=["1"]), "objective: not what certificate"),
    "per_run too short": (edit(ROW, lambda v: v["per_run"]["steps"].pop()), "steps: 999 entries for 1000"),
    "per_run absent": (edit(ROW, lambda v: v["per_run"].pop("loss")), "member 'loss' is missing"),
    "loss infinite": (put(ROW, "per_run", "loss", 5, value=10**400), "loss[5]"),
    "loss a string": (put(ROW, "per_run", "loss", 5, value="0"), "loss[5]: not a JSON float"),
    "distance a number": (put(ROW, "per_run", "distance", 1, value=1), "distance[1]: not a JSON str"),
    "distance a word": (put(ROW, "per_run", "distance", 1, value="far"), "'far' is not a decimal"),
    "family beyond": (put(ROW, "per_run", "family", 999, value=7), "[-1, 7] are not indices"),
    "certificate missing": (lambda s: next(s.glob(CERTIFICATE)).unlink(), ".json is missing; put it back"),
    "certificate not JSON": (text(CERTIFICATE, b"{"), "not accepted by the checker (malformed"),
    "certificate changed": (
        put(CERTIFICATE, "statement", "provenance", "source", value="forged"), "step 10: name: is not the digest",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_refused_with_the_file_and_the_remedy(changed, damage, message):
    damage(changed)
    with pytest.raises(InputError, match=re.escape(message)) as error:
        reading.read(changed)
    assert str(changed) in str(error.value)
    assert re.search("again|made|finish|put|call|take", str(error.value))


@pytest.mark.parametrize(
    "point", [[[["1", 0]]], [[1]], [["a"]], [[["x", 0]]], [[["1", 10**9]] * 6] * 6, [[["1", 0]] * 6] * 5]
)
def test_a_foreign_point_is_refused(changed, point):
    path = next(changed.glob(CERTIFICATE))
    value = json.loads(path.read_text())
    value["statement"]["claim"]["point"] = point
    digest = certificate.digest(value["statement"])
    studies.write(path.with_stem(digest), value)
    put(ROW, "families", 0, "certificate", value=digest)(changed)
    with pytest.raises(InputError, match=digest):
        reading.read(changed)


def test_counts_are_sealed_by_ones_own_key_or_said_not_to_be(changed):
    mine, theirs = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (changed / "rows/.relucert-tmp.json").write_text("left by a killed writer")
    for path in (changed / "rows").glob("[0-9]*.json"):
        studies.write(path, studies.sealed(json.loads(path.read_text()), mine))
    whole = reading.read(changed, mine.public_key())
    assert len(whole.rows) == 9 and all(row.sealed for row in whole.rows)
    assert "not certified: the rows are as your key sealed them" in tables.summary(whole)
    assert not any(row.sealed for row in reading.read(changed, theirs.public_key()).rows)
    value = json.loads((changed / ROW).read_text())
    value["per_run"]["loss"][0] = 0.5
    studies.write(changed / ROW, value)
    again = reading.read(changed, mine.public_key())
    assert [(row.k, row.n) for row in again.rows if not row.sealed] == [(6, 6)]
    assert "1 of 9 rows are not sealed by your key" in tables.summary(again)


def test_a_forged_study_is_refused(changed):
    """A saddle rewritten as a spurious minimum, with its digest and its row made to fit."""
    path = next(changed.glob(CERTIFICATE))
    value = json.loads(path.read_text())
    bounds = value["statement"]["claim"]["bounds"]
    bounds["lambda_min"][0] = {"exact": ["777", -7], "decimal": "6.07031"}
    bounds["lambda_min"][1] = {"exact": ["779", -7], "decimal": "6.08594"}
    digest = certificate.digest(value["statement"])
    studies.write(path.with_stem(digest), {**value, "signatures": []})
    row = json.loads((changed / ROW).read_text())
    row["families"][0] |= {"certificate": digest, "lambda_min": ["6.07031", "6.08594"]}
    studies.write(changed / ROW, row)
    with pytest.raises(InputError, match=rf"{digest}.json: not accepted by the checker \(rejected, step 4"):
        reading.read(changed)
