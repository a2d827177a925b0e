"""Figures of the website that name nobody, and what is kept beside them: the page register, key messages, key tasks, costs, probes."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class Source(models.TextChoices):
    """Where the reader of a page came from. The last three begin a visit."""

    HOME = "home", _("Our home page")
    INSIDE = "inside", _("Another of our pages")
    SEARCH = "search", _("A search engine")
    OTHER = "other", _("Another website")
    DIRECT = "direct", _("No link that we were told of")


ENTRIES = (Source.SEARCH, Source.OTHER, Source.DIRECT)


class PageView(models.Model):
    """How often a page was opened on one day, by where its readers came from."""

    on = models.DateField()
    page = (
        models.TextField()
    )  # the page's name, "portal:contact" or "portal:service/pothole": never an address as it was typed
    source = models.TextField(choices=Source.choices)
    is_bot = models.BooleanField(default=False)
    views = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "page", "source", "is_bot"], name="pageview_once_a_day")]


class BrowserView(models.Model):
    """With what pages were opened on one day. Robots are left out."""

    on = models.DateField()
    device = models.TextField()  # visitors.DEVICES
    family = models.TextField()  # of browsers: "Chrome"
    width = models.TextField(blank=True, default="")  # visitors.WIDTHS; empty: the pages opened, whatever the width
    views = models.BigIntegerField(default=0)  # pages; with a width, browsers that showed a page in it that day

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["on", "device", "family", "width"], name="browserview_once_a_day")
        ]


class Page(models.Model):
    """A page of the public site in the register: what kind it is, who answers for it and when it is looked at again."""

    class Kind(models.TextChoices):
        TRANSACTION = "transaction", _("Transaction")
        INFORMATION = "information", _("Information")
        NEWS = "news", _("News")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField(unique=True)  # as in PageView.page
    title = models.TextField()
    path = models.TextField()  # where it is, with gaps as in the table of addresses
    kind = models.TextField(choices=Kind.choices)
    owner_post_id = models.UUIDField(null=True)
    review_on = models.DateField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.TextField(blank=True, default="")
    overdue_at = models.DateTimeField(null=True)  # since when its owner was told that the review is late
    first_seen_on = models.DateField()
    gone_on = models.DateField(null=True)  # no longer a page of the site

    class Meta:
        indexes = [models.Index(fields=["review_on"], condition=Q(gone_on__isnull=True), name="page_review")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="page", id=self.id)


class PageMix(models.Model):
    """How many pages of each kind the site had on a day: its total and mix over time."""

    on = models.DateField()
    kind = models.TextField(choices=Page.Kind.choices)
    pages = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "kind"], name="pagemix_once_a_day")]


class KeyMessage(models.Model):
    """What every visitor should know just now, on every public page but inside a journey."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        ENDED = "ended", _("Taken down")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    words = models.TextField()
    link = models.TextField(blank=True, default="")  # a path of this site
    link_words = models.TextField(blank=True, default="")
    from_on = models.DateField()
    until_on = models.DateField()  # the last day it shows
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    written_by = models.TextField()
    written_at = models.DateTimeField()
    approved_by = models.TextField(blank=True, default="")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="keymessage_ends_after_it_begins"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False), name="keymessage_approved_at_some_time"
            ),
        ]
        indexes = [models.Index(fields=["until_on"], condition=Q(state="approved"), name="keymessage_shown")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="key_message", id=self.id)


class KeyTask(models.Model):
    """Something people come for, with the most pages and clicks that it may take."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_code = models.TextField(unique=True)
    most_pages = models.PositiveIntegerField()
    most_clicks = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)  # among the links to main tasks
    is_linked = models.BooleanField(default=True)  # on every public page

    @property
    def subject(self) -> Subject:
        return Subject(kind="key_task", id=self.id)


class TaskChange(models.Model):
    """A key task that grew longer, and why it was published all the same."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_code = models.TextField()
    pages_before = models.PositiveIntegerField()
    pages_after = models.PositiveIntegerField()
    clicks_before = models.PositiveIntegerField()
    clicks_after = models.PositiveIntegerField()
    most_pages = models.PositiveIntegerField()
    most_clicks = models.PositiveIntegerField()
    reason = models.TextField()
    by_kind = models.TextField()
    by_id = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(F("at").desc(), name="taskchange_newest")]


class UnitCost(models.Model):
    """What one of something costs, from a day on."""

    class What(models.TextChoices):
        FORM = "form", _("One printed form")
        LETTER = "letter", _("One letter with its post")
        MINUTE = "minute", _("One minute of handling")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    what = models.TextField(choices=What.choices)
    from_on = models.DateField()
    pence = models.DecimalField(max_digits=9, decimal_places=2)
    source = models.TextField()  # where the figure comes from
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["what", "from_on"], name="unitcost_once_a_day"),
            models.CheckConstraint(condition=Q(pence__gte=0), name="unitcost_not_negative"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="unit_cost", id=self.id)


class FormSaving(models.Model):
    """What one form sent online does away with, from a day on. An empty form_code: every form that has no row of its own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    form_code = models.TextField(blank=True)
    from_on = models.DateField()
    printed_forms = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    letters = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    minutes_before = models.DecimalField(max_digits=7, decimal_places=2)  # handling one on paper
    minutes_now = models.DecimalField(max_digits=7, decimal_places=2)
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form_code", "from_on"], name="formsaving_once_a_day")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="form_saving", id=self.id)


class Probe(models.Model):
    """One minute's look at the account from outside: whether its sign-in page came, and in what time."""

    minute = models.DateTimeField(primary_key=True)
    is_up = models.BooleanField()
    ms = models.IntegerField(null=True)  # until the sign-in page was there; null when it never came
    note = models.TextField(blank=True, default="")  # what was wrong

    class Meta:
        indexes = [models.Index(fields=["minute"], condition=Q(is_up=True), name="probe_up")]


class PlannedWork(models.Model):
    """A time announced beforehand in which the account may be away."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    why = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()  # when it was announced

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="plannedwork_takes_time"),
            models.CheckConstraint(condition=Q(from_at__gte=F("at")), name="plannedwork_announced_before"),
        ]
        indexes = [models.Index(fields=["from_at"], name="plannedwork_from")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="planned_work", id=self.id)
