"""The report in a real browser: it sorts, filters, opens certificates, and asks for its file only."""

import json

import pytest

import studies
from relucert.study import study as reading
from relucert.study.page import page


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    whole = studies.make(tmp_path_factory.mktemp("study") / "a grid #1")
    output = whole.parent / "report.html"
    output.write_text(page(reading.read(whole), output))
    return output


@pytest.fixture
def opened(driver, path):
    driver.get(path.as_uri())
    yield driver
    assert driver.get_log("browser") == []  # no error, nothing that the policy has blocked


def texts(driver, selector):
    return [x.text for x in driver.find_elements("css selector", selector) if x.is_displayed()]


def column(driver, number, table=1):
    rows = driver.find_elements("css selector", ".scroll")[table - 1]
    return [x.text for x in rows.find_elements("css selector", f"tbody tr > :nth-child({number})")]


def header(driver, name):
    return next(x for x in driver.find_elements("css selector", "thead th") if x.text.startswith(name))


def choose(driver, name, value):
    from selenium.webdriver.support.select import Select

    Select(driver.find_element("name", name)).select_by_value(value)


def test_the_page_asks_for_nothing_but_itself(driver, path):
    driver.get("about:blank")
    driver.get_log("performance")
    driver.get(path.as_uri())
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    drawn = "return [...document.images].every(image => image.complete && image.naturalWidth > 0)"
    assert driver.execute_script(drawn)
    assert len(driver.find_elements("css selector", ".gallery img")) == 6


def test_headers_sort_by_click_and_by_key(opened):
    assert column(opened, 1) == ["6", "8", "10", "12", "16", "20"]
    share = header(opened, "spurious")
    assert share.get_attribute("aria-sort") == "none"
    share.find_element("tag name", "button").click()
    assert share.get_attribute("aria-sort") == "ascending"
    assert column(opened, 4) == ["0.3", "30.0", "34.0", "58.0", "85.0", "94.0"]
    share.find_element("tag name", "button").send_keys("\ue007")  # Enter
    assert share.get_attribute("aria-sort") == "descending"
    assert column(opened, 1) == ["20", "16", "12", "10", "8", "6"]
    header(opened, "k").find_element("tag name", "button").send_keys(" ")
    assert share.get_attribute("aria-sort") == "none"
    assert column(opened, 1) == ["6", "8", "10", "12", "16", "20"]  # as numbers, not as text


def test_the_filter_hides_rows_figures_and_families(opened):
    shown = opened.find_element("id", "shown")
    assert shown.text == "9 of 9 rows, 6 of 6 families"
    choose(opened, "k", "20")
    assert shown.text == "1 of 9 rows, 1 of 6 families"
    assert texts(opened, ".panels figcaption") == ["k = 20, n = 20"]
    choose(opened, "n", "6")
    assert shown.text == "0 of 9 rows, 0 of 6 families"
    choose(opened, "k", "")
    choose(opened, "n", "")
    choose(opened, "verdict", "undecided")
    assert shown.text == "6 of 9 rows, 0 of 6 families"
    opened.find_element("css selector", "form button[type=reset]").click()
    assert opened.execute_async_script("setTimeout(arguments[0])") is None
    assert shown.text == "9 of 9 rows, 6 of 6 families"
    opened.find_element("name", "text").send_keys("17+3 SPURIOUS\ue007")
    assert shown.text == "0 of 9 rows, 1 of 6 families"
    assert texts(opened, ".gallery h3") == ["k = 20, n = 20\nclasses 17+3"]


def test_the_gallery_can_be_ordered(opened):
    from selenium.webdriver.support.select import Select

    order, heads = Select(opened.find_element("id", "order")), ".gallery h3"
    assert [x.split(",")[0] for x in texts(opened, heads)] == [f"k = {k}" for k in (6, 8, 10, 12, 16, 20)]
    order.select_by_value("count-")
    assert [x.split(",")[0] for x in texts(opened, heads)] == [f"k = {k}" for k in (20, 16, 12, 10, 8, 6)]
    order.select_by_value("f+")
    assert texts(opened, heads)[0].startswith("k = 16,")
    order.select_by_value("")
    assert texts(opened, heads)[0].startswith("k = 6,")


def test_a_certificate_opens(opened, path):
    link = opened.find_element("css selector", ".gallery a")
    digest = link.text
    link.click()
    assert opened.current_url == (path.parent / "a grid #1" / "certificates" / f"{digest}.json").as_uri()
    assert json.loads(opened.find_element("tag name", "body").text)["payloadType"]


@pytest.mark.parametrize("width", [390, 800, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(opened, width, scheme):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    sizes = "const e = document.documentElement; return [innerWidth, e.scrollWidth - e.clientWidth]"
    assert opened.execute_script(sizes) == [width, 0]
    colours = "const s = getComputedStyle(document.documentElement); return [s.color, s.backgroundColor]"
    ink, paper = (sum(map(int, x[4:-1].split(","))) for x in opened.execute_script(colours))
    assert (ink < paper) == (scheme == "light")
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_print_has_no_controls(opened):
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    assert texts(opened, "select, input, form button, nav") == []
    assert len(texts(opened, ".gallery dl")) == 6
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_thousands_of_families_are_filtered_at_once(driver, path, tmp_path):
    """Hiding thousands of list items takes Chromium many seconds, hence they are blocks."""
    text = path.read_text()
    start, end = text.index("<li "), text.rindex("</li>") + len("</li>")
    (tmp_path / "many.html").write_text(text[:start] + text[start:end] * 500 + text[end:])
    driver.get((tmp_path / "many.html").as_uri())
    assert driver.find_element("id", "shown").text == "9 of 9 rows, 3000 of 3000 families"
    hide = """const start = performance.now();
        document.querySelector("[name=text]").value = "nowhere";
        document.getElementById("filter").dispatchEvent(new Event("input"));
        document.body.getBoundingClientRect();
        return performance.now() - start"""
    assert driver.execute_script(hide) < 2500
