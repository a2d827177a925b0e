"""Which higher app keeps which gate of a lower one (core.gates)."""

from __future__ import annotations

from townhall.catalogue import gates as catalogue
from townhall.forms import gates as forms
from townhall.insight import tasks


def connect() -> None:
    forms.publishing.kept_by(tasks.form_published)
    catalogue.changing.kept_by(tasks.pack_changed)
