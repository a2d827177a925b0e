from datetime import timedelta

from django.apps import AppConfig


class InclusionConfig(AppConfig):
    name = "townhall.inclusion"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.inclusion import applying, booking, calling, lines
        from townhall.notifications import needs
        from townhall.ui.paper import sheet

        needs.known_by(applying.of_recipient, applying.refused_by)
        sheet.lines_from(lines.printed)
        sweeps.register("inclusion.calls", calling.look_at_calls, every=timedelta(seconds=5))
        sweeps.register("inclusion.bookings", booking.settle, every=timedelta(seconds=10))
