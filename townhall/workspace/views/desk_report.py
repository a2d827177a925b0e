"""Taking a report in a conversation: choose the service, then one page with the public form's own questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.web import actor
from townhall.cases import operations as cases
from townhall.cases.access import cases_visible_to
from townhall.catalogue import queries as catalogue
from townhall.catalogue.queries import Entry
from townhall.contacts.models import Contact
from townhall.core.access import staff
from townhall.core.errors import BadInput, KeyReused, NotFound, RuleBroken
from townhall.core.references import parse_reference
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.customers import queries as customers
from townhall.customers.queries import Record
from townhall.files import operations as files
from townhall.files.models import StoredFile
from townhall.files.queries import own_link
from townhall.knowledge import queries as knowledge
from townhall.knowledge import referrals
from townhall.street.known import mean_incident
from townhall.street.photos import store_photos, too_many
from townhall.street.reporting import NewReport
from townhall.street.reporting import report as make_report
from townhall.workspace import report_desk, script_desk
from townhall.workspace.desk_fields import text
from townhall.workspace.report_desk import Taken, Warned
from townhall.workspace.views import desk_form
from townhall.workspace.views.desk import as_uuid, draw, own_contact, path_of
from townhall.workspace.views.restrictions import is_closed


@staff(may="cases.open")
@never_cache
@require_safe
def choose(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """The service, by what they call it."""
    contact = own_contact(request, contact_id)
    typed = text(request.GET, "q")
    return draw(
        request,
        "choose_service",
        contact=contact,
        typed=typed,
        found=catalogue.search(typed) if typed else [],
        groups=catalogue.groups(),
        known=_known(request, contact),
        keys=_keys(contact),
    )


def _keys(contact: Contact) -> list[tuple[str, str, str]]:
    return [("c", path_of("contact", contact.pk), _("Back to the conversation"))]


def _known(request: HttpRequest, contact: Contact) -> Record | None:
    return customers.record(contact.customer_id, by=actor(request)) if contact.customer_id else None


@staff(may="cases.open")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, contact_id: UUID, code: str) -> HttpResponse:
    """Before it is sent the adviser sees what is reported nearby; following one of those for the customer ends it there."""
    contact = own_contact(request, contact_id)
    if contact.ended_at is not None:
        return redirect("workspace:contact", contact.pk)
    entry = _entry(code)
    if is_closed(contact, code):
        return redirect("workspace:contact_closed", contact.pk, code)
    known = _known(request, contact)
    at = now()
    if entry.pack.form:
        return desk_form.begin(request, contact, entry, known)
    if request.method != "POST":
        start = report_desk.start(entry.pack, contact, known)
        return _draw(request, contact, entry, known, _with_script(contact, entry, start), key=str(uuid4()))
    posted = {name: [str(one) for one in values] for name, values in request.POST.lists()}
    taken = report_desk.read(entry.pack, posted, known, at=at)
    key = text(request.POST, "key")[:100] or str(uuid4())
    photos, problem = _photos(request, contact, entry)
    if problem:
        return _draw(request, contact, entry, known, taken, key=key, photos=photos, problems={"photos": problem})
    said = script_desk.moved(request.POST.dict(), contact, by=actor(request), at=at)
    if said is not None:
        problems = {"script-answer": said} if said else None
        taken = _with_script(contact, entry, taken)
        return _draw(request, contact, entry, known, taken, key=key, photos=photos, problems=problems)
    if {"find", "add", "remove"} & request.POST.keys() or (taken.map is not None and taken.map.stays):
        return _draw(request, contact, entry, known, taken, key=key, photos=photos)
    return _act(request, contact, entry, known, taken, key=key, photos=photos)


def _act(
    request: HttpRequest,
    contact: Contact,
    entry: Entry,
    known: Record | None,
    taken: Taken,
    *,
    key: str,
    photos: Sequence[UUID],
) -> HttpResponse:
    """What was pressed, where it was no step of the page itself: follow, the same incident, or send, once nothing is missing."""
    at = now()
    if follow := text(request.POST, "follow"):
        return _follow(request, contact, entry, known, taken, key=key, photos=photos, reference=follow)
    if incident := text(request.POST, "incident"):
        return _mean(request, contact, entry, known, taken, key=key, incident=incident)
    if taken.problems:
        return _draw(request, contact, entry, known, taken, key=key, photos=photos, problems=taken.problems)
    warned = report_desk.warned(entry.pack, taken, at=at)
    if warned and text(request.POST, "checked") != _seen(taken):
        return _draw(request, contact, entry, known, taken, key=key, photos=photos, warned=warned)
    return _send(request, contact, entry, known, taken, key=key, photos=photos)


def _with_script(contact: Contact, entry: Entry, taken: Taken) -> Taken:
    """The page with what the answers to a script fill in of it."""
    going = script_desk.beside(contact, entry.pack.code).going
    return replace(taken, raw=script_desk.filled(taken.raw, going))


def _photos(request: HttpRequest, contact: Contact, entry: Entry) -> tuple[list[UUID], str]:
    """The photos of this report so far, with those that just came, and a sentence for what could not be kept.

    They are a draft's, named after the conversation, until the report is made of them.
    """
    if not entry.pack.photos.allowed:
        return [], ""
    about = Subject(kind="draft", id=contact.pk)
    ids = [one for text_ in request.POST.getlist("photo") if (one := as_uuid(text_)) is not None]
    removed = as_uuid(request.POST.get("remove", ""))
    theirs = StoredFile.objects.filter(pk__in=ids, subject_kind=about.kind, subject_id=about.id)
    kept = [one for one in theirs.order_by("created_at").values_list("pk", flat=True) if one != removed]
    given = request.FILES.getlist("photos")
    most = entry.pack.photos.maximum
    room = max(most - len(kept), 0)
    added, problems = store_photos(given[:room], about=about, by=actor(request), at=now())
    if len(given) > room:
        problems.append(too_many(most))
    return [*kept, *map(UUID, added)], " ".join(problems)


def _entry(code: str) -> Entry:
    try:
        entry = catalogue.entry(code)
    except NotFound as error:
        raise Http404 from error
    if not entry.is_live:
        raise Http404
    return entry


def _seen(taken: Taken) -> str:
    """What the adviser was warned about: another place is to be looked at again."""
    place = taken.place
    return f"{place.uprn}/{place.usrn}/{place.easting}/{place.northing}" if place else ""


def _send(
    request: HttpRequest,
    contact: Contact,
    entry: Entry,
    known: Record | None,
    taken: Taken,
    *,
    key: str,
    photos: Sequence[UUID],
) -> HttpResponse:
    assert taken.place is not None  # without one there is a problem
    new = NewReport(
        service_code=entry.pack.code,
        place=taken.place,
        reporter=taken.reporter,
        channel=contact.channel_id,
        key=f"desk-{contact.pk}-{key}",
        description=taken.description,
        answers=taken.answers,
        contact_id=contact.pk,
        form_version=entry.version,
        file_ids=photos,
    )
    try:
        made = make_report(new, by=actor(request), at=now())
    except KeyReused:
        messages.info(request, _("This report was sent before. To report something else, start again."))
        return redirect("workspace:contact", contact.pk)
    except RuleBroken as error:
        return _draw(request, contact, entry, known, taken, key=key, photos=photos, problems={"": str(error)})
    messages.success(request, _("Reported. The reference is %(reference)s.") % {"reference": made.reference})
    return redirect("workspace:contact", contact.pk)


def _follow(
    request: HttpRequest,
    contact: Contact,
    entry: Entry,
    known: Record | None,
    taken: Taken,
    *,
    key: str,
    photos: Sequence[UUID],
    reference: str,
) -> HttpResponse:
    """Follow what is there for the customer, and keep this conversation and its photos on it."""
    by, at = actor(request), now()
    found = parse_reference(reference)
    case = cases_visible_to(by).filter(reference=found).first() if found else None
    if case is None:
        raise Http404
    try:
        cases.follow(case.pk, taken.reporter, by=by, at=at)
        cases.attach(case.pk, contact_id=contact.pk, text=taken.description, by=by, at=at)
        files.attach(photos, about=case.subject, case_id=case.pk)
    except RuleBroken as error:
        problem = (
            {"contact-email": error.problems["email"]}
            if isinstance(error, BadInput) and "email" in error.problems
            else {"": str(error)}
        )
        warned = report_desk.warned(entry.pack, taken, at=at)
        return _draw(request, contact, entry, known, taken, key=key, photos=photos, warned=warned, problems=problem)
    messages.success(
        request, _("They follow %(reference)s and are told of every change.") % {"reference": case.reference}
    )
    return redirect("workspace:contact", contact.pk)


def _mean(
    request: HttpRequest,
    contact: Contact,
    entry: Entry,
    known: Record | None,
    taken: Taken,
    *,
    key: str,
    incident: str,
) -> HttpResponse:
    """It is what was announced: keep this conversation with the incident, and no case is made."""
    if taken.place is None:
        return _draw(request, contact, entry, known, taken, key=key, problems=taken.problems)
    try:
        told = mean_incident(
            UUID(incident),
            service_code=entry.pack.code,
            place=taken.place,
            who=taken.reporter,
            channel=contact.channel_id,
            key=key,
            contact_id=contact.pk,
            by=actor(request),
            at=now(),
        )
    except ValueError as error:
        raise Http404 from error
    except RuleBroken as error:
        return _draw(request, contact, entry, known, taken, key=key, problems={"": str(error)})
    messages.success(
        request,
        _("Kept with the incident. They are told when it is over.")
        if told
        else _("Kept with the incident. Without an email address nobody can tell them when it is over."),
    )
    return redirect("workspace:contact", contact.pk)


def _draw(
    request: HttpRequest,
    contact: Contact,
    entry: Entry,
    known: Record | None,
    taken: Taken,
    *,
    key: str,
    photos: Sequence[UUID] = (),
    problems: dict[str, str] | None = None,
    warned: Warned | None = None,
) -> HttpResponse:
    pack = entry.pack
    context: dict[str, Any] = {
        "contact": contact,
        "known": known,
        "pack": pack,
        "taken": taken,
        "beside": script_desk.beside(
            contact, pack.code, posted=request.POST.dict(), problem=(problems or {}).get("script-answer", "")
        ),
        "knowledge": knowledge.articles_for(pack.code, by=actor(request)),
        "referrals": referrals.offered(pack.code, at=now(), refer_to=[rule.refer_to or "" for rule in pack.routing]),
        "typed": taken.typed,
        "choices": report_desk.choices(taken.typed, known, pack),
        "questions": report_desk.asked(report_desk.questions_of(pack), taken.raw),
        "warned": warned,
        "seen": _seen(taken) if warned else "",
        "key": key,
        "photos": [(one, own_link(one)) for one in photos],
        "coming": report_desk.collections_at(pack, taken.typed, at=now()),
        "keys": _keys(contact),
    }
    return draw(request, "report", problems=problems, **context)
