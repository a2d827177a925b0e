from datetime import time, timedelta

from django.apps import AppConfig


class MailroomConfig(AppConfig):
    name = "townhall.mailroom"
    verbose_name = "Mailroom"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.mailroom import fetching, handling, neglect
        from townhall.mailroom.routing import teaching

        sweeps.register("mailroom.fetch", fetching.fetch_all_due, every=timedelta(seconds=10))
        sweeps.register("mailroom.handle", handling.handle, every=timedelta(seconds=1))
        sweeps.register("mailroom.watch", neglect.watch, every=timedelta(minutes=1))
        sweeps.register("mailroom.propose_closing", neglect.propose_closing, daily_at=time(7, 45))
        sweeps.register("mailroom.learn", teaching.learn_when_there_is_more, daily_at=time(3, 20))
