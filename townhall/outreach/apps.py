from datetime import time, timedelta

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "townhall.outreach"
    verbose_name = "Bringing people to the quicker way"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.outreach import campaigns, counting, sessions

        sweeps.register("outreach.shown", counting.count_shown, every=timedelta(seconds=10))
        sweeps.register("outreach.online", counting.count_online, every=timedelta(minutes=1))
        sweeps.register("outreach.forget", counting.forget_who, daily_at=time(4, 20))
        sweeps.register("outreach.campaigns", campaigns.queue, every=timedelta(seconds=10))
        sweeps.register("outreach.remind", sessions.remind, every=timedelta(minutes=1))
        sweeps.register("outreach.over", sessions.close_past, every=timedelta(minutes=5))
