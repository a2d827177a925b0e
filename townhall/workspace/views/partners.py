"""Partner bodies as our own staff meet them: who is at which desk now, contacts logged against them, and referrals with consent."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.models import Team, User
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.contacts import queries as contacts
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.customers import queries as customers
from townhall.customers.accounts import consents
from townhall.customers.reasons import CHANGE
from townhall.ledger import operations as ledger
from townhall.partners import bodies, logging, passing, queries
from townhall.partners.bodies import MANAGE, SEE, Given
from townhall.partners.logging import Logged
from townhall.partners.models import Partner, Shared
from townhall.partners.passing import REFER
from townhall.partners.states import OPEN_PASSED
from townhall.places.models import Site
from townhall.workspace.views.typing_in import chosen, errors_of, number, problems_of, typed

COUNTED = timedelta(days=91)


@staff(may=SEE)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Who is here now, and how much came for each partner and was passed to it in three months."""
    by, at = actor(request), now()
    context = {
        "lines": queries.counts(since=at - COUNTED),
        "here": bodies.here_now(at=at),
        "sites": sites(),
        "may_manage": may(by, MANAGE).allowed,
        "has_queue": bool(queries.mine(by)),
    }
    return render(request, "workspace/partners/listed.html", context)


def sites() -> dict[str, str]:
    return dict(Site.objects.order_by("name").values_list("code", "name"))


def _partner(partner_id: UUID) -> Partner:
    try:
        return bodies.one(partner_id)
    except NotFound as error:
        raise Http404 from error


@staff(may=SEE)
@never_cache
@require_safe
def one(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    return _page(request, _partner(partner_id))


def _page(
    request: HttpRequest,
    partner: Partner,
    *,
    problems: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
) -> HttpResponse:
    by, at = actor(request), now()
    names = ("channel", "words", "name", "reach", "left", "agreed", "weekday", "starts", "ends", "site", "who")
    context = {
        "partner": partner,
        "wording": consents.wordings().get(partner.purpose),
        "turns": bodies.turns_of(partner, on=council_date(at)),
        "weekdays": [(str(number), str(name)) for number, name in WEEKDAYS.items()],
        "weekday_name": {number: str(name) for number, name in WEEKDAYS.items()},
        "sites": sites(),
        "readers": list(User.objects.filter(pk__in=partner.readers).order_by("name").values_list("name", flat=True)),
        "may_manage": may(by, MANAGE).allowed,
        "may_refer": may(by, REFER).allowed,
        "may_queue": bodies.may_see_queue(partner, by),
        "channels": list(contacts.words().begun_by_staff.items()),
        "key": str(uuid4()),
        "typed": dict.fromkeys(names, "") | (given or {}),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
        "today": council_date(at),
    }
    return render(request, "workspace/partners/partner.html", context, status=422 if problems else 200)


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest, partner_id: UUID | None = None) -> HttpResponse:
    """Enter a partner, or say otherwise of one."""
    by, at = actor(request), now()
    partner = _partner(partner_id) if partner_id else None
    wording = consents.wordings().get(partner.purpose) if partner else None
    emails = list(User.objects.filter(pk__in=partner.readers).values_list("email", flat=True)) if partner else []
    given = {
        "team": partner.team.code if partner else "",
        "about": partner.about if partner else "",
        "line": partner.line if partner else "",
        "readers": ", ".join(emails),
        "consent": str(wording.words) if wording else "",
    }
    picked, problems = list(partner.site_codes) if partner else [], {}
    if request.method == "POST":
        given, picked = typed(request, *given), chosen(request, "sites")
        readers = [one.strip().lower() for one in given["readers"].replace("\n", ",").split(",") if one.strip()]
        said = Given(
            about=given["about"], consent=given["consent"], site_codes=picked, line=given["line"], readers=readers
        )
        try:
            kept = bodies.keep(partner.team.code if partner else given["team"], said, by=by, at=at)
        except RuleBroken as error:
            problems = problems_of(error, field="about")
        else:
            messages.success(request, _("The partner is kept."))
            return redirect("workspace:partner", kept.pk)
    context = {
        "partner": partner,
        "typed": given,
        "picked": picked,
        "teams": [
            ("", _("Select a team")),
            *Team.objects.filter(kind="partner", is_active=True).order_by("name").values_list("code", "name"),
        ],
        "sites": list(sites().items()),
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/partners/keep.html", context, status=422 if problems else 200)


@staff(may=MANAGE)
@require_POST
def add_turn(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """Somebody of theirs is at a desk, or on the line, every week."""
    partner, by, at = _partner(partner_id), actor(request), now()
    given = typed(request, "weekday", "starts", "ends", "site", "who")
    try:
        bodies.add_turn(
            partner.pk,
            weekday=int(given["weekday"]) if given["weekday"].isdecimal() and len(given["weekday"]) == 1 else -1,
            starts=_time(given["starts"], "starts"),
            ends=_time(given["ends"], "ends"),
            site_code=given["site"],
            who=given["who"],
            from_on=council_date(at),
            by=by,
            at=at,
        )
    except RuleBroken as error:
        return _page(request, partner, problems=problems_of(error, field="weekday"), given=given)
    messages.success(request, _("It is in their rota."))
    return redirect("workspace:partner", partner.pk)


def _time(text: str, name: str) -> time:
    wrong = BadInput({name: _("Enter a time like 09:30")})
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise wrong from None
    if found.tzinfo is not None:
        raise wrong
    return found


@staff(may=MANAGE)
@require_POST
def end_turn(request: HttpRequest, turn_id: UUID) -> HttpResponse:
    try:
        turn = bodies.end_turn(turn_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("It is out of their rota."))
    return redirect("workspace:partner", turn.partner_id)


@staff(may=REFER)
@require_POST
def log(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """A contact at the shared desk or line that was for the partner."""
    partner = _partner(partner_id)
    given = typed(request, "channel", "words", "name", "reach", "left", "agreed", "key")
    said = Logged(
        channel=given["channel"],
        words=given["words"],
        name=given["name"],
        reach=given["reach"],
        left=bool(given["left"]),
        agreed=bool(given["agreed"]),
    )
    try:
        logging.log(partner.pk, said, by=actor(request), at=now(), key=given["key"][:100])
    except RuleBroken as error:
        return _page(request, partner, problems=problems_of(error, field="words"), given=given)
    words = _("It is logged, and left for them.") if said.left else _("It is logged against them.")
    messages.success(request, words)
    return redirect("workspace:partner", partner.pk)


@staff(may=REFER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def refer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Pass a customer on: first the partner, then what they need and what they agree to, in the words that hold now."""
    by, at = actor(request), now()
    try:
        known = customers.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=at, customer_id=customer_id, page="partner.refer", reason=CHANGE)
    asked = request.POST if request.method == "POST" else request.GET
    partner = next((one for one in bodies.every() if str(one.pk) == asked.get("partner", "")), None)
    wording = consents.wordings().get(partner.purpose) if partner else None
    partner = partner if wording else None  # one that was entered a moment ago, elsewhere
    given = {"need": "", "channel": "counter", "version": "", "agreed": "", "key": str(uuid4())}
    problems: dict[str, str] = {}
    picked: list[str] = []
    if request.method == "POST" and partner is not None:
        given, picked = typed(request, *given), chosen(request, "shares")
        try:
            made = passing.refer(
                partner.pk,
                customer_id,
                need=given["need"],
                shares=picked,
                agreed_version=number(given["version"], "agreed", _("Read the words to them again"))
                if given["agreed"]
                else 0,
                channel=given["channel"],
                by=by,
                at=at,
                key=given["key"][:100],
            )
        except RuleBroken as error:
            problems = problems_of(error, field="need")
        else:
            messages.success(request, _("It is passed on. You see here when they have it, and what came of it."))
            return redirect("workspace:partner_passed", made.pk)
    context = {
        "customer": known,
        "partner": partner,
        "partners": bodies.every(),
        "wording": wording,
        "has_agreed": bool(given["agreed"] and wording and given["version"] == str(wording.version)),
        "shares": Shared.choices,
        "picked": picked,
        "channels": list(contacts.words().channels.items()),
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/partners/refer.html", context, status=422 if problems else 200)


@staff(may="customers.see")
@never_cache
@require_safe
def passed(request: HttpRequest, passed_id: UUID) -> HttpResponse:
    """One referral as our staff follow it: the consent, the receipt and the outcome."""
    by, at = actor(request), now()
    try:
        found = queries.sent(passed_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=at, customer_id=found.customer_id, page="partner.passed", reason="staff")
    context = {
        "passed": found,
        "is_open": found.state in OPEN_PASSED,
        "holds": queries.holds(found),
        "shared": [str(Shared(code).label) for code in found.shares],
        "channels": list(contacts.words().channels.items()),
        "may_refer": may(by, REFER).allowed,
    }
    return render(request, "workspace/partners/passed.html", context)


@staff(may=REFER)
@require_POST
def withdraw(request: HttpRequest, passed_id: UUID) -> HttpResponse:
    """The customer says that they do not want it any more."""
    channel = typed(request, "channel")["channel"]
    try:
        stopped = passing.withdraw(passed_id, channel=channel, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, " ".join(problems_of(error).values()))
        return redirect("workspace:partner_passed", passed_id)
    words = ngettext("%(num)d referral is stopped.", "%(num)d referrals are stopped.", stopped)
    messages.success(request, words % {"num": stopped})
    return redirect("workspace:partner_passed", passed_id)
