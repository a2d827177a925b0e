"""The ways registers say no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import NotAllowed, WrongState


class NotKept(NotAllowed):
    user_message = _("Your team does not keep this register.")


class StillToDo(WrongState):
    user_message = _(
        "There is still something to do about this. Do it or say that it is no longer needed, then close it."
    )


class ChangedMeanwhile(WrongState):
    user_message = _("Somebody else changed this while you had it open. Look at it as it is now and try again.")
