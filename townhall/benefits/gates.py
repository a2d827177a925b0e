"""Asked before a version of risk rules decides claims. What passes: the form and the version, such as "housing-benefit:2"."""

from __future__ import annotations

from typing import Final

from townhall.core.gates import Gate

publishing: Final[Gate[str]] = Gate()
