"""The briefs in a real browser: nothing is asked of anyone, nothing overflows, and every theme and key works."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.tell import sample

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="needs Debian's chromium: apt-get install chromium"
)
"""In CI nothing may skip: without the program these tests fail there."""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A page of the desk, with all that the browser asked for and complained of."""

    def __init__(self, browser: Browser, url: str, *, width: int = 1200, scheme: str = "light") -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(url)

    def picture(self) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(self.page.screenshot())).convert("L")).astype(int)


@pytest.fixture
def forest(case: Path, served: str) -> str:
    """The brief with figures, served from the case's folder as the brief of a day."""
    told = sample.told_forest()
    (case / "asof" / "2019-12-31.html").write_text(told.html)
    (case / "asof" / "2019-12-31.json").write_text(json.dumps(told.data))
    return f"{served}/asof/2019-12-31.html"


@pytest.mark.parametrize("name", ["", "brief.html", "forest"])
def test_the_browser_asks_for_the_page_alone_and_complains_of_nothing(
    browser: Browser, served: str, forest: str, name: str
) -> None:
    url = forest if name == "forest" else f"{served}/{name}"
    visit = Visit(browser, url)
    assert [asked for asked in visit.asked if not asked.startswith("data:")] == [url]
    assert visit.complaints == []
    visit.context.close()


@pytest.mark.parametrize("width", [400, 1200])
@pytest.mark.parametrize("name", ["", "brief.html", "forest"])
def test_no_page_is_wider_than_its_window(browser: Browser, served: str, forest: str, name: str, width: int) -> None:
    visit = Visit(browser, forest if name == "forest" else f"{served}/{name}", width=width)
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    wide = "[...document.querySelectorAll('main *')].filter(e => !e.closest('.wide, svg') && e.getClientRects().length"
    spill = visit.page.evaluate(wide + f" && e.getBoundingClientRect().right > {width} + 1).map(e => e.outerHTML)")
    assert spill == []
    visit.context.close()


def test_the_page_follows_the_readers_theme(browser: Browser, forest: str) -> None:
    light, dark = (Visit(browser, forest, scheme=scheme) for scheme in ("light", "dark"))
    for visit, background in ((light, 252), (dark, 23)):
        picture = visit.picture()
        assert abs(int(np.median(picture)) - background) < 6
        assert picture.std() > 10
        visit.context.close()


def test_the_figures_are_shown(browser: Browser, forest: str) -> None:
    visit = Visit(browser, forest)
    sizes = visit.page.evaluate("[...document.images].map(i => [i.complete, i.naturalWidth, i.clientWidth, i.alt])")
    assert len(sizes) == 4
    assert all(complete and natural >= shown > 300 and alt for complete, natural, shown, alt in sizes)
    tops = visit.page.evaluate("[...document.images].map(i => i.getBoundingClientRect().top)")
    assert tops[0] == tops[1]
    narrow = Visit(browser, forest, width=400)
    tops = narrow.page.evaluate("[...document.images].map(i => i.getBoundingClientRect().top)")
    assert tops[1] > tops[0] + 300
    visit.context.close()
    narrow.context.close()


def test_the_strip_draws_every_pass(browser: Browser, forest: str) -> None:
    visit = Visit(browser, forest)
    drawn = "[...document.querySelectorAll('.strip rect')].filter(r => r.getBoundingClientRect().width > 0).length"
    assert visit.page.evaluate(drawn) == 40 + 1
    visit.context.close()


def test_a_reader_without_a_mouse_gets_from_a_judgement_to_its_quote(browser: Browser, served: str) -> None:
    visit = Visit(browser, f"{served}/brief.html")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "skip"
    visit.page.focus("#question-trailer .indicators .ref")
    visit.page.keyboard.press("Enter")
    target = visit.page.evaluate("document.querySelector(':target mark').textContent")
    assert target == "could not show what a covered trailer carried"
    visit.context.close()


def test_a_link_into_a_folded_part_unfolds_it(browser: Browser, forest: str) -> None:
    visit = Visit(browser, forest)
    passes = visit.page.locator("#passes-stand")
    assert passes.evaluate("d => d.open") is False
    visit.page.locator(".card .ref").first.click()
    assert passes.evaluate("d => d.open") is True
    assert visit.page.evaluate("document.querySelector(':target').tagName") == "TR"
    visit.context.close()


def test_report_text_runs_no_script(browser: Browser, served: str) -> None:
    visit = Visit(browser, f"{served}/brief.html")
    assert visit.page.evaluate("document.scripts.length") == 0
    assert "<script>alert('x')</script>" in visit.page.inner_text("#quotes")
    assert visit.complaints == []
    visit.context.close()


def test_print_holds_what_the_screen_folds_away(browser: Browser, forest: str) -> None:
    visit = Visit(browser, forest)
    visit.page.emulate_media(media="print")
    height = "document.querySelector('.passes').getBoundingClientRect().height"
    assert visit.page.evaluate(height) > 300
    assert visit.page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert visit.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    visit.context.close()
