"""The ways knowledge says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import NotAllowed, WrongState


class SecondPerson(NotAllowed):
    user_message = _("Somebody else than whoever wrote this has to approve it.")


class NotTheService(NotAllowed):
    user_message = _("Somebody of the service that this describes has to sign it off.")


class ChangedMeanwhile(WrongState):
    user_message = _("Somebody else changed this while you had it open. Look at it as it is now and try again.")


class NotReady(WrongState):
    user_message = _("This cannot go live yet: something that it needs is missing.")
