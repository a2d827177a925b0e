"""The service's own questions, photos, and who to tell."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from townhall.accounts.web import actor
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.files.queries import VIRUS, infected, own_link
from townhall.forms import checking
from townhall.forms.questions import Question
from townhall.forms.service_forms import DESCRIPTION
from townhall.forms.typed import clean_value
from townhall.portal.account.web import me
from townhall.portal.journey import CONTACT_PARTS, Journey, contact_question
from townhall.portal.views import limits
from townhall.portal.views.steps import draw, journey_page, keep, onward, path_of
from townhall.street.photos import store_photos, too_many


@journey_page
def details(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Questions with a condition appear when it holds: by the script at once, without it by asking again."""
    if journey.place is None:
        return redirect(path_of(journey, "where"))
    questions = journey.questions
    if request.method != "POST":
        raw = journey.answers.get("raw", {})
        return draw(request, journey, "details", raw=raw, questions=_asked(questions, raw))
    posted = {name: request.POST.getlist(name) for name in request.POST}
    raw = clean_value(checking.gather(questions, posted))
    checked = checking.read(questions, raw, today=council_date(now()))
    shown = set(posted.get("asked", []))
    conditional = [one for one in questions if one.shown_when is not None and one.code not in shown]
    new = [one.code for one in conditional if checking.applies(one, checked.answers)]
    problems = {field: text for field, text in checked.problems.items() if field.partition("-")[0] not in new}
    if problems or (new and shown):
        context: dict[str, Any] = {"raw": raw, "questions": _asked(questions, raw), "new": new if not problems else []}
        return draw(request, journey, "details", problems=problems, **context)
    if not checked.ok:
        context = {"raw": raw, "questions": _asked(questions, raw)}
        return draw(request, journey, "details", problems=checked.problems, **context)
    answers = dict(checked.answers)
    description = answers.pop(DESCRIPTION, "")
    answer = onward(request, journey, "details")
    return keep(request, journey, "details", answer, raw=raw, details=answers, description=description)


def _asked(questions: tuple[Question, ...], raw: dict[str, Any]) -> list[tuple[Question, bool]]:
    """Each question with whether it applies to what was answered so far."""
    answers = checking.read(questions, raw).answers
    return [(question, checking.applies(question, answers)) for question in questions]


@journey_page
def photos(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Several at a time. One that cannot be used is named, and the others stay."""
    kept: list[str] = journey.answers.get("photos", [])
    assert journey.draft is not None  # `journey_page` sends others to the first page
    ill = infected(UUID(one) for one in kept)
    kept = [one for one in kept if UUID(one) not in ill]
    viruses = [str(VIRUS) % {"name": name} for name in ill.values()]
    if viruses:
        answer = draw(request, journey, "photos", photos=thumbnails(kept), problems={"photos": " ".join(viruses)})
        return keep(request, journey, "photos", answer, photos=kept)
    if request.method != "POST":
        return draw(request, journey, "photos", photos=thumbnails(kept))
    here = redirect(path_of(journey, "photos") + ("?change" if "change" in request.GET else ""))
    if removed := request.POST.get("remove"):
        return keep(request, journey, "photos", here, photos=[one for one in kept if one != removed])
    given = request.FILES.getlist("photos")
    if given and (wait := limits.held_up(request, limits.PHOTOS)):
        return wait
    room = journey.pack.photos.maximum - len(kept)
    about = Subject(kind="draft", id=journey.draft.pk)
    added, problems = store_photos(given[:room], about=about, by=actor(request), at=now())
    if len(given) > room:
        problems.append(too_many(journey.pack.photos.maximum))
    kept = [*kept, *added]
    answer = here if "add" in request.POST else onward(request, journey, "photos")
    answer = keep(request, journey, "photos", answer, photos=kept)
    if not problems:
        return answer
    says = " ".join(problems)
    return draw(request, journey, "photos", photos=thumbnails(kept), problems={"photos": says})


def thumbnails(ids: list[str]) -> list[tuple[str, str]]:
    """Each photo's id with the path of its small picture, which only its owner has."""
    return [(one, own_link(UUID(one))) for one in ids]


@journey_page
def contact(request: HttpRequest, journey: Journey) -> HttpResponse:
    typed = {**dict.fromkeys(CONTACT_PARTS, ""), **_known(request), **journey.answers.get("contact_typed", {})}
    texts = bool(settings.TEXT_PROVIDER)
    if request.method != "POST":
        return draw(request, journey, "contact", typed=typed, texts=texts)
    if "anonymous" in request.POST and journey.pack.anonymous:
        typed = {}
    else:
        typed = clean_value({part: request.POST.get(f"contact-{part}", "")[:1000] for part in CONTACT_PARTS})
    checked = checking.read((contact_question(journey.pack),), {"contact": typed})
    if not checked.ok:
        return draw(request, journey, "contact", typed=typed, texts=texts, problems=checked.problems)
    given = checked.answers.get("contact", {})
    return keep(request, journey, "contact", onward(request, journey, "contact"), contact=given, contact_typed=typed)


def _known(request: HttpRequest) -> dict[str, str]:
    """What somebody signed in need not type again."""
    who = me(request)
    if who is None:
        return {}
    prefers = who.acting.preferred_channel if who.acting.preferred_channel in ("email", "text") else ""
    return {"name": who.name_given, "email": who.person.email, "phone": who.acting.phone, "prefers": prefers}
