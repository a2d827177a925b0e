from datetime import timedelta

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "townhall.intake"
    verbose_name = "Letters, faxes and posts that come in"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.intake import folder

        sweeps.register("intake.folder", folder.sweep, every=timedelta(seconds=15))
