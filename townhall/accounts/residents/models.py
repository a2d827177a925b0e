from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from townhall.core.ids import uuid7


class ResidentAccount(models.Model):
    """Somebody outside the council who signs in. Never staff: whose customer record it opens is kept in `customers`."""

    class Opened(models.TextChoices):
        SELF = "self"
        DESK = "desk"  # by staff, for somebody at a counter or on the phone
        FORM = "form"  # with a form, such as moving in
        PROVIDER = "provider"  # by signing in at an identity provider

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254)  # empty once closed
    name = models.TextField()
    password = models.TextField(blank=True, default="")  # a hash; empty: signs in with a passkey or a provider
    opened = models.TextField(choices=Opened.choices, default=Opened.SELF)
    opened_by = models.UUIDField(null=True)  # the member of staff who opened it
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], condition=Q(closed_at=None), name="resident_email_once"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="resident_email_in_lower_case"),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(email="", name=""), name="resident_closed_is_empty"),
        ]
        indexes = [models.Index(fields=["opened_at", "opened"], name="resident_opened")]


class ResidentSession(models.Model):
    """One sign-in. The browser's cookie holds a random token, of which only the hash is here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(ResidentAccount, on_delete=models.CASCADE, related_name="sessions")
    token_hash = models.TextField(unique=True)
    browser = models.TextField(blank=True, default="")
    how = models.TextField()  # password, code, passkey, register, or a provider's code
    is_strong = models.BooleanField(default=False)  # a second factor was shown
    is_shared = models.BooleanField(default=False)  # on a computer that others use: ends sooner
    acting_link_id = models.UUIDField(null=True)  # the customer they act for just now, by the link in `customers`
    provider_session = models.TextField(blank=True, default="")  # the provider's `sid`, for its back-channel logout
    started_at = models.DateTimeField()
    shown_at = models.DateTimeField()  # when they last proved who they are
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["account"], condition=Q(ended_at=None), name="resident_sessions_running")]


class ResidentStep(models.Model):
    """Something begun in one browser and waiting for its second half: a code from a mail, an app, a passkey or a provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.TextField(unique=True)  # the browser's cookie
    purpose = models.TextField()  # steps.Purpose
    account = models.ForeignKey(ResidentAccount, on_delete=models.CASCADE, null=True, related_name="+")
    email = models.TextField(blank=True, default="")
    code_hash = models.TextField(blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    data = models.JSONField(default=dict)
    expires_at = models.DateTimeField(db_index=True)
    done_at = models.DateTimeField(null=True)


class ResidentAuthenticator(models.Model):
    """The app that makes somebody's sign-in codes (TOTP, RFC 6238)."""

    account = models.OneToOneField(
        ResidentAccount, on_delete=models.CASCADE, primary_key=True, related_name="authenticator"
    )
    secret = models.TextField()  # sealed (sealing.py)
    confirmed_at = models.DateTimeField(null=True)  # until the first right code it does not count
    last_step = models.BigIntegerField(default=0)  # the step of the last code: none is taken twice


class ResidentRecoveryCode(models.Model):
    account = models.ForeignKey(ResidentAccount, on_delete=models.CASCADE, related_name="recovery_codes")
    number = models.PositiveSmallIntegerField()
    hash = models.TextField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "number"], name="resident_recovery_number")]


class Passkey(models.Model):
    """A WebAuthn credential: a device, a password manager or a security key that signs for its owner."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(ResidentAccount, on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.BinaryField(unique=True)
    credential = models.BinaryField()  # attested credential data, with the public key
    sign_count = models.BigIntegerField(default=0)
    name = models.TextField()  # as its owner calls it
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)


class ResidentIdentity(models.Model):
    """Who somebody is at an identity provider: its issuer and subject together, never an email address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(ResidentAccount, on_delete=models.CASCADE, related_name="identities")
    provider = models.TextField()  # its code in our settings
    issuer = models.TextField()
    subject = models.TextField()
    linked_at = models.DateTimeField()
    last_used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]


class SpentToken(models.Model):
    """The id of a provider's logout token that was acted on, so that it is not again."""

    key = models.TextField(primary_key=True)
    expires_at = models.DateTimeField()
