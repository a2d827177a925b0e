"""The addresses of the website's own figures and registers; a part of workspace.urls."""

from __future__ import annotations

from django.urls import path

from townhall.workspace.views import (
    website,
    website_availability,
    website_messages,
    website_pages,
    website_savings,
    website_tasks,
)

urlpatterns = [
    path("work/website", website.visits, name="website"),
    path("work/website/devices", website.devices, name="website_devices"),
    path("work/website/pages", website_pages.register, name="website_pages"),
    path("work/website/pages/<uuid:page_id>", website_pages.page, name="website_page"),
    path("work/website/messages", website_messages.listed, name="website_messages"),
    path("work/website/messages/<uuid:message_id>/approval", website_messages.approve, name="website_message_approve"),
    path("work/website/messages/<uuid:message_id>/end", website_messages.end, name="website_message_end"),
    path("work/website/tasks", website_tasks.listed, name="website_tasks"),
    path("work/website/tasks/<uuid:task_id>/end", website_tasks.drop, name="website_task_drop"),
    path("work/website/availability", website_availability.show, name="website_availability"),
    path("work/website/savings", website_savings.show, name="website_savings"),
    path("work/website/savings/costs", website_savings.costs, name="website_costs"),
]
