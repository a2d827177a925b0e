from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "townhall.config"
    label = "townhall_config"
