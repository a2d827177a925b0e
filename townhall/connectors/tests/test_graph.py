"""Mail in Microsoft 365, against a server that answers as Microsoft Graph's documentation says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytest_django import Settings

from townhall.connectors import graph
from townhall.connectors.graph import Graph, GraphFailed, PlaceLost, Throttled
from townhall.connectors.tests.graph_stand_in import APPLICATION, Office, office

BOX = "waste@council.example"


@pytest.fixture
def there(settings: Settings) -> Iterator[Office]:
    with office(settings) as made:
        yield made


@pytest.fixture
def box(there: Office) -> Iterator[Graph]:
    with graph.opened(APPLICATION, BOX) as opened:
        yield opened


def test_what_is_new_comes_page_by_page_and_byte_for_byte(there: Office, box: Graph) -> None:
    raws = [f"Subject: {turn}\r\n\r\n\x00\xff".encode("latin-1") for turn in range(5)]
    ids = [there.deliver(raw) for raw in raws]
    first = box.changes("inbox", most=3)
    assert (list(first.ids), first.is_last) == (ids[:3], False)  # what was deleted is no mail
    second = box.changes("inbox", at=first.next, most=3)
    assert (list(second.ids), second.is_last) == (ids[3:], True)
    assert [box.mime(one) for one in ids] == raws
    late = there.deliver(b"Subject: late\r\n\r\n")
    assert box.changes("inbox", at=second.next).ids == (late,)
    assert box.mime("AAMkGone=") is None
    assert there.asked.count(f"POST /{APPLICATION.tenant}/oauth2/v2.0/token") == 1  # the token is kept


def test_a_mail_is_marked_moved_and_sent(there: Office, box: Graph) -> None:
    made = there.deliver(b"Subject: Bins\r\n\r\n")
    box.mark_read(made)
    assert box.move(made, "archive") == made
    assert (there.mails[made].is_read, there.mails[made].folder) == (True, "archive")
    box.send("Subject: Ü\r\n\r\nHello".encode())
    assert there.sent == ["Subject: Ü\r\n\r\nHello".encode()]


def test_an_old_token_is_renewed_once_and_a_wrong_secret_is_said(there: Office, box: Graph) -> None:
    made = there.deliver(b"Subject: Bins\r\n\r\n")
    box.changes("inbox")
    there.tokens.append("revoked-since")
    assert box.mime(made) is not None
    there.tokens.append("revoked-again")
    box.mark_read(made)
    graph.forget_tokens()
    with (
        graph.opened(replace(APPLICATION, secret="wrong"), BOX) as stranger,
        pytest.raises(GraphFailed, match="invalid_client AADSTS7000215"),
    ):
        stranger.changes("inbox")
    assert "made-up" not in repr(APPLICATION)


def test_when_it_asks_to_wait_it_is_left_alone_for_so_long(there: Office, box: Graph) -> None:
    box.changes("inbox")
    for header, seconds in (("17", 17), ("999999", 300), ("", 10), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)):
        there.refusals = [(429, {"Retry-After": header} if header else {})]
        with pytest.raises(Throttled) as said:
            box.changes("inbox")
        assert said.value.seconds == seconds
    there.refusals = [(503, {"Retry-After": "3"})]
    with pytest.raises(Throttled):
        box.mime("AAMk0000=")


def test_a_connection_that_fails_is_said_in_words_also_in_the_middle_of_a_mail(there: Office, box: Graph) -> None:
    made = there.deliver(b"Subject: Bins\r\n\r\n")
    there.breaks_off = True
    with pytest.raises(GraphFailed, match="No answer from Microsoft 365: RemoteProtocolError"):
        box.mime(made)
    assert box.mime(made) == b"Subject: Bins\r\n\r\n"


def test_a_place_that_is_forgotten_and_a_link_elsewhere_are_told_from_other_faults(there: Office, box: Graph) -> None:
    page = box.changes("inbox")
    there.forgets = True
    with pytest.raises(PlaceLost):
        box.changes("inbox", at=page.next)
    asked = len(there.asked)
    with pytest.raises(PlaceLost):
        box.changes("inbox", at="https://elsewhere.example/v1.0/users/x/mailFolders/inbox/messages/delta?$deltatoken=1")
    assert len(there.asked) == asked
    with pytest.raises(GraphFailed, match="404 ErrorItemNotFound"):
        box.mark_read("AAMk9999=")
