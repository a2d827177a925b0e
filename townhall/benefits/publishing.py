"""Changing risk rules: a draft of the next version, published by somebody other than who wrote it."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.benefits import gates, queries, ruling
from townhall.benefits.models import RuleSet
from townhall.benefits.scoring import commitment
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed, NotFound
from townhall.forms import queries as forms
from townhall.ledger import operations as ledger

MAY = "benefits.rules"
KEY_BYTES = 32


@transaction.atomic
def save_draft(form_code: str, text: str, *, note: str, by: Actor, at: datetime) -> RuleSet:
    """Keep the next version of the rules. note: why they change, as the public reads it.

    Raises NotAllowed, NotFound when the form has no rules, BadInput with each fault of the rules.
    """
    require(by, MAY)
    latest = RuleSet.objects.select_for_update().filter(form_code=form_code).order_by("-version").first()
    if latest is None:
        raise NotFound
    rules = ruling.read(text)
    if rules.form != form_code:
        raise BadInput({ruling.FIELD: _("These are the rules of another form: %(form)s") % {"form": rules.form}})
    if not note.strip():
        raise BadInput({"note": _("Enter why the rules change")})
    if faults := ruling.problems(rules, questions=forms.flow(form_code).questions):
        raise BadInput({ruling.FIELD: " ".join(faults)})
    row = latest if latest.published_at is None else _next(latest)
    row.rules, row.note, row.made_by, row.changed_at = ruling.to_builtins(rules), note.strip(), by.id, at
    row.save()
    ledger.record("benefit_rules.drafted", about=row.subject, by=by, at=at, data={"version": row.version})
    return row


@transaction.atomic
def publish(form_code: str, *, by: Actor, at: datetime) -> RuleSet:
    """Use the draft for claims from now on; those before stay as they were assessed.

    Raises NotAllowed for who wrote it: a second person reads it first. NotFound without a draft, BadInput when it no longer fits the form.
    """
    require(by, MAY)
    row = RuleSet.objects.select_for_update().filter(form_code=form_code, published_at__isnull=True).first()
    if row is None:
        raise NotFound
    if by.kind is ActorKind.STAFF and by.id == row.made_by:
        raise NotAllowed(_("Somebody else has to read the rules that you wrote and publish them."))
    if faults := ruling.problems(queries.rules_of(row), questions=forms.flow(form_code).questions):
        raise BadInput({ruling.FIELD: " ".join(faults)})
    gates.publishing.passes(None, f"{row.form_code}:{row.version}", reason=row.note, by=by, at=at)
    _publish(row, by=by, at=at)
    return row


@transaction.atomic
def install(rules: ruling.RiskRules, *, by: Actor, at: datetime) -> RuleSet:
    """The first version of a form's rules, published at once; where there are some, nothing changes."""
    first, is_new = RuleSet.objects.get_or_create(
        form_code=rules.form,
        version=1,
        defaults={
            "rules": ruling.to_builtins(rules),
            "sample_key": secrets.token_bytes(KEY_BYTES),
            "made_by": by.id,
            "changed_at": at,
        },
    )
    if is_new:
        _publish(first, by=by, at=at)
    return first


def _publish(row: RuleSet, *, by: Actor, at: datetime) -> None:
    row.published_at, row.published_by = at, by.id
    row.save(update_fields=["published_at", "published_by"])
    data = {"version": row.version, "form": row.form_code, "key": commitment(bytes(row.sample_key))}
    ledger.record("benefit_rules.published", about=row.subject, by=by, at=at, data=data)


def _next(latest: RuleSet) -> RuleSet:
    return RuleSet(form_code=latest.form_code, version=latest.version + 1, sample_key=secrets.token_bytes(KEY_BYTES))
