"""The general form that every service has: a question in one's own words, answered by the team that it is about."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.cards import REFUSAL, has_card_number
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.ids import uuid7
from townhall.core.time import now
from townhall.forms import queries as forms
from townhall.forms.readers import is_email
from townhall.forms.typed import clean_line, clean_text
from townhall.notifications.recipients import phone_number
from townhall.portal.account.web import acting, me
from townhall.portal.views import limits
from townhall.portal.views.steps import to_received

FORM = "ask-us"
LONGEST = 5_000  # characters, as the form has it
_LINES = {"name": 200, "email": 254, "phone": 30, "key": 40}


def has_general_form() -> bool:
    """Whether this council has the form of questions, which all its services share."""
    try:
        forms.published_version(FORM)
        return catalogue.entry(FORM).is_live
    except NotFound:
        return False


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Works without an account, without JavaScript, and without an email address where there is a mobile number."""
    try:
        entry = catalogue.entry(code)
    except NotFound as error:
        raise Http404 from error
    if not entry.is_live or not has_general_form():
        raise Http404
    who = me(request)
    typed = {"question": "", "name": who.acting.name if who else "", "email": "", "phone": "", "key": str(uuid7())}
    problems: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: clean_line(request.POST.get(name, ""))[:longest] for name, longest in _LINES.items()}
        typed["question"] = clean_text(request.POST.get("question", ""))[: LONGEST + 1].strip()
        problems = _problems(typed)
        if not problems:
            if wait := limits.held_up(request, limits.REPORTS):
                return wait
            try:
                made = open_from_form(
                    _sent(code, typed, customer=who.acting.customer_id if who else None), by=acting(request), at=now()
                )
            except RuleBroken as error:
                problems = {"question": str(error.user_message)}
            else:
                return to_received(made.reference, made.follower_id)
    context = {
        "pack": entry.pack,
        "typed": typed,
        "problems": problems,
        "errors": [{"text": words, "href": f"#{name}"} for name, words in problems.items()],
    }
    return render(request, "portal/ask.html", context, status=422 if problems else 200)


def _problems(typed: dict[str, str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not typed["question"]:
        problems["question"] = _("Enter what you want to know or tell us")
    elif len(typed["question"]) > LONGEST:
        problems["question"] = _("Your question must be %(most)s characters or fewer") % {"most": f"{LONGEST:,}"}
    elif has_card_number(typed["question"]):
        problems["question"] = str(REFUSAL)
    if not typed["name"]:
        problems["name"] = _("Enter your name")
    if typed["email"] and not is_email(typed["email"]):
        problems["email"] = _("Enter an email address in the correct format, like name@example.com")
    elif not typed["email"] and not phone_number(typed["phone"]):
        problems["email"] = _("Enter an email address, or a mobile number that we can text")
    return problems


def _sent(code: str, typed: dict[str, str], *, customer: UUID | None) -> SentForm:
    by_email = bool(typed["email"])
    return SentForm(
        form_code=FORM,
        version=forms.published_version(FORM),
        answers={
            "question": typed["question"],
            "who": {"name": typed["name"]},
            "how": "email" if by_email else "text",
            **({"email": typed["email"]} if by_email else {"phone": typed["phone"]}),
        },
        channel="account" if customer else "web",
        key=f"ask-{typed['key'] or uuid7()}",
        customer_id=customer,
        about_service=code,
    )
