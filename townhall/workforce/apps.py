from datetime import time

from django.apps import AppConfig


class WorkforceConfig(AppConfig):
    name = "townhall.workforce"
    verbose_name = "Skills, training and presence of staff"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.workforce import inductions

        sweeps.register("workforce.starters", inductions.welcome_starters, daily_at=time(6, 40))
