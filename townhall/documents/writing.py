"""Writing to a customer with a layout: a draft that is kept, what it will look like, and sending it as their record asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.db import fetch_one
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.customers.models import CustomerAddress
from townhall.customers.permissions import customers_visible_to
from townhall.documents import layouts
from townhall.documents.filling import Filled, asked_in, fill
from townhall.documents.layout_models import Layout, LayoutVersion, Written
from townhall.documents.models import Kind
from townhall.documents.operations import keep_document, language_of
from townhall.documents.states import WrittenState, check_move
from townhall.forms.typed import clean_text
from townhall.knowledge import giving_out
from townhall.ledger import operations as ledger
from townhall.notifications import choosing, needs, tracking
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import Channel
from townhall.ui import paper, words
from townhall.ui.paper import Sheet

WRITE: Final = "letters.write"
LONGEST: Final = 5_000
ON_PAPER_OR_MAIL: Final = frozenset({Channel.EMAIL, Channel.LETTER})  # a whole letter is no text message
_POINT = """SELECT value FROM customers_contactpoint WHERE customer_id = %s AND kind = 'email' AND ended_at IS NULL
    ORDER BY verified_at DESC NULLS LAST, id DESC LIMIT 1"""


@dataclass(frozen=True, kw_only=True)
class About:
    """What is written about, in words for the fields of a layout. Without a case all of it is empty."""

    case_id: UUID | None = None
    reference: str = ""
    service_code: str = ""
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """asked: words by the names of `filling.asked_in`."""

    asked: Mapping[str, str]
    more: str = ""
    large: bool = False


@dataclass(frozen=True, kw_only=True)
class Going:
    """How it would go out. ways: best first; empty: it cannot, and `why` says so."""

    ways: Sequence[tuple[Channel, str]]
    large: bool
    why: str = ""

    @property
    def channel(self) -> Channel | None:
        return self.ways[0][0] if self.ways else None


@transaction.atomic
def begin(layout_id: UUID, customer_id: UUID, about: About, *, by: Actor, at: datetime) -> Written:
    """A draft, with the version of the layout that is in use. Raises NotAllowed, NotFound, WrongState for a layout not in use."""
    permissions.require(by, WRITE)
    layout = layouts.layout_of(layout_id)
    if layout.withdrawn_at is not None:
        raise WrongState(_("This layout is not in use any more."))
    if layout.service_codes and about.service_code not in layout.service_codes:
        raise WrongState(_("This layout is for another service."))
    if not customers_visible_to(by).filter(pk=customer_id).exists():
        raise NotFound
    return Written.objects.create(
        layout=layout,
        version=layout.version,
        customer_id=customer_id,
        case_id=about.case_id,
        reference=about.reference,
        service_code=about.service_code,
        begun_at=at,
        begun_by=by.id,
        changed_at=at,
    )


@transaction.atomic
def keep(written_id: UUID, typed: Typed, *, by: Actor, at: datetime) -> Written:
    """Keep what was typed so far. Raises NotAllowed, NotFound, WrongState, BadInput for a card number or far too many words."""
    written = _locked(written_id, by)
    check_move(written.state, WrittenState.SENT)
    asked = {name: clean_text(typed.asked.get(name, "")).strip() for name in asked_in(version_used(written))}
    more = clean_text(typed.more).strip()
    refuse_card_numbers(more=more, **asked)
    if max(map(len, (more, *asked.values()))) > LONGEST:
        raise BadInput({"more": _("That is too long: %(most)d characters at most") % {"most": LONGEST}})
    written.typed, written.more, written.large, written.changed_at = asked, more, typed.large, at
    written.save(update_fields=["typed", "more", "large", "changed_at"])
    return written


@transaction.atomic
def discard(written_id: UUID, *, by: Actor, at: datetime) -> Written:
    """Raises NotAllowed, NotFound, WrongState."""
    written = _locked(written_id, by)
    check_move(written.state, WrittenState.DISCARDED)
    written.state, written.ended_at, written.ended_by = WrittenState.DISCARDED, at, by.id
    written.save(update_fields=["state", "ended_at", "ended_by"])
    return written


def version_used(written: Written) -> LayoutVersion:
    return layouts.version_of(written.layout, written.version)


def filled(written: Written, about: About, *, by: Actor, at: datetime) -> Filled:
    """The words as they stand."""
    facts = {**_facts(written, by=by, at=at), **about.facts}
    return fill(version_used(written), facts=facts, typed=written.typed, more=written.more)


def going(written: Written) -> Going:
    """By which way it would go, by what the customer said, needs and refused."""
    reach = needs.of(written.customer_id, written.service_code)
    stated = next((one for one in (*reach.own, *reach.general) if one in ON_PAPER_OR_MAIL), None)
    chosen = choosing.choose(
        f"written/{written.layout.kind}",
        recipient_of(written),
        channel=reach.first or stated or written.layout.kind,
        service=written.service_code,
        only=ON_PAPER_OR_MAIL,
    )
    why = ""
    if not chosen.ways:
        why = (
            _("They asked us not to write to them this way, and there is no other.")
            if chosen.refused
            else _("There is no email address or postal address on the record that it could go to.")
        )
    return Going(ways=chosen.ways, large=written.large or reach.large_print, why=why)


def recipient_of(written: Written) -> Recipient:
    customer = written.customer
    found = fetch_one(_POINT, (customer.pk,))
    return Recipient(
        name=customer.name,
        email=found[0] if found else "",
        customer_id=customer.pk,
        postal=_address(customer.pk),
    )


def sheet_of(written: Written, words_: Filled, *, at: datetime) -> Sheet:
    return Sheet(
        title=words_.heading,
        body=words_.html,
        language=language_of(written.customer_id),
        on=council_date(at),
        to=(
            written.customer.name,
            *(part.strip() for part in _address(written.customer_id).split(",") if part.strip()),
        ),
        reference=written.reference,
        lines=paper.standard_lines(),
        says_formats=False,  # each layout has its own line
    )


def send(written_id: UUID, about: About, *, by: Actor, at: datetime, sure: bool = False) -> Written:
    """Send a draft: as a PDF that is printed or as mail, kept as a document of the customer and the case.

    sure: an officer's own address in it is meant, which is written down. Raises NotAllowed, NotFound, WrongState, and BadInput for each
    field without words, or when it can go nowhere. The draft stays then.
    """
    written = draft(written_id, by)
    check_move(written.state, WrittenState.SENT)
    made, out = filled(written, about, by=by, at=at), going(written)
    if made.missing:
        raise BadInput(dict(made.missing))
    if out.channel is None:
        raise BadInput({"way": out.why})
    if not sure and (own := giving_out.warned_of(_all_words(made), at=at)):
        raise BadInput({"sure": giving_out.warning(own[0])})
    by_letter = out.channel is Channel.LETTER
    pdf = paper.as_pdf(sheet_of(written, made, at=at), large=out.large) if by_letter and paper.can_print() else None
    return _sent(written, made, out, pdf, by=by, at=at)


@transaction.atomic
def _sent(written: Written, made: Filled, out: Going, pdf: bytes | None, *, by: Actor, at: datetime) -> Written:
    locked = _locked(written.pk, by)
    check_move(locked.state, WrittenState.SENT)
    if locked.changed_at != written.changed_at:
        raise WrongState(_("Somebody changed it while you were sending it. Look at it again."))
    about = Subject(kind="case", id=locked.case_id) if locked.case_id else locked.subject
    document = keep_document(
        customer_id=locked.customer_id,
        kind=Kind.LETTER,
        title=made.heading,
        about=about,
        key=f"written-{locked.pk}",
        html=made.html,
        reference=locked.reference,
        by=by,
        at=at,
    )
    channel = out.channel
    assert channel is not None
    message_id = notifications.send(
        f"written/{channel.value}",
        to=recipient_of(locked),
        about=locked.subject,
        key=f"written-{locked.pk}",
        context={"heading": made.heading, "words": made.text},
        channel=channel.value,
        only=ON_PAPER_OR_MAIL,
        case_id=locked.case_id,
        service=locked.service_code,
        template_version=f"{locked.layout.code} v{locked.version}",
        at=at,
    )
    assert message_id is not None
    if pdf is not None:
        tracking.attach(message_id, pdf=pdf)
    locked.state, locked.ended_at, locked.ended_by = WrittenState.SENT, at, by.id
    locked.message_id, locked.document_id, locked.replies = message_id, document.pk, list(made.replies)
    locked.save()
    giving_out.record(
        _all_words(made), about=locked.subject, by=by, at=at, case_id=locked.case_id, customer_id=locked.customer_id
    )
    ledger.record(
        "written.sent",
        about=locked.subject,
        by=by,
        at=at,
        case_id=locked.case_id,
        customer_id=locked.customer_id,
        data={"layout": locked.layout.code, "version": locked.version, "channel": channel.value, "large": out.large},
    )
    return locked


def _all_words(made: Filled) -> str:
    return f"{made.heading}\n{made.text}"


def draft(written_id: UUID, by: Actor) -> Written:
    """Raises NotAllowed, NotFound."""
    permissions.require(by, WRITE)
    found = Written.objects.select_related("layout", "customer").filter(pk=written_id).first()
    if found is None or not customers_visible_to(by).filter(pk=found.customer_id).exists():
        raise NotFound
    return found


def written_to(customer_id: UUID, *, case_id: UUID | None = None) -> list[Written]:
    """Drafts and what was sent, the newest first. The caller has checked who may see it, and logs the look."""
    rows = Written.objects.filter(customer_id=customer_id).exclude(state=WrittenState.DISCARDED)
    if case_id is not None:
        rows = rows.filter(case_id=case_id)
    return list(rows.select_related("layout").order_by("-begun_at", "-id")[:50])


def _locked(written_id: UUID, by: Actor) -> Written:
    draft(written_id, by)
    return Written.objects.select_for_update(of=("self",)).select_related("layout", "customer").get(pk=written_id)


def _facts(written: Written, *, by: Actor, at: datetime) -> dict[str, str]:
    who = fetch_one("SELECT name FROM accounts_user WHERE id::text = %s", (by.id,))
    post = fetch_one("SELECT title FROM accounts_post WHERE id = ANY(%s) ORDER BY title LIMIT 1", (list(by.posts),))
    return {
        "name": written.customer.name,
        "address": _address(written.customer_id),
        "today": words.long_date(council_date(at)),
        "council": settings.COUNCIL_NAME,
        "phone": settings.COUNCIL_PHONE,
        "website": settings.PUBLIC_URL.partition("://")[2],
        "writer": who[0] if who else "",
        "post": post[0] if post else "",
    }


def _address(customer_id: UUID) -> str:
    """Where they live now, on one line with its postcode; "" when it is not known."""
    present = CustomerAddress.objects.filter(customer_id=customer_id, until_on=None)
    found = present.order_by("-from_on", "-id").first()
    if found is None:
        return ""
    code = found.postcode
    if not code or code in found.line.replace(" ", "").upper():
        return found.line
    return f"{found.line}, {code[:-3]} {code[-3:]}"


__all__ = [
    "About",
    "Going",
    "Layout",
    "Typed",
    "Written",
    "begin",
    "discard",
    "draft",
    "filled",
    "going",
    "keep",
    "send",
]
