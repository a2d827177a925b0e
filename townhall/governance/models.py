"""How long records are kept and what holds them; requests for records and for information; assessments; questions about looks."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.cases.models import Case
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.models import Customer
from townhall.governance.states import FreedomState, QuestionState, SubjectState


class RetentionRule(models.Model):
    """How long one type of record is kept after it is over. The newest version holds; the proofs name the earlier ones."""

    class Action(models.TextChoices):
        ANONYMISE = "anonymise", _("Anonymise")
        DELETE = "delete", _("Delete")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_type = models.TextField()  # a code of retention.records
    outcome = models.TextField(blank=True, default="")  # of the record; empty: every outcome without a rule of its own
    version = models.PositiveIntegerField()
    months = models.PositiveSmallIntegerField()
    why = models.TextField()
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_type", "outcome", "version"], name="retention_rule_version"),
            models.CheckConstraint(condition=Q(months__gte=1) & ~Q(why=""), name="retention_rule_whole"),
        ]


class Hold(models.Model):
    """Nothing about this customer, or of this case, is removed while it holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    why = models.TextField()
    until_on = models.DateField(null=True)  # the last day; without one until somebody ends it
    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False, case__isnull=True) | Q(customer__isnull=True, case__isnull=False),
                name="hold_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="hold_says_why"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="retention_hold", id=self.id)


class Erasure(models.Model):
    """Proof of what was removed: what, when, by which version of which rule, and how many. Nothing of whom it was about."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_type = models.TextField()
    outcome = models.TextField(blank=True, default="")  # of the rule
    rule_version = models.PositiveIntegerField()
    months = models.PositiveSmallIntegerField()
    action = models.TextField(choices=RetentionRule.Action.choices)
    rows = models.PositiveIntegerField()
    ended_first = models.DateTimeField()  # when the earliest of them was over
    ended_last = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="erasure_newest")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="erasure", id=self.id)


class RetentionPlace(models.Model):
    """How far a rule is in one night: rows up to `after` were looked at, so that a batch goes on where the last one ended."""

    record_type = models.TextField()
    outcome = models.TextField(blank=True, default="")
    on = models.DateField()  # the night's council date
    after = models.UUIDField(null=True)  # the last row that was taken; none before the first
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_type", "outcome"], name="retention_place_once")]


class SetAside(models.Model):
    """A record that could not be removed: left for somebody to look at, so that it holds up none behind it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_type = models.TextField()
    record_id = models.UUIDField()
    why = models.TextField()  # the kind of fault, as the program calls it
    at = models.DateTimeField()
    tried_again_at = models.DateTimeField(null=True)  # somebody has put it right: the next night takes it again
    tried_again_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_type", "record_id"], condition=Q(tried_again_at=None), name="set_aside_once"
            )
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="retention_set_aside", id=self.id)


class SubjectRequest(models.Model):
    """Somebody asks for everything that is held about them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=SubjectState.choices, default=SubjectState.OPEN)
    received_at = models.DateTimeField()
    due_on = models.DateField()
    extended_why = models.TextField(blank=True, default="")
    opened_by = models.UUIDField()
    refused_why = models.TextField(blank=True, default="")
    document_id = models.UUIDField(null=True)  # the answer, among the customer's documents
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(state="open"), name="subject_request_one_open")
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="subject_request", id=self.id)


class Redaction(models.Model):
    """What was decided about one entry of an answer. The words themselves are not copied here."""

    class What(models.TextChoices):
        GIVE = "give", _("Give it as it is")
        HIDE = "hide", _("Take out words")
        WITHHOLD = "withhold", _("Withhold it")

    class Reason(models.TextChoices):
        OWN = "own", _("It is only about themselves")
        THIRD_PARTY = "third_party", _("It is about somebody else too, who has not agreed")
        HARM = "harm", _("It would probably cause serious harm")
        CRIME = "crime", _("It would hinder preventing or detecting crime")
        LEGAL = "legal", _("It is legal advice")
        MANAGEMENT = "management", _("It would hinder a negotiation or plan")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(SubjectRequest, on_delete=models.CASCADE, related_name="redactions")
    section = models.TextField()  # a table of governance.held
    key = models.TextField()  # of the row in it
    what = models.TextField(choices=What.choices)
    reason = models.TextField(choices=Reason.choices)
    hidden = models.JSONField(default=list)  # the words that are taken out; forgotten when it is answered
    seen = models.TextField()  # a hash of what was reviewed: changed since, it is reviewed again
    by_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "section", "key"], name="redaction_once")]


class FreedomRequest(models.Model):
    """A request for information the council holds (Freedom of Information Act 2000), by itself or inside a case."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reference = models.TextField(unique=True)
    words = models.TextField()
    name = models.TextField()
    email = models.TextField(blank=True, default="")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")  # in which it was asked
    state = models.TextField(choices=FreedomState.choices, default=FreedomState.OPEN)
    received_at = models.DateTimeField()
    due_on = models.DateField()
    opened_by = models.UUIDField()
    title = models.TextField(blank=True, default="")  # for the log of answers: nothing of who asked
    answer = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    was_late = models.BooleanField(null=True)
    is_published = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["state", "due_on"], name="freedom_due")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="answered")
                | Q(answered_at__isnull=False, answered_by__isnull=False, was_late__isnull=False) & ~Q(answer=""),
                name="freedom_answered_whole",
            )
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="freedom_request", id=self.id)


class Exemption(models.Model):
    """Why a part of the information was not given."""

    class Section(models.TextChoices):
        S12 = "s12", _("Section 12: it would cost too much to find")
        S14 = "s14", _("Section 14: vexatious or repeated")
        S21 = "s21", _("Section 21: it can be had another way")
        S22 = "s22", _("Section 22: it is to be published")
        S30 = "s30", _("Section 30: investigations")
        S31 = "s31", _("Section 31: law enforcement")
        S36 = "s36", _("Section 36: the conduct of public affairs")
        S38 = "s38", _("Section 38: health and safety")
        S40 = "s40", _("Section 40: personal information")
        S41 = "s41", _("Section 41: given in confidence")
        S42 = "s42", _("Section 42: legal privilege")
        S43 = "s43", _("Section 43: commercial interests")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(FreedomRequest, on_delete=models.CASCADE, related_name="exemptions")
    section = models.TextField(choices=Section.choices)
    why = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "section"], name="exemption_once"),
            models.CheckConstraint(condition=~Q(why=""), name="exemption_says_why"),
        ]


class Assessment(models.Model):
    """Before something is switched on: what it does with personal data, what could go wrong, and who signed it off."""

    class Kind(models.TextChoices):
        CONNECTOR = "connector", _("Connector")
        SHARING = "sharing", _("Sharing between services")
        RULES = "rules", _("Risk rules")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    code = models.TextField()  # which one, as its operation names it
    purpose = models.TextField()
    risks = models.TextField()
    measures = models.TextField()
    recorded_by = models.UUIDField(null=True)
    recorded_at = models.DateTimeField()
    signed_by = models.UUIDField(null=True)
    signed_at = models.DateTimeField(null=True)
    is_approved = models.BooleanField(null=True)
    said = models.TextField(blank=True, default="")  # of whoever signed or refused
    was_there = models.BooleanField(default=False)  # on before assessments were asked for: to be looked at by review_on
    review_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "code", "-recorded_at"], name="assessment_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_by=None) | Q(recorded_by=None) | ~Q(signed_by=models.F("recorded_by")),
                name="assessment_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(is_approved=None, signed_at=None) | Q(is_approved__isnull=False, signed_at__isnull=False),
                name="assessment_decided_whole",
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="assessment", id=self.id)


class Question(models.Model):
    """The data protection officer asks a colleague why they looked at a record, and says what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    look_id = models.UUIDField()
    staff_id = models.UUIDField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    why = models.TextField()  # a code of noticing
    looked_at = models.DateTimeField()
    state = models.TextField(choices=QuestionState.choices, default=QuestionState.ASKED)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    explanation = models.TextField(blank=True, default="")
    explained_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")
    closed_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["look_id", "why"], name="look_asked_about_once")]
        indexes = [models.Index(fields=["staff_id", "state"], name="question_of_staff")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="look_question", id=self.id)
