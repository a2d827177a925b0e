"""What somebody needs, said once and put to use: how they are written to, which formats their letters come in, which rooms suit them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from townhall.core.actors import Actor
from townhall.core.db import fetch_all, fetch_one
from townhall.customers.finding import need_words
from townhall.customers.models import AccessNeed
from townhall.inclusion.languages import LANGUAGES
from townhall.inclusion.models import InterpreterBooking, Relay, Room
from townhall.ledger import operations as ledger
from townhall.notifications.needs import ANY, Reach
from townhall.notifications.states import Channel

N = AccessNeed.Need
# What a person has to make of a letter, because paper alone does not meet it.
MADE: Final = (N.BRAILLE, N.EASY_READ, N.AUDIO, N.PLAIN_TEXT, N.COLOURED_PAPER)
SIGNERS: Final = {
    N.BSL: InterpreterBooking.Kind.BSL,
    N.LIP_SPEAKER: InterpreterBooking.Kind.LIP_SPEAKER,
    N.DEAFBLIND_MANUAL: InterpreterBooking.Kind.DEAFBLIND,
    N.SPEECH_TO_TEXT: InterpreterBooking.Kind.SPEECH_TO_TEXT,
}
# What a room, a time or a visit has to allow for.
OF_MEETINGS: Final = (
    N.WHEELCHAIR,
    N.HEARING_LOOP,
    N.QUIET_SPACE,
    N.EXTRA_TIME,
    N.VISIT,
    N.ADVOCATE,
    N.REPRESENTATIVE,
    N.INTERPRETER,
    *SIGNERS,
)
OF_ROOMS: Final = (N.WHEELCHAIR, N.HEARING_LOOP, N.QUIET_SPACE)

_POINT = """(SELECT p.value FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.kind = '{kind}' AND p.ended_at IS NULL
      ORDER BY p.verified_at DESC NULLS LAST, p.id DESC LIMIT 1)"""
_REACH = f"""
    SELECT c.preferred_channel,
      (SELECT array_agg(n.need) FROM customers_accessneed n WHERE n.customer_id = c.id AND n.ended_at IS NULL
         AND n.need IN ('large_print', 'no_internet', 'by_email', 'no_phone')),
      (SELECT jsonb_agg(jsonb_build_array(x.service_code, x.first, x.second, x.refused)) FROM customers_channelchoice x
         WHERE x.customer_id = c.id AND x.service_code IN ('', %(service)s))::text,
      (SELECT a.line FROM customers_customeraddress a
         WHERE a.customer_id = c.id AND a.until_on IS NULL ORDER BY a.from_on DESC NULLS LAST, a.id DESC LIMIT 1),
      {_POINT.format(kind="email")}, {_POINT.format(kind="phone")}
    FROM customers_customer c WHERE c.id = %(customer)s"""  # noqa: S608
_REFUSED = """
    SELECT asked.customer_id, asked.service, x.refused FROM unnest(%s::uuid[], %s::text[]) AS asked (customer_id, service)
    JOIN customers_channelchoice x ON x.customer_id = asked.customer_id AND x.service_code IN ('', asked.service)
    WHERE x.refused <> '{}'"""
_AMONG = """
    SELECT n.customer_id, n.need, n.detail FROM customers_accessneed n
    WHERE n.customer_id = ANY(%s) AND n.ended_at IS NULL AND n.need = ANY(%s) ORDER BY n.customer_id, n.need"""
_FORMATS = """
    SELECT c.language, (SELECT array_agg(n.need ORDER BY n.need) FROM customers_accessneed n
      WHERE n.customer_id = c.id AND n.ended_at IS NULL AND n.need = ANY(%s)) FROM customers_customer c WHERE c.id = %s"""


def of_recipient(customer_id: UUID, service: str = "") -> Reach:
    """How a message about a service reaches them: what they need, what they said, what they refused. One query."""
    row = fetch_one(_REACH, {"customer": customer_id, "service": service})
    if row is None:
        return ANY
    preferred, held, choices, line, email, phone = row
    needs = set(held or ())
    said = {code: rest for code, *rest in (msgspec.json.decode(choices) if choices else ())}
    first, second, refused = said.get(service, ("", "", [])) if service else ("", "", [])
    _none, next_best, never = said.get("", ("", "", []))
    own, general = _ways(first, second), _ways(preferred, next_best)
    no_internet = N.NO_INTERNET.value in needs
    if not (needs or own or general or refused or never):
        return ANY
    return Reach(
        first=Channel.LETTER if no_internet else Channel.EMAIL if N.BY_EMAIL.value in needs else None,
        never=frozenset({Channel.EMAIL, Channel.INBOX}) if no_internet else frozenset(),
        own=own,
        general=general,
        refused=frozenset(Channel(one) for one in (*refused, *never)),
        email=email or "",
        phone=phone or "",
        postal=(line or "") if no_internet or Channel.LETTER in (*own, *general) else "",
        large_print=N.LARGE_PRINT.value in needs,
    )


def _ways(*codes: str) -> tuple[Channel, ...]:
    """Those that carry words; who would rather be rung up is written to in the usual way."""
    return tuple(Channel(one) for one in codes if one in ("email", "text", "letter"))


def refused_by(asked: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], frozenset[Channel]]:
    """What they refused, of a service or of all, for those who refused anything. One query."""
    customers, services = zip(*asked, strict=True)
    found: dict[tuple[UUID, str], frozenset[Channel]] = {}
    for customer_id, service, refused in fetch_all(_REFUSED, (list(customers), list(services))):
        key = (customer_id, service)
        found[key] = found.get(key, frozenset()) | {Channel(one) for one in refused}
    return found


def formats_of(customer_id: UUID, *, printed: Iterable[str]) -> list[str]:
    """What a letter to them has to be made in beside what is printed: other formats, and their language where it is not printed in it.

    printed: tags of the languages that letters are written in by themselves. One query.
    """
    row = fetch_one(_FORMATS, ([need.value for need in MADE], customer_id))
    if row is None:
        return []
    language = [row[0]] if row[0] in LANGUAGES and row[0] not in (*printed, "en", "bfi") else []
    return [*(row[1] or ()), *language]


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A need as whoever meets them reads it."""

    need: str
    detail: str

    @property
    def words(self) -> str:
        return f"{need_words(self.need)}: {self.detail}" if self.detail else need_words(self.need)


def at_meetings(
    customer_ids: Iterable[UUID | None], *, by: Actor, at: datetime, page: str = "meeting"
) -> Mapping[UUID, Sequence[Meeting]]:
    """What appointments, visits and rooms have to allow for, by customer; a look is kept for each that has something. One query."""
    wanted = sorted({one for one in customer_ids if one is not None})
    if not wanted:
        return {}
    found: dict[UUID, list[Meeting]] = {}
    for customer_id, need, detail in fetch_all(_AMONG, (wanted, [one.value for one in OF_MEETINGS])):
        found.setdefault(customer_id, []).append(Meeting(need=need, detail=detail))
    for customer_id in found:
        ledger.looked(by=by, at=at, customer_id=customer_id, page=f"needs.{page}", reason="meeting")
    return found


@dataclass(frozen=True, kw_only=True)
class AtDesk:
    """What the desk brings up for somebody: sign-language video, a signer to book, an interpreter's language, rooms that suit."""

    relay: Relay | None
    signer: str  # a kind of booking; "" for none
    language: str  # that an interpreter speaks with them; "" for none
    rooms: Sequence[str]
    text_relay: bool


def at_desk(needs: Sequence[str], language: str, *, site_code: str | None) -> AtDesk | None:
    """From the needs on the record that is open; None when nothing has to be brought up. Two queries at most."""
    signer = next((kind.value for need, kind in SIGNERS.items() if need.value in needs), "")
    spoken = language if language not in ("", "en", "bfi") or N.INTERPRETER.value in needs else ""
    sign = N.BSL.value in needs or language == "bfi"
    wanted = [need.value for need in OF_ROOMS if need.value in needs]
    if not (signer or spoken or sign or wanted):
        return None
    relay = live_relay(Relay.Kind.BSL, site_code) if sign else None
    rooms = (
        Room.objects.filter(site_id=site_code, meets__contains=wanted).order_by("name") if wanted and site_code else ()
    )
    return AtDesk(
        relay=relay,
        signer=signer or (InterpreterBooking.Kind.BSL.value if sign else ""),
        language=spoken if spoken != "en" else "",
        rooms=[room.name for room in rooms],
        text_relay=sign or N.SPEECH_TO_TEXT.value in needs or N.NO_PHONE.value in needs,
    )


def live_relay(kind: str, site_code: str | None) -> Relay | None:
    """The one of this site, else the one that is everywhere. One query."""
    rows = Relay.objects.filter(kind=kind, ended_on=None).select_related("site")
    found = {row.site_id: row for row in rows}
    return found.get(site_code) or found.get(None)
