from datetime import timedelta

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "townhall.safety"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.safety import prompting

        sweeps.register("safety.prompt", prompting.prompt_due, every=timedelta(seconds=30))
