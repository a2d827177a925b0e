from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from townhall.core.actors import PUBLIC, Actor, ActorKind
from townhall.core.errors import NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.forms import operations, queries
from townhall.forms.errors import DraftGone, FormRefused, NotFinished
from townhall.forms.events import FormSent
from townhall.forms.models import Draft, Submission
from townhall.forms.questions import Text
from townhall.forms.tests.makers import make_form, make_page, make_text
from townhall.ledger.models import Entry

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRIYA = Actor(kind=ActorKind.STAFF, id="priya")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    queries.forget()


def publish(**fields: str) -> int:
    operations.save_form(make_form(**fields), by=PRIYA, at=NOON)
    return operations.publish("hello", by=PRIYA, at=NOON)


@pytest.mark.capability("FORM-01")
def test_a_form_is_drafted_published_changed_and_rolled_back_and_each_step_is_in_the_ledger() -> None:
    assert publish(title="Hello") == 1
    assert publish(title="Hello again") == 2
    assert queries.form("hello")[0].title == "Hello again"

    assert operations.roll_back("hello", to=1, by=PRIYA, at=NOON) == 3

    assert queries.form("hello") == (make_form(title="Hello"), 3)
    assert [(one.version, one.state) for one in queries.versions("hello")] == [
        (3, "published"),
        (2, "retired"),
        (1, "retired"),
    ]
    verbs = Entry.objects.filter(subject_kind="form").order_by("at", "id").values_list("verb", flat=True)
    assert list(verbs) == [
        "form.saved", "form.published", "form.saved", "form.retired", "form.published", "form.retired", "form.rolled_back",
    ]  # fmt: skip


@pytest.mark.capability("FORM-02")
@pytest.mark.parametrize(
    ("field", "said"), [("why", "does not say why it is asked"), ("system", "does not say what uses the answer")]
)
def test_a_form_with_an_unexplained_question_is_not_published(field: str, said: str) -> None:
    question = msgspec.structs.replace(make_text("age", label="How old are you?"), **{field: " "})
    operations.save_form(make_form(make_page("age", question)), by=PRIYA, at=NOON)

    with pytest.raises(FormRefused) as refused:
        operations.publish("hello", by=PRIYA, at=NOON)

    assert refused.value.faults == (f"The question “How old are you?” (age) {said}.",)
    with pytest.raises(NotFound):
        queries.form("hello")


def test_the_second_of_two_who_edit_a_draft_is_told() -> None:
    first = operations.save_form(make_form(title="One"), by=PRIYA, at=NOON, revision=0)
    assert operations.save_form(make_form(title="Two"), by=PRIYA, at=NOON, revision=first.revision).revision == 2

    with pytest.raises(WrongState):
        operations.save_form(make_form(title="Three"), by=PRIYA, at=NOON, revision=first.revision)
    with pytest.raises(WrongState):
        operations.publish("hello", by=PRIYA, at=NOON, revision=first.revision)

    draft = queries.draft_of("hello")
    assert draft is not None
    assert draft.form.title == "Two"


def test_a_draft_is_thrown_away_and_a_published_form_taken_away() -> None:
    publish()
    operations.save_form(make_form(title="Other"), by=PRIYA, at=NOON)

    operations.discard_form("hello", by=PRIYA, at=NOON)
    assert queries.draft_of("hello") is None
    assert queries.published_version("hello") == 1

    operations.retire_form("hello", by=PRIYA, at=NOON)
    with pytest.raises(NotFound):
        queries.form("hello")
    with pytest.raises(NotFound):
        operations.discard_form("hello", by=PRIYA, at=NOON)
    with pytest.raises(NotFound):
        operations.roll_back("hello", to=7, by=PRIYA, at=NOON)


def test_publishing_the_same_again_changes_nothing() -> None:
    again = make_form(title="Hello again")

    assert [operations.publish_form(one, at=NOON) for one in (make_form(), make_form(), again)] == [1, 1, 2]


@pytest.mark.capability("FORM-01")
def test_a_submission_keeps_the_version_it_was_made_on() -> None:
    publish()
    token = operations.start_draft("hello", by=PUBLIC, at=NOON, channel="web", version=1)
    operations.save_draft(token, {"name": "Ada", "gone": "kept in the draft only"}, step="name", at=NOON)
    publish(title="Changed meanwhile")

    draft = queries.draft(token, at=NOON)
    sent = operations.send_form(
        "hello",
        draft.form_version,
        draft.answers,
        by=PUBLIC,
        at=NOON,
        key=str(draft.id),
        channel="web",
        draft_id=draft.id,
    )
    again = operations.send_form(
        "hello",
        draft.form_version,
        draft.answers,
        by=PUBLIC,
        at=NOON,
        key=str(draft.id),
        channel="web",
        draft_id=draft.id,
    )

    assert sent == again
    kept = queries.submission(sent)
    assert (kept.form_version, kept.answers, kept.is_test) == (1, {"name": "Ada"}, False)
    assert queries.draft(token, at=NOON).result_id == sent
    assert Submission.objects.count() == 1


def test_a_test_is_marked_and_announced_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    from townhall.core import events

    heard: list[FormSent] = []
    monkeypatch.setitem(events._handlers, FormSent, [heard.append])
    operations.save_form(make_form(), by=PRIYA, at=NOON)

    made = operations.send_form("hello", 1, {"name": "Ada"}, by=PRIYA, at=NOON, key="t", channel="web", is_test=True)

    assert queries.submission(made).is_test
    assert heard == []
    with pytest.raises(NotFinished):
        operations.send_form("hello", 1, {"name": "Ada"}, by=PUBLIC, at=NOON, key="u", channel="web")
    operations.publish("hello", by=PRIYA, at=NOON)
    real = operations.send_form("hello", 1, {"name": "Ada"}, by=PUBLIC, at=NOON, key="u", channel="web")
    assert [one.submission_id for one in heard] == [real]


def test_a_form_with_something_to_answer_is_not_sent() -> None:
    operations.save_form(make_form(make_page("a"), make_page("b", make_text("b", required=True))), by=PRIYA, at=NOON)
    operations.publish("hello", by=PRIYA, at=NOON)

    with pytest.raises(NotFinished) as refused:
        operations.send_form("hello", 1, {"a": "x"}, by=PUBLIC, at=NOON, key="k", channel="web")

    assert refused.value.step == "b"
    assert not Submission.objects.exists()


@pytest.mark.capability("FORM-04")
def test_a_saved_draft_is_opened_on_another_device_by_its_link_and_kept_longer() -> None:
    token = operations.start_draft("hello", by=PUBLIC, at=NOON, channel="web", answers={"name": "Ada"})

    link = operations.save_for_later(token, by=PUBLIC, at=NOON)

    later = NOON + timedelta(days=operations.SAVED_DAYS - 1)
    assert link != token
    assert queries.draft(link, at=later).answers == {"name": "Ada"}
    operations.save_draft(link, {"name": "Grace"}, step="name", at=later)
    assert queries.draft(token, at=later).answers == {"name": "Grace"}
    assert operations.forget_drafts(later + timedelta(days=operations.SAVED_DAYS)) == 1
    with pytest.raises(DraftGone):
        queries.draft(link, at=later)


@pytest.mark.capability("FORM-04")
def test_a_draft_in_an_account_is_opened_by_its_owner_only() -> None:
    owner, other = uuid7(), uuid7()
    ada, bob = (Actor(kind=ActorKind.CUSTOMER, id=str(one)) for one in (owner, other))
    token = operations.start_draft("hello", by=PUBLIC, at=NOON, channel="web", answers={"name": "Ada"})
    operations.give_draft_to(token, customer_id=owner, by=ada, at=NOON)

    (line,) = queries.drafts_of(owner, at=NOON)
    assert queries.draft(operations.open_draft(line.id, by=ada, at=NOON), at=NOON).answers == {"name": "Ada"}
    assert queries.drafts_of(other, at=NOON) == []
    for by in (bob, PUBLIC, PRIYA):
        with pytest.raises(NotFound):
            operations.open_draft(line.id, by=by, at=NOON)
    with pytest.raises(DraftGone):
        operations.give_draft_to(token, customer_id=other, by=bob, at=NOON)
    assert Draft.objects.get().customer_id == owner


@pytest.mark.capability("FORM-02")
def test_questions_rarely_answered_or_never_used_are_listed() -> None:
    unused = Text(code="fax", label="Fax number", why="We always did")
    form = make_form(make_page("name"), make_page("fax", unused))
    operations.save_form(form, by=PRIYA, at=NOON)
    for number in range(30):
        answers = {"name": "Ada", "fax": "1"} if number == 0 else {"name": "Ada"}
        operations.submit("hello", 1, answers, by=PUBLIC, at=NOON, key="", channel="web", submission_id=uuid7())

    name, fax = queries.use_of_questions("hello")

    assert (name.sent, name.answered, name.is_rare, name.is_unused) == (30, 30, False, False)
    assert (fax.answered, fax.is_rare, fax.is_unused) == (1, True, True)


def test_the_list_of_forms_shows_what_is_published_and_what_is_in_work() -> None:
    publish()
    operations.save_form(make_form(title="Next"), by=PRIYA, at=NOON)
    operations.save_form(make_form(code="other", title="Other"), by=PRIYA, at=NOON)

    assert [(one.code, one.title, one.published, one.draft) for one in queries.forms()] == [
        ("hello", "Hello", 1, 2),
        ("other", "Other", None, 1),
    ]
