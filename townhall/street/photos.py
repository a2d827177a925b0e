"""Photos as they arrive: each is kept or named with what is wrong with it, whatever happens to the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import ngettext

from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.core.subjects import Subject
from townhall.files import operations as files
from townhall.files.models import Purpose
from townhall.files.sanitising import Upload


def store_photos(given: Sequence[Upload], *, about: Subject, by: Actor, at: datetime) -> tuple[list[str], list[str]]:
    """The ids of those that were kept, and a sentence for each that was not."""
    kept: list[str] = []
    problems: list[str] = []
    for upload in given:
        try:
            stored = files.store(upload, about=about, purpose=Purpose.BEFORE, by=by, at=at, field="photos")
        except BadInput as error:
            problems += error.problems.values()
        else:
            kept.append(str(stored.pk))
    return kept, problems


def too_many(most: int) -> str:
    words = ngettext(
        "You can add %(most)d photo. Remove it to add another.",
        "You can add up to %(most)d photos. Remove one to add another.",
        most,
    )
    return words % {"most": most}
