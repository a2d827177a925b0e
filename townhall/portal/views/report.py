"""The report journey, page by page. Each answer is kept before the next page; the last page makes the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.web import actor
from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.operations.telling import sign_follower
from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.files import operations as files
from townhall.files.models import Purpose
from townhall.files.queries import own_link
from townhall.forms import checking
from townhall.forms import operations as forms
from townhall.forms import queries as drafts
from townhall.forms.errors import DraftGone
from townhall.forms.service_forms import DESCRIPTION
from townhall.forms.typed import clean_value
from townhall.notifications.recipients import Recipient
from townhall.places import queries as places
from townhall.places.place import Place, Source
from townhall.places.whereabouts import whole
from townhall.portal.journey import FORM, Journey, contact_question, place_values
from townhall.street.nearby import near
from townhall.street.reporting import NewReport
from townhall.street.reporting import report as make_report

COOKIE = "report-{code}"
CONTACT_PARTS = ("name", "email", "phone", "prefers")
P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Journey, P], HttpResponse]


@public
@never_cache
@require_http_methods(["GET", "HEAD"])
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Begin afresh: a new draft, known by a cookie that only these pages see."""
    try:
        entry = catalogue.entry(code)
    except NotFound as error:
        raise Http404 from error
    if not entry.is_live:
        raise Http404
    token = forms.start_draft(FORM, by=actor(request), at=now(), channel="web", version=entry.version)
    answer = redirect("portal:where", code)
    answer.set_cookie(
        COOKIE.format(code=code),
        token,
        max_age=forms.DRAFT_DAYS * 86_400,
        path=f"/report/{code}",
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )
    return answer


def journey_page(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """A page of the journey: finds the draft; without one, or after it was sent, it begins or shows the report."""

    @wraps(page)
    def view(request: HttpRequest, code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            pack = catalogue.service(code)
            draft = drafts.draft(request.COOKIES.get(COOKIE.format(code=code), ""), at=now())
        except NotFound as error:
            raise Http404 from error
        except DraftGone:
            return redirect("portal:start", code)
        if draft.result_id is not None:
            return _sent(draft.result_id)
        return page(request, Journey(pack=pack, draft=draft), *args, **kwargs)

    return public(never_cache(require_http_methods(["GET", "HEAD", "POST"])(view)))


def _sent(case_id: UUID) -> HttpResponse:
    """The draft became a report: show that, however often the button was pressed."""
    case = Case.objects.only("reference").get(pk=case_id)
    follower = case.follower_rows.filter(is_reporter=True).values_list("pk", flat=True).first()
    return _received(case.reference, follower)


def _received(reference: str, follower_id: UUID | None) -> HttpResponse:
    query = f"?me={sign_follower(follower_id)}" if follower_id else ""
    return redirect(reverse("portal:received", args=[reference]) + query)


def _token(request: HttpRequest, journey: Journey) -> str:
    return request.COOKIES[COOKIE.format(code=journey.pack.code)]


def _keep(request: HttpRequest, journey: Journey, step: str, **answers: Any) -> None:
    passed = list(dict.fromkeys([*journey.answers.get("passed", []), step]))
    forms.save_draft(_token(request, journey), {**answers, "passed": passed}, step=step, at=now())


def _onward(request: HttpRequest, journey: Journey, step: str) -> HttpResponse:
    """To the next page, or straight back to the answers when one of them was being changed."""
    if "change" in request.GET and step != "where":
        return redirect(_name("check"), journey.pack.code)
    return redirect(_name(journey.next_after(step)), journey.pack.code)


def _name(step: str) -> str:
    return "portal:contact_details" if step == "contact" else f"portal:{step}"


def _draw(request: HttpRequest, journey: Journey, step: str, **context: Any) -> HttpResponse:
    back = journey.before(step)
    problems = context.get("problems", {})
    return render(
        request,
        f"portal/journey/{step}.html",
        {
            "journey": journey,
            "pack": journey.pack,
            "back": reverse(_name(back), args=[journey.pack.code])
            if back
            else reverse("portal:service", args=[journey.pack.code]),
            "errors": [{"text": text, "href": f"#{field}"} for field, text in problems.items()],
            "problems": problems,
            **context,
        },
        status=200,
    )


@journey_page
def where(request: HttpRequest, journey: Journey) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:200]
    context: dict[str, Any] = {"typed": typed, "words": (journey.place.words if journey.place else "")}
    if typed:
        context["found"] = places.find(typed, addresses_only=journey.pack.place.needs_address)
    if request.method != "POST":
        return _draw(request, journey, "where", **context)
    posted = {name: request.POST.get(name, "") for name in ("how", "choice", "lat", "lng", "words", "q")}
    try:
        place = _chosen_place(journey, posted)
    except BadInput as error:
        return _draw(request, journey, "where", **{**context, "words": posted["words"], "problems": error.problems})
    _keep(request, journey, "where", place=place_values(place))
    return _onward(request, journey, "where")


def _chosen_place(journey: Journey, posted: dict[str, str]) -> Place:
    """The place that was chosen, by whichever way. Raises BadInput."""
    words = clean_value(posted["words"])[:500] if posted["words"] else ""
    kind, _sep, code = posted["choice"].partition(":")
    if kind in ("address", "street") and code.isdecimal():
        found = places.address(code) if kind == "address" else places.street(code)
        if found is not None:
            return whole(_with_words(found.place, words))
    if journey.pack.place.needs_address:
        raise BadInput({"q": _("Search for your address and select it from the list")})
    if posted["lat"] and posted["lng"]:
        return _point(posted, words)
    if words.strip():
        return Place(source=Source.WORDS, words=words.strip())
    raise BadInput({"q": _("Search for an address or street, use the map, or describe where it is")})


def _with_words(place: Place, words: str) -> Place:
    return replace(place, words=words.strip())


def _point(posted: dict[str, str], words: str) -> Place:
    try:
        lat, lng = float(posted["lat"]), float(posted["lng"])
    except ValueError as error:
        raise BadInput({"q": _("Choose the place on the map again")}) from error
    source = Source.DEVICE if posted["how"] == "device" else Source.MAP
    place = whole(Place(source=source, lat=lat, lng=lng, words=words.strip()))
    nearest = places.nearest_address(place.easting, place.northing) if place.easting and place.northing else None
    if nearest is None:
        return place
    return replace(place, address=_("Near %(address)s") % {"address": nearest.label}, usrn=nearest.place.usrn)


@journey_page
def nearby(request: HttpRequest, journey: Journey) -> HttpResponse:
    """What is already reported near by; follow one of them instead. Nothing near: straight on."""
    place = journey.place
    if place is None:
        return redirect(_name("where"), journey.pack.code)
    if place.easting is None or place.northing is None:
        return _onward(request, journey, "nearby")
    found = [
        one
        for one in near(
            service_code=journey.pack.code,
            easting=place.easting,
            northing=place.northing,
            at=now(),
            words=place.words,
            address=place.address,
        )
        if one.is_public and (one.is_likely or one.service_code == journey.pack.code)
    ][:6]
    if not found:
        return _onward(request, journey, "nearby")
    return _draw(
        request, journey, "nearby", found=found, place=place, next=reverse(_name("details"), args=[journey.pack.code])
    )


@journey_page
def follow_instead(request: HttpRequest, journey: Journey, reference: str) -> HttpResponse:
    case = Case.objects.filter(reference=reference, is_public=True).first()
    if case is None:
        raise Http404
    email = request.POST.get("email", "").strip()
    if request.method == "POST":
        try:
            follower = cases.follow(case.pk, Recipient(email=email), by=actor(request), at=now())
        except BadInput as error:
            return _draw(request, journey, "nearby_follow", case=case, email=email, problems=error.problems)
        except RuleBroken as error:
            return _draw(request, journey, "nearby_follow", case=case, email=email, problems={"email": str(error)})
        return redirect(reverse("portal:follow_page", args=[case.reference]) + f"?me={sign_follower(follower.pk)}")
    return _draw(request, journey, "nearby_follow", case=case, email=email)


@journey_page
def details(request: HttpRequest, journey: Journey) -> HttpResponse:
    if journey.place is None:
        return redirect(_name("where"), journey.pack.code)
    raw = journey.answers.get("raw", {})
    if request.method != "POST":
        return _draw(request, journey, "details", raw=raw, questions=journey.questions)
    raw = clean_value(
        checking.gather(journey.questions, {name: request.POST.getlist(name) for name in request.POST})
    )
    checked = checking.read(journey.questions, raw, today=council_date(now()))
    if not checked.ok:
        return _draw(request, journey, "details", raw=raw, questions=journey.questions, problems=checked.problems)
    answers = dict(checked.answers)
    description = answers.pop(DESCRIPTION, "")
    _keep(request, journey, "details", raw=raw, details=answers, description=description)
    return _onward(request, journey, "details")


@journey_page
def photos(request: HttpRequest, journey: Journey) -> HttpResponse:
    kept = journey.answers.get("photos", [])
    if request.method != "POST":
        return _draw(request, journey, "photos", photos=_thumbnails(kept))
    if removed := request.POST.get("remove"):
        _keep(request, journey, "photos", photos=[one for one in kept if one != removed])
        return redirect(_name("photos"), journey.pack.code)
    uploads = request.FILES.getlist("photos")
    problems: dict[str, str] = {}
    for upload in uploads:
        if len(kept) >= journey.pack.photos.maximum:
            problems["photos"] = _("You can add up to %(most)d photos") % {"most": journey.pack.photos.maximum}
            break
        try:
            stored = files.store(
                upload,
                about=Subject(kind="draft", id=journey.draft.pk),
                purpose=Purpose.BEFORE,
                by=actor(request),
                at=now(),
                field="photos",
            )
        except BadInput as error:
            problems.update(error.problems)
            continue
        kept = [*kept, str(stored.pk)]
    _keep(request, journey, "photos", photos=kept)
    if problems:
        return _draw(request, journey, "photos", photos=_thumbnails(kept), problems=problems)
    if uploads and "add" in request.POST:
        return redirect(_name("photos"), journey.pack.code)
    return _onward(request, journey, "photos")


def _thumbnails(ids: list[str]) -> list[tuple[str, str]]:
    return [(one, own_link(UUID(one))) for one in ids]


@journey_page
def contact(request: HttpRequest, journey: Journey) -> HttpResponse:
    typed = {**dict.fromkeys(CONTACT_PARTS, ""), **journey.answers.get("contact_typed", {})}
    if request.method != "POST":
        return _draw(request, journey, "contact", typed=typed)
    question = contact_question(journey.pack)
    typed = clean_value(
        {part: request.POST.get(f"contact-{part}", "")[:1000] for part in CONTACT_PARTS}
    )
    if "anonymous" in request.POST and journey.pack.anonymous:
        typed = {}
    checked = checking.read((question,), {"contact": typed})
    if not checked.ok:
        return _draw(request, journey, "contact", typed=typed, problems=checked.problems)
    _keep(request, journey, "contact", contact=checked.answers.get("contact", {}), contact_typed=typed)
    return _onward(request, journey, "contact")


@journey_page
def check(request: HttpRequest, journey: Journey) -> HttpResponse:
    missing = journey.first_missing()
    if missing != "check":
        return redirect(_name(missing), journey.pack.code)
    if request.method != "POST":
        return _draw(request, journey, "check", photos=_thumbnails(journey.answers.get("photos", [])))
    place = journey.place
    assert place is not None  # the page before has it
    made = make_report(
        NewReport(
            service_code=journey.pack.code,
            place=place,
            reporter=journey.recipient,
            channel="web",
            key=str(journey.draft.pk),
            description=journey.answers.get("description", ""),
            answers=journey.answers.get("details", {}),
            file_ids=journey.photo_ids,
            form_version=journey.draft.form_version,
            draft_id=journey.draft.pk,
        ),
        by=actor(request),
        at=now(),
    )
    return _sent(made.case_id) if made.was_repeat else _received(made.reference, made.follower_id)
