from __future__ import annotations

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases.tests.makers import make_case, make_staff
from townhall.catalogue import queries as catalogue
from townhall.connectors import operations as connectors
from townhall.connectors.models import Delivery
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.neighbourhood.models import Incident, Round
from townhall.workspace.admin_forms import ServiceForm
from townhall.workspace.tests.conftest import signed_in_as


@pytest.fixture
def administrator() -> Client:
    return signed_in_as("sam", team="corporate", role=Role.ADMINISTRATOR)


def given() -> dict[str, object]:
    """The form as it opens."""
    entry = catalogue.entry("fly-tipping")
    form = ServiceForm(pack=entry.pack, version=entry.version)
    return {name: form[name].value() or "" for name in form.fields}


@pytest.mark.capability("KNOW-01", "KNOW-02")
def test_a_changed_entry_is_a_new_version_that_the_public_site_shows(administrator: Client) -> None:
    before = catalogue.entry("fly-tipping").version
    words = {**given(), "done": "We take **everything** away the same day.", "days": "2"}

    assert administrator.post("/work/services/fly-tipping", words).status_code == 302

    entry = catalogue.entry("fly-tipping")
    assert (entry.version, entry.pack.published.days) == (before + 1, 2)
    public = Client().get("/services/fly-tipping").content.decode()
    assert "<strong>everything</strong>" in public
    history = administrator.get("/work/services/fly-tipping").content.decode()
    assert f"Version {before + 1}" in history
    assert "Sam" in history
    old = administrator.get(f"/work/services/fly-tipping/versions/{before}").content.decode()
    assert "everything" not in old


@pytest.mark.capability("CASE-05")
def test_a_message_is_switched_off_service_by_service(administrator: Client) -> None:
    on = [update for update in given()["updates"] if update != "accepted"]  # type: ignore[attr-defined]

    administrator.post("/work/services/fly-tipping", {**given(), "updates": on})

    pack = catalogue.service("fly-tipping")
    assert not pack.sends("accepted")
    assert pack.sends("done")


def test_two_administrators_do_not_overwrite_each_other(administrator: Client) -> None:
    opened = given()
    administrator.post("/work/services/fly-tipping", {**opened, "name": "Dumped rubbish"})

    late = administrator.post("/work/services/fly-tipping", {**opened, "name": "Fly tips"})

    assert late.status_code == 409
    assert "Fly tips" in late.content.decode()
    assert catalogue.service("fly-tipping").name == "Dumped rubbish"


def test_nonsense_in_an_entry_is_refused_beside_its_field(administrator: Client) -> None:
    answer = administrator.post("/work/services/fly-tipping", {**given(), "days": "soon", "name": ""})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a number of days from 0 to 3650" in page
    assert "Enter the name" in page
    assert 'value="soon"' in page


def test_a_delivery_that_was_given_up_is_sent_again(administrator: Client) -> None:
    case = make_case(at=now())
    key = connectors.deliver(
        "works", kind="job.create", payload={}, about=Subject(kind="case", id=case.pk), key=f"k-{uuid7()}", at=now()
    )
    Delivery.objects.filter(pk=key).update(state="dead", last_error="503 for a day")

    assert "503 for a day" in administrator.get("/work/systems").content.decode()
    done = administrator.post("/work/systems/resend", {"delivery": [str(key), "nonsense"]}, follow=True)

    assert "1 delivery is sent again." in done.content.decode()
    assert Delivery.objects.get(pk=key).state == "pending"
    assert administrator.get("/work/systems/works?state=pending").status_code == 200


def test_only_administrators_reach_the_catalogue_and_the_systems() -> None:
    officer = signed_in_as("olu", team="street-cleansing", role=Role.OFFICER)

    for path in ("/work/services", "/work/services/fly-tipping", "/work/systems"):
        assert officer.get(path).status_code == 403, path


@pytest.mark.capability("CASE-14")
def test_an_incident_on_a_round_is_posted_and_ended(officer: Client) -> None:
    make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    Round.objects.create(code="r1", stream="refuse", weekday=0, first_on="2026-01-05", ends_at="15:00")
    words = {
        "service_code": "fly-tipping",
        "scope": "round",
        "scope_code": "R1",
        "title": "Not collected today",
        "message": "The crew will come back on Tuesday",
        "reason": "Lorry broke down",
    }

    assert officer.post("/work/incidents", {**words, "scope_code": "r9"}).status_code == 422
    posted = officer.post("/work/incidents", words, follow=True).content.decode()
    assert "Not collected today" in posted
    assert "Lorry broke down" in posted
    incident = Incident.objects.get()
    officer.post(f"/work/incidents/{incident.pk}/end", {"message": ""})

    assert "No incident is in force" in officer.get("/work/incidents").content.decode()
    again = officer.post(f"/work/incidents/{incident.pk}/end", {"message": ""})
    assert again.status_code == 409
