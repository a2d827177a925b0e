from django.apps import AppConfig


class StreetConfig(AppConfig):
    name = "townhall.street"
