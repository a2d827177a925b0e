"""Check your answers, and send them: to a case, and to the payment of a fee."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases import fees
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.core.actors import ActorKind
from townhall.core.errors import BadInput, KeyReused, RuleBroken
from townhall.core.time import now
from townhall.files.queries import VIRUS, infected
from townhall.forms import engine
from townhall.forms import operations as forms
from townhall.forms.engine import CHECK_STEP, parse_step
from townhall.forms.errors import NotFinished
from townhall.forms.operations.paying import paid_on_the_way
from townhall.housing import queries as housing
from townhall.portal.account.web import me
from townhall.portal.filling import Filling
from townhall.portal.views import limits
from townhall.portal.views.forms.finding import (
    address_of,
    after_sending,
    filling_of,
    form_page,
)
from townhall.portal.views.forms.paying import paid_lines
from townhall.portal.views.steps import to_received


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
        return after_sending(request, again, again.draft.result_id)
    except RuleBroken as error:
        return _draw_check(request, filling, problem=str(error))


def _send(request: HttpRequest, filling: Filling) -> HttpResponse:
    draft = filling.draft
    assert draft is not None
    if ill := infected(
        engine.file_ids(filling.flow, engine.path(filling.flow, filling.answers, today=filling.today).answers)
    ):
        raise BadInput({"files": " ".join(str(VIRUS) % {"name": name} for name in ill.values())})
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
        return after_sending(request, filling, made)
    new = SentForm(
        form_code=filling.code,
        version=filling.version,
        answers=filling.answers,
        channel=draft.channel,
        key=str(draft.pk),
        customer_id=draft.customer_id,
        on_behalf_of=draft.on_behalf_of,
        draft_id=draft.pk,
        contact_id=draft.contact_id,
    )
    who = me(request)
    opened = open_from_form(new, by=who.actor if who and draft.customer_id else actor(request), at=now())
    repair = housing.of_case(opened.case_id)
    if draft.contact_id is not None and actor(request).kind is ActorKind.STAFF:
        messages.success(request, _("Sent. The reference is %(reference)s.") % {"reference": opened.reference})
        # with the caller still there, the time is chosen at once
        if repair is not None and may(actor(request), "repairs.manage").allowed:
            return redirect("workspace:repair_times", repair.pk)
        return redirect("workspace:contact", draft.contact_id)
    if opened.charge_id is not None:
        return redirect("portal:pay", opened.charge_id)
    if repair is not None:
        return redirect("portal:repair_times", housing.token_for(repair.pk))
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
        "paid": paid_lines(filling, clean),
        "fees": [] if paid_on_the_way(filling.flow, clean) else fees.due(filling.flow, clean, at=now()),
        "back": address_of(filling, before) if before else reverse("portal:form", args=[filling.code]),
        "errors": [{"text": problem, "href": "#send"}] if problem else [],
    }
    return render(request, "portal/forms/check.html", context, status=422 if problem else 200)
