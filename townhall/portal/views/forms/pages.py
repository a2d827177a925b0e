"""Any form of the catalogue, page by page: the same pages for a resident, an adviser on behalf, a kiosk and a test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from itertools import groupby
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.web import actor
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.errors import BadInput, KeyReused, NotFound, RuleBroken
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.files import operations as files
from townhall.files.models import Purpose
from townhall.forms import checking, engine
from townhall.forms import operations as forms
from townhall.forms import queries as drafts
from townhall.forms.definition import FormPage, Repeat
from townhall.forms.engine import CHECK_STEP, Step, parse_step
from townhall.forms.errors import DraftGone, NotFinished, TooMany, TooMuch
from townhall.forms.questions import Upload
from townhall.forms.typed import clean_line, clean_value
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient, email_address
from townhall.portal.filling import Filling, looked_up, shown_parts, uploads_of, with_addresses
from townhall.portal.views import limits
from townhall.portal.views.steps import sent, to_received
from townhall.street.photos import too_many
from townhall.ui.responses import error_page
from townhall.ui.words import long_date

COOKIE = "form-{code}"
P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Filling, P], HttpResponse]


def form_page(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """A page of a form. A draft that was sent leads to what it became."""

    @wraps(page)
    def view(request: HttpRequest, code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            filling = filling_of(request, code)
        except NotFound as error:
            raise Http404 from error
        except DraftGone:
            return _gone(request, code)
        draft = filling.draft
        if draft is not None and draft.result_id is not None:
            return _after(request, filling, draft.result_id)
        try:
            return page(request, filling, *args, **kwargs)
        except (TooMuch, TooMany) as error:
            return error_page(request, 400, detail=str(error))

    return public(never_cache(require_http_methods(["GET", "HEAD", "POST"])(view)))


def filling_of(request: HttpRequest, code: str) -> Filling:
    """Raises NotFound for a form that is not offered, DraftGone when the cookie's draft is over."""
    token = request.COOKIES.get(COOKIE.format(code=code), "")
    draft = drafts.draft(token, at=now()) if token else None
    version = draft.form_version if draft else drafts.published_version(code)
    flow = drafts.flow(code, version=version)
    if not (draft and draft.is_test) and not catalogue.entry(flow.form.service).is_live:
        raise NotFound
    return Filling(code=code, version=version, flow=flow, draft=draft, today=council_date(now()))


def _gone(request: HttpRequest, code: str) -> HttpResponse:
    answer = render(request, "portal/forms/gone.html", {"first": reverse("portal:form", args=[code])}, status=410)
    answer.delete_cookie(COOKIE.format(code=code), path=f"/forms/{code}", samesite="Lax")
    return answer


def _after(request: HttpRequest, filling: Filling, result_id: UUID) -> HttpResponse:
    """What a draft became: its case, or the end of a test."""
    if not filling.is_test:
        return sent(result_id)
    answer = render(request, "portal/forms/tested.html", {"filling": filling})
    answer.delete_cookie(COOKIE.format(code=filling.code), path=f"/forms/{filling.code}", samesite="Lax")
    return answer


def keep_token(answer: HttpResponse, code: str, token: str, *, days: int = forms.DRAFT_DAYS) -> HttpResponse:
    """This browser has this draft."""
    answer.set_cookie(
        COOKIE.format(code=code),
        token,
        max_age=days * 86_400,
        path=f"/forms/{code}",
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )
    return answer


def address_of(filling: Filling, step: Step) -> str:
    return reverse("portal:form_step", args=[filling.code, str(step)])


@form_page
def start(request: HttpRequest, filling: Filling) -> HttpResponse:
    """What the form is for and what is needed; a form that says nothing of that begins with its first question."""
    if filling.draft is not None and filling.draft.step:
        following = engine.resume(filling.flow, filling.answers, today=filling.today)
        return render(
            request, "portal/forms/going_on.html", {"filling": filling, "next": address_of(filling, following)}
        )
    first = address_of(filling, filling.first())
    if not filling.flow.form.text:
        return redirect(first)
    return render(request, "portal/forms/start.html", {"filling": filling, "next": first})


@form_page
def again(request: HttpRequest, filling: Filling) -> HttpResponse:
    """Leave the draft and begin anew; it is forgotten in its time."""
    answer = redirect("portal:form", filling.code)
    if request.method == "POST":
        answer.delete_cookie(COOKIE.format(code=filling.code), path=f"/forms/{filling.code}", samesite="Lax")
    return answer


@form_page
def step(request: HttpRequest, filling: Filling, step: str) -> HttpResponse:
    """One page. A page that the answers do not lead to yet sends back to the one that has something to answer."""
    here = parse_step(step)
    if not filling.may_open(here):
        return redirect(address_of(filling, engine.resume(filling.flow, filling.answers, today=filling.today)))
    page = engine.page_of(filling.flow, here)
    if page is not None:
        return _question_page(request, filling, here, page)
    return _list_of_items(request, filling, here, filling.flow.repeats[here.page])


def _question_page(request: HttpRequest, filling: Filling, here: Step, page: FormPage) -> HttpResponse:
    if request.method != "POST":
        return _draw(request, filling, here, page, raw=filling.raw_of(page, here))
    posted = {name: request.POST.getlist(name) for name in request.POST}
    raw = clean_value(checking.gather(page.questions, posted))
    if "find" in posted:
        return _draw(request, filling, here, page, raw=raw)
    problems = _take_files(request, filling, here, page, raw)
    if "add" in posted or "remove" in posted or problems:
        return _keep(request, filling, here, raw, _draw(request, filling, here, page, raw=raw, problems=problems))
    raw = with_addresses(page.questions, raw)
    known = engine.read_page(filling.flow, filling.answers, here, raw, today=filling.today)
    shown = set(posted.get("asked", []))
    new = [
        question.code
        for question in page.questions
        if question.shown_when is not None
        and question.code not in shown
        and checking.applies(question, {**filling.known(here), **known.answers})
    ]
    problems = {field: text for field, text in known.problems.items() if field.partition("-")[0] not in new}
    if problems or (new and shown):
        return _draw(request, filling, here, page, raw=raw, problems=problems, new=new if not problems else [])
    if not known.ok:
        return _draw(request, filling, here, page, raw=raw, problems=known.problems)
    return _onward(request, filling, here, raw)


def _onward(request: HttpRequest, filling: Filling, here: Step, raw: dict[str, Any]) -> HttpResponse:
    changed = engine.put(filling.flow, filling.answers, here, raw)
    following = filling.after(here, changed=changed, to_the_end="change" in request.GET)
    return _keep(request, filling, here, raw, redirect(address_of(filling, following)))


def _keep(
    request: HttpRequest, filling: Filling, here: Step, raw: dict[str, Any], answer: HttpResponse
) -> HttpResponse:
    """Keep what was typed on this step. The first answer begins the draft."""
    changed = engine.put(filling.flow, filling.answers, here, raw)
    if filling.draft is not None:
        forms.save_draft(request.COOKIES[COOKIE.format(code=filling.code)], changed, step=str(here), at=now())
        return answer
    token = forms.start_draft(
        filling.code, by=actor(request), at=now(), channel="web", version=filling.version, answers=changed
    )
    return keep_token(answer, filling.code, token)


def _take_files(
    request: HttpRequest, filling: Filling, here: Step, page: FormPage, raw: dict[str, Any]
) -> dict[str, str]:
    """Store what was uploaded, and take away what is not wanted; `raw` then holds the ids. What is wrong with a file, by question."""
    problems: dict[str, str] = {}
    before = filling.raw_of(page, here)
    for question in uploads_of(page.questions):
        kept = [one for one in before.get(question.code, []) if one != request.POST.get("remove")]
        given = request.FILES.getlist(question.code)
        if given and limits.held_up(request, limits.PHOTOS):
            problems[question.code] = _("Too many files came from here. Wait a quarter of an hour and try again")
            given = []
        said: list[str] = []
        for upload in given[: max(0, question.maximum - len(kept))]:
            stored, wrong = _store(request, filling, question, upload)
            kept += stored
            said += wrong
        if len(given) > question.maximum - len(kept) + len(said):
            said.append(too_many(question.maximum))
        if said:
            problems[question.code] = " ".join(said)
        raw[question.code] = kept
    return problems


def _store(request: HttpRequest, filling: Filling, question: Upload, upload: Any) -> tuple[list[str], list[str]]:
    about = Subject(kind="draft", id=filling.draft.pk) if filling.draft else Subject(kind="form", id=UUID(int=0))
    purpose = Purpose.BEFORE if question.kinds == ("photo",) else Purpose.EVIDENCE
    try:
        stored = files.store(upload, about=about, purpose=purpose, by=actor(request), at=now(), field=question.code)
    except BadInput as error:
        return [], list(error.problems.values())
    return [str(stored.pk)], []


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
    known = {**filling.known(here), **checking.read(page.questions, raw).answers}
    before = filling.before(here)
    back = address_of(filling, before) if before else reverse("portal:form", args=[filling.code])
    context = {
        "filling": filling,
        "page": page,
        "item": f"{filling.flow.repeats[page.repeat].item} {here.item + 1}" if here.item is not None else "",
        "parts": shown_parts(page, known),
        "raw": raw,
        "found": looked_up(page.questions, raw),
        "has_files": bool(uploads_of(page.questions)),
        "back": address_of(filling, CHECK_STEP) if "change" in request.GET else back,
        "problems": found,
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


@form_page
def check(request: HttpRequest, filling: Filling) -> HttpResponse:
    if not filling.may_open(CHECK_STEP) or filling.draft is None:
        return redirect(address_of(filling, engine.resume(filling.flow, filling.answers, today=filling.today)))
    if request.method != "POST":
        return _draw_check(request, filling)
    if wait := limits.held_up(request, limits.REPORTS):
        return wait
    try:
        return _send(request, filling)
    except NotFinished as error:
        return redirect(address_of(filling, parse_step(error.step)))
    except KeyReused:  # changed in another tab while it was being sent: what was sent stands
        again = filling_of(request, filling.code)
        assert again.draft is not None
        assert again.draft.result_id is not None
        return _after(request, again, again.draft.result_id)
    except RuleBroken as error:
        return _draw_check(request, filling, problem=str(error))


def _send(request: HttpRequest, filling: Filling) -> HttpResponse:
    draft = filling.draft
    assert draft is not None
    if filling.is_test:
        made = forms.send_form(
            filling.code,
            filling.version,
            filling.answers,
            by=actor(request),
            at=now(),
            key=str(draft.pk),
            channel=draft.channel,
            draft_id=draft.pk,
            is_test=True,
        )
        return _after(request, filling, made)
    new = SentForm(
        form_code=filling.code,
        version=filling.version,
        answers=filling.answers,
        channel=draft.channel,
        key=str(draft.pk),
        customer_id=draft.customer_id,
        on_behalf_of=draft.on_behalf_of,
        draft_id=draft.pk,
    )
    opened = open_from_form(new, by=actor(request), at=now())
    return to_received(opened.reference, opened.follower_id)


def _draw_check(request: HttpRequest, filling: Filling, *, problem: str = "") -> HttpResponse:
    before = filling.before(CHECK_STEP)
    rows = engine.rows(filling.flow, filling.answers, today=filling.today)
    clean = engine.path(filling.flow, filling.answers, today=filling.today).answers
    context = {
        "filling": filling,
        "groups": [
            (head, [(row, f"{address_of(filling, row.step)}?change#{row.question.code}") for row in same])
            for head, same in groupby(rows, key=lambda row: row.item or row.section)
        ],
        "fees": engine.fees(filling.flow, clean),
        "back": address_of(filling, before) if before else reverse("portal:form", args=[filling.code]),
        "errors": [{"text": problem, "href": "#send"}] if problem else [],
    }
    return render(request, "portal/forms/check.html", context, status=422 if problem else 200)


@form_page
def save(request: HttpRequest, filling: Filling) -> HttpResponse:
    """Keep the answers for later, with a link by mail that opens them on any device."""
    if filling.draft is None:
        return redirect("portal:form", filling.code)
    email = clean_line(request.POST.get("email", ""))[:254]
    problems: dict[str, str] = {}
    if request.method == "POST":
        if wait := limits.held_up(request, limits.FOLLOWS) or limits.mailbox_full(request, email):
            return wait
        if email_address(email):
            return _saved(request, filling, email)
        problems["email"] = _("Enter an email address in the correct format, like name@example.com")
    context = {
        "filling": filling,
        "typed": email,
        "back": address_of(filling, parse_step(filling.draft.step)),
        "problems": problems,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in problems.items()],
    }
    return render(request, "portal/forms/save.html", context, status=422 if problems else 200)


def _saved(request: HttpRequest, filling: Filling, email: str) -> HttpResponse:
    draft = filling.draft
    assert draft is not None
    by, at = actor(request), now()
    with transaction.atomic():
        token = forms.save_for_later(request.COOKIES[COOKIE.format(code=filling.code)], by=by, at=at)
        notifications.send(
            "form/saved",
            to=Recipient(email=email),
            about=Subject(kind="draft", id=draft.pk),
            key=f"form-saved-{token[:16]}",
            context={
                "title": filling.flow.form.title,
                "link": f"{settings.PUBLIC_URL}{reverse('portal:form_resume', args=[filling.code, token])}",
                "until": long_date(council_date(at) + timedelta(days=forms.SAVED_DAYS)),
            },
            at=at,
        )
    return render(request, "portal/forms/saved.html", {"filling": filling, "email": email})


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The link of a saved form. Opening it shows a button, so that a mail scanner that follows links changes nothing."""
    try:
        draft = drafts.draft(token, at=now())
    except DraftGone:
        return _gone(request, code)
    if draft.form_code != code:
        raise Http404
    if request.method != "POST":
        return render(request, "portal/forms/resume.html", {"flow": drafts.flow(code, version=draft.form_version)})
    return keep_token(redirect("portal:form", code), code, token, days=forms.SAVED_DAYS)
