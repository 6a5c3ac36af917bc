"""The page of `relucert show --html`: well-formed, closed to what is foreign, and no more than what the file claims."""

import base64
import hashlib
import json
import re
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest

from markup import Seen
from relucert.base.errors import InputError
from relucert.certificate import trust
from relucert.commands.certificate_page import page
from relucert.commands.shown import read
from relucert.commands.words import Claim

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests/corpus"
SPURIOUS, EXPRESSION = (
    CORPUS / "accept/spurious-6-6-sharp.json",
    CORPUS / "accept/expression-xor-spurious.json",
)
EVIL = "</style><script>alert(1)</script>\"' & $x <img src=x onerror=alert(2)>"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))


def made(path, output=Path("page.html")):
    return page(read(path, trust.known(lambda _: None)), output)


def changed(folder, change, path=SPURIOUS, name="changed.json"):
    """A file that is not accepted any more."""
    whole = json.loads(path.read_text())
    change(whole)
    (folder / name).write_text(json.dumps(whole))
    return folder / name


def words(html):
    """What a reader sees."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", html.partition("</style>")[2])).split())


@pytest.fixture(scope="module", params=[SPURIOUS, EXPRESSION, CORPUS / "accept/cnn-saddle.json"])
def html(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELUCERT_HOME", str(tmp_path_factory.mktemp("home")))
        return made(request.param)


def closed(html):
    """Nothing from elsewhere, no script, and a name for each picture."""
    seen = Seen(html)
    assert seen.open == []
    assert "//" not in html
    assert seen.tags.count("style") == 1
    assert not {"script", "img", "iframe", "object", "form", "image", "use"} & set(seen.tags)
    for tag, attributes in seen.attributes:
        assert not any(name.startswith("on") or name in ("style", "src") for name in attributes), tag
    drawn = [a for tag, a in seen.attributes if tag == "svg"]
    assert all(a.get("aria-hidden") == "true" or (a["role"] == "img" and a["aria-label"]) for a in drawn)
    return seen


def test_the_page_is_well_formed_and_asks_for_nothing_from_elsewhere(html):
    seen = closed(html)
    policy = next(a["content"] for _, a in seen.attributes if a.get("http-equiv"))
    (style,) = re.findall("<style>(.*?)</style>", html, re.S)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{hashed}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) <= set(re.findall(r"(--[\w-]+):", style))
    ids = [a["id"] for _, a in seen.attributes if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["aria-labelledby"] for _, a in seen.attributes if "aria-labelledby" in a} <= set(ids)
    heads = [int(tag[1]) for tag in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert heads[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(heads))


@pytest.mark.parametrize("path", [SPURIOUS, EXPRESSION])
def test_the_words_are_those_of_show(relucert, path):
    (_, record, _), text = relucert("show", path, "--json"), words(made(path))
    record = json.loads(record)
    for part in (record["claim"], record["digest"], record["claim_digest"], *record["bounds"].values()):
        assert part in text
    for row in record["inequalities"]:
        assert f"{row['step']} {row['text']} left {row['left']}, right {row['right']} {row['margin']}" in text
    assert "Recorded beside the claim, not checked here or by the audit" in text
    assert f"relucert audit {path} python -m relucert_audit {path}" in text
    assert "signature unknown key" in text


def test_what_is_computed_in_floating_point_is_told_from_what_is_proved():
    text = words(made(SPURIOUS))
    for part in (
        "Dots: the eigenvalues of the Hessian at the point (d = 6), in order, computed in floating point and drawn for "
        "orientation. Lines: what the claim states as proved, λmin in [0.",
        "to the nearest permutation of the targets, where it is 0.",
        "Computed in floating point, drawn for orientation; no part of the proof.",
        "a numerical observation",
        "as the claim states them",
        "This is what the file claims. To show it does not prove it again",
    ):
        assert part in text, part


def test_every_number_of_the_weights_is_a_title():
    html = made(SPURIOUS)
    titles = re.findall(r"<title>neuron (\d), coordinate (\d): ([^<]*)</title>", html)
    assert len({(i, j) for i, j, _ in titles}) == len(titles) == 36
    claim = json.loads(SPURIOUS.read_text())["statement"]["claim"]
    for i, j, text in titles:
        mantissa, exponent = claim["point"][int(i) - 1][int(j) - 1]
        assert f"{int(mantissa) * 2.0**exponent:.6g}" == text


@pytest.mark.parametrize("path", sorted((CORPUS / "accept").glob("*.json")), ids=lambda path: path.stem)
def test_every_certificate_has_a_page(path):
    closed(made(path))


def test_a_point_too_large_to_draw_is_drawn_by_its_classes():
    text = words(made(CORPUS / "accept/symmetric-spurious-billion.json"))
    assert "classes of 1+999999999 coordinates, of each 4 at most are drawn" in text
    assert "Not drawn: 1000000000 neurons with 1000000000 coordinates" in text


@pytest.mark.parametrize("path", [SPURIOUS, EXPRESSION])
def test_hostile_strings_stay_text(tmp_path, path):
    def change(whole):
        for argument in whole["statement"]["evidence"]:
            argument["theorem"] = EVIL
            for item in argument["inequalities"]:
                item["step"] = item["text"] = EVIL
        whole["statement"]["provenance"]["source"] = EVIL

    folder = tmp_path / "<b>'&amp;$(touch x)\x1b\u202e"
    folder.mkdir()
    html = made(changed(folder, change, path))
    shown = read(folder / "changed.json", trust.known(lambda _: None))
    claim = Claim(EVIL, EVIL, EVIL, [(EVIL, EVIL)])
    closed(page(shown._replace(claim=claim, signatures=[(EVIL,) * 3], legend=EVIL), Path("page.html")))
    seen = closed(html)
    assert "b" not in seen.tags
    assert "&lt;script&gt;alert(1)" in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "%3Cb%3E%27%26amp%3B%24%28touch%20x%29%1B%E2%80%AE/changed.json" in html


def test_numbers_of_any_size_are_drawn_or_left_out(tmp_path):
    """The largest and smallest that the format knows, wherever a number is."""
    for exponent in (65536, -65536, 1100, -1100):
        for sign in ("", "-"):

            def change(whole, number=(f"{sign}1", exponent)):
                claim = whole["statement"]["claim"]
                claim["point"][0][0] = list(number)
                for name in ("existence_radius", "lambda_max", "uniqueness_radius"):
                    claim["bounds"][name]["exact"] = ["1", number[1]]
                for argument in whole["statement"]["evidence"]:
                    for item in argument["inequalities"]:
                        item["left"]["exact"] = list(number)

            path = changed(tmp_path, change)
            html = made(path)
            closed(html)
            numbers = re.findall(r'\b(?:x|y|d|cx|cy|width|height)="([^"]*)"', html)
            assert not re.search("nan|inf", " ".join(numbers))


def test_a_claim_of_another_shape_is_a_message(tmp_path):
    def shorter(whole):
        whole["statement"]["claim"]["point"] = [row[:3] for row in whole["statement"]["claim"]["point"]]

    def classes(whole):
        whole["statement"]["claim"]["point"]["class_sizes"] = [10**17, 5]

    for change, path in ((shorter, SPURIOUS), (classes, CORPUS / "accept/symmetric-spurious-1-5.json")):
        with pytest.raises(InputError):
            made(changed(tmp_path, change, path))


def test_a_file_too_large_to_check_has_no_pictures(tmp_path):
    def change(whole):
        (argument,) = whole["statement"]["evidence"][:1]
        argument["inequalities"] = argument["inequalities"][:1] * 1001

    text = words(made(changed(tmp_path, change)))
    assert "Not drawn: the file is larger than what the auditor reads." in text
    assert "λmin" not in text


def test_the_command_writes_one_page(relucert, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.json").write_bytes(SPURIOUS.read_bytes())
    code, out, _ = relucert("show", "one.json", "--html", "new/page.html")
    assert (code, out) == (0, "page: new/page.html\n")
    assert [x.name for x in (tmp_path / "new").iterdir()] == ["page.html"]
    html = (tmp_path / "new/page.html").read_text()
    assert 'href="../one.json"' in html
    assert "its name is not the digest" in html
    (tmp_path / "new/page.html").write_text("old")
    relucert("show", "one.json", "--html", "new/page.html")
    assert (tmp_path / "new/page.html").read_text() == html
    (tmp_path / "two.json").write_bytes(EXPRESSION.read_bytes())
    for arguments, reason in (
        (["one.json", "two.json", "--html", "x.html"], "the page of one certificate, and there are 2"),
        (["one.json", "--html", "x.html", "--json"], "leave one of them out"),
        (["one.json", "--html", "new"], "a directory; name a file, such as new/page.html"),
        (["one.json", "--html", "one.json"], "the certificate itself"),
    ):
        code, _, err = relucert("show", *arguments)
        assert code == 2
        assert reason in " ".join(err.split())
    assert not (tmp_path / "x.html").exists()
    assert (tmp_path / "one.json").read_bytes() == SPURIOUS.read_bytes()
