"""The pages of registers: kept by its team, with what is due, evidence, a report and a table."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from townhall.accounts.models import Post, PostHolder, Role, User
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.core.time import council_date, now
from townhall.registers.models import Row
from townhall.registers.tests.makers import make_leaflets, somebody_in

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def test_a_leaflet_is_entered_changed_read_again_shown_and_closed() -> None:
    keeper = make_leaflets(at=now())
    client = client_of(User.objects.get(pk=keeper.id))
    assert "Leaflets" in client.get("/work/registers").content.decode()
    given = {"title": "=Bins", "field-topic": "bins", "field-cost": "12.50", "field-printed": "many"}
    answer = client.post("/work/registers/leaflets/new", given)
    assert answer.status_code == 422
    assert "Enter a whole number" in answer.content.decode()
    page = client.post("/work/registers/leaflets/new", given | {"field-printed": "40"})["Location"]
    row = Row.objects.get()
    assert "£12.50" in client.get(page).content.decode()

    changed = client.post(f"{page}/change", given | {"field-printed": "50", "version": "1", "owner_post": ""})
    assert changed["Location"] == page
    stale = client.post(f"{page}/change", given | {"field-printed": "60", "version": "1"})
    assert "Somebody else changed this" in stale.content.decode()

    due = row.actions.get()
    client.post(f"/work/registers/actions/{due.pk}", {"end": "done", "words": "Now names the web page."})
    picture = SimpleUploadedFile("note.txt", b"not a picture", content_type="text/plain")
    client.post(f"{page}/evidence", {"words": "Proof of print", "link": "https://example.org/1", "file": picture})
    client.post(f"{page}/evidence", {"words": "Proof of print", "link": "https://example.org/1"})
    client.post(f"{page}/actions", {"action": "Order more", "due_on": str(council_date(now()) + timedelta(days=9))})
    shown = client.get(page).content.decode()
    assert "Now names the web page." in shown
    assert "Proof of print" in shown
    assert "Order more" in shown
    assert (
        "There is still something to do"
        in client.post(f"{page}/close", {"outcome": "withdrawn"}, follow=True).content.decode()
    )
    client.post(f"/work/registers/actions/{row.actions.get(title='Order more').pk}", {"end": "dropped", "words": "No"})
    client.post(f"{page}/close", {"outcome": "withdrawn", "words": "Gone"})
    assert "=Bins" in client.get("/work/registers/leaflets?state=closed").content.decode()
    table = b"".join(client.get("/work/registers/leaflets.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert table.splitlines()[1].startswith("'=Bins,Bins,50,£12.50,,Closed,Withdrawn,")
    assert "Done in time" in client.get("/work/registers/leaflets/report").content.decode()
    client.post(f"{page}/reopening")
    assert Row.objects.get().state == "open"


def test_other_teams_look_or_do_not_find_it() -> None:
    make_leaflets(at=now())
    reader = client_of(User.objects.get(pk=somebody_in("reading-team", at=now()).id))
    stranger = make_user(roles=(Role.OFFICER,))
    assert "Add a leaflet" not in reader.get("/work/registers/leaflets").content.decode()
    assert reader.post("/work/registers/leaflets/new", {"title": "x", "field-topic": "bins"}).status_code == 422
    assert client_of(stranger).get("/work/registers/leaflets").status_code == 404
    assert not Row.objects.exists()
    assert Post.objects.exists()
    assert PostHolder.objects.exists()
