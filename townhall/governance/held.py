"""Everything that is held about one customer, from every app: found by whose it says it is, so that nothing is forgotten.

A table that refers to a customer is in SECTIONS or, with its reason, in LEFT_OUT; a test walks Django's metadata and fails for one in
neither. What hangs on those (a case's notes, a mail's words) is in PARTS.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.customers.merging import also_known_as
from townhall.customers.merging.references import references

# What names somebody of the staff, or is only how Townhall works, is not about the customer.
UNSAID: Final = frozenset(
    {
        "search_name",
        "word_keys",
        "normalised",
        "token",
        "token_hash",
        "key",
        "next_url",
        "unsubscribe_url",
        "fallback",
        "attempts",
        "next_attempt_at",
        "version",
        "merged_into_id",
        "by_id",
        "by",
        "raised_by",
        "granted_by",
        "acknowledged_by",
        "proposed_by",
        "decided_by",
        "adviser_id",
        "taken_by_id",
        "owner_post_id",
        "doer_post_id",
        "keeper_post_id",
        "owner_id",
        "logged_by",
        "answered_by",
        "done_by",
        "teller_post_id",
        "user_id",
        "rings_at_id",
        "victims",
        "witnesses",
        "reported_by",
        "team_ids",
        "checked_by",
        "booked_by",
        "given_pdf",
        "pdf_name",
        "large_name",
        "digest",
        "sha256",
        "storage_name",
    }
)


@dataclass(frozen=True, kw_only=True)
class Section:
    title: StrOrPromise
    when: str = ""  # the column that says when
    judged: bool = False  # staff's own words about somebody: each entry is looked at before it is given


SECTIONS: Final[Mapping[str, Section]] = {
    "customers_customer": Section(title=_("Your record")),
    "customers_contactpoint": Section(title=_("Phone numbers and email addresses")),
    "customers_customeraddress": Section(title=_("Addresses")),
    "customers_customerrole": Section(title=_("In what capacity we know you")),
    "customers_customernumber": Section(title=_("Numbers that other systems know you by")),
    "customers_accessneed": Section(title=_("What you need so that you can deal with us")),
    "customers_channelchoice": Section(title=_("How you want to hear from us"), when="chosen_at"),
    "customers_link": Section(title=_("Who acts for you, and for whom you act"), judged=True),
    "customers_accountlink": Section(title=_("Your account"), when="since"),
    "customers_helperinvite": Section(title=_("Whom you asked to help you"), when="made_at"),
    "customers_check": Section(title=_("Checks of who you are"), when="at"),
    "customers_consent": Section(title=_("What you agreed to"), when="given_at"),
    "contacts_contact": Section(title=_("When you got in touch"), when="started_at", judged=True),
    "contacts_callback": Section(title=_("Call-backs"), when="asked_at"),
    "telephony_call": Section(title=_("Telephone calls"), when="offered_at"),
    "telephony_nightcall": Section(title=_("Calls out of hours"), when="started_at", judged=True),
    "telephony_videosession": Section(title=_("Video calls"), when="started_at"),
    "cases_case": Section(title=_("Your requests"), when="opened_at"),
    "cases_follower": Section(title=_("Requests that you follow"), when="since"),
    "feedback_asked": Section(title=_("Surveys we sent you"), when="sent_at"),
    "feedback_answer": Section(title=_("What you answered to surveys"), when="at"),
    "feedback_recovery": Section(title=_("What we did when you were not content"), when="opened_at"),
    "complaints_complaint": Section(title=_("Comments, compliments and complaints"), when="received_at"),
    "forms_draft": Section(title=_("Forms that you began"), when="started_at"),
    "notifications_message": Section(title=_("Messages we sent you"), when="created_at"),
    "documents_document": Section(title=_("Documents we gave you"), when="made_at"),
    "partners_passed": Section(title=_("When we passed you on to a partner"), when="sent_at"),
    "intake_piece": Section(title=_("Letters, faxes and posts you sent us"), when="received_at"),
    "documents_written": Section(title=_("Letters and emails we wrote to you"), when="begun_at", judged=True),
    "documents_paperlink": Section(title=_("Papers you sent us"), when="linked_at"),
    "payments_charge": Section(title=_("Bills"), when="created_at"),
    "payments_payment": Section(title=_("Payments"), when="created_at"),
    "permits_permit": Section(title=_("Parking permits"), when="asked_at"),
    "penalties_penaltynotice": Section(title=_("Penalty notices"), when="created_at"),
    "housing_repair": Section(title=_("Repairs"), when="made_at"),
    "admissions_application": Section(title=_("School applications"), when="received_at"),
    "standing_lastknown": Section(title=_("What other systems told us last"), when="seen_at"),
    "inclusion_interpretercall": Section(title=_("Interpreters by phone"), when="asked_at"),
    "inclusion_interpreterbooking": Section(title=_("Interpreters booked"), when="asked_at"),
    "inclusion_formatrequest": Section(title=_("Other languages and formats"), when="asked_at"),
    "inclusion_channelexception": Section(title=_("Ways of getting in touch that stay open to you"), judged=True),
    "engagement_alertsubscription": Section(title=_("Alerts"), when="created_at"),
    "engagement_reader": Section(title=_("The newsletter")),
    "engagement_writtentext": Section(title=_("Texts that we wrote to you"), when="at"),
    "engagement_textreply": Section(title=_("When you answered our texts"), when="at"),
    "engagement_voucher": Section(title=_("Vouchers"), when="issued_at"),
    "engagement_deal": Section(title=_("Deals that you offered"), when="offered_at"),
    "neighbourhood_subscription": Section(title=_("News of your street or round"), when="created_at"),
    "neighbourhood_proposalfollower": Section(title=_("Proposals that you follow"), when="created_at"),
    "outreach_assisted": Section(title=_("Help to do it online"), when="at"),
    "outreach_booking": Section(title=_("Courses"), when="booked_at"),
    "outreach_shown": Section(title=_("Quicker ways we told you of"), when="shown_at"),
    "outreach_volunteer": Section(title=_("Where you help"), when="since"),
    "safety_marker": Section(title=_("Notes about how we meet you"), when="proposed_at", judged=True),
    "safety_incident": Section(title=_("Incidents"), when="happened_at", judged=True),
    "governance_freedomrequest": Section(title=_("Requests for information"), when="received_at"),
    "governance_subjectrequest": Section(title=_("Requests for your records"), when="received_at"),
}
LEFT_OUT: Final[Mapping[str, StrOrPromise]] = {
    "customers_addresscode": _("The hash of a code that proves an address: a secret."),
    "customers_feed": _("The secret address of a calendar, which is on their account page."),
    "customers_matchkeys": _("Worked out anew from the record itself."),
    "safety_alarm": _("A colleague's call for help: about the colleague. What was done is in the incident."),
    "safety_callwarning": _("Times only; what was said is in the incident."),
    "governance_hold": _("Says only that something is kept longer; what is kept is given."),
    "governance_question": _("About a colleague. Who looked at the record is given."),
}


@dataclass(frozen=True, kw_only=True)
class Of:
    """What hangs on another table. `where`: for the customer's ids, once."""

    table: str
    title: StrOrPromise
    where: str
    when: str = ""
    judged: bool = False


_CASES = "SELECT c.id FROM cases_case c WHERE c.customer_id = ANY(%s)"
PARTS: Final = (
    Of(table="forms_submission", title=_("Forms you sent"), where=f"t.id IN ({_CASES})", when="received_at"),
    Of(table="cases_note", title=_("Notes on your requests"), where=f"t.case_id IN ({_CASES})", when="at", judged=True),
    Of(
        table="files_storedfile", title=_("Files of your requests"), where=f"t.case_id IN ({_CASES})", when="created_at"
    ),
    Of(
        table="notifications_receivedtext",
        title=_("Your answers to our texts"),
        where="t.id IN (SELECT r.received_id FROM engagement_textreply r WHERE r.customer_id = ANY(%s))",
        when="received_at",
    ),
    Of(
        table="mailroom_mail",
        title=_("Mail about your requests"),
        where=f"t.case_id IN ({_CASES})",
        when="received_at",
        judged=True,
    ),
    Of(
        table="mailroom_mail",
        title=_("Mail that became a complaint"),
        where="t.case_id IS NULL AND t.id IN (SELECT q.source_id FROM complaints_complaint q"
        " WHERE q.source_kind = 'mail' AND q.customer_id = ANY(%s))",
        when="received_at",
        judged=True,
    ),
    Of(
        table="complaints_stage",
        title=_("How your complaints were looked into"),
        where="t.complaint_id IN (SELECT q.id FROM complaints_complaint q WHERE q.customer_id = ANY(%s))",
        when="asked_at",
    ),
    Of(
        table="documents_paper",
        title=_("The words of papers you sent us"),
        where="t.id IN (SELECT l.paper_id FROM documents_paperlink l WHERE l.customer_id = ANY(%s))",
        when="kept_at",
    ),
    Of(
        table="safety_appeal",
        title=_("Appeals about how we meet you"),
        where="t.marker_id IN (SELECT m.id FROM safety_marker m WHERE m.customer_id = ANY(%s))",
        when="received_at",
        judged=True,
    ),
    Of(
        table="permits_vehicle",
        title=_("Vehicles of your permits"),
        where="t.permit_id IN (SELECT p.id FROM permits_permit p WHERE p.customer_id = ANY(%s))",
    ),
    Of(
        table="benefits_assessment",
        title=_("How claims of yours were assessed"),
        where=f"t.case_id IN ({_CASES})",
        when="at",
    ),
    Of(table="ledger_look", title=_("Who looked at your record"), where="t.customer_id = ANY(%s)", when="at"),
    Of(table="ledger_entry", title=_("What was done with your record"), where="t.customer_id = ANY(%s)", when="at"),
)
_UNSAID_OF = {
    "customers_customer": ("words",),
    "ledger_look": ("actor_id", "position"),
    "ledger_entry": ("actor_id", "position", "data"),
}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w-])(?:\+44|0)[\d ]{9,12}\d(?![\w-])")  # not a part of an id


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that is held. `others`: words in it that may be about somebody else."""

    section: str
    title: StrOrPromise
    key: str
    values: Mapping[str, Any]
    others: Sequence[str]
    judged: bool

    @property
    def seen(self) -> str:
        """A hash of what it says now."""
        return hashlib.sha256(msgspec.json.encode(self.values, order="sorted")).hexdigest()

    @property
    def is_to_review(self) -> bool:
        return self.judged or bool(self.others)


def everything(customer_id: UUID, *, only: str = "") -> list[Entry]:
    """All of it, however much, in the order of the sections; or what one section has. One statement for each table read."""
    ids = [customer_id, *also_known_as(customer_id)]
    found: list[tuple[str, StrOrPromise, bool, list[tuple[str, dict[str, Any]]]]] = []
    columns = _columns()
    for table, section in SECTIONS.items():
        if only not in ("", table):
            continue
        where = " OR ".join(f't."{column}" = ANY(%s)' for column in columns[table])
        rows = _rows(table, where, [ids] * len(columns[table]), when=section.when)
        found.append((table, section.title, section.judged, rows))
    found.extend(
        (one.table, one.title, one.judged, _rows(one.table, one.where, [ids], when=one.when))
        for one in PARTS
        if only in ("", one.table)
    )
    own, others = _own(ids) | _councils(), _others(ids)
    return [
        Entry(
            section=table,
            title=title,
            key=key,
            values=values,
            others=_about_others(values, own=own, others=others),
            judged=judged,
        )
        for table, title, judged, rows in found
        for key, values in rows
    ]


def _columns() -> dict[str, list[str]]:
    """By table: the columns that say whose it is, and the customer's own row."""
    found: dict[str, list[str]] = {"customers_customer": ["id"]}
    for reference in references():
        found.setdefault(reference.table, []).append(reference.column)
    return found


def _rows(table: str, where: str, values: Sequence[list[UUID]], *, when: str) -> list[tuple[str, dict[str, Any]]]:
    order = f't."{when}", 1' if when else "1"
    with connection.cursor() as cursor:
        # Names of our own tables and columns only.
        cursor.execute(
            f"SELECT {_key(table)}::text, (to_jsonb(t) - %s::text[])::text FROM {table} t WHERE {where} ORDER BY {order}",  # noqa: S608
            (sorted(UNSAID | set(_UNSAID_OF.get(table, ()))), *values),
        )
        return [(key, _plain(msgspec.json.decode(text))) for key, text in cursor.fetchall()]


def _key(table: str) -> str:
    keyed = {"engagement_reader": "t.customer_id", "outreach_assisted": "t.contact_id"}
    return keyed.get(table, "t.id")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty, and without bytes."""
    return {
        name: value
        for name, value in values.items()
        if value not in (None, "", [], {}) and not (isinstance(value, str) and value.startswith("\\x"))
    }


def _own(ids: Collection[UUID]) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lower(replace(value, ' ', '')) FROM customers_contactpoint WHERE customer_id = ANY(%s)",
            (list(ids),),
        )
        return frozenset(value for (value,) in cursor.fetchall())


def _councils() -> frozenset[str]:
    """The council's own numbers and addresses: of its switchboard, its teams and its mailboxes."""
    with connection.cursor() as cursor:
        cursor.execute("""SELECT phone FROM accounts_team UNION SELECT email FROM accounts_team
            UNION SELECT address FROM mailroom_mailbox""")
        found = [text for (text,) in cursor.fetchall()]
    found += [settings.COUNCIL_PHONE, settings.COUNCIL_EMAIL, settings.EMAIL_REPLY_TO]
    found += _EMAIL.findall(settings.DEFAULT_FROM_EMAIL)
    return frozenset(one.replace(" ", "").casefold() for one in found if one)


def _others(ids: Collection[UUID]) -> list[str]:
    """Names of who lives there too, acts for them, or is acted for."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT c.name FROM customers_customer c WHERE c.id <> ALL(%s) AND (
                 c.id IN (SELECT representative_id FROM customers_link WHERE customer_id = ANY(%s))
                 OR c.id IN (SELECT customer_id FROM customers_link WHERE representative_id = ANY(%s))
                 OR c.id IN (SELECT b.customer_id FROM customers_customeraddress a JOIN customers_customeraddress b
                             ON b.uprn = a.uprn AND a.uprn <> '' WHERE a.customer_id = ANY(%s)))
               ORDER BY 1 LIMIT 200""",
            (list(ids),) * 4,
        )
        return [name for (name,) in cursor.fetchall()]


def _about_others(values: Mapping[str, Any], *, own: Collection[str], others: Sequence[str]) -> list[str]:
    text = "\n".join(_texts(values))  # so that a number does not run on into what stands beside it
    found = [name for name in others if name.casefold() in text.casefold()]
    reached = (*_EMAIL.findall(text), *_PHONE.findall(text))
    return sorted({*found, *(one for one in reached if one.replace(" ", "").casefold() not in own)})


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def without(value: Any, hidden: Sequence[str]) -> Any:
    """The same with these words taken out, wherever they stand and however they are written."""
    if isinstance(value, str):
        for one in hidden:
            value = re.sub(re.escape(one), "[…]", value, flags=re.IGNORECASE)
        return value
    if isinstance(value, Mapping):
        return {name: without(inner, hidden) for name, inner in value.items()}
    return [without(one, hidden) for one in value] if isinstance(value, list) else value
