"""Any form of the catalogue, page by page: the same pages for a resident, an adviser on behalf, a kiosk and a test."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from townhall.core.ids import uuid7
from townhall.core.time import now
from townhall.forms import checking, engine
from townhall.forms import operations as forms
from townhall.forms.definition import FormPage, Repeat
from townhall.forms.engine import CHECK_STEP, Step, parse_step
from townhall.forms.typed import clean_value
from townhall.portal import form_language, sealed
from townhall.portal.filling import Filling, looked_up, shown_parts, uploads_of, with_addresses
from townhall.portal.views.forms.finding import (
    COOKIE,
    address_of,
    begin_draft,
    form_page,
)
from townhall.portal.views.forms.paying import payment_of, payment_page
from townhall.portal.views.forms.uploads import take_files


@form_page
def start(request: HttpRequest, filling: Filling) -> HttpResponse:
    """What the form is for and what is needed; a form that says nothing of that begins with its first question."""
    if filling.draft is not None and filling.draft.step:
        following = engine.resume(filling.flow, filling.answers, today=filling.today)
        return render(
            request, "portal/forms/going_on.html", {"filling": filling, "next": address_of(filling, following)}
        )
    first = address_of(filling, filling.first())
    if not filling.flow.form.text or "now" in request.GET:  # the service's page has said it
        return redirect(first)
    return render(request, "portal/forms/start.html", {"filling": filling, "next": first})


@form_page
def step(request: HttpRequest, filling: Filling, step: str) -> HttpResponse:
    """One page. A page that the answers do not lead to yet sends back to the one that has something to answer."""
    here = parse_step(step)
    if not filling.may_open(here):
        return redirect(address_of(filling, engine.resume(filling.flow, filling.answers, today=filling.today)))
    page = engine.page_of(filling.flow, here)
    if page is not None and (fee := payment_of(page)):
        return payment_page(request, filling, here, fee)
    if page is not None:
        return _question_page(request, filling, here, page)
    return _list_of_items(request, filling, here, filling.flow.repeats[here.page])


def _question_page(request: HttpRequest, filling: Filling, here: Step, page: FormPage) -> HttpResponse:
    if request.method != "POST":
        return _draw(request, filling, here, page, raw=filling.raw_of(page, here))
    posted = {name: request.POST.getlist(name) for name in request.POST}
    raw = clean_value(checking.gather(page.questions, posted))
    raw = sealed.kept_unless_typed(page, raw, filling.raw_of(page, here))
    if "find" in posted:
        return _draw(request, filling, here, page, raw=raw)
    draft_id = filling.draft.pk if filling.draft else uuid7()
    problems = take_files(request, filling, here, page, raw, draft_id=draft_id)

    def refused(answer: HttpResponse) -> HttpResponse:
        """Files are not sent a second time by the browser: they are kept whatever is wrong beside them."""
        kept = {question.code: raw[question.code] for question in uploads_of(page.questions)}
        return _keep(request, filling, here, kept, answer, draft_id=draft_id) if any(kept.values()) else answer

    if "add" in posted or "remove" in posted or problems:
        answer = _draw(request, filling, here, page, raw=raw, problems=problems)
        return _keep(request, filling, here, raw, answer, draft_id=draft_id)
    raw = with_addresses(page.questions, raw)
    known = engine.read_page(filling.flow, filling.answers, here, raw, today=filling.today)
    shown = set(posted.get("asked", []))
    new = [
        question.code
        for question in page.questions
        if question.shown_when is not None
        and question.code not in shown
        and checking.applies(question, {**filling.known_at(here), **known.answers})
    ]
    problems = {field: text for field, text in known.problems.items() if field.partition("-")[0] not in new}
    if problems:
        _count_fault(request, filling, here)
    if problems or (new and shown):
        new = new if not problems else []
        return refused(_draw(request, filling, here, page, raw=raw, problems=problems, new=new))
    if not known.ok:
        return refused(_draw(request, filling, here, page, raw=raw, problems=known.problems))
    return _onward(request, filling, here, raw, draft_id=draft_id)


def _count_fault(request: HttpRequest, filling: Filling, here: Step) -> None:
    """For the figures of the form. Before the first answer there is no draft to count it in."""
    if filling.draft is not None:
        token = request.COOKIES[COOKIE.format(code=filling.code)]
        forms.save_draft(token, {}, step=filling.draft.step, at=now(), page=here.page, has_fault=True)


def _onward(request: HttpRequest, filling: Filling, here: Step, raw: dict[str, Any], *, draft_id: UUID) -> HttpResponse:
    changed = engine.put(filling.flow, filling.answers, here, raw)
    following = filling.after(here, changed=changed, to_the_end="change" in request.GET)
    return _keep(request, filling, here, raw, redirect(address_of(filling, following)), draft_id=draft_id)


def _keep(
    request: HttpRequest,
    filling: Filling,
    here: Step,
    raw: dict[str, Any],
    answer: HttpResponse,
    *,
    draft_id: UUID | None = None,
) -> HttpResponse:
    """Keep what was typed on this step. The first answer begins the draft, under `draft_id` when its files have that already."""
    changed = engine.put(filling.flow, filling.answers, here, raw)
    if filling.draft is not None:
        forms.save_draft(
            request.COOKIES[COOKIE.format(code=filling.code)], changed, step=str(here), at=now(), page=here.page
        )
        return answer
    return begin_draft(request, filling, here, answer, answers=changed, draft_id=draft_id)


def _draw(
    request: HttpRequest,
    filling: Filling,
    here: Step,
    page: FormPage,
    *,
    raw: dict[str, Any],
    problems: dict[str, str] | None = None,
    new: list[str] | None = None,
) -> HttpResponse:
    found = problems or {}
    known = {**filling.known_at(here), **checking.read(page.questions, raw).answers}
    before = filling.before(here)
    back = address_of(filling, before) if before else reverse("portal:form", args=[filling.code])
    context = {
        "filling": filling,
        "page": page,
        "item": f"{filling.flow.repeats[page.repeat].item} {here.item + 1}" if here.item is not None else "",
        "parts": sealed.told(shown_parts(page, known), raw),
        "raw": sealed.hidden(raw),
        "found": looked_up(page.questions, raw),
        "has_files": bool(uploads_of(page.questions)),
        "back": address_of(filling, CHECK_STEP) if "change" in request.GET else back,
        "problems": form_language.told(filling.flow, page.questions, found),
        "errors": [{"text": text, "href": f"#{field}"} for field, text in found.items()],
        "new": new or [],
    }
    return render(request, "portal/forms/page.html", context, status=422 if found else 200)


def _list_of_items(request: HttpRequest, filling: Filling, here: Step, repeat: Repeat) -> HttpResponse:
    """What was given of a repeat so far: add one, change one, take one away."""
    question = engine.more_question(repeat, len(engine.given_items(repeat, filling.answers)))
    problems: dict[str, str] = {}
    if request.method == "POST":
        number = request.POST.get("remove", "")
        answer = request.POST.get(repeat.more_code, "")
        if number.isascii() and number.isdecimal():
            changed = engine.remove_item(repeat, filling.answers, int(number[:6]))
            following = filling.after(here, changed=changed, to_the_end=True)
        elif answer == "yes":
            changed = engine.add_item(repeat, filling.answers)
            following = Step(filling.flow.of_repeat[repeat.code][0].code, len(changed[repeat.code]) - 1)
        else:
            changed = {repeat.more_code: answer}
            problems = engine.read_page(filling.flow, filling.answers, here, changed, today=filling.today).problems
            following = filling.after(here, changed=changed, to_the_end="change" in request.GET)
        if not problems:
            return _keep(request, filling, here, changed, redirect(address_of(filling, following)))
    before = filling.before(here)
    context = {
        "filling": filling,
        "repeat": repeat,
        "items": [(address_of(filling, one) + "?change", words) for one, words in filling.items(repeat)],
        "question": question,
        "is_full": len(engine.given_items(repeat, filling.answers)) >= repeat.maximum,
        "back": address_of(filling, before) if before else reverse("portal:form", args=[filling.code]),
        "problems": problems,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in problems.items()],
    }
    return render(request, "portal/forms/items.html", context, status=422 if problems else 200)
