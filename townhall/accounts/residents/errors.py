"""The ways a resident's account says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import RuleBroken


class StepOver(RuleBroken):
    """The code is too old, was tried too often, or belongs to another browser."""

    user_message = _("This code has ended. Start again and we will send you another.")


class WrongCode(RuleBroken):
    user_message = _("This code is not right. Check it and try again.")
