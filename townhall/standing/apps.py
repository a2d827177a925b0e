from datetime import timedelta

from django.apps import AppConfig


class StandingConfig(AppConfig):
    name = "townhall.standing"

    def ready(self) -> None:
        from townhall.core.sweeps import register
        from townhall.standing import operations

        register("standing.forget", operations.forget, every=timedelta(minutes=30))
