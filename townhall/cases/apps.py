from datetime import time

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "townhall.cases"

    def ready(self) -> None:
        from townhall.cases import reconciling
        from townhall.core.sweeps import register

        register("cases.reconcile", reconciling.sweep, daily_at=time(2, 0))
