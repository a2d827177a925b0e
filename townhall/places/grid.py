"""WGS84 degrees and metres in the council's projection: the National Grid (EPSG:27700), unless it chose a plane of its own."""

from __future__ import annotations

from django.utils.translation import gettext as _

from townhall.core.errors import BadInput
from townhall.core.refreshing import Refreshing
from townhall.places import projections
from townhall.places.models import CouncilProjection
from townhall.places.projections import NATIONAL_GRID, LocalMetres, Projection


def _load() -> Projection:
    code = CouncilProjection.objects.values_list("code", flat=True).first()
    return projections.read(code) if code else NATIONAL_GRID


_kept = Refreshing(_load, seconds=30)


def current() -> Projection:
    """The council's projection."""
    return _kept.get()


def forget() -> None:
    """Read it again at the next use."""
    _kept.forget()


def to_grid(lat: float, lng: float) -> tuple[int, int] | None:
    """Easting and northing of a point, to the metre; None beyond the projection."""
    return current().to_grid(lat, lng)


def to_wgs84(easting: float, northing: float) -> tuple[float, float] | None:
    """Latitude and longitude of a grid point; None beyond the projection."""
    return current().to_wgs84(easting, northing)


def grid_or_refuse(lat: float, lng: float) -> tuple[int, int]:
    """As `to_grid`; raises BadInput with a sentence beyond the projection."""
    found = to_grid(lat, lng)
    if found is None:
        is_local = isinstance(current(), LocalMetres)
        words = _("That place is too far from here.") if is_local else _("That place is outside Great Britain.")
        raise BadInput({"place": words})
    return found
