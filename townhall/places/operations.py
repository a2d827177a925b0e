"""What changes how the council's places are kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.turns import take_turn
from townhall.ledger import operations as ledger
from townhall.places import grid
from townhall.places.models import Address, Area, CouncilProjection, Street
from townhall.places.projections import Projection

_LOCK = 7_516_002_001  # advisory: one change at a time


@transaction.atomic
def choose_projection(projection: Projection, *, by: Actor, at: datetime, has_places: bool = False) -> None:
    """Keep places in this projection from now on. Nothing happens when they are already.

    has_places: whether records above this app hold metres. Raises WrongState when anything does, as those metres would lie.
    """
    take_turn(_LOCK)
    grid.forget()
    if grid.current() == projection:
        return
    if has_places or any(model.objects.exists() for model in (Address, Street, Area)):
        raise WrongState(
            _("Places are already kept in the projection %(code)s, so it cannot become %(wanted)s.")
            % {"code": grid.current().code, "wanted": projection.code}
        )
    CouncilProjection.objects.update_or_create(pk=True, defaults={"code": projection.code, "chosen_at": at})
    ledger.record(
        "places.projection_chosen",
        about=Subject(kind="projection", id=uuid7()),
        by=by,
        at=at,
        data={"code": projection.code},
    )
    grid.forget()
    transaction.on_commit(grid.forget)
