"""Telepresence: which places and services have it, and each session."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from townhall.accounts.models import User
from townhall.contacts.models import Contact
from townhall.core.ids import uuid7
from townhall.customers.models import Customer
from townhall.places.models import Site


class VideoPlace(models.Model):
    """A place where somebody can sit before a camera, and the services that answer there. Switched on by configuration."""

    site = models.OneToOneField(Site, on_delete=models.PROTECT, primary_key=True, related_name="+")
    services = ArrayField(models.TextField(), default=list)
    is_on = models.BooleanField(default=True)


class VideoSession(models.Model):
    """One conversation by video. The contact is wrapped up like any other."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    service_code = models.TextField()
    adviser = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    room = models.TextField(unique=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")), name="video_session_order"
            )
        ]
        indexes = [
            models.Index(fields=["started_at"], name="video_session_started"),
            models.Index(fields=["adviser"], condition=Q(ended_at=None), name="video_session_open"),
        ]
