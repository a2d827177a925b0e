"""What the public reads names shared mailboxes: personal addresses become tasks, and are given out case by case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from townhall.accounts.models import Role
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_user
from townhall.clocks.seeds import seed_reference_data as seed_clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed
from townhall.core.refreshing import forget_all
from townhall.forms.models import FormDefinition
from townhall.knowledge import giving_out, personal, published
from townhall.knowledge.models import Entry, Kind, Task
from townhall.knowledge.personal import seen_in
from townhall.knowledge.published import Published
from townhall.knowledge.published_models import GivenOut, Personal
from townhall.mailroom import operations
from townhall.mailroom.models import Mailbox
from townhall.mailroom.operations import LookAgain, NewReply
from townhall.mailroom.tests.makers import ADDRESS, ADVISER, AT, come_in, written

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
JO = "jo.bloggs@council.example"


@pytest.fixture(autouse=True)
def _domains(settings: Any) -> None:
    settings.COUNCIL_DOMAINS, settings.COUNCIL_EMAIL = ["council.example"], "council@council.example"
    personal.forget()


@pytest.fixture
def manager(mailbox: Mailbox) -> Actor:
    seed_clocks(at=AT)
    return actor_for(make_user(roles=(Role.TEAM_MANAGER,)), at=AT)


def article(body: str) -> Entry:
    words = {"title": "Swans", "body": body, "version": 1, "audience": "public", "made_at": AT, "changed_at": AT}
    entry, _made = Entry.objects.update_or_create(code="swans", defaults={"kind": Kind.ARTICLE, **words})
    forget_all()
    return entry


def form(words: str) -> None:
    FormDefinition.objects.update_or_create(
        code="swan",
        version=1,
        defaults={
            "state": "published",
            "published_at": AT,
            "definition": {"title": "Swan", "pages": [{"hint": words}]},
        },
    )


def page(body: str, *, at: Any = AT) -> None:
    published.read_page(key="portal:help", title="Help", path="/help", owner="", body=body.encode(), at=at)


def standing() -> set[tuple[str, str]]:
    return set(Personal.objects.filter(gone_at=None).values_list("kind", "address"))


def test_an_officers_address_is_told_from_a_shared_mailbox(mailbox: Mailbox) -> None:
    make_user(email="sam.signs.in@elsewhere.example", roles=(Role.OFFICER,))
    personal.forget()
    text = (
        f"{ADDRESS}, council@council.example. Jo.Bloggs@COUNCIL.example. planning@council.example sam.signs.in@elsewhere.example "
        "customer@example.org jo&#46;smith&#64;mail.council.example mailto:al%40council.example @council.example no@one@council.example"
    )
    found = {one.address: one.like_a_name for one in seen_in(text)}
    assert found == {
        JO: True,
        "planning@council.example": False,
        "sam.signs.in@elsewhere.example": True,
        "jo.smith@mail.council.example": True,
        "al@council.example": False,
        "one@council.example": False,
    }


@pytest.mark.capability("MAIL-05")
def test_each_personal_address_is_a_task_until_it_is_gone_and_is_given_out_only_on_purpose(
    mailbox: Mailbox, manager: Actor
) -> None:
    article(f"Swans are looked after. Write to {JO} or {ADDRESS}.")
    form("Questions: planning@council.example")
    published.scan(AT)
    page(f'<p>Ring us</p><script>x="a@council.example"</script><a href="mailto:{JO}?subject=x">Jo</a>')
    assert standing() == {("knowledge", JO), ("form", "planning@council.example"), ("page", JO)}
    tasks = {task.about_kind: task for task in Task.objects.all()}
    assert tasks["knowledge"].words.startswith(f"{JO} looks like somebody’s own address.")
    assert "no shared mailbox that we know" in tasks["form"].words
    assert (tasks["page"].path, tasks["page"].state) == ("/help", "open")
    published.scan(AT + DAY)
    assert Task.objects.count() == 3, "the same find is the same task"

    article(f"Swans are looked after. Write to {ADDRESS}.")  # put right
    published.scan(AT + DAY)
    page("<p>Ring us</p>", at=AT + DAY)
    assert standing() == {("form", "planning@council.example")}
    assert set(Task.objects.filter(state="done").values_list("about_kind", flat=True)) == {"knowledge", "page"}

    # one may stay for a while
    found = Personal.objects.get(gone_at=None)
    officer = actor_for(make_user(roles=(Role.OFFICER,)), at=AT)
    with pytest.raises(NotAllowed):
        giving_out.allow("", reason="x", until_on=AT.date(), by=officer, at=AT, found_id=found.pk)
    for reason, until in (("", AT.date()), ("x", None), ("x", AT.date() - DAY), ("x", date(2099, 1, 1))):
        with pytest.raises(BadInput):
            giving_out.allow("", reason=reason, until_on=until, by=manager, at=AT, found_id=found.pk)
    until = (AT + 10 * DAY).date()
    giving_out.allow("", reason="One officer alone knows it", until_on=until, by=manager, at=AT, found_id=found.pk)
    assert not Task.objects.filter(state="open").exists()
    published.scan(AT + 10 * DAY)
    assert not Task.objects.filter(state="open").exists(), "until its last day"
    published.scan(AT + 11 * DAY)
    assert Task.objects.get(state="open").about_kind == "form"

    # case by case, in an answer
    mail = come_in(mailbox, written())
    new = NewReply(words=f"Dear Sam, write to {JO} about it.", key="one")
    with pytest.raises(LookAgain) as warned:
        operations.reply(mail.pk, new, by=ADVISER, at=AT)
    assert [one.code for one in warned.value.found] == ["personal_address"]
    operations.reply(mail.pk, NewReply(words=new.words, key="one", sure=True), by=ADVISER, at=AT)
    given = GivenOut.objects.get()
    assert (given.address, given.given_by, given.allowance_id) == (JO, ADVISER.id, None)
    giving_out.allow(JO, reason="Named officer for this family", until_on=until, by=manager, at=AT)
    operations.reply(mail.pk, NewReply(words=f"Dear Sam, {JO} will ring.", key="two"), by=ADVISER, at=AT)
    assert GivenOut.objects.exclude(allowance=None).count() == 1, (
        "agreed before, so nobody is asked; still written down"
    )


def test_what_it_stood_on_is_gone(mailbox: Mailbox, manager: Actor) -> None:
    entry = article(f"Write to {JO}")
    published.scan(AT)
    Entry.objects.filter(pk=entry.pk).update(withdrawn_at=AT)
    forget_all()
    published.scan(AT + DAY)
    assert standing() == set()
    assert Task.objects.get().answer == "It was gone when the place was read again."
    published.read(Published(kind="layout", key="a", title="A", text=JO * 3, path="/x"), at=AT)
    assert len(standing()) == 1
