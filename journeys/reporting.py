"""The steps of reporting dumped rubbish, as a resident walks them."""

from __future__ import annotations

import struct
import zlib

from playwright.sync_api import FilePayload

from journeys.browsing import Resident


def a_picture(name: str, *, red: int = 90) -> FilePayload:
    """A small PNG made here."""
    row = b"\0" + bytes((red, 120, 90)) * 64
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 64)),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return {"name": name, "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + body}


def describe(who: Resident) -> None:
    who.look("Tell us about it")
    who.page.get_by_label("Several bags").check()
    who.page.get_by_label("Furniture or mattresses").check()
    who.page.get_by_role("group", name="Is it blocking the road").get_by_label("No").check()
    who.press("Continue")


def send(who: Resident, *, name: str, email: str) -> str:
    """From the contact page to the confirmation; the reference."""
    who.look("Who should we tell?")
    who.page.get_by_label("Full name").fill(name)
    who.page.get_by_label("Email address").fill(email)
    who.press("Continue")
    who.look("Check your answers")
    who.press("Send my report")
    who.look("Report received")
    return who.page.locator(".govuk-panel strong").inner_text()


def say_where(who: Resident, place: str) -> None:
    """The fly-tipping journey as far as the place: the first address that the search gives."""
    who.open("/report/fly-tipping")
    who.look("Where is it?")
    who.page.get_by_label("Postcode, address or street").fill(place)
    who.press("Find it")
    who.page.locator("input[name=choice][value^=address]").first.check()
    who.press("Continue")


def report_it(who: Resident, *, name: str, email: str, photo: FilePayload | None = None) -> str:
    if "/nearby" in who.page.url:
        who.press("No, mine is new")
    describe(who)
    who.look("Add photos (optional)")
    if photo:
        who.page.set_input_files("input[type=file]", [photo])
        who.press("Add, and show me")
        who.page.get_by_role("img", name="Photo 1").wait_for()
    who.press("Continue")
    return send(who, name=name, email=email)
