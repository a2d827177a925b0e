"""What is sent in: kept before anything is done with it, and never changed but for `drop_sealed`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from townhall.core import events
from townhall.core.actors import Actor
from townhall.core.db import insert
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.core.sealed_answers import comparable, drop_all
from townhall.core.subjects import Subject
from townhall.core.time import aware, council_date
from townhall.forms import engine, queries
from townhall.forms.errors import NotFinished
from townhall.forms.events import FormSent
from townhall.forms.models import Submission
from townhall.forms.operations.drafts import close_draft
from townhall.forms.operations.paying import require_paid
from townhall.forms.typed import small
from townhall.ledger import operations as ledger


def submit(
    form_code: str,
    version: int,
    answers: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    key: str,
    channel: str,
    submission_id: UUID,
    on_behalf_of: UUID | None = None,
) -> UUID:
    """Keep what was sent in. One insert, in the caller's transaction; the caller has claimed `key` (core.idempotency).

    `answers` are clean (`checking.read`). Raises TooMuch above LARGEST_ANSWERS.
    """
    insert(
        "forms_submission",
        {
            "id": submission_id,
            "form_code": form_code,
            "form_version": version,
            "answers": small(dict(answers)),
            "channel": channel,
            "by_kind": by.kind.value,
            "by_id": by.id,
            "on_behalf_of": on_behalf_of,
            "received_at": aware(at),
            "key": key,
        },
    )
    return submission_id


@transaction.atomic
def send_form(
    form_code: str,
    version: int,
    answers: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    key: str,
    channel: str,
    start: str = "",
    customer_id: UUID | None = None,
    on_behalf_of: UUID | None = None,
    draft_id: UUID | None = None,
    is_test: bool = False,
) -> UUID:
    """Send a form in, from the answers as typed; the submission's id. Only what is on the way for these answers is kept.

    The version is the one it was filled in on, published or not any more; a draft of a form takes tests only. `key` (the draft's
    id, or a machine's own) makes it happen once. Announces FormSent, but not of a test. Raises NotFound, NotFinished (with the
    step that has something to answer), KeyReused, TooMuch.
    """
    if not is_test and queries.is_draft(form_code, version):
        raise NotFinished
    flow = queries.flow(form_code, version=version)
    way = engine.path(flow, answers, today=council_date(at), start=start)
    if not way.is_complete:
        raise NotFinished(step=str(way.steps[-1]) if way.steps else "")
    if not is_test:
        require_paid(flow, way, draft_id, at=at)
    made = uuid7()
    request = {"form": form_code, "version": version, "answers": comparable(way.answers), "test": is_test}
    if earlier := first_time("forms.send", key=key, by=by, request=request, result=made):
        return earlier
    customer = on_behalf_of or customer_id
    insert(
        "forms_submission",
        {
            "id": made,
            "form_code": form_code,
            "form_version": version,
            "answers": small(way.answers),
            "channel": channel,
            "by_kind": by.kind.value,
            "by_id": by.id,
            "on_behalf_of": on_behalf_of,
            "received_at": aware(at),
            "key": key,
            "is_test": is_test,
        },
    )
    if draft_id is not None:
        close_draft(draft_id, result=made, at=at, has_sealed=way.answers != drop_all(way.answers))
    ledger.record(
        "form.tested" if is_test else "form.sent",
        about=Subject(kind="submission", id=made),
        by=by,
        at=at,
        customer_id=None if is_test else customer,
        data={"form": form_code, "version": version, "channel": channel},
    )
    if not is_test:
        events.publish(
            FormSent(submission_id=made, form_code=form_code, form_version=version, by=by, customer_id=customer, at=at)
        )
    return made


@transaction.atomic
def drop_sealed(submission_id: UUID) -> None:
    """Nothing needs what was sealed in it any more: of each such answer its last characters stay. Other answers never change."""
    sent = Submission.objects.select_for_update().filter(pk=submission_id).first()
    if sent is None:
        return
    left = drop_all(sent.answers)
    if left != sent.answers:
        Submission.objects.filter(pk=submission_id).update(answers=left)
