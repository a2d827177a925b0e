"""What kind of mail it is, and whether an acknowledgement may go back.

Headers first (RFC 3464 reports, RFC 3834 automatic answers, RFC 2919 lists); then who sends it and what its subject says, for the many
systems that follow no standard.
"""

from __future__ import annotations

import re
from email.message import Message
from enum import StrEnum

from townhall.mailroom.reading.headers import address, header


class Kind(StrEnum):
    ORDINARY = "ordinary"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto-reply"
    LIST = "list"


def _any_of(patterns: str, *, whole: str = "%s") -> re.Pattern[str]:
    """One pattern a line; `whole` says where in the text it has to stand."""
    return re.compile(whole % f"(?:{'|'.join(patterns.strip().splitlines())})", re.IGNORECASE)


_DAEMON = _any_of(
    r"""
.*mailer-?daemon.*
post_?master
(mail-?|m|double-?)?daemon
mail\.?-?delivery(\.?sub)?
mta
smtp
bounces?
non-?delivery
ndr
complaints|feedbackloop|staff|abuse|arf|fbl
microsoftexchange[0-9a-f]+
.*undeliver.*
""",
    whole=r"^%s([-+@]|$)",
)
_DAEMON_NAME = _any_of(r"""
mail(er)?[ -]?(delivery|daemon)
delivery (sub)?system
postmaster
mail system
(system|mail) administrator
undeliverable
content filter
virus
internet mail delivery
""")
_RETURNED = _any_of(r"""
undeliver(ed|able)
delivery (status notification|(has )?fail(ed|ure)|error|problem|report|notification|status|delayed|to the following)
fail(ed|ure) (notice|to deliver|delivery)|failure notice
returned (mail|to sender|message)
(mail|message) (delivery|system|failure|delayed|status|not (sent|delivered)|could not be)
could ?n[o']t (be )?(send|sent|deliver)
non[- ]?delivery|not deliver(ed|able)
warning: (could not send|message)
rejected( message| mail)?:|bounced?( mail| message)?:|ndn:
(permanent|temporary) (error|failure)
mail ?box (is )?full
user unknown|unknown user|no such user
email feedback report|(abuse|spam) report|complaint (about|from|report)
(email|message|mail) (was )?(blocked|rejected|refused|returned)
error sending
meldung des (mail|email)|unzustellbar|nicht zugestellt
não (foi )?entregue|no se ha podido entregar|non remis|échec
配信|送信|宛先|エラー
""")
_SAYS_RETURNED = _any_of(r"""
(could not be|was not) delivered
undeliver(ed|able)|unable to deliver|delivery (has )?failed|fail(ed|ure) to deliver
permanent(ly)? (fatal )?(error|failure)
(the following|these) (address|recipient|message)[^\n]{0,80}(fail|error|not|problem|reject)
(user unknown|unknown recipient|no such user|does not exist here)
mailbox (is )?(full|unavailable|not found)
(final-recipient|diagnostic-code|feedback-type):
\b55[0-4][ -]|\b5\.[0-7]\.\d{1,3}\b
did not reach the following
invalid (user|recipient) address
(recipient|user) name is not recogni[sz]ed
this is (a|an) (automatically|email abuse|spam)
retry timeout exceeded
returned to sender|original message follows
""")
_AWAY = _any_of(
    r"""
auto(matic)?[ -]?(reply|response|matic|antwort)|automatic(ally)? (reply|response|generated)
auto:
out[ -]of[ -]((the|my) )?office(?! hours)
away from (the |my )?(office|desk|email|mail)
autosvar|abwesenheit|automatische antwort|automatisch antwoord|afwezig|automatyczna odpowied
réponse automatique|risposta automatica|respuesta autom|fuera de la oficina|resposta autom
自動返信|自动回复
""",
    whole=r"^\s*(re:\s*)?[\[(]?%s",
)
# What a resident may write about too ("I am on Universal Credit", "Absence from school"): only where it answers something.
_PERHAPS_AWAY = _any_of(
    r"""
on (holiday|vacation|leave)|vacation|away:
i am (out|away|on)|i'?m (out|away)
abwesend|absence
""",
    whole=r"^\s*[\[(]?%s",
)
_NOBODY = _any_of(
    r"""
(.*[-_.+])?(no[-_.]?reply|do[-_.]?not[-_.]?reply)
noreply.*|donotreply.*
nobody|root|daemon|postmaster|mailer-?daemon
bounces?([-+].*)?
auto(matic|reply|responder).*
listserv|majordomo|.*-(request|owner|bounces?)|owner-.*
""",
    whole="^%s$",
)
_NOTIFICATION = re.compile(r"\"(notification|event)Type\"\s*:\s*\"(Bounce|Complaint)\"")  # Amazon's, in JSON
_SAYS = 6000  # characters of the words that are looked at


def kind_of(message: Message, text: str) -> Kind:
    """The first that holds: a bounce (or report of abuse), an automatic answer, a list."""
    if _is_report(message, text) or _is_returned(message, text, only_systems=True):
        return Kind.BOUNCE
    if _is_auto_reply(message):
        return Kind.BOUNCE if _is_returned(message, text) else Kind.AUTO_REPLY
    if _is_list(message):
        return Kind.LIST
    return Kind.BOUNCE if _is_returned(message, text) else Kind.ORDINARY


def _is_report(message: Message, text: str) -> bool:
    if message.get_content_type() == "multipart/report":
        about = str(message.get_param("report-type") or "").casefold()
        return about != "disposition-notification"
    reports = ("message/delivery-status", "message/feedback-report", "message/global-delivery-status")
    return (
        message.get("X-Failed-Recipients") is not None
        or bool(_NOTIFICATION.search(text[:_SAYS]))
        or any(part.get_content_type() in reports for part in message.walk())
    )


def _is_returned(message: Message, text: str, *, only_systems: bool = False) -> bool:
    """No standard report, but it comes from a mail system, or nobody, and says that something was not delivered."""
    shown, sender = address(message, "From")
    subject = header(message, "Subject")
    if re.match(r"mailer-?daemon(@|$)", sender, re.IGNORECASE):
        return True
    from_system = (
        bool(_DAEMON.match(sender))
        or bool(_DAEMON_NAME.search(shown or (header(message, "From") if not sender else "")))
        or header(message, "Return-Path") in ("<>", "<#@[]>")
        or not sender
    )
    says_so = bool(_RETURNED.search(subject))
    reports = bool(_SAYS_RETURNED.search(text[:_SAYS]))
    if from_system and (says_so or reports):
        return True
    return not only_systems and says_so and reports and not _is_answer(message)


def _is_answer(message: Message) -> bool:
    """A person who answers or forwards a bounce is no bounce."""
    return bool(re.match(r"^\s*(re|fwd?|aw|wg)\s*:", header(message, "Subject"), re.IGNORECASE))


def _is_auto_reply(message: Message) -> bool:
    submitted = (header(message, "Auto-Submitted") or "no").partition(";")[0].strip().casefold()
    precedence = header(message, "Precedence").casefold()
    return (
        submitted not in ("no", "")
        or precedence == "auto_reply"
        or any(
            message.get(name)
            for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-AutoReply-From", "X-Mail-Autoreply")
        )
        or message.get_content_type() == "multipart/report"  # a receipt that it was read
        or bool(_AWAY.match(header(message, "Subject")))
        or (precedence in ("bulk", "junk") and header(message, "Return-Path") == "<>" and not _has_list_marks(message))
        or (_answers_something(message) and bool(_PERHAPS_AWAY.match(header(message, "Subject"))))
    )


def _answers_something(message: Message) -> bool:
    return bool(message.get("In-Reply-To") or message.get("References")) or header(message, "Return-Path") == "<>"


def _is_list(message: Message) -> bool:
    return header(message, "Precedence").casefold() in ("list", "bulk", "junk") or _has_list_marks(message)


def _has_list_marks(message: Message) -> bool:
    marks = ("List-Id", "List-Unsubscribe", "List-Post", "List-Help", "Mailing-List", "X-Mailing-List", "X-BeenThere")
    return any(message.get(name) for name in marks)


def would_acknowledge(message: Message, kind: Kind, sender: str, *, own: frozenset[str]) -> bool:
    """Only to a person who wrote to us: never to a machine, a list, nobody, or ourselves."""
    where = (address(message, "Reply-To")[1] or sender).casefold()
    local, _at, domain = where.rpartition("@")
    suppress = header(message, "X-Auto-Response-Suppress").casefold()
    return (
        kind == Kind.ORDINARY
        and bool(local)
        and "." in domain
        and where not in own
        and not _NOBODY.match(local)
        and not _NOBODY.match(sender.rpartition("@")[0])
        and header(message, "Return-Path") != "<>"
        and not re.search(r"\b(all|autoreply|oof)\b", suppress)
        and not header(message, "X-Loop")
    )
