"""Answers on their way: begun, kept page by page, found again on another device, and forgotten in time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from townhall.core.actors import Actor, ActorKind
from townhall.core.db import execute, insert
from townhall.core.errors import NotFound
from townhall.core.ids import uuid7
from townhall.core.sealed_answers import drop_all
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.forms.errors import DraftGone
from townhall.forms.figures import traced
from townhall.forms.models import Draft, DraftKey
from townhall.forms.typed import clean_value, small
from townhall.ledger import operations as ledger

DRAFT_DAYS = 7
SAVED_DAYS = 60  # of a draft that its owner asked to be kept, or that is in an account
MOST_KEYS = 20  # links and devices that open one draft; the oldest go


def start_draft(
    form_code: str,
    *,
    by: Actor,
    at: datetime,
    channel: str,
    version: int = 1,
    answers: Mapping[str, Any] | None = None,
    customer_id: UUID | None = None,
    on_behalf_of: UUID | None = None,
    contact_id: UUID | None = None,
    is_test: bool = False,
    draft_id: UUID | None = None,
    page: str = "",
) -> str:
    """Begin a draft; the token that finds it again, to keep in a cookie or a link. It cannot be guessed or read from the table.

    customer_id: whose account it is in; then it is kept for SAVED_DAYS. on_behalf_of: the customer, when `by` is somebody else.
    contact_id: the conversation in which an adviser fills it in.
    """
    token = secrets.token_urlsafe(32)
    values: dict[str, object] = {
        "id": draft_id or uuid7(),
        "token_hash": hash_of(token),
        "form_code": form_code,
        "form_version": version,
        "answers": small(clean_value(dict(answers or {}))),
        "step": "",
        "channel": channel,
        "by_kind": by.kind.value,
        "by_id": by.id,
        "result_id": None,
        "started_at": aware(at),
        "updated_at": aware(at),
        "expires_at": aware(at) + timedelta(days=SAVED_DAYS if customer_id else DRAFT_DAYS),
    }
    if customer_id or on_behalf_of or contact_id or is_test:
        values |= {
            "customer_id": customer_id,
            "on_behalf_of": on_behalf_of,
            "contact_id": contact_id,
            "is_test": is_test,
        }
    if page:
        values["trace"] = traced({}, page, has_fault=False, seconds=0)
    insert("forms_draft", values)
    return token


@transaction.atomic
def save_draft(
    token: str, answers: Mapping[str, Any], *, step: str, at: datetime, page: str = "", has_fault: bool = False
) -> Draft:
    """Add or replace these answers, as typed, and remember the step. Other answers stay. Raises DraftGone, TooMuch.

    page: the page that was sent in, for the figures; has_fault: it came back with something to put right.

    A draft that became something is left as it is, so going back in the browser changes nothing that was sent.
    """
    draft = _locked(token, at)
    if draft.result_id is not None:
        return draft
    draft.answers = small({**draft.answers, **clean_value(dict(answers))})
    fields = ["answers", "step", "updated_at", "expires_at"]
    if page:
        draft.trace = traced(
            draft.trace or {}, page, has_fault=has_fault, seconds=(at - draft.updated_at).total_seconds()
        )
        fields.append("trace")
    draft.step, draft.updated_at = step, at
    draft.expires_at = max(draft.expires_at, aware(at) + timedelta(days=_days(draft)))
    draft.save(update_fields=fields)
    return draft


def _days(draft: Draft) -> int:
    return SAVED_DAYS if draft.saved_at or draft.customer_id else DRAFT_DAYS


@transaction.atomic
def save_for_later(token: str, *, by: Actor, at: datetime) -> str:
    """Keep the draft for SAVED_DAYS; the token of a link that opens it on another device. Raises DraftGone, also when it was sent."""
    draft = _locked(token, at)
    if draft.result_id is not None:
        raise DraftGone
    draft.saved_at, draft.updated_at = at, at
    draft.expires_at = aware(at) + timedelta(days=SAVED_DAYS)
    draft.save(update_fields=["saved_at", "updated_at", "expires_at"])
    ledger.record("draft.saved", about=Subject(kind="draft", id=draft.id), by=by, at=at, data={"form": draft.form_code})
    return _new_key(draft, at)


@transaction.atomic
def open_draft(draft_id: UUID, *, by: Actor, at: datetime) -> str:
    """A token for this device, for a draft in the account of `by`, or one that `by` fills in for somebody. Raises NotFound."""
    mine = Q(by_kind=by.kind.value, by_id=by.id)
    if by.kind is ActorKind.CUSTOMER:
        mine |= Q(customer_id=by.id)
    found = (
        Draft.objects.select_for_update().filter(mine, pk=draft_id, expires_at__gt=aware(at), result_id=None).first()
    )
    if found is None or not by.id or by.kind not in (ActorKind.CUSTOMER, ActorKind.STAFF):
        raise NotFound
    ledger.record(
        "draft.opened", about=Subject(kind="draft", id=found.id), by=by, at=at, data={"form": found.form_code}
    )
    return _new_key(found, at)


@transaction.atomic
def give_draft_to(token: str, *, customer_id: UUID, by: Actor, at: datetime) -> None:
    """Put a draft into an account, as when somebody signs in half-way. Raises DraftGone, also when it is in another's."""
    draft = _locked(token, at)
    if draft.customer_id not in (None, customer_id) or draft.result_id is not None:
        raise DraftGone
    if draft.customer_id is None:
        draft.customer_id = customer_id
        draft.expires_at = aware(at) + timedelta(days=SAVED_DAYS)
        draft.save(update_fields=["customer_id", "expires_at"])
        ledger.record(
            "draft.kept", about=Subject(kind="draft", id=draft.id), by=by, at=at, customer_id=customer_id,
            data={"form": draft.form_code},
        )  # fmt: skip


def _new_key(draft: Draft, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    DraftKey.objects.create(token_hash=hash_of(token), draft=draft, made_at=at)
    old = DraftKey.objects.filter(draft=draft).order_by("-made_at", "token_hash").values_list("pk", flat=True)
    DraftKey.objects.filter(pk__in=list(old[MOST_KEYS:])).delete()
    return token


def close_draft(draft_id: UUID, *, result: UUID, at: datetime, has_sealed: bool = False) -> None:
    """Say what the draft became. The caller has claimed the draft's id as its idempotency key, so of two clicks the second never
    comes here. Waits for no answer. has_sealed: it holds answers that are sealed, and what was sent has them now.
    """
    if has_sealed:
        draft = Draft.objects.select_for_update().get(pk=draft_id)
        draft.answers = drop_all(draft.answers)
        draft.save(update_fields=["answers"])
    execute("UPDATE forms_draft SET result_id = %s, updated_at = %s WHERE id = %s", (result, aware(at), draft_id))


def _locked(token: str, at: datetime) -> Draft:
    hashed = hash_of(token)
    rows = Draft.objects.select_for_update().filter(expires_at__gt=aware(at))
    draft = rows.filter(token_hash=hashed).first()
    if draft is None:
        key = DraftKey.objects.filter(token_hash=hashed).first()
        draft = rows.filter(pk=key.draft_id).first() if key else None
    if draft is None:
        raise DraftGone
    return draft


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def forget_drafts(at: datetime, *, limit: int = 1000) -> int:
    """Delete drafts past their time: they hold what somebody typed and decided not to send. How many went."""
    is_kept = Q(trace__isnull=False, is_counted=False, is_test=False)  # until the figures have it
    old = Draft.objects.filter(~is_kept, expires_at__lte=aware(at)).order_by("expires_at").values("pk")[:limit]
    gone = list(old.values_list("pk", flat=True))
    DraftKey.objects.filter(draft_id__in=gone).delete()
    return Draft.objects.filter(pk__in=gone).delete()[0]
