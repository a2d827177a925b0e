"""What a text to many has to say before it is kept: its words within the standards, and whom it reaches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.accounts.models import User
from townhall.engagement.texting import audience
from townhall.engagement.texting.length import length_of, plain
from townhall.engagement.texting.lists import Listed
from townhall.engagement.texting.models import TextCampaign
from townhall.engagement.texting.standards import PURPOSES, framed
from townhall.neighbourhood.models import Round
from townhall.places.models import Area, Street

FURTHEST: Final = 20_000  # metres
MOST_CORNERS: Final = 500
LONGEST: Final = 1_000
To = TextCampaign.To


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be sent. corners: of a drawn area, in metres on the National Grid. listed: of a file; None keeps the file given before."""

    name: str
    purpose: str
    words: str
    to: str
    to_code: str = ""
    to_words: str = ""
    corners: list[tuple[int, int]] = field(default_factory=list)
    listed: Listed | None = None
    outside_hours: str = ""
    owner_id: UUID | None = None  # who reads the answers; None: whoever plans it


def problems_in(new: Plan, *, has_file: bool) -> dict[str, str]:
    purpose = PURPOSES.get(new.purpose)
    problems: dict[str, str] = {}
    if not new.name.strip():
        problems["name"] = _("Enter what this text is called")
    if purpose is None or not purpose.many:
        problems["purpose"] = _("Select what the text is for")
    if not new.words.strip() or len(new.words) > LONGEST:
        problems["words"] = _("Enter the text, in up to %(most)d characters") % {"most": LONGEST}
    elif purpose and (parts := length_of(framed(plain(new.words), many=True)).parts) > purpose.parts:
        problems["words"] = _("It is %(parts)d texts long, and for this purpose %(most)d are allowed") % {
            "parts": parts,
            "most": purpose.parts,
        }
    if purpose and new.outside_hours.strip() and not purpose.at_any_hour:
        problems["outside_hours"] = _("Only an emergency may go outside the hours")
    if wrong := _wrong_place(new, has_file=has_file):
        problems["to"] = wrong
    elif strange := _strange_fields(new):
        problems["words"] = _("The list has nothing called {%(name)s}") % {"name": strange[0]}
    if new.owner_id is not None and not User.objects.filter(pk=new.owner_id, is_active=True).exists():
        problems["owner"] = _("Select who reads the answers")
    return problems


def _wrong_place(new: Plan, *, has_file: bool) -> str:
    match new.to:
        case To.WARD:
            is_there = Area.objects.filter(kind=Area.Kind.WARD, code=new.to_code).exists()
            return "" if is_there else _("Select a ward")
        case To.STREET:
            return "" if Street.objects.filter(pk=new.to_code).exists() else _("Select a street from those found")
        case To.ROUND:
            return "" if Round.objects.filter(pk=new.to_code).exists() else _("Select a round")
        case To.AROUND:
            parts = new.to_code.split(",")
            is_right = len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts)
            return (
                ""
                if is_right and 0 < int(parts[2]) <= FURTHEST
                else _("Enter an address or postcode, and how many metres around it")
            )
        case To.DRAWN:
            return "" if 3 <= len(new.corners) <= MOST_CORNERS else _("Give an outline with at least three corners")
        case To.SAVED:
            return "" if new.to_code in audience.SAVED else _("Select a list")
        case To.FILE:
            return "" if new.listed or has_file else _("Choose a file")
    return _("Select who gets it")


def _strange_fields(new: Plan) -> list[str]:
    known: set[str] = {"name"}
    if new.to == To.SAVED:
        known |= set(audience.SAVED[new.to_code].fields)
    elif new.to == To.FILE:
        if new.listed is None:
            return []  # judged line by line
        known |= set(new.listed.columns)
    return [name for name in audience.fields_in(new.words) if name not in known]


def named(new: Plan) -> str:
    match new.to:
        case To.WARD:
            return Area.objects.get(kind=Area.Kind.WARD, code=new.to_code).name
        case To.STREET:
            return Street.objects.get(pk=new.to_code).name
        case To.SAVED:
            return str(audience.SAVED[new.to_code].name)
        case To.ROUND:
            return new.to_code
    return ""
