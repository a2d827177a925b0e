"""Taking a report for somebody: the same questions and the same checks as the public form, on one page for an adviser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from townhall.catalogue.pack import ServicePack
from townhall.contacts.models import Contact
from townhall.core.errors import BadInput
from townhall.core.time import council_date
from townhall.customers.queries import Record
from townhall.forms import checking
from townhall.forms.questions import Contact as ContactQuestion
from townhall.forms.questions import Question
from townhall.forms.service_forms import DESCRIPTION, description_question, service_questions
from townhall.forms.typed import clean_line, clean_text, clean_value
from townhall.neighbourhood.models import Incident
from townhall.neighbourhood.queries import missed_bin_answer, next_collections
from townhall.notifications.recipients import Recipient
from townhall.places import queries as places
from townhall.places.place import Place, Source
from townhall.places.whereabouts import whole
from townhall.street import placing
from townhall.street.bins import STREAM, Said, said, stream_name
from townhall.street.known import known_here
from townhall.street.nearby import Near, near
from townhall.street.reporting import Keeper, keeper_of
from townhall.ui.map_view import MapChoice

LONGEST_WORDS = placing.LONGEST_WORDS
ON_MAP = "map"  # chosen in place of an address or a street
MOST_NEAR = 6
PARTS = ("name", "email", "phone", "prefers")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The page as posted, read. `raw` and `typed` are as typed; `problems`: field to sentence."""

    raw: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)  # q, choice, words and the contact's parts
    map: MapChoice | None = None  # where a map is offered: what it shows, and the point set on it
    place: Place | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    reporter: Recipient = field(default_factory=Recipient)
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Warned:
    """What the adviser should say before it is sent: what is announced there, who else looks after that place, what is reported near,
    what the round says."""

    incidents: Sequence[Incident] = ()
    keeper: Keeper | None = None
    near: Sequence[Near] = ()
    round: Said | None = None

    def __bool__(self) -> bool:
        return bool(self.incidents or self.keeper or self.near or self.round)


def questions_of(pack: ServicePack) -> tuple[Question, ...]:
    return (*service_questions(pack), description_question())


def start(pack: ServicePack, contact: Contact, known: Record | None) -> Taken:
    """The page as it is first seen: their address to choose, their details filled in."""
    typed = {
        "q": "",
        "choice": "",
        "words": "",
        "name": known.name if known else contact.given_name,
        "email": known.email if known else contact.given_email,
        "phone": (known.phone if known else "") or contact.given_phone,
        "prefers": known.preferred_channel if known and known.preferred_channel in ("email", "text") else "",
    }
    if (
        pack.place.needs_address
        and known
        and known.addresses
        and known.addresses[0].until_on is None
        and known.addresses[0].uprn
    ):
        typed["choice"] = f"address:{known.addresses[0].uprn}"
    return Taken(typed=typed, map=_map(pack, {}, typed))


def read(pack: ServicePack, posted: Mapping[str, Sequence[str]], known: Record | None, *, at: datetime) -> Taken:
    """Everything that was posted, checked as the public form checks it."""
    one = {name: values[-1] if values else "" for name, values in posted.items()}
    typed = {name: clean_line(one.get(name, ""))[:300] for name in ("q", "choice")}
    typed["words"] = clean_text(one.get("words", ""))[: LONGEST_WORDS + 1]
    typed |= {part: clean_line(one.get(f"contact-{part}", ""))[:1000] for part in PARTS}
    questions = questions_of(pack)
    raw = clean_value(checking.gather(questions, posted))
    checked = checking.read(questions, raw, today=council_date(at))
    on_map = _map(pack, one, typed)
    if on_map is not None and on_map.point is not None and (on_map.stays or not typed["choice"]):
        typed["choice"] = ON_MAP
    place, place_problems = _place(pack, typed, on_map)
    who = checking.read((_who(pack),), {"contact": {part: typed[part] for part in PARTS}})
    answers = dict(checked.answers)
    description = answers.pop(DESCRIPTION, "")
    return Taken(
        raw=raw,
        typed=typed,
        map=on_map,
        place=place,
        answers=answers,
        description=description,
        reporter=_reporter(who.answers.get("contact", {}), known),
        problems={**place_problems, **checked.problems, **who.problems},
    )


def _who(pack: ServicePack) -> ContactQuestion:
    return ContactQuestion(code="contact", label="", anonymous=pack.anonymous, required=not pack.anonymous)


def _reporter(given: Mapping[str, str], known: Record | None) -> Recipient:
    prefers = given.get("prefers")
    return Recipient(
        name=given.get("name", ""),
        email=given.get("email", ""),
        phone=given.get("phone", ""),
        prefers=prefers if prefers in ("email", "text") else None,
        customer_id=known.id if known else None,
    )


def _map(pack: ServicePack, posted: Mapping[str, str], typed: Mapping[str, str]) -> MapChoice | None:
    """What the map says, where there is one: it begins at the chosen place, or at what was searched for."""
    if not placing.offers_map(pack):
        return None
    chosen = _chosen(typed["choice"])
    found = places.find(typed["q"]) if typed["q"] else []
    view = placing.first_view(chosen.place if chosen else None, found)
    return placing.read_map(posted, view) if view else None


def _chosen(choice: str) -> places.Found | None:
    kind, _colon, code = choice.partition(":")
    if not (code.isascii() and code.isdecimal()):
        return None
    return places.address(code) if kind == "address" else places.street(code) if kind == "street" else None


def _place(
    pack: ServicePack, typed: Mapping[str, str], on_map: MapChoice | None
) -> tuple[Place | None, dict[str, str]]:
    words = typed["words"]
    if len(words) > LONGEST_WORDS:
        return None, {"words": _("Where it is must be %(most)d characters or fewer") % {"most": LONGEST_WORDS}}
    if typed["choice"] == ON_MAP and on_map is not None:
        return _on_map(on_map.point, words)
    found = _chosen(typed["choice"])
    if found is not None and (found.kind == "address" or not pack.place.needs_address):
        return whole(replace(found.place, words=words)), {}
    if pack.place.needs_address:
        return None, {"q": _("Search for the address and select it from the list")}
    if words:
        return Place(source=Source.WORDS, words=words), {}
    return None, {"q": _("Search for an address or street and select it, use the map, or describe the place in words")}


def _on_map(point: tuple[float, float] | None, words: str) -> tuple[Place | None, dict[str, str]]:
    if point is None:
        return None, {placing.MAP: _("Set the place on the map")}
    try:
        return placing.at_point(point, words, Source.MAP), {}
    except BadInput as error:
        return None, error.problems


def choices(typed: Mapping[str, str], known: Record | None, pack: ServicePack) -> list[tuple[str, str, str]]:
    """What can be chosen as the place: value, words, hint. The customer's own addresses first, then what was searched for."""
    own = (
        [
            (f"address:{one.uprn}", one.line, _("Their address"))
            for one in known.addresses
            if one.uprn and one.until_on is None
        ]
        if known
        else []
    )
    found = places.find(typed["q"], addresses_only=pack.place.needs_address) if typed["q"] else []
    listed = [
        *own,
        *((f"{one.kind}:{one.code}", one.label, _("Street") if one.kind == "street" else "") for one in found),
    ]
    values = {value for value, _words, _hint in listed}
    if typed["choice"] not in values and (chosen := _chosen(typed["choice"])) is not None:
        listed.insert(0, (typed["choice"], chosen.label, ""))
    return list({value: (value, words, hint) for value, words, hint in listed}.values())


def warned(pack: ServicePack, taken: Taken, *, at: datetime) -> Warned:
    """What to say before sending. At most four statements, and those of the round for a missed bin."""
    place = taken.place
    if place is None:
        return Warned()
    return Warned(
        incidents=known_here(pack.code, place=place, at=at),
        keeper=keeper_of(pack, place, answers=taken.answers),
        near=_near(pack, place, taken, at=at),
        round=_round(pack, place, taken, at=at),
    )


def _near(pack: ServicePack, place: Place, taken: Taken, *, at: datetime) -> list[Near]:
    found = near(
        service_code=pack.code,
        easting=place.easting,
        northing=place.northing,
        at=at,
        words=f"{taken.description} {place.words}",
        address=place.address,
        usrn=place.usrn,
        answers=taken.answers,
    )
    likely = [one for one in found if one.is_likely]
    if pack.place.needs_address:  # what is asked for one home is the same only there
        likely = [one for one in likely if one.service_code == pack.code and one.address == place.address]
    return likely[:MOST_NEAR]


def _round(pack: ServicePack, place: Place, taken: Taken, *, at: datetime) -> Said | None:
    """What the round of the address says, unless it was truly missed."""
    stream = taken.answers.get(STREAM)
    if not pack.place.checks_round or not place.uprn or not isinstance(stream, str):
        return None
    answer = missed_bin_answer(place.uprn, stream=stream, at=at)
    return None if answer.makes_a_job else said(answer, name=stream_name(pack, stream))


@dataclass(frozen=True, kw_only=True)
class Coming:
    """A collection to come: of what, when, and the usual day when it was moved."""

    name: str
    on: date
    moved_from: date | None
    reason: str


def collections_at(pack: ServicePack, typed: Mapping[str, str], *, at: datetime) -> list[Coming]:
    """What is collected next at the chosen address, the soonest first: said before a missed bin is asked about. Two statements."""
    kind, _colon, uprn = typed["choice"].partition(":")
    if not pack.place.checks_round or kind != "address":
        return []
    return [
        Coming(name=stream_name(pack, one.stream), on=one.on, moved_from=one.moved_from, reason=one.reason)
        for one in next_collections(uprn, at=at)
    ]


def asked(questions: Sequence[Question], raw: Mapping[str, Any]) -> list[tuple[Question, bool]]:
    """Each question with whether it applies to what was answered so far."""
    answers = checking.read(questions, raw).answers
    return [(question, checking.applies(question, answers)) for question in questions]
