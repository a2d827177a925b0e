from datetime import time

from django.apps import AppConfig


class PermitsConfig(AppConfig):
    name = "townhall.permits"

    def ready(self) -> None:
        from townhall.core.sweeps import register
        from townhall.permits import tidying

        register("permits.tidy", tidying.sweep, daily_at=time(5, 30))
