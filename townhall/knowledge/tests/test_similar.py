"""Whoever writes about a standard topic in their own words is shown the approved ones."""

from __future__ import annotations

import pytest

from townhall.knowledge import similar
from townhall.knowledge.models import Kind
from townhall.knowledge.tests.makers import make_entry, make_people

pytestmark = pytest.mark.django_db
FOUND = "We found your swan. You can collect it from the warden's office within seven days; bring proof of who you are."
FED = "Please do not feed bread to swans: it makes them ill. Lettuce, sweetcorn and swan food are good for them."


def test_free_words_on_a_standard_topic_find_the_approved_reply_and_others_none() -> None:
    people = make_people()
    make_entry(
        people, Kind.REPLY, title="Swan found", body=FOUND, topic="Is my swan found?", service_codes=("lost-swan",)
    )
    make_entry(people, Kind.REPLY, title="Feeding", body=FED, topic="What may I feed swans?")

    said = "Hello Mr Reed, your swan turned up. Please collect it at the office of the warden and bring some proof."
    [found] = similar.replies_like(said, service="lost-swan")
    assert found.reply.title == "Swan found"
    assert {"collect", "proof", "warden"} & set(found.words)
    assert not found.is_same
    assert similar.replies_like("Is bread for swans good? We should feed them lettuce.")[0].reply.title == "Feeding"
    assert similar.replies_like("The road outside your house will be closed on Monday for new tarmac.") == []
    assert similar.replies_like("Swan found") == []
    assert similar.replies_like(f"Dear Ann,\n{FOUND}")[0].is_same
    assert [one.reply.title for one in similar.replies_like(said, service="pothole")] == []
