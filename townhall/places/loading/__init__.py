"""Places from files: addresses, postcodes, wards and boundaries, sites (docs/importing.md)."""

from townhall.places.loading.addresses import ADDRESSES
from townhall.places.loading.areas import BOUNDARY, LAND, WARDS, ZONES
from townhall.places.loading.postcodes import POSTCODES
from townhall.places.loading.sites import SITES

KINDS = (ADDRESSES, POSTCODES, WARDS, BOUNDARY, LAND, ZONES, SITES)
__all__ = ["ADDRESSES", "BOUNDARY", "KINDS", "LAND", "POSTCODES", "SITES", "WARDS", "ZONES"]
