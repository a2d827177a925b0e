"""Everything that changes a form, a draft or a submission."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from townhall.core.actors import Actor
from townhall.core.db import dump_json, execute, insert
from townhall.core.ids import uuid7
from townhall.core.time import aware
from townhall.forms import queries
from townhall.forms.errors import DraftGone, TooMuch
from townhall.forms.models import Draft, FormDefinition, Submission
from townhall.forms.questions import Form
from townhall.forms.typed import clean_value

DRAFT_DAYS = 7
LARGEST_ANSWERS = 100_000  # bytes of JSON


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
            "answers": _small(dict(answers)),
            "channel": channel,
            "by_kind": by.kind.value,
            "by_id": by.id,
            "on_behalf_of": on_behalf_of,
            "received_at": aware(at),
            "key": key,
        },
    )
    return submission_id


def start_draft(
    form_code: str, *, by: Actor, at: datetime, channel: str, version: int = 1, answers: Mapping[str, Any] | None = None
) -> str:
    """Begin a draft; the token that finds it again, to keep in a cookie or a link. It cannot be guessed or read from the table."""
    token = secrets.token_urlsafe(32)
    insert(
        "forms_draft",
        {
            "id": uuid7(),
            "token_hash": hash_of(token),
            "form_code": form_code,
            "form_version": version,
            "answers": _small(clean_value(dict(answers or {}))),
            "step": "",
            "channel": channel,
            "by_kind": by.kind.value,
            "by_id": by.id,
            "result_id": None,
            "started_at": aware(at),
            "updated_at": aware(at),
            "expires_at": aware(at) + timedelta(days=DRAFT_DAYS),
        },
    )
    return token


@transaction.atomic
def save_draft(token: str, answers: Mapping[str, Any], *, step: str, at: datetime) -> Draft:
    """Add or replace these answers, as typed, and remember the step. Other answers stay. Raises DraftGone, TooMuch.

    A draft that became something is left as it is, so going back in the browser changes nothing that was sent.
    """
    draft = _locked(token, at)
    if draft.result_id is not None:
        return draft
    draft.answers = _small({**draft.answers, **clean_value(dict(answers))})
    draft.step, draft.updated_at, draft.expires_at = step, at, aware(at) + timedelta(days=DRAFT_DAYS)
    draft.save(update_fields=["answers", "step", "updated_at", "expires_at"])
    return draft


def close_draft(draft_id: UUID, *, result: UUID, at: datetime) -> None:
    """Say what the draft became. The caller has claimed the draft's id as its idempotency key, so of two clicks the second never
    comes here. Waits for no answer.
    """
    execute("UPDATE forms_draft SET result_id = %s, updated_at = %s WHERE id = %s", (result, aware(at), draft_id))


def _locked(token: str, at: datetime) -> Draft:
    draft = Draft.objects.select_for_update().filter(token_hash=hash_of(token), expires_at__gt=aware(at)).first()
    if draft is None:
        raise DraftGone
    return draft


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _small(answers: Any) -> dict[str, Any]:
    assert isinstance(answers, dict)
    if len(dump_json(answers)) > LARGEST_ANSWERS:
        raise TooMuch
    return answers


def forget_drafts(at: datetime, *, limit: int = 1000) -> int:
    """Delete drafts past their time: they hold what somebody typed and decided not to send. How many went."""
    old = Draft.objects.filter(expires_at__lte=aware(at)).order_by("expires_at").values("pk")[:limit]
    return Draft.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]


@transaction.atomic
def publish_form(form: Form, *, at: datetime) -> int:
    """Publish a form as its next version; its number. The same definition again changes nothing."""
    plain = queries.to_builtins(form)
    latest = FormDefinition.objects.select_for_update().filter(code=form.code).order_by("-version").first()
    if latest is not None and latest.definition == plain:
        return latest.version
    highest = FormDefinition.objects.filter(code=form.code).aggregate(highest=Max("version"))["highest"] or 0
    FormDefinition.objects.create(code=form.code, version=highest + 1, definition=plain, published_at=at)
    return highest + 1


def erase_answers(submission_id: UUID) -> None:
    """Empty the answers of one submission, for an erasure request or the end of its keeping time. The row stays."""
    Submission.objects.filter(pk=submission_id).update(answers={})
