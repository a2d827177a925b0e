"""The Jinja environment every page is drawn in (settings: OPTIONS environment = townhall.ui.jinja.environment)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NoReturn

from django.conf import settings
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, npgettext, pgettext
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, Template, Undefined
from jinja2.environment import TemplateModule
from jinja2.runtime import Context

from townhall.core.money import pounds
from townhall.ui import chrome, fields, map_macros, naming, paths, publishing, site, translated, words
from townhall.ui.markdown import markdown


class Missing(Undefined):
    """A name nobody gave: quiet in an `if`, but an error when printed, so no page shows a gap by mistake."""

    __slots__ = ()

    def __str__(self) -> NoReturn:  # noqa: PLE0307
        self._fail_with_undefined_error()

    def __html__(self) -> NoReturn:
        self._fail_with_undefined_error()


class PageTemplate(Template):
    """What it exports is the same for every page: the globals are the environment's own, so Jinja need not compare them at each import."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if self._module is not None:
            return self._module
        return super()._get_default_module()


def environment(**options: Any) -> Environment:
    options["loader"] = ChoiceLoader(
        [options["loader"], PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
    )
    options["undefined"] = Missing
    options["auto_reload"] = settings.DEBUG
    options.setdefault("cache_size", 1000)
    made = Environment(  # noqa: S701 - Django's backend passes autoescape=True
        **options, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"]
    )
    made.template_class = PageTemplate
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translated.gettext, translated.ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    made.globals.update(GLOBALS)
    made.filters.update(FILTERS)
    return made


def static(path: str) -> str:
    """Where an asset is served from; its plain name when assets were not collected, so that a page still appears."""
    return _static(path, settings.STATIC_URL)


@lru_cache(maxsize=500)
def _static(path: str, base: str) -> str:
    try:
        return publishing.address(path)
    except ValueError:
        return f"{base}{path}"


GLOBALS: dict[str, Any] = {
    "static": static,
    "stylesheets": publishing.stylesheets,
    "start_script": mark_safe(publishing.start_script()),  # noqa: S308 - our own file
    # In place of Jinja's own three calls of each other:
    "_": translated.gettext,
    "gettext": translated.gettext,
    "ngettext": translated.ngettext,
    "url": paths.url,
    "path_to": site.path_to,
    "called": naming.name,
    "Called": naming.heading,
    "site": site.site,
    "links": site.links,
    "public_header": chrome.public_header,
    "public_footer": chrome.public_footer,
    "language": get_language,
    "date_parts": words.date_parts,
    "drawn_field": fields.drawn_field,
    "form_errors": fields.form_errors,
    "dict": dict,
    "map_setup": map_macros.map_setup,
    "map_picture": map_macros.map_picture,
    "small_map": map_macros.small_map,
    "PUBLIC_LINKS": site.PUBLIC_LINKS,
    "FOOTER_LINKS": site.FOOTER_LINKS,
    "STAFF_LINKS": site.STAFF_LINKS,
}
FILTERS: dict[str, Any] = {
    "long_date": words.long_date,
    "short_date": words.short_date,
    "weekday_date": words.weekday_date,
    "time_of_day": words.time_of_day,
    "moment": words.moment,
    "deadline": words.deadline,
    "ago": words.ago,
    "iso": words.iso,
    "nl2br": words.nl2br,
    "markdown": markdown,
    "in_sentence": words.in_sentence,
    "phone_links": words.phone_links,
    "pounds": pounds,
}
