"""Takes the picture in the README from a running demo: a report, made over Open311, as its reporter and as its officer see it.

make demo, and in another terminal: .venv/bin/python scripts/screenshot.py [http://localhost:8000]
"""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Page, sync_playwright

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "one-report-two-pages.png"
OFFICER = "priya.wherryman@example.org"
PASSWORD = "harbour-lantern-orchard"  # the demo's
REPORT = {
    "api_key": "demo-key",
    "service_code": "fly-tipping",
    "address_id": "999900000172",
    "description": "A sofa and a mattress on the pavement, next to the lamp post.",
    "email": "resident@example.org",
    "attribute[size]": "van",
    "attribute[waste]": "furniture",
    "attribute[blocking]": "yes",
}
SIZE = {"width": 1080, "height": 880}
GAP, EDGE = 24, 2  # pixels
COLOURS = 128


def make_report(address: str) -> str:
    """Its reference."""
    body = urlencode(REPORT).encode()
    with urllib.request.urlopen(f"{address}/open311/v2/requests.json", body) as answer:
        return str(json.load(answer)[0]["service_request_id"])


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/work/")
    code = re.search(rf"{re.escape(OFFICER)}\s+(\d{{6}})", page.locator("main").inner_text())
    assert code, "The sign-in page shows no codes: is this the demo?"
    page.get_by_label("Email address").fill(OFFICER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.locator("main form input[type=text]").first.fill(code[1])
    page.locator("main form button").first.click()
    page.get_by_role("heading", level=1, name=re.compile("queue")).wait_for()


def picture(page: Page) -> Image.Image:
    page.wait_for_load_state("networkidle")
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main() -> None:
    address = (sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000").rstrip("/")
    reference = make_report(address)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        sign_in(page, address)
        page.goto(f"{address}/work/cases/{reference}")
        staff = picture(page)
        page.goto(f"{address}/r/{reference}")
        public = picture(page)
        browser.close()
    both = Image.new("RGB", (public.width + GAP + staff.width + 2 * EDGE, public.height + 2 * EDGE), "#b1b4b6")
    both.paste("#ffffff", (public.width + EDGE, 0, public.width + EDGE + GAP, both.height))
    both.paste(public, (EDGE, EDGE))
    both.paste(staff, (public.width + EDGE + GAP, EDGE))
    TARGET.parent.mkdir(exist_ok=True)
    both.quantize(COLOURS).save(TARGET, optimize=True)
    print(f"{TARGET}: {TARGET.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
