"""Staff read what the public says of applications."""

from __future__ import annotations

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.core.actors import PUBLIC
from townhall.core.time import now
from townhall.ledger.models import Entry
from townhall.neighbourhood.models import Proposal, ProposalComment
from townhall.neighbourhood.proposals import NewComment, comment
from townhall.workspace.tests.conftest import signed_in_as


def make_comment(key: str = "k1", *, may_publish: bool = True, text: str = "It takes our light") -> ProposalComment:
    at = now()
    proposal, _new = Proposal.objects.get_or_create(
        kind="planning",
        reference="26/0001/FUL",
        defaults={"location": "14 Mill Lane", "is_open": True, "source": "s", "first_seen_at": at, "updated_at": at},
    )
    new = NewComment(stance="object", text=text, name="Sam", address="12 Mill Lane", may_publish=may_publish, key=key)
    return ProposalComment.objects.get(pk=comment(proposal.pk, new, by=PUBLIC, at=at))


def test_a_comment_is_published_by_staff_and_written_down(officer: Client) -> None:
    one = make_comment()
    assert "It takes our light" in officer.get("/work/comments").content.decode()

    assert officer.post(f"/work/comments/{one.pk}/decision", {"publish": "yes"}).status_code == 302

    one.refresh_from_db()
    assert one.state == "published"
    assert Entry.objects.get(verb="proposal.comment_read").data == {"state": "published"}
    assert "It takes our light" in Client().get(f"/planning/{one.proposal_id}").content.decode()
    assert "No comments are waiting" in officer.get("/work/comments").content.decode()
    assert officer.post(f"/work/comments/{one.pk}/decision", {"publish": "no"}).status_code == 409


def test_keeping_it_needs_a_reason_and_publishing_its_writers_leave(officer: Client) -> None:
    one, other = make_comment(), make_comment("k2", may_publish=False, text="Between us")

    assert officer.post(f"/work/comments/{one.pk}/decision", {"publish": "no"}).status_code == 422
    assert officer.post(f"/work/comments/{other.pk}/decision", {"publish": "yes"}).status_code == 409
    officer.post(f"/work/comments/{one.pk}/decision", {"publish": "no", "reason": "It names a neighbour"})
    officer.post(f"/work/comments/{other.pk}/decision", {"publish": "no"})

    assert set(ProposalComment.objects.values_list("state", "reason")) == {
        ("kept", "It names a neighbour"),
        ("kept", ""),
    }
    page = Client().get(f"/planning/{one.proposal_id}").content.decode()
    assert "takes our light" not in page
    assert "Between us" not in page


@pytest.mark.parametrize("role", [Role.ADVISER, Role.AUDITOR])
def test_others_do_not(role: Role) -> None:
    one = make_comment()
    client = signed_in_as("ada", team="corporate", role=role)

    assert client.get("/work/comments").status_code == 403
    assert client.post(f"/work/comments/{one.pk}/decision", {"publish": "yes"}).status_code == 403
