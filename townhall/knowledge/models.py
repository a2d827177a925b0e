"""What the council knows and says: entries with versions, what is asked to be put right, and who else deals with what."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.knowledge.states import ChangeState, TaskState, VersionState
from townhall.registers.models import Row


class Kind(models.TextChoices):
    ARTICLE = "article", _("Article")
    REPLY = "reply", _("Approved reply")
    PROCEDURE = "procedure", _("Procedure")
    TRAINING = "training", _("Training note")
    SCRIPT = "script", _("Script")


class Audience(models.TextChoices):
    PUBLIC = "public", _("Everybody")
    STAFF = "staff", _("Staff only")


class Entry(models.Model):
    """Something written down once for everybody: its words in use, who answers for them and when they are read again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(max_length=80, unique=True)
    kind = models.TextField(choices=Kind.choices)
    title = models.TextField()
    body = models.TextField(
        blank=True, default=""
    )  # in use: Markdown, or a script's YAML; empty until the first approval
    version = models.PositiveIntegerField(default=0)  # in use; 0 until the first approval
    audience = models.TextField(choices=Audience.choices, default=Audience.STAFF)
    service_codes = ArrayField(models.TextField(), default=list, blank=True)  # what it is about; empty: anything
    topic = models.TextField(blank=True, default="")  # of a reply: what customers ask, in a line
    keywords = ArrayField(models.TextField(), default=list, blank=True)
    form_code = models.TextField(blank=True, default="")  # the form that opens from it
    owner_post_id = models.UUIDField(null=True)
    client_team_id = models.UUIDField(null=True)  # the service it describes, which signs it off
    review_on = models.DateField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.TextField(blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()  # when what is in use changed last

    class Meta:
        indexes = [models.Index(fields=["kind", "title"], name="knowledge_list")]
        constraints = [
            models.CheckConstraint(condition=Q(version=0) | ~Q(body=""), name="knowledge_in_use_says_something")
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="knowledge", id=self.id)

    @property
    def is_live(self) -> bool:
        return self.version > 0 and self.withdrawn_at is None


class Version(models.Model):
    """An entry as somebody wrote it. What was in use on a day can always be read again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.TextField()
    body = models.TextField()
    note = models.TextField(blank=True, default="")  # what is different and why
    state = models.TextField(choices=VersionState.choices, default=VersionState.DRAFT)
    written_at = models.DateTimeField()
    written_by = models.TextField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")  # never who wrote it
    decision = models.TextField(blank=True, default="")  # what the second person said

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="knowledge_version_once"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state__in=["draft", "offered"]), name="knowledge_one_in_hand"
            ),
            models.UniqueConstraint(fields=["entry"], condition=Q(state="approved"), name="knowledge_one_in_use"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "replaced"])
                | (Q(decided_at__isnull=False) & ~Q(decided_by=models.F("written_by"))),
                name="knowledge_second_person",
            ),
        ]


class Change(models.Model):
    """A change of law, or a new service: what has to be ready, by one day, before it goes live."""

    class Why(models.TextChoices):
        LAW = "law", _("Change of law")
        SERVICE = "service", _("New service")
        POLICY = "policy", _("Change of policy")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.TextField()
    why = models.TextField(choices=Why.choices)
    words = models.TextField(blank=True, default="")
    service_codes = ArrayField(models.TextField(), default=list, blank=True)
    owner_post_id = models.UUIDField(null=True)
    ready_on = models.DateField()  # everything is done by then
    state = models.TextField(choices=ChangeState.choices, default=ChangeState.PREPARING)
    opened_at = models.DateTimeField()
    opened_by = models.TextField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["state", "ready_on"], name="knowledge_changes")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="knowledge_change", id=self.id)


class Part(models.TextChoices):
    """What a change may touch."""

    TRAINING = "training", _("Training")
    SCRIPTS = "scripts", _("Scripts")
    FORMS = "forms", _("Forms")
    PAGES = "pages", _("Pages")
    LETTERS = "letters", _("Letters")


class Task(models.Model):
    """Something about what we say that somebody is to put right, by a day. Its clock tells the owner."""

    class Why(models.TextChoices):
        UNCLEAR = "unclear", _("It is unclear")
        WRONG = "wrong", _("It is wrong")
        MISSING = "missing", _("Nothing is found")
        CHANGE = "change", _("It has to change")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    about_kind = (
        models.TextField()
    )  # "knowledge", "service", "form", "page", "document", "referral", "search" or "change"
    about_key = models.TextField(blank=True, default="")  # its code, or its path for a page
    title = models.TextField()  # of what it is about, as it was then
    path = models.TextField(blank=True, default="")  # where that is read
    why = models.TextField(choices=Why.choices)
    words = models.TextField(blank=True, default="")
    change = models.ForeignKey(Change, on_delete=models.CASCADE, null=True, related_name="tasks")
    part = models.TextField(choices=Part.choices, blank=True, default="")
    owner_post_id = models.UUIDField(null=True)
    due_on = models.DateField()
    state = models.TextField(choices=TaskState.choices, default=TaskState.OPEN)
    opened_at = models.DateTimeField()
    opened_by_kind = models.TextField()
    opened_by = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")
    answer = models.TextField(blank=True, default="")  # what was done, or why not

    class Meta:
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(state="open"), name="knowledge_tasks_due"),
            models.Index(fields=["about_kind", "about_key"], name="knowledge_tasks_about"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="knowledge_task", id=self.id)


class Citation(models.Model):
    """A case or complaint that names a task's fault as its cause."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="citations")
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    reference = models.TextField()  # as people know it
    cited_at = models.DateTimeField()
    cited_by = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "subject_kind", "subject_id"], name="knowledge_cited_once")
        ]
        indexes = [models.Index(fields=["subject_id"], name="knowledge_cited_by")]


class Synonyms(models.Model):
    """Words that mean the same to a search, in lower case; a phrase counts as one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    words = ArrayField(models.TextField())
    changed_at = models.DateTimeField()
    changed_by = models.TextField()


class Missed(models.Model):
    """What somebody searched for and did not find. Only words: whatever looks like a number or an address is left out."""

    class Door(models.TextChoices):
        PUBLIC = "public", _("Public")
        STAFF = "staff", _("Staff")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    words = models.TextField()
    door = models.TextField(choices=Door.choices)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["words", "door"], name="knowledge_missed_once")]
        indexes = [
            models.Index(fields=["-times", "-last_at"], condition=Q(settled_at=None), name="knowledge_missed_list")
        ]


class Run(models.Model):
    """A script being gone through in one conversation: the answers so far, in order."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="runs")
    version = models.PositiveIntegerField()
    about_kind = models.TextField()  # "contact"
    about_id = models.UUIDField()
    answers: models.JSONField[list[list[str]], list[list[str]]] = models.JSONField(
        default=list
    )  # [step, answer] in order
    by = models.TextField()
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "about_kind", "about_id"], name="knowledge_run_once")]
        indexes = [models.Index(fields=["about_id"], name="knowledge_runs_of")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="knowledge_run", id=self.id)


class Handout(models.Model):
    """A script given to an outside answering service: whoever has the secret reads what is in use."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="handouts")
    name = models.TextField()  # of the answering service
    token_hash = models.TextField(unique=True)
    made_at = models.DateTimeField()
    made_by = models.TextField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True)
    seen = models.PositiveIntegerField(default=0)
    last_seen_at = models.DateTimeField(null=True)

    @property
    def subject(self) -> Subject:
        return Subject(kind="knowledge_handout", id=self.id)


class Referral(models.Model):
    """Who deals with what outside the council's own services, and when they can be reached."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField()
    deals_with = models.TextField()
    keywords = ArrayField(models.TextField(), default=list, blank=True)
    service_codes = ArrayField(
        models.TextField(), default=list, blank=True
    )  # our services it stands in for; empty: none
    phone = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    link = models.TextField(blank=True, default="")
    hours = models.TextField(blank=True, default="")  # as hours.py reads them; empty: not known
    owner_post_id = models.UUIDField(null=True)
    review_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["name"], condition=Q(ended_at=None), name="knowledge_referrals")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="knowledge_referral", id=self.id)


class Copies(models.Model):
    """A site that holds a leaflet or poster: which version its racks were last seen to hold."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    row = models.ForeignKey(Row, on_delete=models.CASCADE, related_name="copies")
    site_code = models.SlugField()
    version = models.TextField(blank=True, default="")  # empty: not looked at yet
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["row", "site_code"], name="knowledge_copies_once")]


class Link(models.Model):
    """An address that our pages, or somebody else's about us, lead to; how it was when it was looked at last."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    url = models.TextField(unique=True)
    next_at = models.DateTimeField(null=True)  # null: not looked at any more
    checked_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP
    fault = models.TextField(blank=True, default="")  # a code of links.FAULTS; empty: none
    failures = models.PositiveSmallIntegerField(default=0)  # one after the other

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="knowledge_links_due")]


class LinkPlace(models.Model):
    """Where a link stands: a page of ours, or an outside listing (a row of its register)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="places")
    kind = models.TextField()  # "page" or "listing"
    key = models.TextField()  # the page's name, or the row's id
    title = models.TextField()
    path = models.TextField()
    owner = models.TextField(blank=True, default="")  # code of the post that answers for the page
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "kind", "key"], name="knowledge_link_place_once")]
        indexes = [models.Index(fields=["kind", "key"], name="knowledge_links_of")]


from townhall.knowledge import published_models  # noqa: E402, F401 - its tables are of this app
