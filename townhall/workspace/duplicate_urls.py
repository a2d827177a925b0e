from __future__ import annotations

from django.urls import path

from townhall.workspace.views import duplicates

urlpatterns = [
    path("work/duplicates", duplicates.listed, name="duplicates"),
    path("work/duplicates/<uuid:proposal_id>", duplicates.pair, name="duplicate"),
    path("work/duplicates/<uuid:proposal_id>/rejection", duplicates.rejection, name="duplicate_rejection"),
    path("work/merges/of/<uuid:customer_id>", duplicates.of_customer, name="merges"),
    path("work/merges/<uuid:merge_id>/undone", duplicates.undo, name="merge_undone"),
]
