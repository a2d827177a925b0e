from datetime import timedelta

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "townhall.customers"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.customers import words
        from townhall.customers.merging import movers, operations

        sweeps.register("customers.words", words.put_down_missing, every=timedelta(seconds=5))
        sweeps.register("customers.follow", operations.follow, every=timedelta(seconds=30))
        movers.register()
