from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "townhall.documents"

    def ready(self) -> None:
        from townhall.core import sweeps
        from townhall.documents import papers, printing
        from townhall.files.queries import also_seen_by

        also_seen_by(papers.sees_file)
        sweeps.register("documents.print", printing.sweep, every=timedelta(seconds=2))
