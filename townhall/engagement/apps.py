from datetime import timedelta

from django.apps import AppConfig


class EngagementConfig(AppConfig):
    name = "townhall.engagement"
    verbose_name = "Telling people"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.engagement import alerting, newsletter

        sweeps.register("engagement.items", alerting.tell_of_items, every=timedelta(seconds=5))
        sweeps.register("engagement.council_tax", alerting.remind_of_council_tax, every=timedelta(minutes=1))
        sweeps.register("engagement.newsletter", newsletter.queue, every=timedelta(seconds=5))
        sweeps.register("engagement.unconfirmed", alerting.forget_unconfirmed, every=timedelta(hours=1))
