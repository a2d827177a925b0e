"""Texts that the staff write: to one customer and to many, under the standards, with the answers at their owner's and on the record."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from townhall.accounts.models import Role
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_user
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.ids import uuid7
from townhall.customers import operations as customers
from townhall.customers.accounts import consents
from townhall.customers.channel_models import ChannelChoice
from townhall.customers.models import ContactPoint, CustomerAddress
from townhall.customers.operations import NewCustomer
from townhall.engagement.states import Texting
from townhall.engagement.tests.makers import NIGHT, NOON, make_home
from townhall.engagement.tests.test_texts import texted
from townhall.engagement.texting import audience, campaigns, lists, results, single
from townhall.engagement.texting.length import length_of, plain, strange_in
from townhall.engagement.texting.models import TextCampaign, TextReply, WrittenText
from townhall.engagement.texting.planning import Plan
from townhall.engagement.texting.standards import PURPOSES, framed, is_open, open_from
from townhall.knowledge import personal
from townhall.knowledge.published_models import GivenOut
from townhall.notifications import sending
from townhall.notifications.models import Message, ReceivedText
from townhall.payments.models import Charge, ChargeKind
from townhall.places.models import Address, Area

pytestmark = pytest.mark.django_db
WARD = "E05000001"


@pytest.fixture(autouse=True)
def _texting(settings: Any) -> None:
    settings.ALERTS_QUIET, settings.TEXT_PROVIDER, settings.TEXT_SENDER = "", "demo", "Aldermere Council"
    settings.TEXT_APPROVAL_ABOVE, settings.TEXT_PART_PENCE, settings.TEXTS_A_MINUTE = 2, "2.5", 2000


def staff(role: Role) -> Actor:
    return actor_for(make_user(roles=(role,)), at=NOON)


@pytest.fixture
def officer() -> Actor:
    return staff(Role.OFFICER)


@pytest.fixture
def manager() -> Actor:
    return staff(Role.TEAM_MANAGER)


def resident(number: int, *, phone: str = "", east: int = 0) -> UUID:
    """Somebody with a mobile phone in a home of the ward, `east` metres from the first."""
    made = customers.create(
        NewCustomer(name=f"Resident {number}", phone=phone or f"07700 900{100 + number}"), by=SYSTEM, at=NOON
    )
    uprn = f"10{number:04}"
    make_home(uprn, east=east)
    Address.objects.filter(pk=uprn).update(ward_code=WARD)
    CustomerAddress.objects.create(customer=made, uprn=uprn, line="Harbour Row", from_on=date(2020, 1, 1))
    return made.pk


@pytest.fixture
def ward() -> Area:
    return Area.objects.create(kind=Area.Kind.WARD, code=WARD, name="Harbour", rings=[])


def to_ward(**more: Any) -> Plan:
    wanted = {"name": "Bins", "purpose": "collection", "words": "Bins are late today.", "to": "ward", "to_code": WARD}
    return Plan(**wanted | more)


def because(row: TextCampaign) -> dict[str, int]:
    return audience.left_out(row.pk)


def go(row: TextCampaign, by: Actor, *, at: datetime = NOON) -> TextCampaign:
    campaigns.send(row.pk, by=by, at=at)
    while campaigns.queue(at):
        pass
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    ("words", "parts", "units"),
    [("a" * 160, 1, 160), ("a" * 161, 2, 161), ("a" * 306, 2, 306), ("a" * 307, 3, 307), ("€" * 80, 1, 160),
     ("a" * 152 + "€" + "a" * 10, 2, 164), ("é£ñ", 1, 3), ("ž" * 70, 1, 70), ("ž" * 71, 2, 71), ("😀" * 35, 1, 70), ("😀" * 36, 2, 72),
     ("a" * 152 + "€" * 77 , 3, 306), ("", 1, 0)],
)  # fmt: skip
def test_a_text_is_as_long_as_phone_companies_count_it(words: str, parts: int, units: int) -> None:
    found = length_of(words)
    assert (found.parts, found.units) == (parts, units)


def test_the_database_counts_parts_as_the_screen_does(officer: Actor, ward: Area, settings: Any) -> None:
    resident(1)
    for words in ("a" * 100, "a" * 130, "é" * 200, "ž" * 30, "ž" * 80, "😀" * 20, "a\nb" * 20):
        row = campaigns.plan(to_ward(words=words), by=officer, at=NOON)
        assert row.parts == length_of(framed(words, many=True)).parts, words
    assert plain("It’s “late” – sorry…") == 'It\'s "late" - sorry...'
    assert strange_in("Zażółć €") == "żółć"


def test_each_purpose_has_its_hours_and_what_comes_too_late_waits() -> None:
    payment = PURPOSES["payment"]
    assert is_open(payment, NOON)
    assert not is_open(payment, NIGHT)
    saturday_evening = datetime(2026, 3, 7, 19, 30, tzinfo=NOON.tzinfo)
    assert open_from(payment, saturday_evening) == datetime(2026, 3, 9, 8, tzinfo=NOON.tzinfo), "never on a Sunday"
    summer = datetime(2026, 7, 6, 7, 30, tzinfo=NOON.tzinfo)
    assert is_open(payment, summer), "half past eight in London"


@pytest.mark.capability("MAIL-08")
def test_a_text_to_a_ward_is_previewed_approved_sent_answered_and_counted(
    officer: Actor, manager: Actor, ward: Area, settings: Any
) -> None:
    first, *_others = [resident(number) for number in range(1, 6)]
    ContactPoint.objects.filter(normalised="+447700900105").update(value="01632 960105", normalised="+441632960105")
    texted("STOP", number="447700900104")  # before: left out at once
    ChannelChoice.objects.create(customer_id=resident(6), refused=["text"], chosen_at=NOON)
    row = campaigns.plan(to_ward(), by=officer, at=NOON)
    assert (row.people, row.parts, row.pence, because(row)) == (3, 3, 8, {"refused": 1, "stopped": 1})
    [shown, *_rest] = results.examples(row)
    assert shown["words"] == "Aldermere Council: Bins are late today. Text STOP for no more."

    with pytest.raises(WrongState, match="approval"):
        campaigns.send(row.pk, by=officer, at=NOON)
    with pytest.raises(NotAllowed):
        campaigns.approve(row.pk, by=officer, at=NOON)
    campaigns.approve(row.pk, by=manager, at=NOON)
    texted("STOP", number="447700900103", at=NOON + timedelta(minutes=1))  # after the approval: seen again as it goes
    go(row, officer, at=NOON + timedelta(minutes=1))
    assert (row.state, row.people, because(row)) == (Texting.SENT, 2, {"stopped": 2, "refused": 1})
    later = NOON + timedelta(minutes=5)
    sending.run(NOON + timedelta(minutes=2))
    assert results.progress(row)["waiting"] == 2, "held, so that it can be undone"
    sending.run(later)
    assert results.progress(row)["sent"] == 2

    texted("Which bin?", number="447700900101", at=later)
    texted("STOP", number="447700900102", at=later)
    reply = TextReply.objects.get()
    assert (str(reply.owner_id), reply.customer_id) == (officer.id, first), "its owner's, and on the customer's record"
    assert [line.words for line in single.exchanged(customer_id=first)] == ["Which bin?", shown["words"]]
    assert [one.body for one in single.replies_of(UUID(officer.id))] == ["Which bin?"]
    counts = results.progress(row)
    assert (counts["sent"], counts["replied"], counts["opted_out"]) == (2, 1, 1)
    single.text(first, number="+447700900101", words="The green one.", by=officer, at=later, answering=reply.pk)
    assert single.replies_of(UUID(officer.id)) == []
    assert single.exchanged(customer_id=first)[0].words == "Aldermere Council: The green one."


def test_one_customer_is_texted_and_the_answer_is_the_senders_also_at_the_weekend(officer: Actor) -> None:
    customer = resident(1)
    with pytest.raises(BadInput):
        single.text(customer, number="+447700900999", words="Hello", by=officer, at=NOON)
    with pytest.raises(BadInput):
        single.text(customer, number="+447700900101", words="a" * 620, by=officer, at=NOON)
    single.text(customer, number="+447700900101", words="Is the gate locked?", by=officer, at=NIGHT)
    message = Message.objects.get(template="text/to-one")
    assert message.next_attempt_at == datetime(2026, 3, 3, 8, tzinfo=NOON.tzinfo), "not at night"
    texted("Yes, ring first", number="447700900101", at=NIGHT + timedelta(hours=10))
    assert ReceivedText.objects.get().done == "reply"
    [waiting] = single.replies_of(UUID(officer.id))
    assert (waiting.body, waiting.customer_id) == ("Yes, ring first", customer)
    single.settle(waiting.id, by=officer, at=NOON + timedelta(days=1))
    assert not single.settle(waiting.id, by=officer, at=NOON + timedelta(days=1)), "twice is once"
    refusal = ChannelChoice.objects.create(customer_id=customer, refused=["text"], chosen_at=NOON)
    with pytest.raises(WrongState, match="do not want texts"):
        single.text(customer, number="+447700900101", words="Hello", by=officer, at=NOON)
    refusal.delete()
    texted("STOP ALL", number="447700900101", at=NOON + timedelta(days=1))
    with pytest.raises(WrongState, match="not to text"):
        single.text(customer, number="+447700900101", words="Hello", by=officer, at=NOON + timedelta(days=1))


def test_an_emergency_goes_at_night_with_a_reason_and_nothing_else_does(officer: Actor, ward: Area) -> None:
    resident(1)
    with pytest.raises(BadInput, match="emergency"):
        campaigns.plan(to_ward(outside_hours="It is urgent"), by=officer, at=NIGHT)
    wanted = to_ward(purpose="emergency", words="Flood: go upstairs.", outside_hours="River over its banks")
    go(campaigns.plan(wanted, by=officer, at=NIGHT), officer, at=NIGHT)
    sending.run(NIGHT)
    assert Message.objects.get(template="text/to-many").state == "sent"
    go(campaigns.plan(to_ward(name="Late bins"), by=officer, at=NIGHT), officer, at=NIGHT)
    assert Message.objects.get(state="pending").next_attempt_at == datetime(2026, 3, 3, 8, tzinfo=NOON.tzinfo)


def test_news_goes_to_who_agreed_to_it_and_a_number_gets_so_many_a_day(officer: Actor, ward: Area) -> None:
    willing, _other = resident(1), resident(2)
    version = consents.wordings()["text-alerts"].version
    consents.give(willing, "text-alerts", version=version, channel="phone", by=SYSTEM, at=NOON)
    fair = to_ward(name="Fair", purpose="news", words="A fair on Sunday")
    row = campaigns.plan(fair, by=officer, at=NOON)
    assert (row.people, because(row)) == (1, {"consent": 1})
    go(row, officer)
    again = campaigns.plan(fair, by=officer, at=NOON + timedelta(hours=1))
    assert because(again) == {"consent": 1, "enough": 1}
    with pytest.raises(WrongState, match="Nobody"):
        campaigns.send(again.pk, by=officer, at=NOON)


def test_it_is_stopped_before_and_while_it_goes(officer: Actor, manager: Actor, ward: Area) -> None:
    for number in range(1, 4):
        resident(number)
    dropped = campaigns.plan(to_ward(), by=officer, at=NOON)
    assert campaigns.stop(dropped.pk, because="", by=officer, at=NOON).state == Texting.DROPPED
    row = campaigns.plan(to_ward(), by=officer, at=NOON)
    campaigns.approve(row.pk, by=manager, at=NOON)
    go(row, officer)
    with pytest.raises(BadInput):
        campaigns.stop(row.pk, because=" ", by=officer, at=NOON)
    sent = Message.objects.filter(template="text/to-many").first()
    assert sent is not None
    Message.objects.filter(pk=sent.pk).update(state="sent", next_attempt_at=None)
    campaigns.stop(row.pk, because="Wrong day", by=officer, at=NOON)
    counts = results.progress(row)
    assert (counts["sent"], counts["stopped"], counts["waiting"]) == (1, 2, 0)
    assert not sending.claim(at=NOON + timedelta(hours=1))
    with pytest.raises(WrongState):
        campaigns.send(row.pk, by=officer, at=NOON)


def test_what_was_approved_is_what_goes_and_a_change_asks_for_approval_again(
    officer: Actor, manager: Actor, ward: Area
) -> None:
    for number in range(1, 4):
        resident(number)
    row = campaigns.plan(to_ward(), by=manager, at=NOON)
    with pytest.raises(WrongState, match="Somebody else"):
        campaigns.approve(row.pk, by=manager, at=NOON)
    campaigns.approve(row.pk, by=staff(Role.SENIOR_MANAGER), at=NOON)
    changed = campaigns.plan(to_ward(words="No bins at all."), by=manager, at=NOON, campaign_id=row.pk)
    assert (changed.state, changed.approved_by, changed.people) == (Texting.DRAFT, "", 3)
    with pytest.raises(WrongState, match="since you read it"):
        campaigns.approve(row.pk, by=staff(Role.SENIOR_MANAGER), at=NOON, seen=NOON - timedelta(seconds=1))


def test_the_page_sent_twice_is_one_text_and_written_otherwise_on_it_is_the_same_one(
    officer: Actor, ward: Area
) -> None:
    resident(1)
    key = uuid7()
    first = campaigns.plan(to_ward(), by=officer, at=NOON, key=key)
    assert campaigns.plan(to_ward(), by=officer, at=NOON, key=key).pk == first.pk
    otherwise = campaigns.plan(to_ward(words="No bins."), by=officer, at=NOON, key=key)
    assert (otherwise.pk, otherwise.words) == (first.pk, "No bins.")
    assert TextCampaign.objects.count() == 1
    other = campaigns.plan(to_ward(), by=officer, at=NOON, key=uuid7())
    assert other.pk != first.pk


def test_one_text_pressed_twice_goes_once_and_ones_own_address_is_meant_or_not_given(
    officer: Actor, settings: Any
) -> None:
    settings.COUNCIL_DOMAINS = ["council.example"]
    personal.forget()
    customer, number = resident(1), "+447700900101"
    one = single.text(customer, number=number, words="Ring us", by=officer, at=NOON)
    assert (
        single.text(customer, number=number, words="Ring us", by=officer, at=NOON + timedelta(seconds=5)).pk == one.pk
    )
    assert Message.objects.filter(template="text/to-one").count() == 1
    assert Message.objects.get(template="text/to-one").template_version.startswith("own-")
    single.text(customer, number=number, words="Ring us", by=officer, at=NOON + timedelta(days=1))
    assert Message.objects.filter(template="text/to-one").count() == 2, "a day later it is another"
    own = "Write to jo.bloggs@council.example"
    with pytest.raises(BadInput) as refused:
        single.text(customer, number=number, words=own, by=officer, at=NOON)
    assert list(refused.value.problems) == ["sure"]
    single.text(customer, number=number, words=own, by=officer, at=NOON, sure=True)
    assert GivenOut.objects.get().address == "jo.bloggs@council.example"
    with pytest.raises(BadInput, match="own address"):
        campaigns.plan(to_ward(words=own), by=officer, at=NOON)
    personal.forget()


def test_what_was_texted_about_a_case_that_is_closed_to_somebody_is_not_shown(officer: Actor) -> None:
    customer, case = resident(1), uuid7()
    single.text(customer, number="+447700900101", words="About it", by=officer, at=NOON, case_id=case)
    single.text(customer, number="+447700900101", words="Otherwise", by=officer, at=NOON)
    texted("Yes", number="447700900101", at=NOON + timedelta(minutes=1))
    assert len(single.exchanged(customer_id=customer)) == 3
    TextReply.objects.update(case_id=case)
    assert [one.words for one in single.exchanged(customer_id=customer, closed=[case])] == [
        "Aldermere Council: Otherwise"
    ]


def test_whoever_paid_after_the_list_was_made_is_not_reminded(officer: Actor) -> None:
    kind = ChargeKind.objects.create(code="council-tax", name="Council tax")
    for number in (1, 2):
        Charge.objects.create(
            kind=kind, reference=f"R{number}", reference_key=f"R{number}", description="Council tax", amount_pence=100,
            due_on=NOON.date(), customer_id=resident(number), source="revenues", source_key=str(number), created_at=NOON,
        )  # fmt: skip
    due = Plan(name="Due", purpose="payment", words="{amount} is due", to="saved", to_code="bill-due")
    row = campaigns.plan(due, by=officer, at=NOON)
    assert row.people == 2
    Charge.objects.filter(reference="R1").update(state="paid", closed_at=NOON)
    go(row, officer)
    assert (row.people, because(row)) == (1, {"paid": 1})


def test_a_list_in_a_file_says_what_is_wrong_with_which_line(officer: Actor) -> None:
    whose = resident(1)
    raw = (
        "Mobile,Name,Amount\n07700 900101,,£12.00\n7700900102,Sam,£3\n+447700900101,Twice,£1\nabc,Bad,£1\n"
        "01632960001,Land,£1\n\n07700900103,No amount,\n"
    )
    listed = lists.read(raw.encode())
    assert [line for line, _why in listed.problems] == [4, 5, 6]
    wanted = Plan(name="Fees", purpose="payment", words="{name}, {amount} is due.", to="file", listed=listed)
    row = campaigns.plan(wanted, by=officer, at=NOON)
    texts = {one.number: one for one in WrittenText.objects.filter(campaign=row)}
    assert texts["+447700900101"].customer_id == whose
    assert any("Resident 1, £12.00 is due." in one["words"] for one in results.examples(row))
    assert (row.people, because(row)) == (2, {"empty": 1})
    with pytest.raises(BadInput, match="nothing called"):
        campaigns.plan(
            Plan(name="x", purpose="payment", words="{price}", to="file", listed=listed), by=officer, at=NOON
        )
    for bad in (b"", b"name,amount\nSam,3\n", b"number\nnone\n", b"\xff\xfe\x00"):
        with pytest.raises(BadInput):
            lists.read(bad)


def test_the_list_of_bills_due_and_the_areas_reach_whom_they_name(officer: Actor, ward: Area) -> None:
    payer, near, far = resident(1), resident(2, east=50), resident(3, east=900)
    kind = ChargeKind.objects.create(code="council-tax", name="Council tax")
    for number, (customer, days) in enumerate([(payer, 3), (payer, 5), (near, 30)]):
        Charge.objects.create(
            kind=kind, reference=f"R{number}", reference_key=f"R{number}", description="Council tax", amount_pence=12050,
            due_on=NOON.date() + timedelta(days=days), customer_id=customer, source="revenues", source_key=str(number), created_at=NOON,
        )  # fmt: skip
    words = "{amount} is due on {due}, reference {reference}. {link}"
    row = campaigns.plan(
        Plan(name="Due", purpose="payment", words=words, to="saved", to_code="bill-due"), by=officer, at=NOON
    )
    [shown] = results.examples(row)
    assert "£120.50 is due on 5 March, reference R0. http" in shown["words"]
    assert shown["parts"] == length_of(shown["words"]).parts

    around = campaigns.plan(to_ward(to="around", to_code="530000,180000,100"), by=officer, at=NOON)
    assert set(WrittenText.objects.filter(campaign=around).values_list("customer_id", flat=True)) == {payer, near}
    corners = [(530_500, 179_900), (531_000, 179_900), (531_000, 180_100), (530_500, 180_100)]
    drawn = campaigns.plan(to_ward(to="drawn", to_code="", corners=corners), by=officer, at=NOON)
    assert [one.customer_id for one in WrittenText.objects.filter(campaign=drawn)] == [far]
