"""The newsletter: approved by somebody else, queued once for who agreed, stopped at one click, and never to an address that refuses it."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes
from uuid import UUID

import pytest

from townhall.contacts.operations import Past, log_past
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.customers.accounts import consents
from townhall.engagement import newsletter
from townhall.engagement.effect import effect_of
from townhall.engagement.models import Issue, Reader
from townhall.engagement.tests.makers import NOON, customer_of, make_account
from townhall.notifications import sending
from townhall.notifications.mail import as_email
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db
MANAGER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-00000000000a", roles=frozenset({"team_manager"}))
SENIOR = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-00000000000e", roles=frozenset({"senior_manager"}))
OFFICER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-00000000000b", roles=frozenset({"officer"}))


def agreeing(email: str) -> UUID:
    customer = customer_of(make_account(email))
    version = consents.wordings()["newsletter"].version
    by = Actor(kind=ActorKind.CUSTOMER, id=str(customer))
    consents.give(customer, "newsletter", version=version, channel="web", by=by, at=NOON)
    return customer


def written(by: Actor = MANAGER) -> Issue:
    sections = {"season": "Gritting starts in November.", "consultations": "The library plan."}
    return newsletter.write(date(2026, 3, 9), subject_line="March in town", sections=sections, by=by, at=NOON)


def sent() -> Issue:
    issue = written()
    newsletter.approve(issue.pk, by=SENIOR, at=NOON)
    newsletter.send(issue.pk, by=MANAGER, at=NOON)
    while newsletter.queue(NOON):
        pass
    return Issue.objects.get(pk=issue.pk)


def mails() -> list[Message]:
    return list(Message.objects.filter(template="newsletter/issue").order_by("recipient_address"))


@pytest.mark.capability("ENGA-03")
def test_only_account_holders_who_agreed_get_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newsletter, "BATCH", 2)
    for name in "abcde":
        agreeing(f"{name}@example.org")
    make_account("silent@example.org")
    issue = sent()
    assert (issue.state, issue.queued) == ("sent", 5)
    assert [one.recipient_address for one in mails()] == [f"{name}@example.org" for name in "abcde"]
    first, second = mails()[:2]
    assert "Gritting starts" in first.body_text
    assert first.unsubscribe_url in first.body_text
    assert first.unsubscribe_url != second.unsubscribe_url
    assert newsletter.queue(NOON) == 0

    Issue.objects.update(state="sending", reached=None)  # as after a death before the last was written down
    while newsletter.queue(NOON):
        pass
    assert len(mails()) == 5


@pytest.mark.capability("ENGA-03")
def test_the_queued_mail_is_sent_with_the_one_click_headers_and_the_link_ends_it() -> None:
    customer = agreeing("ann@example.org")
    sent()
    [claimed] = [one for one in sending.claim(at=NOON) if one.template == "newsletter/issue"]
    mail = message_from_bytes(as_email(claimed))
    assert mail["To"] == "Noor Resident <ann@example.org>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = UUID(mail["List-Unsubscribe"].strip("<>").rpartition("/")[2])
    assert newsletter.reads(token) is True

    newsletter.stop(token, at=NOON)
    newsletter.stop(token, at=NOON)
    assert newsletter.reads(token) is False
    assert not consents.agreed(customer, "newsletter")
    with pytest.raises(NotFound):
        newsletter.stop(UUID(int=1), at=NOON)


def test_what_still_waits_is_taken_back_when_it_is_stopped() -> None:
    customer = agreeing("ann@example.org")
    sent()
    newsletter.stop(Reader.objects.get(pk=customer).token, at=NOON)
    assert [one.state for one in mails()] == ["withdrawn"]


@pytest.mark.capability("ENGA-03")
def test_an_address_that_refuses_it_for_good_gets_no_more() -> None:
    agreeing("gone@example.org")
    agreeing("here@example.org")
    sent()
    for message in sending.claim(at=NOON):
        if message.recipient_address == "gone@example.org":
            sending.fail(message, "550 no such user", at=NOON)
    issue = newsletter.write(date(2026, 4, 1), subject_line="April", sections={"news": "News."}, by=MANAGER, at=NOON)
    newsletter.approve(issue.pk, by=SENIOR, at=NOON)
    newsletter.send(issue.pk, by=MANAGER, at=NOON)
    newsletter.queue(NOON)
    assert [one.recipient_address for one in mails() if one.subject_line == "April"] == ["here@example.org"]


def test_nobody_approves_their_own_words_and_changed_words_need_approval_anew() -> None:
    issue = written(by=SENIOR)
    with pytest.raises(WrongState):
        newsletter.approve(issue.pk, by=SENIOR, at=NOON)
    with pytest.raises(NotAllowed):
        newsletter.approve(issue.pk, by=MANAGER, at=NOON)
    written()
    newsletter.approve(issue.pk, by=SENIOR, at=NOON)
    assert written().state == "draft"
    with pytest.raises(WrongState):
        newsletter.send(issue.pk, by=MANAGER, at=NOON)
    with pytest.raises(NotAllowed):
        written(by=OFFICER)
    with pytest.raises(BadInput):
        newsletter.write(date(2026, 5, 1), subject_line=" ", sections={}, by=MANAGER, at=NOON)


def test_a_sent_issue_is_not_written_anew_and_a_try_goes_to_one_address() -> None:
    agreeing("ann@example.org")
    newsletter.try_out(written().pk, email="editor@example.org", by=MANAGER, at=NOON)
    assert [one.recipient_address for one in mails()] == ["editor@example.org"]
    newsletter.approve(Issue.objects.get().pk, by=SENIOR, at=NOON)
    newsletter.send(Issue.objects.get().pk, by=MANAGER, at=NOON + timedelta(minutes=1))
    with pytest.raises(WrongState):
        written()


@pytest.mark.capability("ENGA-03")
def test_contacts_after_an_issue_are_reported_against_before() -> None:
    issue = sent()
    assert issue.began_at == NOON
    days = [
        ("council-tax", -8),
        ("council-tax", -6),
        ("gritting", -1),
        ("gritting", 0),
        ("gritting", 2),
        ("gritting", 6),
    ]
    days += [("gritting", 8)]
    log_past(
        Past(id=uuid7(), channel="phone", service_code=code, reason_code="", at=NOON + timedelta(days=day))
        for code, day in days
    )

    def figures(after: timedelta) -> list[tuple[str, int, int, int]]:
        found = effect_of(issue, at=NOON + after)
        return [(one.service_code, one.before, one.after, one.more) for one in found]

    assert figures(timedelta(days=30)) == [("gritting", 1, 3, 2), ("council-tax", 1, 0, -1)]
    assert figures(timedelta(days=3)) == [("gritting", 1, 2, 1)], "three days against three days"
    assert effect_of(Issue(), at=NOON) == []
