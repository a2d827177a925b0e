"""The pages of parking permits, from the form to the plate that an officer looks up (FORM-09)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.models import Case
from townhall.cases.operations.telling import sign_follower
from townhall.cases.tests.makers import make_staff
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date, now
from townhall.ledger.models import Entry
from townhall.payments.models import Charge
from townhall.permits import pricing, queries
from townhall.permits.models import Permit
from townhall.permits.tests.makers import INSIDE, OUTSIDE, ask, make_zone, pay
from townhall.portal.account.held import everything
from townhall.portal.tests.residents import customer_of, make_account, signed_in

pytestmark = pytest.mark.django_db
FORM = "/forms/parking-permit"


@pytest.fixture(autouse=True)
def _zone(tmp_path: Path) -> None:
    make_zone(tmp_path)


def desk(name: str, role: Role, team: str = "parking") -> Client:
    by = make_staff(name, team=team, role=role, post=f"{team}-{name}")
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client


def words(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


@pytest.mark.capability("FORM-09")
def test_from_the_form_to_the_single_view_the_account_and_the_officer_on_the_street() -> None:
    account = make_account("Pat Parker", email="pat@example.org")
    pat, adviser, officer = signed_in(account), desk("ada", Role.ADVISER), desk("otto", Role.OFFICER)
    pat.post(f"{FORM}/kind", {"kind": "new"})
    assert pat.post(f"{FORM}/address", {"address-uprn": OUTSIDE}).headers["Location"] == f"{FORM}/no-zone"
    assert "You need no permit" in words(pat, f"{FORM}/no-zone")
    assert pat.post(f"{FORM}/address", {"address-uprn": INSIDE}).headers["Location"] == f"{FORM}/vehicle"
    pat.post(f"{FORM}/vehicle", {"mark": "zz12 abc", "engine": "low", "months": "12"})
    pat.post(f"{FORM}/evidence", {})
    pat.post(f"{FORM}/you", {"who-name": "Pat Parker", "email": "pat@example.org"})
    assert "£55.00" in words(pat, f"{FORM}/check")
    sent = pat.post(f"{FORM}/check")
    assert sent.headers["Location"] == f"/pay/{Charge.objects.get().pk}"

    permit = Permit.objects.get()
    case = Case.objects.get()
    follow = f"/r/{case.reference}?me={sign_follower(case.follower_rows.get().pk)}"
    assert "It is not paid yet" in words(pat, follow)
    pay(permit, at=now())
    assert "We check your evidence next" in words(pat, f"/account/requests/{case.reference}")
    check = "/work/permits/check?mark=ZZ12ABC&zone=A"
    assert "has no permit for zone A today" in words(officer, check)

    assert permit.number in words(adviser, "/work/permits")
    checked = f"/work/permits/{permit.pk}/evidence"
    assert "No evidence was sent in" in words(adviser, f"/work/permits/{permit.pk}")
    assert adviser.post(checked, {"site": "library", "seen": "Driving licence"}).status_code == 422
    assert adviser.post(checked, {"site": "main-centre"}).status_code == 422, "nobody says what was seen"
    assert adviser.post(checked, {"site": "main-centre", "seen": "Driving licence"}).status_code == 302
    assert "checked: Driving licence" in words(adviser, f"/work/permits/{permit.pk}")
    single_view = words(adviser, f"/work/customers/{customer_of(account)}?reason=check")
    assert f"{permit.number}</a>, ZZ12 ABC, zone A: <strong>holds today" in single_view
    assert "Pat" not in words(officer, check).partition("<main")[2].partition("</main>")[0]
    assert f"ZZ12 ABC has permit {permit.number} for zone A".replace("ZZ12 ABC", "ZZ12ABC") in words(officer, check)
    assert permit.number in words(pat, "/account")
    assert f"Parking permit {permit.number}" in words(pat, "/account/documents")
    held = everything(customer_of(account), account_id=account.pk, by=SYSTEM, at=now())
    assert [one["vehicle"] for one in held["parking_permits"]] == ["ZZ12 ABC"]
    assert "holds in zone A" in words(pat, follow)


def test_the_holder_changes_the_vehicle_and_gives_it_up_by_the_link_and_nobody_without_it() -> None:
    permit = ask(at=now() - timedelta(days=1))
    pay(permit, at=now())
    officer = desk("otto", Role.OFFICER)
    assert "No permit is waiting" not in words(officer, "/work/permits")
    officer.post(f"/work/permits/{permit.pk}/evidence", {"site": "", "seen": "Council tax bill"})
    shown = queries.one(permit.pk, at=now())
    assert shown is not None
    holder, page = Client(), f"/permits/{shown.token}"
    assert "This permit holds today" in words(holder, page)
    words(holder, f"/permits/{shown.token[:-3]}xyz", 404)
    assert "£" in words(holder, f"{page}/vehicle")

    assert holder.post(f"{page}/vehicle", {"mark": "", "engine": ""}).status_code == 422
    dearer = holder.post(f"{page}/vehicle", {"mark": "ZZ34 DEF", "engine": "high"})
    charge = Charge.objects.get(subject_kind="permit_vehicle")
    assert dearer.headers["Location"] == f"/pay/{charge.pk}"
    assert "is still to pay" in words(holder, page)
    assert "ZZ34 DEF, once it is paid" in words(officer, f"/work/permits/{permit.pk}")
    pay(permit, at=now(), charge=charge)
    assert "ZZ34 DEF" in words(holder, page)

    assert "are paid back" in words(holder, f"{page}/end")
    assert holder.post(f"{page}/end").status_code == 302
    assert "no longer holds" in words(holder, f"{page}?said=ended")
    assert officer.post(f"/work/permits/{permit.pk}/end").status_code == 302, "twice is once"
    assert "has no permit today" in words(officer, "/work/permits/check?mark=ZZ34DEF")


def test_anybody_finds_their_zone_and_what_it_costs_there() -> None:
    client = Client()
    assert "permit zone A" in words(client, f"/permits?uprn={INSIDE}")
    assert "is not in a permit zone" in words(client, f"/permits?uprn={OUTSIDE}")
    assert f"?uprn={INSIDE}" in words(client, "/permits?q=12+Mill+Lane")
    shown = words(client, "/permits")
    assert "£265.00" in shown
    assert "Main centre" in shown


def test_an_officer_refuses_and_an_adviser_is_not_offered_it() -> None:
    permit = ask(at=now())
    officer, adviser = desk("otto", Role.OFFICER), desk("ada", Role.ADVISER)
    assert "Refuse it" not in words(adviser, f"/work/permits/{permit.pk}")
    assert adviser.post(f"/work/permits/{permit.pk}/refusal", {"words": "No"}).status_code == 403
    assert officer.post(f"/work/permits/{permit.pk}/refusal", {"words": ""}).status_code == 422
    assert officer.post(f"/work/permits/{permit.pk}/refusal", {"words": "It names another street."}).status_code == 302
    assert "another street" in words(officer, f"/work/permits/{permit.pk}")
    assert permit.number in words(officer, "/work/permits?find=zz12abc")
    assert officer.get("/work/permits?find=ZZ00XXX").status_code == 422


def test_officers_and_managers_of_another_team_neither_see_nor_issue_permits_and_advisers_do() -> None:
    permit = ask(at=now() - timedelta(days=1))
    pay(permit, at=now())
    for role in (Role.OFFICER, Role.TEAM_MANAGER):
        stranger = desk(f"priya-{role.value}", role, "street-cleansing")
        assert "Parking permits" not in words(stranger, "/work/")
        for path in ("/work/permits", f"/work/permits/{permit.pk}", "/work/permits/check?mark=ZZ12ABC"):
            assert permit.number not in words(stranger, path, 403)
        assert (
            stranger.post(f"/work/permits/{permit.pk}/evidence", {"site": "", "seen": "Council tax bill"}).status_code
            == 403
        )
    permit.refresh_from_db()
    assert permit.state == "asked"
    assert permit.number in words(desk("amina", Role.ADVISER, "customer-services"), "/work/permits")


def test_an_officer_sets_new_prices_from_a_day_on_and_takes_a_change_back() -> None:
    officer, path = desk("otto", Role.OFFICER), "/work/permits/prices"
    today = council_date(now())
    later, soon = today + timedelta(days=30), today + timedelta(days=2)
    assert 'href="/work/permits/prices"' in words(officer, "/work/permits")
    assert "Now £55.00" in words(officer, path)

    wrong = officer.post(path, {"from_on": today.isoformat(), "low-1-12": "60"})
    assert (wrong.status_code, "from tomorrow on" in wrong.content.decode()) == (422, True)
    assert officer.post(path, {"from_on": later.isoformat(), "low-1-12": "sixty"}).status_code == 422
    assert officer.post(path, {"from_on": later.isoformat(), "low-1-12": "55"}).status_code == 422  # no change
    assert officer.post(path, {"from_on": later.isoformat(), "low-1-12": "60.50"}).status_code == 302
    assert officer.post(f"{path}?zone=A", {"from_on": soon.isoformat(), "low-1-12": "£0"}).status_code == 302

    def cost(day: date, zone: str = "B") -> int:
        return pricing.price(zone, band="low", number=1, months=12, on=day)

    assert [cost(today), cost(later - timedelta(days=1)), cost(later)] == [5_500, 5_500, 6_050]
    assert [cost(today, "A"), cost(later, "A")] == [5_500, 0]
    assert pricing.price("A", band="low", number=2, months=12, on=later) == 8_000
    shown = words(officer, path)
    assert "£60.50" in shown
    assert "set by Otto" in shown
    entry = Entry.objects.filter(verb="permit.prices_set").first()
    assert entry is not None
    assert entry.data["prices"] == {"low-1-12": [5_500, 6_050]}

    assert officer.post(path, {"take_back": today.isoformat()}).status_code == 404
    assert officer.post(path, {"take_back": later.isoformat()}).status_code == 302
    assert cost(later) == 5_500
    assert words(desk("ada", Role.ADVISER), "/work/permits").count("/work/permits/prices") == 0
    assert (
        desk("ola", Role.OFFICER, team="street-cleansing")
        .post(path, {"from_on": later.isoformat(), "low-1-12": "1"})
        .status_code
        == 403
    )
