"""Requests for another language or format of a page, a letter or a leaflet; a finished version is used again for whoever asks next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.clocks import operations as clocks
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotFound, refuse
from townhall.documents.events import DocumentKept
from townhall.documents.models import Document, Kind
from townhall.files.models import Purpose
from townhall.files.operations import store
from townhall.files.sanitising import Upload
from townhall.forms.typed import clean_line, clean_text
from townhall.inclusion import applying, states
from townhall.inclusion.calling import MEET
from townhall.inclusion.languages import FORMATS, LANGUAGES
from townhall.inclusion.models import FormatRequest, Version
from townhall.inclusion.states import RequestState
from townhall.ledger import operations as ledger

CLOCK = "format.request"
LONGEST = 20_000
_LETTERS = frozenset({Kind.LETTER.value, Kind.DECISION.value, Kind.BILL.value, Kind.PERMIT.value})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """what: page, letter or leaflet. source: its path, name or document; format: a language tag or a format."""

    what: str
    source: str
    title: str
    format: str
    customer_id: UUID | None = None
    document_id: UUID | None = None
    contact_id: UUID | None = None
    deliver_to: str = ""


@transaction.atomic
def ask(asked: Asked, *, by: Actor, at: datetime) -> FormatRequest:
    """Take down a request. Where a finished version is kept, it is ready at once. Raises NotAllowed, BadInput."""
    permissions.require(by, MEET)
    found = {
        "what": "" if asked.what in FormatRequest.What.values else _("Select what they want"),
        "title": "" if clean_line(asked.title) else _("Say which page, letter or leaflet"),
        "format": "" if asked.format in LANGUAGES or asked.format in FORMATS else _("Select a language or format"),
    }
    if asked.customer_id is None and not asked.deliver_to.strip():
        found["deliver_to"] = _("Say where it is to go")
    refuse(found)
    return _make(asked, by=by, at=at)


def _make(asked: Asked, *, by: Actor, at: datetime) -> FormatRequest:
    source = source_key(asked.what, asked.source or asked.title)
    version = (
        None
        if asked.document_id
        else Version.objects.filter(source=source, format=asked.format, outdated_at=None).first()
    )
    made = FormatRequest(
        what=asked.what,
        source=source,
        title=clean_line(asked.title)[:300],
        format=asked.format,
        customer_id=asked.customer_id,
        document_id=asked.document_id,
        contact_id=asked.contact_id,
        deliver_to=clean_line(asked.deliver_to)[:300],
        by_kind=by.kind.value,
        by_id=by.id,
        asked_at=at,
        state=RequestState.READY if version else RequestState.ASKED,
        version=version,
    )
    made.due_on = clocks.start(CLOCK, about=made.subject, at=at)
    made.save(force_insert=True)
    _record("format.asked", made, by=by, at=at, format=made.format, what=made.what, reused=bool(version))
    return made


def source_key(what: str, text: str) -> str:
    """The same for the same page or leaflet, however it is written."""
    plain = clean_line(text).lower()
    if what == FormatRequest.What.PAGE:
        host = settings.PUBLIC_URL.lower()
        return "page:" + (plain.removeprefix(host).partition("?")[0].rstrip("/") or "/")
    return f"{what}:{plain}"


def document_kept(event: DocumentKept) -> None:
    """A letter to somebody who needs it in a format that is made by hand, or in a language we do not print: it is asked for by itself."""
    if event.kind not in _LETTERS:
        return
    wanted = applying.formats_of(event.customer_id, printed=dict(settings.LANGUAGES))
    if not wanted:
        return
    title = Document.objects.values_list("title", flat=True).get(pk=event.document_id)
    for code in wanted:
        asked = Asked(
            what=FormatRequest.What.LETTER,
            source=str(event.document_id),
            title=title,
            format=code,
            customer_id=event.customer_id,
            document_id=event.document_id,
        )
        _make(asked, by=SYSTEM, at=event.at)


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What was made: a file, words, or where it is to be heard or seen."""

    words: str = ""
    link: str = ""
    upload: Upload | None = None


def finish(request_id: UUID, made: Finished, *, by: Actor, at: datetime) -> FormatRequest:
    """The version is made; everybody else who waits for the same has it as well. Raises NotAllowed, NotFound, BadInput, WrongState."""
    permissions.require(by, MEET)
    found = FormatRequest.objects.filter(pk=request_id).first()
    if found is None:
        raise NotFound
    words, link = clean_text(made.words).strip()[:LONGEST], clean_line(made.link)[:500]
    if not words and not link and made.upload is None:
        raise BadInput({"words": _("Add a file, the words, or a link")})
    if link and not link.startswith(("https://", "/")):
        raise BadInput({"link": _("Enter a link that begins with https://")})
    states.check_request(found.state, RequestState.READY)
    file = store(made.upload, about=found.subject, purpose=Purpose.ATTACHMENT, by=by, at=at) if made.upload else None
    with transaction.atomic():
        locked = FormatRequest.objects.select_for_update().get(pk=request_id)
        states.check_request(locked.state, RequestState.READY)
        Version.objects.filter(source=locked.source, format=locked.format, outdated_at=None).update(outdated_at=at)
        version = Version.objects.create(
            source=locked.source,
            title=locked.title,
            format=locked.format,
            words=words,
            link=link,
            file_id=file.pk if file else None,
            finished_at=at,
            finished_by=UUID(by.id),
        )
        same = FormatRequest.objects.filter(source=locked.source, format=locked.format, state=RequestState.ASKED)
        for one in same.select_for_update().order_by("pk"):
            one.state, one.version = RequestState.READY, version
            one.save(update_fields=["state", "version"])
            _record("format.ready", one, by=by, at=at, version=str(version.pk))
    return FormatRequest.objects.get(pk=request_id)


@transaction.atomic
def sent(request_id: UUID, *, by: Actor, at: datetime) -> FormatRequest:
    """It is on its way to whoever asked. Raises NotAllowed, NotFound, WrongState."""
    found = _locked(request_id, by, RequestState.SENT)
    found.state, found.ended_at = RequestState.SENT, at
    found.save(update_fields=["state", "ended_at"])
    clocks.finish(CLOCK, about=found.subject, at=at)
    _record("format.sent", found, by=by, at=at)
    return found


@transaction.atomic
def decline(request_id: UUID, *, reason: str, by: Actor, at: datetime) -> FormatRequest:
    """It is not made, and why. Raises NotAllowed, NotFound, BadInput, WrongState."""
    found = _locked(request_id, by, RequestState.DECLINED)
    why = clean_line(reason)[:500]
    if not why:
        raise BadInput({"reason": _("Write why, and what they are offered instead")})
    found.state, found.ended_at, found.reason = RequestState.DECLINED, at, why
    found.save(update_fields=["state", "ended_at", "reason"])
    clocks.stop(CLOCK, about=found.subject, at=at)
    _record("format.declined", found, by=by, at=at)
    return found


@transaction.atomic
def outdate(version_id: UUID, *, by: Actor, at: datetime) -> None:
    """What it is of was changed: it is not given out again. Raises NotAllowed."""
    permissions.require(by, MEET)
    Version.objects.filter(pk=version_id, outdated_at=None).update(outdated_at=at)


def _locked(request_id: UUID, by: Actor, then: RequestState) -> FormatRequest:
    permissions.require(by, MEET)
    found = FormatRequest.objects.select_for_update().filter(pk=request_id).first()
    if found is None:
        raise NotFound
    states.check_request(found.state, then)
    return found


def _record(verb: str, one: FormatRequest, *, by: Actor, at: datetime, **data: object) -> None:
    ledger.record(verb, about=one.subject, by=by, at=at, customer_id=one.customer_id, data=data)
