"""What a marker may say: what was done and said. Not what somebody is thought to be, and no hearsay."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from townhall.core.errors import BadInput

# A mental-health label, a diagnosis or a name for a person is not a fact, whoever writes it.
_LABELS = re.compile(
    r"\b(mental(?:ly)?(?:\s+(?:ill|illness|health))?|schizo\w*|bipolar|psycho\w*|paranoi\w*|delusion\w*|personality disorder"
    r"|autis\w*|dement\w*|alcoholic|drunkard|addict\w*|junkie|crazy|mad(?:man|woman)?|insane|nutter|lunatic|nasty piece"
    r"|trouble-?maker|a liar)\b",
    re.IGNORECASE,
)
_HEARSAY = re.compile(
    r"\b(rumou?r\w*|is known to|apparently|supposedly|allegedly|i heard that|they say)\b", re.IGNORECASE
)


def refuse_labels(text: str, field: str) -> None:
    """Raises BadInput naming the word that has no place in a marker."""
    if found := _LABELS.search(text):
        raise BadInput(
            {
                field: _("Write what was done and said, not what the person is thought to be: “%(word)s”")
                % {"word": found[0]}
            }
        )
    if found := _HEARSAY.search(text):
        raise BadInput({field: _("Write only what somebody saw or heard themselves: “%(word)s”") % {"word": found[0]}})
