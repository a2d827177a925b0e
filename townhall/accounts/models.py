from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from townhall.accounts.residents import models as residents  # noqa: F401 - its tables are of this app
from townhall.core.ids import uuid7


class Role(models.TextChoices):
    """What a post may do. `permissions.py` says what each role allows."""

    ADVISER = "adviser", _("Adviser")
    RECEPTIONIST = "receptionist", _("Receptionist")
    OFFICER = "officer", _("Officer")
    TEAM_MANAGER = "team_manager", _("Team manager")
    SENIOR_MANAGER = "senior_manager", _("Senior manager")
    PORTFOLIO_HOLDER = "portfolio_holder", _("Portfolio holder")
    DATA_PROTECTION_OFFICER = "data_protection_officer", _("Data protection officer")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")
    CONTRACTOR = "contractor", _("Contractor")
    FINANCE = "finance", _("Finance officer")
    PARTNER = "partner", _("Partner")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who signs in. What they may do follows from the posts they hold, never from the user."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True, max_length=254)
    name = models.TextField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_in_lower_case")]

    def get_full_name(self) -> str:
        return self.name


class Team(models.Model):
    class Kind(models.TextChoices):
        COUNCIL = "council"
        CONTRACTOR = "contractor"
        PARTNER = "partner"  # a body that shares a building or a phone line with the council

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(unique=True)
    name = models.TextField()
    kind = models.TextField(choices=Kind.choices, default=Kind.COUNCIL)
    email = models.EmailField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)


class Post(models.Model):
    """A role in a team, held by people over time, so that leave and leavers never orphan work."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(unique=True)
    title = models.TextField()  # for example "Street cleansing duty officer"
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="posts")
    role = models.TextField(choices=Role.choices)
    site_code = models.TextField(blank=True, default="", db_default="")  # where it works; empty: at every site
    is_active = models.BooleanField(default=True)


class PostHolder(models.Model):
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holders")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts_held")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)  # last day held

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "user"], condition=models.Q(until_on__isnull=True), name="held_once_at_a_time"
            )
        ]


class StaffSession(models.Model):
    """One sign-in, from its second factor to its end. The browser's session holds its id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_sessions")
    browser = models.TextField(
        blank=True, default=""
    )  # as it calls itself, so that people recognise their own sessions
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(blank=True, default="")  # signed_out, ended, password, disabled …

    class Meta:
        indexes = [models.Index(fields=["user"], condition=models.Q(ended_at=None), name="accounts_sessions_running")]


class Authenticator(models.Model):
    """The app on somebody's phone that makes their sign-in codes (TOTP, RFC 6238)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="authenticator")
    secret = models.TextField()  # encrypted (secrets.py)
    confirmed_at = models.DateTimeField(null=True)  # set by the first right code; until then it does not count
    last_step = models.BigIntegerField(default=0)  # the 30-second step of the last code used: none is taken twice


class RecoveryCode(models.Model):
    """A code to sign in with when the phone is gone. Shown once, kept as a hash, used once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    number = models.PositiveSmallIntegerField()  # its first part, so that only one hash need be tried
    hash = models.TextField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "number"], name="recovery_code_number")]


class SetUpLink(models.Model):
    """A link that lets somebody choose their first password, or a new one. Works once, for a few days."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="set_up_links")
    token_hash = models.TextField(unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Throttle(models.Model):
    """Attempts at something in the window that began at `started_at`. The key is a keyed hash: no address is kept."""

    key = models.TextField(primary_key=True)
    started_at = models.DateTimeField()
    attempts = models.PositiveIntegerField()


class ApiKey(models.Model):
    """Another system's way in. The key itself is shown once, when it is made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField()
    prefix = models.TextField()  # the key's first characters, to tell keys apart on screen
    hash = models.TextField(unique=True)  # SHA-256 of the whole key: it is long and random
    scopes = ArrayField(models.TextField(), default=list)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="api_keys")
    rate_per_minute = models.PositiveIntegerField(default=600)  # for each web process
    is_active = models.BooleanField(default=True)
    last_used_at = models.DateTimeField(null=True)  # to a quarter of an hour
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
