"""Open reports for other programs: Atom, RSS 2.0 and GeoJSON. Written by hand: three small, fixed shapes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from townhall.cases.public_list import PublicLine
from townhall.core.time import aware
from townhall.ui.words import long_date

MOST = {"atom": 200, "rss": 200, "geojson": 2_000}
TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "geojson": "application/geo+json",
}
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
# What XML 1.0 cannot hold, however it came in.
UNFIT = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def write(kind: str, lines: Sequence[PublicLine], *, title: str, path: str, at: datetime) -> bytes:
    """The feed of `kind`. `path` is its own address after the site's; `at` stands in when there are no reports."""
    if kind == "geojson":
        return _geojson(lines)
    writer = _atom if kind == "atom" else _rss
    updated = max((line.updated_at for line in lines), default=at)
    return writer(lines, title=title, address=settings.PUBLIC_URL + path, updated=updated).encode()


def _text(words: str) -> str:
    return escape(words.translate(UNFIT))


def _title(line: PublicLine) -> str:
    return f"{line.service}, {line.place}" if line.place else line.service


def _summary(line: PublicLine) -> str:
    words = _("%(state)s. Reported %(date)s.") % {"state": line.state.label, "date": long_date(line.opened_at)}
    return f"{_title(line)}. {words}"


def _link(line: PublicLine) -> str:
    return f"{settings.PUBLIC_URL}/r/{line.reference}"


def _point(line: PublicLine) -> str:
    return "" if line.lat is None else f"<georss:point>{line.lat} {line.lng}</georss:point>"


def _atom(lines: Sequence[PublicLine], *, title: str, address: str, updated: datetime) -> str:
    entries = "".join(
        f"<entry><id>{_text(_link(line))}</id><title>{_text(_title(line))}</title>"
        f"<updated>{aware(line.updated_at).isoformat()}</updated><published>{aware(line.opened_at).isoformat()}</published>"
        f"<link rel='alternate' type='text/html' href={quoteattr(_link(line))}/>"
        f"<category term={quoteattr(line.service_code)} label={quoteattr(line.service)}/>"
        f"<summary>{_text(_summary(line))}</summary>{_point(line)}</entry>\n"
        for line in lines
    )
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss" xml:lang="en-GB">\n'
        f"<id>{_text(address)}</id><title>{_text(title)}</title><updated>{aware(updated).isoformat()}</updated>"
        f"<author><name>{_text(settings.COUNCIL_NAME)}</name></author>"
        f"<link rel='self' type='application/atom+xml' href={quoteattr(address)}/>"
        f"<link rel='alternate' type='text/html' href={quoteattr(settings.PUBLIC_URL + '/reports')}/>\n{entries}</feed>\n"
    )


def _rss(lines: Sequence[PublicLine], *, title: str, address: str, updated: datetime) -> str:
    items = "".join(
        f"<item><title>{_text(_title(line))}</title><link>{_text(_link(line))}</link>"
        f"<guid isPermaLink='true'>{_text(_link(line))}</guid><pubDate>{format_datetime(aware(line.opened_at), usegmt=True)}</pubDate>"
        f"<category>{_text(line.service)}</category><description>{_text(_summary(line))}</description>{_point(line)}</item>\n"
        for line in lines
    )
    words = _("Open reports that anybody may see, newest first.")
    return (
        f'{_XML}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss">\n'
        f"<channel><title>{_text(title)}</title><link>{_text(settings.PUBLIC_URL + '/reports')}</link>"
        f"<description>{_text(words)}</description><language>en-gb</language>"
        f"<lastBuildDate>{format_datetime(aware(updated), usegmt=True)}</lastBuildDate><ttl>5</ttl>"
        f"<atom:link rel='self' type='application/rss+xml' href={quoteattr(address)}/>\n{items}</channel></rss>\n"
    )


def _geojson(lines: Sequence[PublicLine]) -> bytes:
    return msgspec.json.encode({"type": "FeatureCollection", "features": [_feature(line) for line in lines]})


def _feature(line: PublicLine) -> dict[str, Any]:
    point = None if line.lat is None else {"type": "Point", "coordinates": [line.lng, line.lat]}
    properties = {
        "reference": line.reference,
        "service_code": line.service_code,
        "service": line.service,
        "state": line.state.value,
        "reported_at": aware(line.opened_at).isoformat(),
        "updated_at": aware(line.updated_at).isoformat(),
        "place": line.place,
        "ward": line.ward_code,
        "followers": line.followers,
        "url": _link(line),
    }
    return {"type": "Feature", "id": line.reference, "geometry": point, "properties": properties}
