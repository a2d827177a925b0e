from datetime import time, timedelta

from django.apps import AppConfig

from townhall.core import sweeps


class ClocksConfig(AppConfig):
    name = "townhall.clocks"
    verbose_name = "Clocks and calendars"

    def ready(self) -> None:
        from townhall.clocks.closures import recount_changed
        from townhall.clocks.seeds import keep_calendars_ahead
        from townhall.clocks.sweeps import ring_due

        sweeps.register("clocks.due", ring_due)
        sweeps.register("clocks.recount", recount_changed, every=timedelta(seconds=5))
        sweeps.register("clocks.calendars", keep_calendars_ahead, daily_at=time(3, 30))
