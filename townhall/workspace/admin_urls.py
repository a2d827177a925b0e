from __future__ import annotations

from django.urls import path

from townhall.workspace.views import contractor, managers

urlpatterns = [
    path("work/exceptions", managers.exceptions, name="exceptions"),
    path("work/exceptions/passed", managers.passed, name="passed"),
    path("work/exceptions/ageing", managers.ageing, name="ageing"),
    path("work/exceptions/<uuid:escalation_id>/seen", managers.seen, name="seen"),
    path("contractor/", contractor.jobs, name="contractor"),
    path("contractor/<uuid:job_id>", contractor.job, name="contractor-job"),
    path("contractor/<uuid:job_id>/<slug:code>", contractor.step, name="contractor-step"),
]
