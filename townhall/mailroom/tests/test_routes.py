"""Mail goes where it belongs: by rules, by what was learnt, or by somebody who reads it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from townhall.cases.models import Case
from townhall.clocks import queries as clocks
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.ledger.models import Entry
from townhall.mailroom import figures, operations
from townhall.mailroom.models import Mail, Mailbox, Route, RoutingVersion
from townhall.mailroom.operations import NewRule
from townhall.mailroom.operations.routing import taken_as_it_came
from townhall.mailroom.routing import deciding, teaching
from townhall.mailroom.tests.makers import ADDRESS, ADVISER, AT, AUDITOR, case_of, come_in, written
from townhall.mailroom.tests.test_routing import made_up
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db

LABELS = {
    "fly-tipping": ["mattress", "sofa", "dumped", "rubbish", "fridge", "tipped"],
    "pothole": ["pothole", "road", "tarmac", "tyre", "hole", "kerb"],
}


def taught(many: int = 60, *, seed: int = 5) -> RoutingVersion:
    """A version that learnt from mails that people decided about."""
    box = Mailbox.objects.get()
    for turn, (text, service) in enumerate(made_up(many, labels=LABELS, seed=seed)):
        at = AT - timedelta(days=30) + timedelta(minutes=turn)
        mail = Mail.objects.create(
            mailbox=box,
            digest=str(uuid7()),
            kind="ordinary",
            may_acknowledge=True,
            new_words=text,
            received_at=at,
            done="case",
        )
        Route.objects.create(
            mail=mail,
            made_by="nobody",
            is_sure=False,
            right_service=service,
            right_reason="report",
            right_urgency="normal",
            decided_at=at,
        )
    version = teaching.learn_now(at=AT)
    assert version is not None
    deciding.forget()
    return version


def test_a_sure_mail_goes_to_its_service_and_its_sender_hears_who_has_it_and_which_form_is_quicker(
    mailbox: Mailbox,
) -> None:
    taught()
    mail = come_in(mailbox, written("A hole", "There is a pothole in the road, my tyre hit the kerb."))
    case, route = case_of(mail), Route.objects.get(mail=mail)
    assert (mail.done, case.service_code, case.doer_team.code) == ("case", "pothole", "highways")
    assert (route.made_by, route.is_sure, route.there_at) == ("classifier", True, AT)
    assert set(route.words) <= {"hole", "pothole", "road", "tyre", "kerb", "there", "the", "hit"}
    assert route.words[0] in LABELS["pothole"]
    told = Message.objects.get(case_id=case.pk)
    assert told.template == "mail/received"
    assert "Highways" in told.body_text
    assert "within **2 working days**" in told.body_text
    assert "/services/pothole" in told.body_text
    assert (told.answers.split()[-1], told.reply_to) == (mail.message_id, ADDRESS)
    assert [one.due_on for one in clocks.clocks_about(mail.subject_row)] == [date(2026, 11, 25)]


def test_an_unsure_one_is_acknowledged_and_read_by_somebody_who_sends_it_on_and_teaches(mailbox: Mailbox) -> None:
    mail = come_in(mailbox, written("Hello", "Could you tell me about it please?"))
    case = case_of(mail)
    assert (mail.done, case.service_code) == ("triage", "ask-us")
    before = Message.objects.count()
    later = AT + timedelta(hours=3)
    with pytest.raises(BadInput):
        operations.send_to(mail.pk, service="nothing", by=ADVISER, at=later)
    with pytest.raises(NotAllowed):
        operations.send_to(mail.pk, service="pothole", by=AUDITOR, at=later)
    route = operations.send_to(mail.pk, service="pothole", reason="report", urgency="soon", by=ADVISER, at=later)
    case.refresh_from_db()
    mail.refresh_from_db()
    assert (case.service_code, case.doer_team.code, mail.done) == ("pothole", "highways", "case")
    assert case.due_on == date(2026, 12, 21)  # twenty working days from when it came
    assert (route.there_at, route.right_urgency) == (later, "soon")
    assert "Highways" in Message.objects.order_by("-created_at")[0].body_text
    assert Message.objects.count() == before + 1
    assert [one.service for one in teaching.decided_mails(5)] == ["pothole"]

    Case.objects.filter(pk=case.pk).update(state="accepted")
    with pytest.raises(WrongState):
        operations.send_to(mail.pk, service="fly-tipping", by=ADVISER, at=later)


def test_a_rule_decides_whatever_was_learnt_and_says_what_it_saw(mailbox: Mailbox) -> None:
    taught()
    with pytest.raises(NotAllowed):
        operations.add_rule(NewRule(words="pothole", service="pothole"), by=ADVISER, at=AT)
    with pytest.raises(BadInput):
        operations.add_rule(NewRule(words="of", service="pothole"), by=SYSTEM, at=AT)
    rule = operations.add_rule(NewRule(words="skip hire\nskip licence", service="fly-tipping"), by=SYSTEM, at=AT)
    deciding.forget()
    mail = come_in(mailbox, written("Road", "A pothole beside my SKIP  hire, it is dangerous. I complain!"))
    route = Route.objects.get(mail=mail)
    assert (route.made_by, route.service_code, route.words) == ("rule", "fly-tipping", ["skip  hire"])
    assert (route.urgency, route.reason_code) == ("urgent", "dissatisfied")
    operations.end_rule(rule.pk, by=SYSTEM, at=AT)
    deciding.forget()
    again = come_in(mailbox, written("Road", "A pothole beside my skip hire"), at=AT + timedelta(minutes=1))
    assert Route.objects.get(mail=again).service_code == "pothole"


@pytest.mark.capability("MAIL-03")
def test_corrections_make_a_new_version_that_can_be_compared_and_taken_back_and_the_figures_say_how_it_goes(
    mailbox: Mailbox,
) -> None:
    first = taught()
    assert (first.number, first.is_active, first.decided) == (1, True, 60)
    assert first.figures["accuracy"] > 0.9
    assert teaching.learn_when_there_is_more(AT) == 0

    sure = come_in(mailbox, written("Rubbish", "A mattress and a sofa were dumped, and a fridge"))
    wrong = come_in(mailbox, written("Hole", "The hole in the road, tarmac and tyre"), at=AT + timedelta(minutes=1))
    unsure = come_in(mailbox, written("Hello", "Could you tell me about it?"), at=AT + timedelta(minutes=2))
    proposed = Route.objects.get(mail=sure)
    assert (proposed.service_code, proposed.is_sure) == ("fly-tipping", True)
    assert proposed.confidence is not None
    assert proposed.confidence >= teaching.LEAST_SURE
    assert (sure.done, unsure.done) == ("case", "triage")
    taken_as_it_came(case_of(sure).pk, service="fly-tipping", at=AT + timedelta(hours=1))
    operations.send_to(wrong.pk, service="ask-us", by=ADVISER, at=AT + timedelta(minutes=31))
    operations.send_to(unsure.pk, service="pothole", by=ADVISER, at=AT + timedelta(minutes=62))
    found = figures.routing(since=AT, until=AT + timedelta(days=1), by=SYSTEM)
    assert (found.decided, found.sent_by_itself, found.right_by_itself) == (3, 2, 1)
    assert (found.minutes_to_right_team, found.corrected) == (30, 2)

    for turn in range(teaching.ENOUGH_NEW):
        mail = come_in(
            mailbox,
            written(f"Number {turn}", "Where is the registrar?", From=f"r{turn}@example.org"),
            at=AT + timedelta(hours=1 + turn),
        )
        operations.send_to(mail.pk, service="ask-us", by=ADVISER, at=AT + timedelta(hours=20))
    assert teaching.learn_when_there_is_more(AT + timedelta(days=1)) == 1
    second = RoutingVersion.objects.get(number=2)
    assert second.decided == 73
    compared = teaching.compare([1, 2])
    old, new = compared[1], compared[2]
    assert old is not None
    assert new is not None
    assert new.accuracy > old.accuracy

    operations.use_version(1, by=SYSTEM, at=AT)
    assert RoutingVersion.objects.get(is_active=True).number == 1
    operations.use_version(2, by=SYSTEM, at=AT)
    used = Entry.objects.filter(verb="routing.version_used").order_by("at", "id")
    assert [one.data for one in used] == [{"version": 1}, {"version": 2}]
    assert len({one.subject_id for one in used}) == 1
    deciding.forget()
    assert (
        Route.objects.get(
            mail=come_in(mailbox, written("To ask", "The registrar, where?"), at=AT + timedelta(hours=30))
        ).service_code
        == "ask-us"
    )
    # A rule goes before what was learnt, and says reason and urgency too.
    rule = NewRule(words="registrar", service="pothole", reason="report", urgency="urgent")
    operations.add_rule(rule, by=SYSTEM, at=AT)
    deciding.forget()
    ruled = Route.objects.get(mail=come_in(mailbox, written("Sir", "A registrar?"), at=AT + timedelta(hours=40)))
    assert (ruled.made_by, ruled.service_code, ruled.reason_code, ruled.urgency) == (
        "rule",
        "pothole",
        "report",
        "urgent",
    )
    with pytest.raises(NotFound):
        operations.use_version(9, by=SYSTEM, at=AT)
    with pytest.raises(NotAllowed):
        operations.use_version(1, by=ADVISER, at=AT)


def test_a_new_council_begins_with_the_words_of_its_catalogue(mailbox: Mailbox) -> None:
    version = teaching.learn_now(at=AT)
    assert version is not None
    assert version.figures == {}
    deciding.forget()
    mail = come_in(mailbox, written("Fly-tipping", "Fly-tipping has happened in our street"))
    assert Route.objects.get(mail=mail).service_code == "fly-tipping"
