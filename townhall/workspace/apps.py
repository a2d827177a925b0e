from datetime import time, timedelta

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "townhall.workspace"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.files.queries import also_seen_by
        from townhall.workspace import channels_live, keeping, presence
        from townhall.workspace.jobs import sees_photos_of_their_job

        sweeps.register("workspace.presence", presence.tidy, every=timedelta(minutes=10))
        sweeps.register("workspace.kept", keeping.tidy, every=timedelta(hours=1))
        sweeps.register("workspace.wider_name", channels_live.prompt, daily_at=time(6, 40))
        also_seen_by(sees_photos_of_their_job)
