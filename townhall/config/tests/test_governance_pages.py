"""What the council answers for, as its people meet it: retention, requests for records and information, fields, looks, assessments."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.accounts import fields, permissions
from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import make_key, sign_in
from townhall.cases.tests.makers import make_case, make_council, make_staff
from townhall.core import sealed_answers
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import NotAllowed
from townhall.core.refreshing import forget_all
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers import queries
from townhall.customers.merging import proposing
from townhall.customers.models import Customer, CustomerNumber
from townhall.customers.operations import NewCustomer
from townhall.documents.models import Document
from townhall.governance import assessing, noticing
from townhall.governance.models import Assessment, Erasure, FreedomRequest, Hold, Question, SetAside, SubjectRequest
from townhall.governance.retention import sweeping
from townhall.governance.seeds import seed_reference_data
from townhall.governance.tests.makers import SECRET, everything_about, left_of, make_person
from townhall.ledger import operations as ledger
from townhall.workforce import training
from townhall.workforce.models import Gate, Module
from townhall.workspace import timeline


@pytest.fixture(autouse=True)
def _council(db: Any) -> None:
    make_council()
    seed_reference_data()
    forget_all()


def staff(name: str, role: Role, *, team: str = "corporate") -> tuple[Client, Actor]:
    by = make_staff(name, team=team, role=role)
    client = Client(raise_request_exception=True)
    sign_in(client, User.objects.get(pk=by.id))
    return client, by


def make_sam() -> Customer:
    new = NewCustomer(name="Sam Okafor", email="sam@example.org", date_of_birth=date(1980, 2, 3))
    sam = customers.create(new, by=SYSTEM, at=now(), key=str(uuid4()))
    CustomerNumber.objects.create(customer=sam, kind="library", value="LIB-7731", normalised="LIB7731")
    return sam


@pytest.mark.capability("GOVN-05")
def test_records_go_in_their_time_with_proof_but_not_what_is_held_or_asked_for_and_what_is_asked_for_is_given() -> None:
    dpo, _by = staff("edith", Role.DATA_PROTECTION_OFFICER)
    adviser, _adviser = staff("ada", Role.ADVISER)
    gone, held, asking = make_person(), make_person(), make_person("Sam Okafor")
    things = {one.pk: everything_about(one) for one in (gone, held, asking)}

    # A rule is changed, something is held, and a dry run says what the night will do.
    page = dpo.post(
        "/work/retention", {"record_type": "contacts", "months": "30", "why": "The ombudsman asked"}, follow=True
    )
    assert "30 months" in page.content.decode()
    assert dpo.post("/work/retention", {"record_type": "contacts", "months": "x", "why": ""}).status_code == 422
    dpo.post("/work/retention/holds", {"subject": f"https://x.example/work/customers/{held.pk}", "why": "A claim"})
    assert Hold.objects.get().customer_id == held.pk
    dry = dpo.get("/work/retention/preview/contacts").content.decode()
    # Somebody asks for everything: nothing begins before its day is given, and nothing is removed until it is answered.
    begin = f"/work/subject-access/customers/{asking.pk}"
    assert "Sam Okafor" in adviser.get(begin).content.decode()
    assert adviser.post(begin, {"received": "2999-01-01"}).status_code == 422
    assert not SubjectRequest.objects.exists()
    adviser.post(begin, {"received": (council_date(now()) - timedelta(days=2)).isoformat()})
    request = SubjectRequest.objects.get()
    assert council_date(request.received_at) == council_date(now()) - timedelta(days=2)
    assert adviser.get("/work/subject-access").status_code == 403
    while sweeping.sweep(now()):
        pass
    assert SECRET not in left_of("contacts_contact", things[gone.pk]["contacts"].pk)
    assert SECRET in left_of("contacts_contact", things[held.pk]["contacts"].pk)
    assert SECRET in left_of("contacts_contact", things[asking.pk]["contacts"].pk)
    assert str(things[gone.pk]["contacts"].pk) in dry
    assert Erasure.objects.get(record_type="contacts").rule_version == 2
    assert "version 2, 30 months" in dpo.get("/work/retention").content.decode()

    # Each entry that may be about others is judged; then the answer is theirs, and as a file.
    where = f"/work/subject-access/{request.pk}"
    assert dpo.get(f"{where}/file.json").status_code == 302, "not before it is judged"
    shown = dpo.get(where).content.decode()
    waiting = re.findall(r'name="section" value="(\w+)"><input type="hidden" name="key" value="([\w-]+)"', shown)
    for section, key in waiting:
        dpo.post(f"{where}/decision", {"section": section, "key": key, "what": "give", "reason": "own"})
    given_out = json.loads(dpo.get(f"{where}/file.json").content)
    assert {"Your record", "When you got in touch", "Messages we sent you"} <= {
        one["section"] for one in given_out["held"]
    }
    dpo.post(f"{where}/answer")
    request.refresh_from_db()
    assert Document.objects.get(pk=str(request.document_id)).customer_id == asking.pk

    # Information asked for inside a case has its own clock, and the link stays.
    case = make_case(at=now())
    adviser.post("/work/freedom", {"words": "What did it cost?", "name": "Ann Marsh", "case": case.reference})
    freedom = FreedomRequest.objects.get()
    assert freedom.case_id == case.pk
    assert freedom.reference in dpo.get("/work/freedom", {"case": case.reference}).content.decode()
    assert adviser.post(f"/work/freedom/{freedom.pk}", {"words": "x"}).status_code == 403
    dpo.post(
        f"/work/freedom/{freedom.pk}",
        {"words": "£120", "title": "Costs", "exemptions": ["s43"], "why_s43": "The rest is a trader’s price"},
    )
    log = dpo.get("/work/freedom").content.decode()
    assert "The rest is a trader’s price" in log
    assert "Ann Marsh" not in log


def test_what_could_not_be_removed_is_the_officers_task_and_is_tried_again_from_the_page() -> None:
    dpo, _by = staff("edith", Role.DATA_PROTECTION_OFFICER)
    auditor, _auditor = staff("aud", Role.AUDITOR)
    aside = SetAside.objects.create(record_type="contacts", record_id=uuid4(), why="IntegrityError", at=now())
    assert "Contacts: who got in touch" in dpo.get("/work/tasks").content.decode()
    assert str(aside.record_id) in auditor.get("/work/retention").content.decode()
    where = f"/work/retention/set-aside/{aside.pk}/again"
    assert auditor.post(where).status_code == 403
    assert dpo.post(f"/work/retention/set-aside/{uuid4()}/again").status_code == 404

    said = dpo.post(where, follow=True).content.decode()

    assert "The next night takes it again" in said
    assert str(aside.record_id) not in said
    assert "could not be removed" not in dpo.get("/work/tasks").content.decode()


FIELDS_SEEN = {  # on the record: date of birth, numbers
    Role.ADVISER: (True, True),
    Role.RECEPTIONIST: (True, True),
    Role.OFFICER: (True, True),
    Role.TEAM_MANAGER: (True, True),
    Role.SENIOR_MANAGER: (False, False),
    Role.DATA_PROTECTION_OFFICER: (True, True),
}


def test_each_role_sees_the_fields_of_the_table_on_pages_in_lists_and_by_the_api() -> None:
    sam = make_sam()
    for role, (born, numbers) in FIELDS_SEEN.items():
        client, by = staff(f"who-{role.value}", role)
        page = client.get(f"/work/customers/{sam.pk}", {"reason": "asked", "asked": "1"}).content.decode()
        record = queries.record(sam.pk, by=by)
        found = queries.look_up("Okafor", by=by, at=now()).people[0]
        assert (record.date_of_birth is not None, bool(record.numbers)) == (born, numbers), role
        assert (found.date_of_birth is not None) is born, role
        if "Sam Okafor" in page and "desk-facts" in page:
            assert ("LIB-7731" in page) is numbers, role
    api = Client(headers={"Authorization": f"Bearer {make_key('customers.see')}"})
    told = api.get(f"/api/v1/customers/{sam.pk}").content.decode()
    assert "1980" not in told
    assert "LIB-7731" not in told

    # Every one of these looks is in the log, which the data protection officer searches and nobody changes.
    dpo, _by = staff("edith", Role.DATA_PROTECTION_OFFICER)
    log = dpo.get("/work/audit", {"kind": "looks", "subject": str(sam.pk)}).content.decode()
    assert "A customer’s record, by another system" in log
    assert "A search for customers" in log
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_look")


def test_a_field_that_asks_for_training_opens_with_it_in_date_and_closes_when_it_lapses() -> None:
    sam = make_sam()
    client, by = staff("ada", Role.ADVISER)
    new = NewCustomer(name="Sam Okafor", email="sam@example.org", date_of_birth=date(1980, 2, 3))
    also = customers.create(new, by=SYSTEM, at=now(), key=str(uuid4()))
    while proposing.propose(now()):
        pass
    module = Module.objects.filter(is_active=True).first() or Module.objects.create(code="privacy", name="Privacy")
    Gate.objects.update_or_create(
        code="field.customer.date_of_birth", defaults={"module": module, "set_by": "", "set_at": now()}
    )
    forget_all()
    assert queries.record(sam.pk, by=by).date_of_birth is None
    assert "1980" not in client.get("/work/duplicates").content.decode()
    path = f"/work/customers/{also.pk}/details"
    assert "Date of birth" not in client.get(path).content.decode()
    client.post(path, {"name": "Samuel Okafor", "kind": "person", "language": "en"})
    also.refresh_from_db()
    assert (also.name, also.date_of_birth) == ("Samuel Okafor", date(1980, 2, 3))  # what is not seen is not wiped

    training.record_passes(module.pk, [UUID(by.id)], passed_on=now().date() - timedelta(days=1), by=SYSTEM, at=now())

    assert queries.record(sam.pk, by=by).date_of_birth == date(1980, 2, 3)
    assert "1980" in client.get("/work/duplicates").content.decode()


@settings(max_examples=200, deadline=None)
@given(roles=st.sets(st.sampled_from([role.value for role in Role]), max_size=len(Role)))
def test_several_roles_together_see_and_do_what_one_of_them_does_and_never_more(roles: set[str]) -> None:
    def actor(*held: str) -> Actor:
        return Actor(kind=ActorKind.STAFF, id=str(uuid4()), roles=frozenset(held))

    whole = actor(*roles)
    for name in fields.FIELDS:
        union = any(fields.sees(actor(role), name) for role in roles)
        assert fields.sees(whole, name) is union
    for capability in permissions.CAPABILITIES:
        union = any(permissions.may(actor(role), capability).allowed for role in roles)
        assert permissions.may(whole, capability).allowed is union


def test_the_end_of_a_bank_account_and_notes_of_conversations_are_for_whom_the_table_says() -> None:
    given = {"account": sealed_answers.seal("12345678")}
    assert sealed_answers.shown_all(given) == {"account": "ends in 678"}
    assert sealed_answers.shown_all(sealed_answers.without_ends(given)) == {"account": "kept sealed"}
    assert sealed_answers.open_all(sealed_answers.without_ends(given)) == {"account": "12345678"}
    seen = {
        role
        for role in Role
        if fields.sees(Actor(kind=ActorKind.STAFF, roles=frozenset({role})), "payment.bank_digits")
    }
    assert seen == {Role.OFFICER, Role.TEAM_MANAGER, Role.FINANCE, Role.DATA_PROTECTION_OFFICER}

    _dpo, by = staff("edith", Role.DATA_PROTECTION_OFFICER)
    sam = make_person("Sam Okafor")
    contact = everything_about(sam)["contacts"]
    contact.notes = "He whispered"
    contact.save(update_fields=["notes"])
    ledger.record(
        "contact.wrapped_up", about=Subject(kind="contact", id=contact.pk), by=SYSTEM, at=now(), customer_id=sam.pk
    )
    module = Module.objects.create(code="privacy", name="Privacy")
    assert "He whispered" in str(timeline.of_customer(sam.pk, by=by).rows)
    Gate.objects.create(code="field.contact.notes", module=module, set_by="", set_at=now())
    forget_all()
    assert "He whispered" not in str(timeline.of_customer(sam.pk, by=by).rows)


def test_the_table_of_fields_says_of_markers_what_the_register_of_markers_does() -> None:
    assert fields.FIELDS["marker.facts"].roles == permissions.CAPABILITIES["markers.detail"].roles


def test_looks_that_stand_out_are_listed_explained_and_followed_up() -> None:
    dpo, dpo_by = staff("edith", Role.DATA_PROTECTION_OFFICER)
    colleague, by = staff("ada", Role.ADVISER)
    User.objects.filter(pk=by.id).update(name="Ada Okafor")
    sam = make_sam()
    night = now().replace(hour=2, minute=0) - timedelta(days=1)
    ledger.looked(by=by, at=night, customer_id=sam.pk, page="customer.record", reason="asked")
    mine = customers.create(
        NewCustomer(name="A. Okafor", email=User.objects.get(pk=by.id).email), by=SYSTEM, at=now(), key=str(uuid4())
    )
    ledger.looked(by=by, at=night, customer_id=mine.pk, page="customer.record", reason="asked")
    for _one in range(noticing.MANY):
        ledger.looked(by=by, at=night, customer_id=uuid4(), page="customer.record", reason="asked")

    found = noticing.unusual(since=night - timedelta(days=1), until=now(), by=dpo_by, size=500).rows
    kinds = {kind: {one.customer_id for one in group} for kind, group in _by_kind(found)}
    assert sam.pk in kinds["surname"] & kinds["nothing"] & kinds["night"]
    assert kinds["own"] == {mine.pk}
    assert kinds["many"]
    pages, after, is_more = list(found[:0]), "", True
    while is_more:
        page = noticing.unusual(since=night - timedelta(days=1), until=now(), by=dpo_by, size=50, after=after)
        pages += page.rows
        after, is_more = page.after, bool(page.after)
    assert [(one.id, one.kind) for one in pages] == [(one.id, one.kind) for one in found]
    assert "Of the colleague’s own surname" in dpo.get("/work/audit/unusual.csv", {"kind": "surname"}).content.decode()

    look = next(one for one in found if one.kind == "surname" and one.customer_id == sam.pk)
    dpo.post(f"/work/audit/unusual/{look.id}/question", {"kind": "surname", "at": look.at.isoformat()})
    question = Question.objects.get()
    assert "Of the colleague’s own surname" in colleague.get("/work/looks").content.decode()
    colleague.post(f"/work/looks/{question.pk}", {"words": "No relation: he rang about his bin"})
    assert "No relation" in dpo.get("/work/audit/unusual").content.decode()
    dpo.post(f"/work/audit/questions/{question.pk}", {"outcome": "Explained"})
    question.refresh_from_db()
    assert (question.state, question.outcome) == ("closed", "Explained")
    assert colleague.get("/work/audit/unusual").status_code == 403
    to_herself = Question.objects.create(
        look_id=uuid4(), staff_id=UUID(dpo_by.id), why="night", looked_at=night, asked_by=uuid4(), asked_at=now()
    )
    with pytest.raises(NotAllowed):
        noticing.close(to_herself.pk, outcome="Nothing", by=dpo_by, at=now())
    years = dpo.get("/work/audit/unusual", {"since": "2001-01-01"}).content.decode()
    assert f"{council_date(now()) - timedelta(days=92):%Y-%m-%d}" in years  # read in parts


def _by_kind(found: Any) -> Any:
    ordered = sorted(found, key=lambda one: one.kind)
    return itertools.groupby(ordered, key=lambda one: one.kind)


def test_nothing_is_switched_on_before_a_second_person_has_signed_what_was_assessed() -> None:
    manager, manager_by = staff("mo", Role.SENIOR_MANAGER)
    dpo, _by = staff("edith", Role.DATA_PROTECTION_OFFICER)
    basis = {"service": "pothole", "readers": "front", "basis": "public_task", "why": "They answer for it"}
    assert b"cannot be switched on before it was assessed" in manager.post("/work/sharing", basis).content

    words = {"purpose": "Advisers see it", "risks": "More look", "measures": "Looks are kept"}
    manager.post("/work/assessments", {"kind": "sharing", "code": "pothole:front", **words})
    made = Assessment.objects.get(code="pothole:front")
    assert manager.post(f"/work/assessments/{made.pk}/signature", {"decision": "yes"}).status_code == 403
    assert manager.post("/work/sharing", basis).status_code == 422, "recorded is not signed"
    dpo.post(f"/work/assessments/{made.pk}/signature", {"decision": "yes", "said": "For a year"})
    assert manager.post("/work/sharing", basis).status_code == 302

    refused = assessing.record("connector", "library", by=manager_by, at=now(), **words)
    dpo.post(f"/work/assessments/{refused.pk}/signature", {"decision": "no", "said": "Titles are shown"})
    with pytest.raises(assessing.NotAssessed):
        assessing.require("connector", "library", by=manager_by, at=now())
    assert "Titles are shown" in dpo.get("/work/assessments").content.decode()
