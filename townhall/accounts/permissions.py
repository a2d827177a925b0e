"""Who may do what, as a table you can read aloud, and the reason when the answer is no.

Which rows somebody may see is each app's own query; this table is about the kind of work. A senior manager can look at
everything and decide nothing that belongs to a team; an auditor looks and never changes. Nor does the data protection
officer, who decides only how long things are kept, what is given to whoever asks for it, and what may be switched on.
Work on one service is for the officers and managers of the team that owns it: another team's are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from townhall.accounts.models import Role
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import NotAllowed

_FRONT = frozenset({Role.ADVISER, Role.RECEPTIONIST})
_TEAM = frozenset({Role.OFFICER, Role.TEAM_MANAGER})
_LOOKING = frozenset({Role.SENIOR_MANAGER, Role.DATA_PROTECTION_OFFICER, Role.AUDITOR})
_MANAGERS = frozenset({Role.TEAM_MANAGER, Role.SENIOR_MANAGER})


@dataclass(frozen=True)
class Capability:
    """A kind of work: who may do it, and how to name it in a sentence."""

    roles: frozenset[Role]
    words: StrOrPromise  # follows "You may" or "Only … may"
    service: str = ""  # officers and team managers: only those of the team that owns this service


CAPABILITIES: Final[Mapping[str, Capability]] = {
    # the workspace
    "work.open": Capability(_FRONT | _TEAM | _LOOKING, gettext_lazy("open the staff workspace")),
    "contractor.work": Capability(frozenset({Role.CONTRACTOR}), gettext_lazy("do contractor work")),
    # partner bodies in our buildings and on our lines; whose queue it is decides who sees it
    "partner.work": Capability(frozenset({Role.PARTNER}), gettext_lazy("do a partner’s work")),
    "partner.queue": Capability(
        _FRONT | _TEAM | frozenset({Role.PARTNER, Role.ADMINISTRATOR}),
        gettext_lazy("open the queues of partners that they are named for"),
    ),
    "partners.see": Capability(
        _FRONT | _TEAM | _LOOKING | frozenset({Role.ADMINISTRATOR}), gettext_lazy("see partners and their desks")
    ),
    "partners.manage": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}), gettext_lazy("keep partners, their desks and what consents say")
    ),
    "partners.refer": Capability(_FRONT | _TEAM, gettext_lazy("refer customers to partners, and log their contacts")),
    # customers and their contacts
    "customers.see": Capability(
        _FRONT | _TEAM | frozenset({Role.SENIOR_MANAGER, Role.DATA_PROTECTION_OFFICER}),
        gettext_lazy("see customer records"),
    ),
    "customers.change": Capability(_FRONT | _TEAM, gettext_lazy("create and change customer records")),
    "customers.merge": Capability(
        _TEAM | frozenset({Role.ADVISER}),
        gettext_lazy("merge customer records that are one customer, and take them apart"),
    ),
    "contacts.log": Capability(_FRONT | _TEAM, gettext_lazy("record a contact with a customer")),
    # safety: the flag and its precautions for whoever deals with somebody, the words behind it for few
    "safety.report": Capability(
        _FRONT | _TEAM | frozenset({Role.SENIOR_MANAGER, Role.FINANCE, Role.ADMINISTRATOR}),
        gettext_lazy("call for help and report incidents"),
    ),
    "safety.manage": Capability(_MANAGERS, gettext_lazy("investigate incidents")),
    "markers.flag": Capability(
        _FRONT | _TEAM | frozenset({Role.SENIOR_MANAGER}), gettext_lazy("see the precautions for dealing with somebody")
    ),
    "markers.detail": Capability(
        _MANAGERS | frozenset({Role.DATA_PROTECTION_OFFICER}), gettext_lazy("read the register of markers")
    ),
    "markers.propose": Capability(_MANAGERS, gettext_lazy("propose markers")),
    "markers.decide": Capability(_MANAGERS, gettext_lazy("decide about markers")),
    "needs.meet": Capability(
        _FRONT | _TEAM | frozenset({Role.SENIOR_MANAGER}), gettext_lazy("call interpreters and ask for other formats")
    ),
    "inclusion.manage": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}), gettext_lazy("keep sign-language video, rooms and standard lines")
    ),
    "mail.read": Capability(_FRONT | _TEAM, gettext_lazy("read the shared mailboxes")),
    "mail.route": Capability(
        frozenset({Role.TEAM_MANAGER, Role.SENIOR_MANAGER, Role.ADMINISTRATOR}),
        gettext_lazy("say how mail is routed, and see how well"),
    ),
    "mailboxes.see": Capability(
        _FRONT | _TEAM | _LOOKING | frozenset({Role.ADMINISTRATOR}), gettext_lazy("see the register of mailboxes")
    ),
    "mailboxes.manage": Capability(frozenset({Role.ADMINISTRATOR}), gettext_lazy("change the register of mailboxes")),
    "post.index": Capability(_FRONT | _TEAM, gettext_lazy("index letters, faxes and posts in social media")),
    "letters.write": Capability(
        _FRONT | _TEAM, gettext_lazy("write letters and emails to customers, and print and post them")
    ),
    "layouts.see": Capability(
        _FRONT | _TEAM | _MANAGERS | frozenset({Role.ADMINISTRATOR}),
        gettext_lazy("see the layouts of letters and emails"),
    ),
    "layouts.manage": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}), gettext_lazy("word the layouts of letters and emails")
    ),
    # the telephone
    "phone.see": Capability(
        _FRONT | _TEAM | _LOOKING | frozenset({Role.ADMINISTRATOR}), gettext_lazy("see calls, cover and the rota")
    ),
    "phone.manage": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}), gettext_lazy("manage cover, the rota and the phone system")
    ),
    # complaints: whoever meets the public takes them, for any service; who may own which stage is the procedure's to say
    "complaints.see": Capability(
        _FRONT | _TEAM | _LOOKING, gettext_lazy("see comments, compliments, complaints and Members’ enquiries")
    ),
    "complaints.record": Capability(
        _FRONT | _TEAM | frozenset({Role.SENIOR_MANAGER}),
        gettext_lazy("take complaints, and put them right on the spot"),
    ),
    "complaints.own": Capability(
        _TEAM | frozenset({Role.SENIOR_MANAGER}), gettext_lazy("own complaints, look into them and answer them")
    ),
    "complaints.procedure": Capability(
        frozenset({Role.SENIOR_MANAGER}), gettext_lazy("change the complaints procedure")
    ),
    "surveys.see": Capability(
        _TEAM | _FRONT | _LOOKING, gettext_lazy("see the results of surveys and what is to be put right")
    ),
    "surveys.recover": Capability(_TEAM | _FRONT, gettext_lazy("put right what customers were not content with")),
    "surveys.manage": Capability(_MANAGERS, gettext_lazy("say how many customers are sent surveys")),
    # cases
    "cases.see": Capability(_FRONT | _TEAM | _LOOKING, gettext_lazy("see cases")),
    "cases.note": Capability(_FRONT | _TEAM, gettext_lazy("add notes to a case")),
    "cases.open": Capability(_FRONT | _TEAM, gettext_lazy("open a case for a customer")),
    "cases.chase": Capability(_FRONT | _TEAM, gettext_lazy("record that a customer is chasing")),
    "cases.take": Capability(_TEAM, gettext_lazy("take a case")),
    "cases.accept": Capability(_TEAM, gettext_lazy("accept a case")),
    "cases.decline": Capability(_TEAM, gettext_lazy("decline a case")),
    "cases.ask_customer": Capability(_TEAM, gettext_lazy("ask the customer a question on a case")),
    "cases.schedule": Capability(_TEAM, gettext_lazy("schedule work on a case")),
    "cases.hand_off": Capability(_TEAM, gettext_lazy("hand a case to another team")),
    "cases.merge": Capability(_TEAM, gettext_lazy("merge cases")),
    "cases.split": Capability(_TEAM, gettext_lazy("split a case into tasks")),
    "cases.complete": Capability(_TEAM, gettext_lazy("complete a case")),
    "cases.tell_customer": Capability(_TEAM, gettext_lazy("write to the customer about a case")),
    "cases.reopen": Capability(_TEAM, gettext_lazy("reopen a case")),
    "cases.reassign": Capability(frozenset({Role.TEAM_MANAGER}), gettext_lazy("give a case to somebody else")),
    "cases.extend": Capability(_MANAGERS, gettext_lazy("approve more time for a case")),
    "cases.clean_up": Capability(_MANAGERS, gettext_lazy("clean up old cases in bulk")),
    "incidents.declare": Capability(_TEAM | _FRONT, gettext_lazy("record an incident on a street or round")),
    "comments.moderate": Capability(_TEAM, gettext_lazy("publish what the public says of applications")),
    "newsletter.write": Capability(_MANAGERS, gettext_lazy("write the newsletter")),
    "newsletter.approve": Capability(frozenset({Role.SENIOR_MANAGER}), gettext_lazy("approve the newsletter")),
    "texts.send": Capability(_FRONT | _TEAM, gettext_lazy("text a customer, and read what they answer")),
    "texts.plan": Capability(_TEAM | frozenset({Role.SENIOR_MANAGER}), gettext_lazy("plan texts to an area or a list")),
    "texts.approve": Capability(_MANAGERS, gettext_lazy("approve texts to many people")),
    "texts.see": Capability(_FRONT | _TEAM | _LOOKING, gettext_lazy("see the texts that went to many people")),
    "addresses.see": Capability(
        _FRONT | _TEAM | _LOOKING | frozenset({Role.ADMINISTRATOR}),
        gettext_lazy("see which personal addresses are published"),
    ),
    "addresses.allow": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}), gettext_lazy("let an officer’s own address be published")
    ),
    "deals.decide": Capability(_MANAGERS, gettext_lazy("decide which deals of traders are shown")),
    "files.approve": Capability(_TEAM, gettext_lazy("approve photos for the public")),
    # money
    "payments.see": Capability(
        _FRONT | _TEAM | frozenset({Role.FINANCE, Role.SENIOR_MANAGER, Role.AUDITOR}), gettext_lazy("see payments")
    ),
    "payments.take": Capability(_FRONT | frozenset({Role.FINANCE}), gettext_lazy("take payments at a counter")),
    "payments.refund": Capability(frozenset({Role.FINANCE, Role.SENIOR_MANAGER}), gettext_lazy("refund payments")),
    "payments.reconcile": Capability(
        frozenset({Role.FINANCE}), gettext_lazy("settle differences with the payment provider")
    ),
    "payments.administer": Capability(
        frozenset({Role.FINANCE, Role.ADMINISTRATOR}), gettext_lazy("decide which counters take cards")
    ),
    "income.see": Capability(
        _MANAGERS | frozenset({Role.FINANCE, Role.PORTFOLIO_HOLDER, Role.AUDITOR}), gettext_lazy("see income reports")
    ),
    "penalties.decide": Capability(  # notices have no pack of their own: they are the parking team's
        _TEAM, gettext_lazy("decide appeals against penalty notices"), service="parking-permit"
    ),
    "admissions.manage": Capability(_TEAM, gettext_lazy("manage school admissions"), service="school-place"),
    "permits.issue": Capability(
        _FRONT | _TEAM, gettext_lazy("check evidence for parking permits and issue them"), service="parking-permit"
    ),
    "permits.refuse": Capability(_TEAM, gettext_lazy("refuse parking permits"), service="parking-permit"),
    "permits.prices": Capability(_TEAM, gettext_lazy("change the prices of parking permits"), service="parking-permit"),
    "permits.check": Capability(
        _FRONT | _TEAM, gettext_lazy("look up whether a vehicle has a permit"), service="parking-permit"
    ),
    "benefits.see": Capability(
        _TEAM | _LOOKING, gettext_lazy("see how benefit claims were assessed"), service="housing-benefit-claim"
    ),
    "benefits.rules": Capability(
        _MANAGERS, gettext_lazy("change the risk rules of benefits"), service="housing-benefit-claim"
    ),
    "repairs.manage": Capability(
        _FRONT | _TEAM, gettext_lazy("look after repairs in council homes"), service="housing-repair"
    ),
    # the website: its pages, what is said on all of them, its key tasks and what they cost
    "website.see": Capability(
        _MANAGERS | frozenset({Role.PORTFOLIO_HOLDER, Role.AUDITOR, Role.ADMINISTRATOR}),
        gettext_lazy("see the figures of the website"),
    ),
    "pages.manage": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}), gettext_lazy("manage the pages and key tasks of the website")
    ),
    "messages.write": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}), gettext_lazy("write key messages for the website")
    ),
    "messages.approve": Capability(frozenset({Role.SENIOR_MANAGER}), gettext_lazy("approve key messages")),
    # registers and outreach: whose register it is says the register itself
    "registers.see": Capability(
        _FRONT | _TEAM | _LOOKING | frozenset({Role.FINANCE, Role.ADMINISTRATOR}), gettext_lazy("see registers")
    ),
    "registers.keep": Capability(
        _FRONT | _TEAM | frozenset({Role.SENIOR_MANAGER, Role.FINANCE, Role.ADMINISTRATOR}),
        gettext_lazy("keep registers"),
    ),
    "outreach.see": Capability(_FRONT | _TEAM | _LOOKING, gettext_lazy("see nudges, campaigns and sessions")),
    "outreach.plan": Capability(_MANAGERS, gettext_lazy("plan nudges, campaigns and taking part")),
    "outreach.approve": Capability(frozenset({Role.SENIOR_MANAGER}), gettext_lazy("approve campaigns")),
    "sessions.run": Capability(
        _FRONT | frozenset({Role.TEAM_MANAGER}), gettext_lazy("book residents on courses and masterclasses")
    ),
    # what the council knows and says
    "knowledge.see": Capability(
        _FRONT | _TEAM | _LOOKING | frozenset({Role.FINANCE, Role.ADMINISTRATOR}),
        gettext_lazy("read knowledge, scripts and approved replies"),
    ),
    "knowledge.flag": Capability(
        _FRONT | _TEAM | _LOOKING | frozenset({Role.FINANCE, Role.ADMINISTRATOR}),
        gettext_lazy("say that something is unclear or wrong"),
    ),
    "leaflets.confirm": Capability(_FRONT | _TEAM, gettext_lazy("say which leaflets a site’s racks hold")),
    "knowledge.write": Capability(
        _TEAM | frozenset({Role.SENIOR_MANAGER, Role.ADMINISTRATOR}),
        gettext_lazy("write knowledge, scripts and approved replies"),
    ),
    "knowledge.approve": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}), gettext_lazy("approve knowledge, scripts and replies")
    ),
    # people: their training, presence and what they are lent for; who may do it for whom is decided by teams
    "tasks.own": Capability(
        frozenset(Role) - {Role.CONTRACTOR, Role.PARTNER}, gettext_lazy("see their own tasks, training and guidelines")
    ),
    "training.see": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR, Role.AUDITOR}), gettext_lazy("see who is trained in what")
    ),
    "training.record": Capability(_MANAGERS, gettext_lazy("record training")),
    "training.administer": Capability(
        frozenset({Role.SENIOR_MANAGER, Role.ADMINISTRATOR}),
        gettext_lazy("change training modules and what asks for them"),
    ),
    "champions.manage": Capability(_MANAGERS, gettext_lazy("name champions and hold their meetings")),
    "guidelines.publish": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}), gettext_lazy("publish guidelines for staff and Members")
    ),
    "work.take": Capability(_FRONT | _TEAM, gettext_lazy("take waiting work")),
    "queues.lend": Capability(_MANAGERS, gettext_lazy("lend a backlog to another team")),
    "calls.authorise": Capability(
        _MANAGERS, gettext_lazy("authorise calls to the back office and decide which need that")
    ),
    # managing
    "teams.manage": Capability(_MANAGERS, gettext_lazy("manage a team's work")),
    "figures.see": Capability(
        _MANAGERS | frozenset({Role.PORTFOLIO_HOLDER, Role.AUDITOR}), gettext_lazy("see performance figures")
    ),
    "audit.see": Capability(
        frozenset({Role.DATA_PROTECTION_OFFICER, Role.AUDITOR}), gettext_lazy("search the audit log")
    ),
    # what the council answers for: how long it keeps things, and what people ask of it
    "retention.see": Capability(
        frozenset({Role.SENIOR_MANAGER, Role.DATA_PROTECTION_OFFICER, Role.AUDITOR}),
        gettext_lazy("see how long records are kept and what was removed"),
    ),
    "retention.manage": Capability(
        frozenset({Role.DATA_PROTECTION_OFFICER}), gettext_lazy("decide how long records are kept, and hold them")
    ),
    "requests.open": Capability(
        _FRONT | _TEAM | frozenset({Role.SENIOR_MANAGER, Role.DATA_PROTECTION_OFFICER}),
        gettext_lazy("take requests for records and information"),
    ),
    "requests.answer": Capability(
        frozenset({Role.DATA_PROTECTION_OFFICER}), gettext_lazy("answer requests for somebody's own records")
    ),
    "freedom.answer": Capability(
        _MANAGERS | frozenset({Role.DATA_PROTECTION_OFFICER}),
        gettext_lazy("answer freedom-of-information requests"),
    ),
    "looks.question": Capability(
        frozenset({Role.DATA_PROTECTION_OFFICER}), gettext_lazy("ask why somebody looked at a record")
    ),
    "assessments.see": Capability(
        _MANAGERS | frozenset({Role.DATA_PROTECTION_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR}),
        gettext_lazy("see assessments of connectors, sharing and risk rules"),
    ),
    "assessments.record": Capability(
        _MANAGERS | frozenset({Role.ADMINISTRATOR}),
        gettext_lazy("record assessments of connectors, sharing and risk rules"),
    ),
    "assessments.sign": Capability(
        frozenset({Role.DATA_PROTECTION_OFFICER}),
        gettext_lazy("sign assessments off as lead of information security"),
    ),
    "resolution.set": Capability(_MANAGERS, gettext_lazy("set when a contact counts as a repeat of an earlier one")),
    "sharing.see": Capability(
        _MANAGERS | frozenset({Role.DATA_PROTECTION_OFFICER, Role.AUDITOR}),
        gettext_lazy("see on what basis services share what they hold"),
    ),
    "sharing.record": Capability(
        frozenset({Role.SENIOR_MANAGER}), gettext_lazy("record on what basis services share what they hold")
    ),
    "messages.resend": Capability(
        _TEAM | frozenset({Role.ADMINISTRATOR}), gettext_lazy("send messages again that could not be delivered")
    ),
    "deliveries.manage": Capability(
        frozenset({Role.ADMINISTRATOR}), gettext_lazy("manage messages and deliveries to other systems")
    ),
    # forms: whoever knows the work drafts them, and a manager answers for what the public is asked
    "forms.build": Capability(_TEAM | frozenset({Role.ADMINISTRATOR}), gettext_lazy("build forms")),
    "forms.publish": Capability(frozenset({Role.TEAM_MANAGER, Role.ADMINISTRATOR}), gettext_lazy("publish forms")),
    "names.see": Capability(
        _FRONT | _TEAM | _LOOKING | frozenset({Role.ADMINISTRATOR}),
        gettext_lazy("see what the council calls its operation, and which channels are live"),
    ),
    "catalogue.administer": Capability(frozenset({Role.ADMINISTRATOR}), gettext_lazy("change the service catalogue")),
    "people.administer": Capability(frozenset({Role.ADMINISTRATOR}), gettext_lazy("manage staff sign-ins and posts")),
    "keys.administer": Capability(frozenset({Role.ADMINISTRATOR}), gettext_lazy("manage API keys")),
}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Yes or no, with a sentence that may be shown to whoever asked."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


_owners: list[Callable[[str], UUID | None]] = []


def owners_from(lookup: Callable[[str], UUID | None]) -> None:
    """Which team owns a service, by its code, is known above this app: `config/owners.py` gives the lookup. Without one, none does."""
    _owners[:] = [lookup]


def may(actor: Actor, capability: str) -> Decision:
    """Whether `actor` may do this kind of work. Raises KeyError for a capability that is not in the table."""
    decision = _decided(actor.kind, actor.roles, actor.scopes, capability, get_language())
    if (
        decision.allowed
        and only_own_team(actor, capability)
        and not _owns(actor.teams, CAPABILITIES[capability].service)
    ):
        return Decision(allowed=False, reason=_("Only the team that owns this service may do that."))
    return decision


def only_own_team(actor: Actor, capability: str) -> bool:
    """Whether `actor` has this work as an officer or manager of a team alone, and it is work on one service."""
    row = CAPABILITIES[capability]
    held = actor.roles & row.roles
    return bool(row.service and actor.is_staff and held and held <= _TEAM)


def _owns(teams: frozenset[UUID], service: str) -> bool:
    return any(lookup(service) in teams for lookup in _owners)


@lru_cache(maxsize=10_000)
def _decided(
    kind: ActorKind, roles: frozenset[str], scopes: frozenset[str], capability: str, _language: str | None
) -> Decision:
    """Remembered by all that it depends on: a page asks some thirty times, and each answer is a sentence put together."""
    actor = Actor(kind=kind, roles=roles, scopes=scopes)
    row = CAPABILITIES[capability]
    if actor.kind is ActorKind.SYSTEM:
        return Decision(allowed=True, reason=_("Townhall does this by itself."))
    if actor.kind is ActorKind.CONNECTOR:
        return _may_by_scope(actor, capability)
    if not actor.is_staff:
        return Decision(allowed=False, reason=_("Only staff may %(do)s.") % {"do": row.words})
    held = sorted(actor.roles & row.roles)
    if held:
        return Decision(
            allowed=True,
            reason=_("You may %(do)s as %(role)s.") % {"do": row.words, "role": Role(held[0]).label.lower()},
        )
    return Decision(allowed=False, reason=_refusal(actor, row))


def require(actor: Actor, capability: str) -> None:
    """Raises NotAllowed, with the reason, unless `actor` may do this kind of work."""
    decision = may(actor, capability)
    if not decision.allowed:
        raise NotAllowed(decision.reason)


def themselves(user_id: UUID) -> Actor:
    """Somebody acting on their own sign-in, for which no post is needed."""
    return Actor(kind=ActorKind.STAFF, id=str(user_id))


def role_decision(actor: Actor, roles: frozenset[str]) -> Decision:
    """Whether `actor` holds a post with one of these roles."""
    if actor.is_staff and actor.roles & roles:
        return Decision(allowed=True, reason="")
    return Decision(allowed=False, reason=_("This page is for: %(roles)s.") % {"roles": _names(roles)})


def _may_by_scope(actor: Actor, capability: str) -> Decision:
    if capability in actor.scopes:
        return Decision(allowed=True, reason=_("The key has this scope."))
    return Decision(allowed=False, reason=_("The key does not have the scope %(scope)s.") % {"scope": capability})


def _refusal(actor: Actor, row: Capability) -> str:
    if not actor.roles:
        return _("You do not hold a post at the moment, so you may not %(do)s. Ask an administrator.") % {
            "do": row.words
        }
    return _("Only these roles may %(do)s: %(roles)s. You are signed in as: %(own)s.") % {
        "do": row.words,
        "roles": _names(row.roles),
        "own": _names(actor.roles),
    }


def _names(roles: frozenset[str] | frozenset[Role]) -> str:
    return ", ".join(sorted(str(Role(role).label).lower() for role in roles))
