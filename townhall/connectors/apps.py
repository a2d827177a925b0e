from datetime import timedelta

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "townhall.connectors"

    def ready(self) -> None:
        from townhall.connectors import adapters, delivering, inbound, webhooks
        from townhall.core.sweeps import register

        adapters.register_all()
        register("connectors.deliver", delivering.sweep, every=timedelta(seconds=1))
        register("connectors.webhooks", webhooks.sweep, every=timedelta(seconds=1))
        register("connectors.events", inbound.sweep, every=timedelta(seconds=5))
