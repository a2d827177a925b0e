"""The register of mailboxes: neglected ones are told of, unused ones are proposed for closing, and closing goes by steps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from townhall.accounts.models import Role
from townhall.cases.models import Case
from townhall.cases.operations.deciding import accept
from townhall.cases.tests.makers import make_staff
from townhall.clocks import sweeps as clocks
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.mailroom import neglect, operations, queries
from townhall.mailroom.errors import SingleReader
from townhall.mailroom.models import Mail, Mailbox
from townhall.mailroom.tests.makers import ADVISER, AT, case_of, come_in, written
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def owned(mailbox: Mailbox) -> Mailbox:
    """Its owner is the duty officer of street cleansing, whose manager is there too."""
    make_staff("duty", team="street-cleansing", role=Role.OFFICER, post="street-cleansing-duty")
    make_staff("boss", team="street-cleansing", role=Role.TEAM_MANAGER, post="street-cleansing-manager")
    return operations.change(
        mailbox.pk,
        purpose="Bins",
        owner="street-cleansing-duty",
        reply_days=2,
        readers=mailbox.readers,
        by=SYSTEM,
        at=AT,
    )


def told(template: str) -> list[str]:
    return list(
        Message.objects.filter(template=template).order_by("created_at").values_list("recipient_address", flat=True)
    )


def box(mailbox: Mailbox, *, at: object = AT) -> queries.Box:
    return queries.box(mailbox.pk, by=SYSTEM, at=at)  # type: ignore[arg-type]


@pytest.mark.capability("MAIL-01")
def test_a_mailbox_that_nobody_looks_into_alerts_its_owner_and_then_the_manager(owned: Mailbox) -> None:
    with pytest.raises(SingleReader):
        operations.change(
            owned.pk,
            purpose="Bins",
            owner="street-cleansing-duty",
            reply_days=2,
            readers=owned.readers[:1],
            by=SYSTEM,
            at=AT,
        )
    mail = come_in(owned, written("Hello", "Could you help?"))
    assert (box(owned).unread, box(owned).overdue, box(owned).last_opened_at) == (1, 0, None)
    assert (box(owned).purpose, box(owned).reply_days, box(owned).state) == ("Bins", 2, "open")
    assert (box(owned).owner_post_id, len(box(owned).readers)) == (owned.owner_post_id, 2)
    assert neglect.watch(AT + timedelta(minutes=1)) == 1
    assert neglect.watch(AT + timedelta(minutes=2)) == 0  # it is watched over already

    clocks.ring_due(AT + timedelta(hours=7))
    assert told("staff/mailbox_neglected") == []
    clocks.ring_due(AT + DAY + timedelta(hours=1))  # eight hours of the council's own later
    assert told("staff/mailbox_neglected") == ["duty@example.org"]
    assert box(owned).is_neglected(AT + DAY)
    clocks.ring_due(AT + 4 * DAY)
    assert told("staff/mailbox_neglected") == ["duty@example.org", "boss@example.org"]
    assert "though its owner was told" in Message.objects.get(recipient_address="boss@example.org").body_text
    assert (box(owned, at=AT + 4 * DAY).unread, box(owned, at=AT + 4 * DAY).overdue) == (1, 1)

    at = AT + 4 * DAY
    operations.read_by_somebody(mail.pk, by=ADVISER, at=at)
    assert (box(owned).unread, box(owned).last_opened_at, box(owned).alerted_at) == (0, at, None)
    clocks.ring_due(AT + 30 * DAY)
    assert len(told("staff/mailbox_neglected")) == 2
    operations.begin_closing(owned.pk, replacement="fly-tipping", days=30, by=SYSTEM, at=at)
    assert (box(owned).state, box(owned).replacement) == ("closing", "fly-tipping")


def test_what_a_team_dealt_with_is_overdue_no_more(owned: Mailbox) -> None:
    case = case_of(come_in(owned, written("Hello", "Could you help?")))
    officer = make_staff("desk", team=case.doer_team.code, role=Role.OFFICER)
    assert box(owned, at=AT + 9 * DAY).overdue == 1
    accept(case.pk, by=officer, at=AT + DAY)
    assert neglect.watch(AT + DAY + timedelta(minutes=1)) >= 1
    assert box(owned, at=AT + 9 * DAY).overdue == 0


def test_closing_goes_by_steps_and_who_still_writes_is_sent_to_the_form(owned: Mailbox) -> None:
    with pytest.raises(WrongState):
        operations.close(owned.pk, by=SYSTEM, at=AT)
    with pytest.raises(BadInput):
        operations.begin_closing(owned.pk, replacement="nothing", days=3, by=SYSTEM, at=AT)
    with pytest.raises(NotAllowed):
        operations.begin_closing(owned.pk, replacement="fly-tipping", days=30, by=ADVISER, at=AT)
    operations.begin_closing(owned.pk, replacement="fly-tipping", days=30, by=SYSTEM, at=AT)
    mail = come_in(owned, written("Rubbish", "Still here"), at=AT + DAY)
    words = Message.objects.get(case_id=mail.case_id).body_text
    assert "From 23 December 2026 we no longer read emails" in words
    assert "/services/fly-tipping" in words
    assert [(one.mails, one.people) for one in queries.still_arriving(owned.pk, since=AT)] == [(1, 1)]
    with pytest.raises(WrongState, match="period"):
        operations.close(owned.pk, by=SYSTEM, at=AT + 2 * DAY)
    with pytest.raises(WrongState, match="wait for somebody"):
        operations.close(owned.pk, by=SYSTEM, at=AT + 40 * DAY)
    operations.send_to(mail.pk, service="fly-tipping", by=ADVISER, at=AT + DAY)
    assert operations.close(owned.pk, by=SYSTEM, at=AT + 40 * DAY).state == "closed"

    for turn in range(2):
        owned.refresh_from_db()
        late = come_in(owned, written(f"Late {turn}"), at=AT + 41 * DAY + timedelta(minutes=turn))
        assert (late.done, late.case_id) == (Mail.Done.REDIRECTED, None)
    sent = Message.objects.get(template="mail/closed")  # once a day, whatever they send
    assert "nobody has read your email" in sent.body_text
    assert Case.objects.count() == 1
    assert operations.reopen(owned.pk, by=SYSTEM, at=AT + 42 * DAY).state == "open"


def test_an_unused_mailbox_is_proposed_for_closing_once(owned: Mailbox) -> None:
    Mailbox.objects.update(fetched_at=AT)
    come_in(owned, written("Hello"))
    assert neglect.propose_closing(AT + 60 * DAY) == 0
    assert neglect.propose_closing(AT + 91 * DAY) == 1
    assert neglect.propose_closing(AT + 92 * DAY) == 0
    assert told("staff/mailbox_unused") == ["duty@example.org"]
    assert box(owned).closing_proposed_at == AT + 91 * DAY
