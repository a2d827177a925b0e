"""A back-office system with jobs, over JSON: waste and works systems, and their stand-ins.

POST /jobs (Idempotency-Key) gives {"id"}; POST /jobs/<id>/updates tells of changes; GET /jobs/<id> and /jobs?state=open show how
they stand; GET /health says whether it is well. Every request is signed (signing.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec

from townhall.connectors import signing
from townhall.connectors.adapters.answers import not_taken
from townhall.connectors.calling import Answer, NoAnswer, NoConnection, call
from townhall.connectors.protocol import (
    UPDATES,
    Announcement,
    Item,
    LookUpFailed,
    Outcome,
    Outgoing,
    Refused,
    Settings,
    StatusEvent,
    Taken,
    Trouble,
    Unreachable,
    UnreadableEvent,
)
from townhall.core.db import dump_json
from townhall.core.ids import uuid7

PAGE = 200  # jobs asked for at once
Form = TypeVar("Form")


class _Made(msgspec.Struct):
    id: str


class _Job(msgspec.Struct):
    id: str
    status: str
    open: bool
    delivery_id: UUID | None = None
    changed_at: datetime | None = None


class _Jobs(msgspec.Struct):
    jobs: list[_Job]
    after: str = ""


class _Event(msgspec.Struct):
    job_id: str
    status: str
    at: datetime
    delivery_id: UUID | None = None
    reason: str = ""
    note: str = ""


class JobsAdapter:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def submit(self, delivery: Outgoing, *, at: datetime) -> Outcome:
        path = "/jobs"
        if delivery.kind in UPDATES:
            if not delivery.external_id:
                return Refused("It has no job of ours that this could be about.")
            path = f"/jobs/{quote(delivery.external_id, safe='')}/updates"
        body = dump_json({"kind": delivery.kind, "delivery_id": delivery.id, **delivery.payload}).encode()
        try:
            answer = self._call("POST", path, body=body, message_id=str(delivery.id), at=at, key=str(delivery.id))
        except NoConnection as error:
            return Unreachable(str(error))
        except NoAnswer as error:
            return Trouble(str(error))
        if not 200 <= answer.status < 300:
            return not_taken(answer)
        try:
            made = msgspec.json.decode(answer.body, type=_Made)
        except msgspec.MsgspecError:
            return Trouble("It took this, but did not say under which number.")
        return Taken(external_id=made.id)

    def look_up(self, external_id: str, *, at: datetime) -> Item | None:
        answer = self._ask(f"/jobs/{quote(external_id, safe='')}", at=at)
        if answer.status == 404:
            return None
        return _item(_decoded(answer, _Job))

    def open_items(self, *, at: datetime) -> list[Item]:
        items: list[Item] = []
        after = ""
        while True:
            page = _decoded(self._ask(f"/jobs?state=open&limit={PAGE}&after={quote(after)}", at=at), _Jobs)
            items += map(_item, page.jobs)
            if not page.after or page.after == after:
                return items
            after = page.after

    def read_event(self, body: object) -> StatusEvent | Announcement:
        if isinstance(body, dict) and "job_id" not in body and isinstance(body.get("kind"), str):
            return Announcement(kind=body["kind"])
        try:
            event = msgspec.convert(body, type=_Event)
        except msgspec.ValidationError as error:
            raise UnreadableEvent(str(error)) from error
        if event.at.tzinfo is None:
            raise UnreadableEvent("`at` has no time zone")
        return StatusEvent(
            external_id=event.job_id,
            delivery_id=event.delivery_id,
            status=event.status,
            happened_at=event.at,
            reason=event.reason,
            note=event.note,
        )

    def is_well(self, *, at: datetime) -> bool:
        try:
            return self._ask("/health", at=at).status == 200
        except LookUpFailed:
            return False

    def _ask(self, path: str, *, at: datetime) -> Answer:
        try:
            return self._call("GET", path, body=b"", message_id=str(uuid7()), at=at)
        except (NoConnection, NoAnswer) as error:
            raise LookUpFailed(str(error)) from error

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: bytes,
        message_id: str,
        at: datetime,
        key: str = "",
        seconds: float | None = None,
    ) -> Answer:
        headers = signing.headers(self._settings.secret, message_id=message_id, at=at, body=body)
        if body:
            headers |= {"Content-Type": "application/json"}
        if key:
            headers |= {"Idempotency-Key": key}
        return call(method, self._settings.base_url.rstrip("/") + path, headers=headers, body=body, seconds=seconds)


def _decoded(answer: Answer, form: type[Form]) -> Form:
    if answer.status != 200:
        raise LookUpFailed(f"It answered {answer.status}.")
    try:
        return msgspec.json.decode(answer.body, type=form)
    except msgspec.MsgspecError as error:
        raise LookUpFailed(f"Its answer makes no sense: {error}") from error


def _item(job: _Job) -> Item:
    return Item(
        external_id=job.id, status=job.status, is_open=job.open, delivery_id=job.delivery_id, changed_at=job.changed_at
    )
