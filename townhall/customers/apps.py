from datetime import time, timedelta

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "townhall.customers"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.customers import words
        from townhall.customers.accounts import checking
        from townhall.customers.merging import movers, operations, proposing, weighing
        from townhall.notifications import needs

        sweeps.register("customers.words", words.put_down_missing, every=timedelta(seconds=5))
        sweeps.register("customers.follow", operations.follow, every=timedelta(seconds=30))
        sweeps.register("customers.propose", proposing.propose, every=timedelta(seconds=5))
        sweeps.register("customers.learn", weighing.learn_if_due, daily_at=time(3, 40))
        movers.register()
        needs.belongs("address_code", checking.whose_code)
