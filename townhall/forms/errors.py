from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import RuleBroken


class DraftGone(RuleBroken):
    user_message = _("Your answers are no longer saved. Start again.")


class TooMuch(RuleBroken):
    user_message = _("There is too much text in your answers. Make them shorter.")
