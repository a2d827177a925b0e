from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import RuleBroken


class TaskLonger(RuleBroken):
    """A key task would take longer, and nobody said why that has to be."""

    user_message = _("This makes a key task longer. Say why it has to be.")
