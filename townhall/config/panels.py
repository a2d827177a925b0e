"""Which apps have a part of the customer's page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from townhall.admissions import queries as admissions
from townhall.admissions.queries import Shown as Application
from townhall.cases.access import closed_cases
from townhall.contacts import callback_queries as call_backs
from townhall.contacts.models import CallBack
from townhall.core.actors import SYSTEM, Actor
from townhall.core.paging import Page
from townhall.customers import sharing
from townhall.customers.accounts import links
from townhall.customers.merging.aliases import counts_of
from townhall.customers.merging.operations import MERGE
from townhall.documents import papers
from townhall.documents import queries as documents
from townhall.documents.papers import PaperLine
from townhall.documents.queries import DocumentLine
from townhall.engagement import queries as alerts
from townhall.engagement.queries import FailingAddress, Told
from townhall.engagement.texting import single as texting
from townhall.housing import queries as housing
from townhall.housing.models import Visit
from townhall.intake import queries as post
from townhall.intake.models import Piece
from townhall.notifications import chains
from townhall.notifications.chains import Chain
from townhall.outreach import sessions
from townhall.outreach.models import Booking
from townhall.partners import queries as partners
from townhall.partners.models import Passed
from townhall.payments import queries as payments
from townhall.payments.queries import PaymentLine
from townhall.permits import queries as permits
from townhall.permits.queries import Shown as ShownPermit
from townhall.standing import kinds as standing_kinds
from townhall.workforce import gates
from townhall.workforce.gates import KnownGate
from townhall.workspace.names import names_of
from townhall.workspace.panels import Panel, register

DOCUMENTS = 5  # of the newest
CHAINS = 3
TEXTS = 5


# Which training each account of another system comes with: they are one part of the page, and each opens by itself.
_ACCOUNTS = {
    "council-tax": "revenues",
    "benefit": "revenues",
    "rent": "housing-rents",
    "leasehold": "housing-rents",
    "waste": "waste",
    "permits": "permits",
}


def connect() -> None:
    for kind in standing_kinds.every():
        title = format_lazy(gettext_lazy("Part of the customer's page: {title}"), title=kind.title)
        gates.register(KnownGate(code=f"panel.{kind.code}", title=title, module=_ACCOUNTS.get(kind.code, "")))
    documents.closed_by(closed_cases)
    register(
        Panel(
            template="workspace/admissions/panel.html",
            code="admissions",
            title=gettext_lazy("School admissions"),
            training="admissions",
            capability="admissions.manage",
            load=_schools,
            service="school-place",
            asks=admissions.OF_CUSTOMER,
        )
    )
    register(
        Panel(
            template="workspace/permits/panel.html",
            code="permits",
            title=gettext_lazy("Parking permits"),
            training="permits",
            capability="permits.check",
            load=_permits,
            service="parking-permit",
            asks=permits.OF_CUSTOMER,
        )
    )
    register(
        Panel(
            template="workspace/writing/panel.html",
            capability="customers.see",
            load=lambda customer_id, at: [],
            load_for=_chains,
            asks=chains.OF_CUSTOMER,
        )
    )
    register(Panel(template="workspace/desk/merges_panel.html", capability=MERGE, load=_merges))
    register(Panel(template="workspace/desk/account_panel.html", capability="customers.see", load=_account))
    register(
        Panel(
            template="workspace/money/panel.html",
            code="payments",
            title=gettext_lazy("Bills and payments"),
            training="payments",
            capability="payments.see",
            load=_money,
            load_for=_money_for,
            asks=payments.OF_CUSTOMER,
        )
    )
    register(Panel(template="workspace/desk/standing_panel.html", capability="customers.see", load=_standing))
    register(
        Panel(
            template="workspace/desk/repairs_panel.html",
            code="repairs",
            title=gettext_lazy("Repairs in council homes"),
            training="housing-rents",
            capability="customers.see",
            load=_repairs,
            opens="repairs.manage",
            service="housing-repair",
            asks=housing.OF_CUSTOMER,
        )
    )
    register(
        Panel(
            template="workspace/phone/panel.html",
            capability="contacts.log",
            load=_call_backs,
            load_for=_call_backs_for,
            asks=call_backs.OF_CUSTOMER,
        )
    )
    register(Panel(template="workspace/engagement/failing_panel.html", capability="customers.see", load=_failing))
    register(Panel(template="workspace/engagement/alerts_panel.html", capability="customers.see", load=_alerts))
    register(
        Panel(
            template="workspace/engagement/texts_panel.html",
            capability=texting.SEND,
            load=lambda customer_id, at: {},
            load_for=_texts,
            asks=texting.OF_CUSTOMER,
        )
    )
    register(
        Panel(
            template="workspace/documents/panel.html",
            capability="customers.see",
            load=_documents,
            load_for=_documents_for,
            asks=documents.OF_CUSTOMER,
        )
    )
    register(
        Panel(
            template="workspace/documents/papers_panel.html",
            capability="contacts.log",
            load=_papers,
            load_for=_papers_for,
        )
    )
    register(
        Panel(
            template="workspace/post/panel.html",
            capability="customers.see",
            load=lambda customer_id, at: _post_for(customer_id, SYSTEM, at),
            load_for=_post_for,
            asks="EXISTS (SELECT 1 FROM intake_piece WHERE customer_id = %(customer)s)",
        )
    )
    register(Panel(template="workspace/partners/panel.html", capability="partners.refer", load=_partners))
    register(Panel(template="workspace/outreach/panel.html", capability=sessions.RUN, load=_sessions))


def _call_backs(customer_id: UUID, at: datetime) -> list[CallBack]:
    return call_backs.open_of(customer_id)


def _call_backs_for(customer_id: UUID, by: Actor, at: datetime) -> list[CallBack]:
    """Without messages for services that do not share what they hold, but for those who are to ring."""
    reach = sharing.reach_of(by, customer_id)
    return [one for one in call_backs.open_of(customer_id) if reach.opens(one.service_code) or one.team_id in by.teams]


def _repairs(customer_id: UUID, at: datetime) -> list[Visit]:
    return housing.of_customer(customer_id)


def _alerts(customer_id: UUID, at: datetime) -> list[Told]:
    return alerts.told_to(customer_id, limit=5)


def _failing(customer_id: UUID, at: datetime) -> list[FailingAddress]:
    return alerts.failing_of(customer_id)


def _texts(customer_id: UUID, by: Actor, at: datetime) -> dict[str, object]:
    lines = texting.exchanged(customer_id=customer_id, closed=closed_cases(by, customer_id), limit=TEXTS)
    return {"lines": lines, "names": names_of({str(one.owner_id) for one in lines}), "customer_id": customer_id}


def _standing(customer_id: UUID, at: datetime) -> UUID:
    """Nothing is asked yet: the part comes by itself, a moment later."""
    return customer_id


def _sessions(customer_id: UUID, at: datetime) -> list[Booking]:
    return sessions.of_customer(customer_id)


def _money(customer_id: UUID, at: datetime) -> list[PaymentLine]:
    return payments.of_customer(customer_id)


def _money_for(customer_id: UUID, by: Actor, at: datetime) -> list[PaymentLine]:
    """Without what was paid for services that do not share it."""
    reach = sharing.reach_of(by, customer_id)
    return [line for line in payments.of_customer(customer_id) if reach.opens(line.service)]


def _documents(customer_id: UUID, at: datetime) -> tuple[UUID, Page[DocumentLine]] | None:
    return _documents_for(customer_id, SYSTEM, at)


def _documents_for(customer_id: UUID, by: Actor, at: datetime) -> tuple[UUID, Page[DocumentLine]] | None:
    page = documents.documents_of(customer_id, by=by, size=DOCUMENTS)
    return (customer_id, page) if page.rows else None


def _papers(customer_id: UUID, at: datetime) -> tuple[UUID, list[PaperLine]]:
    return _papers_for(customer_id, SYSTEM, at)


def _papers_for(customer_id: UUID, by: Actor, at: datetime) -> tuple[UUID, list[PaperLine]]:
    return customer_id, papers.of_customer(customer_id, by=by, limit=DOCUMENTS)


def _post_for(customer_id: UUID, by: Actor, at: datetime) -> list[Piece]:
    return post.of_customer(customer_id, by=by, limit=DOCUMENTS)


def _partners(customer_id: UUID, at: datetime) -> tuple[UUID, list[Passed]]:
    del at
    return customer_id, partners.of_customer(customer_id)


def _merges(customer_id: UUID, at: datetime) -> tuple[UUID, int, int]:
    del at
    return customer_id, *counts_of(customer_id)


def _account(customer_id: UUID, at: datetime) -> tuple[UUID, object]:
    return customer_id, links.accounts_of(customer_id)


def _permits(customer_id: UUID, at: datetime) -> list[ShownPermit]:
    return permits.of_customer(customer_id, at=at, limit=5)


def _chains(customer_id: UUID, by: Actor, at: datetime) -> list[Chain]:
    """The last few pieces of news that did not arrive by the first way."""
    closed = set(closed_cases(by, customer_id))
    return [one for one in chains.troubled(customer_id) if one.case_id not in closed][:CHAINS]


def _schools(customer_id: UUID, at: datetime) -> list[Application]:
    return admissions.of_customer(customer_id, at=at, limit=5)
