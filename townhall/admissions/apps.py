from datetime import timedelta

from django.apps import AppConfig


class AdmissionsConfig(AppConfig):
    name = "townhall.admissions"

    def ready(self) -> None:
        from townhall.admissions import exporting, formats, receipts, sending
        from townhall.core.sweeps import register

        formats.register(formats.TownhallFormat())
        register("admissions.export", exporting.sweep, every=timedelta(minutes=5))
        register("admissions.send", sending.sweep, every=timedelta(seconds=15))
        register("admissions.receipts", receipts.sweep, every=timedelta(seconds=30))
