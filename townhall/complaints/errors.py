from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from townhall.core.errors import RuleBroken

if TYPE_CHECKING:
    from townhall.complaints.owning import Candidate


class MayNotOwn(RuleBroken):
    """Somebody may not own, look into or answer this complaint. `others`: who may."""

    def __init__(self, why: str, others: Sequence[Candidate]) -> None:
        self.others = others
        names = ", ".join(one.name for one in others)
        who = _("These people may: %(names)s.") % {"names": names} if names else _("Nobody may at the moment.")
        super().__init__(f"{why} {who}")
