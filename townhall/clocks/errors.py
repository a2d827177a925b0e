"""The ways a clock says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import NotFound, RuleBroken, WrongState


class NoOpenClock(NotFound):
    user_message = _("There is no running deadline to change.")


class MayNotPause(RuleBroken):
    """Statutory and ombudsman clocks never stand still."""

    user_message = _("This deadline cannot be paused.")


class NotRunning(WrongState):
    user_message = _("This deadline is already paused.")


class NotPaused(WrongState):
    user_message = _("This deadline is not paused.")


class ReasonNeeded(RuleBroken):
    user_message = _("Give a reason for changing the deadline.")


class NotLater(RuleBroken):
    user_message = _("The new date must be later than the one it replaces.")


class NotCouncilsOwn(RuleBroken):
    """Statutory clocks know bank holidays only, not the council's own shutdown."""

    user_message = _("The council's own closure days cannot be added to this calendar.")


class AlreadyClosed(RuleBroken):
    user_message = _("That day is closed already.")


class NotClosed(NotFound):
    user_message = _("That is not one of the council's own closure days.")


class UnknownCode(LookupError):
    """A calendar or kind of clock that is not in the data: a mistake in a service pack or in code, not a rule."""
