"""From a sheet to a PDF by WeasyPrint: tagged, with its language, title and bookmarks, and fetching nothing from anywhere."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

import structlog
from PIL import ImageFile

from townhall.ui.assets import FONTS
from townhall.ui.paper.sheet import Sheet, as_page

log = structlog.get_logger(__name__)
FACES = {"NotoSans-Regular.ttf": 400, "NotoSans-Bold.ttf": 700}
_one_at_a_time = Lock()  # the font configuration is shared, and is not made for threads


class NoPrinter(Exception):
    """This machine cannot make PDFs: a library is missing. The message says which, for operators."""


@cache
def can_print() -> bool:
    """Whether PDFs can be made here; when not, the log says why, once."""
    try:
        _printer()
    except NoPrinter as error:
        log.warning("paper.no_printer", because=str(error))
        return False
    return True


def as_pdf(sheet: Sheet, *, large: bool = False) -> bytes:
    """The sheet as PDF/UA-1. About 50 ms a page, so never inside a transaction. Raises NoPrinter."""
    weasyprint, faces, styles = _printer()
    # A document holds people's own words: nothing in them makes us open an address or a file.
    nothing = weasyprint.urls.URLFetcher(allowed_protocols={"data"}, fail_on_errors=False)
    with _one_at_a_time:
        page = weasyprint.HTML(string=as_page(sheet, large=large), url_fetcher=nothing)
        made = page.write_pdf(font_config=faces, stylesheets=[styles], pdf_variant="pdf/ua-1")
    assert isinstance(made, bytes)
    return made


@cache
def _printer() -> tuple[Any, Any, Any]:
    """WeasyPrint, our faces, and the style sheet that names them. Raises NoPrinter when something of it is not there."""
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
    except (ImportError, OSError) as error:
        raise NoPrinter(f"{error}. On Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0") from error
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets the whole process take half a picture; uploads must not
    missing = [name for name in FACES if not (FONTS / name).exists()]
    if missing:
        raise NoPrinter(f"The typeface is missing ({', '.join(missing)}): run `make setup-run`.")
    rules = "".join(
        f'@font-face {{ font-family: "Townhall"; font-weight: {weight}; src: url({(FONTS / name).as_uri()}) }}'
        for name, weight in FACES.items()
    )
    faces = FontConfiguration()
    return weasyprint, faces, weasyprint.CSS(string=rules, font_config=faces)
