"""The ways a customer's record says no."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import RuleBroken


class NumberTaken(RuleBroken):
    """Another customer is known by this number. `holder_id` is theirs, for those who may see both."""

    user_message = _("This number already belongs to another customer. Check it, or look that customer up by it.")

    def __init__(self, holder_id: UUID | None = None) -> None:
        super().__init__()
        self.holder_id = holder_id


class AlreadyThere(RuleBroken):
    user_message = _("This is on the record already.")
