"""The states of one version of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


# At most one version of a form is a draft and one is published. Rolling back makes a new version of an old one's words.
NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.PUBLISHED}),
    State.PUBLISHED: frozenset({State.RETIRED}),
    State.RETIRED: frozenset(),
}
