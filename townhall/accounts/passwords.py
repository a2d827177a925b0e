"""What a staff password may not be, beside Django's own checks (length and a list of twenty thousand common ones)."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from townhall.accounts.models import User

OUR_WORDS = ("council", "townhall", "borough", "password")


class CouncilWordsValidator:
    """Refuses passwords made of little more than the council's own words and a few figures."""

    def validate(self, password: str, user: User | None = None) -> None:
        left = password.lower()
        for word in (*OUR_WORDS, *settings.COUNCIL_NAME.lower().split()):
            left = left.replace(word, "")
        if len([character for character in left if character.isalpha()]) < 4:
            raise ValidationError(_("Choose a password that is not the council's name with figures, nor figures alone"))

    def get_help_text(self) -> str:
        return _("Three random words make a good password.")
