"""Messages that could not be delivered: listed for the team that can put it right, and sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case
from townhall.core.time import now
from townhall.ledger.queries import history_of_case
from townhall.notifications.models import Message
from townhall.notifications.states import State
from townhall.workspace import undelivered
from townhall.workspace.tests.conftest import signed_in_as


def fail(case: Case) -> Message:
    message = Message.objects.get(case_id=case.pk)
    message.state, message.error, message.next_attempt_at = State.FAILED, "550 no such mailbox", None
    message.save()
    return message


@pytest.mark.capability("CHAN-04")
def test_a_team_sees_why_its_messages_failed_and_sends_them_again(officer: Client) -> None:
    ours, theirs = make_case(at=now()), make_case("pothole", at=now())
    message, other = fail(ours), fail(theirs)

    page = officer.get("/work/messages").content.decode()
    assert "550 no such mailbox" in page
    assert "sam@example.org" in page
    assert ours.reference in page
    assert theirs.reference not in page

    officer.post("/work/messages/again", {"message": [str(message.pk), str(other.pk), "nonsense"]})
    message.refresh_from_db()
    other.refresh_from_db()
    assert (message.state, other.state) == (State.PENDING, State.FAILED)
    assert "message.tried_again" in [entry.verb for entry in history_of_case(ours.pk).rows]
    assert "Every message was delivered" in officer.get("/work/messages").content.decode()


def test_an_administrator_sees_every_teams_and_nobodys_name(db: None) -> None:
    admin = signed_in_as("ada", team="digital", role=Role.ADMINISTRATOR)
    fail(make_case(at=now()))
    Message.objects.create(
        key="k", template="staff/chased", channel="email", recipient_address="highways@example.org", subject_kind="x",
        subject_id="01a" + "0" * 29, subject_line="Chased", body_text="", state=State.FAILED, created_at=now(),
    )  # fmt: skip

    page = admin.get("/work/messages").content.decode()

    assert "550 no such mailbox" in page
    assert "Chased" in page
    assert "sam@example.org" not in page
    assert "Sam Resident" not in page


def test_what_went_by_another_way_is_not_listed(officer: Client) -> None:
    message = fail(make_case(at=now()))
    Message.objects.filter(pk=fail(make_case(at=now())).pk).update(key=f"{message.key}:fallback", state=State.SENT)

    assert "550 no such mailbox" not in officer.get("/work/messages").content.decode()


def test_the_list_goes_on_page_by_page(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undelivered.undelivered, "__kwdefaults__", {"after": "", "size": 2})
    made = [make_case(at=now() - timedelta(minutes=number)) for number in range(3)]
    for case in made:
        fail(case)

    first = officer.get("/work/messages").content.decode()
    cursor = first.partition("?after=")[2].partition('"')[0]
    second = officer.get(f"/work/messages?after={cursor}").content.decode()

    seen = [[case.reference in page for case in made] for page in (first, second)]
    assert [sum(one) for one in seen] == [2, 1]
    assert all(a != b for a, b in zip(*seen, strict=True))


def test_an_adviser_may_not_look() -> None:
    assert signed_in_as("amy", team="desk", role=Role.ADVISER).get("/work/messages").status_code == 403
