from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7


class Customer(models.Model):
    """A person or an organisation the council deals with."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        ORGANISATION = "organisation", _("Organisation")

    class Prefers(models.TextChoices):
        EMAIL = "email", _("Email")
        TEXT = "text", _("Text message")
        LETTER = "letter", _("Letter")
        PHONE = "phone", _("Phone call")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices, default=Kind.PERSON)
    name = models.TextField()
    search_name = models.TextField()  # folded: lower case, no accents or punctuation (customers.typed.folded_name)
    date_of_birth = models.DateField(null=True, blank=True)
    preferred_channel = models.TextField(choices=Prefers.choices, blank=True, default="")
    language = models.TextField(default="en")  # BCP 47
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    created_at = models.DateTimeField()
    # By what words they may be looked for (customers.words); null until the worker has put them down.
    words = models.TextField(null=True, editable=False)
    word_keys = ArrayField(models.IntegerField(), null=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="customer_named")]
        indexes = [
            # Words by their beginnings, and whole names that are misspelt.
            GinIndex(
                Func(Value("simple"), "search_name", function="to_tsvector", output_field=SearchVectorField()),
                name="customer_name_words",
            ),
            GinIndex(fields=["search_name"], opclasses=["gin_trgm_ops"], name="customer_name_trigram"),
            models.Index(fields=["date_of_birth"], condition=Q(date_of_birth__isnull=False), name="customer_born"),
            GinIndex(fields=["word_keys"], fastupdate=False, name="customer_word_keys"),
            models.Index(fields=["id"], condition=Q(word_keys__isnull=True), name="customer_words_missing"),
        ]


class AccessNeed(models.Model):
    """What somebody needs so that they can deal with us: the need, never the diagnosis (DAPB1605)."""

    class Need(models.TextChoices):
        LARGE_PRINT = "large_print", _("Large print")
        BRAILLE = "braille", _("Braille")
        EASY_READ = "easy_read", _("Easy read")
        AUDIO = "audio", _("Audio")
        BY_EMAIL = "by_email", _("Information by email")
        PLAIN_TEXT = "plain_text", _("Plain text")
        COLOURED_PAPER = "coloured_paper", _("Coloured paper")
        BSL = "bsl", _("British Sign Language interpreter")
        LIP_SPEAKER = "lip_speaker", _("Lip speaker")
        DEAFBLIND_MANUAL = "deafblind_manual", _("Deafblind manual interpreter")
        SPEECH_TO_TEXT = "speech_to_text", _("Speech to text")
        HEARING_LOOP = "hearing_loop", _("Hearing loop")
        WHEELCHAIR = "wheelchair", _("Wheelchair access")
        INTERPRETER = "interpreter", _("Interpreter for another language")
        EXTRA_TIME = "extra_time", _("Extra time")
        QUIET_SPACE = "quiet_space", _("Quiet space")
        VISIT = "visit", _("Face to face or a home visit")
        ADVOCATE = "advocate", _("Advocate")
        REPRESENTATIVE = "representative", _("Deal with their representative")
        NO_INTERNET = "no_internet", _("No internet: write by post")
        SET_TIMES = "set_times", _("Call at set times")
        NO_PHONE = "no_phone", _("Do not phone")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="needs")
    need = models.TextField(choices=Need.choices)
    detail = models.TextField(blank=True, default="")  # for example "18 point", "mornings only"
    agreed_on = models.DateField()
    review_on = models.DateField()
    may_share = models.BooleanField(default=False)  # they agree that other services are told
    channels = ArrayField(models.TextField(), default=list, blank=True)  # where it applies; empty is everywhere
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "need"], condition=Q(ended_at__isnull=True), name="need_once")
        ]


class ContactPoint(models.Model):
    class Kind(models.TextChoices):
        EMAIL = "email", _("Email")
        PHONE = "phone", _("Phone")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.TextField(choices=Kind.choices)
    value = models.TextField()  # as given
    normalised = models.TextField()  # lower-case email; phone as +44…
    verified_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["normalised"], name="contact_point_value")]
        constraints = [models.UniqueConstraint(fields=["customer", "kind", "normalised"], name="contact_point_once")]


class CustomerAddress(models.Model):
    """Where a customer lives, works or has property; past ones are kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    uprn = models.TextField(blank=True, default="")
    line = models.TextField()
    postcode = models.TextField(blank=True, default="")  # compact
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)  # the first day it no longer holds

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(from_on__isnull=True) | Q(until_on__isnull=True) | Q(until_on__gte=models.F("from_on")),
                name="address_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["customer", "uprn"],
                condition=Q(until_on__isnull=True) & ~Q(uprn=""),
                name="present_address_once",
            ),
        ]
        indexes = [
            models.Index(fields=["postcode"], condition=~Q(postcode=""), name="customer_postcode"),
            models.Index(fields=["uprn"], condition=~Q(uprn=""), name="customer_uprn"),
        ]


class CustomerRole(models.Model):
    """In what capacity: one customer may hold several."""

    class Role(models.TextChoices):
        RESIDENT = "resident", _("Resident")
        LEASEHOLDER = "leaseholder", _("Leaseholder")
        TENANT = "tenant", _("Tenant")
        LANDLORD = "landlord", _("Landlord")
        TRADER = "trader", _("Trader")
        EMPLOYEE = "employee", _("Council employee")
        COUNCILLOR = "councillor", _("Councillor")
        VISITOR = "visitor", _("Visitor")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="roles")
    role = models.TextField(choices=Role.choices)
    detail = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "role", "detail"], condition=Q(ended_at__isnull=True), name="customer_role_once"
            )
        ]


class CustomerNumber(models.Model):
    """A number another system knows the customer by. Two customers never share one."""

    class Kind(models.TextChoices):
        ACCOUNT = "account", _("Account number")
        NOTICE = "notice", _("Notice number")
        COUNCIL_TAX = "council_tax", _("Council tax account")
        RENT = "rent", _("Rent account")
        LEASEHOLD = "leasehold", _("Leasehold account")
        LIBRARY = "library", _("Library card")
        PERMIT = "permit", _("Permit number")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="numbers")
    kind = models.TextField(choices=Kind.choices)
    value = models.TextField()  # as given
    normalised = models.TextField(db_index=True)  # capitals and digits only

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "normalised"], name="customer_number_once")]


class Link(models.Model):
    """One customer acting for, or as part of, another, with the evidence of authority."""

    class Relation(models.TextChoices):
        CONTACT_AT = "contact_at", _("Contact at the organisation")
        RELATIVE = "relative", _("Relative")
        ADVISER = "adviser", _("Adviser")
        COUNCILLOR = "councillor", _("Councillor")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="represented_by")
    representative = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="represents")
    relation = models.TextField(choices=Relation.choices)
    evidence = models.TextField(blank=True, default="")  # for example "Letter of authority seen 3 May 2026"
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(customer=models.F("representative")), name="link_two_customers"),
            models.CheckConstraint(
                condition=Q(relation="contact_at") | ~Q(evidence=""), name="link_evidence_of_authority"
            ),
            models.UniqueConstraint(
                fields=["customer", "representative", "relation"],
                condition=Q(until_on__isnull=True),
                name="represented_once",
            ),
        ]


from townhall.customers import channel_models, merging_models, sharing_models  # noqa: E402, F401 - likewise
from townhall.customers.accounts import models as account_models  # noqa: E402, F401 - its tables are of this app
