"""Asked before a version of a service takes the place of the one before."""

from __future__ import annotations

from typing import Final

from townhall.catalogue.pack import ServicePack
from townhall.core.gates import Gate

changing: Final[Gate[ServicePack]] = Gate()
