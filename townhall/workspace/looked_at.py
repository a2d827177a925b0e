"""What was looked at and what was done, in words: pages of looks by their codes, and areas of work that a search narrows to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.customers.reasons import WORDS

PAGES: Final[Mapping[str, StrOrPromise]] = {
    "customer.record": _("A customer’s record"),
    "customer.lookup": _("A search for customers"),
    "customer.details": _("Details of a customer"),
    "customer.account": _("A customer’s account"),
    "customer.standing": _("What a customer owes or has with other systems"),
    "customer.duplicates": _("Records that may be one customer"),
    "customer.duplicate": _("Two records side by side"),
    "customer.merges": _("Records that were merged"),
    "customer": _("A part of a customer’s record"),
    "api.customer": _("A customer’s record, by another system"),
    "account.seen": _("An account as its owner sees it"),
    "account.asked": _("An account, asked for"),
    "account.download": _("What is held, as a file for its owner"),
    "property": _("What is going on at an address"),
    "needs": _("What somebody needs, for a meeting"),
    "desk.lookup": _("A search for customers"),
    "contact": _("A conversation"),
    "contact.new": _("A new conversation"),
    "workspace.case": _("A case"),
    "workspace.exceptions": _("Cases raised and late"),
    "workspace.move": _("Cases to be moved"),
    "contractor.job": _("A contractor’s job"),
    "api.report": _("A report, by another system"),
    "api.reports": _("Reports, by another system"),
    "workspace.text_campaign": _("Text messages to many"),
    "workspace.undelivered": _("Messages that could not be delivered"),
    "workspace.texts": _("Text messages"),
    "workspace.mails": _("A shared mailbox"),
    "workspace.mail": _("A mail"),
    "workspace.mail_original": _("A mail as it came"),
    "workspace.call_backs": _("Call-backs"),
    "workspace.call_back": _("A call-back"),
    "workspace.operator": _("Calls that ring back"),
    "workspace.night": _("Calls out of hours"),
    "telephony.on_call": _("Calls out of hours, by whoever is on call"),
    "documents.list": _("Documents of a customer"),
    "document": _("A document"),
    "papers": _("Papers that were sent in"),
    "paper": _("A paper that was sent in"),
    "payments.list": _("Payments"),
    "payment": _("A payment"),
    "permits.list": _("Parking permits"),
    "permits.check": _("A check of a vehicle’s permit"),
    "permit": _("A parking permit"),
    "penalties.list": _("Penalty notices"),
    "penalty": _("A penalty notice"),
    "benefit": _("An assessment of a claim"),
    "admissions": _("School places"),
    "admissions.list": _("School applications"),
    "admissions.run": _("A round of school places"),
    "admission": _("A school application"),
    "repairs.list": _("Repairs"),
    "repair": _("A repair"),
    "session.book": _("A booking of a course"),
    "outreach.session": _("Who is on a course"),
    "outreach.needing_help": _("Who needed help to do it online"),
    "activity.volunteers": _("Who helps"),
    "interpreters.list": _("Interpreters booked"),
    "interpreter.book": _("A booking of an interpreter"),
    "formats.list": _("Requests for other formats"),
    "format_request": _("A request for another format"),
    "channel_restriction": _("A way in that is closed"),
    "complaints.list": _("Complaints"),
    "complaint": _("A complaint"),
    "complaint.original": _("A complaint as it came"),
    "workspace.post": _("Post, fax and social media that came in"),
    "post": _("A letter or fax that came in"),
    "post.original": _("A letter or fax as it came"),
    "case.letters": _("Letters of a case"),
    "case.customer": _("Whose request a case is"),
    "workspace.letters": _("Letters to be sent"),
    "workspace.letter": _("A letter"),
    "workspace.untold": _("Who could not be told"),
    "written": _("A text that was written"),
    "partner.refer": _("What is passed to a partner"),
    "partner.passed": _("What a partner was passed"),
    "survey.recovery": _("A survey answer to be followed up"),
    "partner.referral": _("What was passed to a partner"),
    "partner.queue": _("The queue of a partner"),
    "marker.register": _("The register of warnings"),
    "marker.propose": _("A warning to be proposed"),
    "marker.detail": _("What a warning is about"),
    "safety_incident": _("An incident"),
    "help": _("A call for help"),
    "workspace.audit": _("This search"),
    "governance.unusual_looks": _("Looks worth a question"),
    "governance.subject_requests": _("Requests for records"),
    "governance.subject_request_begin": _("A request for records, begun"),
    "governance.subject_access": _("Everything that is held about somebody"),
    "governance.holds": _("What is held"),
    "governance.freedom": _("Freedom of information"),
}


@dataclass(frozen=True)
class Area:
    """`words`: pages of looks and verbs of entries, each by itself or by what stands before its first dot, between blanks."""

    title: StrOrPromise
    words: str

    @property
    def codes(self) -> list[str]:
        return self.words.split()


AREAS: Final[Mapping[str, Area]] = {
    "record": Area(
        _("Customers’ records and accounts"),
        "customer api.customer account property needs address consent check desk.lookup",
    ),
    "case": Area(
        _("Cases and their files"),
        "case workspace.case workspace.exceptions workspace.move contractor api.report api.reports file",
    ),
    "complaint": Area(_("Complaints"), "complaint complaints"),
    "contact": Area(
        _("Conversations and calls"),
        "contact call call_back video telephony workspace.call_backs workspace.call_back workspace.operator workspace.night",
    ),
    "written": Area(
        _("Mail, messages and documents"),
        "message mail mailbox document documents paper papers post workspace.post workspace.undelivered workspace.texts"
        " workspace.text_campaign workspace.mails workspace.mail"
        " workspace.mail_original",
    ),
    "money": Area(_("Payments and bills"), "payment payments refund charge"),
    "safety": Area(_("Warnings and incidents"), "marker safety_incident safety help recommendation"),
    "staff": Area(_("Staff, posts and keys"), "staff post.added post.site_set team api_key training training_gate"),
    "governance": Area(
        _("Data protection"),
        "governance workspace.audit retention subject_access freedom look assessment sharing",
    ),
}
REASONS: Final[Mapping[str, StrOrPromise]] = {
    **WORDS,
    "export": _("A file was taken"),
    "duplicate": _("To see whether two records are one customer"),
    "meeting": _("Before a meeting"),
    "subject_access": _("To answer a request for records"),
    "print": _("To print or post a letter"),
    "alike": _("To see whether somebody is on record already"),
    "consent": _("With the customer’s agreement"),
}


def reason_words(code: str) -> str:
    known = REASONS.get(code)
    return str(known) if known else code.replace("_", " ").capitalize()


def page_words(code: str) -> str:
    """What was looked at; a page that nobody named by what stands before its first dot."""
    known = PAGES.get(code) or PAGES.get(code.partition(".")[0])
    return str(known) if known else code.replace(".", ": ").replace("_", " ").capitalize()
