from datetime import datetime, timedelta

from django.apps import AppConfig


class NeighbourhoodConfig(AppConfig):
    name = "townhall.neighbourhood"

    def ready(self) -> None:
        from townhall.core.sweeps import register
        from townhall.places.loading.storing import keep_by_ward

        register("neighbourhood.over", _over, every=timedelta(minutes=1))
        for table in ("neighbourhood_proposal", "neighbourhood_event"):
            keep_by_ward(table, "id")


def _over(at: datetime) -> int:
    from townhall.neighbourhood.operations import end_those_over

    return end_those_over(at=at, limit=20)
