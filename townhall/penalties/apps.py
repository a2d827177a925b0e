from django.apps import AppConfig


class PenaltiesConfig(AppConfig):
    name = "townhall.penalties"

    def ready(self) -> None:
        from townhall.files.queries import also_seen_by
        from townhall.penalties.queries import sees_files

        also_seen_by(sees_files)
