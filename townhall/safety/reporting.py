"""The short incident report: what happened, where, whether anybody was hurt. Managers hear of it in the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.accounts.models import User
from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.customers.permissions import customers_visible_to
from townhall.places.models import Site
from townhall.safety import telling
from townhall.safety.models import Alarm, CallWarning, Incident
from townhall.safety.recording import LONGEST, optional, record, user_of

REPORT = "safety.report"
_LATER = timedelta(minutes=5)  # a phone's clock may be a little fast


@dataclass(frozen=True, kw_only=True)
class Report:
    """kind and harm by code; a site by code, or the place in words, or both; victims: users. opened_at: when the page was opened."""

    key: str
    kind: str
    harm: str
    what: str
    happened_at: datetime
    site_code: str = ""
    place: str = ""
    people: str = ""
    witnesses: str = ""
    victims: Sequence[UUID] = ()
    customer_id: UUID | None = None
    contact_id: UUID | None = None
    alarm_id: UUID | None = None
    warning_id: UUID | None = None
    opened_at: datetime | None = None


@transaction.atomic
def report(new: Report, *, by: Actor, at: datetime) -> Incident:
    """Keep the report and tell the managers of whoever reports, at once. The same key again gives the first one.

    Raises NotAllowed, BadInput.
    """
    permissions.require(by, REPORT)
    user_id = user_of(by)
    User.objects.select_for_update(no_key=True).get(pk=user_id)  # the same report sent twice at once is one
    if found := Incident.objects.filter(key=new.key, reported_by=user_id).first():
        return found
    _check(new, at)
    alarm = Alarm.objects.filter(pk=new.alarm_id, raised_by=user_id).first() if new.alarm_id else None
    warning = CallWarning.objects.filter(pk=new.warning_id, by=user_id).first() if new.warning_id else None
    told = customers_visible_to(by).filter(pk=new.customer_id).first() if new.customer_id else None
    customer = told or (alarm and alarm.customer) or (warning and warning.customer) or None
    incident = Incident.objects.create(
        key=new.key,
        kind=new.kind,
        harm=new.harm,
        what=optional(new.what, "what"),
        happened_at=new.happened_at,
        opened_at=new.opened_at if new.opened_at and new.opened_at <= at else None,
        reported_at=at,
        reported_by=user_id,
        site=Site.objects.filter(pk=new.site_code).first() if new.site_code else None,
        place=optional(new.place, "place"),
        people=optional(new.people, "people"),
        witnesses=optional(new.witnesses, "witnesses"),
        customer=customer,
        victims=list(User.objects.filter(pk__in=list(new.victims)).values_list("pk", flat=True)),
        team_ids=sorted(by.teams),
        contact_id=new.contact_id,
        alarm=alarm,
        warning=warning,
    )
    for asked in (alarm, warning):
        if asked is not None:
            asked.report_due_at = None
            asked.save(update_fields=["report_due_at"])
    _tell_managers(incident, by=by, at=at)
    record(
        "safety_incident.reported",
        about=incident.subject,
        by=by,
        at=at,
        customer_id=incident.customer_id,
        kind=incident.kind,
        harm=incident.harm,
        site=new.site_code,
    )
    return incident


def _check(new: Report, at: datetime) -> None:
    problems: dict[str, str] = {}
    if new.kind not in Incident.Kind.values:
        problems["kind"] = _("Select what happened")
    if new.harm not in Incident.Harm.values:
        problems["harm"] = _("Select whether anybody was hurt")
    if not new.what.strip():
        problems["what"] = _("Write what happened")
    elif len(new.what) > LONGEST:
        problems["what"] = _("This is too long: at most %(most)s characters") % {"most": LONGEST}
    if not new.site_code and not new.place.strip():
        problems["place"] = _("Select a site, or say where it was")
    if new.happened_at > at + _LATER:
        problems["happened"] = _("This is in the future")
    if problems:
        raise BadInput(problems)


def _tell_managers(incident: Incident, *, by: Actor, at: datetime) -> None:
    """The managers of their teams; of somebody without one, and when somebody was seriously hurt, whoever stands above as well."""
    posts = telling.managers_of(by.teams)
    if not posts or incident.harm == Incident.Harm.SERIOUS:
        posts = [*posts, *telling.seniors()]
    context: dict[str, object] = {
        "kind": Incident.Kind(incident.kind).label,
        "harm": Incident.Harm(incident.harm).label,
        "where": ", ".join(part for part in (incident.site.name if incident.site else "", incident.place) if part),
        "when": incident.happened_at,
    }
    telling.tell_posts(
        "staff/incident_reported",
        posts,
        about=incident.subject,
        key=f"incident-{incident.pk}",
        context=context,
        path=f"/work/safety/incidents/{incident.pk}",
        at=at,
    )
