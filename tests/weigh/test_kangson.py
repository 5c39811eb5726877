"""A plant that may be an enrichment plant: two sights of 2020 turn an untempered model round, and no other.

The days and observables are those of the published accounts; the likelihoods are this test's own. The direction is what
is tested, not a number.
"""

from datetime import date

import pytest
from weigh_records import assumed, indicator, look, p, question, ratio_of, view, weigh

from sitewatch.records import OTHER
from sitewatch.weigh import curve

HYPOTHESES = ("enrichment", "workshop", OTHER)
SIGHTS = {
    "hall": (0.80, 0.50, 0.30),
    "wall": (0.85, 0.45, 0.30),
    "snowless_roof": (0.70, 0.40, 0.30),
    "support_buildings": (0.85, 0.25, 0.30),
    "upper_floor": (0.15, 0.50, 0.40),
}
"""P(sight | enrichment, workshop, other): a long hall, a wall of 1 km, a roof that never keeps snow, buildings for feed
and cooling beside it, an upper floor of concrete, on which no cascade would stand."""
KANGSON = question(
    *(
        indicator(name, observables=(name,), **dict(zip(HYPOTHESES, map(p, chances), strict=True)))
        for name, chances in SIGHTS.items()
    ),
    hypotheses=HYPOTHESES,
    next_looks=tuple(SIGHTS),
)
FOUND, ARGUED = date(2018, 7, 13), date(2020, 12, 15)


def looks(*, power_2020, false_2020=0.25, power=0.9, false=0.03):
    """Three sights of 2018 and two of 2020: what a building supports hardly shows from above, nor does a floor."""
    early = {"hall": date(2018, 4, 1), "wall": date(2018, 4, 2), "snowless_roof": date(2018, 1, 20)}
    for name, taken in early.items():
        yield look(name, "seen", taken, published=FOUND, power=power, false=false)
    late = {"support_buildings": ("not_seen", date(2020, 10, 2)), "upper_floor": ("seen", date(2020, 10, 3))}
    for name, (result, taken) in late.items():
        told = {"power": power_2020, "false": false_2020, "publisher": f"an analyst, of {name}"}
        yield look(name, result, taken, published=ARGUED, **told)


def enrichment_over_workshop(*records, given=None):
    return ratio_of(weigh(*records, ask=KANGSON, given=given), "enrichment", "workshop").best


UNTEMPERED = assumed(visible=p(1))
FACE_VALUE = {"power_2020": 1.0, "false_2020": 0.0, "power": 1.0, "false": 0.0}


def by(records, day):
    return [k for k in records if k.available_at.date() <= day]


def test_taken_at_face_value_the_two_items_of_2020_turn_the_order_round():
    told = list(looks(**FACE_VALUE))
    assert enrichment_over_workshop(*by(told, FOUND), given=UNTEMPERED) > 2
    assert enrichment_over_workshop(*told, given=UNTEMPERED) < 0.5


@pytest.mark.parametrize("power", [0.1, 0.25, 0.4, 0.5])
def test_through_the_power_of_the_looks_they_do_not(power):
    told = list(looks(power_2020=power))
    before, after = enrichment_over_workshop(*by(told, FOUND)), enrichment_over_workshop(*told)
    assert before > after > 1


def test_the_brief_of_2018_names_the_support_buildings_as_the_next_look():
    first = weigh(*by(looks(power_2020=0.4), FOUND), ask=KANGSON).next_looks[0]
    assert first.indicator == "support_buildings"


def test_in_2020_leaving_one_out_names_the_item_that_carries_the_swing():
    assessment = weigh(*looks(**FACE_VALUE), ask=KANGSON, given=UNTEMPERED)
    named = "the look of 2020-10-02 by an analyst, of support_buildings"
    assert assessment.leave_out[0].without in (named, "the indicator “support_buildings is there”")
    cuts = {cut.without: cut for cut in assessment.leave_out}
    assert cuts[named].flips
    swing = {name: cut.best for name, cut in cuts.items() if name.startswith("the look of 2020")}
    assert min(swing, key=swing.get) == named


def test_the_replay_names_it_on_the_day_it_came():
    days = curve(KANGSON, view(*looks(power_2020=0.4)), assumed()).days
    assert [d.day for d in days] == [FOUND, ARGUED]
    moved = [c.moved["workshop"] - c.moved["enrichment"] for c in days[1].causes]
    assert len(moved) == 2
    assert min(moved) > 0
