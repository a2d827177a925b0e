from django.apps import AppConfig


class NeighbourhoodConfig(AppConfig):
    name = "townhall.neighbourhood"
