from datetime import timedelta

from django.apps import AppConfig


class HousingConfig(AppConfig):
    name = "townhall.housing"

    def ready(self) -> None:
        from townhall.core.sweeps import register
        from townhall.housing import settling

        register("housing.settle", settling.sweep, every=timedelta(seconds=10))
