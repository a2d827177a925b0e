"""The pages of school admissions: the form, the family's page with its change, and the officers' rounds, files and receipts (FORM-08)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.admissions import receipts, sending
from townhall.admissions.models import Application, ExportRun, Round
from townhall.admissions.queries import token_of
from townhall.admissions.sftp import Drop
from townhall.admissions.standin import RegionalSystem
from townhall.admissions.tests.conftest import drop, regional
from townhall.admissions.tests.makers import HARBOUR, MILL_LANE, ORCHARD, make_rounds, send
from townhall.cases.models import Case
from townhall.cases.operations.telling import sign_follower
from townhall.cases.tests.makers import make_post, make_staff, make_team
from townhall.core.time import council_date, now
from townhall.portal.tests.residents import make_account, signed_in

__all__ = ["drop", "regional"]
pytestmark = pytest.mark.django_db
FORM = "/forms/school-place"


@pytest.fixture(autouse=True)
def _rounds(tmp_path: Path) -> None:
    make_rounds(tmp_path)
    today = council_date(now())
    Round.objects.filter(code="primary-2027").update(
        opens_on=today - timedelta(days=30),
        closes_on=today + timedelta(days=30),
        late_until=today + timedelta(days=60),
        offers_on=today + timedelta(days=90),
    )


def officer(name: str = "ada", team: str = "school-admissions", role: Role = Role.OFFICER) -> Client:
    by = make_staff(name, team=team, role=role, post=f"{team}-{name}")
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client


def words(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


def fill_in(client: Client, *, where: str = "home", **more: str) -> str:
    """Every page of the form; where its check page sends to."""
    client.post(
        f"{FORM}/child",
        {"child_name": "Kim New", "child_born-day": "5", "child_born-month": "10", "child_born-year": "2022"},
    )
    client.post(f"{FORM}/kind", {"kind": "primary"})
    address = {"address-line1": "12 Mill Lane", "address-town": "Aldermere", "address-postcode": "ZZ1 1AA"}
    client.post(f"{FORM}/address", address)
    client.post(f"{FORM}/care", {"priority": "none"})
    for number, school in enumerate((HARBOUR, MILL_LANE)):
        if number:
            client.post(f"{FORM}/schools", {"schools__more": "yes"})
        answer = client.post(f"{FORM}/school.{number + 1}", {"school": school, "asked": ["school", "sibling"]})
        assert answer.status_code == 302, answer.content.decode()[:2000]
    client.post(f"{FORM}/schools", {"schools__more": "no"})
    client.post(f"{FORM}/proof", {})
    you = {
        "who-name": "Noor New",
        "email": "noor@example.org",
        "where": where,
        "asked": ["where", "building", "helper"],
    }
    answer = client.post(f"{FORM}/you", {**you, **more})
    assert answer.headers.get("Location") == f"{FORM}/check", answer.content.decode()[:3000]
    sent = client.post(f"{FORM}/check")
    assert sent.status_code == 302, sent.content.decode()[:3000]
    return sent.headers["Location"]


@pytest.mark.capability("FORM-08")
def test_a_family_applies_at_a_school_changes_the_order_and_the_officer_sends_it_and_sees_the_receipt(
    regional: RegionalSystem, drop: Drop
) -> None:
    account = make_account("Noor New", email="noor@example.org")
    noor, ada = signed_in(account), officer()
    assert "Open now" in words(Client(), "/school-places")
    fill_in(noor, where="school", building="Mill Lane Primary School", helper="Ms Teacher")
    made = Application.objects.get()
    page = f"/account/requests/{made.reference}"
    assert "It is sent on after the closing date" in words(noor, page)
    assert "Kim New" in words(noor, "/account")
    case = Case.objects.get()
    assert "Application for Kim New" in words(
        Client(), f"/r/{case.reference}?me={sign_follower(case.follower_rows.get().pk)}"
    )
    assert "Kim New" not in words(Client(), f"/r/{case.reference}")

    assert noor.post(f"/school-places/{token_of(made.pk)}/change").headers["Location"] == f"{FORM}/check"
    noor.post(f"{FORM}/school.1?change", {"school": ORCHARD, "asked": ["school", "sibling"]})
    assert "Orchard Infant School" in words(noor, f"{FORM}/check")
    again = noor.post(f"{FORM}/check")
    assert again.status_code == 302
    confirmed = words(noor, again["Location"])
    changing = Case.objects.exclude(pk=case.pk).get()
    assert f"Your reference stays<br><strong>{made.reference}</strong>" in confirmed
    assert f"It was noted as {changing.reference}, which you do not need to quote" in confirmed
    assert "What is below is what counts now." in words(noor, page)
    made.refresh_from_db()
    assert (Application.objects.count(), made.version) == (1, 2)
    assert "Orchard Infant School" in words(noor, page)

    assert "Kim New" in words(ada, f"/work/admissions/rounds/{made.round.code}/applications?state=received")
    shown = words(ada, f"/work/admissions/applications/{made.pk}")
    assert "helped by Ms Teacher, Mill Lane Primary School" in shown
    assert "Version 1" in shown
    asked = ada.post(f"/work/admissions/rounds/{made.round.code}/file")
    assert "Send it before the closing day?" in asked.content.decode()
    assert not ExportRun.objects.exists()
    answer = ada.post(f"/work/admissions/rounds/{made.round.code}/file", {"sure": "yes"})
    run = ExportRun.objects.get()
    assert answer.headers["Location"] == f"/work/admissions/runs/{run.pk}"
    sending.sweep(now(), to=drop)
    receipts.sweep(now(), to=drop)
    number = regional.numbers[f"{made.reference}-v2"]
    assert number in words(ada, f"/work/admissions/runs/{run.pk}")
    assert f"The receipt is {number}" in words(noor, page)
    assert number in words(noor, "/account")


def test_officers_settle_two_applications_send_refused_ones_again_and_set_dates() -> None:
    ada = officer()
    first, other = send(at=now()), send(at=now(), email="other@example.org", schools=[{"school": HARBOUR}])
    assert "other@" not in words(Client(), f"/r/{other.reference}")
    made = Application.objects.get(case_id=first.case_id)
    assert "Two applications for one child" in words(ada, "/work/admissions")
    version = made.versions.get(is_contested=True)
    assert ada.post(f"/work/admissions/versions/{version.pk}/settle", {"use": "no"}).status_code == 302
    made.refresh_from_db()
    assert (made.version, made.versions.filter(is_contested=True).count()) == (1, 0)

    Application.objects.update(state="refused", problem="No such school")
    assert "No such school" in words(ada, "/work/admissions")
    assert ada.post(f"/work/admissions/applications/{made.pk}/again").status_code == 302
    made.refresh_from_db()
    assert (made.state, made.problem) == ("received", "")

    new = {"code": "secondary-2027", "name": "Secondary 2027", "kind": "secondary", "opens_on": "2026-09-01"}
    assert ada.post("/work/admissions/rounds/new", {**new, "closes_on": "2026-01-01"}).status_code == 422
    assert ada.post("/work/admissions/rounds/new", {**new, "closes_on": "31 x"}).status_code == 422
    assert ada.post("/work/admissions/rounds/new", {**new, "closes_on": "2026-10-31"}).status_code == 302
    assert 'value="2026-10-31"' in words(ada, "/work/admissions/rounds/secondary-2027")
    assert (
        ada.post("/work/admissions/rounds/secondary-2027/file", {"sure": "yes"}).headers["Location"]
        == "/work/admissions"
    )


def test_a_change_needs_the_link_and_the_time() -> None:
    made = Application.objects.get(case_id=send(at=now()).case_id)
    assert Client().post("/school-places/none/change").status_code == 404
    Round.objects.filter(pk=made.round_id).update(closes_on=council_date(now()) - timedelta(days=1))
    assert Client().post(f"/school-places/{token_of(made.pk)}/change").status_code == 410
    Round.objects.exclude(pk=made.round_id).delete()
    for late_until, to_all, to_staff in (
        (5, "The closing date was", "Closed, late ones are marked"),
        (-1, "No round is open", "Closed, "),
    ):
        Round.objects.filter(pk=made.round_id).update(late_until=council_date(now()) + timedelta(days=late_until))
        assert to_all in words(Client(), "/school-places")
        assert to_staff in words(officer(), "/work/admissions")


def test_only_the_team_that_owns_admissions_sees_them_and_a_case_is_linked_for_those_who_may_open_it() -> None:
    ada = officer()
    send(at=now())
    made = Application.objects.get()
    shown = f"/work/admissions/applications/{made.pk}"
    link = f'href="/work/cases/{made.reference}"'
    assert "School admissions" in words(ada, "/work/all")
    assert link in words(ada, shown)
    for role in (Role.OFFICER, Role.TEAM_MANAGER):
        stranger = officer(f"priya-{role.value}", "street-cleansing", role)
        assert "School admissions" not in words(stranger, "/work/all")
        for path in ("/work/admissions", f"/work/admissions/rounds/{made.round.code}/applications", shown):
            assert "Kim New" not in words(stranger, path, 403)
        assert stranger.post(f"/work/admissions/rounds/{made.round.code}/file").status_code == 403
    assert not ExportRun.objects.exists()

    Case.objects.update(
        doer_team=make_team("elsewhere"), teller_post=make_post("else", team="elsewhere", role=Role.OFFICER)
    )
    assert made.reference in words(ada, shown)
    assert link not in words(ada, shown)
