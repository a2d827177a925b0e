"""The addresses of complaints, and of surveys; a part of workspace.urls."""

from __future__ import annotations

from django.urls import path

from townhall.workspace.views import complaint_procedure, complaints, surveys

urlpatterns = [
    path("work/complaints", complaints.listed, name="complaints"),
    path("work/complaints/new", complaints.new, name="complaint_new"),
    path("work/complaints/procedure", complaint_procedure.page, name="complaint_procedure"),
    path("work/complaints/<uuid:complaint_id>", complaints.show, name="complaint"),
    path("work/complaints/<uuid:complaint_id>/owner", complaints.owner, name="complaint_owner"),
    path("work/complaints/<uuid:complaint_id>/original", complaints.original, name="complaint_original"),
    path("work/complaints/<uuid:complaint_id>/<slug:step>", complaints.act, name="complaint_act"),
    path("work/surveys", surveys.results, name="surveys"),
    path("work/surveys/recoveries/<uuid:recovery_id>", surveys.recovery, name="recovery"),
]
