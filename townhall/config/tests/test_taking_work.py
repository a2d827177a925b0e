"""Waiting work of every channel: taken once, whoever presses when."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection

from townhall.accounts.models import Role, Team
from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case, make_council, make_staff
from townhall.contacts import callbacks
from townhall.contacts.callbacks import NewCallBack
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import NotAllowed
from townhall.core.ids import uuid7
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.mailroom import operations as mailroom
from townhall.mailroom.models import Mail
from townhall.mailroom.tests.makers import new_mailbox, written
from townhall.workforce import gates, lending, training
from townhall.workforce.lending import NewLoan
from townhall.workforce.models import LoanItem, Module, Taken
from townhall.workforce.states import ItemState
from townhall.workspace import holding, waiting
from townhall.workspace.waiting import Waiting

HOUR = timedelta(hours=1)
EIGHT = 8


def officers(*names: str, team: str = "street-cleansing") -> list[Actor]:
    """Each with a post of their own."""
    made = [make_staff(name, team=team, role=Role.OFFICER, post=f"post-{name}") for name in names]
    forget_all()
    return made


def offered_to(by: Actor) -> dict[str, Waiting]:
    return {one.source: one for one in waiting.offered(by, at=now()).items}


@pytest.mark.django_db
def test_a_mail_a_call_back_and_an_offer_are_each_held_by_one_and_offered_again_when_they_are_let_lie() -> None:
    make_council()
    anna, bert = officers("anna", "bert")
    make_staff("mo", team="street-cleansing", role=Role.TEAM_MANAGER)
    forget_all()
    mailbox = mailroom.open_mailbox(new_mailbox(readers=[UUID(anna.id), UUID(bert.id)]), by=SYSTEM, at=now())
    mailroom.take_in(written(), mailbox, at=now() - HOUR)
    Mail.objects.update(done="triage", why="It comes from nobody who can be answered.")
    team = Team.objects.get(code="street-cleansing")
    callbacks.ask(NewCallBack(phone="01632 960123", name="Sam", team_id=team.pk), by=SYSTEM, at=now())
    case = make_case("pothole", at=now())
    other = make_staff("oli", team=case.doer_team.code, role=Role.OFFICER)
    cases.offer(case.pk, to_team_id=team.pk, note="Yours?", by=other, at=now())

    found = offered_to(anna)
    assert found.keys() == {"mails", "call-backs", "offers"}
    for item in found.values():
        assert waiting.take(item, by=anna, at=now())
        assert not waiting.take(item, by=bert, at=now())
    assert not offered_to(bert)
    assert {one.item.source for one in waiting.tasks_of(anna, at=now())} == {"mails", "call-backs", "cases"}
    assert not waiting.tasks_of(bert, at=now())
    assert Case.objects.get(pk=case.pk).doer_post_id in anna.posts

    later = now() + holding.HOLD + HOUR
    assert {one.source for one in waiting.offered(bert, at=later).items} == {"mails", "call-backs"}


@pytest.mark.django_db
def test_a_mail_and_the_case_of_it_are_offered_once_and_no_more_when_it_was_answered() -> None:
    make_council()
    anna, bert = officers("anna", "bert")
    mailbox = mailroom.open_mailbox(new_mailbox(readers=[UUID(anna.id), uuid7()]), by=SYSTEM, at=now())
    mailroom.take_in(written(), mailbox, at=now() - HOUR)
    case = make_case(at=now())
    Mail.objects.update(done="triage", case_id=case.pk)
    assert (set(offered_to(anna)), set(offered_to(bert))) == ({"mails"}, {"cases"})
    Mail.objects.update(answered_at=now())
    assert (set(offered_to(anna)), set(offered_to(bert))) == ({"cases"}, {"cases"})
    Mail.objects.update(answered_at=None)
    assert waiting.take(offered_to(bert)["cases"], by=bert, at=now())
    assert not offered_to(anna)


@pytest.mark.django_db
def test_a_case_that_asks_for_training_is_not_taken_from_its_own_page_either() -> None:
    make_council()
    (anna,) = officers("anna")
    case = make_case(at=now())
    Module.objects.create(code="tips", name="Evidence", months=12)
    gates.choose("service.fly-tipping", "tips", by=SYSTEM, at=now())
    forget_all()
    own = next(iter(anna.posts))

    with pytest.raises(NotAllowed):
        cases.take(case.pk, post_id=own, by=anna, at=now())
    training.record_passes("tips", [UUID(anna.id)], passed_on=council_date(now()), by=SYSTEM, at=now())
    assert cases.take(case.pk, post_id=own, by=anna, at=now()).doer_post_id == own


@pytest.mark.django_db(transaction=True)
def test_eight_who_press_at_once_get_eight_different_pieces_of_work() -> None:
    make_council()
    people = officers(*(f"o{number}" for number in range(EIGHT)))
    for _case in range(4):
        make_case(at=now())
    Module.objects.create(code="tax", name="Council tax", months=12)
    training.record_passes("tax", [UUID(one.id) for one in people], passed_on=council_date(now()), by=SYSTEM, at=now())
    lender = make_staff("una", team="revenues", role=Role.TEAM_MANAGER)
    teams = dict(Team.objects.values_list("code", "pk"))
    loan = NewLoan(
        title="Changes",
        service_code="fly-tipping",
        from_team=teams["revenues"],
        to_team=teams["street-cleansing"],
        module="tax",
        from_on=council_date(now()),
        until_on=council_date(now()),
        how="Change it",
        avoids=Decimal(1),
        avoids_why="Counted",
    )
    made = lending.lend(loan, by=lender, at=now())
    lending.add_items(made.pk, [(f"CT{number}", "") for number in range(4)], by=lender, at=now())
    forget_all()
    gate = threading.Barrier(EIGHT)
    got: list[tuple[str, UUID] | BaseException | None] = []

    def press(by: Actor) -> None:
        try:
            gate.wait()
            item = waiting.next_for(by, at=now())
            got.append((item.source, item.id) if item else None)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            got.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(isinstance(one, tuple) for one in got), got
    assert len(set(got)) == EIGHT
    assert Taken.objects.count() == EIGHT
    assert LoanItem.objects.filter(state=ItemState.TAKEN).count() == 4
    assert Case.objects.exclude(doer_post=None).count() == 4


@pytest.mark.django_db
def test_however_many_older_mails_wait_one_that_is_taken_is_a_task_and_the_next_are_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "MOST", 2)
    make_council()
    anna, bert = officers("anna", "bert")
    mailbox = mailroom.open_mailbox(new_mailbox(readers=[UUID(anna.id), UUID(bert.id)]), by=SYSTEM, at=now())
    for number in range(4):
        mailroom.take_in(written(f"Mail {number}", "Where is it?"), mailbox, at=now() - HOUR * (9 - number))
    Mail.objects.update(done="triage", why="It comes from nobody who can be answered.")
    newest = Mail.objects.latest("received_at")
    Taken.objects.create(
        source="mails", item_id=newest.pk, user_id=anna.id, where="office", at=now(), waited_seconds=60
    )

    assert [one.item.id for one in waiting.tasks_of(anna, at=now())] == [newest.pk]
    for item in waiting.offered(bert, at=now()).items:  # the two oldest
        assert waiting.take(item, by=bert, at=now())
    assert [one.title for one in waiting.offered(anna, at=now()).items] == ["Mail 2"]
    assert sorted(one.item.title for one in waiting.tasks_of(bert, at=now())) == ["Mail 0", "Mail 1"]
