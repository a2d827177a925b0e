"""A script branches by the answers, says what it writes where, and never goes in circles."""

from __future__ import annotations

import pytest

from townhall.knowledge import scripts
from townhall.knowledge.tests.makers import SCRIPT


def test_the_answers_lead_through_the_branches_and_say_what_they_fill_in() -> None:
    script = scripts.read(SCRIPT)
    assert scripts.walk(script, []).at.code == "which"
    on = scripts.walk(script, [("which", "black"), ("rare", ""), ("when", "At noon"), ("hurt", "no")])
    assert [one.step.code for one in on.done] == ["which", "rare", "when", "hurt"]
    assert on.at.end == "form"
    assert on.written() == {"colour": "black"}
    assert on.noted() == ["Which colour is it? Black", "When was it seen? At noon", "Is it hurt? No"]
    assert scripts.walk(script, [("which", "white"), ("when", "x"), ("hurt", "yes")]).at.code == "vet"


def test_answers_that_do_not_fit_are_left_out() -> None:
    script = scripts.read(SCRIPT)
    assert scripts.walk(script, [("which", "green"), ("when", "x")]).at.code == "which"
    assert scripts.walk(script, [("which", "white"), ("rare", "")]).at.code == "when"


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("code: rare,", "code: which,", "there twice"),
        ("then: vet", "then: which", "leads back to itself"),
        (", end: refer", "", "last step has to be an end"),
        ("kind: words", "kind: colours", "Line 11"),
        ('ask: "When was it seen?", ', "", "ask or to tell"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused_and_says_why(was: str, now: str, said: str) -> None:
    assert was in SCRIPT
    with pytest.raises(scripts.BadScript, match=said):
        scripts.read(SCRIPT.replace(was, now, 1))
