from datetime import timedelta

from django.apps import AppConfig


class MailroomConfig(AppConfig):
    name = "townhall.mailroom"
    verbose_name = "Mailroom"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.mailroom import fetching, handling

        sweeps.register("mailroom.fetch", fetching.fetch_all_due, every=timedelta(seconds=10))
        sweeps.register("mailroom.handle", handling.handle, every=timedelta(seconds=1))
