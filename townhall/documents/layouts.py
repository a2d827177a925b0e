"""Keeping the layouts: each change is a new version that says who made it, and an earlier one can be put back into use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.errors import NotFound, WrongState, refuse
from townhall.core.turns import take_turn
from townhall.documents.filling import faults_in
from townhall.documents.layout_models import Layout, LayoutVersion
from townhall.forms.typed import clean_line, clean_text
from townhall.ledger import operations as ledger

KEEP: Final = "layouts.manage"
LONGEST: Final = 20_000
PARTS: Final = ("heading", "body", "signature", "accessibility")


@dataclass(frozen=True, kw_only=True)
class Words:
    heading: str
    body: str
    signature: str
    accessibility: str

    def cleaned(self) -> Words:
        return Words(
            heading=clean_line(self.heading)[:200],
            body=clean_text(self.body).strip()[:LONGEST],
            signature=clean_text(self.signature).strip()[:2_000],
            accessibility=clean_text(self.accessibility).strip()[:1_000],
        )


@transaction.atomic
def add(
    title: str,
    kind: str,
    words: Words,
    *,
    writer: str = "officer",
    services: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Layout:
    """A new layout, in use at once. Raises NotAllowed, BadInput."""
    permissions.require(by, KEEP)
    cleaned, name = words.cleaned(), clean_line(title)[:120]
    known = {pack.code for pack in catalogue.services()}
    code = slugify(name)[:80]
    take_turn(f"layout-{code}")  # the button pressed twice
    is_taken = bool(code) and Layout.objects.filter(code=code).exists()
    refuse(
        {
            "title": _("There is a layout of that name") if is_taken else "" if code else _("Enter a name"),
            "kind": "" if kind in Layout.Kind.values else _("Select letter or email"),
            "writer": "" if writer in Layout.Writer.values else _("Select who writes with it"),
            "services": "" if set(services) <= known else _("Select services from the list"),
            **_problems(cleaned),
        }
    )
    made = Layout.objects.create(
        code=code, title=name, kind=kind, writer=writer, service_codes=sorted(set(services)), version=1, made_at=at
    )
    _add_version(made, 1, cleaned, note="", by=by, at=at)
    _record("layout.added", made, by=by, at=at)
    return made


@transaction.atomic
def change(layout_id: UUID, words: Words, *, note: str, by: Actor, at: datetime) -> LayoutVersion:
    """A new version, in use from now on; drafts keep the one they were begun with. Raises NotAllowed, NotFound, BadInput."""
    permissions.require(by, KEEP)
    layout = _locked(layout_id)
    cleaned, why = words.cleaned(), clean_line(note)[:300]
    refuse({**_problems(cleaned), "note": "" if why else _("Say what is different and why")})
    last = layout.versions.order_by("-number").first()
    assert last is not None
    made = _add_version(layout, last.number + 1, cleaned, note=why, by=by, at=at)
    _use(layout, made.number, verb="layout.changed", by=by, at=at)
    return made


@transaction.atomic
def put_back(layout_id: UUID, number: int, *, by: Actor, at: datetime) -> Layout:
    """Use an earlier version again. Raises NotAllowed, NotFound, WrongState for the one in use, BadInput when it cannot be used."""
    permissions.require(by, KEEP)
    layout = _locked(layout_id)
    version = version_of(layout, number)
    if layout.version == number:
        raise WrongState(_("This version is in use."))
    refuse(_problems(Words(**{part: getattr(version, part) for part in PARTS})))
    return _use(layout, number, verb="layout.put_back", by=by, at=at)


@transaction.atomic
def withdraw(layout_id: UUID, *, back: bool = False, by: Actor, at: datetime) -> Layout:
    """Offer it to nobody any more, or again (`back`). What was written with it stays. Raises NotAllowed, NotFound."""
    permissions.require(by, KEEP)
    layout = _locked(layout_id)
    layout.withdrawn_at = None if back else at
    layout.save(update_fields=["withdrawn_at"])
    _record("layout.offered" if back else "layout.withdrawn", layout, by=by, at=at)
    return layout


def layout_of(layout_id: UUID) -> Layout:
    """Raises NotFound."""
    found = Layout.objects.filter(pk=layout_id).first()
    if found is None:
        raise NotFound
    return found


def version_of(layout: Layout, number: int) -> LayoutVersion:
    """Raises NotFound."""
    found = layout.versions.filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def in_use(*, service: str = "") -> list[Layout]:
    """Those that may be written with, of this service and of none in particular: the officers' own, then Members', each by title."""
    every = Layout.objects.filter(withdrawn_at=None).order_by("title")
    fit = [one for one in every if not one.service_codes or service in one.service_codes]
    return sorted(fit, key=lambda one: one.writer != Layout.Writer.OFFICER)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Of one part of two versions: lines, each with "+" for new, "-" for gone, " " for the same."""

    part: str
    lines: Sequence[tuple[str, str]]


def differences(before: LayoutVersion, after: LayoutVersion) -> list[Difference]:
    return [
        Difference(part=part, lines=_lines(getattr(before, part), getattr(after, part)))
        for part in PARTS
        if getattr(before, part) != getattr(after, part)
    ]


def _lines(before: str, after: str) -> list[tuple[str, str]]:
    old, new = before.splitlines(), after.splitlines()
    found: list[tuple[str, str]] = []
    for tag, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [(" ", line) for line in old[from_old:to_old]]
        else:
            found += [("-", line) for line in old[from_old:to_old]] + [("+", line) for line in new[from_new:to_new]]
    return found


def _problems(words: Words) -> dict[str, str]:
    empty = {
        "heading": _("Enter the heading, or the subject of the email"),
        "body": _("Enter the words"),
        "signature": _("Enter who signs"),
        "accessibility": _("Enter how to have it in another format"),
    }
    return {part: faults_in(text) if (text := getattr(words, part)) else empty[part] for part in PARTS}


def _add_version(layout: Layout, number: int, words: Words, *, note: str, by: Actor, at: datetime) -> LayoutVersion:
    parts = {part: getattr(words, part) for part in PARTS}
    return LayoutVersion.objects.create(layout=layout, number=number, note=note, made_at=at, made_by=by.id, **parts)


def _use(layout: Layout, number: int, *, verb: str, by: Actor, at: datetime) -> Layout:
    layout.version = number
    layout.save(update_fields=["version"])
    _record(verb, layout, by=by, at=at)
    return layout


def _locked(layout_id: UUID) -> Layout:
    found = Layout.objects.select_for_update().filter(pk=layout_id).first()
    if found is None:
        raise NotFound
    return found


def _record(verb: str, layout: Layout, *, by: Actor, at: datetime) -> None:
    ledger.record(verb, about=layout.subject, by=by, at=at, data={"code": layout.code, "version": layout.version})
