from datetime import timedelta

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "townhall.notifications"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.notifications import sending, tracking

        sweeps.register("notifications.send", sending.run, every=timedelta(seconds=1))
        sweeps.register("notifications.letters", tracking.look, every=timedelta(minutes=5))
