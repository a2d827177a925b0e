from __future__ import annotations

from datetime import time, timedelta

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "townhall.insight"
    verbose_name = "Looking back"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.insight import availability, register

        sweeps.register("insight.probe", availability.probe, every=timedelta(seconds=10))
        sweeps.register("insight.forget", availability.forget_old, daily_at=time(3, 10))
        sweeps.register("insight.pages", register.refresh, daily_at=time(3, 20))
