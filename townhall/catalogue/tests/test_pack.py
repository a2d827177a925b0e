from __future__ import annotations

from townhall.catalogue.tests.makers import make_pack


def test_an_update_on_trial_goes_to_the_trial_group_only() -> None:
    always = [{"update": update} for update in ("received", "declined", "done")]
    pack = make_pack(updates=[*always, {"update": "scheduled", "trial_group": "northgate"}])

    assert pack.sends("received")
    assert not pack.sends("scheduled")
    assert not pack.sends("scheduled", trial_groups=frozenset({"priory"}))
    assert pack.sends("scheduled", trial_groups=frozenset({"northgate"}))
    assert not pack.sends("date_changed", trial_groups=frozenset({"northgate"}))


def test_what_is_left_out_is_the_councils_default() -> None:
    pack = make_pack()

    assert (pack.clocks.referral_days, pack.clocks.decision_days) == (30, 60)
    assert (pack.clocks.chasers_to_manager, pack.clocks.chasers_to_senior) == (2, 3)
    assert pack.sends("scheduled")
    assert not pack.public.description
