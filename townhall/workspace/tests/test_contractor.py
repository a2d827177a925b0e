from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from townhall.accounts.models import Role, Team
from townhall.cases import operations as cases
from townhall.cases.models import ContractorJob
from townhall.cases.states import State
from townhall.cases.tests.makers import make_case, make_staff, make_team
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.files.models import StoredFile
from townhall.files.tests.makers import picture, upload
from townhall.notifications.models import Message
from townhall.workspace.tests.conftest import signed_in_as


@pytest.fixture
def job() -> ContractorJob:
    firm = make_team("firm", kind=Team.Kind.CONTRACTOR)
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    forget_all()
    case = make_case(at=now(), place_words="Behind the bus shelter")
    return cases.send_to_contractor(
        case.pk, team_id=firm.pk, contract_ref="ACS-1", obligations="Sweep the place", days=5, by=by, at=now()
    )


@pytest.fixture
def firm(job: ContractorJob) -> Client:
    return signed_in_as("dana", team="firm", role=Role.CONTRACTOR)


@pytest.mark.capability("CASE-12")
def test_a_contractor_does_a_job_and_the_customer_sees_it_as_if_in_house(firm: Client, job: ContractorJob) -> None:
    here = f"/contractor/{job.pk}"
    on = council_date(now()) + timedelta(days=2)
    listed = firm.get("/contractor/").content.decode()
    assert job.case.reference in listed
    assert "ACS-1" in listed
    assert "Behind the bus shelter" in listed
    assert "Behind the bus shelter" in firm.get(here).content.decode()
    firm.post(f"{here}/accept", {"scheduled_on": on.isoformat()})
    firm.post(f"{here}/progress", {"text": "Half of it is gone", "photo": upload("half.jpg", picture())})
    public = Client().get(f"/r/{job.case.reference}").content.decode()
    assert "Half of it is gone" in public
    firm.post(f"{here}/done", {"text": "All swept"})

    job.case.refresh_from_db()
    assert (job.case.state, job.case.scheduled_on, job.case.outcome_text) == (State.DONE, on, "All swept")
    assert StoredFile.objects.get(case_id=job.case_id).state == "private"  # until staff approve it
    assert Message.objects.filter(case_id=job.case_id, template="case/update").exists()


def test_a_refusal_needs_a_reason_and_gives_the_work_back(firm: Client, job: ContractorJob) -> None:
    assert firm.post(f"/contractor/{job.pk}/refuse", {"reason": ""}).status_code == 422
    firm.post(f"/contractor/{job.pk}/refuse", {"reason": "Asbestos"})

    job.refresh_from_db()
    job.case.refresh_from_db()
    assert job.state == ContractorJob.State.REFUSED
    assert job.case.doer_team_id == job.from_team_id


def test_a_step_that_is_over_says_so(firm: Client, job: ContractorJob) -> None:
    firm.post(f"/contractor/{job.pk}/done", {"text": "All swept"})

    again = firm.post(f"/contractor/{job.pk}/done", {"text": "Once more"})

    assert again.status_code == 409
    assert "This job is over." in again.content.decode()
    assert "Once more" in again.content.decode()


def test_one_contractor_knows_nothing_of_anothers_jobs_or_of_customers(firm: Client, job: ContractorJob) -> None:
    make_team("rival", kind=Team.Kind.CONTRACTOR)
    rival = signed_in_as("rex", team="rival", role=Role.CONTRACTOR)

    assert rival.get(f"/contractor/{job.pk}").status_code == 404
    assert rival.post(f"/contractor/{job.pk}/accept", {}).status_code == 404
    assert job.case.reference not in rival.get("/contractor/").content.decode()
    page = firm.get(f"/contractor/{job.pk}").content.decode()
    assert "Sweep the place" in page
    assert "sam@example.org" not in page
    assert "Sam Resident" not in page


def test_officers_have_no_business_at_the_contractors_door(job: ContractorJob) -> None:
    officer = signed_in_as("olu", team="street-cleansing", role=Role.OFFICER)

    assert officer.get("/contractor/").status_code == 403
