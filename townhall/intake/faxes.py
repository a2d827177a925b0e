"""Pictures of several pages, as fax machines and scanners make them (TIFF), as a PDF that every browser shows."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from django.utils.translation import gettext as _
from PIL import Image, ImageSequence

from townhall.core.errors import BadInput

_TIFF: Final = (b"II*\x00", b"MM\x00*")
MOST_PAGES: Final = 200
MOST_PIXELS: Final = 40_000_000  # of one page: A3 at 600 dots an inch
_DPI: Final = 200


def is_tiff(content: bytes) -> bool:
    return content[:4] in _TIFF


def as_pdf(content: bytes, *, name: str, field: str) -> bytes:
    """Each page as it is to be seen: a fax in normal resolution has twice as many dots across as down. Raises BadInput."""
    pages: list[Image.Image] = []
    try:
        with Image.open(BytesIO(content), formats=("TIFF",)) as picture:
            for number, page in enumerate(ImageSequence.Iterator(picture)):
                if number >= MOST_PAGES or page.width * page.height > MOST_PIXELS:
                    raise BadInput({field: _("%(name)s is too large. Scan it again in parts.") % {"name": name}})
                pages.append(_upright(page))
    except (OSError, ValueError, UserWarning, Image.DecompressionBombError) as error:
        words = _("%(name)s could not be opened: it may be damaged or incomplete. Send it again.")
        raise BadInput({field: words % {"name": name}}) from error
    if not pages:
        raise BadInput({field: _("%(name)s has no pages. Send it again.") % {"name": name}})
    made = BytesIO()
    pages[0].save(made, format="PDF", save_all=True, append_images=pages[1:], resolution=_DPI)
    return made.getvalue()


def _upright(page: Image.Image) -> Image.Image:
    across, down = (float(one) for one in page.info.get("dpi", (_DPI, _DPI)))
    made = page.convert("1") if page.mode == "1" else page.convert("L" if page.mode == "L" else "RGB")
    if across > 0 and down > 0 and not 0.8 < across / down < 1.25:
        made = made.resize((made.width, max(1, round(made.height * across / down))))
    return made
