from __future__ import annotations

from django.test import Client

from townhall.cases.tests.makers import make_case


def test_an_officer_opens_a_case_of_their_team(officer: Client) -> None:
    case = make_case()

    answer = officer.get(f"/work/cases/{case.reference}")

    assert answer.status_code == 200
    assert "Old sofa on the verge" in answer.content.decode()
