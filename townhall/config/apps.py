from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "townhall.config"
    label = "townhall_config"

    def ready(self) -> None:
        from townhall.config import (
            border,
            converting,
            gates,
            knowing,
            owners,
            panels,
            publishing,
            reaching,
            reminders,
            subscriptions,
            telling,
            tiles,
            timeline,
            waiting,
            waiting_complaints,
            waiting_own,
        )
        from townhall.config.map import register_map

        border.connect()
        converting.connect()
        knowing.connect()
        subscriptions.connect()
        reminders.connect()
        gates.connect()
        owners.connect()
        panels.connect()
        publishing.connect()
        tiles.connect()
        timeline.connect()
        reaching.connect()
        telling.connect()
        waiting.connect()
        waiting_own.connect()
        waiting_complaints.connect()
        register_map()
