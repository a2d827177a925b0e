"""The ways the council says no. A bug is not a rule: it is left to reach the 500 page and the log."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class RuleBroken(Exception):
    """A rule of the council said no. `user_message` is safe to show to whoever asked."""

    user_message: StrOrPromise = _("We could not do that.")

    def __init__(self, user_message: StrOrPromise | None = None) -> None:
        if user_message is not None:
            self.user_message = user_message
        super().__init__(str(self.user_message))


class NotFound(RuleBroken):
    """It does not exist, or `by` may not know that it does."""

    user_message = _("We could not find that.")


class NotAllowed(RuleBroken):
    """It exists and may be known about, but not done by this actor."""

    user_message = _("You do not have permission to do that.")


class WrongState(RuleBroken):
    """The thing has moved on, so this move no longer applies to it."""

    user_message = _("This has changed since you opened it. Check it and try again.")


class KeyReused(RuleBroken):
    """An idempotency key came back with a different request."""

    user_message = _("This key was already used for a different request.")


class BadInput(RuleBroken):
    """What was typed cannot be used. `problems` maps a field's name to a sentence for the reader."""

    user_message = _("There is a problem with what was entered.")

    def __init__(self, problems: Mapping[str, StrOrPromise]) -> None:
        self.problems = {name: str(message) for name, message in problems.items()}
        super().__init__(" ".join(self.problems.values()) or None)


def refuse(found: Mapping[str, StrOrPromise]) -> None:
    """Raises BadInput with what is wrong of each field; one without words is right."""
    if problems := {field: words for field, words in found.items() if words}:
        raise BadInput(problems)
