"""What several views need."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest

from townhall.accounts.web import actor
from townhall.cases.models import Case
from townhall.core.errors import BadInput
from townhall.workspace import case_page


def case_or_404(request: HttpRequest, reference: str) -> Case:
    """The case, if there is one that the reader may see: the answer is the same when there is none."""
    case = case_page.visible(reference, by=actor(request))
    if case is None:
        raise Http404
    return case


def user_id(request: HttpRequest) -> UUID:
    return UUID(actor(request).id)


def add_problems(form: forms.Form, error: BadInput) -> None:
    """Each problem beside its field; one that names no field of the form at the top."""
    for name, message in error.problems.items():
        form.add_error(name if name in form.fields else None, message)
