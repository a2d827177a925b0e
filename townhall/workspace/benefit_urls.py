from __future__ import annotations

from django.urls import path

from townhall.workspace.views import benefit_rules, benefits

urlpatterns = [
    path("work/benefits", benefits.register, name="benefits"),
    path("work/benefits/rules/<slug:form_code>", benefit_rules.edit, name="benefit_rules"),
    path("work/benefits/rules/<slug:form_code>/publish", benefit_rules.publish, name="benefit_publish"),
    path("work/benefits/<str:reference>", benefits.claim, name="benefit"),
    path("work/benefits/<str:reference>/again", benefits.again, name="benefit_again"),
]
