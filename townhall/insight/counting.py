"""Counting readers in the web process's memory, and adding the counts to the roll-ups every few seconds.

A request costs no query. A process that is killed loses the counts of its last seconds; nothing else is ever lost or counted twice.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from townhall.insight.models import Source
from townhall.insight.visitors import Reader

log = structlog.get_logger(__name__)
EVERY: Final = 5.0  # seconds between two flushes
_MOST: Final = 50_000  # different counts kept while the database does not answer; what is new then is not counted

_PageKey = tuple[date, str, str, bool]
_BrowserKey = tuple[date, str, str, str]

_FLUSH = """
WITH pages AS (
    INSERT INTO insight_pageview AS p ("on", page, source, is_bot, views)
    SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::bool[], %s::bigint[])
    ON CONFLICT ("on", page, source, is_bot) DO UPDATE SET views = p.views + excluded.views)
INSERT INTO insight_browserview AS b ("on", device, family, width, views)
SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT ("on", device, family, width) DO UPDATE SET views = b.views + excluded.views"""


class Counts:
    """The counts that wait to be written. Any thread may add."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: Counter[_PageKey] = Counter()
        self._browsers: Counter[_BrowserKey] = Counter()
        self._thread: threading.Thread | None = None

    def page(self, on: date, page: str, source: Source, reader: Reader) -> None:
        """A page was opened."""
        with self._lock:
            self._add(self._pages, (on, page, source.value, reader.is_bot))
            if not reader.is_bot:
                self._add(self._browsers, (on, reader.device, reader.family, ""))
        self._begin()

    def width(self, on: date, width: str, reader: Reader) -> None:
        """A browser showed a page in this width, for the first time that day."""
        if not reader.is_bot:
            with self._lock:
                self._add(self._browsers, (on, reader.device, reader.family, width))
            self._begin()

    def _add(self, counts: Counter[_PageKey] | Counter[_BrowserKey], key: tuple[date, str, str, bool | str]) -> None:
        if key in counts or len(counts) < _MOST:
            counts[key] += 1  # type: ignore[index]

    def flush(self) -> int:
        """Add what was counted to the roll-ups, in one statement; how many counts. They stay when the database does not take them."""
        with self._lock:
            pages, browsers = self._pages, self._browsers
            self._pages, self._browsers = Counter(), Counter()
        if not pages and not browsers:
            return 0
        try:
            _write(pages, browsers)
        except DatabaseError:
            with self._lock:
                self._pages.update(pages)
                self._browsers.update(browsers)
            raise
        return len(pages) + len(browsers)

    def forget(self) -> None:
        """Drop what waits, as tests do."""
        with self._lock:
            self._pages, self._browsers = Counter(), Counter()

    def _begin(self) -> None:
        """Start the thread that flushes with the first count of this process."""
        if self._thread is None and not settings.TESTING:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._flush_on, name="visits", daemon=True)
                    self._thread.start()

    def _flush_on(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY):
            try:
                self.flush()
            except DatabaseError:
                log.warning("visits.not_flushed")
            finally:
                close_old_connections()


def _write(pages: Counter[_PageKey], browsers: Counter[_BrowserKey]) -> None:
    """Rows in one order everywhere, so that two processes never wait for each other in a circle."""
    page_rows = [(*key, views) for key, views in sorted(pages.items())]
    browser_rows = [(*key, views) for key, views in sorted(browsers.items())]
    columns = [*_columns(page_rows, 5), *_columns(browser_rows, 5)]
    with connection.cursor() as cursor:
        cursor.execute(_FLUSH, columns)


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[number] for row in rows] for number in range(width)]


counts = Counts()
