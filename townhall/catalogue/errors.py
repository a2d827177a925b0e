from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import RuleBroken


class PackRefused(RuleBroken):
    """An edit would make a pack that cannot be used. `user_message` lists what is wrong."""

    user_message = _("The service could not be changed.")
