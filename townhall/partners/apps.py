from datetime import timedelta

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "townhall.partners"
    verbose_name = "Partner bodies in our buildings and on our lines"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.partners import passing

        sweeps.register("partners.stop", passing.stop_ended, every=timedelta(minutes=1))
