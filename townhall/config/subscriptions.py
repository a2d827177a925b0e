"""Who hears which event, and who prices which form: the one list of links from lower apps to higher ones. A handler only writes rows."""

from __future__ import annotations

from townhall.accounts import events as accounts
from townhall.admissions import applying as admissions
from townhall.benefits import operations as benefits
from townhall.cases import back_office, belonging, fees, file_news, ladder, sealed
from townhall.cases.events import CaseAccepted, CaseClosed, CaseOpened, FollowersTold
from townhall.cases.operations import branching
from townhall.clocks.events import ClockMoved, ClockRang
from townhall.complaints import ringing as complaints
from townhall.config import papers
from townhall.connectors.events import AnnouncementReceived, StatusEventReceived
from townhall.contacts import callbacks
from townhall.contacts.events import ContactEnded, CustomerLinked
from townhall.core.events import subscribe
from townhall.customers.accounts import heard as residents
from townhall.documents import heard as documents
from townhall.documents.events import DocumentKept
from townhall.engagement import heard, newsletter
from townhall.feedback import asking as surveys
from townhall.feedback import ringing as surveys_late
from townhall.files.events import FileHeld, FileInfected
from townhall.forms.operations import paying as on_the_way
from townhall.housing import operations as housing
from townhall.housing import settling as visits
from townhall.inclusion import formats, reviewing
from townhall.insight import register as page_register
from townhall.intake import ringing as post
from townhall.knowledge import ringing as knowledge
from townhall.mailroom import neglect as mailboxes
from townhall.mailroom.operations import routing as mail_routes
from townhall.neighbourhood import feeds, intake
from townhall.neighbourhood.events import EventsAppeared, IncidentPosted, ProposalsAppeared
from townhall.notifications.events import MessageFailed
from townhall.outreach import counting
from townhall.partners import ringing as partners
from townhall.payments.events import ChargePaid, ChargePosted
from townhall.penalties import file_news as appeal_files
from townhall.penalties import operations as penalties
from townhall.permits import asking as permits
from townhall.permits import issuing as permits_issuing
from townhall.permits.events import PermitIssued
from townhall.permits.queries import SERVICE as PARKING_PERMIT
from townhall.registers import ringing as registers
from townhall.safety import ringing as safety
from townhall.standing import operations as standing
from townhall.telephony import hearing as telephony
from townhall.workforce import left_for
from townhall.workforce import ringing as workforce


def connect() -> None:
    _hear_clocks()
    _hear_of_mail()
    subscribe(DocumentKept, formats.document_kept)
    subscribe(AnnouncementReceived, left_for.announced)
    subscribe(ClockMoved, ladder.clock_moved)
    subscribe(StatusEventReceived, back_office.heard)
    subscribe(AnnouncementReceived, intake.announced)
    subscribe(AnnouncementReceived, telephony.announced)
    subscribe(ChargePaid, penalties.heard_paid)
    subscribe(ChargePaid, fees.heard_paid)
    subscribe(ChargePaid, standing.heard_paid)
    subscribe(StatusEventReceived, standing.heard_status)
    subscribe(AnnouncementReceived, feeds.announced)
    subscribe(CustomerLinked, belonging.customer_linked)
    subscribe(CaseOpened, benefits.heard_opened)
    subscribe(CaseOpened, housing.heard_opened)
    subscribe(AnnouncementReceived, visits.announced)
    subscribe(CaseOpened, permits.heard_opened)
    subscribe(CaseOpened, admissions.heard_opened)
    subscribe(PermitIssued, papers.permit_issued)
    subscribe(ChargePaid, permits_issuing.heard_paid)
    subscribe(CaseAccepted, benefits.heard_accepted)
    subscribe(ProposalsAppeared, heard.proposals_appeared)
    subscribe(IncidentPosted, heard.incident_posted)
    subscribe(EventsAppeared, heard.events_appeared)
    subscribe(FollowersTold, heard.followers_told)
    subscribe(ChargePosted, documents.charge_posted)
    subscribe(ChargePaid, documents.charge_paid)
    subscribe(ChargePaid, on_the_way.heard_paid)
    subscribe(CaseOpened, papers.case_opened)
    subscribe(CaseClosed, sealed.case_closed)
    subscribe(CaseClosed, surveys.case_closed)
    subscribe(ContactEnded, surveys.contact_ended)
    for news in (file_news, appeal_files):
        subscribe(FileInfected, news.infected)
        subscribe(FileHeld, news.held)
    subscribe(MessageFailed, newsletter.failed)
    subscribe(accounts.CodeMade, residents.code_made)
    subscribe(accounts.AccountNews, residents.account_news)
    subscribe(accounts.AccountOpened, residents.account_opened)
    subscribe(accounts.AccountOpened, counting.account_opened)
    subscribe(accounts.AccountOpened, lambda event: branching.account_opened(event.email, at=event.at))
    subscribe(accounts.AccountEmailChanged, residents.email_changed)
    subscribe(accounts.AccountClosed, residents.account_closed)
    fees.price_by(PARKING_PERMIT, permits.due)


def _hear_of_mail() -> None:
    subscribe(ClockRang, mailboxes.clock_rang)
    subscribe(
        CaseAccepted, lambda event: mail_routes.taken_as_it_came(event.case_id, service=event.service_code, at=event.at)
    )


def _hear_clocks() -> None:
    subscribe(ClockRang, ladder.clock_rang)
    subscribe(ClockRang, registers.clock_rang)
    subscribe(ClockRang, knowledge.clock_rang)
    subscribe(ClockRang, post.clock_rang)
    subscribe(ClockRang, partners.clock_rang)
    subscribe(ClockRang, safety.clock_rang)
    subscribe(ClockRang, workforce.clock_rang)
    subscribe(ClockRang, callbacks.clock_rang)
    subscribe(ClockRang, page_register.review_rang)
    subscribe(ClockRang, reviewing.clock_rang)
    subscribe(ClockRang, complaints.clock_rang)
    subscribe(ClockRang, surveys_late.clock_rang)
