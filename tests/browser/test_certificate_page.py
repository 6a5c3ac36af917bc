"""The page of a certificate in a real browser: it asks for its file only, fits the screen, and can be read."""

import json
from pathlib import Path

import pytest

from relucert.certificate import trust
from relucert.commands.certificate_page import page
from relucert.commands.shown import read

ACCEPT = Path(__file__).parents[1] / "corpus/accept"
NAMES = [
    "spurious-6-6-sharp", "expression-xor-spurious", "saddle-2-2-skew", "symmetric-spurious-billion", "runs-around",
]  # fmt: skip
LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA
# Of every element with text of its own: its colour or, in a picture, that of its letters, against the page.
CONTRAST = """
const luminance = text => {
  const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
    .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const paper = luminance(getComputedStyle(document.documentElement).backgroundColor);
const own = e => [...e.childNodes].some(x => x.nodeType === 3 && x.data.trim());
return Math.min(...[...document.body.querySelectorAll("*")].filter(e => own(e) && e.tagName !== "title").map(e => {
  const style = getComputedStyle(e), ink = luminance(e.ownerSVGElement ? style.fill : style.color);
  return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELUCERT_HOME", str(home / "home"))
        for name in NAMES:
            output = home / f"{name}.html"
            output.write_text(page(read(ACCEPT / f"{name}.json", trust.known(lambda _: None)), output))
    return home


@pytest.fixture(params=NAMES)
def opened(driver, folder, request):
    driver.get((folder / f"{request.param}.html").as_uri())
    yield driver
    assert driver.get_log("browser") == []  # no error, nothing that the policy has blocked


def test_the_page_asks_for_nothing_but_itself(driver, folder):
    driver.get("about:blank")
    driver.get_log("performance")
    address = (folder / f"{NAMES[0]}.html").as_uri()
    driver.get(address)
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("data:")] == [address]


@pytest.mark.parametrize("width", [390, 800, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen_and_can_be_read(opened, width, scheme):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    sizes = "const e = document.documentElement; return [innerWidth, e.scrollWidth - e.clientWidth]"
    assert opened.execute_script(sizes) == [width, 0]
    assert opened.execute_script(CONTRAST) >= LEAST_CONTRAST
    inside = """return [...document.querySelectorAll("svg.drawn")].map(svg => {
        const whole = svg.getBoundingClientRect();
        return [...svg.querySelectorAll("text")].filter(e => {
            const box = e.getBoundingClientRect();
            return box.left < whole.left - 1 || box.right > whole.right + 1 || box.bottom > whole.bottom + 1;
        }).map(e => e.textContent)}).flat()"""
    assert opened.execute_script(inside) == []
    letters = """return Math.min(...[...document.querySelectorAll("svg.drawn")].map(svg =>
        parseFloat(getComputedStyle(svg).fontSize) * svg.clientWidth / svg.viewBox.baseVal.width))"""
    assert opened.execute_script(letters) >= 9.5  # pixels
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_certificate_opens(opened):
    opened.find_element("css selector", "#check a").click()
    assert json.loads(opened.find_element("tag name", "body").text)["payloadType"]
