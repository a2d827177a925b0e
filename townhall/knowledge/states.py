"""What can become of an entry's version, a content task, a change of law or service, and a link that was checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Being written")
    OFFERED = "offered", _("Waiting for a second person")
    APPROVED = "approved", _("In use")
    REPLACED = "replaced", _("Replaced")


class TaskState(models.TextChoices):
    OPEN = "open", _("To do")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("No longer needed")


class ChangeState(models.TextChoices):
    PREPARING = "preparing", _("Being prepared")
    LIVE = "live", _("Live")
    DROPPED = "dropped", _("Dropped")


VERSION_NEXT: Final[Mapping[VersionState, frozenset[VersionState]]] = {
    VersionState.DRAFT: frozenset({VersionState.OFFERED}),
    VersionState.OFFERED: frozenset({VersionState.APPROVED, VersionState.DRAFT}),
    VersionState.APPROVED: frozenset({VersionState.REPLACED}),
    VersionState.REPLACED: frozenset(),
}
TASK_NEXT: Final[Mapping[TaskState, frozenset[TaskState]]] = {
    TaskState.OPEN: frozenset({TaskState.DONE, TaskState.DROPPED}),
    TaskState.DONE: frozenset(),
    TaskState.DROPPED: frozenset(),
}
CHANGE_NEXT: Final[Mapping[ChangeState, frozenset[ChangeState]]] = {
    ChangeState.PREPARING: frozenset({ChangeState.LIVE, ChangeState.DROPPED}),
    ChangeState.LIVE: frozenset(),
    ChangeState.DROPPED: frozenset(),
}


def check_version(now: str, then: VersionState) -> None:
    if then not in VERSION_NEXT[VersionState(now)]:
        raise WrongState


def check_task(now: str, then: TaskState) -> None:
    if then not in TASK_NEXT[TaskState(now)]:
        raise WrongState


def check_change(now: str, then: ChangeState) -> None:
    if then not in CHANGE_NEXT[ChangeState(now)]:
        raise WrongState
