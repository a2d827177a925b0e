from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SafetyConfig(AppConfig):
    name = "townhall.safety"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.documents import queries as documents
        from townhall.notifications import queries as messages
        from townhall.safety import prompting, trained
        from townhall.workforce import gates
        from townhall.workforce.gates import KnownGate

        for kind in ("marker", "marker_appeal"):
            documents.keep_apart(kind, "markers.detail")
            messages.keep_apart(kind)
        sweeps.register("safety.prompt", prompting.prompt_due, every=timedelta(seconds=30))
        gates.register(KnownGate(code=trained.GATE, title=_("Talking with the public"), module=trained.MODULE))
