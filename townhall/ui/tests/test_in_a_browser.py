"""The map and the look in a real browser: keyboard, click, device position, other layers, no WebGL, no violations."""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.urls import include, path
from PIL import Image

from townhall.ui import map_features
from townhall.ui.map_features import Collection
from townhall.ui.tests.tiny_borough import LAT, LNG, everything

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
QUIET = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WEBGL = ["--enable-unsafe-swiftshader", "--use-gl=angle", "--use-angle=swiftshader"]
PAGE = "/ui-components"
TILES = "https://tiles.example.org/{z}/{x}/{y}.png"

urlpatterns = [path("", include("townhall.ui.urls"))]
pytestmark = [
    pytest.mark.urls(__name__),
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: set CHROMIUM or install it"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def hamlet(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(map_features, "_sources", [Collection(lambda: list(everything()))])
    settings.DEMO = True


@pytest.fixture(scope="module")
def browsers(django_db_setup: None) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop of its own in this thread
    with sync_playwright() as playwright:
        yield playwright.chromium
    patch.undo()


@pytest.fixture
def browser(browsers: Any) -> Iterator[Any]:
    launched = browsers.launch(executable_path=CHROMIUM, args=QUIET + WEBGL)
    yield launched
    launched.close()


def opened(browser: Any, live_server: Any, *, width: int = 1280, **options: Any) -> tuple[Any, list[str]]:
    """The page with its map drawn, and a list that fills with what the console complains of."""
    page = browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}{PAGE}")
    return page, complaints


def until(page: Any, expression: str) -> None:
    """Wait for something to be true. Playwright's own way evaluates text in the page, which the policy forbids."""
    deadline = time.monotonic() + 40
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(50)


def place(page: Any) -> tuple[float, float]:
    return tuple(float(page.locator(f"input[name=place_{part}]").input_value()) for part in ("lat", "lng"))  # type: ignore[return-value]


def status(page: Any) -> Any:
    return page.locator("[data-map-status]")


def test_the_place_is_set_from_the_keyboard(browser: Any, live_server: Any) -> None:
    page, complaints = opened(browser, live_server)
    page.wait_for_selector(".th-map[data-state=ready]")

    page.locator(".th-map canvas").focus()
    page.keyboard.press("ArrowRight")
    until(page, "!document.querySelector('.th-map').townhallMap.isMoving()")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-map-status]').textContent.includes('near')")

    lat, lng = place(page)
    middle_lat, middle_lng = map_features.middle() or (0, 0)
    assert lat == pytest.approx(middle_lat, abs=1e-4)
    assert lng > middle_lng + 0.0003
    assert "Long Lane" in status(page).inner_text()
    assert complaints == []


def test_the_place_is_set_by_one_click_and_by_the_button_without_dragging(browser: Any, live_server: Any) -> None:
    page, _complaints = opened(browser, live_server)
    page.wait_for_selector(".th-map[data-state=ready]")

    page.locator(".th-map canvas").click(position={"x": 40, "y": 40})
    until(page, "document.querySelector('[data-map-status]').textContent")
    clicked = place(page)
    page.get_by_role("button", name="Use this place").click()

    middle = map_features.middle() or (0, 0)
    assert clicked[0] > middle[0]
    assert clicked[1] < middle[1]
    assert place(page) == pytest.approx(middle, abs=1e-5)


def test_the_place_is_set_from_the_device(browser: Any, live_server: Any) -> None:
    page, _complaints = opened(
        browser,
        live_server,
        permissions=["geolocation"],
        geolocation={"latitude": LAT + 0.0001, "longitude": LNG - 0.0005},
    )
    page.wait_for_selector(".th-map[data-state=ready]")

    page.get_by_role("button", name="Use my location").click()
    until(page, "document.querySelector('input[name=place_lat]').value")

    assert place(page) == pytest.approx((LAT + 0.0001, LNG - 0.0005), abs=1e-5)


def test_without_webgl_the_picture_stays(browsers: Any, live_server: Any) -> None:
    browser = browsers.launch(executable_path=CHROMIUM, args=[*QUIET, "--disable-gpu", "--disable-3d-apis"])
    page, complaints = opened(browser, live_server)

    assert page.locator("input[type=image][name=place_map]").is_visible()
    assert page.get_by_role("button", name="Use the place in the middle").is_visible()
    assert complaints == []
    browser.close()


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("javascript", [True, False])
def test_nothing_on_the_page_breaks_the_rules_of_access(
    browser: Any, live_server: Any, width: int, *, javascript: bool
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, complaints = opened(browser, live_server, width=width)
    if javascript:
        page.wait_for_selector(".th-map[data-state=ready]")
    else:
        page.context.route("**/*.js", lambda route: route.abort())
        page.reload()
        complaints.clear()

    violations = Axe().run(page).response["violations"]

    assert [violation["id"] for violation in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []


def test_targets_are_large_enough(browser: Any, live_server: Any) -> None:
    """WCAG 2.5.8: 24 by 24, but for links within a sentence."""
    page, _complaints = opened(browser, live_server, width=320)
    page.wait_for_selector(".th-map[data-state=ready]")

    small = page.evaluate(
        """[...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, .th-masthead a, .th-filters a")]
        .filter((one) => one.offsetParent && !one.matches("[aria-hidden=true], .govuk-file-upload"))
        .filter((one) => { const box = one.getBoundingClientRect(); return box.width < 24 || box.height < 24; })
        .map((one) => one.outerHTML.slice(0, 120))"""
    )

    assert small == []


def test_openstreetmap_tiles_and_their_credit(browser: Any, live_server: Any) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (256, 256), "#abcdef").save(picture, "PNG")
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(body=picture.getvalue(), content_type="image/png", headers={"Access-Control-Allow-Origin": "*"})

    policy = {
        "DIRECTIVES": {
            "default-src": ["'self'"],
            "connect-src": ["'self'", "https://tiles.example.org"],
            "worker-src": ["'self'"],
        }
    }
    with override_settings(MAP_LAYER="osm", OSM_TILE_URL=TILES, CONTENT_SECURITY_POLICY=policy):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.route("https://tiles.example.org/**", answer)
        page = context.new_page()
        page.goto(f"{live_server.url}{PAGE}")
        page.wait_for_selector(".th-map[data-state=ready]")

        assert page.get_by_text("© OpenStreetMap contributors").is_visible()
    assert asked


def test_ordnance_survey_is_asked_with_the_councils_key(browser: Any, live_server: Any) -> None:
    asked: list[str] = []
    style = '{"version": 8, "sources": {"esri": {"type": "vector", "url": "https://api.os.uk/maps/vector/v1/vts"}}, "layers": [{"id": "land", "type": "background"}, {"id": "roads", "type": "line", "source": "esri", "source-layer": "Road"}]}'  # noqa: E501
    source = (
        '{"tilejson": "2.0.0", "tiles": ["https://api.os.uk/maps/vector/v1/vts/tile/{z}/{y}/{x}.pbf"], "maxzoom": 15}'
    )

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        url = route.request.url
        body = style if "/resources/styles" in url else b"" if "/tile/" in url else source
        route.fulfill(body=body, content_type="application/json", headers={"Access-Control-Allow-Origin": "*"})

    policy = {
        "DIRECTIVES": {
            "default-src": ["'self'"],
            "connect-src": ["'self'", "https://api.os.uk"],
            "worker-src": ["'self'"],
        }
    }
    with override_settings(MAP_LAYER="os", OS_MAPS_KEY="council-key", CONTENT_SECURITY_POLICY=policy):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.route("https://api.os.uk/**", answer)
        page = context.new_page()
        page.goto(f"{live_server.url}{PAGE}")
        page.wait_for_selector(".th-map[data-state=ready]")

        assert page.get_by_text("Contains OS data © Crown copyright and database rights").is_visible()
    assert any("/tile/" in url for url in asked)
    assert all("key=council-key" in url and "srs=3857" in url for url in asked)
