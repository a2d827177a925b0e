"""Applications for other programs: CSV (in the columns that `townhall import planning` reads), GeoJSON and Atom."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec
from django.conf import settings

from townhall.core.time import aware
from townhall.neighbourhood.nearby import ProposalLine
from townhall.portal.feeds import UNFIT

MOST = {"csv": 5_000, "geojson": 2_000, "atom": 200}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "atom": "application/atom+xml; charset=utf-8",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def write(kind: str, lines: Sequence[ProposalLine], *, title: str, path: str, at: datetime) -> bytes:
    """`path` is the feed's own address after the site's; `at` stands in when there is nothing in it."""
    match kind:
        case "csv":
            return _csv(lines)
        case "geojson":
            return msgspec.json.encode({"type": "FeatureCollection", "features": [_feature(line) for line in lines]})
        case _:
            updated = max((line.updated_at for line in lines), default=at)
            return _atom(lines, title=title, address=settings.PUBLIC_URL + path, updated=updated).encode()


def _link(line: ProposalLine) -> str:
    return f"{settings.PUBLIC_URL}/planning/{line.id}"


def columns(line: ProposalLine) -> dict[str, Any]:
    """As the LGA's planning open data names them."""
    return {
        "casereference": line.reference,
        "caseurl": line.url or _link(line),
        "casedate": line.received_on,
        "kind": line.kind.value,
        "casetext": line.description,
        "locationtext": line.location,
        "servicetypelabel": line.category,
        "status": line.status,
        "decision": line.decision,
        "decisiondate": line.decided_on,
        "decisiontargetdate": line.target_on,
        "publicconsultationstartdate": line.comment_from_on,
        "publicconsultationenddate": line.comment_until_on,
        "responsesfor": line.responses_for,
        "responsesagainst": line.responses_against,
        "uprn": line.uprn,
        "geox": line.easting,
        "geoy": line.northing,
        "wardcode": line.ward_code,
    }


_HEADINGS = (
    "casereference", "caseurl", "casedate", "kind", "casetext", "locationtext", "servicetypelabel", "status", "decision", "decisiondate",
    "decisiontargetdate", "publicconsultationstartdate", "publicconsultationenddate", "responsesfor", "responsesagainst", "uprn", "geox",
    "geoy", "wardcode",
)  # fmt: skip


def _csv(lines: Sequence[ProposalLine]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADINGS)
    for line in lines:
        values = columns(line)
        writer.writerow([_cell(values[name]) for name in _HEADINGS])
    return out.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return f" {value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _feature(line: ProposalLine) -> dict[str, Any]:
    degrees = line.degrees
    return {
        "type": "Feature",
        "id": str(line.id),
        "geometry": {"type": "Point", "coordinates": [degrees[1], degrees[0]]} if degrees else None,
        "properties": columns(line) | {"url": _link(line)},
    }


def _text(words: str) -> str:
    return escape(words.translate(UNFIT))


def _atom(lines: Sequence[ProposalLine], *, title: str, address: str, updated: datetime) -> str:
    entries = "".join(
        f"<entry><id>urn:uuid:{line.id}</id><title>{_text(f'{line.reference}: {line.title}')}</title>"
        f"<updated>{aware(line.updated_at).isoformat()}</updated>"
        f"<link rel='alternate' type='text/html' href={quoteattr(_link(line))}/>"
        f"<category term={quoteattr(line.kind.value)} label={quoteattr(str(line.kind.label))}/>"
        f"<summary>{_text(' '.join(filter(None, (line.description, line.decision or line.status))))}</summary>{_point(line)}</entry>\n"
        for line in lines
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss" xml:lang="en-GB">\n'
        f"<id>{_text(address)}</id><title>{_text(title)}</title><updated>{aware(updated).isoformat()}</updated>"
        f"<author><name>{_text(settings.COUNCIL_NAME)}</name></author>"
        f"<link rel='self' type='application/atom+xml' href={quoteattr(address)}/>"
        f"<link rel='alternate' type='text/html' href={quoteattr(settings.PUBLIC_URL + '/planning')}/>\n{entries}</feed>\n"
    )


def _point(line: ProposalLine) -> str:
    degrees = line.degrees
    return f"<georss:point>{degrees[0]} {degrees[1]}</georss:point>" if degrees else ""
