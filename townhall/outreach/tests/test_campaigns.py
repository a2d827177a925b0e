"""A campaign hangs on the forward calendar, goes once to who agreed and fits, at an allowed hour, and is measured."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from townhall.accounts.models import Role
from townhall.clocks.seeds import seed_reference_data as seed_clocks
from townhall.contacts.operations import Past, log_past
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.ids import uuid7
from townhall.customers import operations as customers
from townhall.customers.accounts import consents
from townhall.notifications.models import Message
from townhall.outreach import audience, calendar, campaigns, codes
from townhall.outreach.audience import Audience
from townhall.outreach.campaigns import Plan
from townhall.outreach.models import Campaign
from townhall.outreach.tests.makers import make_reader, staff
from townhall.registers import operations as registers
from townhall.registers.seeds import seed_reference_data as seed_registers

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC)
DAY = timedelta(days=1)


def a_plan(**more: Any) -> Plan:
    given: dict[str, Any] = {
        "name": "Annual bills",
        "goes_on": date(2026, 3, 2),
        "audience": Audience(),
        "subject_line": "Your council tax bill is on its way",
        "body": "See it and pay it online.",
        "expected": "A fifth fewer calls about bills",
        "expected_percent": -20,
        "leads_to": "/pay",
    }
    return Plan(**{**given, **more})


@pytest.mark.capability("ENGA-06")
def test_a_campaign_at_a_trigger_point_from_its_plan_to_its_result(settings: Any) -> None:
    settings.ALERTS_QUIET = "21:00-08:00"
    seed_clocks(at=NOON)
    seed_registers(at=NOON)
    manager, senior = staff(Role.TEAM_MANAGER, at=NOON), staff(Role.SENIOR_MANAGER, at=NOON)
    billing = registers.open_row(
        "forward-calendar", title="Council tax bills", given={"falls_on": "03-10"}, by=SYSTEM, at=NOON
    )
    tenant, other, silent = make_reader(at=NOON), make_reader(at=NOON), make_reader(agrees=False, at=NOON)
    customers.add_role(tenant, role="tenant", by=SYSTEM, at=NOON)
    customers.add_role(silent, role="tenant", by=SYSTEM, at=NOON)
    assert audience.size_of(Audience(roles=("tenant",)), at=NOON) == 1

    row = campaigns.plan(
        a_plan(audience=Audience(roles=("tenant",)), trigger_row_id=billing.pk, trigger_on=date(2026, 3, 10)),
        by=manager,
        at=NOON,
    )
    (point,) = calendar.coming(at=NOON)
    assert (point.on, list(point.campaigns)) == (date(2026, 3, 10), [row])
    with pytest.raises(NotAllowed):
        campaigns.approve(row.pk, by=manager, at=NOON)
    assert campaigns.queue(NOON) == 0  # not approved
    campaigns.approve(row.pk, by=senior, at=NOON)
    assert campaigns.queue(NIGHT) == 0  # nobody is disturbed
    while campaigns.queue(NOON + DAY):
        pass
    mail = Message.objects.get(template="outreach/campaign")
    assert (mail.customer_id, mail.unsubscribe_url != "") == (tenant, True)
    assert f"/c/{row.code}" in mail.body_text
    assert other != tenant
    while campaigns.queue(NOON + 2 * DAY):
        pass
    assert Message.objects.filter(template="outreach/campaign").count() == 1

    past = [("bills", -3), ("bills", -4), ("bills", -5), ("bills", 4), ("bins", 2)]
    log_past(
        Past(id=uuid7(), channel="phone", service_code=code, reason_code="payment", at=NOON + DAY + days * DAY)
        for code, days in past
    )
    row.refresh_from_db()
    row.services = ["bills"]
    (effect,) = campaigns.effect_of(row, at=NOON + 40 * DAY)
    assert (effect.service_code, effect.before, effect.after, round(effect.percent or 0)) == ("bills", 3, 1, -67)
    campaigns.write_result(row.pk, "Fewer calls than hoped for", by=manager, at=NOON + 40 * DAY)
    assert Campaign.objects.get().state == "sent"


def test_who_withdraws_while_it_goes_out_is_left_out_and_planning_anew_needs_approval_anew(settings: Any) -> None:
    settings.ALERTS_QUIET = ""
    manager, senior = staff(Role.TEAM_MANAGER, at=NOON), staff(Role.SENIOR_MANAGER, at=NOON)
    reader = make_reader(at=NOON)
    row = campaigns.plan(a_plan(), by=manager, at=NOON)
    campaigns.approve(row.pk, by=senior, at=NOON)
    row = campaigns.plan(a_plan(body="Otherwise"), by=manager, at=NOON, campaign_id=row.pk)
    assert row.state == "draft"
    campaigns.approve(row.pk, by=senior, at=NOON)
    consents.withdraw(reader, "newsletter", channel="web", by=Actor(kind=ActorKind.CUSTOMER, id=str(reader)), at=NOON)
    while campaigns.queue(NOON):
        pass
    assert not Message.objects.filter(template="outreach/campaign").exists()
    with pytest.raises(WrongState):
        campaigns.call_off(row.pk, by=manager, at=NOON)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("goes_on", date(2026, 3, 1)),
        ("leads_to", "https://elsewhere.example"),
        ("expected", " "),
        ("audience", Audience(months=99)),
        ("audience", Audience(roles=("councillor",))),
        ("services", ["no-such"]),
    ],
)
def test_a_plan_that_cannot_be_is_refused(field: str, value: Any) -> None:
    with pytest.raises(BadInput):
        campaigns.plan(a_plan(**{field: value}), by=staff(Role.TEAM_MANAGER, at=NOON), at=NOON)


@pytest.mark.capability("ENGA-08")
def test_the_code_on_a_leaflet_counts_visits_and_contacts() -> None:
    seed_clocks(at=NOON)
    seed_registers(at=NOON)
    given = {
        "audience": "deaf",
        "outlet": "surgery",
        "message": "We have interpreters",
        "material": "Leaflet",
        "material_version": "2",
        "leads_to": "/contact",
        "begins_on": "2026-03-01",
        "ends_on": "2026-04-01",
        "reach": "1,200",
    }
    row = registers.open_row("awareness-campaigns", title="Interpreters", given=given, by=SYSTEM, at=NOON)
    typed = f" {row.code[:2].lower()} {row.code[2:]}"
    found = codes.visited(typed, at=NOON)
    assert found is not None
    assert (found.leads_to, found.name) == ("/contact", "Interpreters")
    codes.visited(row.code, at=NOON + DAY)
    codes.named(uuid7(), row.code, at=NOON)
    assert codes.brought([row.code]) == {row.code: (2, 1)}
    assert codes.visited("ZZZZZ" if row.code != "ZZZZZ" else "YYYYY", at=NOON) is None
    assert row.actions.get().due_on == date(2026, 4, 1)
