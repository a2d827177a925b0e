"""What can become of a request for one's own records, of a freedom-of-information request, and of a question about a look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class SubjectState(models.TextChoices):
    OPEN = "open", _("Being reviewed")
    ANSWERED = "answered", _("Answered")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class FreedomState(models.TextChoices):
    OPEN = "open", _("Being answered")
    ANSWERED = "answered", _("Answered")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class QuestionState(models.TextChoices):
    ASKED = "asked", _("Waiting for an explanation")
    EXPLAINED = "explained", _("Explained, to be judged")
    CLOSED = "closed", _("Closed")


SUBJECT_NEXT: Final[Mapping[SubjectState, frozenset[SubjectState]]] = {
    SubjectState.OPEN: frozenset({SubjectState.ANSWERED, SubjectState.REFUSED, SubjectState.WITHDRAWN}),
    SubjectState.ANSWERED: frozenset(),
    SubjectState.REFUSED: frozenset(),
    SubjectState.WITHDRAWN: frozenset(),
}
FREEDOM_NEXT: Final[Mapping[FreedomState, frozenset[FreedomState]]] = {
    FreedomState.OPEN: frozenset({FreedomState.ANSWERED, FreedomState.WITHDRAWN}),
    FreedomState.ANSWERED: frozenset(),
    FreedomState.WITHDRAWN: frozenset(),
}
QUESTION_NEXT: Final[Mapping[QuestionState, frozenset[QuestionState]]] = {
    QuestionState.ASKED: frozenset({QuestionState.EXPLAINED, QuestionState.CLOSED}),
    QuestionState.EXPLAINED: frozenset({QuestionState.CLOSED}),
    QuestionState.CLOSED: frozenset(),
}


def check_subject(now: str, then: SubjectState) -> None:
    if then not in SUBJECT_NEXT[SubjectState(now)]:
        raise WrongState


def check_freedom(now: str, then: FreedomState) -> None:
    if then not in FREEDOM_NEXT[FreedomState(now)]:
        raise WrongState


def check_question(now: str, then: QuestionState) -> None:
    if then not in QUESTION_NEXT[QuestionState(now)]:
        raise WrongState
