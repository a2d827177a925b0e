"""Counting what is printed at our own machines, by day and service: nothing of whom it was for."""

from __future__ import annotations

from datetime import date

from townhall.core.db import execute

_PRINTED = """
    INSERT INTO documents_printed ("on", service_code, what, times, pages) VALUES (%s, %s, %s, 1, %s)
    ON CONFLICT ("on", service_code, what)
    DO UPDATE SET times = documents_printed.times + 1, pages = documents_printed.pages + EXCLUDED.pages"""


def note(*, service_code: str, what: str, pages: int, on: date) -> None:
    """what: "document", "script", "leaflet" or "letter". service_code: empty where it belongs to none."""
    execute(_PRINTED, (on, service_code, what, max(pages, 1)))
