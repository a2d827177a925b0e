from datetime import time, timedelta

from django.apps import AppConfig


class TelephonyConfig(AppConfig):
    name = "townhall.telephony"
    verbose_name = "Telephony"

    def ready(self) -> None:
        from townhall.connectors import protocol
        from townhall.core import sweeps
        from townhall.telephony import partitions
        from townhall.telephony.adapter import PhoneAdapter
        from townhall.telephony.calls import counting, unanswered
        from townhall.telephony.cover import monitor
        from townhall.telephony.night import paging

        protocol.register("phone", PhoneAdapter)
        protocol.register("answering", PhoneAdapter)
        sweeps.register("telephony.count", counting.sweep, every=timedelta(seconds=5))
        sweeps.register("telephony.unanswered", unanswered.sweep, every=timedelta(seconds=5))
        sweeps.register("telephony.page", paging.sweep, every=timedelta(seconds=5))
        sweeps.register("telephony.partitions", partitions.sweep, every=timedelta(days=1))
        sweeps.register("telephony.exceptions", monitor.send_daily, daily_at=time(18))
