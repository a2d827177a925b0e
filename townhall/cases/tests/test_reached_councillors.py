"""A councillor writes in about a case: it is a failure with its cause, in the list of the month."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases import operations as cases
from townhall.cases.models import Note
from townhall.cases.tests.makers import make_case, make_council, make_staff
from townhall.core.errors import BadInput, NotAllowed
from townhall.core.time import now

pytestmark = pytest.mark.django_db


def client_of(name: str, *, team: str, role: Role) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=make_staff(name, team=team, role=role).id))
    return client


def test_a_case_that_reached_a_councillor_is_in_the_months_list_with_its_cause() -> None:
    make_council()
    at = now()
    one, other = (make_case("fly-tipping", at=at - timedelta(days=40)) for _number in range(2))
    officer = client_of("olu", team="street-cleansing", role=Role.OFFICER)
    page = f"/work/cases/{one.reference}/councillor"
    sent = {"seen_state": one.state, "councillor": "Councillor Joan Meadowsweet", "cause": "", "words": ""}
    refused = officer.post(page, sent)
    assert refused.status_code == 422
    assert "Select why it came to that" in refused.content.decode()
    sent |= {"cause": "passed_around", "words": "My resident was sent from team to team."}
    assert officer.post(page, sent).status_code == 302
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    councillor, earlier = "Councillor Joan Meadowsweet", at - timedelta(days=35)
    cases.reached_councillor(other.pk, cause="late", councillor=councillor, words="", by=by, at=earlier)

    manager = client_of("mo", team="street-cleansing", role=Role.TEAM_MANAGER)
    assert "/work/exceptions/councillors" in manager.get("/work/exceptions").content.decode()
    shown = manager.get("/work/exceptions/councillors").content.decode()
    assert one.reference in shown
    assert other.reference not in shown
    assert "Passed from team to team" in shown
    assert "Councillor Joan Meadowsweet" in shown
    before = manager.get(f"/work/exceptions/councillors?month={at - timedelta(days=35):%Y-%m}").content.decode()
    assert other.reference in before
    case = officer.get(f"/work/cases/{one.reference}").content.decode()
    assert "Reached a councillor" in case
    assert Note.objects.get(case=one).text.endswith("My resident was sent from team to team.")


def test_without_a_name_or_a_cause_or_the_right_it_is_not_kept() -> None:
    make_council()
    case = make_case("fly-tipping", at=now())
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    with pytest.raises(BadInput) as found:
        cases.reached_councillor(case.pk, councillor=" ", cause="because", words="", by=officer, at=now())
    assert set(found.value.problems) == {"councillor", "cause"}
    auditor = make_staff("ann", team="governance", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        cases.reached_councillor(case.pk, councillor="A", cause="late", words="", by=auditor, at=now())
