from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "townhall.complaints"

    def ready(self) -> None:
        from townhall.complaints.queries import sees_files
        from townhall.files.queries import also_seen_by

        also_seen_by(sees_files)
