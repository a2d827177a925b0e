from datetime import time

from django.apps import AppConfig

from townhall.core import sweeps


class FormsConfig(AppConfig):
    name = "townhall.forms"

    def ready(self) -> None:
        from townhall.forms import figures
        from townhall.forms.operations import forget_drafts

        sweeps.register("forms.figures", figures.roll_up, daily_at=time(3, 0))
        sweeps.register("forms.drafts", forget_drafts, daily_at=time(3, 15))
