"""Another system is set up, checked, paused and caught up from the administrator's pages (INTG-01)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from townhall.accounts.models import Role, Team
from townhall.connectors import operations, queries, registry
from townhall.connectors.models import Connector, WebhookSubscription
from townhall.core.actors import SYSTEM
from townhall.core.db import fetch_all
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.governance import assessing
from townhall.ledger import operations as ledger
from townhall.ledger import queries as ledger_queries
from townhall.workspace.tests.conftest import signed_in_as

WASTE = {
    "code": "waste",
    "name": "Waste system",
    "kind": "waste",
    "base_url": "https://waste.example.org/api",
    "secret_name": "",
    "owner_team": "",
}


@pytest.fixture
def administrator() -> Client:
    return signed_in_as("ada", team="digital", role=Role.ADMINISTRATOR)


def verbs() -> list[str]:
    rows = fetch_all("SELECT verb FROM ledger_entry WHERE subject_kind = 'connector' ORDER BY id")
    return [verb for (verb,) in rows]


@pytest.mark.capability("INTG-01")
def test_a_system_is_set_up_changed_and_started(administrator: Client) -> None:
    team = Team.objects.get(code="street-cleansing")

    made = administrator.post("/work/systems/new", WASTE)
    assert made["Location"] == "/work/systems/waste/settings"
    waste = Connector.objects.get()
    assert (waste.base_url, waste.is_enabled) == ("https://waste.example.org/api", False)

    administrator.post("/work/systems/waste/settings", {**WASTE, "name": "Bins", "owner_team": str(team.pk)})
    administrator.post("/work/systems/waste/switch", {"to": "on"})
    waste.refresh_from_db()
    assert not waste.is_enabled, "nothing is switched on before its assessment is signed"
    assessing.grandfather("connector", {"waste"}, at=now())
    administrator.post("/work/systems/waste/switch", {"to": "on"})
    waste.refresh_from_db()
    assert (waste.name, waste.owner_team_id, waste.is_enabled) == ("Bins", team.pk, True)
    administrator.post("/work/systems/waste/switch", {"to": "off"})
    waste.refresh_from_db()
    assert not waste.is_enabled
    assert "Paused" in administrator.get("/work/systems").content.decode()
    assert verbs() == ["connector.set_up", "connector.changed", "connector.resumed", "connector.paused"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"code": ""}, "Enter a code"),
        ({"code": "no good!"}, "Use only letters without accents"),
        ({"kind": "webhook"}, "Select what it speaks"),
        ({"base_url": "ftp://waste.example.org"}, "Enter a web address"),
        ({"base_url": "https://me:secret@waste.example.org"}, "Enter a web address"),
        ({"secret_name": "NO_SUCH_VARIABLE"}, "There is no environment variable of that name"),
    ],
)
def test_settings_that_cannot_be_are_refused(administrator: Client, typed: dict[str, str], words: str) -> None:
    answer = administrator.post("/work/systems/new", WASTE | typed)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Connector.objects.exists()


def test_a_code_is_given_once(administrator: Client) -> None:
    administrator.post("/work/systems/new", WASTE)

    assert "There is a system with this code already" in administrator.post("/work/systems/new", WASTE).content.decode()


@pytest.mark.capability("INTG-01")
def test_its_secret_is_shown_when_asked_for_and_renewed_and_both_are_written_down(administrator: Client) -> None:
    administrator.post("/work/systems/new", WASTE)
    first = queries.secret_of("waste")
    assert first not in administrator.get("/work/systems/waste/settings").content.decode()

    assert first in administrator.post("/work/systems/waste/secret", {"to": "show"}).content.decode()
    renewed = administrator.post("/work/systems/waste/secret", {"to": "new"}).content.decode()

    assert queries.secret_of("waste") != first
    assert queries.secret_of("waste") in renewed
    assert verbs()[-2:] == ["connector.secret_shown", "connector.secret_renewed"]


def test_a_secret_of_the_environment_is_shown_nowhere(administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WASTE_SECRET", "kept outside")
    administrator.post("/work/systems/new", WASTE | {"secret_name": "WASTE_SECRET"})

    for asked in ("show", "new"):
        page = administrator.post("/work/systems/waste/secret", {"to": asked}, follow=True).content.decode()
        assert "kept outside" not in page
    assert Connector.objects.get().secret_version == 1


@pytest.mark.parametrize(("is_well", "words"), [(True, "says that it is well"), (False, "It does not answer")])
def test_it_is_asked_whether_it_is_well(
    administrator: Client, monkeypatch: pytest.MonkeyPatch, is_well: bool, words: str
) -> None:
    administrator.post("/work/systems/new", WASTE)
    monkeypatch.setattr("townhall.connectors.adapters.jobs.JobsAdapter.is_well", lambda self, *, at: is_well)

    assert words in administrator.post("/work/systems/waste/health", follow=True).content.decode()


@pytest.mark.capability("INTG-01")
@pytest.mark.django_db(transaction=True)  # an entry's place in the ledger is its transaction's
def test_a_webhook_is_sent_everything_since_a_date_again(settings: Any) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    about, at = Subject(kind="case", id=uuid7()), now()
    for days in (9, 3, 0):
        ledger.record("case.closed", about=about, by=SYSTEM, at=at - timedelta(days=days))
    administrator = signed_in_as("ada", team="digital", role=Role.ADMINISTRATOR)
    hook = operations.add_webhook("Theirs", url="http://127.0.0.1:9/", verbs=(), position=10**9, at=at)
    registry.forget()
    code = hook.connector.code
    assert "Send it everything again" in administrator.get(f"/work/systems/{code}").content.decode()

    since = council_date(at) - timedelta(days=5)
    answer = administrator.post(f"/work/systems/{code}/replay", {"since": since.isoformat()})

    assert answer["Location"] == f"/work/systems/{code}"
    hook = WebhookSubscription.objects.get(pk=hook.pk)
    entries = fetch_all(
        "SELECT at::date FROM ledger_entry WHERE verb = 'case.closed' AND position > %s", (hook.position,)
    )
    assert min(day for (day,) in entries) >= since
    assert ledger_queries.position_before(at - timedelta(days=20)) < hook.position
    late = administrator.post(
        f"/work/systems/{code}/replay", {"since": (council_date(at) + timedelta(days=2)).isoformat()}
    )
    assert late.status_code == 422
    assert administrator.post("/work/systems/nobody/replay", {"since": since.isoformat()}).status_code == 404


def test_only_administrators_set_systems_up(officer: Client) -> None:
    assert officer.get("/work/systems/new").status_code == 403
    assert officer.post("/work/systems/waste/switch", {"to": "on"}).status_code == 403
