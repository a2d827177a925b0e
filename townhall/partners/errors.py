from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class NoConsent(WrongState):
    user_message = _("The customer took their consent back. Stop, and keep nothing of what you were told.")
