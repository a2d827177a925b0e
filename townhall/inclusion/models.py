"""Interpreters, sign-language video and text relay by site, rooms, other formats, standard lines, and ways in that are closed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.models import AccessNeed, Customer
from townhall.inclusion.states import BookingState, CallState, RequestState, RestrictionState
from townhall.places.models import Site


class InterpreterCall(models.Model):
    """An interpreter on the phone, in the conversation that is going on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)  # also the key of every call about it
    contact_id = models.UUIDField()
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True)
    language = models.TextField()  # BCP 47
    third_number = models.TextField(blank=True, default="")  # who joins as the third; empty: two on the line
    by = models.UUIDField()
    state = models.TextField(choices=CallState.choices, default=CallState.ASKED)
    asked_at = models.DateTimeField()
    connected_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    provider_id = models.TextField(blank=True, default="")
    join = models.TextField(blank=True, default="")  # what to dial
    cost_pence = models.PositiveIntegerField(null=True)
    next_look_at = models.DateTimeField(null=True)  # while the provider may still say more

    class Meta:
        indexes = [
            models.Index(fields=["contact_id"], name="interpreter_of_contact"),
            models.Index(fields=["next_look_at"], condition=Q(next_look_at__isnull=False), name="interpreter_to_look"),
            models.Index(fields=["asked_at"], name="interpreter_asked"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="interpreter_call", id=self.id)

    @property
    def seconds_to_connect(self) -> int | None:
        return round((self.connected_at - self.asked_at).total_seconds()) if self.connected_at else None


class InterpreterBooking(models.Model):
    """An interpreter or signer for a meeting: in an office, at somebody's home, on site, or for a survey."""

    class Kind(models.TextChoices):
        LANGUAGE = "language", _("Interpreter")
        BSL = "bsl", _("British Sign Language interpreter")
        LIP_SPEAKER = "lip_speaker", _("Lip speaker")
        DEAFBLIND = "deafblind_manual", _("Deafblind manual interpreter")
        SPEECH_TO_TEXT = "speech_to_text", _("Speech to text")

    class Where(models.TextChoices):
        OFFICE = "office", _("At an office")
        HOME = "home", _("At their home")
        SITE = "site", _("On site")
        SURVEY = "survey", _("For a survey")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="interpreter_bookings")
    kind = models.TextField(choices=Kind.choices)
    language = models.TextField(blank=True, default="")
    where = models.TextField(choices=Where.choices)
    place = models.TextField()
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    about = models.TextField(blank=True, default="")  # what for, in words
    state = models.TextField(choices=BookingState.choices, default=BookingState.ASKED)
    provider_id = models.TextField(blank=True, default="")
    interpreter = models.TextField(blank=True, default="")  # as the provider names them
    cost_pence = models.PositiveIntegerField(null=True)
    by = models.UUIDField()
    asked_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)  # while the provider has to answer
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "starts_at"], name="interpreter_for"),
            models.Index(fields=["starts_at"], name="interpreter_when"),
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="interpreter_to_try"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(kind="language") | ~Q(language=""), name="interpreter_of_a_language")
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="interpreter_booking", id=self.id)


class Relay(models.Model):
    """Sign-language video or text relay at one site, or everywhere: since when, and when it was made known."""

    class Kind(models.TextChoices):
        BSL = "bsl_vrs", _("Sign-language video")
        TEXT = "relay_text", _("Text relay")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)  # also the channel that contacts by it have
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True)  # none: by phone and from home
    link = models.TextField(blank=True, default="")  # where an interpreter is called up; text relay has none
    live_on = models.DateField()
    promoted_on = models.DateField(null=True)  # when people were told of it
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "site"], condition=Q(ended_on=None), nulls_distinct=False, name="relay_once_at_a_site"
            ),
            models.CheckConstraint(condition=~Q(kind="bsl_vrs") | ~Q(link=""), name="relay_video_has_a_link"),
        ]


class Room(models.Model):
    """A room that people are seen in, and which needs it meets."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    name = models.TextField()
    meets = ArrayField(models.TextField(choices=AccessNeed.Need.choices), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="room_once_at_a_site")]


class Version(models.Model):
    """A finished translation or other format, kept to be used again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.TextField()  # what it is of: "/services/bins", "leaflet:your-bins", "document:…"
    title = models.TextField()
    format = models.TextField()  # of languages.LANGUAGES or FORMATS
    words = models.TextField(blank=True, default="")
    file_id = models.UUIDField(null=True)
    link = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField()
    finished_by = models.UUIDField()
    outdated_at = models.DateTimeField(null=True)  # what it is of was changed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "format"], condition=Q(outdated_at=None), name="version_once"),
            models.CheckConstraint(
                condition=~Q(words="") | Q(file_id__isnull=False) | ~Q(link=""), name="version_has_something"
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="format_version", id=self.id)


class FormatRequest(models.Model):
    """Somebody wants a page, a letter or a leaflet in another language or format."""

    class What(models.TextChoices):
        PAGE = "page", _("A page of the website")
        LETTER = "letter", _("A letter")
        LEAFLET = "leaflet", _("A leaflet")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    what = models.TextField(choices=What.choices)
    source = models.TextField()  # as Version.source
    title = models.TextField()
    format = models.TextField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="format_requests")
    document_id = models.UUIDField(null=True)  # the letter, when it is one of ours
    contact_id = models.UUIDField(null=True)
    deliver_to = models.TextField(blank=True, default="")  # where it goes, for somebody without a record
    by_kind = models.TextField()
    by_id = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.TextField(choices=RequestState.choices, default=RequestState.ASKED)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, null=True)
    reason = models.TextField(blank=True, default="")  # why it is not made
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_on"], name="format_request_due"),
            models.Index(fields=["customer"], condition=Q(customer__isnull=False), name="format_request_of"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["document_id", "format"], condition=Q(document_id__isnull=False), name="format_of_letter_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("ready", "sent")) | Q(version__isnull=False),
                name="format_request_ready_has_version",
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="format_request", id=self.id)


class StandardLine(models.Model):
    """A line that prints on publications in one language: how to have this in yours."""

    language = models.TextField(primary_key=True)
    words = models.TextField()
    is_printed = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)


class RelayUse(models.Model):
    """Somebody at a desk called up sign-language video."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    relay = models.ForeignKey(Relay, on_delete=models.CASCADE, related_name="uses")
    contact_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["relay", "at"], name="relay_used")]


class Way(models.TextChoices):
    """A way in that can be closed for a service: the codes are those of the channels of contacts."""

    PHONE = "phone", _("Phone, with an adviser")
    PHONE_AUTOMATED = "phone_automated", _("Phone, automated line")
    COUNTER = "counter", _("Face to face")
    WEB = "web", _("Website")
    EMAIL = "email", _("Email")
    LETTER = "letter", _("Letter")
    TEXT = "text", _("Text message")
    API = "api", _("Another app or website")


class ChannelRestriction(models.Model):
    """A way in that is closed for one service. It is live only with an equality impact record, another way by name, and a review date."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_code = models.TextField()
    channel = models.TextField(choices=Way.choices)
    reason = models.TextField()  # as the public reads it
    impact = models.TextField(
        blank=True, default=""
    )  # the equality impact record: who loses by it, and what is done about that
    assessed_on = models.DateField(null=True)
    alternative = models.TextField(choices=Way.choices, blank=True, default="")
    alternative_words = models.TextField(blank=True, default="")  # how to use it: address or number
    review_on = models.DateField(null=True)
    state = models.TextField(choices=RestrictionState.choices, default=RestrictionState.DRAFT)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service_code", "channel"], condition=Q(state="live"), name="restriction_live_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="live")
                | (
                    ~Q(impact="")
                    & Q(assessed_on__isnull=False)
                    & ~Q(alternative="")
                    & ~Q(alternative_words="")
                    & Q(review_on__isnull=False)
                    & Q(live_at__isnull=False)
                ),
                name="restriction_live_is_whole",
            ),
            models.CheckConstraint(condition=~Q(alternative=models.F("channel")), name="restriction_other_way"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="channel_restriction", id=self.id)


class ChannelException(models.Model):
    """A customer who cannot use the ways that are open: the closed one stays open to them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    restriction = models.ForeignKey(ChannelRestriction, on_delete=models.PROTECT, related_name="exceptions")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="channel_exceptions")
    contact_id = models.UUIDField(null=True)  # the conversation in which it was granted
    why = models.TextField()
    until_on = models.DateField(null=True)  # the last day; none: as long as the way is closed
    granted_by = models.UUIDField()
    granted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "restriction"], name="channel_exception_of")]
