from __future__ import annotations

from django.urls import path

from townhall.workspace.views import assessments, freedom, retention, subject_access, unusual_looks

urlpatterns = [
    path("work/retention", retention.rules_page, name="retention"),
    path("work/retention/holds", retention.holds, name="retention_holds"),
    path("work/retention/holds/<uuid:hold_id>/end", retention.end, name="retention_hold_end"),
    path("work/retention/set-aside/<uuid:set_aside_id>/again", retention.again, name="retention_again"),
    path("work/retention/preview/<slug:record_type>", retention.preview, name="retention_preview"),
    path("work/subject-access", subject_access.listed, name="subject_requests"),
    path("work/subject-access/customers/<uuid:customer_id>", subject_access.begin, name="subject_request_begin"),
    path("work/subject-access/<uuid:request_id>", subject_access.review, name="subject_request"),
    path("work/subject-access/<uuid:request_id>/decision", subject_access.decide, name="subject_request_decide"),
    path("work/subject-access/<uuid:request_id>/answer", subject_access.answer, name="subject_request_answer"),
    path("work/subject-access/<uuid:request_id>/file.json", subject_access.as_json, name="subject_request_file"),
    path("work/subject-access/<uuid:request_id>/<slug:step>", subject_access.step, name="subject_request_step"),
    path("work/freedom", freedom.listed, name="freedom"),
    path("work/freedom/<uuid:request_id>", freedom.show, name="freedom_request"),
    path("work/freedom/<uuid:request_id>/withdrawal", freedom.withdraw, name="freedom_withdraw"),
    path("work/assessments", assessments.listed, name="assessments"),
    path("work/assessments/<uuid:assessment_id>/signature", assessments.sign, name="assessment_sign"),
    path("work/audit/unusual", unusual_looks.listed, name="unusual_looks"),
    path("work/audit/unusual.csv", unusual_looks.as_csv, name="unusual_looks_csv"),
    path("work/audit/unusual/<uuid:look_id>/question", unusual_looks.ask, name="look_ask"),
    path("work/audit/questions/<uuid:question_id>", unusual_looks.close, name="look_close"),
    path("work/looks", unusual_looks.mine, name="my_looks"),
    path("work/looks/<uuid:question_id>", unusual_looks.explain, name="look_explain"),
]
