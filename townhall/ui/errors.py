"""The words of the pages that say no: what happened and what to do next, without blame or jargon."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    title: Words
    lines: tuple[Words, ...]
    way_home: bool = True


PAGES: dict[int, ErrorPage] = {
    400: ErrorPage(
        title=_("There is a problem with what was sent"),
        lines=(_("We could not read what your browser sent us."), _("Go back, check your answers and try again.")),
    ),
    403: ErrorPage(
        title=_("You cannot see this page"),
        lines=(
            _("You may need to sign in, or your account may not be allowed to see it."),
            _("If you are a member of staff, ask your manager to check your roles and your training dates."),
        ),
    ),
    404: ErrorPage(
        title=_("Page not found"),
        lines=(
            _("If you typed the web address, check it is correct."),
            _("If you pasted the web address, check you copied all of it."),
        ),
    ),
    405: ErrorPage(
        title=_("This page cannot be opened that way"),
        lines=(_("It is a step that follows from another page. Go back and use the button there."),),
    ),
    409: ErrorPage(
        title=_("That has already changed"),
        lines=(_("Someone else may have done it first. Go back and look at how it stands now."),),
    ),
    410: ErrorPage(
        title=_("This page has gone"),
        lines=(_("The link has been used, has run out or has been withdrawn."),),
    ),
    413: ErrorPage(
        title=_("What you sent is too big"),
        lines=(_("Go back and choose a smaller file, or send fewer files at a time."),),
    ),
    429: ErrorPage(
        title=_("Wait a few minutes and try again"),
        lines=(
            _("There have been many requests from this connection in a short time, so we have paused it."),
            _("Nothing you have already sent us has been lost."),
        ),
    ),
    500: ErrorPage(
        title=_("Sorry, there is a problem with the service"),
        lines=(
            _("Try again later."),
            _("If you did not get a reference, what you sent was not saved: send it again later or call us."),
        ),
    ),
    503: ErrorPage(
        title=_("Sorry, the service is unavailable"),
        lines=(
            _("You will be able to use it later. If you have already been given a reference, we have your request."),
        ),
        way_home=False,
    ),
}
CSRF = ErrorPage(
    title=_("We could not check that it was you"),
    lines=(
        _("The page may have been open for a long time, or your browser may be blocking cookies from this site."),
        _("Go back, reload the page and send your answers again. What you sent was not saved."),
    ),
)
