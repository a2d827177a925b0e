from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from townhall.core.ids import uuid7


class Role(models.TextChoices):
    """What a post may do. `permissions.py` says what each role allows."""

    ADVISER = "adviser"
    RECEPTIONIST = "receptionist"
    OFFICER = "officer"
    TEAM_MANAGER = "team_manager"
    SENIOR_MANAGER = "senior_manager"
    PORTFOLIO_HOLDER = "portfolio_holder"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    CONTRACTOR = "contractor"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in. What they may do follows from the posts they hold, never from the user."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True, max_length=254)
    name = models.TextField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]


class Team(models.Model):
    class Kind(models.TextChoices):
        COUNCIL = "council"
        CONTRACTOR = "contractor"

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
