from datetime import time

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "townhall.knowledge"
    verbose_name = "What the council knows and says"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.knowledge import search

        sweeps.register("knowledge.forget_misses", search.forget_old, daily_at=time(4, 40))
