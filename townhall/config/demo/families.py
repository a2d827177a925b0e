"""Parking permits and school applications of Aldermere: few, made up, and in every state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from townhall.admissions.rounds import Dates, set_round
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date
from townhall.customers.models import Customer
from townhall.forms import queries as forms
from townhall.payments import operations as payments
from townhall.payments.models import Charge, Method
from townhall.payments.protocol import Found
from townhall.payments.states import PaymentState
from townhall.permits import issuing
from townhall.permits.models import Permit, ZoneRule
from townhall.permits.queries import SERVICE as PERMIT
from townhall.places.models import Address
from townhall.places.whereabouts import parking_zone

ZONE = "A"
MARK = "ZZ21 NAD"  # has a permit, to look up
_PARKED = (  # name, mark, engine, days ago, paid, issued
    ("Nadia Examplewood", MARK, "low", 160, True, True),
    ("Omar Examplewood", "ZZ22 OMA", "electric", 3, True, False),
    ("Petra Examplewood", "ZZ23 PET", "high", 1, False, False),
)
_CHILDREN = (  # round, child, parent, born, schools, where
    ("secondary", "Ivy Examplewood", "Nadia Examplewood", (11, 3, 14), ("9994001", "9994002"), "home"),
    ("secondary", "Jon Samplefield", "Bram Samplefield", (11, 1, 30), ("9994002",), "school"),
    ("primary", "Kit Examplewood", "Omar Examplewood", (4, 2, 5), ("9992001", "9992002", "9992003"), "council"),
    ("primary", "Lea Samplefield", "Bram Samplefield", (4, 5, 19), ("9992002",), "home"),
)


def load_families(*, at: datetime) -> None:
    """Once, into a fresh demo; through the forms, so that everything has its case and its ledger entries."""
    forget_all()
    _permits(at)
    _schools(at)


def _permits(at: datetime) -> None:
    ZoneRule.objects.create(zone_code=ZONE, hours="Monday to Saturday, 8:30 to 18:30")
    homes = (one for one in Address.objects.order_by("uprn") if parking_zone(one.easting, one.northing) == ZONE)
    for (name, mark, engine, days, is_paid, is_issued), home in zip(_PARKED, homes, strict=False):
        then = at - timedelta(days=days)
        answers = {
            "kind": "new",
            "address": {"uprn": home.uprn, "line": home.line, "zone": ZONE},
            "mark": mark,
            "engine": engine,
            "months": "6",
        }
        case_id = _send(PERMIT, name, answers, at=then)
        permit = Permit.objects.get(case_id=case_id)
        if is_paid:
            _pay(permit, at=then)
        if is_issued:
            issuing.check_evidence(permit.pk, seen="Council tax bill", by=SYSTEM, at=then)


def _pay(permit: Permit, *, at: datetime) -> None:
    charge = Charge.objects.get(subject_kind="case", subject_id=permit.case_id)
    payment = payments.start(charge.pk, method=Method.PHONE, by=SYSTEM, at=at)
    found = Found(
        provider_id=payment.provider_id,
        reference="",
        state=PaymentState.SUCCESS,
        code="",
        amount_pence=payment.amount_pence,
    )
    payments.record(payment.pk, found, by=SYSTEM, at=at)


def _schools(at: datetime) -> None:
    """Secondary schools closed yesterday and go out when the worker starts; primary schools are open."""
    today = council_date(at)
    day = timedelta(days=1)
    for kind, opens, closes in (("secondary", 60, -1), ("primary", 45, 40)):
        set_round(
            Dates(
                code=f"{kind}-{today.year + 1}",
                name=f"{kind.capitalize()} school, September {today.year + 1}",
                kind=kind,
                opens_on=today - opens * day,
                closes_on=today + closes * day,
                late_until=today + (closes + 60) * day,
                offers_on=today + (closes + 100) * day,
            ),
            by=SYSTEM,
            at=at - 61 * day,
        )
    during = Dates(code="during", name="Places during the school year", kind="during", opens_on=today - 60 * day)
    set_round(during, by=SYSTEM, at=at - 61 * day)
    for number, (kind, child, parent, (years, month, born_day), schools, where) in enumerate(_CHILDREN):
        answers = {
            "child_name": child,
            "child_born": f"{today.year - years}-{month:02d}-{born_day:02d}",
            "kind": kind,
            "address": {"line1": f"{number + 3} Mill Lane", "town": "Aldermere", "postcode": "ZZ1 1AA"},
            "priority": ["none"],
            "schools": [{"school": one} for one in schools],
            "schools__more": "no",
            "where": where,
            **({} if where == "home" else {"building": "Mill Lane Primary School", "helper": "Ms Exampleteacher"}),
        }
        _send("school-place", parent, answers, at=at - (20 - number) * day)


def _send(form_code: str, name: str, answers: dict[str, Any], *, at: datetime) -> Any:
    customer = Customer.objects.filter(name=name).values_list("pk", flat=True).first()
    email = f"{name.split(maxsplit=1)[0].casefold()}@example.org"
    new = SentForm(
        form_code=form_code,
        version=forms.published_version(form_code),
        answers={**answers, "who": {"name": name}, "email": email},
        channel="web",
        key=f"demo-{form_code}-{answers.get('mark') or answers.get('child_name')}",
        customer_id=customer,
    )
    return open_from_form(new, by=PUBLIC, at=at).case_id
