from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "townhall.config"
    label = "townhall_config"

    def ready(self) -> None:
        from townhall.config import border, gates, panels, reminders, subscriptions, tiles
        from townhall.config.map import register_map

        border.connect()
        subscriptions.connect()
        reminders.connect()
        gates.connect()
        panels.connect()
        tiles.connect()
        register_map()
