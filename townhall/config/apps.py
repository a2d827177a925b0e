from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "townhall.config"
    label = "townhall_config"

    def ready(self) -> None:
        from townhall.config.map import register_map

        register_map()
