"""What the trials of a watch become as a record; the watch itself is a stand-in that says what it is told to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import nan
from types import SimpleNamespace

import pytest

from sitewatch.errors import InputError
from sitewatch.look.series import SERIES
from sitewatch.look.site import _fault
from sitewatch.look.trials import measure
from sitewatch.records import Grid, Pass

PLANTED = SERIES["optical"].planted
START = datetime(2019, 1, 1, 9, tzinfo=UTC)
KNOWN = START + timedelta(days=60)
GRID = Grid(crs="EPSG:32635", transform=(10, 0, 0, 0, -10, 0), shape=(8, 8))
PASSES = [
    Pass(
        site="yard", sensor="optical", platform="sentinel-2a", provider="Maker", catalogue="s2", items=(str(n),),
        acquired=START + timedelta(days=10 * n), chip="a" * 64, bands=("red",), grid=GRID,
    )
    for n in range(5)
]  # fmt: skip


@dataclass(frozen=True)
class Alarms:
    rate: float = 0.123456
    probable: tuple = (0.05, 0.01, 0.2)
    low: float = 0.02
    high: float = 0.4
    measurable: bool = True
    reason: str = ""
    count: int = 7
    false: float = 5.5
    placebos: int = 24
    years: float = 57.04
    scale: float = 1.0


@dataclass
class Tried:
    """A watch after its trials."""

    false_alarms: Alarms = Alarms()
    powers: dict | None = None
    alerts: tuple = ()
    days: tuple = tuple(p.acquired.date() for p in PASSES)

    def power(self, size_px, material, within_days):
        given = (self.powers or {}).get((size_px, material), (0.8, 0.7, 0.9, 48, 60))
        if isinstance(given, Exception):
            raise given
        keys = ("probability", "low", "high", "found", "plants")
        return SimpleNamespace(**dict(zip(keys, given, strict=True)))


def measured(**given):
    return measure(Tried(**given), date(2019, 1, 5), PASSES, KNOWN, PLANTED)


def test_the_trials_become_one_record_that_is_known_once_the_newest_pass_is():
    made = measured()
    assert (made.site, made.start, made.until, made.available_at) == (
        "yard",
        date(2019, 1, 5),
        date(2019, 2, 10),
        KNOWN,
    )
    rate = made.false_alarms
    assert (rate.lo, rate.best, rate.hi) == (0.02, 0.1235, 0.4)
    assert rate.origin == "measured: 24 placebo fences over 57 fence-years at this site, 90 % interval"
    surer = made.false_probable
    assert (surer.lo, surer.best, surer.hi) == (0.01, 0.05, 0.2)
    assert surer.origin.endswith("fence-years at this site, those that became probable, 90 % interval")
    assert made.false == 5.5
    assert (made.alarms, made.placebos, made.placebo_years, made.scale, made.note) == (7, 24, 57.04, 1.0, "")
    assert [(t.size_px, t.material, t.within_days) for t in made.power] == [
        (p.size_px, p.name, p.within_days) for p in PLANTED
    ]
    first = made.power[0]
    assert (first.size_m, first.plants, first.probability.lo, first.probability.hi) == (30.0, 60, 0.7, 0.9)
    assert first.probability.origin == (
        "measured: of 60 changes planted at this site (30 x 30 m, bright roof) 48 were flagged within 60 days; "
        "90 % interval"
    )


def test_the_same_trials_give_the_same_record():
    assert measured().id == measured().id
    assert measured().id != measured(false_alarms=Alarms(count=8)).id


def test_what_is_not_measurable_is_none_with_its_reason():
    few = Alarms(
        rate=nan,
        low=nan,
        high=nan,
        probable=(nan,) * 3,
        false=0,
        measurable=False,
        reason="only 5 fences fit",
        placebos=5,
        years=nan,
    )
    made = measured(false_alarms=few)
    assert made.false_probable is None
    assert (made.false_alarms, made.note, made.placebo_years) == (None, "only 5 fences fit", 0)
    assert len(made.power) == len(PLANTED)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (InputError("the fence is 4 px wide"), "the fence is 4 px wide"),
        ((nan, nan, nan, 0, 0), "no change of 50 x 50 m, bright roof, could be planted"),
    ],
)
def test_a_trial_that_cannot_be_made_is_left_out_with_its_reason(given, words):
    made = measured(powers={(5, "bright_roof"): given}, false_alarms=Alarms(reason="the ring is unlike the fence"))
    assert [(t.size_px, t.material) for t in made.power] == [(p.size_px, p.name) for p in PLANTED if p.size_px != 5]
    assert (made.note, made.unplanted) == ("the ring is unlike the fence", words)


def test_where_nothing_can_be_planted_one_reason_is_enough():
    full = InputError("no quiet place inside the fence")
    made = measured(powers={(p.size_px, p.name): full for p in PLANTED})
    assert (made.power, made.unplanted) == ((), "no quiet place inside the fence")


def test_an_interval_always_holds_its_best_value():
    made = measured(
        false_alarms=replace(Alarms(), rate=0.0, low=0.1, high=0.4), powers={(3, "bare"): (1.0, 0.9, 0.98, 60, 60)}
    )
    assert made.false_alarms.lo == made.false_alarms.best == 0
    (sure,) = [t for t in made.power if (t.size_px, t.material, t.within_days) == (3, "bare", 60)]
    assert sure.probability.hi == 1


def test_alerts_are_ranked_by_number_and_first_flag():
    ranked = SimpleNamespace(number=1, first_flag=2, p_value=SimpleNamespace(p=1 / 61, n=60))
    bare = SimpleNamespace(number=2, first_flag=3, p_value=None)
    (rank,) = measured(alerts=(ranked, bare)).ranks
    assert (rank.number, rank.first_flag, rank.p_value, rank.of) == (1, PASSES[2].acquired, 1 / 61, 60)


@pytest.mark.parametrize(
    ("last", "passes", "words"),
    [(1, 1, "the pass of 2019-01-11: "), (4, 3, "3 passes from 2019-01-11 to 2019-02-10: ")],
)
def test_a_fault_of_the_feed_is_known_with_the_latest_pass_that_shows_it(last, passes, words):
    found = SimpleNamespace(kind="offset", first=1, last=last, passes=passes, reason="the ring steps by +0.1")
    fault = _fault(found, PASSES, [p.acquired for p in PASSES])
    assert (fault.site, fault.room, fault.transient) == ("yard", "look", False)
    assert fault.subject == "feed of site yard, offset from 2019-01-11"
    assert fault.reason == f"{words}the ring steps by +0.1"
    assert fault.available_at == PASSES[last].acquired
