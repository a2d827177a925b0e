"""Personal-safety training gates work with the public: whoever lets it lapse is asked to take it again before the next conversation."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.core.time import council_date
from townhall.workforce import gates, queries

GATE = "work.public-facing"
MODULE = "personal-safety"  # that it comes with; a council may choose another, or none


def require(by: Actor, *, at: datetime) -> None:
    """Raises BadInput unless the training that work with the public asks for is in date. Nothing is asked where the council has no such
    module; one query where it has.
    """
    module = gates.module_of(GATE)
    if not by.is_staff or not module:
        return
    if not queries.in_date(by.id, module, council_date(at)):
        name = queries.names([module]).get(module, module)
        raise BadInput(
            {
                "": _("You need “%(training)s” in date before you work with the public. Tell your manager.")
                % {"training": name}
            }
        )
