"""The ways the process of markers says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.core.errors import NotAllowed


class NotNominated(NotAllowed):
    user_message = _("Only a post that the council named for this may decide it. An administrator keeps that list.")


class SamePerson(NotAllowed):
    user_message = _("Somebody else has to decide this: not who proposed it, and nobody whom it was done to.")


class NotSenior(NotAllowed):
    user_message = _("An appeal is heard by somebody else, who stands above whoever approved the marker.")
