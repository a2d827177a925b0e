from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import RuleBroken


class SingleReader(RuleBroken):
    user_message = _("A mailbox needs two readers, so that it is read when one of them is away.")
