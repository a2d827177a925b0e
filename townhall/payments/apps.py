from datetime import time, timedelta

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "townhall.payments"

    def ready(self) -> None:
        from townhall.core.sweeps import register
        from townhall.payments import reconciling, setting_up, sweeps

        setting_up.register_all()
        register("payments.look", sweeps.look, every=timedelta(seconds=1))
        register("payments.refund", sweeps.refund, every=timedelta(seconds=1))
        register("payments.reconcile", reconciling.sweep, daily_at=time(4, 10))
