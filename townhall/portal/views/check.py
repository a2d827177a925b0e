"""Check the answers and send the report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from townhall.core.errors import KeyReused, RuleBroken
from townhall.core.time import now
from townhall.forms import checking
from townhall.forms import queries as drafts
from townhall.forms.service_forms import DESCRIPTION
from townhall.neighbourhood.queries import missed_bin_answer
from townhall.notifications.recipients import Recipient
from townhall.portal.account.web import Me, acting, me
from townhall.portal.journey import Journey
from townhall.portal.views import limits
from townhall.portal.views.details import thumbnails
from townhall.portal.views.steps import COOKIE, draw, journey_page, path_of, sent, to_received
from townhall.portal.wording import answer_words, published_words
from townhall.street.bins import stream_name
from townhall.street.reporting import NewReport, keeper_of
from townhall.street.reporting import report as make_report


@journey_page
def check(request: HttpRequest, journey: Journey) -> HttpResponse:
    missing = journey.first_missing()
    if missing != "check":
        return redirect(path_of(journey, missing))
    if journey.round_stream and not _still_missed(journey):
        return redirect(path_of(journey, "round"))
    if request.method != "POST":
        return _draw(request, journey)
    if wait := limits.held_up(request, limits.REPORTS):
        return wait
    draft = journey.draft
    place = journey.place
    assert draft is not None
    assert place is not None  # the pages before have them
    who = me(request)
    new = NewReport(
        service_code=journey.pack.code,
        place=place,
        reporter=_reporter(journey, who),
        channel="web",
        key=str(draft.pk),
        description=journey.answers.get("description", ""),
        answers=journey.details,
        file_ids=journey.photo_ids,
        form_version=draft.form_version,
        draft_id=draft.pk,
    )
    try:
        made = make_report(new, by=acting(request), at=now())
    except KeyReused:  # changed in another tab while it was being sent: what was sent stands
        return _what_was_sent(request, journey)
    except RuleBroken as error:
        return _draw(request, journey, problems={"send": str(error)})
    return sent(made.case_id) if made.was_repeat else to_received(made.reference, made.follower_id)


def _reporter(journey: Journey, who: Me | None) -> Recipient:
    """Who reported it: with the customer's record when signed in, unless they chose to leave their details out."""
    given = journey.recipient
    if who is None or not (given.email or given.phone):
        return given
    return replace(given, customer_id=who.acting.customer_id, has_account=True)


def _still_missed(journey: Journey) -> bool:
    """Answers may lie for days: a collection since then makes the report needless, unless they want it sent all the same."""
    if journey.is_sent_all_the_same:
        return True
    uprn = journey.place.uprn if journey.place else ""
    return missed_bin_answer(uprn, stream=journey.round_stream, at=now()).makes_a_job


def _what_was_sent(request: HttpRequest, journey: Journey) -> HttpResponse:
    draft = drafts.draft(request.COOKIES[COOKIE.format(code=journey.pack.code)], at=now())
    assert draft.result_id is not None  # the key was claimed by the transaction that also closed the draft
    return sent(draft.result_id)


def _draw(request: HttpRequest, journey: Journey, **more: Any) -> HttpResponse:
    place = journey.place
    assert place is not None
    answers = journey.details
    shown = {**answers, DESCRIPTION: journey.answers.get("description", "")}
    rows = [
        (question, answer_words(question, shown.get(question.code)))
        for question in journey.questions
        if checking.applies(question, answers)
    ]
    return draw(
        request,
        journey,
        "check",
        place=place,
        rows=rows,
        stream=stream_name(journey.pack, journey.round_stream) if journey.round_stream else "",
        photos=thumbnails(journey.answers.get("photos", [])),
        contact=journey.recipient,
        promise=published_words(journey.pack.published),
        keeper=keeper_of(journey.pack, place, answers=answers),
        **more,
    )
