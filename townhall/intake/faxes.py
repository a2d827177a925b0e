"""Pictures of several pages, as fax machines and scanners make them (TIFF), as a PDF that every browser shows."""

from __future__ import annotations

from io import SEEK_END, BytesIO
from tempfile import TemporaryFile
from typing import IO, Final

from django.utils.translation import gettext as _
from PIL import Image, ImageSequence

from townhall.core.errors import BadInput

_TIFF: Final = (b"II*\x00", b"MM\x00*")
MOST_PAGES: Final = 200
MOST_PIXELS: Final = 40_000_000  # of one page: A3 at 600 dots an inch
MOST_OF_ALL: Final = 1_600_000_000  # dots of all pages: 200 of A4 at the finest that fax machines send
HELD_PIXELS: Final = 40_000_000
_DPI: Final = 200
# How many times as many dots across as down dots are that are not square: what fax machines make, and nothing that is only wrong.
_OBLONG: Final = ((0.2, 0.8), (1.25, 4.5))


def is_tiff(content: bytes) -> bool:
    return content[:4] in _TIFF


def as_pdf(content: bytes, *, name: str, field: str) -> bytes:
    """Each page as it is to be seen: a fax in normal resolution has twice as many dots across as down. Raises BadInput."""
    pages: list[Image.Image] = []
    every = 0
    with TemporaryFile("w+b") as made:
        try:
            with Image.open(BytesIO(content), formats=("TIFF",)) as picture:
                for number, page in enumerate(ImageSequence.Iterator(picture)):
                    every += page.width * page.height
                    if number >= MOST_PAGES or page.width * page.height > MOST_PIXELS or every > MOST_OF_ALL:
                        raise BadInput({field: _("%(name)s is too large. Scan it again in parts.") % {"name": name}})
                    pages.append(_upright(page))
                    if sum(one.width * one.height for one in pages) > HELD_PIXELS:
                        _write(pages, made)
        except (OSError, ValueError, UserWarning, Image.DecompressionBombError) as error:
            words = _("%(name)s could not be opened: it may be damaged or incomplete. Send it again.")
            raise BadInput({field: words % {"name": name}}) from error
        _write(pages, made)
        if not made.tell():
            raise BadInput({field: _("%(name)s has no pages. Send it again.") % {"name": name}})
        made.seek(0)
        return made.read()


def _write(pages: list[Image.Image], made: IO[bytes]) -> None:
    """Add these to the file and let go of them, so that a long fax is never in memory as a whole."""
    if pages:
        made.seek(0, SEEK_END)
        is_begun = made.tell() > 0
        pages[0].save(made, format="PDF", save_all=True, append_images=pages[1:], resolution=_DPI, append=is_begun)
        made.seek(0, SEEK_END)
        pages.clear()


def _upright(page: Image.Image) -> Image.Image:
    across, down = (float(one) for one in page.info.get("dpi", (_DPI, _DPI)))
    made = page.convert("1") if page.mode == "1" else page.convert("L" if page.mode == "L" else "RGB")
    if across > 0 and down > 0 and any(least < across / down < most for least, most in _OBLONG):
        made = made.resize((made.width, max(1, round(made.height * across / down))))
    return made
