"""CUST-02: everything the council has done with one customer, each made by its own app's operation and by nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.cases.tests.makers import make_case, make_council, make_staff
from townhall.complaints.models import Complaint
from townhall.complaints.seeds import seed_reference_data as seed_complaints
from townhall.connectors.standins import Standin
from townhall.contacts import callbacks
from townhall.contacts import operations as contacts
from townhall.contacts.callbacks import NewCallBack
from townhall.contacts.operations import Given, WrapUp
from townhall.contacts.seeds import seed_reference_data as seed_contacts
from townhall.core.actors import PUBLIC, SYSTEM, Actor
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.engagement import alerting, subscribing
from townhall.engagement.subscribing import Wish
from townhall.engagement.tests.makers import HOME, make_home, publish
from townhall.feedback.models import SurveyRule
from townhall.feedback.seeds import seed_reference_data as seed_feedback
from townhall.forms import queries as forms
from townhall.forms.operations import send_form
from townhall.forms.operations.definitions import publish_form
from townhall.forms.tests.makers import make_form
from townhall.housing import operations as repairs
from townhall.housing import queries as housing_queries
from townhall.housing.tests.makers import ANSWERS, free, housing  # noqa: F401
from townhall.inclusion import booking
from townhall.inclusion.booking import Wanted as Interpreter
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.outreach import sessions
from townhall.outreach.tests.makers import make_session
from townhall.payments import operations as payments
from townhall.payments.models import Method
from townhall.payments.protocol import Found
from townhall.payments.states import PaymentState
from townhall.payments.tests.makers import make_charge
from townhall.portal.tests.residents import customer_of, make_account, signed_in
from townhall.workspace import timeline
from townhall.workspace.timeline import Wanted

PHONE = "07700 900982"


def spoken(sam: UUID, by: Actor) -> None:
    contact = contacts.start(channel="phone", by=by, at=now(), given=Given(name="Sam"), customer_id=sam)
    answers = WrapUp(
        reason_code="information",
        outcome="resolved",
        avoidable=False,
        anything_else=False,
        notes="Asked about the bins",
        service_code="pothole",
    )
    contacts.wrap_up(contact.pk, answers, by=by, at=now())


def answered_survey() -> None:
    """By the link of the message that the conversation was followed by."""
    found = re.search(r"/survey/\S+", Message.objects.get(template="survey/asked").body_text)
    assert found is not None
    assert Client().post(found[0], {"score": "4"}).status_code == 200


def booked_repair(sam: UUID) -> None:
    form = SentForm(
        form_code="housing-repair",
        version=forms.published_version("housing-repair"),
        answers=ANSWERS,
        channel="web",
        key=str(uuid4()),
        on_behalf_of=sam,
    )
    repair = housing_queries.of_case(open_from_form(form, by=PUBLIC, at=now()).case_id)
    assert repair is not None
    held = repairs.hold(repair.pk, free(repair)[4], by=PUBLIC, at=now())
    repairs.confirm(held.pk, access="Ring", phone=PHONE, by_text=True, by=PUBLIC, at=now())


def paid(sam: UUID) -> None:
    """By phone, so that no provider is needed."""
    charge = make_charge(customer_id=sam, at=now())
    payment = payments.start(charge.pk, method=Method.PHONE, by=SYSTEM, at=now())
    came = Found(
        provider_id=payment.provider_id,
        reference="",
        state=PaymentState.SUCCESS,
        code="",
        amount_pence=payment.amount_pence,
    )
    payments.record(payment.pk, came, by=SYSTEM, at=now())


def alerted(sam: UUID) -> None:
    make_home()
    subscribing.turn_on(
        Wish(topic="planning", email="sam@example.org", uprn=HOME, customer_id=sam), by=SYSTEM, at=now()
    )
    publish({"reference": "26/00123/FUL"}, at=now())
    alerting.tell_of_items(now() + timedelta(hours=1))


@pytest.mark.capability("CUST-02")
def test_everything_done_with_a_customer_by_whichever_app_is_one_list_newest_first_by_service_and_channel(
    housing: Standin,  # noqa: F811
) -> None:
    make_council()
    for seed in (seed_contacts, seed_complaints, seed_feedback):
        seed()
    SurveyRule.objects.update(sample_percent=100)
    forget_all()
    by = make_staff("priya", team="customer-services", role=Role.ADVISER)
    adviser = Client()
    sign_in(adviser, User.objects.get(pk=by.id))
    account = make_account("Sam Okafor", email="sam@example.org")
    sam = customer_of(account)

    resident = signed_in(account)  # a sign-in to the account
    spoken(sam, by)  # a contact
    answered_survey()  # a survey answer
    case = make_case(  # a case
        "fly-tipping", reporter=Recipient(name="Sam", email="sam@example.org", customer_id=sam), at=now()
    )
    version = publish_form(make_form(code="hello", title="Say hello"), at=now())  # a form
    send_form("hello", version, {"name": "Sam"}, by=by, at=now(), key="one", channel="counter", on_behalf_of=sam)
    paid(sam)  # a bill and its payment
    booked_repair(sam)  # appointments: a repair visit, a call-back, a course and an interpreter
    callbacks.ask(
        NewCallBack(phone=PHONE, name="Sam", about="The visit", service_code="pothole", customer_id=sam),
        by=by,
        at=now(),
    )
    sessions.book(make_session(by=by).pk, sam, by=by, at=now())
    meeting = Interpreter(
        kind="bsl",
        where="office",
        place="Civic Centre",
        starts_at=now() + timedelta(days=3),
        minutes=60,
        customer_id=sam,
    )
    booking.ask(meeting, by=by, at=now())
    alerted(sam)  # an alert sent
    said = {
        "kind": "complaint", "service": "fly-tipping", "words": "Nobody came.", "name": "Sam", "email": "sam@example.org"
    }  # fmt: skip
    assert resident.post("/complain", said).status_code == 302  # a complaint, by the customer in their account
    complaint = Complaint.objects.get()

    lines = timeline.of_customer(sam, by=by, size=200).rows
    kinds = {line.kind for line in lines}
    wanted = {"contact", "case", "form", "payment", "appointment", "call", "complaint", "survey", "message", "account"}
    assert wanted - kinds - {"case"} == set()  # a case stands with the contact that opened it, when that is theirs
    assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)
    titles = [str(line.title) for line in lines]
    for title in ("Paid", "Repair visit booked", "Place booked", "Interpreter asked for", "Answer to a survey",
                  "Complaint", "Left a message, to be called back", "Signed in to the account", "Form sent"):  # fmt: skip
        assert title in titles, (title, titles)
    alerts = Message.objects.filter(template__startswith="alert/", customer_id=sam).values_list("pk", flat=True)
    assert set(alerts) & {line.id for line in lines}

    # On the page, with no script; narrowed by kind, service and channel.
    path = f"/work/customers/{sam}?reason=contact"
    page = " ".join(adviser.get(path).content.decode().split())
    assert complaint.reference in page
    assert "Nobody came." not in page  # the words are one press further, and that look is kept
    for kind, count in (("case", 2), ("complaint", 1), ("survey", 1), ("appointment", 3)):
        assert len(timeline.of_customer(sam, by=by, wanted=Wanted(kind=kind)).rows) >= count, kind
    narrowed = timeline.of_customer(sam, by=by, wanted=Wanted(service="fly-tipping"), size=100).rows
    assert {line.service for line in narrowed} == {"fly-tipping"}
    assert {"complaint"} <= {line.kind for line in narrowed}
    assert case.reference in adviser.get(f"{path}&service=fly-tipping").content.decode()
    assert complaint.reference in adviser.get(f"{path}&service=fly-tipping").content.decode()
    assert complaint.reference not in adviser.get(f"{path}&service=pothole").content.decode()
    for channel in ("phone", "account"):
        by_channel = timeline.of_customer(sam, by=by, wanted=Wanted(channel=channel), size=100).rows
        assert {line.channel for line in by_channel} == {channel}, channel
    in_account = timeline.of_customer(sam, by=by, wanted=Wanted(channel="account"), size=100).rows
    assert "complaint" in {line.kind for line in in_account}
