from datetime import time, timedelta

from django.apps import AppConfig

from townhall.core import sweeps


class FormsConfig(AppConfig):
    name = "townhall.forms"

    def ready(self) -> None:
        from townhall.files.operations import kept_for
        from townhall.forms import figures, queries
        from townhall.forms.operations import forget_drafts, paying

        kept_for(queries.running_drafts)
        sweeps.register("forms.figures", figures.roll_up, daily_at=time(3, 0))
        sweeps.register("forms.drafts", forget_drafts, daily_at=time(3, 15))
        sweeps.register("forms.give_back", paying.give_back, every=timedelta(minutes=1))
