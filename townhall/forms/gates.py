"""Asked before a version of a form takes the place of the one before."""

from __future__ import annotations

from typing import Final

from townhall.core.gates import Gate
from townhall.forms.definition import Form

publishing: Final[Gate[Form]] = Gate()
