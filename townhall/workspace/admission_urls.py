from __future__ import annotations

from django.urls import path

from townhall.workspace.views import admissions

urlpatterns = [
    path("work/admissions", admissions.overview, name="admissions"),
    path("work/admissions/rounds/new", admissions.edit, name="admission_round_new"),
    path("work/admissions/rounds/<slug:code>", admissions.edit, name="admission_round"),
    path("work/admissions/rounds/<slug:code>/applications", admissions.applications, name="admission_list"),
    path("work/admissions/rounds/<slug:code>/file", admissions.export, name="admission_export"),
    path("work/admissions/applications/<uuid:application_id>", admissions.application, name="admission"),
    path("work/admissions/applications/<uuid:application_id>/again", admissions.again, name="admission_again"),
    path("work/admissions/runs/<uuid:run_id>", admissions.run, name="admission_run"),
    path("work/admissions/versions/<uuid:version_id>/settle", admissions.settle, name="admission_settle"),
]
