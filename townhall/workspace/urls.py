from __future__ import annotations

from townhall.workspace import (
    admin_urls,
    admission_urls,
    benefit_urls,
    case_urls,
    complaint_urls,
    desk_urls,
    duplicate_urls,
    engagement_urls,
    form_urls,
    governance_urls,
    inclusion_urls,
    knowledge_urls,
    mail_urls,
    money_urls,
    people_urls,
    permit_urls,
    phone_urls,
    safety_urls,
    website_urls,
    writing_urls,
)
from townhall.workspace.outreach_urls import urlpatterns as outreach_urlpatterns
from townhall.workspace.register_urls import urlpatterns as register_urlpatterns

app_name = "workspace"
urlpatterns = [
    *case_urls.urlpatterns,
    *writing_urls.urlpatterns,
    *desk_urls.urlpatterns,
    *duplicate_urls.urlpatterns,
    *admin_urls.urlpatterns,
    *money_urls.urlpatterns,
    *form_urls.urlpatterns,
    *engagement_urls.urlpatterns,
    *benefit_urls.urlpatterns,
    *permit_urls.urlpatterns,
    *admission_urls.urlpatterns,
    *website_urls.urlpatterns,
    *mail_urls.urlpatterns,
    *inclusion_urls.urlpatterns,
    *people_urls.urlpatterns,
    *safety_urls.urlpatterns,
    *governance_urls.urlpatterns,
    *phone_urls.urlpatterns,
    *complaint_urls.urlpatterns,
    *knowledge_urls.urlpatterns,
    *register_urlpatterns,
    *outreach_urlpatterns,
]
