"""Made-up post: a fax of two pages, and a letter as a scanner makes it."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw


def page(words: str, *, size: tuple[int, int] = (864, 550)) -> Image.Image:
    made = Image.new("1", size, 1)
    ImageDraw.Draw(made).text((40, 40), words, fill=0)
    return made


def fax(*words: str) -> bytes:
    """A fax in normal resolution: 204 dots an inch across, 98 down."""
    pages = [page(one) for one in words]
    out = BytesIO()
    pages[0].save(out, format="TIFF", compression="group4", save_all=True, append_images=pages[1:], dpi=(204, 98))
    return out.getvalue()


def scan(words: str) -> bytes:
    """A letter as a PDF without a text layer."""
    out = BytesIO()
    page(words, size=(827, 1169)).save(out, format="PDF", resolution=100)
    return out.getvalue()
