"""The watch's power and false alarm as measured at the site: which trial counts, over which window, on which day."""

from datetime import date, timedelta
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weigh_records import SITE, alert, assumed, blob, day_end, indicator, look, p, question, ratio_of, view, weigh

from sitewatch.records import Commitment, FindingWord, Form, Measured, Probability, Range, Site, Step, Trial, When
from sitewatch.weigh import find
from sitewatch.weigh.evidence import Collector
from sitewatch.weigh.measured import false_alarm, watch_power

CHANGE = indicator("change", observables=("change",), missile=0.9, routine=0.2)
ASK = question(CHANGE)
PLACE = Site(slug=SITE, name="Sanumdong", watch_from=date(2018, 1, 1))
LAST = date(2019, 12, 31)
RATE = Range(lo=0.1, best=0.2, hi=0.4, origin="measured: 24 placebo fences, those that became probable")
RAISED = Range(lo=0.5, best=0.9, hi=1.4, origin="measured: 24 placebo fences")


def trial(best, size=3, material="bright_roof", days=60):
    chance = Probability(lo=best * 0.9, best=best, hi=min(1, best * 1.1), origin=f"measured: {size} px {material}")
    return Trial(size_px=size, size_m=10 * size, material=material, within_days=days, probability=chance, plants=60)


def measured(*trials, rate=RATE, known=LAST, until=LAST, site=SITE):
    return Measured(
        available_at=day_end(known) if known else None, site=site, start=date(2018, 1, 1), until=until,
        false_alarms=rate and RAISED, false_probable=rate, alarms=50, false=43,
        placebos=24, placebo_years=48, scale=1, power=trials,
    )  # fmt: skip


def passes(*days, result="not_seen"):
    return [look("change", result, day, by="monitor", power=None, false=None) for day in days or (LAST,)]


def watch(*records, given=None):
    collector = Collector(ASK, view(PLACE, *records), given or assumed())
    (witness,) = collector.evidence(CHANGE).looks
    return witness


def test_the_watch_is_worth_what_the_least_noticed_change_is():
    witness = watch(*passes(), measured(trial(0.9), trial(0.6, material="bare"), trial(0.8, size=5)))
    assert witness.hit.range.best == 0.6
    assert witness.hit.range.origin == "the least of 3 kinds tried: measured: 3 px bare"


def test_a_judgement_says_what_its_watch_was_weighed_by():
    (driver,) = weigh(PLACE, *passes(), measured(trial(0.6)), ask=ASK).drivers
    assert driver.why == (
        "As the test says. (not seen by the monitor's watch, 2018-01-01 to 2019-12-31: power 0.60 [0.54, 0.66] "
        "(measured: 3 px bright_roof); false alarm 0.33 [0.18, 0.55] (measured: 24 placebo fences, "
        "those that became probable, over 2.0 years))"
    )


def test_of_each_time_that_fits_into_the_watch_the_longest_counts():
    kinds = [trial(0.3), trial(0.9, days=180), trial(0.2, material="bare"), trial(0.8, material="bare", days=180)]
    year = date(2018, 12, 31)
    assert watch(*passes(year), measured(*kinds)).hit.range.best == 0.8
    assert watch(*passes(date(2018, 4, 1)), measured(*kinds)).hit.range.best == 0.2
    assert watch(*passes(date(2018, 1, 20)), measured(*kinds)).hit.range.best == 0.2
    assert watch(*passes(year), measured(*kinds, trial(0.1, days=400))).hit.range.best == 0.8


def test_that_all_planted_changes_were_noticed_makes_nothing_certain():
    hit = watch(*passes(), measured(trial(1.0))).hit.range
    assert (hit.lo, hit.best, hit.hi) == pytest.approx((0.9, 0.95, 1.0))
    told = ratio_of(weigh(PLACE, *passes(), measured(trial(1.0)), ask=ASK, given=assumed(visible=p(1))))
    assert told.best > 0.05


def test_the_false_alarm_is_that_of_the_whole_window_and_of_what_became_probable():
    false = watch(*passes(), measured(trial(0.9))).false.range
    years = 730 / 365.25
    assert false.best == pytest.approx(1 - exp(-0.2 * years), rel=2e-3)
    assert false.hi == pytest.approx(1 - exp(-0.4 * years), rel=2e-3)
    assert false.origin.startswith("measured: 24 placebo fences, those that became probable, over 2.0 years")


def test_where_nothing_was_measured_the_assumption_stands():
    for nothing in ([], [measured(trial(0.3), site="elsewhere")], [measured(trial(0.3), known=None)]):
        witness = watch(*passes(), *nothing)
        assert (witness.hit.range.best, witness.false.range.best) == (0.8, 0.05)


def test_each_of_the_two_is_assumed_by_itself():
    no_rate = watch(*passes(), measured(trial(0.6), rate=None))
    assert (no_rate.hit.range.best, no_rate.false.range.best) == (0.6, 0.05)
    no_power = watch(*passes(), measured())
    assert no_power.hit.range.best == 0.8
    assert "placebo" in no_power.false.range.origin


def test_the_later_measurement_counts_and_only_from_its_day_on():
    early = measured(trial(0.5), known=date(2019, 1, 1), until=date(2018, 12, 31))
    late = measured(trial(0.7)).model_copy(update={"supersedes": early.id})
    seen = passes(date(2018, 6, 1))

    def power(until):
        collector = Collector(ASK, view(PLACE, *seen, early, late, until=day_end(until)), assumed())
        (witness,) = collector.evidence(CHANGE).looks
        return witness.hit.range.best

    days = (date(2018, 12, 31), date(2019, 1, 1), LAST - timedelta(days=1), LAST)
    assert [power(day) for day in days] == [0.8, 0.5, 0.5, 0.7]


def test_a_judgement_is_known_no_earlier_than_what_it_was_weighed_by():
    assessment = weigh(PLACE, *passes(date(2018, 6, 1)), measured(trial(0.7)), ask=ASK)
    assert assessment.available_at == day_end(LAST)


@pytest.mark.parametrize("result", ["seen", "not_seen"])
@pytest.mark.parametrize("rate", [RATE, None])
def test_a_watch_of_no_power_tells_nothing(result, rate):
    none = Trial(
        size_px=3, size_m=30, material="bare", within_days=60, probability=p(0, origin="measured"), plants=60
    )  # fmt: skip
    found = [alert(day=LAST)] if result == "seen" else []
    told = ratio_of(weigh(PLACE, *passes(result=result), *found, measured(none, rate=rate), ask=ASK))
    assert (told.best, told.lo, told.hi) == pytest.approx((1, 1, 1))


def test_a_short_watch_is_worth_no_more_than_the_trial_that_was_longer():
    short = passes(date(2018, 1, 20))
    assert watch(*short, measured(trial(0.3))).hit.range.best == 0.3
    strong = watch(*short, measured(trial(0.95)), given=assumed(detect=p(0.5, 0.8, 0.9)))
    assert (strong.hit.range.lo, strong.hit.range.best, strong.hit.range.hi) == (0.5, 0.8, 0.9)
    assert "no higher than in a longer window" in strong.hit.range.origin
    assert watch(*short, measured(trial(0.3), trial(0.7, days=15))).hit.range.best == 0.7


def test_a_further_watch_that_waits_on_an_alert_has_the_measured_power():
    ask = question(CHANGE, next_looks=("change",))
    pending = [PLACE, *passes(), alert("possible", day=LAST)]
    strong, weak = (
        weigh(*pending, measured(trial(best)), ask=ask).next_looks[0].gain_bits for best in (0.95, 0.4)
    )  # fmt: skip
    assert strong > weak > 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4), st.floats(0, 1), st.floats(0, 400))
def test_more_kinds_tried_never_make_a_watch_stronger(bests, more, days):
    trials = [trial(best) for best in bests]
    fewer = watch_power([measured(*trials)], days, p(0.8))
    assert watch_power([measured(*trials, trial(more))], days, p(0.8)).best <= fewer.best


@given(st.floats(0, 20), st.floats(0, 4000), st.floats(0, 4000))
def test_a_longer_window_never_has_fewer_false_alarms(rate, one, other):
    short, long = sorted((one, other))
    alarms = Range.exactly(rate, "placebos")
    assert 0 <= false_alarm(alarms, short).best <= false_alarm(alarms, long).best <= 1


PLEDGE = Commitment(
    available_at=day_end(date(2018, 1, 1)), slug="pledge", clause="It will be torn down.", obligor="The state",
    form=Form.ORAL, made=When.of(date(2018, 1, 1)), confirmed_by_obligor=True, names_site=True, site=SITE,
    deadline=date(2018, 6, 1), steps=(Step(progress=1, any_of=("change",)),), min_power=0.5,
)  # fmt: skip


def judged(*records):
    return find(
        PLEDGE, view(PLACE, *records), assumed(), evidence_head=blob("head"), engine="sitewatch test",
        config=blob("config"),
    )  # fmt: skip


@pytest.mark.parametrize(("best", "word"), [(0.7, FindingWord.NOT_CONSISTENT), (0.3, FindingWord.INDETERMINATE)])
def test_a_pledge_is_tested_with_the_measured_power_of_the_watch(best, word):
    finding = judged(*passes(date(2018, 3, 1), LAST), measured(trial(0.9), trial(best, material="bare")))
    assert finding.finding is word
    assert finding.tests[0].power.best == best
    assert finding.available_at == day_end(LAST)


def test_a_pledge_of_last_week_is_not_tested_with_the_power_of_two_months():
    week = passes(date(2018, 1, 3), date(2018, 1, 8))
    (test,) = judged(*week, measured(trial(0.95), known=date(2018, 1, 8))).tests
    assert test.power.best == 0.8
    assert "no higher than in a longer window" in test.power.origin
