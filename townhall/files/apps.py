from __future__ import annotations

from datetime import time

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "townhall.files"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.files import operations, scanning

        sweeps.register("files.tidy", operations.tidy, daily_at=time(3, 10))
        sweeps.register("files.strays", operations.tidy_strays, daily_at=time(3, 20))
        sweeps.register("files.scan", scanning.sweep)
        sweeps.register("files.quarantine", scanning.tidy, daily_at=time(3, 25))
