"""The page and the control address, by which a person or a test plays the back office."""

from __future__ import annotations

import httpx
import pytest

from townhall.connectors import delivering
from townhall.connectors.models import Delivery
from townhall.connectors.standins import Standin, Standins
from townhall.connectors.tests.makers import NOON, make_delivery


@pytest.mark.django_db(transaction=True)
def test_a_person_sees_the_jobs_and_completes_one(waste: Standin, waste_server: Standins) -> None:
    make_delivery()
    delivering.sweep(NOON)
    number = Delivery.objects.get().external_id
    with httpx.Client(base_url=waste_server.url("waste"), follow_redirects=True, trust_env=False) as browser:
        assert number in browser.get("/").text
        answer = browser.post(f"/page/jobs/{number}", data={"status": "completed"})
        assert "completed" in answer.text
    job = waste.book.job(number)
    assert job is not None
    assert (job.status, job.is_open) == ("completed", False)


def test_what_people_typed_is_shown_as_text(waste_server: Standins) -> None:
    waste_server.systems["waste"].book.take("key", {"kind": "<b>", "what": "<script>alert(1)</script>"})
    page = httpx.get(waste_server.url("waste") + "/", trust_env=False).text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_its_behaviour_is_switched_over_the_control_address(waste_server: Standins) -> None:
    url = waste_server.url("waste") + "/control"
    assert httpx.post(url, json={"outage": True, "delay": 0.5}, trust_env=False).json()["outage"] is True
    assert httpx.get(url, trust_env=False).json()["delay"] == 0.5
    assert httpx.post(url, json={"happy": True}, trust_env=False).status_code == 400
    assert httpx.post(url, content=b"[", trust_env=False).status_code == 400
    assert httpx.post(url + "/jobs/none", json={"status": "completed"}, trust_env=False).status_code == 404


def test_nobody_without_the_secret_gets_in(waste_server: Standins) -> None:
    assert httpx.get(waste_server.url("waste") + "/jobs", trust_env=False).status_code == 401
    assert httpx.post(waste_server.url("waste") + "/jobs", json={}, trust_env=False).status_code == 401
    assert httpx.get(waste_server.url("nothing") + "/", trust_env=False).status_code == 404
