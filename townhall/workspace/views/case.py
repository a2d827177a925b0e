"""One page for one case, and saying that somebody still has it open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_stubs_ext import StrOrPromise
from msgspec.structs import replace

from townhall.accounts import directory, fields
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.benefits import queries as benefits
from townhall.cases.access import has_only_a_part, is_only_offered
from townhall.cases.models import OPEN_JOBS, OPEN_STATES, Case, Handoff, Task
from townhall.cases.operations.branching import passed_on
from townhall.cases.operations.joining import cases_in
from townhall.cases.operations.linking import LINK as LINK_CUSTOMER
from townhall.cases.operations.locking import ONLY_A_PART, ONLY_OFFERED
from townhall.cases.states import State, Step
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.connectors import registry as connectors
from townhall.connectors.protocol import CANCEL
from townhall.contacts import queries as contacts
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.db import at_once
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.sealed_answers import shown_all, without_ends
from townhall.core.time import council_date, now
from townhall.engagement.texting import single as texting
from townhall.files import operations as files
from townhall.files.models import StoredFile
from townhall.forms import engine
from townhall.forms import queries as forms
from townhall.knowledge import tasks
from townhall.ledger import operations as ledger
from townhall.mailroom.cases import FORM
from townhall.mailroom.models import Mail
from townhall.mailroom.permissions import READ, readable_by
from townhall.notifications import chains
from townhall.payments import queries as charges
from townhall.places.whereabouts import wards
from townhall.safety import queries as markers
from townhall.street.nearby import Near, near
from townhall.ui.map_view import MapView
from townhall.ui.paths import url
from townhall.workspace import case_page, down, happened, moves, presence, queue
from townhall.workspace.case_page import Around, Offer, Told
from townhall.workspace.previews import without_token
from townhall.workspace.views.shared import case_or_404, user_id

MAP_METRES = 160.0
CLOCK_WORDS: Mapping[str, StrOrPromise] = {  # beside the date until which a clock runs; the promise has its own line
    "case.referral": gettext_lazy("Goes to senior manager"),
    "case.decision": gettext_lazy("Must be decided"),
    "case.handoff": gettext_lazy("Offer to be answered"),
    "case.telling": gettext_lazy("Customer to be told by"),
    "case.reopen_window": gettext_lazy("Can be opened again until"),
    "case.customer_reply": gettext_lazy("Answer expected"),
    "case.contractor_job": gettext_lazy("Contractor to finish"),
    "case.task": gettext_lazy("Part to finish"),
    "mail.reply": gettext_lazy("Email to be answered by"),
}
SAID: Mapping[str, StrOrPromise] = {
    "accepted": gettext_lazy("accepted with them"),
    "scheduled": gettext_lazy("given a date by them"),
    "started": gettext_lazy("under way with them"),
    "in_progress": gettext_lazy("under way with them"),
    "completed": gettext_lazy("closed with them"),
    "refused": gettext_lazy("closed with them, not done"),
}
LINKS = "media_url"  # where the sender of an Open311 report has its photos: shown as links, never fetched


@staff(may="cases.see")
@require_safe
def show(request: HttpRequest, reference: str) -> HttpResponse:
    by, at = actor(request), now()
    case = case_or_404(request, reference)
    around = case_page.around(case, user_id=UUID(by.id), at=at)
    with at_once():
        ledger.looked(by=by, at=at, customer_id=case.customer_id, case_id=case.pk, page="workspace.case")
        presence.here(case.pk, user_id=UUID(by.id), doing=presence.VIEWING, at=at)
    return render(request, "workspace/case.html", _context(case, around, by) | {"today": council_date(at), "at": at})


def _context(case: Case, around: Around, by: Actor) -> dict[str, Any]:
    if not may(by, "customers.see").allowed:
        around = replace(around, notes=None)  # what customers said, and what was written of them
    pack = catalogue.service(case.service_code)
    given = {code: value for code, value in case.attributes.items() if code != LINKS}
    if not fields.sees(by, "payment.bank_digits"):
        given = without_ends(given)
    offer = next((one for one in around.offers or [] if one.state == Handoff.State.OFFERED), None)
    facts = moves.Facts(
        case=case,
        state=State(case.state),
        offer_to=offer.to_team if offer else None,
        open_parts=sum(part.state == Task.State.OPEN for part in around.parts or []),
        has_contractor=any(job.state in OPEN_JOBS for job in around.jobs or []),
        is_only_offered=offer is not None and offer.to_team in by.teams and is_only_offered(case, by),
        has_only_a_part=any(part.team in by.teams for part in around.parts or []) and has_only_a_part(case, by),
    )
    standings = [moves.standing(move, facts, by) for move in moves.MOVES]
    main = moves.main(standings, facts.state)
    return {
        "case": case,
        "pack": pack,
        "facts": facts,
        "state": facts.state,
        "around": around,
        "events": happened.events(around, pack),
        "answers": _answers(pack, given, council_date(case.opened_at)),
        "passed_on": passed_on(case.pk) if pack.branches else [],
        "assessed": benefits.current(case.pk) if pack.form and may(by, "benefits.see").allowed else None,
        "to_pay": charges.about(case.subject, at=now()) if pack.form else [],
        "links": [link for link in case.attributes.get(LINKS, []) if link.startswith(("https://", "http://"))],
        "mails": _mails(case, by),
        "channel": contacts.words().all_channels.get(case.origin_channel, case.origin_channel),
        "owner": directory.team(pack.owner_team),
        "doer": directory.team_by_id(case.doer_team_id),
        "holder": queue.post_title(case.doer_post_id) if case.doer_post_id else "",
        "teller": queue.post_title(case.teller_post_id),
        "ward": dict(wards()).get(case.ward_code, case.ward_code),
        "offer": offer,
        "returned": _last_returned(around),
        "own_photos": [photo for photo in around.photos or [] if photo.case_id == case.pk],
        "joined_photos": {
            one.id: [photo for photo in around.photos or [] if photo.case_id == one.id] for one in around.joined or []
        },
        "causes": tasks.cited_by(case.subject),
        "team_name": lambda team: directory.team_by_id(team).name,
        "post_title": queue.post_title,
        "service_name": queue.service_name,
        "reason_words": happened.reason_words,
        "step_words": {step.value: step.label for step in Step},
        "texted": texting.exchanged(case_id=case.pk)
        if may(by, texting.SEND).allowed and not (facts.is_only_offered or facts.has_only_a_part)
        else [],
        "may_text": may(by, texting.SEND).allowed and case.customer_id is not None and not facts.has_only_a_part,
        "may_record_freedom": may(by, "requests.open").allowed,
        "may_ring": may(by, "cases.chase").allowed and not (facts.is_only_offered or facts.has_only_a_part),
        "may_link": may(by, LINK_CUSTOMER).allowed and not (facts.is_only_offered or facts.has_only_a_part),
        "page_keys": _keys(case, standings),
        "without_token": without_token,
        "my_teams": by.teams,
        "flags": markers.markers_of(case.customer_id, by=by, at=now()) if case.customer_id else [],
        "clock_words": CLOCK_WORDS,
        "said": _said(around),
        "system_name": _system_name,
        "down": down.systems({one.target for one in around.deliveries or () if one.state == "pending"}),
        "called_off": {one.target for one in around.deliveries or [] if one.kind == CANCEL},
        "told": _told(around),
        "chains": _chains(case.pk, around),
        "is_reopened": facts.is_open and any(entry.verb == "case.reopened" for entry in around.entries or []),
        "main": main,
        "others": [one for one in standings if one.is_allowed and one not in main],
        "closed_moves": [one for one in standings if not one.is_allowed],
        "may_approve": may(by, "files.approve").allowed and not (facts.is_only_offered or facts.has_only_a_part),
        "sees_customer": may(by, "customers.see").allowed,
        "outcome": next((one.name for one in pack.outcomes if one.code == case.outcome_code), ""),
        "refusal": pack.refusal(case.decline_reason) if case.decline_reason else None,
        "map_view": MapView(lat=case.lat, lng=case.lng, metres=MAP_METRES) if case.lat and case.lng else None,
    }


def _said(around: Around) -> dict[str, str]:
    """What each other system last said of its work, in words."""
    found: dict[str, str] = {}
    for entry in around.entries or []:  # the newest first
        if entry.verb == "case.back_office_said":
            status = str(entry.data.get("status", ""))
            found.setdefault(str(entry.data.get("source", "")), str(SAID.get(status, status.replace("_", " "))))
    return found


def _system_name(code: str) -> str:
    known = connectors.known(code)
    return known.name if known else code


def _chains(case_id: UUID, around: Around) -> list[chains.Chain]:
    """What was tried, of news that did not arrive at the first try. Asked only where there is any."""
    if not any(one.error or one.state == "failed" for one in around.messages or []):
        return []
    return [one for one in chains.of_case(case_id) if len(one.steps) > 1 or one.last.is_failed or one.task or one.told]


def _told(around: Around) -> list[list[Told]]:
    """The messages, those of one change together: the same words to everyone who follows."""
    return [list(same) for _key, same in groupby(around.messages or [], key=lambda one: (one.at, one.template))]


def _last_returned(around: Around) -> Offer | None:
    """The last offer, when it came back and nobody has been offered the case since."""
    last = around.offers[-1] if around.offers else None
    return last if last is not None and last.state == Handoff.State.RETURNED else None


def _keys(case: Case, standings: list[moves.Standing]) -> list[tuple[str, str, object]]:
    """Shortcuts to the moves that are allowed now."""
    return [
        (one.move.key, url(f"workspace:case-{one.move.code}", case.reference), one.name)
        for one in standings
        if one.is_allowed and one.move.key
    ]


def _mails(case: Case, by: Actor) -> list[Mail]:
    """The mails that it came by, for whoever may read them."""
    if case.origin_channel != "email" or not may(by, READ).allowed:
        return []
    return list(readable_by(by).filter(case_id=case.pk).order_by("received_at")[:20])


def _answers(pack: ServicePack, given: dict[str, Any], sent_on: date) -> list[tuple[str, str]]:
    """Question and answer in words, in the order asked; answers to questions that the service no longer asks come last."""
    if pack.form:
        return _form_answers(pack, given, sent_on)
    shown = []
    for attribute in pack.attributes:
        if attribute.code in given:
            names = {one.key: one.name for one in attribute.values}
            value = given[attribute.code]
            several = value if isinstance(value, list) else [value]
            shown.append((attribute.label, ", ".join(names.get(str(one), str(one)) for one in several)))
    asked = {attribute.code for attribute in pack.attributes}
    return shown + _rest(given, asked, sent_on)


def _form_answers(pack: ServicePack, given: dict[str, Any], sent_on: date) -> list[tuple[str, str]]:
    """The answers to the form of a service, by the words that it has now; what it no longer asks comes last."""
    shown, asked = _in_form(pack.form, given, sent_on)
    return shown + _rest(given, asked, sent_on)


def _rest(given: dict[str, Any], asked: set[str], sent_on: date) -> list[tuple[str, str]]:
    """What the service does not ask. A mail came as the general question, whichever service has it now: it reads as that asks."""
    left = {code: value for code, value in given.items() if code not in asked}
    shown, known = _in_form(FORM, left, sent_on) if "question" in left else ([], set())
    return shown + [(code.replace("_", " "), _in_words(value)) for code, value in left.items() if code not in known]


def _in_form(form: str, given: dict[str, Any], sent_on: date) -> tuple[list[tuple[str, str]], set[str]]:
    """What a form asked with its answers, and the codes of that; nothing when it was taken away: what was sent stays."""
    try:
        flow = forms.flow(form)
    except NotFound:
        return [], set()
    rows = [row for row in engine.kept_rows(flow, given, today=sent_on) if row.lines]
    shown = [(f"{row.item}: {row.label}" if row.item else row.label, ", ".join(row.lines)) for row in rows]
    return shown, {row.question.code for row in rows} | set(flow.repeats)


def _in_words(value: Any) -> str:
    """An answer whose question is not known here, such as that of a name in parts."""
    shown = shown_all(value)
    return ", ".join(str(one) for one in shown.values() if one) if isinstance(shown, dict) else str(shown)


@staff(may="cases.see")
@require_safe
def nearby(request: HttpRequest, reference: str) -> HttpResponse:
    """Reports nearby, the likeliest to be the same first. Drawn into the case page by its script, or a page of its own."""
    case = case_or_404(request, reference)
    found = case_page.seen_by(actor(request), near_case(case))
    template = "workspace/nearby_list.html" if request.GET.get("part") else "workspace/nearby.html"
    may_merge = may(actor(request), "cases.merge").allowed
    return render(
        request, template, {"case": case, "found": found, "joining": joining(case, found) if may_merge else {}}
    )


def joining(case: Case, found: Sequence[Near]) -> dict[UUID, bool]:
    """Which of them may be joined with one click, to whether it is the one that goes on.

    Those still open that are of the same service or likely the same. The one that more people follow goes on, else the earlier.
    """
    if case.state not in OPEN_STATES:
        return {}
    return {
        one.id: one.followers > case.followers or (one.followers == case.followers and one.opened_at <= case.opened_at)
        for one in found
        if one.state in OPEN_STATES and (one.is_likely or one.service_code == case.service_code)
    }


def near_case(case: Case) -> list[Near]:
    """One statement."""
    return near(
        service_code=case.service_code,
        easting=case.easting,
        northing=case.northing,
        at=now(),
        words=f"{case.description} {case.place_words}",
        address=case.address,
        usrn=case.usrn,
        answers=case.attributes,
        besides=case.pk,
    )[:12]


@staff(may="cases.see", keeps_alive=False)
@require_POST
def present(request: HttpRequest, reference: str) -> HttpResponse:
    """An open page says that it still is, and is told who else is there: the words to show, or nothing."""
    case = case_or_404(request, reference)
    at, reader = now(), user_id(request)
    doing = request.POST.get("doing", presence.VIEWING)
    presence.here(case.pk, user_id=reader, doing=doing if doing in moves.BY_CODE else presence.VIEWING, at=at)
    here = presence.others(case.pk, besides=reader, at=at)
    return render(request, "workspace/here.html", {"here": here})


@staff(may="files.approve")
@require_POST
def photo(request: HttpRequest, reference: str, file_id: UUID) -> HttpResponse:
    """Approve a photo for the public, or keep it from them."""
    case = case_or_404(request, reference)
    decide_photo(request, case, file_id, is_approved=request.POST.get("decision") == "approve")
    return redirect("workspace:case", case.reference)


def decide_photo(request: HttpRequest, case: Case, file_id: UUID, *, is_approved: bool) -> None:
    """What came of it is a message on the next page. Raises Http404 for a photo of another case."""
    if not StoredFile.objects.filter(pk=file_id, case_id__in=cases_in(case.pk)).exists():
        raise Http404
    if is_only_offered(case, actor(request)):
        raise PermissionDenied(str(ONLY_OFFERED))
    if has_only_a_part(case, actor(request)):
        raise PermissionDenied(str(ONLY_A_PART))
    decide = files.approve if is_approved else files.reject
    try:
        decide(file_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        words = _("The photo is shown to the public.") if is_approved else _("The photo is not shown to the public.")
        messages.success(request, words)
