"""Everything other code may read of forms."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from townhall.core.db import fetch_one
from townhall.core.errors import NotFound
from townhall.core.time import aware
from townhall.forms.errors import DraftGone
from townhall.forms.models import Draft, FormDefinition, Submission
from townhall.forms.questions import Form

_DRAFT_COLUMNS = [field.attname for field in Draft._meta.concrete_fields]
_DRAFT = f"SELECT {', '.join(_DRAFT_COLUMNS)} FROM forms_draft WHERE token_hash = %s AND expires_at > %s"  # noqa: S608 - our own columns


def to_builtins(form: Form) -> dict[str, Any]:
    plain = msgspec.json.decode(msgspec.json.encode(form))
    assert isinstance(plain, dict)
    return plain


def form(code: str, *, version: int | None = None) -> tuple[Form, int]:
    """A form and its version, the newest unless one is named. Raises NotFound."""
    rows = FormDefinition.objects.filter(code=code)
    row = (rows if version is None else rows.filter(version=version)).order_by("-version").first()
    if row is None:
        raise NotFound
    return msgspec.convert(row.definition, Form), row.version


def draft(token: str, *, at: datetime) -> Draft:
    """The draft of a token, finished or not. Raises DraftGone when there is none or its time is over."""
    from townhall.forms.operations import hash_of

    row = fetch_one(_DRAFT, (hash_of(token), aware(at)))
    if row is None:
        raise DraftGone
    values = dict(zip(_DRAFT_COLUMNS, row, strict=True))
    return Draft.from_db(None, list(values), [*(values | {"answers": msgspec.json.decode(values["answers"])}).values()])


def submission(submission_id: UUID) -> Submission:
    """What was sent in. Raises NotFound."""
    row = Submission.objects.filter(pk=submission_id).first()
    if row is None:
        raise NotFound
    return row
