"""Letters, faxes and posts in social media, through the pages and the door of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from townhall.accounts.key_operations import create_key
from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.models import Case
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.config import waiting
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM, Actor
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.intake.models import Piece
from townhall.intake.tests.makers import fax, scan
from townhall.ledger.models import Look
from townhall.registers import operations as registers
from townhall.registers.definition import read_folder
from townhall.workspace.views import post, post_index

pytestmark = pytest.mark.django_db
FRIDAY = "2026-02-27"


@pytest.fixture
def asha(monkeypatch: pytest.MonkeyPatch) -> Actor:
    make_council()
    seed_reference_data()
    for module in (post, post_index):
        monkeypatch.setattr(module, "now", lambda: MONDAY)
    return make_staff("asha", team="customer-services", role=Role.ADVISER)


def client_of(by: Actor) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def upload(client: Client, *files: tuple[str, bytes], channel: str = "letter", **more: str) -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    given = {"channel": channel, "received_on": FRIDAY, "key": f"k-{channel}", "files": sent}
    return client.post("/work/post/new", given | more)


def social(network_id: str, key: str) -> Any:
    body = {
        "network": "Chirp",
        "id": network_id,
        "words": "My bin again!",
        "at": "2026-02-28T10:00:00+00:00",
        "sender": "@mary",
    }
    return Client().post(
        "/api/v1/post/social", body, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )


@pytest.mark.capability("CHAN-09")
def test_letters_faxes_and_posts_are_indexed_beside_their_picture_and_keep_their_channel_everywhere(
    asha: Actor,
) -> None:
    """A morning's post: two scans of one letter, a fax, and a post told by another system; one of them misfiled and put right."""
    client = client_of(asha)
    mary = customers.create(
        NewCustomer(name="Mary Marsh", kind="person", phone="01632 960123"), by=asha, at=MONDAY, key="m"
    )
    case = make_case()
    Case.objects.filter(pk=case.pk).update(customer=mary)
    refused = upload(client, ("bad.exe", b"MZ"), ("letter.pdf", scan("Dear council")), ("more.pdf", scan("Enclosed")))
    assert refused.status_code == 422
    assert "bad.exe is not a photo or a PDF" in text(refused)
    sent = fax("To the housing office")
    upload(client, ("fax.tif", sent), channel="fax", line="02079460000", sender="A solicitor")
    _made, key = create_key(name="Watching", scopes=["post.in"], by=SYSTEM, at=MONDAY)
    answers = [social("77", key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]

    page = text(client.get("/work/post"))
    order = [page.index(words) for words in ("letter.pdf", "more.pdf", "fax.tif", "My bin again!")]
    assert order == sorted(order)  # the oldest first
    letter, more, faxed, chirp = (
        Piece.objects.get(title=name) if name else Piece.objects.get(channel="social")
        for name in ("letter.pdf", "more.pdf", "fax.tif", "")
    )
    waiting = text(client.get("/work/waiting"))
    assert "Index: fax.tif" in waiting
    client.post(f"/work/waiting/post/{faxed.pk}")
    assert "Asha" in text(client.get("/work/post"))
    assert client.get(f"/work/post/{faxed.pk}/seen").content.startswith(b"%PDF")
    assert client.get(f"/work/post/{faxed.pk}/original").content == sent

    found = text(client.get(f"/work/post/{letter.pk}?q=Mary+Marsh"))
    assert f"?customer={mary.pk}" in found
    beside = text(client.get(f"/work/post/{letter.pk}?customer={mary.pk}"))
    assert "<iframe" in beside
    assert case.reference in beside
    given = {"customer": str(mary.pk), "case": str(case.pk), "reason": "change", "also": [str(more.pk)]}
    client.post(f"/work/post/{letter.pk}", given)
    client.post(f"/work/post/{faxed.pk}", {"customer": str(mary.pk), "case": "none", "reason": "request"})
    opened = {
        "customer": str(mary.pk),
        "case": "new",
        "service": "pothole",
        "words": "A hole again",
        "reason": "report",
    }
    client.post(f"/work/post/{chirp.pk}", opened)
    assert {one.channel_id for one in Contact.objects.filter(customer=mary)} == {"letter", "fax", "social"}
    assert Case.objects.filter(
        pk__in=Piece.objects.filter(pk=chirp.pk).values("case_id"), origin_channel="social"
    ).exists()
    timeline = text(client.get(f"/work/customers/{mary.pk}?reason=contact"))
    assert all(words in timeline for words in ("Letter", "Fax", "Social media", "fax.tif", "letter.pdf"))
    assert "letter.pdf" in text(client.get(f"/work/cases/{case.reference}/papers"))
    assert "Post that came in was added" in text(client.get(f"/work/cases/{case.reference}"))

    client.post(f"/work/post/{faxed.pk}/back", {"why": "It is her neighbour's"})
    assert not Contact.objects.filter(customer=mary, channel="fax").exists()
    assert "fax.tif" in text(client.get("/work/post"))
    figures = text(client.get("/work/post/figures"))
    assert "… to 02079460000" in figures

    registers.load(read_folder(), at=MONDAY)
    line = registers.open_row(
        "fax-numbers",
        title="020 7946 0000",
        given={
            "use": "Solicitors",
            "cost": "180.00",
            "replace_by": "computer_fax",
            "decided_on": "2026-03-01",
            "replace_on": "2026-06-01",
        },
        by=SYSTEM,
        at=datetime(2026, 3, 2, 10, tzinfo=UTC),
    )
    assert {one.due for one in line.actions.all()} >= {"replace"}


def test_who_may_not_index_sees_nothing_that_waits_and_only_what_is_indexed_to_cases_they_may_see(asha: Actor) -> None:
    client, auditor = client_of(asha), client_of(make_staff("ida", team="corporate", role=Role.AUDITOR))
    upload(client, ("letter.pdf", scan("Dear council")))
    piece = Piece.objects.get()
    assert auditor.get("/work/post").status_code == 403
    for path in ("", "/seen", "/original"):
        assert auditor.get(f"/work/post/{piece.pk}{path}").status_code == 404
    wrong = client.post(f"/work/post/{piece.pk}", {"reference": "TH-0000-0000", "reason": "request"})
    assert wrong.status_code == 422
    assert "We have no case with this reference" in text(wrong)


def test_a_new_record_is_made_for_whoever_wrote_once_it_is_none_of_those_who_are_alike(asha: Actor) -> None:
    client = client_of(asha)
    upload(client, ("letter.pdf", scan("Dear council")))
    piece = Piece.objects.get()
    customers.create(NewCustomer(name="Mary Marsh", kind="person"), by=asha, at=MONDAY, key="m")
    given = {"name": "Mary Marsh", "key": "abc"}
    asked = client.post(f"/work/post/{piece.pk}/customer", given)
    assert "Is it one of these?" in text(asked)
    made = client.post(f"/work/post/{piece.pk}/customer", given | {"checked": "1"})
    assert f"/work/post/{piece.pk}?customer=" in made["Location"]
    client.post("/work/post/social", {"network": "", "words": "", "posted_on": FRIDAY})
    assert Piece.objects.count() == 1


def test_what_somebody_has_taken_hides_nothing_that_came_after_it_and_stays_theirs(asha: Actor) -> None:
    client = client_of(asha)
    for number in range(3):
        upload(client, (f"letter{number}.pdf", scan(f"Dear council {number}")), key=str(number))
    first, second, third = Piece.objects.order_by("received_at", "pk")
    for piece in (first, second):
        client.post(f"/work/waiting/post/{piece.pk}")
    at = now()
    assert [one.id for one in waiting._post(asha, at, 2)] == [third.pk]
    client.post(f"/work/waiting/post/{third.pk}")
    assert waiting._post(asha, at, 2) == []
    assert [one.id for one in waiting._my_post(asha, at, 3)] == [first.pk, second.pk, third.pk]


def test_each_look_is_written_down_with_whom_the_form_shows_beside_the_picture(asha: Actor) -> None:
    client = client_of(asha)
    upload(client, ("letter.pdf", scan("Dear council")))
    mary = customers.create(NewCustomer(name="Mary Marsh", kind="person"), by=asha, at=MONDAY, key="m")
    piece = Piece.objects.get()
    client.get(f"/work/post/{piece.pk}?customer={mary.pk}")
    assert Look.objects.filter(customer_id=mary.pk, page="post").count() == 1
    client.post(f"/work/post/{piece.pk}", {"customer": str(mary.pk), "case": "none", "reason": "request"})
    before = Look.objects.filter(customer_id=mary.pk, page="post").count()
    assert client.get(f"/work/post/{piece.pk}/seen").status_code == 200
    assert Look.objects.filter(customer_id=mary.pk, page="post").count() == before + 1
    again = client.post(f"/work/post/{piece.pk}", {"customer": str(mary.pk), "case": "none", "reason": "request"})
    assert "Index it" not in text(again)  # it is indexed, and the page says so
