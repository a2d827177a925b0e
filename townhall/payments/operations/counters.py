"""Where cards are taken with the payer present: each centre and each kind of charge from its own day on."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.ledger import operations as ledger
from townhall.payments.counters import subject_of
from townhall.payments.models import ChargeKind, CounterSwitch
from townhall.places.models import Site


@transaction.atomic
def open_counter(site_code: str, kind_code: str, *, live_on: date, by: Actor, at: datetime) -> CounterSwitch:
    """Take cards for this at that centre from a day on. Raises NotAllowed, BadInput.

    Kinds that come first (penalty notices and permits) have to be live at a centre before, or on the same day as, any other.
    """
    require(by, "payments.administer")
    kind = ChargeKind.objects.filter(pk=kind_code, is_active=True).first()
    if kind is None or not Site.objects.filter(code=site_code).exists():
        raise BadInput({"kind": _("Select a centre and what is paid")})
    switches = CounterSwitch.objects.select_for_update().filter(site_code=site_code)
    if not kind.first_at_counters:
        first = set(ChargeKind.objects.filter(first_at_counters=True, is_active=True).values_list("code", flat=True))
        live = switches.filter(live_on__lte=live_on, ended_on__isnull=True).values_list("kind_id", flat=True)
        if missing := first - set(live):
            names = ChargeKind.objects.filter(pk__in=missing).order_by("order").values_list("name", flat=True)
            problem = _("These come first at this centre: %(names)s") % {"names": ", ".join(names)}
            raise BadInput({"kind": problem})
    switch, _made = CounterSwitch.objects.update_or_create(
        site_code=site_code,
        kind=kind,
        defaults={"live_on": live_on, "ended_on": None, "set_by": by.id, "set_at": at},
    )
    data: dict[str, object] = {"site": site_code, "kind": kind_code, "live_on": live_on.isoformat()}
    ledger.record("counter.opened", about=subject_of(switch), by=by, at=at, data=data)
    return switch


@transaction.atomic
def end_counter(site_code: str, kind_code: str, *, ended_on: date, by: Actor, at: datetime) -> None:
    """Take cards for this at that centre no more from a day on. Raises NotAllowed, BadInput."""
    require(by, "payments.administer")
    switch = CounterSwitch.objects.select_for_update().filter(site_code=site_code, kind_id=kind_code).first()
    if switch is None:
        raise BadInput({"kind": _("Cards are not taken for this there")})
    switch.ended_on = ended_on
    switch.save(update_fields=["ended_on"])
    data: dict[str, object] = {"site": site_code, "kind": kind_code, "ended_on": ended_on.isoformat()}
    ledger.record("counter.ended", about=subject_of(switch), by=by, at=at, data=data)
