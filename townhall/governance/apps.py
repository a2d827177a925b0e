from datetime import time

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "townhall.governance"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.governance.retention import sweeping

        sweeps.register("governance.retention", sweeping.sweep, daily_at=time(2, 30))
