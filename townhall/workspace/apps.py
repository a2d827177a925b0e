from datetime import timedelta

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "townhall.workspace"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.workspace import presence

        sweeps.register("workspace.presence", presence.tidy, every=timedelta(minutes=10))
