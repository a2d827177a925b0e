from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "townhall.config"
    label = "townhall_config"

    def ready(self) -> None:
        from townhall.config import (
            border,
            gates,
            knowing,
            owners,
            panels,
            reaching,
            reminders,
            subscriptions,
            tiles,
            timeline,
            waiting,
            waiting_own,
        )
        from townhall.config.map import register_map

        border.connect()
        knowing.connect()
        subscriptions.connect()
        reminders.connect()
        gates.connect()
        owners.connect()
        panels.connect()
        tiles.connect()
        timeline.connect()
        reaching.connect()
        waiting.connect()
        waiting_own.connect()
        register_map()
