from datetime import time, timedelta

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "townhall.ledger"

    def ready(self) -> None:
        from townhall.core.sweeps import register
        from townhall.ledger import partitions, seals

        register("ledger.seal", seals.sweep, every=timedelta(seconds=2))
        register("ledger.partitions", partitions.sweep, daily_at=time(3, 10))
