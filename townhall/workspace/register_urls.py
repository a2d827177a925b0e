from __future__ import annotations

from django.urls import path

from townhall.workspace.views import registers

urlpatterns = [
    path("work/registers", registers.registers, name="registers"),
    path("work/registers/rows/<uuid:row_id>", registers.row, name="register_row"),
    path("work/registers/rows/<uuid:row_id>/change", registers.change, name="register_change"),
    path("work/registers/rows/<uuid:row_id>/actions", registers.set_action, name="register_set_action"),
    path("work/registers/rows/<uuid:row_id>/evidence", registers.evidence, name="register_evidence"),
    path("work/registers/rows/<uuid:row_id>/close", registers.close, name="register_close"),
    path("work/registers/rows/<uuid:row_id>/reopening", registers.reopen, name="register_reopen"),
    path("work/registers/actions/<uuid:action_id>", registers.end_action, name="register_end_action"),
    path("work/registers/<slug:code>", registers.register, name="register"),
    path("work/registers/<slug:code>/new", registers.add, name="register_add"),
    path("work/registers/<slug:code>/report", registers.report, name="register_report"),
    path("work/registers/<slug:code>.csv", registers.export, name="register_csv"),
]
