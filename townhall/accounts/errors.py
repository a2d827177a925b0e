"""The ways accounts says no."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from townhall.core.errors import RuleBroken


class NotSignedIn(RuleBroken):
    """One sentence for a wrong password, an unknown email and a closed account: it tells nobody who works here."""

    user_message = _("Your email address or password is not right. Check them and try again.")


class WrongCode(RuleBroken):
    user_message = _("This code is not right. Enter the code that your app shows now, or a recovery code.")


class CodeUsed(WrongCode):
    user_message = _("This code has been used already. Wait for your app to show the next one.")


class LinkOver(RuleBroken):
    user_message = _("This link has been used or is too old. Ask an administrator for a new one.")


class TooManyAttempts(RuleBroken):
    """Too many attempts in a quarter of an hour. It passes by itself."""

    def __init__(self, left: timedelta) -> None:
        self.left = left
        minutes = max(1, -(-int(left.total_seconds()) // 60))
        super().__init__(
            ngettext(
                "There have been too many attempts. Try again in %(minutes)d minute.",
                "There have been too many attempts. Try again in %(minutes)d minutes.",
                minutes,
            )
            % {"minutes": minutes}
        )
