"""Reports ready to be sent: drafts at their last page, put into the database in bulk, and the request that sends each one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

import psycopg
from convertbng import cutil

from bench import wire
from townhall.config.demo.borough import borough
from townhall.core.ids import uuid7

CSRF = "a" * 32  # a browser sends the same secret as cookie and as field
SERVICES: dict[str, dict[str, Any]] = {
    "fly-tipping": {"size": "bag", "waste": ["furniture"], "blocking": "no"},
    "pothole": {"position": "carriageway", "depth": "medium"},
    "noise": {"kind": "dog", "source": "A garden", "times": "At night"},
}


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A draft that only waits for its last button."""

    id: UUID
    token: str
    service: str
    email: str
    marker: str  # in the description of the report that it becomes


def make(count: int, *, label: str, services: Sequence[str]) -> list[Ready]:
    return [
        Ready(
            id=uuid7(),
            token=token_urlsafe(32),
            service=services[number % len(services)],
            email=f"{label}{number}@example.org",
            marker=f"{label}-{number:08d}",
        )
        for number in range(count)
    ]


def store(
    drafts: Sequence[Ready],
    connection: psycopg.Connection[Any],
    *,
    version: dict[str, int],
    points: Sequence[tuple[int, int]] = (),
) -> None:
    """COPY them into the table of drafts, as the pages before would have left them. `points`: where, instead of at the addresses."""
    addresses = borough().addresses
    chosen = [addresses[number * 7 % len(addresses)] for number in range(len(drafts))]
    metres = [
        points[number % len(points)] if points else (one.easting, one.northing) for number, one in enumerate(chosen)
    ]
    lngs, lats = cutil.convert_lonlat(
        [round(east) for east, _north in metres], [round(north) for _east, north in metres]
    )
    at = datetime.now(UTC)
    columns = "id, token_hash, form_code, form_version, answers, step, channel, by_kind, by_id, started_at, updated_at, expires_at"
    with connection.cursor() as cursor, cursor.copy(f"COPY forms_draft ({columns}) FROM STDIN") as copy:
        for number, draft in enumerate(drafts):
            address, (easting, northing) = chosen[number], metres[number]
            contact = {"name": "Sam Examplewood", "email": draft.email, "phone": "", "prefers": "email"}
            details = SERVICES[draft.service]
            description = f"An old thing lies here and nobody knows whose. Ours: {draft.marker}"
            answers = {
                "place": {
                    "source": "address",
                    "easting": round(easting),
                    "northing": round(northing),
                    "lat": lats[number],
                    "lng": lngs[number],
                    "address": address.line,
                    "words": "",
                    "uprn": address.uprn,
                    "usrn": address.usrn,
                    "ward_code": address.ward,
                },
                "details": details,
                "raw": {**details, "description": description},
                "description": description,
                "photos": [],
                "contact": contact,
                "contact_typed": contact,
                "passed": ["where", "round", "nearby", "details", "photos", "contact"],
            }
            copy.write_row(
                (
                    draft.id,
                    hashlib.sha256(draft.token.encode()).hexdigest(),
                    "report",
                    version[draft.service],
                    json.dumps(answers),
                    "contact",
                    "web",
                    "public",
                    "",
                    at,
                    at,
                    at + timedelta(days=7),
                )
            )
    connection.commit()


def versions(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """The version in force of each service."""
    rows = connection.execute("SELECT code, version FROM catalogue_service").fetchall()
    return dict(rows)


def final_post(draft: Ready, *, host: str) -> bytes:
    """What the browser sends when the button on the last page is pressed."""
    return wire.post_form(
        f"/report/{draft.service}/check",
        {"csrfmiddlewaretoken": CSRF},
        host=host,
        Cookie=cookie(draft),
    )


def cookie(draft: Ready) -> str:
    return f"csrftoken={CSRF}; report-{draft.service}={draft.token}"
