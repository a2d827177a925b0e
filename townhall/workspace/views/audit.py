"""The data protection officer's search. Searching is itself written down."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import cases_visible_to
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import RuleBroken
from townhall.core.references import parse_reference
from townhall.core.time import council_date, now, start_of
from townhall.customers import queries as customers
from townhall.ledger import operations as ledger
from townhall.workspace import auditing
from townhall.workspace.admin_forms import AuditForm
from townhall.workspace.auditing import Question

USUAL_DAYS = 30


@staff(may="audit.see")
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    is_asked = "kind" in request.GET
    today = council_date(at)
    form = AuditForm(request.GET if is_asked else None)
    found, more = None, ""
    if is_asked and form.is_valid():
        question = _question(form, by, today)
        if question is not None:
            found = auditing.search(question, after=request.GET.get("after", ""))
            ledger.looked(
                by=by, at=at, customer_id=question.customer_id, case_id=question.case_id, page="workspace.audit"
            )
            kept = {name: value for name, value in request.GET.items() if name != "after"}
            more = urlencode({**kept, "after": found.after}) if found.after else ""
    return render(
        request,
        "workspace/audit.html",
        {"form": form, "found": found, "more": more},
        status=422 if form.errors else 200,
    )


def _question(form: AuditForm, by: Actor, today: date) -> Question | None:
    """What was asked, or None with the reason on the form."""
    given = form.cleaned_data
    since = given["since"] or today - timedelta(days=USUAL_DAYS)
    until = given["until"] or today
    staff_id, customer_id, case_id = "", None, None
    if given["staff"]:
        known = auditing.staff_named(given["staff"])
        if known is None:
            form.add_error("staff", _("Nobody on the staff has that name or email address"))
            return None
        staff_id = known[0]
    elif given["subject"]:
        customer_id, case_id = _subject(form, given["subject"], by)
        if form.errors:
            return None
    else:
        form.add_error("staff", _("Enter a member of staff, or a customer or case"))
        return None
    if given["kind"] == "looks" and case_id is not None:
        case_id = None
    return Question(
        kind=given["kind"],
        staff_id=staff_id,
        customer_id=None if case_id else customer_id,
        case_id=case_id,
        since=start_of(since),
        until=start_of(until + timedelta(days=1)),
    )


def _subject(form: AuditForm, typed: str, by: Actor) -> tuple[UUID | None, UUID | None]:
    """The customer and the case that were typed. Looks are found by customer, so a case without one has none."""
    reference = parse_reference(typed)
    if reference is not None:
        case = cases_visible_to(by).filter(reference=reference).first()
        if case is None:
            form.add_error("subject", _("There is no case with that reference"))
        elif form.cleaned_data["kind"] == "looks" and case.customer_id is None:
            form.add_error("subject", _("That case belongs to no customer record, so there are no looks at one"))
        return (case.customer_id, case.pk) if case else (None, None)
    try:
        return UUID(typed.strip()), None
    except ValueError:
        pass
    if may(by, "customers.see").allowed:
        try:
            people = customers.look_up(typed, by=by, at=now()).people
        except RuleBroken:
            people = []
        if len(people) == 1:
            return people[0].id, None
        if people:
            form.add_error("subject", _("Several customers match. Enter the id of one record"))
            return None, None
    form.add_error("subject", _("There is no customer or case like that"))
    return None, None
