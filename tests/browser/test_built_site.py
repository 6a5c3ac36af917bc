"""The site that `make docs` left, opened from its folder: the search works, and nothing else is asked for."""

import json
import re

import pytest
from selenium.webdriver.support.wait import WebDriverWait

from pages import ROOT

SITE = ROOT / "build/site"
SECONDS = 60
pytestmark = pytest.mark.skipif(not (SITE / "index.html").exists(), reason="needs the site: make docs")


def asked_for(driver):
    """The addresses of all requests since the last call."""
    messages = [json.loads(x["message"])["message"] for x in driver.get_log("performance")]
    sent = (x["params"]["request"]["url"] for x in messages if x["method"] == "Network.requestWillBeSent")
    return {x for x in sent if not x.startswith(("chrome:", "data:"))}


def test_the_search_works_without_a_server(driver):
    driver.set_window_size(1300, 900)
    driver.get((SITE / "speed.html").as_uri())
    field = driver.find_element("css selector", "input.md-search__input")
    field.click()
    field.send_keys("octopus")
    wait = WebDriverWait(driver, SECONDS)
    found = wait.until(lambda _: driver.find_elements("css selector", ".md-search-result__item a"))
    assert found[0].get_attribute("href").startswith((SITE / "families/octopus.html").as_uri())
    assert driver.get_log("browser") == []
    assert all(x.startswith(SITE.as_uri()) for x in asked_for(driver))


@pytest.mark.parametrize("name", ["index", "api", "families/points", "theorem/teacher"])
def test_a_page_fits_a_phone_and_is_whole(driver, name):
    driver.set_window_size(500, 900)
    driver.get((SITE / f"{name}.html").as_uri())
    width, whole = driver.execute_script("return [innerWidth, document.documentElement.scrollWidth]")
    assert whole <= width
    assert driver.get_log("browser") == []
    assert all(x.startswith(SITE.as_uri()) for x in asked_for(driver))


def test_no_page_loads_anything_from_elsewhere():
    loads = re.compile(r"""<(?:script|img|iframe|source)[^>]* src="[a-z]*:?//|<link[^>]* href="[a-z]*:?//""")
    assert [x for x in SITE.rglob("*.html") if loads.search(x.read_text())] == []
