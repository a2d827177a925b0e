"""Files that come with a page of a form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from townhall.accounts.web import actor
from townhall.core.errors import BadInput
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.files import operations as files
from townhall.files.models import Purpose
from townhall.files.queries import VIRUS, infected
from townhall.forms.definition import FormPage
from townhall.forms.engine import Step
from townhall.forms.questions import Upload
from townhall.portal.filling import Filling, uploads_of
from townhall.portal.views import limits
from townhall.street.photos import too_many


def take_files(
    request: HttpRequest, filling: Filling, here: Step, page: FormPage, raw: dict[str, Any], *, draft_id: UUID
) -> dict[str, str]:
    """Store what was uploaded, and take away what is not wanted; `raw` then holds the ids. What is wrong with a file, by question.

    draft_id: of the draft, or of the one that these answers begin.
    """
    problems: dict[str, str] = {}
    before = filling.raw_of(page, here)
    for question in uploads_of(page.questions):
        mine = [one for one in before.get(question.code, []) if one != request.POST.get("remove")]
        ill = infected(UUID(one) for one in mine)
        kept = [one for one in mine if UUID(one) not in ill]
        given = request.FILES.getlist(question.code)
        if given and limits.held_up(request, limits.PHOTOS):
            problems[question.code] = _("Too many files came from here. Wait a quarter of an hour and try again")
            given = []
        said = [str(VIRUS) % {"name": name} for name in ill.values()]
        for upload in given[: max(0, question.maximum - len(kept))]:
            stored, wrong = _store(request, question, upload, draft_id=draft_id)
            kept += stored
            said += wrong
        if len(given) > question.maximum - len(kept) + len(said):
            said.append(too_many(question.maximum))
        if said:
            problems[question.code] = " ".join(said)
        raw[question.code] = kept
    return problems


def _store(request: HttpRequest, question: Upload, upload: Any, *, draft_id: UUID) -> tuple[list[str], list[str]]:
    about = Subject(kind="draft", id=draft_id)
    purpose = Purpose.BEFORE if question.kinds == ("photo",) else Purpose.EVIDENCE
    try:
        stored = files.store(upload, about=about, purpose=purpose, by=actor(request), at=now(), field=question.code)
    except BadInput as error:
        return [], list(error.problems.values())
    return [str(stored.pk)], []
