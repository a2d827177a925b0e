from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "townhall.portal"

    def ready(self) -> None:
        from townhall.insight import register, tasks
        from townhall.portal import pages

        register.pages_come_from(pages.known_pages)
        tasks.reports_are_measured_by(pages.report_length)
