"""Which higher app keeps which gate of a lower one (core.gates)."""

from __future__ import annotations

from datetime import date

from townhall.accounts import fields
from townhall.benefits.gates import publishing as risk_rules
from townhall.catalogue import gates as catalogue
from townhall.customers.gates import sharing
from townhall.forms import gates as forms
from townhall.governance import switching
from townhall.insight import tasks
from townhall.workforce import gates as training
from townhall.workforce import queries as workforce
from townhall.workforce.gates import KnownGate


def connect() -> None:
    forms.publishing.kept_by(tasks.form_published)
    catalogue.changing.kept_by(tasks.pack_changed)
    sharing.kept_by(switching.sharing)
    risk_rules.kept_by(switching.rules)
    fields.trained_from(_has_training)
    for name, one in fields.FIELDS.items():
        training.register(KnownGate(code=f"field.{name}", title=one.title, module=one.training))


def _has_training(user_id: str, name: str, on: date) -> bool:
    """Whether somebody has the training that the council asks for before this field is shown."""
    module = training.module_of(f"field.{name}")
    return not module or workforce.in_date(user_id, module, on)
