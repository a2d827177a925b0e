from datetime import time, timedelta

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "townhall.cases"

    def ready(self) -> None:
        from townhall.cases import digest, reconciling
        from townhall.cases.access import is_withheld, sees_files_of_case
        from townhall.cases.calling.operations import time_out
        from townhall.core.sweeps import register
        from townhall.files.queries import also_seen_by, withheld_by

        also_seen_by(sees_files_of_case)
        withheld_by(is_withheld)
        register("cases.not_delivered", digest.sweep, daily_at=time(7, 30))
        register("cases.reconcile", reconciling.sweep, daily_at=time(2, 0))
        register("cases.calls_time_out", time_out, every=timedelta(seconds=20))
