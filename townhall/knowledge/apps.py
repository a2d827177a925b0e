from datetime import time, timedelta

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "townhall.knowledge"
    verbose_name = "What the council knows and says"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.knowledge import links, published, search

        sweeps.register("knowledge.forget_misses", search.forget_old, daily_at=time(4, 40))
        sweeps.register("knowledge.list_links", links.list_all, daily_at=time(3, 10))
        sweeps.register("knowledge.scan_published", published.scan, daily_at=time(3, 40))
        sweeps.register("knowledge.check_links", links.check_due, every=timedelta(seconds=10))
