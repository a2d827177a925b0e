"""Old records of every type, each full of somebody's words, put down as rows: how they came to be is not what these tests are about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.db import models

from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_post, make_team
from townhall.cases.models import Case
from townhall.core.actors import SYSTEM
from townhall.core.subjects import Subject
from townhall.customers.models import Customer
from townhall.ledger import operations as ledger

LONG_AGO = datetime(2012, 5, 4, 10, tzinfo=UTC)
SECRET = "Zebedee Quillfeather"
TABLES = {model._meta.db_table: model for model in apps.get_models()}
# Columns whose text is never somebody's words: references, codes, and the ids of letters and mails.
_CODES = frozenset(
    {
        "reference",
        "key",
        "template",
        "message_id",
        "provider_id",
        "digest",
        "place_source",
        "origin_channel",
        "reply_to",
        "answers",
        "subject_kind",
        "storage_name",
        "done",
        "why",
        "form_code",
        "channel",
        "sha256",
        "content_type",
        "purpose",
        "threat",
        "decided_by",
        "uploaded_by_kind",
        "reason_code",
        "avoidable_reason",
        "site_code",
        "outcome",
        "language",
        "kind",
        "by_kind",
        "prefers",
    }
)
_BY_KIND: dict[str, Any] = {
    "DateTimeField": LONG_AGO,
    "DateField": LONG_AGO.date(),
    "BooleanField": False,
    "BinaryField": SECRET.encode(),
}


def put(table: str, **given: Any) -> Any:
    """A row with `given`, and everything else that has to be there: text is the secret."""
    model = TABLES[table]
    values: dict[str, Any] = {}
    for one in model._meta.concrete_fields:
        name = one.attname
        if name in given or one.has_default() or one.null or one.primary_key or one.remote_field:
            continue
        kind = one.get_internal_type()
        if kind in ("TextField", "CharField"):
            words = uuid4().hex if name in _CODES else f"{SECRET} {uuid4().hex[:6]}"
            values[name] = one.choices[0][0] if one.choices else words
        elif kind == "UUIDField":
            values[name] = uuid4()
        elif "Integer" in kind:
            values[name] = 1
        elif kind in _BY_KIND:
            values[name] = _BY_KIND[kind]
        elif kind == "JSONField":
            values[name] = {"said": SECRET}
        elif kind == "ArrayField":
            values[name] = [SECRET] if isinstance(getattr(one, "base_field", None), models.TextField) else []
    row = model(**{**values, **given})
    row.save(force_insert=True)
    return row


def make_person(name: str = SECRET) -> Customer:
    """Somebody whom nobody has heard of for long."""
    person: Customer = put(
        "customers_customer", name=name, search_name=name.lower(), date_of_birth=date(1970, 1, 2), created_at=LONG_AGO
    )
    put("customers_contactpoint", customer_id=person.pk, kind="email", value=SECRET, normalised=SECRET)
    put("customers_customeraddress", customer_id=person.pk, line=SECRET, postcode="ZZ11AA")
    ledger.record(
        "customer.created", about=Subject(kind="customer", id=person.pk), by=SYSTEM, at=LONG_AGO, customer_id=person.pk
    )
    return person


def make_old_case(person: Customer, **more: Any) -> Case:
    team = make_team()
    post = make_post(team=team, role=Role.OFFICER)
    case: Case = put(
        "cases_case",
        service_code="missed-bin",
        doer_team_id=team.pk,
        doer_post_id=post.pk,
        teller_post_id=post.pk,
        **{
            "state": "closed",
            "customer_id": person.pk,
            "outcome_code": "done",
            "work_ended_at": LONG_AGO,
            "told_at": LONG_AGO,
            "closed_at": LONG_AGO,
            "ward_code": "mill",
            "decline_reason": "",
            "attributes": {"said": SECRET},
            **more,
        },
    )
    return case


def everything_about(person: Customer) -> dict[str, Any]:
    """One old record of each of the main types, by type. All are about this person; what can be is about one case of theirs."""
    case = make_old_case(person)
    put("cases_follower", case_id=case.pk, original_case_id=case.pk, customer_id=person.pk, is_reporter=True)
    put("cases_note", case_id=case.pk, kind="note", update_id="")
    put("contacts_channel", code=f"phone-{case.pk}")
    contact = put(
        "contacts_contact",
        channel_id=f"phone-{case.pk}",
        customer_id=person.pk,
        ended_at=LONG_AGO,
        started_at=LONG_AGO,
        given_name=SECRET,
        notes=SECRET,
    )
    put("cases_casecontact", case_id=case.pk, contact_id=contact.pk)
    message = put(
        "notifications_message",
        customer_id=person.pk,
        case_id=case.pk,
        state="sent",
        sent_at=LONG_AGO,
        body_text=SECRET,
    )
    put("notifications_enclosed", message_id=message.pk)
    mailbox = put("mailroom_mailbox", owner_post_id=case.doer_post_id, readers=[uuid4(), uuid4()])
    mail = put("mailroom_mail", mailbox_id=mailbox.pk, case_id=case.pk, answered_at=LONG_AGO, refers_to=[SECRET])
    put("mailroom_original", mail_id=mail.pk)
    came = put("files_storedfile", case_id=None, subject_kind="mail", subject_id=mail.pk, state="private")
    put("mailroom_enclosed", mail_id=mail.pk, file_id=came.pk)
    return {
        "cases": case,
        "submissions": put(
            "forms_submission", id=case.pk, by_kind="customer", by_id=str(person.pk), on_behalf_of=None, is_test=False
        ),
        "contacts": contact,
        "messages": message,
        "mails": mail,
        "files": put("files_storedfile", case_id=case.pk, subject_kind="case", subject_id=case.pk, state="private"),
        "documents": put(
            "documents_document", html=SECRET, customer_id=person.pk, subject_kind="case", subject_id=case.pk
        ),
        "drafts": put("forms_draft", customer_id=person.pk, result_id=None),
        "customers": person,
    }


def left_of(table: str, key: UUID) -> str:
    """All that is left of a row, as text; empty when there is none."""
    row = TABLES[table].objects.filter(pk=key).values().first()  # type: ignore[attr-defined]
    return (
        ""
        if row is None
        else " ".join(bytes(v).decode() if isinstance(v, memoryview) else str(v) for v in row.values())
    )


def rows_in(model: type[models.Model]) -> int:
    return model._default_manager.count()
