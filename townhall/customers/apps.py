from datetime import timedelta

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "townhall.customers"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.customers import words

        sweeps.register("customers.words", words.put_down_missing, every=timedelta(seconds=5))
