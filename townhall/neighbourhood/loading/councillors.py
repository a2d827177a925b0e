"""Councillors by ward: what modern.gov answers to GetCouncillorsByWard (XML), or CSV."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, ElementTree
from django.utils.translation import gettext as _

from townhall.core.ids import uuid7
from townhall.core.loading import Batch, Given, Kind, Refused, Stored, Values
from townhall.neighbourhood.models import Councillor
from townhall.notifications.recipients import email_address
from townhall.places.loading.storing import stored, written_down
from townhall.places.text import folded
from townhall.places.whereabouts import wards


def _unpack_xml(text: bytes) -> list[object]:
    """Each councillor with the title of the ward around them. Elements are known by their names alone, whatever their namespace."""
    try:
        root = ElementTree.fromstring(text)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Refused(f"It is not XML that can be read: {error}") from error
    found: list[object] = []
    for ward in root.iter():
        if _name(ward) == "ward":
            title = next((_words(child) for child in ward if _name(child) == "wardtitle"), "")
            found += [{**_flat(one), "ward": title} for one in ward.iter() if _name(one) == "councillor"]
    return found


def _flat(element: Element) -> dict[str, object]:
    """What stands anywhere within, by name; the first of a name counts."""
    flat: dict[str, object] = {}
    for child in element.iter():
        if child is not element and _words(child):
            flat.setdefault(_name(child), _words(child))
    return flat


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _words(element: Element) -> str:
    return (element.text or "").strip()


def _read(given: Given, batch: Batch) -> Values:
    email = given.text("email", most=300)
    if email and not email_address(email):
        given.wrong("email", _("It is not an email address."))
    ends = given.text("term_ends")
    name = given.text("name", most=200, required=True)
    return {
        "id": uuid7(),
        "external_id": given.text("id", most=100, required=True),
        "name": name.removeprefix("Councillor ").removeprefix("Cllr "),
        "party": given.text("party", most=200),
        "ward_code": _ward(given),
        "email": email,
        "phone": given.text("phone", most=50),
        "url": given.link("url"),
        "photo_url": given.link("photo"),
        "term_ends_on": None if ends.lower() in ("", "unspecified") else given.on("term_ends"),
        "ended_at": None,
        "updated_at": batch.at,
    }


def _ward(given: Given) -> str:
    """By its code or its name. Without any wards here, as it is given."""
    typed = given.text("ward", most=200, required=True)
    known = wards()
    by_name = {folded(name): code for code, name in known}
    if not typed or not known or typed in by_name.values():
        return typed
    found = by_name.get(folded(typed.removesuffix(" Ward")))
    return found or given.wrong("ward", _("There is no ward of this name or code here."))


def _store(rows: list[Values], batch: Batch) -> Stored:
    return stored("neighbourhood_councillor", rows, batch, key=["external_id"], once=["id"], quiet=["updated_at"])


def _end_others(keys: set[str], batch: Batch) -> int:
    gone = Councillor.objects.filter(ended_at__isnull=True).exclude(external_id__in=keys)
    count = gone.update(ended_at=batch.at, updated_at=batch.at)
    written_down(Stored(), batch, ended=count)
    return count


COUNCILLORS = Kind(
    code="councillors",
    columns={
        "id": ("councillorid", "external_id", "id", "identifier", "url"),
        "name": ("fullusername", "name", "full_name", "councillor"),
        "party": ("politicalpartytitle", "party", "political_party"),
        "ward": ("ward_code", "ward_gss", "ward", "wardtitle", "division"),
        "email": ("email",),
        "phone": ("phone", "telephone"),
        "url": ("url", "page", "website"),
        "photo": ("photobigurl", "photosmallurl", "photo_url", "photo"),
        "term_ends": ("enddate", "term_ends", "term_ends_on"),
    },
    id="id",
    read=_read,
    key=lambda values: str(values["external_id"]),
    store=_store,
    required=("id", "name", "ward"),
    unpack_xml=_unpack_xml,
    end_others=_end_others,
)
