from datetime import time

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "townhall.registers"
    verbose_name = "Registers with actions"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.files.queries import also_seen_by
        from townhall.registers import sources
        from townhall.registers.queries import sees_evidence

        also_seen_by(sees_evidence)
        sweeps.register("registers.fill", sources.fill_all, daily_at=time(5, 20))
