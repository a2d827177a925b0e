"""Standard lines in chosen languages, which print at the foot of every letter, bill and leaflet that Townhall makes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.forms.typed import clean_line
from townhall.inclusion.languages import LANGUAGES
from townhall.inclusion.models import StandardLine
from townhall.ledger import operations as ledger

MANAGE = "inclusion.manage"
LONGEST = 300
MOST = 6  # that print on one sheet


def _load() -> list[tuple[str, str]]:
    rows = StandardLine.objects.filter(is_printed=True).order_by("position", "language")
    return list(rows.values_list("language", "words")[:MOST])


_printed = Refreshing(_load, seconds=30.0)


def printed() -> Sequence[tuple[str, str]]:
    """Language and words, in the order in which they print. From the process's memory."""
    return _printed.get()


@transaction.atomic
def keep_line(
    *, language: str, words: str, is_printed: bool, position: int = 0, by: Actor, at: datetime
) -> StandardLine:
    """Raises NotAllowed, BadInput."""
    permissions.require(by, MANAGE)
    problems = {}
    if language not in LANGUAGES:
        problems["language"] = _("Select a language")
    text = clean_line(words)
    if not text or len(text) > LONGEST:
        problems["words"] = _("Write a line of at most 300 characters")
    if is_printed and StandardLine.objects.filter(is_printed=True).exclude(pk=language).count() >= MOST:
        problems["is_printed"] = _("Six lines print already: take one off first")
    if problems:
        raise BadInput(problems)
    values = {"words": text, "is_printed": is_printed, "position": position}
    made, _new = StandardLine.objects.update_or_create(language=language, defaults=values)
    _record("standard_line.kept", language, by=by, at=at, printed=is_printed)
    return made


@transaction.atomic
def drop_line(language: str, *, by: Actor, at: datetime) -> None:
    """Raises NotAllowed, NotFound."""
    permissions.require(by, MANAGE)
    if not StandardLine.objects.filter(pk=language).delete()[0]:
        raise NotFound
    _record("standard_line.dropped", language, by=by, at=at)


def _record(verb: str, language: str, *, by: Actor, at: datetime, **data: object) -> None:
    about = Subject(kind="standard_line", id=uuid7())
    ledger.record(verb, about=about, by=by, at=at, data={"language": language, **data})
    _printed.forget()
    transaction.on_commit(_printed.forget)
