"""What is kept of people, type by type: when a record is over, what of it is erased, and whose it is.

Every fragment of SQL here is a constant. `t` is the row. `over`: when it was over, null while it is not. `customers` and `cases`: arrays of
whom and what it is about, so that a hold on any of them keeps it. Anonymising blanks the columns that say who somebody is and what they
said; the row stays, so every count stays what it was. The ledger and the roll-ups made from it hold nobody's words and are never touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

ERASED = "'—'"  # where a constraint wants some words
NONE = "ARRAY[]::uuid[]"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A table whose rows belong to a record and go, or are blanked, with it. `of`: how they are found by `ids`, the records' ids."""

    table: str
    of: str
    blank: Mapping[str, str] = field(default_factory=dict)  # column → SQL; empty: the rows are deleted


@dataclass(frozen=True)
class RecordType:
    code: str
    title: StrOrPromise
    table: str
    over: str
    months: int  # what a new council starts with
    why: StrOrPromise
    customers: str = "ARRAY[t.customer_id]"
    cases: str = NONE
    outcome: str = "''"
    blank: Mapping[str, str] = field(default_factory=dict)  # column → SQL; empty: the rows are deleted
    parts: tuple[Part, ...] = ()
    files: tuple[str, ...] = ()  # expressions for names in the file store, one on each line; empty for none
    only: str = "true"
    key: str = "id"

    @property
    def action(self) -> str:
        return "anonymise" if self.blank else "delete"

    @cached_property
    def unerased(self) -> str:
        """Whether there is anything left to erase of the row itself."""
        if not self.blank:
            return "true"
        return "(" + " OR ".join(f't."{column}" IS DISTINCT FROM {to}' for column, to in self.blank.items()) + ")"


_OF_CASE = (
    "(SELECT array_agg(f.customer_id) || array_agg(c.customer_id) FROM cases_case c"
    " LEFT JOIN cases_follower f ON f.case_id = c.id WHERE c.id = {case})"
)
_CASE_OVER = (
    "(SELECT c.closed_at FROM cases_case c WHERE c.id = {case} AND c.state IN ('closed', 'declined', 'merged'))"
)


def _case(expression: str) -> str:
    return _OF_CASE.format(case=expression)


# These customers with every record that was merged into one of them, also by way of others.
_MERGED: Final = (
    "(WITH RECURSIVE tree (id) AS (SELECT unnest(%s::uuid[])"
    " UNION SELECT c.id FROM customers_customer c JOIN tree ON c.merged_into_id = tree.id) SELECT id FROM tree)"
)
_WHO: Final = {
    "name": ERASED,
    "search_name": "''",
    "date_of_birth": "NULL",
    "preferred_channel": "''",
    "words": "''",
    "word_keys": "'{}'",
}

_WORDS: Final = _("Enough to answer a complaint and an ombudsman's question, and no longer.")
_MONEY: Final = _("Six years after the year of account: Limitation Act 1980.")
_OWN: Final = _("It has done what it was sent for.")

TYPES: Final[tuple[RecordType, ...]] = (
    RecordType(
        "drafts",
        _("Forms begun and never sent"),
        "forms_draft",
        "CASE WHEN t.result_id IS NULL THEN t.expires_at END",
        1,
        _OWN,
        customers="ARRAY[t.customer_id, t.on_behalf_of]",
        parts=(Part(table="forms_draftkey", of="draft_id = ANY(%s)"),),
    ),
    RecordType(
        "submissions",
        _("Forms sent in"),
        "forms_submission",
        f"coalesce({_CASE_OVER.format(case='t.id')},"  # noqa: S608 - constants of ours, as below
        " CASE WHEN NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = t.id) THEN t.received_at END)",
        36,
        _WORDS,
        customers=f"{_case('t.id')} || t.on_behalf_of",
        cases="ARRAY[t.id]",
        blank={"answers": "'{}'::jsonb", "on_behalf_of": "NULL", "by_id": "''"},
        outcome="coalesce((SELECT c.outcome_code FROM cases_case c WHERE c.id = t.id), '')",
    ),
    RecordType(
        "cases",
        _("Cases, with their notes and who follows them"),
        "cases_case",
        "CASE WHEN t.state IN ('closed', 'declined', 'merged') THEN coalesce(t.closed_at, t.work_ended_at, t.updated_at) END",
        72,
        _WORDS,
        customers=_case("t.id"),
        cases="ARRAY[t.id]",
        outcome="t.outcome_code",
        blank={
            "customer_id": "NULL",
            "description": "''",
            "attributes": "'{}'::jsonb",
            "public_note": "''",
            "address": "''",
            "place_words": "''",
            "uprn": "''",
            "usrn": "''",
            "outcome_text": "''",
            "external_ref": "''",
        },
        parts=(
            Part(
                table="cases_follower",
                of="case_id = ANY(%s)",
                blank={"customer_id": "NULL", "name": "''", "email": "''", "phone": "''"},
            ),
            Part(table="cases_note", of="case_id = ANY(%s)", blank={"text": ERASED, "by_id": "''"}),
            Part(table="cases_task", of="case_id = ANY(%s)", blank={"result": "''"}),
            Part(table="cases_handoff", of="case_id = ANY(%s)", blank={"note": "''"}),
            Part(
                table="cases_backofficecall",
                of="case_id = ANY(%s)",
                blank={"reason": "''", "answer": "''", "spoke_with": "''", "outcome": "''"},
            ),
        ),
    ),
    RecordType(
        "contacts",
        _("Contacts: who got in touch, and what was noted"),
        "contacts_contact",
        "t.ended_at",
        24,
        _WORDS,
        cases="ARRAY(SELECT x.case_id FROM cases_casecontact x WHERE x.contact_id = t.id)",
        outcome="t.outcome",
        blank={"customer_id": "NULL", "given_name": "''", "given_email": "''", "given_phone": "''", "notes": "''"},
        parts=(Part(table="outreach_assisted", of="contact_id = ANY(%s)", blank={"customer_id": "NULL"}),),
    ),
    RecordType(
        "call_backs",
        _("Call-backs"),
        "contacts_callback",
        "t.finished_at",
        12,
        _OWN,
        outcome="t.state",
        blank={"customer_id": "NULL", "name": "''", "phone": "''", "email": "''", "about": "''"},
        parts=(Part(table="contacts_callbacktry", of="call_back_id = ANY(%s)", blank={"note": "''"}),),
    ),
    RecordType(
        "calls",
        _("Telephone calls, as the phone platform told of them"),
        "telephony_call",
        "t.ended_at",
        12,
        _OWN,
        customers="ARRAY[t.customer_id] || ARRAY(SELECT x.customer_id FROM contacts_contact x WHERE x.id = t.contact_id)",
        cases="ARRAY(SELECT x.case_id FROM cases_casecontact x WHERE x.contact_id = t.contact_id)",
        blank={"customer_id": "NULL", "number": "''"},
        parts=(Part(table="telephony_callevent", of="call_id = ANY(%s)", blank={"told": "'{}'::jsonb"}),),
    ),
    RecordType(
        "night_calls",
        _("Calls out of hours"),
        "telephony_nightcall",
        "CASE WHEN t.settled_at IS NOT NULL OR NOT t.is_urgent THEN coalesce(t.settled_at, t.ended_at, t.received_at) END",
        24,
        _WORDS,
        cases="ARRAY[t.case_id]",
        blank={
            "customer_id": "NULL",
            "name": "''",
            "phone": "''",
            "address": "''",
            "words": "''",
            "answers": "'{}'::jsonb",
            "outcome": "''",
        },
    ),
    RecordType(
        "messages",
        _("Messages and letters to customers"),
        "notifications_message",
        "CASE WHEN t.state NOT IN ('pending', 'sending') THEN coalesce(t.sent_at, t.created_at) END",
        24,
        _WORDS,
        customers=f"ARRAY[t.customer_id] || {_case('t.case_id')}",
        cases="ARRAY[t.case_id]",
        outcome="t.state",
        blank={
            "customer_id": "NULL",
            "recipient_name": "''",
            "recipient_address": "''",
            "subject_line": "''",
            "body_text": "''",
            "unsubscribe_url": "''",
            "fallback": "NULL",
            "error": "''",
        },
        parts=(
            Part(table="notifications_enclosed", of="message_id = ANY(%s)"),
            Part(table="notifications_try", of="message_id = ANY(%s)"),
            Part(table="notifications_unreached", of="message_id = ANY(%s)"),
            Part(table="notifications_letter", of="message_id = ANY(%s)", blank={"pdf": "NULL"}),
        ),
    ),
    RecordType(
        "texts",
        _("Text messages received"),
        "notifications_receivedtext",
        "t.received_at",
        24,
        _WORDS,
        customers=_case("t.case_id"),
        cases="ARRAY[t.case_id]",
        blank={"number": "''", "body": "''"},
    ),
    RecordType(
        "written-texts",
        _("Texts that the staff wrote, and whom they were for"),
        "engagement_writtentext",
        "coalesce(t.at, (SELECT k.written_at FROM engagement_textcampaign k WHERE k.id = t.campaign_id))",
        24,
        _WORDS,
        customers=f"ARRAY[t.customer_id] || {_case('t.case_id')}",
        cases="ARRAY[t.case_id]",
        outcome="t.state",
        # What was counted stays; the number is kept apart from others' by the row's own id.
        blank={"customer_id": "NULL", "number": "id::text", "name": "''", "given": "'{}'::jsonb", "words": "''"},
        parts=(Part(table="engagement_textreply", of="answers_id = ANY(%s)", blank={"customer_id": "NULL"}),),
    ),
    RecordType(
        "mails",
        _("Mail in shared mailboxes, with the original and what came with it"),
        "mailroom_mail",
        "CASE WHEN t.done <> '' OR t.answered_at IS NOT NULL THEN coalesce(t.answered_at, t.received_at) END",
        24,
        _WORDS,
        customers=f"{_case('t.case_id')} || ARRAY(SELECT c.customer_id FROM mailroom_part p"  # noqa: S608
        " JOIN cases_case c ON c.id = p.case_id WHERE p.mail_id = t.id)"
        " || ARRAY(SELECT q.customer_id FROM complaints_complaint q WHERE q.source_kind = 'mail' AND q.source_id = t.id)",
        cases="ARRAY[t.case_id] || ARRAY(SELECT p.case_id FROM mailroom_part p WHERE p.mail_id = t.id)",
        # One that became a complaint is kept to it, with what came with it, as long as the complaint's own words are.
        only="NOT EXISTS (SELECT 1 FROM complaints_complaint q WHERE q.source_kind = 'mail' AND q.source_id = t.id"  # noqa: S608
        f" AND q.words <> {ERASED})",
        blank={
            "from_address": "''",
            "from_name": "''",
            "subject": "''",
            "words": "''",
            "new_words": "''",
            "refers_to": "'{}'",
        },
        # What came with it and was not made a case's own.
        files=(
            (
                "(SELECT string_agg(f.storage_name, E'\\n') FROM mailroom_enclosed e JOIN files_storedfile f ON f.id = e.file_id"
                " WHERE e.mail_id = t.id AND f.case_id IS NULL)"
            ),
        ),
        parts=(
            Part(
                table="files_storedfile",
                of="case_id IS NULL AND id IN (SELECT e.file_id FROM mailroom_enclosed e WHERE e.mail_id = ANY(%s))",
            ),
            Part(table="mailroom_original", of="mail_id = ANY(%s)"),
            Part(table="mailroom_enclosed", of="mail_id = ANY(%s)", blank={"name": "''"}),
            Part(table="mailroom_answer", of="mail_id = ANY(%s)", blank={"words": "''", "warned_of": "'[]'::jsonb"}),
            Part(table="mailroom_part", of="mail_id = ANY(%s)", blank={"words": "''"}),
        ),
    ),
    RecordType(
        "files",
        _("Photos and files sent in"),
        "files_storedfile",
        f"CASE WHEN t.case_id IS NULL THEN t.created_at ELSE {_CASE_OVER.format(case='t.case_id')} END",
        36,
        _WORDS,
        customers=f"{_case('t.case_id')} || ARRAY(SELECT l.customer_id FROM documents_paper p"  # noqa: S608
        " JOIN documents_paperlink l ON l.paper_id = p.id WHERE p.file_id = t.id)",
        cases="ARRAY[t.case_id]",
        # What something else of the council's stands on goes with that: papers, mails, pages and registers.
        only="t.subject_kind IN ('case', 'submission', 'note')",
        files=("t.storage_name", "t.storage_name || '-thumbnail'"),
    ),
    RecordType(
        "documents",
        _("Documents the council gave: bills, decisions, letters"),
        "documents_document",
        "t.made_at",
        84,
        _MONEY,
        cases="CASE WHEN t.subject_kind = 'case' THEN ARRAY[t.subject_id] ELSE ARRAY[]::uuid[] END",
        outcome="t.kind",
        files=("t.pdf_name", "t.large_name"),
    ),
    RecordType(
        "written",
        _("Letters and emails as officers wrote them; what was sent is kept as a document"),
        "documents_written",
        "coalesce(t.ended_at, t.changed_at)",
        24,
        _WORDS,
        customers=f"ARRAY[t.customer_id] || {_case('t.case_id')}",
        cases="ARRAY[t.case_id]",
        outcome="t.state",
    ),
    RecordType(
        "papers",
        _("Papers customers sent us"),
        "documents_paper",
        "CASE WHEN NOT EXISTS (SELECT 1 FROM documents_paperlink l JOIN cases_case c ON c.id = l.case_id"
        " WHERE l.paper_id = t.id AND c.closed_at IS NULL) THEN t.kept_at END",
        72,
        _WORDS,
        customers="ARRAY(SELECT l.customer_id FROM documents_paperlink l WHERE l.paper_id = t.id)"
        " || ARRAY(SELECT c.customer_id FROM documents_paperlink l JOIN cases_case c ON c.id = l.case_id WHERE l.paper_id = t.id)",
        cases="ARRAY(SELECT l.case_id FROM documents_paperlink l WHERE l.paper_id = t.id)",
        parts=(
            Part(
                table="files_storedfile",
                of="id IN (SELECT p.file_id FROM documents_paper p WHERE p.id = ANY(%s))",
            ),
            Part(table="documents_paperlink", of="paper_id = ANY(%s)"),
        ),
        files=("(SELECT f.storage_name FROM files_storedfile f WHERE f.id = t.file_id)",),
    ),
    RecordType(
        "partner_referrals",
        _("Referrals to partners"),
        "partners_passed",
        "t.ended_at",
        24,
        _WORDS,
        outcome="t.state",
        blank={"customer_id": "NULL", "need": "''", "words": "''"},
    ),
    RecordType(
        "partner_contacts",
        _("What was left for partners and not dealt with"),
        "partners_loggedcontact",
        "t.at",
        12,
        _OWN,
        customers=NONE,
        blank={"name": "''", "reach": "''", "words": "''", "waits": "false"},
    ),
    RecordType(
        "post",
        _("Letters, faxes and posts in social media, as they came"),
        "intake_piece",
        f"CASE WHEN t.state = 'waiting' THEN NULL WHEN t.case_id IS NULL THEN t.ended_at ELSE {_CASE_OVER.format(case='t.case_id')} END",
        72,
        _WORDS,
        customers=f"{_case('t.case_id')} || t.customer_id",
        cases="ARRAY[t.case_id]",
        outcome="t.state",
        blank={
            "customer_id": "NULL",
            "title": "''",
            "sender": "''",
            "words": "''",
            "link": "''",
            "why": "''",
        },
        parts=(
            Part(
                table="files_storedfile",
                of="id IN (SELECT p.original_file_id FROM intake_piece p WHERE p.id = ANY(%s))",
            ),
        ),
        files=("(SELECT f.storage_name FROM files_storedfile f WHERE f.id = t.original_file_id)",),
    ),
    RecordType(
        "complaints",
        _("Comments, compliments, complaints and Members' enquiries"),
        "complaints_complaint",
        "t.ended_at",
        72,
        _("An ombudsman may ask years later, and what was learnt is looked back on."),
        cases="ARRAY[t.case_id]",
        outcome="t.state",
        blank={
            "customer_id": "NULL",
            "words": ERASED,
            "wanted": "''",
            "name": "''",
            "email": "''",
            "phone": "''",
            "behalf_of": "''",
            "ended_words": ERASED,
        },
        parts=(
            Part(
                table="complaints_stage",
                of="complaint_id = ANY(%s)",
                blank={
                    "understood": "''",
                    "extended_why": "''",
                    "reply": f"CASE WHEN answered_at IS NULL THEN '' ELSE {ERASED} END",
                },
            ),
            Part(
                table="files_storedfile",
                of="subject_kind = 'complaint' AND subject_id = ANY(%s)",
            ),
        ),
        files=(
            (
                "(SELECT string_agg(f.storage_name || E'\\n' || f.storage_name || '-thumbnail', E'\\n') FROM files_storedfile f"
                " WHERE f.subject_kind = 'complaint' AND f.subject_id = t.id)"
            ),
        ),
    ),
    RecordType(
        "survey_answers",
        _("Answers to surveys"),
        "feedback_answer",
        "CASE WHEN NOT EXISTS (SELECT 1 FROM feedback_recovery r WHERE r.answer_id = t.id AND r.done_at IS NULL) THEN t.at END",
        24,
        _WORDS,
        cases="ARRAY[t.case_id]",
        outcome="t.score::text",
        blank={"comment": "''"},
    ),
    RecordType(
        "recoveries",
        _("What was done for those who were not content with what they were asked about"),
        "feedback_recovery",
        "t.done_at",
        24,
        _WORDS,
        cases="ARRAY(SELECT a.case_id FROM feedback_answer a WHERE a.id = t.answer_id)",
        blank={"words": ERASED},
    ),
    RecordType(
        "deliveries",
        _("What was handed to other systems"),
        "connectors_delivery",
        "CASE WHEN t.state IN ('acknowledged', 'dead') THEN t.created_at END",
        12,
        _OWN,
        customers=_case("t.case_id"),
        cases="ARRAY[t.case_id]",
        outcome="t.state",
        blank={"payload": "'{}'::jsonb"},
    ),
    RecordType(
        "charges",
        _("Bills, and who was to pay them"),
        "payments_charge",
        "t.closed_at",
        84,
        _MONEY,
        outcome="t.state",
        blank={"customer_id": "NULL", "payer_name": "''", "payer_email": "''"},
        parts=(Part(table="payments_payment", of="charge_id = ANY(%s)", blank={"customer_id": "NULL", "email": "''"}),),
    ),
    RecordType(
        "permits",
        _("Parking permits"),
        "permits_permit",
        "coalesce(t.ended_at, CASE WHEN t.ends_on < now() THEN t.ends_on::timestamptz END)",
        84,
        _MONEY,
        cases="ARRAY[t.case_id]",
        outcome="t.state",
        blank={
            "customer_id": "NULL",
            "holder_name": "''",
            "holder_email": "''",
            "holder_phone": "''",
            "uprn": "''",
            "address": "''",
            "seen": "''",
        },
        parts=(Part(table="permits_vehicle", of="permit_id = ANY(%s)", blank={"mark": "''", "mark_key": "''"}),),
    ),
    RecordType(
        "repairs",
        _("Repairs in council homes"),
        "housing_repair",
        _CASE_OVER.format(case="t.case_id"),
        72,
        _WORDS,
        cases="ARRAY[t.case_id]",
        blank={
            "customer_id": "NULL",
            "problem": ERASED,
            "name": "''",
            "email": "''",
            "phone": "''",
            "address": "''",
        },
    ),
    RecordType(
        "markers",
        _("Markers that are over, with their appeals"),
        "safety_marker",
        "t.ended_at",
        24,
        _("The review of a marker looks back on the one before, and who was warned of may appeal."),
        outcome="t.state",
        blank={"facts": ERASED, "evidence": "''", "single_contact": "''", "place_uprn": "''", "not_told_reason": "''"},
        parts=(Part(table="safety_appeal", of="marker_id = ANY(%s)", blank={"words": "''", "reasons": ERASED}),),
    ),
    RecordType(
        "incidents",
        _("Incidents with the public"),
        "safety_incident",
        "t.closed_at",
        84,
        _("Three years for a claim of injury, and what RIDDOR asks for, with time to spare."),
        outcome="t.harm",
        blank={
            "customer_id": "NULL",
            "what": ERASED,
            "people": "''",
            "witnesses": "''",
            "place": "''",
            "findings": "''",
        },
    ),
    RecordType(
        "customers",
        _("Customer records nobody has used"),
        "customers_customer",
        "(SELECT max(e.at) FROM ledger_entry e WHERE e.customer_id = t.id)",
        84,
        _("Longer than anything about them is kept."),
        customers="ARRAY[t.id, t.merged_into_id]",
        # Whatever is still kept about them keeps the record too; so does an account, and acting for somebody.
        only="t.merged_into_id IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.customer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM contacts_contact x WHERE x.customer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM complaints_complaint q WHERE q.customer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM safety_marker m WHERE m.customer_id = t.id AND m.ended_at IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM customers_accountlink a WHERE a.customer_id = t.id AND a.ended_at IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM payments_charge p WHERE p.customer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM permits_permit p WHERE p.customer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM documents_document d WHERE d.customer_id = t.id)",
        blank=_WHO,
        parts=(
            Part(table="customers_customer", of=f"id IN {_MERGED}", blank=_WHO),
            # What a merge would need to be taken apart says their names too.
            Part(
                table="customers_mergechange",
                of=f"merge_id IN (SELECT m.id FROM customers_merge m WHERE m.kept_id IN {_MERGED})",  # noqa: S608
            ),
            Part(table="customers_addresscode", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_contactpoint", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_customeraddress", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_customernumber", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_customerrole", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_accessneed", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_channelchoice", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_link", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_link", of=f"representative_id IN {_MERGED}"),
            Part(table="customers_helperinvite", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_matchkeys", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_feed", of=f"customer_id IN {_MERGED}"),
            Part(table="customers_check", of=f"customer_id IN {_MERGED}", blank={"evidence": "''"}),
            Part(table="engagement_reader", of=f"customer_id IN {_MERGED}"),
            Part(table="standing_lastknown", of=f"customer_id IN {_MERGED}"),
        ),
    ),
)
BY_CODE: Final = {one.code: one for one in TYPES}

# Tables that say whose they are and have no type of their own, each with the reason. A test fails for a table in neither list.
EXCEPTIONS: Final[Mapping[str, StrOrPromise]] = {
    "admissions_application": _("The admission authority's rounds are closed and exported by their own calendar."),
    "customers_accountlink": _("Ends with the account, which its owner closes."),
    "customers_consent": _("Proof of what was agreed to: a purpose, a wording and dates."),
    "engagement_alertsubscription": _("Ends when they stop it, and is forgotten by its own sweep."),
    "engagement_deal": _("A trader's public offer."),
    "engagement_voucher": _("A code and a date."),
    "inclusion_channelexception": _("Which way stays open to them, while a restriction of that way holds."),
    "inclusion_formatrequest": _("What was asked for, by format and date; delivered to the record's own address."),
    "inclusion_interpreterbooking": _("Language, place and cost: what was spent."),
    "inclusion_interpretercall": _("Language, minutes and cost: what was spent."),
    "neighbourhood_proposalfollower": _("Ends when they stop it or the proposal is decided."),
    "neighbourhood_subscription": _("Ends when they stop it."),
    "outreach_booking": _("A place on a course: ids and a date."),
    "outreach_shown": _("Which line was shown: ids and a date, forgotten by its own sweep."),
    "outreach_volunteer": _("That somebody helps: ids and dates."),
    "penalties_penaltynotice": _("A notice of the enforcement authority: kept as the register of notices."),
    "safety_alarm": _("A call for help by staff: place and times."),
    "safety_callwarning": _("A warning given in a call: ids and times."),
    "telephony_videosession": _("A room and times."),
    "feedback_asked": _("That they were asked, and about what: ids and dates."),
    "governance_hold": _("What keeps records."),
    "governance_subjectrequest": _("That they asked, and when they were answered."),
    "governance_freedomrequest": _("The log of answers."),
    "governance_question": _("The follow-up of a look."),
}
