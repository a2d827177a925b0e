"""Whoever changes a visit holds its repair first, so that two of one repair wait for one another."""

from __future__ import annotations

from uuid import UUID

from townhall.core.errors import NotFound
from townhall.housing.models import Repair, Visit


def locked_repair(repair_id: UUID) -> Repair:
    """Raises NotFound."""
    repair = Repair.objects.select_for_update().filter(pk=repair_id).first()
    if repair is None:
        raise NotFound
    return repair


def locked_visit(visit_id: UUID) -> Visit:
    """With its repair, locked as well. Raises NotFound."""
    repair_id = Visit.objects.filter(pk=visit_id).values_list("repair_id", flat=True).first()
    if repair_id is None:
        raise NotFound
    repair = locked_repair(repair_id)
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit_id)
    visit.repair = repair
    return visit
