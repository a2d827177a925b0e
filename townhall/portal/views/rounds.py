"""A missed bin: what the round of the address says, before anything is reported."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from townhall.core.time import now
from townhall.neighbourhood.queries import missed_bin_answer, next_collections, streams_at
from townhall.portal.journey import Journey
from townhall.portal.views.steps import draw, journey_page, keep, onward, path_of
from townhall.street.bins import STREAM, said, stream_name


@journey_page
def bin_round(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Only a true miss goes on. Everything else is answered here first, and no case is made unless they send it all the same."""
    place = journey.place
    if place is None or not journey.pack.place.checks_round:
        return redirect(path_of(journey, "where"))
    at = now()
    coming = [(stream_name(journey.pack, one.stream), one) for one in next_collections(place.uprn, at=at)]
    asked = journey.pack.attribute(STREAM)
    collected = streams_at(place.uprn)
    choices = [value for value in asked.values if value.key in collected] if asked else []
    context: dict[str, Any] = {"place": place, "choices": choices, "coming": coming, "stream": journey.round_stream}
    if request.method != "POST":
        return draw(request, journey, "round", **context)
    stream = request.POST.get(STREAM, "")
    if stream not in {value.key for value in choices}:
        problem = _("Select which collection was missed")
        return draw(request, journey, "round", problems={STREAM: problem}, **context)
    answer = missed_bin_answer(place.uprn, stream=stream, at=at)
    anyway = "anyway" in request.POST and answer.incident_id is None
    if not answer.makes_a_job and not anyway:
        words = said(answer, name=stream_name(journey.pack, stream))
        context |= {"incident_id": answer.incident_id, "back_to": path_of(journey, "round"), "stream": stream}
        return draw(request, journey, "round_answer", said=words, **context)
    return keep(request, journey, "round", onward(request, journey, "round"), round={STREAM: stream, "anyway": anyway})
