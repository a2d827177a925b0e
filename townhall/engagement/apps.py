from datetime import timedelta
from functools import partial

from django.apps import AppConfig


class EngagementConfig(AppConfig):
    name = "townhall.engagement"
    verbose_name = "Telling people"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.customers import merging
        from townhall.engagement import alerting, newsletter, reminding, replying
        from townhall.engagement.deals import operations as deals
        from townhall.engagement.texting import campaigns

        merging.also_refers("engagement_deal", "trader_id")
        sweeps.register("engagement.items", alerting.tell_of_items, every=timedelta(seconds=5))
        sweeps.register("engagement.council_tax", reminding.remind_of_council_tax, every=timedelta(minutes=1))
        for topic, hours in (("permits", 1), ("library", 2)):
            run = partial(reminding.remind_of, topic)
            sweeps.register(f"engagement.{topic}", run, every=timedelta(hours=hours))
        sweeps.register("engagement.texts", replying.answer, every=timedelta(seconds=1))
        sweeps.register("engagement.text_campaigns", campaigns.queue, every=timedelta(seconds=2))
        sweeps.register("engagement.deals", deals.close_those_over, every=timedelta(minutes=5))
        sweeps.register("engagement.renewals", deals.ask_to_renew, every=timedelta(hours=1))
        sweeps.register("engagement.newsletter", newsletter.queue, every=timedelta(seconds=5))
        sweeps.register("engagement.unconfirmed", alerting.forget_unconfirmed, every=timedelta(hours=1))
