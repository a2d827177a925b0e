from datetime import datetime, timedelta

from django.apps import AppConfig


class NeighbourhoodConfig(AppConfig):
    name = "townhall.neighbourhood"

    def ready(self) -> None:
        from townhall.core.sweeps import register

        register("neighbourhood.over", _over, every=timedelta(minutes=1))


def _over(at: datetime) -> int:
    from townhall.neighbourhood.operations import end_those_over

    return end_those_over(at=at, limit=20)
