from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby

import pytest

from sitewatch.errors import InputError
from sitewatch.look import fused
from sitewatch.records import Alert, AlertState, Look, Region, Result, State, When

DAY = timedelta(days=1)
BEGUN = datetime(2020, 3, 1, tzinfo=UTC)
CENTRE = (25.0, 45.0)
METRE = 1 / 111_320
"""Degrees of latitude in a metre."""


def region(north_m: float = 0.0) -> Region:
    x, y = CENTRE[0], CENTRE[1] + north_m * METRE
    side = 30 * METRE
    ring = ((x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y))
    return Region(pixels=9, area_m2=900.0, centre=(x, y), outline=(ring,))


def at(days: float) -> datetime:
    return BEGUN + days * DAY


def chain(*states: tuple[State, float], sensor="optical", number=1, north_m=0.0, begun=0.0) -> list[Alert]:
    """Every step of one alert, each known a day after its pass."""
    steps: list[Alert] = []
    history: tuple[AlertState, ...] = ()
    for state, day in states:
        history = (*history, AlertState(state=state, at=at(day), reason="made"))
        steps.append(
            Alert(
                available_at=at(day + 1), supersedes=steps[-1].id if steps else None, site="s", sensor=sensor,
                number=number, history=history, onset=When(earliest=at(begun - 10), latest=at(begun)),
                first_flag=history[0].at, region=region(north_m), statistic=50.0, limit=45.0, looks_used=(),
                looks_missed=(),
            )
        )  # fmt: skip
    return steps


def read(result: Result, day: float, *, observable: str = "change", published: float | None = None) -> Look:
    return Look(
        available_at=at(day if published is None else published), site="s", observable=observable, result=result,
        when=When(earliest=at(day), latest=at(day)), by="analyst", provider="Maker", publisher="Institute",
    )  # fmt: skip


def passed(day: float, number: int, result: Result = Result.NOT_SEEN) -> Look:
    return Look(
        available_at=at(day), site="s", observable="change", result=result, when=When(earliest=at(day), latest=at(day)),
        by="monitor", pass_id=f"{number:064x}", provider="Maker", publisher="Sitewatch monitor",
    )  # fmt: skip


def states(steps) -> list[State]:
    """The states that alerts come through, one after the other; a step that only adds a witness counts with its own."""
    return [state for (_, _, state), _ in groupby((step.sensor, step.number, step.state) for step in steps)]


PROBABLE = ((State.POSSIBLE, 20), (State.PROBABLE, 30))


def test_two_sensors_at_one_place_confirm_each_other_when_the_later_is_probable():
    optical, radar = chain(*PROBABLE), chain((State.POSSIBLE, 40), (State.PROBABLE, 60), sensor="radar", begun=12)
    out = fused([*optical, *radar], [], {})
    mine = [a for a in out if a.sensor == "optical"]
    assert states(mine) == [State.POSSIBLE, State.PROBABLE, State.CONFIRMED]
    assert mine[-1].available_at == at(61)
    assert mine[-1].history[-1].at == at(60)
    assert mine[-1].supersedes == mine[-2].id
    (witness,) = mine[-1].witnesses
    assert (witness.sensor, witness.says, witness.of) == ("radar", "agrees", radar[-1].id)
    assert states([a for a in out if a.sensor == "radar"])[-1] is State.CONFIRMED


@pytest.mark.parametrize(
    "other",
    [{"sensor": "optical", "number": 2}, {"sensor": "radar", "north_m": 200.0}, {"sensor": "radar", "begun": 200.0}],
    ids=["the same kind of sensor", "another place", "another time"],
)
def test_what_is_no_independent_witness_confirms_nothing(other):
    out = fused([*chain(*PROBABLE), *chain(*PROBABLE, **other)], [], {})
    assert State.CONFIRMED not in states(out)


def test_a_coarse_sensor_may_show_it_a_support_away():
    out = fused([*chain(*PROBABLE), *chain(*PROBABLE, sensor="thermal", north_m=120.0)], [], {})
    assert states(out).count(State.CONFIRMED) == 2


def test_a_possible_alert_of_another_sensor_is_not_enough():
    out = fused([*chain(*PROBABLE), *chain((State.POSSIBLE, 25), sensor="radar")], [], {})
    assert State.CONFIRMED not in states(out)
    assert [w.says for w in out[1].witnesses] == ["undecided"]


def test_an_analyst_who_saw_the_change_confirms_it_and_later_steps_keep_it():
    steps = chain(*PROBABLE, (State.ENDED, 200))
    out = fused(steps, [read(Result.SEEN, 50, published=90)], {})
    assert states(out) == [State.POSSIBLE, State.PROBABLE, State.CONFIRMED, State.ENDED]
    assert [s.state for s in out[-1].history] == states(out)
    assert out[2].available_at == at(90)
    assert out[3].supersedes == out[2].id
    assert out[3].witnesses[0].sensor == "analyst"


@pytest.mark.parametrize(
    ("look", "why"),
    [
        (read(Result.SEEN, 50, published=300), "known only after the alert had ended"),
        (read(Result.SEEN, -30), "taken before the onset"),
        (read(Result.OBSCURED, 50), "obscured"),
        (read(Result.SEEN, 50, observable="change-2"), "of another alert"),
        (read(Result.SEEN, 50, observable="trucks"), "of something else"),
    ],
)
def test_a_look_that_cannot_speak_for_the_alert_confirms_nothing(look, why):
    out = fused(chain(*PROBABLE, (State.ENDED, 200)), [look], {})
    assert State.CONFIRMED not in states(out), why


def test_where_two_alerts_stand_the_analyst_names_the_one_she_means():
    both = [*chain(*PROBABLE), *chain(*PROBABLE, number=2, north_m=500.0)]
    assert State.CONFIRMED not in states(fused(both, [read(Result.SEEN, 50)], {}))
    out = fused(both, [read(Result.SEEN, 50, observable="change-2")], {})
    assert [a.number for a in out if a.state is State.CONFIRMED] == [2]


def test_a_withdrawn_alert_is_never_confirmed():
    out = fused(chain((State.POSSIBLE, 20), (State.WITHDRAWN, 40)), [read(Result.SEEN, 30)], {})
    assert states(out) == [State.POSSIBLE, State.WITHDRAWN]


@pytest.mark.parametrize(("count", "says"), [(3, "disagrees"), (2, "could not see"), (0, "could not see")])
def test_a_silent_sensor_disagrees_only_if_it_could_have_seen(count, says):
    looks = [passed(5 + i, i) for i in range(count)] + [passed(40 + i, 10 + i, Result.OBSCURED) for i in range(5)]
    out = fused(chain(*PROBABLE), looks, {f"{i:064x}": "radar" for i in range(20)})
    assert State.CONFIRMED not in states(out)
    (witness,) = out[-1].witnesses
    assert (witness.sensor, witness.says, witness.of) == ("radar", says, None)


def test_an_analyst_who_did_not_see_it_is_shown():
    out = fused(chain(*PROBABLE), [read(Result.NOT_SEEN, 50)], {})
    assert [w.says for w in out[-1].witnesses] == ["disagrees"]
    assert states(out) == [State.POSSIBLE, State.PROBABLE]


def test_without_other_sensors_the_steps_stay_as_they_are():
    steps = chain(*PROBABLE, (State.ENDED, 200))
    assert fused(steps, [], {}) == tuple(steps)


def test_steps_in_odd_order_doubled_or_of_two_sites_are_refused():
    steps = chain(*PROBABLE)
    for wrong in (steps[::-1], [*steps, *steps], steps[1:]):
        with pytest.raises(InputError, match="of optical alert 1 of s does not follow the one before it"):
            fused(wrong, [], {})
    other = [step.model_copy(update={"site": "t"}) for step in chain((State.POSSIBLE, 40), sensor="radar")]
    with pytest.raises(InputError, match="are of the sites s, t"):
        fused([*steps, *other], [], {})
    with pytest.raises(InputError, match="are of the sites s, t"):
        fused(steps, [read(Result.SEEN, 50).model_copy(update={"site": "t"})], {})


@pytest.mark.parametrize("kind", ["optical", "analyst", "radar"])
def test_an_analyst_who_read_the_same_sensors_pass_is_no_second_sensor(kind):
    look = read(Result.SEEN, 50).model_copy(update={"pass_id": f"{7:064x}"})
    out = fused(chain(*PROBABLE), [look], {f"{7:064x}": kind})
    assert (State.CONFIRMED in states(out)) == (kind != "optical")


def test_an_image_that_may_be_from_before_the_onset_confirms_nothing():
    for when in (When(earliest=at(-900), latest=at(50)), When(latest=at(50))):
        look = read(Result.SEEN, 50).model_copy(update={"when": when})
        assert State.CONFIRMED not in states(fused(chain(*PROBABLE), [look], {}))


def test_another_sensors_alert_that_was_withdrawn_disagrees():
    radar = chain((State.POSSIBLE, 40), (State.WITHDRAWN, 70), sensor="radar")
    mine = [a for a in fused([*chain(*PROBABLE), *radar], [], {}) if a.sensor == "optical"]
    assert State.CONFIRMED not in states(mine)
    assert [w.says for w in mine[-1].witnesses] == ["disagrees"]


def test_another_sensors_alert_that_ended_as_possible_is_undecided():
    radar = chain((State.POSSIBLE, 40), (State.ENDED, 70), sensor="radar")
    mine = [a for a in fused([*chain(*PROBABLE), *radar], [], {}) if a.sensor == "optical"]
    assert [w.says for w in mine[-1].witnesses] == ["undecided"]


def test_a_denial_is_shown_only_of_the_alert_it_names_and_once_it_is_public():
    radar = chain(*PROBABLE, sensor="radar")
    assert fused(radar, [read(Result.NOT_SEEN, 50, observable="change-1")], {})[-1].witnesses == ()
    unknown = read(Result.NOT_SEEN, 50).model_copy(update={"available_at": None})
    assert fused(chain(*PROBABLE), [unknown], {})[-1].witnesses == ()


def test_what_is_known_on_no_day_and_onsets_without_an_edge_confirm_nothing():
    both = [*chain(*PROBABLE), *chain(*PROBABLE, sensor="radar", begun=5)]
    for change in ({"onset": When()}, {"onset": When(earliest=at(-10))}, {"available_at": None}):
        steps = []
        for step in both:
            before = steps[-1].id if steps and step.supersedes else None
            steps.append(step.model_copy(update=change | {"supersedes": before}))
        assert State.CONFIRMED not in states(fused(steps, [], {}))


def test_a_confirmed_alert_is_not_confirmed_again():
    look = read(Result.SEEN, 22)
    once = fused(chain(*PROBABLE), [look], {})
    assert states(fused(once, [look], {})) == states(once) == [State.POSSIBLE, State.PROBABLE, State.CONFIRMED]


def test_no_step_says_what_was_known_only_later():
    looks = [passed(35 + 10 * i, i) for i in range(4)] + [read(Result.NOT_SEEN, 40, published=90)]
    out = fused(chain(*PROBABLE), looks, {f"{i:064x}": "radar" for i in range(4)})
    told = [(step.available_at, [(w.sensor, w.says) for w in step.witnesses]) for step in out]
    silent, heard, denied = ("radar", "could not see"), ("radar", "disagrees"), ("analyst", "disagrees")
    assert told == [(at(21), [silent]), (at(31), [silent]), (at(55), [heard]), (at(90), [heard, denied])]
    assert [step.supersedes for step in out] == [None, *(step.id for step in out[:-1])]
