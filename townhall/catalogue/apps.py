from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "townhall.catalogue"

    def ready(self) -> None:
        from townhall.catalogue import names
        from townhall.ui.naming import names_from

        names_from(names.chosen)
