"""A service pack: everything the council has decided about one service, as data.

Written in YAML (`packs/<code>/service.yaml`), kept in `catalogue_service.pack`, read by the public site, the workspace, the forms
and the API alike. Reading is strict: a key that is not here is an error, never ignored. Adding a service needs no code.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

Code: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=60)]
Line: TypeAlias = Annotated[str, Meta(min_length=1, max_length=300)]
Words: TypeAlias = Annotated[str, Meta(min_length=1, max_length=20_000)]
Days: TypeAlias = Annotated[int, Meta(ge=0, le=3650)]
LogicRule: TypeAlias = dict[str, Any]  # JSON Logic over the answers so far, by attribute code: townhall.core.logic

Datatype: TypeAlias = Literal[
    "string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"
]  # Open311's six
Channel: TypeAlias = Literal["web", "phone", "counter", "email", "letter", "api"]
Update: TypeAlias = Literal[
    "received",
    "accepted",
    "declined",
    "scheduled",
    "date_changed",
    "handed_on",
    "waiting_for_customer",
    "update",  # news in staff's or a contractor's own words
    "done",
    "reopened",
]
Status: TypeAlias = Literal[
    "awaiting_decision", "accepted", "scheduled", "in_progress", "waiting_for_customer", "declined", "referred", "done"
]
Priority: TypeAlias = Literal["low", "normal", "high", "emergency"]
# Whose days are counted: the council's own working days, bank holidays only, or every day. Names as in `clocks`.
Calendar: TypeAlias = Literal["COUNCIL_OPEN", "EW", "CALENDAR"]

ALWAYS_SENT: frozenset[Update] = frozenset({"received", "declined", "done"})


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One piece of a pack. A key left out means its default, so an exported pack is as short as it can be."""


class Refusal(Part, frozen=True):
    """A policy reason for saying no. The explanation is sent to the customer."""

    code: Code
    reason: Line
    explanation: Words


class Fee(Part, frozen=True):
    name: Line
    pence: Annotated[int, Meta(ge=0)]
    note: str = ""


class Published(Part, frozen=True):
    """The published time to do the work. `days` are counted on `calendar`, the day after receipt being day 1."""

    days: Days
    calendar: Calendar = "COUNCIL_OPEN"
    note: str = ""  # what the time does not cover, in a sentence for the public


class Clocks(Part, frozen=True):
    """Limits that this service sets for itself; the defaults are the council's."""

    referral_days: Days = 30  # calendar days to the senior manager and portfolio holder
    decision_days: Days = 60  # calendar days to a forced decision
    handoff_hours: Annotated[int, Meta(ge=1, le=720)] = 24  # for a team to answer an offer
    reopen_days: Days = 14  # in which the reporter may answer "not fixed"
    customer_reply_days: Days = 14  # that we wait for the customer's answer
    chasers_to_manager: Annotated[int, Meta(ge=1, le=99)] = 2
    chasers_to_senior: Annotated[int, Meta(ge=1, le=99)] = 3


class Contract(Part, frozen=True):
    """What binds a contractor: the reference on every job, the days to do it, and what was promised."""

    reference: Line
    days: Days
    obligations: Words


class When(Part, frozen=True):
    """A rule holds when every part given holds; a part with several entries holds for any of them."""

    answers: dict[Code, tuple[str, ...]] = {}
    wards: tuple[Code, ...] = ()
    land: tuple[Code, ...] = ()  # codes of land areas, for example "harbour"


class Rule(Part, frozen=True):
    """One line of routing, tried in order: the first that holds decides each thing it names."""

    when: When
    team: Code | None = None  # who does the work, council team or contractor
    contract: Contract | None = None
    refer_to: Code | None = None  # a body outside the council: the report is passed on and the referral recorded
    priority: Priority | None = None
    days: Days | None = None  # a different published time


class Value(Part, frozen=True):
    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]+$", max_length=60)]
    name: Line
    hint: str = ""


class Attribute(Part, frozen=True):
    """One question of the form, and one attribute of the Open311 definition. Order here is order there."""

    code: Code
    label: Line
    datatype: Datatype = "string"
    hint: str = ""
    why: str = ""  # why we ask
    required: bool = False
    values: tuple[Value, ...] = ()
    shown_when: LogicRule | None = None
    max_length: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    minimum: float | None = None
    maximum: float | None = None
    error: str = ""  # said when a required answer is missing; made from the label when empty
    public: bool = False  # shown to everybody with the report
    is_asset: bool = False  # the number of the very thing, such as a lamp column: two reports of one number are alike


class Photos(Part, frozen=True):
    allowed: bool = True
    maximum: Annotated[int, Meta(ge=0, le=20)] = 5
    hint: str = ""


class Public(Part, frozen=True):
    """What anybody may see of a report."""

    listed: bool = True  # on the map, in feeds and among the reports nearby
    place: Literal["point", "street", "hidden"] = "point"
    description: bool = False  # free text can hold anything, so it is hidden unless a service says otherwise
    photos: bool = True  # once approved


class Place(Part, frozen=True):
    """Where it can be reported, and what happens to places that are not the council's."""

    needs_address: bool = False  # an address from the gazetteer, not a point
    checks_round: bool = False  # look at the collection round first
    outside: Literal["refer", "accept"] = "refer"  # beyond the council's boundary
    others_land: Literal["refer", "accept"] = "refer"  # land that another body looks after


class UpdateSetting(Part, frozen=True):
    """An update that is switched on. With a trial group, only for reporters in that group."""

    update: Update
    trial_group: str = ""


class MessageWords(Part, frozen=True):
    """This service's own words in place of the standard ones."""

    subject: str = ""
    body: str = ""


class Outcome(Part, frozen=True):
    code: Code
    name: Line
    fixed: bool = True  # counts as work done


class Connector(Part, frozen=True):
    """The back-office system that gets the work."""

    target: Code
    kind: Line


class Branch(Part, frozen=True):
    """One of those to whom a form is passed on, each by itself: with its own state, tries and owner."""

    code: Code
    name: Line  # as the customer reads it: "Council tax bill"
    team: Code  # who looks after it
    when: LogicRule | None = None  # over the answers, and "zone" of the new home; always when left out
    target: Code | None = None  # the connector that gets it
    kind: str = ""  # of delivery
    sends: tuple[Code, ...] = ()  # the answers that it needs, and no others
    does: Literal["deliver", "invite", "link"] = "deliver"  # hand over, invite to open an account, or send a link
    link: str = ""  # a path of the public site, for "link"
    words: str = ""  # said to the customer with an invitation or a link


class Contact(Part, frozen=True):
    phone: str = ""
    email: str = ""
    hours: str = ""  # code of the opening hours, kept with the sites
    emergency: str = ""  # what to do when it cannot wait


class ServicePack(Part, frozen=True):
    code: Code
    name: Line
    group: Line
    summary: Words  # what this service is for, in one or two sentences
    done: Words  # Markdown: what we do
    refused: tuple[Refusal, ...]
    next_step: Words  # the sentence on the confirmation page
    owner_team: Code  # the accountable service
    teller: Code  # the post that must tell the customer
    senior_manager: Code
    portfolio_holder: Code
    published: Published
    outcomes: Annotated[tuple[Outcome, ...], Meta(min_length=1)]
    lgsl_id: int | None = None
    lgil_id: int | None = None
    live: bool = True
    keywords: tuple[Line, ...] = ()
    synonyms: tuple[Line, ...] = ()
    misspellings: tuple[Line, ...] = ()
    who_may: Words = "Anyone can report this."
    routing: tuple[Rule, ...] = ()
    channels: tuple[Channel, ...] = ("web", "phone", "counter", "email", "api")
    fees: tuple[Fee, ...] = ()
    clocks: Clocks = Clocks()
    form: str = ""  # code of the form that asks for it; without one it is reported, with its place
    attributes: tuple[Attribute, ...] = ()
    photos: Photos = Photos()
    anonymous: bool = True
    level: Literal["public", "email", "address", "identity"] = "public"  # how sure we must be of who asks for it online
    public: Public = Public()
    place: Place = Place()
    updates: tuple[UpdateSetting, ...] = (
        UpdateSetting(update="received"),
        UpdateSetting(update="accepted"),
        UpdateSetting(update="declined"),
        UpdateSetting(update="scheduled"),
        UpdateSetting(update="date_changed"),
        UpdateSetting(update="handed_on"),
        UpdateSetting(update="waiting_for_customer"),
        UpdateSetting(update="update"),
        UpdateSetting(update="done"),
        UpdateSetting(update="reopened"),
    )
    statuses: tuple[Status, ...] = (
        "awaiting_decision",
        "accepted",
        "scheduled",
        "in_progress",
        "waiting_for_customer",
        "declined",
        "referred",
        "done",
    )
    messages: dict[Update, MessageWords] = {}
    related: tuple[Code, ...] = ()  # other services that people mix up with this one
    connector: Connector | None = None
    branches: tuple[Branch, ...] = ()
    sites: tuple[Code, ...] = ()
    contact: Contact = Contact()

    def attribute(self, code: str) -> Attribute | None:
        return next((attribute for attribute in self.attributes if attribute.code == code), None)

    def refusal(self, code: str) -> Refusal | None:
        return next((refusal for refusal in self.refused if refusal.code == code), None)

    def sends(self, update: Update, *, trial_groups: frozenset[str] = frozenset()) -> bool:
        """Whether this update goes to somebody in these trial groups."""
        return any(
            setting.update == update and (not setting.trial_group or setting.trial_group in trial_groups)
            for setting in self.updates
        )
