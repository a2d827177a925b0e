from __future__ import annotations

from django.template import engines
from django.utils import translation

from townhall.ui import translated


def _drawn(template: str, **values: object) -> str:
    return str(engines.all()[0].from_string(template).render(values))


def test_values_are_escaped_and_sentences_are_not() -> None:
    assert _drawn('{{ _("<b>%(name)s</b>", name=name) }}', name="<i>") == "<b>&lt;i&gt;</b>"
    assert _drawn('{{ gettext("It\'s 100%%") }}') == "It's 100%"


def test_one_and_many() -> None:
    words = '{{ ngettext("%(num)s case in %(place)s", "%(num)s cases in %(place)s", count, place=place) }}'

    assert _drawn(words, count=1, place="A & B") == "1 case in A &amp; B"
    assert _drawn(words, count=2, place="A & B") == "2 cases in A &amp; B"


def test_each_language_has_its_own() -> None:
    with translation.override("cy"):
        welsh = translated.gettext("Yes")
        assert welsh == str(translation.gettext("Yes"))
    with translation.override("en-gb"):
        assert translated.gettext("Yes") == "Yes"
