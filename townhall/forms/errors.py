from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import RuleBroken


class DraftGone(RuleBroken):
    user_message = _("Your answers are no longer saved. Start again.")


class TooMuch(RuleBroken):
    user_message = _("There is too much text in your answers. Make them shorter.")


class TooMany(RuleBroken):
    user_message = _("There are as many as this form takes.")


class NotFinished(RuleBroken):
    """`step` is where there is something to answer, as in an address."""

    user_message = _("There are questions that still need an answer.")

    def __init__(self, *, step: str = "") -> None:
        self.step = step
        super().__init__()


class FormRefused(RuleBroken):
    """A form cannot be kept or published as it is. `faults` are sentences for who wrote it."""

    user_message = _("The form cannot be published yet.")

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults) or None)
