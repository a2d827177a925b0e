"""The pages of benefit claims: how one was assessed, deciding otherwise, changing the rules, and what the public reads."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.test import Client

from townhall.accounts.models import Post, PostHolder, Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.benefits import queries
from townhall.benefits.models import RuleSet
from townhall.benefits.tests.makers import FORM, SELF_EMPLOYED, claim, make_benefits
from townhall.cases.operations.telling import case_link
from townhall.cases.tests.makers import make_staff
from townhall.connectors.models import Connector
from townhall.core.time import now
from townhall.customers.sharing_models import SharingBasis
from townhall.governance import assessing
from townhall.governance.models import Assessment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _council() -> None:
    make_benefits()


def signed_in(name: str, role: Role) -> Client:
    by = make_staff(name, team="revenues", role=role, post=f"revenues-{name}")
    assert PostHolder.objects.filter(post=Post.objects.get(code=f"revenues-{name}")).exists()
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client


def page(client: Client, path: str, **data: Any) -> str:
    answer = client.get(path, data)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.capability("FORM-07")
def test_an_officer_sees_the_reasons_on_the_case_and_overrides_with_one_of_their_own() -> None:
    case = claim(**SELF_EMPLOYED)
    officer, path = signed_in("una", Role.OFFICER), f"/work/benefits/{case.reference}"
    assert "Somebody in the claim is self-employed" in page(officer, f"/work/cases/{case.reference}")
    assert "25" in page(officer, path)

    assert officer.post(path, {"band": "low", "reason": ""}).status_code == 422
    assert officer.post(path, {"band": "low", "reason": "Seen the accounts"}).status_code == 302
    shown = page(officer, path)
    assert "Una decided low in place of medium" in shown
    assert "Seen the accounts" in shown
    assert "An officer decided: low" in page(officer, f"/work/cases/{case.reference}")
    case.refresh_from_db()
    assert case.state == "accepted"
    assert officer.post(path, {"band": "low", "reason": "Again"}).status_code == 422


def test_the_claimant_reads_by_which_rules_on_what_answers_and_how_a_person_looks_again() -> None:
    case = claim(**SELF_EMPLOYED)
    mine = case.follower_rows.get(is_reporter=True)

    shown = page(Client(), case_link(case.reference, mine.pk).removeprefix(django_settings.PUBLIC_URL))
    nobody = page(Client(), f"/r/{case.reference}")

    assert "Version 1 of our published rules" in shown
    assert "Somebody in the claim is self-employed" in shown
    assert "ask that a person looks at it again" in shown
    assert "/how-we-decide/housing-benefit?version=1" in shown
    assert "published rules" not in nobody


def test_how_a_claim_was_scored_is_for_those_who_assess_claims() -> None:
    case = claim(**SELF_EMPLOYED)
    assert "Risk rules" in page(signed_in("una", Role.OFFICER), f"/work/cases/{case.reference}")
    assert "Risk rules" not in page(signed_in("ade", Role.ADVISER), f"/work/cases/{case.reference}")


def test_the_register_counts_what_became_of_claims() -> None:
    claim()
    claim(**SELF_EMPLOYED)
    shown = " ".join(page(signed_in("una", Role.OFFICER), "/work/benefits").split())
    assert "<dt>Accepted by the rules</dt><dd>1</dd>" in shown
    assert "<dt>Low, medium, high</dt><dd>1, 1, 0</dd>" in shown
    assert "Change the rules" not in shown


@pytest.mark.capability("FORM-07")
def test_rules_are_written_by_one_and_published_by_another_and_the_public_reads_both() -> None:
    writer, reader = signed_in("piers", Role.TEAM_MANAGER), signed_in("lena", Role.TEAM_MANAGER)
    path = f"/work/benefits/rules/{FORM}"
    text = queries_text().replace("£300 a week", "£400 a week").replace("sample_percent: 0.0", "sample_percent: 10.05")
    wrong = writer.post(path, {"rules": text.replace("points: 25", "points: lots"), "note": "Rents rose"})
    assert wrong.status_code == 422
    assert "Line" in wrong.content.decode()
    assert writer.post(path, {"rules": text, "note": "Rents rose"}).status_code == 302
    assert "Publish this draft" not in page(writer, path)
    writer.post(f"{path}/publish")
    assert RuleSet.objects.get(version=2).published_at is None
    public = Client()
    assert "£400" not in page(public, "/how-we-decide/housing-benefit")
    assert "Publish this draft" in page(reader, path)
    reader.post(f"{path}/publish")
    assert RuleSet.objects.get(version=2).published_at is None, "its assessment is not signed yet"
    assessing.grandfather("rules", {f"{FORM}:2"}, at=now())
    reader.post(f"{path}/publish")

    now_read = page(public, "/how-we-decide/housing-benefit")
    assert "£400 a week" in now_read
    assert "Rents rose" in now_read
    assert "We check 10.05% of the claims" in now_read
    assert "Disability, race" in now_read
    assert "£300 a week" in page(public, "/how-we-decide/housing-benefit", version=1)
    assert public.get("/how-we-decide/housing-benefit", {"version": "9"}).status_code == 404
    assert public.get("/how-we-decide/nothing").status_code == 404


def test_an_officer_changes_no_rules() -> None:
    assert signed_in("una", Role.OFFICER).get(f"/work/benefits/rules/{FORM}").status_code == 403


def test_a_case_that_was_never_assessed_has_no_such_page() -> None:
    assert signed_in("una", Role.OFFICER).get("/work/benefits/TH-NONE-NONE").status_code == 404


def queries_text() -> str:
    from townhall.benefits import ruling

    row = queries.published(FORM)
    assert row is not None
    return ruling.write(queries.rules_of(row))


def in_team(name: str, team: str, role: Role) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=make_staff(name, team=team, role=role).id))
    return client


@pytest.mark.capability("GOVN-04")
def test_sharing_a_connector_and_risk_rules_wait_for_the_leads_signature_and_a_decision_says_its_rules_and_the_way_to_a_person() -> (
    None
):
    """The whole of GOVN-04, by the pages: three things that are switched on, and a claim decided by the rules that were."""
    senior, dpo = (
        in_team("sue", "management", Role.SENIOR_MANAGER),
        in_team("di", "corporate", Role.DATA_PROTECTION_OFFICER),
    )
    admin = in_team("ada", "digital", Role.ADMINISTRATOR)
    writer, reader = signed_in("piers", Role.TEAM_MANAGER), signed_in("lena", Role.TEAM_MANAGER)
    basis = {"service": FORM, "readers": "front", "basis": "public_task", "why": "They answer for it"}
    system = {"code": "waste", "name": "Waste", "kind": "waste", "base_url": "https://waste.example.org/api"}
    admin.post("/work/systems/new", {**system, "secret_name": "", "owner_team": ""})
    rules = f"/work/benefits/rules/{FORM}"
    writer.post(rules, {"rules": queries_text().replace("£300 a week", "£400 a week"), "note": "Rents rose"})

    def switch_on() -> tuple[bool, bool, bool]:
        """Each as the person would whose work it is; what is on then."""
        senior.post("/work/sharing", basis)
        admin.post("/work/systems/waste/switch", {"to": "on"})
        reader.post(f"{rules}/publish")
        return (
            SharingBasis.objects.filter(service_code=FORM, ended_at=None).exists(),
            Connector.objects.get(code="waste").is_enabled,
            RuleSet.objects.get(version=2).published_at is not None,
        )

    assert switch_on() == (False, False, False), "nothing was assessed"
    words = {"purpose": "To decide sooner", "risks": "A wrong answer counts", "measures": "An officer looks again"}
    codes = {"sharing": f"{FORM}:front", "connector": "waste", "rules": f"{FORM}:2"}
    for kind, code in codes.items():
        assert senior.post("/work/assessments", {"kind": kind, "code": code, **words}).status_code == 302
    assert switch_on() == (False, False, False), "nobody has signed"
    made = {one.kind: one for one in Assessment.objects.filter(is_approved=None)}
    for one in made.values():
        assert senior.post(f"/work/assessments/{one.pk}/signature", {"decision": "yes"}).status_code == 403
    dpo.post(f"/work/assessments/{made['connector'].pk}/signature", {"decision": "no", "said": "Where is it kept?"})
    for kind in ("sharing", "rules"):
        dpo.post(f"/work/assessments/{made[kind].pk}/signature", {"decision": "yes", "said": "For a year"})
    assert switch_on() == (True, False, True), "what was refused stays off"
    senior.post("/work/assessments", {"kind": "connector", "code": "waste", **words, "measures": "Kept in London"})
    again = Assessment.objects.get(is_approved=None)
    dpo.post(f"/work/assessments/{again.pk}/signature", {"decision": "yes", "said": ""})
    assert switch_on() == (True, True, True)
    kept = page(dpo, "/work/assessments")
    assert "Where is it kept?" in kept
    assert set(Assessment.objects.filter(was_there=False).values_list("signed_by", flat=True)) == {staff_id("di")}

    # A claim that these rules decide: the officer and the resident read the version, what counted, and how a person decides.
    case = claim(**SELF_EMPLOYED)
    officer, path = signed_in("una", Role.OFFICER), f"/work/benefits/{case.reference}"
    to_officer = page(officer, path)
    mine = case.follower_rows.get(is_reporter=True)
    to_resident = page(Client(), case_link(case.reference, mine.pk).removeprefix(django_settings.PUBLIC_URL))
    for shown in (to_officer, to_resident):
        assert re.search(r"[Vv]ersion 2", shown)
        assert "Somebody in the claim is self-employed" in shown
    assert "ask that a person looks at it again" in to_resident
    assert "£400 a week" in page(Client(), "/how-we-decide/housing-benefit", version=2)
    assert officer.post(path, {"band": "low", "reason": "Seen the accounts"}).status_code == 302
    assert "Una decided low in place of medium" in page(officer, path)
    case.refresh_from_db()
    assert case.state == "accepted"


def staff_id(name: str) -> UUID:
    return User.objects.get(email=f"{name}@example.org").pk
