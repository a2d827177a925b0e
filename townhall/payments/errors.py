"""The ways of saying no to a payment."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import RuleBroken, WrongState
from townhall.ui import naming


class AlreadyPaid(WrongState):
    user_message = _("This has been paid already. You do not need to pay it again.")


class OnHold(WrongState):
    user_message = _("You do not need to pay this at the moment. It is on hold while we look into it.")


class NotOwed(WrongState):
    user_message = _("This is no longer owed. You do not need to pay it.")


class UnderWay(WrongState):
    user_message = _("A payment of this is being processed. Wait a few minutes before you try again.")


class CannotPayNow(RuleBroken):
    """The provider is not there, or would not have it."""

    user_message = _("We cannot take payments at the moment. No money has been taken. Try again in a few minutes.")


class TooMuchToRefund(WrongState):
    user_message = _("That is more than is left of this payment.")


class AboveLimit(RuleBroken):
    user_message = _("That is more than you may refund.")


class NotAtThisCounter(RuleBroken):
    user_message = format_lazy(
        _("Cards are not taken for this at this {outlet} yet."), outlet=naming.lazy_name(naming.OUTLET)
    )
