from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from townhall.core.actors import PUBLIC, Actor, ActorKind
from townhall.core.ids import uuid7
from townhall.forms import operations, queries
from townhall.forms.errors import DraftGone, TooMuch
from townhall.forms.models import Draft

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRIYA = Actor(kind=ActorKind.STAFF, id="priya")


@pytest.mark.django_db
def test_a_submission_is_kept_in_one_insert(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    customer, made = uuid7(), uuid7()
    answers = {"size": "van", "words": "🦢 שלום"}

    given = operations.submit(
        "service/fly-tipping",
        3,
        answers,
        by=PRIYA,
        at=NOON,
        key="k1",
        channel="phone",
        on_behalf_of=customer,
        submission_id=made,
    )

    assert given == made
    kept = queries.submission(made)
    assert (kept.form_code, kept.form_version, kept.answers) == ("service/fly-tipping", 3, answers)
    assert (kept.by_kind, kept.by_id, kept.on_behalf_of, kept.channel) == ("staff", "priya", customer, "phone")
    assert (kept.received_at, kept.key) == (NOON, "k1")


@pytest.mark.django_db
def test_answers_too_large_to_keep_are_refused() -> None:
    with pytest.raises(TooMuch):
        operations.submit(
            "f", 1, {"a": "x" * 200_000}, by=PUBLIC, at=NOON, key="", channel="web", submission_id=uuid7()
        )
    token = operations.start_draft("f", by=PUBLIC, at=NOON, channel="web")
    with pytest.raises(TooMuch):
        operations.save_draft(token, {"a": "x" * 200_000}, step="one", at=NOON)


@pytest.mark.django_db
def test_a_draft_keeps_what_was_typed_page_by_page() -> None:
    token = operations.start_draft("f", by=PUBLIC, at=NOON, channel="web", answers={"a": "1"})

    operations.save_draft(token, {"b": "two\0", "bad": {"day": "31"}}, step="details", at=NOON)
    operations.save_draft(token, {"b": "three"}, step="photos", at=NOON + timedelta(days=6))

    draft = queries.draft(token, at=NOON + timedelta(days=12))
    assert draft.answers == {"a": "1", "b": "three", "bad": {"day": "31"}}
    assert draft.step == "photos"


@pytest.mark.django_db
def test_a_draft_is_found_by_its_token_only_and_the_table_does_not_hold_it() -> None:
    token = operations.start_draft("f", by=PUBLIC, at=NOON, channel="web")

    assert len(token) >= 43
    assert not Draft.objects.filter(token_hash=token).exists()
    for guess in ("", "x", token[:-1], token + "x", "\0", "\ud800"):
        with pytest.raises(DraftGone):
            queries.draft(guess, at=NOON)


@pytest.mark.django_db
def test_a_draft_past_its_time_is_gone_and_then_deleted() -> None:
    token = operations.start_draft("f", by=PUBLIC, at=NOON, channel="web")
    later = NOON + timedelta(days=operations.DRAFT_DAYS)
    with pytest.raises(DraftGone):
        operations.save_draft(token, {"a": "1"}, step="", at=later)

    fresh = operations.start_draft("f", by=PUBLIC, at=later, channel="web")

    assert operations.forget_drafts(later) == 1
    assert queries.draft(fresh, at=later).form_code == "f"


@pytest.mark.django_db
def test_a_draft_that_became_something_stays_as_it_was_sent() -> None:
    token = operations.start_draft("f", by=PUBLIC, at=NOON, channel="web", answers={"a": "1"})
    made = uuid7()

    operations.close_draft(queries.draft(token, at=NOON).id, result=made, at=NOON)

    operations.save_draft(token, {"a": "2"}, step="back", at=NOON)
    draft = queries.draft(token, at=NOON)
    assert (draft.answers, draft.result_id) == ({"a": "1"}, made)
