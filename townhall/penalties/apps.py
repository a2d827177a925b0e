from django.apps import AppConfig


class PenaltiesConfig(AppConfig):
    name = "townhall.penalties"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy

        from townhall.files.queries import also_seen_by
        from townhall.inclusion import restricting
        from townhall.penalties.queries import sees_files

        also_seen_by(sees_files)
        ways = ("web", "phone_automated", "phone", "counter", "letter")
        restricting.has_ways("penalty-notices", gettext_lazy("Penalty notices"), ways)
