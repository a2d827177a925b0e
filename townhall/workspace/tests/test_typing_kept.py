"""One desk for every channel: several conversations, nothing typed is lost, nothing typed twice, and two keys to wrap up."""

from __future__ import annotations

import html
import json
import re
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role, StaffSession, User
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import sign_in
from townhall.cases.models import Case
from townhall.cases.tests.makers import PACKS, make_council, make_post
from townhall.connectors.models import Delivery
from townhall.contacts import callbacks
from townhall.contacts.callbacks import NewCallBack
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.forms.models import Submission
from townhall.places.models import Address, Street
from townhall.workspace import keeping
from townhall.workspace.models import Kept
from townhall.workspace.tests.conftest import signed_in_as

pytestmark = pytest.mark.django_db
HOME = "100001"
KEEP = "/work/desk/kept"


@pytest.fixture
def sam() -> Customer:
    seed_reference_data()
    street = Street.objects.create(
        usrn="7001",
        name="Harbour Row",
        search_text="harbour row",
        easting=530_000,
        northing=180_000,
        locality="Aldermere",
    )
    Address.objects.create(
        uprn=HOME,
        street=street,
        line="12 Harbour Row, Aldermere",
        postcode="ZZ11AA",
        search_text="12 harbour row aldermere",
        easting=530_000,
        northing=180_000,
    )
    forget_all()
    given = NewCustomer(name="Sam Okafor", email="sam@example.org", phone="01632 960123", uprn=HOME)
    return customers.create(given, by=SYSTEM, at=now())


@pytest.fixture
def desk(sam: Customer) -> Client:
    return signed_in_as("priya", team="customer-services", role=Role.ADVISER)


def begin(desk: Client, customer: Customer | None = None, **more: str) -> str:
    posted = {"channel": "phone", "customer": str(customer.pk) if customer else "", **more}
    answer = desk.post("/work/desk/contacts/new", posted)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


def put_back(shown: str) -> dict[str, list[str]]:
    """What the page's script fills in again."""
    found = re.search(r"<script type=\"application/json\" data-kept-fields>(.*?)</script>", shown)
    return dict(json.loads(html.unescape(found[1]))) if found else {}


def hidden_of(shown: str, form: str) -> dict[str, str]:
    inside = re.search(rf'<form method="post" id="{form}".*?</form>', shown)
    assert inside is not None
    return {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', inside[0])}


@pytest.mark.capability("CHAN-02")
def test_several_conversations_by_several_channels_at_one_desk_and_nothing_is_typed_twice(
    desk: Client, sam: Customer, tmp_path: Path
) -> None:
    shutil.copytree(PACKS, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "fly-tipping" / "service.yaml").open("a") as pack:
        pack.write("connector: {target: waste, kind: fly-tip}\n")
    make_council(tmp_path)
    forget_all()
    by_phone = begin(desk, sam)
    begin(desk, channel="email", name="Noor")
    at_the_counter = begin(desk, channel="counter", name="Ada", phone="01632 960999")
    shown = page(desk, by_phone)
    for who in ("Sam Okafor", "Noor", "Ada"):
        assert who in shown  # at the side of every page
    assert "#usual" not in shown  # nothing has been done yet

    # The caller's name, number and address are there already: on the new record, and on the report's form.
    made = page(desk, f"/work/customers/new?contact={at_the_counter.rsplit('/', 1)[1]}")
    assert 'value="Ada"' in made
    assert 'value="01632 960999"' in made
    form = page(desk, f"{by_phone}/report/fly-tipping")
    assert "12 Harbour Row" in form
    assert "sam@example.org" in form
    sent = desk.post(
        f"{by_phone}/report/fly-tipping",
        {
            "key": "k1",
            "choice": f"address:{HOME}",
            "size": "bag",
            "description": "Two black bags",
            "contact-name": "Sam Okafor",
            "contact-email": "sam@example.org",
        },
    )
    assert sent["Location"] == by_phone, sent.content.decode()
    assert Submission.objects.get().on_behalf_of == sam.pk
    case = Case.objects.get()
    handed_on = json.dumps(Delivery.objects.get(case_id=case.pk).payload)
    for detail in (case.reference, "Two black bags", HOME):
        assert detail in handed_on, handed_on

    # g d: the whole wrap-up, as what was done suggests it.
    shown = page(desk, by_phone)
    assert 'data-key="d" data-href="#usual"' in shown
    done = desk.post(f"{by_phone}/wrap-up", hidden_of(shown, "usual"))
    assert done.status_code == 302, done.content.decode()
    contact = Contact.objects.get(pk=by_phone.rsplit("/", 1)[1])
    assert (contact.reason_code, contact.outcome, contact.service_code) == ("report", "referred", case.service_code)
    assert (contact.avoidable, contact.anything_else) == (False, False)
    assert contact.ended_at is not None


def test_two_keys_end_it_too_when_they_are_only_called_back_and_one_more_opens_the_next(
    desk: Client, sam: Customer
) -> None:
    make_council()
    forget_all()
    contact = begin(desk, sam)
    adviser = User.objects.get(pk=str(Contact.objects.get(pk=contact.rsplit("/", 1)[1]).adviser_id))
    post = make_post("housing-officer", team="housing", role=Role.OFFICER)
    assert desk.get("/work/desk/contacts/newest")["Location"] == contact  # g c, from any page
    by = actor_for(adviser, at=now())
    given = NewCallBack(
        phone="01632 960123",
        about="The bill",
        owner_post_id=post.pk,
        contact_id=UUID(contact.rsplit("/", 1)[1]),
        customer_id=sam.pk,
        key="one",
    )
    callbacks.ask(given, by=by, at=now())
    shown = page(desk, contact)
    assert "They will be called back by" in shown
    done = desk.post(f"{contact}/wrap-up", hidden_of(shown, "usual-more"))
    ended = Contact.objects.get(pk=contact.rsplit("/", 1)[1])
    assert (ended.outcome, ended.anything_else) == ("referred", True)
    further = Contact.objects.get(ended_at=None)
    assert done["Location"] == f"/work/desk/contacts/{further.pk}"
    assert (further.follows_id, further.customer_id) == (ended.pk, sam.pk)


def test_what_was_typed_outlives_the_session_and_the_browser_and_goes_when_it_is_sent(
    desk: Client, sam: Customer
) -> None:
    path = f"{begin(desk, sam)}/wrap-up"
    typed = {
        "kept-page": path,
        "reason_code": "information",
        "notes": "She will ring again",
        "csrfmiddlewaretoken": "x",
    }
    assert desk.post(KEEP, typed).status_code == 204
    typed["notes"] = "She will ring again on Tuesday"
    assert desk.post(KEEP, typed).status_code == 204
    StaffSession.objects.update(ended_at=now())
    assert desk.post(KEEP, typed).status_code == 302  # the page says so, and tries again

    again = Client()
    sign_in(again, User.objects.get(email="priya@example.org"))
    assert put_back(page(again, path)) == {"reason_code": ["information"], "notes": ["She will ring again on Tuesday"]}
    other = signed_in_as("pat", team="customer-services", role=Role.ADVISER)
    assert not put_back(page(other, f"{begin(other, sam)}/wrap-up"))

    answers = {
        "reason_code": "information",
        "outcome": "resolved",
        "avoidable": "no",
        "anything_else": "yes",
        "notes": "x",
    }
    assert again.post(path, {**answers, "outcome": ""}).status_code == 422
    assert Kept.objects.exists()  # not sent yet
    further = again.post(path, answers)["Location"]
    assert not Kept.objects.exists()
    assert (
        Contact.objects.get(pk=further.rsplit("/", 1)[1]).follows_id is not None
    )  # "anything else": the next one is open


def test_what_must_not_be_kept_is_not_and_what_is_left_goes_after_a_week(desk: Client, sam: Customer) -> None:
    path = begin(desk, sam)
    for wrong in (
        {"kept-page": "/elsewhere", "said": "x"},
        {"kept-page": path, "said": "4111 1111 1111 1111"},
        {"kept-page": path, "said": "x" * 30_000},
    ):
        assert desk.post(KEEP, wrong).status_code == 422
    assert not Kept.objects.exists()
    desk.post(KEEP, {"kept-page": path, "said": "The dog is back"})
    assert put_back(page(desk, path)) == {"said": ["The dog is back"]}
    desk.post(KEEP, {"kept-page": path, "kept-forget": "1"})
    assert not Kept.objects.exists()
    desk.post(KEEP, {"kept-page": path, "said": "The dog is back"})
    desk.post(KEEP, {"kept-page": path, "said": ""})  # emptied again
    assert not Kept.objects.exists()
    desk.post(KEEP, {"kept-page": path, "said": "The dog is back"})
    assert keeping.tidy(now() + timedelta(days=6)) == 0
    assert keeping.tidy(now() + timedelta(days=8)) == 1
