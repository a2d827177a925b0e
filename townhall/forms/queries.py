"""Everything other code may read of forms."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import DEFAULT_DB_ALIAS
from django.db.models import DEFERRED, QuerySet

from townhall.core.db import fetch_all, fetch_one
from townhall.core.errors import NotFound
from townhall.core.refreshing import Refreshing
from townhall.core.time import aware
from townhall.forms import linter
from townhall.forms.definition import Form
from townhall.forms.engine.flow import Flow, flow_of
from townhall.forms.errors import DraftGone
from townhall.forms.models import Draft, FormDefinition, Submission
from townhall.forms.reading import from_builtins
from townhall.forms.states import State

_NOT_ASKED = ("trace", "is_counted")  # of a draft: nobody who fills it in needs them
_DRAFT_COLUMNS = [one.attname for one in Draft._meta.concrete_fields if one.attname not in _NOT_ASKED]
_PLACES = [  # of each column in what is selected
    _DRAFT_COLUMNS.index(one.attname) if one.attname in _DRAFT_COLUMNS else None for one in Draft._meta.concrete_fields
]
_ANSWERS = [one.attname for one in Draft._meta.concrete_fields].index("answers")
_SELECTED = ", ".join(f"d.{name}::text" if name == "answers" else f"d.{name}" for name in _DRAFT_COLUMNS)
_DRAFT = f"SELECT {_SELECTED} FROM forms_draft d WHERE d.token_hash = %s AND d.expires_at > %s"  # noqa: S608 - our own columns
_DRAFT_BY_KEY = f"""SELECT {_SELECTED} FROM forms_draftkey k
    JOIN forms_draft d ON d.id = k.draft_id WHERE k.token_hash = %s AND d.expires_at > %s"""  # noqa: S608 - our own columns
# Whether there is anything for `drafts_of` to read: for a page that asks this of many things in one statement.
DRAFTS_OF = "EXISTS (SELECT FROM forms_draft WHERE customer_id = %(customer)s AND result_id IS NULL)"
_PUBLISHED_SECONDS = 2.0
RARELY = 0.05  # of those who sent the form in


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a form, with all of it."""

    code: str
    version: int
    state: State
    form: Form
    revision: int
    note: str
    by_kind: str
    by_id: str
    changed_at: datetime | None
    published_at: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class FormLine:
    """A form in a list: its title as published, or as drafted when it never was."""

    code: str
    title: str
    published: int | None  # version
    draft: int | None
    pages: int
    changed_at: datetime | None


def forms() -> list[FormLine]:
    """Every form, by code. One query."""
    found: dict[str, FormLine] = {}
    rows = FormDefinition.objects.order_by("code", "version").values_list(
        "code", "version", "state", "definition__title", "changed_at", "definition__pages"
    )
    for code, number, state, title, changed_at, pages in rows:
        line = found.get(code)
        published = number if state == State.PUBLISHED else line.published if line else None
        is_titled = state == State.PUBLISHED or not (line and line.published)
        found[code] = FormLine(
            code=code,
            title=title if is_titled or line is None else line.title,
            published=published,
            draft=number if state == State.DRAFT else None,
            pages=len(pages or []) if is_titled or line is None else line.pages,
            changed_at=changed_at,
        )
    return list(found.values())


def form(code: str, *, version: int | None = None) -> tuple[Form, int]:
    """A form and its version, the published one unless one is named. Raises NotFound."""
    found = version_of(code, version)
    return found.form, found.version


def version_of(code: str, version: int | None = None) -> Version:
    """One version, the published one unless one is named. Raises NotFound."""
    rows = FormDefinition.objects.filter(code=code)
    row = (rows.filter(state=State.PUBLISHED) if version is None else rows.filter(version=version)).first()
    if row is None:
        raise NotFound
    return _version(row)


def draft_of(code: str) -> Version | None:
    """The version being worked on, if there is one."""
    row = FormDefinition.objects.filter(code=code, state=State.DRAFT).first()
    return _version(row) if row else None


def versions(code: str) -> list[Version]:
    """All versions, the newest first. Raises NotFound when there is none."""
    found = [_version(row) for row in FormDefinition.objects.filter(code=code).order_by("-version")]
    if not found:
        raise NotFound
    return found


def _version(row: FormDefinition) -> Version:
    return Version(
        code=row.code,
        version=row.version,
        state=State(row.state),
        form=from_builtins(row.definition),
        revision=row.revision,
        note=row.note,
        by_kind=row.by_kind,
        by_id=row.by_id,
        changed_at=row.changed_at,
        published_at=row.published_at,
        retired_at=row.retired_at,
    )


_published: Refreshing[dict[str, int]] = Refreshing(
    lambda: dict(FormDefinition.objects.filter(state=State.PUBLISHED).values_list("code", "version")),
    seconds=_PUBLISHED_SECONDS,
)


def published_version(code: str) -> int:
    """From the process's memory. Raises NotFound."""
    found = _published.get().get(code) or _published.fresh().get(code)
    if found is None:
        raise NotFound
    return found


def flow(code: str, *, version: int | None = None, language: str = "en") -> Flow:
    """A form ready to run. A version that was published never changes, so it is made once in the process. Raises NotFound."""
    number = published_version(code) if version is None else version
    kept = _flows.get((code, number, language))
    if kept is not None:
        return kept
    found = version_of(code, number)
    made = flow_of(found.form, language=language)
    if found.state != State.DRAFT:
        if len(_flows) >= _MOST_FLOWS:
            _flows.clear()
        _flows[code, number, language] = made
    return made


def is_draft(code: str, version: int) -> bool:
    """Whether this version was never published. From the process's memory once it ran there. Raises NotFound."""
    if (code, version, "en") in _flows:
        return False
    state = FormDefinition.objects.filter(code=code, version=version).values_list("state", flat=True).first()
    if state is None:
        raise NotFound
    return bool(state == State.DRAFT)


_flows: dict[tuple[str, int, str], Flow] = {}
_MOST_FLOWS = 500


def forget() -> None:
    """What the process keeps of forms: after a change, and between tests."""
    _published.forget()
    _flows.clear()


@dataclass(frozen=True, kw_only=True)
class Use:
    """How a question of a form is used. `answered` counts submissions of any version that hold an answer to it."""

    code: str
    label: str
    sent: int  # submissions of the form in all, tests not counted
    answered: int
    is_rare: bool  # answered by fewer than RARELY of them
    is_unused: bool  # nothing names it: no system, no condition, no calculation


def use_of_questions(code: str) -> list[Use]:
    """The questions of the published version (or the draft) that are candidates to go, and all others, in the form's order (FORM-02)."""
    newest = versions(code)
    shown = next((one for one in newest if one.state == State.PUBLISHED), newest[0]).form
    sent = Submission.objects.filter(form_code=code, is_test=False).count()
    counts = dict(fetch_all(_ANSWERED, (code,)))
    used = linter.used_codes(shown)
    found = []
    for question in shown.questions():
        answered = int(counts.get(question.code, 0))
        found.append(
            Use(
                code=question.code,
                label=question.label,
                sent=sent,
                answered=answered,
                is_rare=sent > 0 and answered < sent * RARELY,
                is_unused=question.code not in used and not question.system,
            )
        )
    return found


_ANSWERED = """SELECT answer.key, count(*) FROM forms_submission s, jsonb_object_keys(s.answers) AS answer(key)
    WHERE s.form_code = %s AND NOT s.is_test GROUP BY answer.key"""


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """A draft in somebody's account."""

    id: UUID
    form_code: str
    form_version: int
    step: str
    started_at: datetime
    updated_at: datetime
    expires_at: datetime
    by_kind: str


def drafts_of(customer_id: UUID, *, at: datetime) -> list[DraftLine]:
    """The drafts in an account that can be gone on with, the last used first; at most 50."""
    names = [field.name for field in fields(DraftLine)]
    rows = Draft.objects.filter(customer_id=customer_id, expires_at__gt=aware(at), result_id=None, is_test=False)
    return [DraftLine(**row) for row in rows.order_by("-updated_at").values(*names)[:50]]


def draft(token: str, *, at: datetime) -> Draft:
    """The draft of a token, finished or not. Raises DraftGone when there is none or its time is over."""
    from townhall.forms.operations import hash_of

    asked = (hash_of(token), aware(at))
    row = fetch_one(_DRAFT, asked, binary=True) or fetch_one(_DRAFT_BY_KEY, asked, binary=True)
    if row is None:
        raise DraftGone
    values: list[Any] = [DEFERRED if place is None else row[place] for place in _PLACES]
    values[_ANSWERS] = msgspec.json.decode(values[_ANSWERS])
    return Draft.from_db(DEFAULT_DB_ALIAS, _DRAFT_COLUMNS, values)


def place_of_payment(draft_id: UUID, code: str) -> tuple[str, str]:
    """The form of a draft and the page that takes this payment; empty when the draft is gone or sent. One query."""
    row = Draft.objects.filter(pk=draft_id, result_id=None).values_list("form_code", "form_version").first()
    if row is None:
        return "", ""
    pages = flow(row[0], version=row[1]).form.pages
    return row[0], next((page.code for page in pages if any(one.code == code for one in page.questions)), "")


def running_drafts(at: datetime) -> QuerySet[Draft, UUID]:
    """The ids of drafts that can still be gone on with."""
    return Draft.objects.filter(expires_at__gt=aware(at)).values_list("pk", flat=True)


def answers_of(submission_id: UUID) -> dict[str, Any]:
    """The answers of what was sent in, for where nothing else of it is needed. Raises NotFound."""
    row = fetch_one("SELECT answers::text FROM forms_submission WHERE id = %s", (submission_id,))
    if row is None:
        raise NotFound
    found: dict[str, Any] = msgspec.json.decode(row[0])
    return found


def submission(submission_id: UUID) -> Submission:
    """What was sent in. Raises NotFound."""
    row = Submission.objects.filter(pk=submission_id).first()
    if row is None:
        raise NotFound
    return row
