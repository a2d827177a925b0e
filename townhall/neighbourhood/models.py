from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class Round(models.Model):
    """A bin round: a stream collected on a weekday, every so many weeks."""

    code = models.SlugField(primary_key=True)
    stream = models.TextField()  # refuse, recycling, garden, food
    weekday = models.SmallIntegerField()  # 0 is Monday
    every_weeks = models.SmallIntegerField(default=1)
    first_on = models.DateField()  # a collection day, from which the weeks are counted
    ends_at = models.TimeField()  # when the crew is normally finished
    report_days = models.SmallIntegerField(default=2)  # working days after the collection to report a miss
    service_code = models.TextField(default="missed-bin")  # the service under which a miss is reported


class RoundChange(models.Model):
    """A collection moved (bank holidays) or cancelled."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE)
    from_on = models.DateField()
    to_on = models.DateField(null=True)  # null: cancelled
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "from_on"], name="round_changed_once")]


class AddressRound(models.Model):
    id = models.BigAutoField(primary_key=True)
    uprn = models.TextField(db_index=True)
    usrn = models.TextField(blank=True, default="")
    round = models.ForeignKey(Round, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["uprn", "round"], name="address_on_round_once")]


class CrewEvent(models.Model):
    """What the crew reported from the round: a bin not presented, a street blocked, or the round completed."""

    class Kind(models.TextChoices):
        COMPLETED = "completed", _("The round was finished")
        NOT_PRESENTED = "not_presented", _("The bin was not out")
        CONTAMINATED = "contaminated", _("The bin had the wrong things in it")
        EXCESS_WASTE = "excess_waste", _("The lid was open or there were bags beside the bin")
        TOO_HEAVY = "too_heavy", _("The bin was too heavy to lift")
        DAMAGED = "damaged", _("The bin was damaged")
        BLOCKED = "blocked", _("The lorry could not get past parked vehicles")
        ROADWORKS = "roadworks", _("The road was closed")
        LOCKED = "locked", _("A gate or store was locked")
        BREAKDOWN = "breakdown", _("The lorry broke down")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE)
    on = models.DateField()
    at = models.DateTimeField()
    kind = models.TextField(choices=Kind.choices)
    uprn = models.TextField(blank=True, default="")  # one address, or
    usrn = models.TextField(blank=True, default="")  # one street, or neither: the whole round
    detail = models.TextField(blank=True, default="")
    return_on = models.DateField(null=True)  # when the crew will come back
    event_id = models.TextField(blank=True, default="")  # the sender's own id, so that twice is once

    class Meta:
        indexes = [models.Index(fields=["round", "on"])]
        constraints = [
            models.UniqueConstraint(fields=["event_id"], condition=~models.Q(event_id=""), name="crew_event_once")
        ]


class Incident(models.Model):
    """Something the council already knows about an address, a street, a round or an area, told before anybody asks."""

    class Scope(models.TextChoices):
        ADDRESS = "address", _("One address")
        STREET = "street", _("A street")
        ROUND = "round", _("A bin round")
        AREA = "area", _("A ward")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_code = models.TextField()
    scope = models.TextField(choices=Scope.choices)
    scope_code = models.TextField()  # uprn, usrn, round code or ward code
    title = models.TextField()
    message = models.TextField()  # what residents are told
    reason = models.TextField(blank=True, default="")  # the crew's reason
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    posted_by = models.TextField()
    posted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # somebody said that it is over
    told = models.IntegerField(default=0)  # subscribers told when it was posted

    class Meta:
        indexes = [models.Index(fields=["scope", "scope_code", "starts_at"], name="incident_scope")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="incident", id=self.id)


class Subscription(models.Model):
    """Somebody who asked to be told about incidents at an address, a street, on a round or in an area.

    An address also hears of its street, its rounds and its area.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_code = models.TextField(blank=True, default="")  # empty: every service
    scope = models.TextField(choices=Incident.Scope.choices)
    scope_code = models.TextField()
    usrn = models.TextField(blank=True, default="", db_index=True)  # of an address
    area_code = models.TextField(blank=True, default="", db_index=True)  # ward of an address or street
    name = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    customer_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["scope", "scope_code"], name="subscription_scope"),
            models.Index(
                fields=["customer_id"], condition=models.Q(customer_id__isnull=False), name="subscription_customer"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "scope_code", "service_code", "email"],
                condition=~models.Q(email="") & models.Q(ended_at__isnull=True),
                name="subscribed_once_by_email",
            )
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="subscription", id=self.id)


class Collections(models.Model):
    """When an address's bins are emptied, as the waste system publishes it; goes before what its rounds say."""

    uprn = models.TextField(primary_key=True)
    source = models.TextField()
    bins = models.JSONField()  # list of {"stream", "on"} in order of date; ISO dates
    fetched_at = models.DateTimeField()  # when it last said something new


class Proposal(models.Model):
    """What somebody asks leave for near by: a planning, building control or licensing application."""

    class Kind(models.TextChoices):
        PLANNING = "planning", _("Planning")
        BUILDING_CONTROL = "building-control", _("Building control")
        LICENSING = "licensing", _("Licensing")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    reference = models.TextField()  # as the department writes it, such as 26/00123/FUL
    description = models.TextField(blank=True, default="")
    location = models.TextField(blank=True, default="")
    category = models.TextField(blank=True, default="")  # in the source's words, such as "Householder"
    status = models.TextField(blank=True, default="")  # in the source's words
    is_open = models.BooleanField()  # not decided and not withdrawn
    decision = models.TextField(blank=True, default="")
    received_on = models.DateField(null=True)
    comment_from_on = models.DateField(null=True)
    comment_until_on = models.DateField(null=True)
    target_on = models.DateField(null=True)  # by when it is to be decided
    decided_on = models.DateField(null=True)
    responses_for = models.IntegerField(null=True)
    responses_against = models.IntegerField(null=True)
    url = models.TextField(blank=True, default="")  # the papers, in the source
    uprn = models.TextField(blank=True, default="")
    easting = models.IntegerField(null=True)
    northing = models.IntegerField(null=True)
    ward_code = models.TextField(blank=True, default="", db_index=True)
    search_text = models.TextField(blank=True, default="")  # folded
    source = models.TextField()
    first_seen_at = models.DateTimeField()
    updated_at = models.DateTimeField()  # when what is said here last changed

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "reference"], name="proposal_once")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="proposal", id=self.id)


class ProposalComment(models.Model):
    """What somebody says of a proposal: goes to the officer; the public sees it with its writer's leave once staff have read it."""

    class Stance(models.TextChoices):
        OBJECT = "object", _("Objects")
        SUPPORT = "support", _("Supports")
        NEUTRAL = "neutral", _("Neither objects nor supports")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be read")
        PUBLISHED = "published", _("Published")
        KEPT = "kept", _("Kept with the application, not published")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="comments")
    stance = models.TextField(choices=Stance.choices)
    text = models.TextField()
    name = models.TextField()
    address = models.TextField()
    email = models.TextField(blank=True, default="")
    may_publish = models.BooleanField()  # the name and the words, never the address
    state = models.TextField(choices=State.choices, default=State.WAITING)
    reason = models.TextField(blank=True, default="")  # staff's, for keeping it unpublished
    received_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["state", "received_at"], name="comment_waiting"),
            models.Index(fields=["proposal", "state", "received_at"], name="comment_shown"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="proposal_comment", id=self.id)


class ProposalFollower(models.Model):
    """Somebody who is told when a proposal moves on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="followers")
    email = models.TextField()
    customer_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "email"], condition=models.Q(ended_at__isnull=True), name="proposal_followed_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["customer_id"], condition=models.Q(customer_id__isnull=False), name="proposal_customer"
            )
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="proposal_follower", id=self.id)


class Event(models.Model):
    """Something that happens near by: a meeting, a market, a walk."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.TextField()
    external_id = models.TextField()
    title = models.TextField()
    description = models.TextField(blank=True, default="")
    location = models.TextField(blank=True, default="")
    url = models.TextField(blank=True, default="")
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField(null=True)
    easting = models.IntegerField(null=True)
    northing = models.IntegerField(null=True)
    ward_code = models.TextField(blank=True, default="")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="event_once")]


class Councillor(models.Model):
    """Who represents a ward."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    external_id = models.TextField(unique=True)
    name = models.TextField()
    party = models.TextField(blank=True, default="")
    ward_code = models.TextField(db_index=True)
    email = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    url = models.TextField(blank=True, default="")  # their page, in the council's committee system
    photo_url = models.TextField(blank=True, default="")
    term_ends_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)  # no councillor any more, as the list no longer has them
    updated_at = models.DateTimeField()
