"""Any form of the catalogue, from its first page to a case: without a script, every answer kept, twice is once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from msgspec.structs import replace
from pytest_django import DjangoAssertNumQueries

from townhall.cases.models import Case
from townhall.cases.operations.telling import sign_follower
from townhall.core.actors import SYSTEM
from townhall.core.db import fetch_one
from townhall.core.time import now
from townhall.files.models import StoredFile
from townhall.files.operations import tidy
from townhall.forms import operations as forms
from townhall.forms import queries
from townhall.forms.definition import Bullets, Details, Fee, Form, FormPage, Paragraph, Repeat, Route, Stop
from townhall.forms.models import Draft, Submission
from townhall.forms.questions import (
    Address,
    ApproximateDate,
    Checkboxes,
    Choice,
    Contact,
    Date,
    DateTime,
    Declaration,
    Email,
    Group,
    LongText,
    Money,
    Number,
    Person,
    Phone,
    Place,
    Radios,
    Select,
    Text,
    Time,
    Upload,
    Website,
    YesNo,
)
from townhall.notifications.models import Message
from townhall.payments.models import Charge, Payment
from townhall.portal.tests.makers import a_photo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("borough")]
WHY: dict[str, Any] = {"why": "To know whom it is about", "system": "Revenues"}
TWO = (Choice(key="one", name="One"), Choice(key="two", name="Two"))


def page(code: str, *parts: Any, **more: Any) -> FormPage:
    return FormPage(code=code, parts=parts, **more)


def moving() -> Form:
    """One branch, one stop, one repeat."""
    return Form(
        code="moving",
        title="Tell us that you move",
        service="fly-tipping",
        declaration="What I said is **true**.",
        pages=(
            page(
                "live-here",
                YesNo(code="lives", label="Do you live here?", required=True, **WHY),
                next=(Route(to="sorry", when={"==": [{"var": "lives"}, "no"]}), Route(to="who")),
            ),
            page(
                "sorry",
                title="This form is for residents",
                stop=Stop(text="Write to us instead.", link="/contact", link_text="Contact us"),
            ),
            page("who", Person(code="who", label="What is your name?", required=True, **WHY)),
            page("mail", Email(code="mail", label="What is your email address?", required=True, **WHY)),
            page(
                "child",
                Text(code="child_name", label="What is the child called?", required=True, **WHY),
                repeat="children",
            ),
        ),
        repeats=(Repeat(code="children", title="Children who move with you", item="child", minimum=0),),
    )


def everything() -> Form:
    return Form(
        code="everything",
        title="Every question there is",
        service="fly-tipping",
        pages=(
            FormPage(
                code="all",
                title="Everything",
                parts=(
                    Paragraph(text="Some *words*"),
                    Details(title="More", text="Folded"),
                    Bullets(lines=("a", "b")),
                    Text(code="text", label="Text", **WHY),
                    LongText(code="long", label="Long", **WHY),
                    Number(code="number", label="Number", **WHY),
                    Money(code="money", label="Money", **WHY),
                    Date(code="date", label="Date", **WHY),
                    ApproximateDate(code="about", label="About", **WHY),
                    Time(code="time", label="Time", **WHY),
                    DateTime(code="when", label="When", **WHY),
                    Radios(code="radios", label="Radios", choices=TWO, **WHY),
                    Select(code="select", label="Select", choices=TWO, **WHY),
                    Checkboxes(code="boxes", label="Boxes", choices=TWO, **WHY),
                    Contact(code="contact", label="Contact", **WHY),
                    Place(code="place", label="Place", **WHY),
                    Address(code="address", label="Address", **WHY),
                    Person(code="person", label="Person", parts="first_last", **WHY),
                    Email(code="email", label="Email", **WHY),
                    Phone(code="phone", label="Phone", **WHY),
                    Website(code="website", label="Website", **WHY),
                    Declaration(code="agreed", label="I agree", **WHY),
                    Group(
                        code="children",
                        label="Children",
                        item="child",
                        minimum=0,
                        questions=(Text(code="name", label="Name", **WHY), Date(code="born", label="Born", **WHY)),
                        **WHY,
                    ),
                ),
            ),
        ),
    )


TYPED: dict[str, Any] = {
    "text": "a",
    "long": "b\nc",
    "number": "3",
    "money": "£1,200.50",
    "date-day": "27",
    "date-month": "3",
    "date-year": "2026",
    "about-month": "March",
    "about-year": "2026",
    "time": "2:30pm",
    "when-day": "1",
    "when-month": "4",
    "when-year": "2026",
    "when-time": "14:30",
    "radios": "one",
    "select": "two",
    "boxes": ["one", "two"],
    "contact-name": "Sam",
    "contact-email": "sam@example.org",
    "place-words": "by the pond",
    "address-line1": "1 Row",
    "address-town": "Aldermere",
    "address-postcode": "ZZ1 1AA",
    "person-first": "Sam",
    "person-last": "Example",
    "email": "sam@example.org",
    "phone": "01632 960001",
    "website": "example.org",
    "agreed": "yes",
    "children-0-name": "Kim",
    "children-0-born-day": "2",
    "children-0-born-month": "5",
    "children-0-born-year": "2019",
}


def publish(form: Form) -> None:
    forms.publish_form(form, by=SYSTEM, at=now())


def follow_on(client: Client, path: str, typed: dict[str, Any]) -> str:
    answer = client.post(path, typed)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def to_the_check(client: Client) -> str:
    at = follow_on(client, "/forms/moving/live-here", {"lives": "yes"})
    at = follow_on(client, at, {"who-name": "Sam Example"})
    at = follow_on(client, at, {"mail": "sam@example.org"})
    at = follow_on(client, at, {"children__more": "yes"})
    at = follow_on(client, at, {"child_name": "Kim"})
    return follow_on(client, at, {"children__more": "no"})


@pytest.mark.capability("FORM-01")
def test_a_form_becomes_a_case_with_an_owner_and_an_acknowledgement(client: Client) -> None:
    publish(moving())
    check = to_the_check(client)
    assert check == "/forms/moving/check"
    shown = client.get(check).content.decode()
    for words in ("Sam Example", "sam@example.org", "Kim", "What I said is <strong>true</strong>"):
        assert words in shown
    received = follow_on(client, check, {})
    case = Case.objects.get()
    assert case.reference in received
    assert Submission.objects.get(pk=case.pk).answers["children"] == [{"child_name": "Kim"}]
    assert Message.objects.filter(case_id=case.pk, recipient_address="sam@example.org").count() == 1
    assert (
        follow_on(client, check, {}) == received.replace(received.partition("?")[2], "") or case.reference in received
    )
    assert Case.objects.count() == 1


def test_there_is_one_page_to_begin_at(client: Client) -> None:
    publish(replace(moving(), text="You need **the date**."))
    assert "the date" in client.get("/forms/moving").content.decode()
    assert client.get("/forms/moving?now")["Location"] == "/forms/moving/live-here"
    follow_on(client, "/forms/moving/live-here", {"lives": "yes"})
    follow_on(client, "/forms/moving/who", {"who-name": "Sam Example"})
    assert "answers that were not sent" in client.get("/forms/moving?now").content.decode()


def test_the_way_follows_the_answers_and_a_stop_says_what_to_do_instead(client: Client) -> None:
    publish(moving())
    at = follow_on(client, "/forms/moving/live-here", {"lives": "no"})
    assert at == "/forms/moving/sorry"
    assert "Write to us instead" in client.get(at).content.decode()
    assert client.get("/forms/moving/check")["Location"] == "/forms/moving/sorry"
    assert client.get("/forms/moving/mail").status_code == 302


def test_every_type_of_question_is_drawn_read_and_shown_again(client: Client) -> None:
    publish(everything())
    first = client.get("/forms/everything/all")
    assert first.status_code == 200
    wrong = client.post(
        "/forms/everything/all", {**TYPED, "number": "many", "address-postcode": "nowhere", "when-time": "soon"}
    )
    assert wrong.status_code == 422
    drawn = wrong.content.decode()
    for value in ("many", "nowhere", "soon", "1 Row", "by the pond", "March", "£1,200.50", "Kim", "2019"):
        assert value in drawn, value
    for field in ("number", "address-postcode"):
        assert f'href="#{field}"' in drawn
        assert f'id="{field}"' in drawn
    check = follow_on(client, "/forms/everything/all", TYPED)
    shown = client.get(check).content.decode()
    for words in (
        "£1,200.50",
        "27 March 2026",
        "March 2026",
        "2:30pm",
        "by the pond",
        "ZZ1 1AA",
        "Agreed",
        "Kim, 2 May 2019",
        "https://example.org",
    ):
        assert words in shown, words
    again = client.get("/forms/everything/all").content.decode()
    assert not [
        name for name, value in TYPED.items() if isinstance(value, str) and "\n" not in value and value not in again
    ]
    ids = re.findall(r'\bid="([^"]+)"', again)
    assert len(ids) == len(set(ids))


def test_an_address_is_found_by_its_postcode_without_a_script(client: Client) -> None:
    publish(everything())
    found = client.post(
        "/forms/everything/all", {"address-find": "ZZ1 1AA", "find": "address", "text": "kept"}
    ).content.decode()
    uprn = re.search(r'<option value="(\d+)"', found)
    assert uprn, found
    assert 'value="kept"' in found
    check = follow_on(
        client,
        "/forms/everything/all",
        {**{k: v for k, v in TYPED.items() if not k.startswith("address")}, "address-uprn": uprn[1]},
    )
    assert "ZZ1 1AA" in client.get(check).content.decode()


@pytest.mark.capability("FORM-04")
def test_saved_on_one_device_and_gone_on_with_on_another(client: Client) -> None:
    publish(moving())
    follow_on(client, "/forms/moving/live-here", {"lives": "yes"})
    follow_on(client, "/forms/moving/who", {"who-name": "Sam Example"})
    follow_on(client, "/forms/moving/mail", {"mail": "sam@example.org"})
    assert 'value="sam@example.org"' in client.get("/forms/moving/save").content.decode()
    assert client.post("/forms/moving/save", {"email": "nobody"}).status_code == 422
    assert client.post("/forms/moving/save", {"email": "sam@example.org"}).status_code == 200
    link = re.search(r"/forms/moving/resume/\S+", Message.objects.get().body_text)
    assert link
    other = Client()
    assert other.get(link[0]).status_code == 200
    assert other.post(link[0])["Location"] == "/forms/moving/children"
    assert "Save and come back later" in other.get("/forms/moving/children").content.decode()
    assert "/forms/moving/children" in other.get("/forms/moving").content.decode()
    assert 'value="Sam Example"' in other.get("/forms/moving/who").content.decode()
    assert Draft.objects.count() == 1


def test_starting_again_asks_first_and_loses_no_saved_answers(client: Client) -> None:
    publish(moving())
    assert client.get("/forms/moving/again")["Location"] == "/forms/moving"
    follow_on(client, "/forms/moving/live-here", {"lives": "yes"})
    follow_on(client, "/forms/moving/who", {"who-name": "Sam Example"})
    asked = client.get("/forms/moving/again").content.decode()
    assert "you cannot get back to the answers you gave" in asked
    assert "/forms/moving/save" in asked
    assert 'value="Sam Example"' in client.get("/forms/moving/who").content.decode()  # asking left nothing
    client.post("/forms/moving/save", {"email": "sam@example.org"})
    asked = client.get("/forms/moving/again").content.decode()
    assert "The link that we emailed you still opens the answers you gave" in asked
    follow_on(client, "/forms/moving/again", {})
    assert client.get("/forms/moving/who")["Location"] == "/forms/moving/live-here"
    link = re.search(r"/forms/moving/resume/\S+", Message.objects.get().body_text)
    assert link
    assert client.post(link[0])["Location"] == "/forms/moving/mail"
    assert 'value="Sam Example"' in client.get("/forms/moving/who").content.decode()


def test_a_test_reaches_nobody(client: Client) -> None:
    forms.save_form(moving(), by=SYSTEM, at=now())
    assert client.get("/forms/moving").status_code == 404
    token = forms.start_draft("moving", by=SYSTEM, at=now(), channel="web", version=1, is_test=True)
    client.cookies["form-moving"] = token
    check = to_the_check(client)
    assert "Test sent" in client.post(check).content.decode()
    assert Submission.objects.get().is_test
    assert not Case.objects.exists()
    assert not Message.objects.exists()


def test_a_page_is_one_statement(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(moving())
    to_the_check(client)
    asked: list[str] = []

    def counted(statement: str, values: tuple[object, ...] = (), **how: bool) -> tuple[object, ...] | None:
        asked.append(statement)
        return fetch_one(statement, values, **how)

    monkeypatch.setattr(queries, "fetch_one", counted)
    for page in ("who", "child.1", "children", "check"):
        asked.clear()
        with django_assert_num_queries(0):  # none through the ORM; the one that finds the draft goes past it
            assert client.get(f"/forms/moving/{page}").status_code == 200
        assert len(asked) == 1


@pytest.mark.capability("PAY-01")
def test_a_fee_is_owed_when_it_is_sent_and_leads_to_paying_it(client: Client) -> None:
    form = replace(moving(), fees=(Fee(code="fee", words="A collection", pence=4200),))
    publish(form)
    check = to_the_check(client)
    to_pay = follow_on(client, check, {})
    charge = Charge.objects.get()
    assert to_pay == f"/pay/{charge.pk}"
    case = Case.objects.get()
    assert (charge.reference, charge.amount_pence, charge.subject_id) == (case.reference, 4200, case.pk)
    assert "£42.00" in client.get(to_pay).content.decode()
    client.post(check, {})
    assert Charge.objects.count() == 1
    paid = Payment.objects.create(
        charge=charge,
        state="success",
        method="online",
        provider="pretend",
        amount_pence=4200,
        kind_code="fee",
        by_kind="public",
        created_at=now(),
        finished_at=now(),
    )
    follower = case.follower_rows.get()
    confirmation = f"/r/{case.reference}/received"
    assert f"/pay/back/{paid.token}" in client.get(confirmation, {"me": sign_follower(follower.pk)}).content.decode()
    assert paid.token not in client.get(confirmation).content.decode()  # the reference alone shows no receipt


def test_a_question_may_be_called_as_a_dictionary_calls_its_own(client: Client) -> None:
    asked = tuple(Text(code=code, label=code.title(), required=True, **WHY) for code in ("items", "keys", "copy"))
    publish(Form(code="moving", title="Things", service="fly-tipping", pages=(page("one", *asked, title="Things"),)))
    assert "built-in" not in client.get("/forms/moving/one").content.decode()
    wrong = client.post("/forms/moving/one", {"items": "a sofa"}).content.decode()
    assert 'value="a sofa"' in wrong
    assert "built-in" not in wrong


def with_evidence() -> Form:
    return Form(
        code="permit",
        title="Get a permit",
        service="fly-tipping",
        pages=(
            page(
                "show",
                Upload(code="evidence", label="Your evidence", required=True, **WHY),
                Email(code="mail", label="What is your email address?", required=True, **WHY),
                title="Show us",
            ),
            page("child", Upload(code="proof", label="Proof of birth", required=True, **WHY), repeat="children"),
        ),
        repeats=(Repeat(code="children", title="Children", item="child", minimum=1),),
    )


def test_files_outlive_a_mistake_beside_them_and_reach_the_case(client: Client) -> None:
    publish(with_evidence())

    wrong = client.post("/forms/permit/show", {"evidence": a_photo(), "mail": "nobody"})
    assert wrong.status_code == 422
    assert "1 file is here" in wrong.content.decode()
    at = follow_on(client, "/forms/permit/show", {"mail": "sam@example.org"})  # the browser does not send a file again
    at = follow_on(client, at, {"proof": a_photo()})
    check = follow_on(client, at, {"children__more": "no"})
    assert {file.subject_id for file in StoredFile.objects.all()} == {Draft.objects.get().pk}
    follow_on(client, check, {})

    case = Case.objects.get()
    assert [(file.subject_kind, file.case_id) for file in StoredFile.objects.all()] == [("case", case.pk)] * 2


def test_files_are_kept_as_long_as_the_answers_that_they_belong_to(client: Client) -> None:
    publish(with_evidence())
    follow_on(client, "/forms/permit/show", {"evidence": a_photo(), "mail": "sam@example.org"})
    client.post("/forms/permit/save", {"email": "sam@example.org"})

    assert tidy(now() + timedelta(days=50)) == 0
    assert tidy(now() + timedelta(days=61)) == 1
