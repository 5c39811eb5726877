"""What `look` keeps of a watch: one measurement that a newer one supersedes, faults of the feed while they stand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sitewatch.look import SiteWatch, site_grid
from sitewatch.records import Fault, Measured, Pass, Range, day_end
from sitewatch.verbs import Bench, looking
from sitewatch.verbs.outcome import Outcome

NOW = datetime(2020, 1, 1, tzinfo=UTC)
CASE = """
title = "A yard"
[[sites]]
id = "yard"
name = "the yard"
fence = [[22.155, 45.204], [22.155, 45.206], [22.158, 45.206], [22.158, 45.204], [22.155, 45.204]]
watch_from = 2019-01-01
"""
DAYS = (date(2019, 5, 1), date(2019, 6, 1), date(2019, 7, 1))


def measured(until, rate=0.1):
    alarms = Range(lo=0, best=rate, hi=1, origin="measured")
    return Measured(
        available_at=day_end(until), site="yard", start=date(2019, 1, 1), until=until, false_alarms=alarms,
        false_probable=alarms, alarms=1, false=1, placebos=24, placebo_years=50, scale=1,
    )  # fmt: skip


def fault(until):
    return Fault(
        available_at=day_end(until), room="look", subject="feed of site yard, offset from 2019-05-01",
        reason=f"passes from 2019-05-01 to {until}: the ring steps by +0.1", transient=False, site="yard",
    )  # fmt: skip


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "case.toml").write_text(CASE)
    with Bench.open(tmp_path, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def watch(bench, monkeypatch):
    """Watch passes of the first so many days; the monitor is told what to say."""
    (site,) = bench.case.sites
    asked = []

    def run(days, said):
        passes = [
            Pass(
                available_at=day_end(day), site="yard", sensor="optical", platform="sentinel-2a", provider="Maker",
                acquired=day_end(day) - timedelta(hours=9), catalogue="s2", items=(str(day),), chip="a" * 64,
                bands=("red",), grid=site_grid(site),
            )
            for day in DAYS[:days]
        ]  # fmt: skip
        monkeypatch.setattr(looking, "watch_site", lambda *_: asked.append(days) or said)
        outcome = Outcome("look")
        looking._watch(bench, site, passes, outcome)
        return outcome

    run.asked = asked
    return run


def test_nothing_is_measured_again_while_no_pass_is_new(watch):
    first = watch(2, SiteWatch((), (), measured(DAYS[1])))
    again = watch(2, SiteWatch((), (), measured(DAYS[1])))
    assert watch.asked == [2]
    assert (dict(first.new), dict(again.new)) == ({"measured": 1}, {})


def test_a_newer_measurement_supersedes_the_older_from_its_day_on(bench, watch):
    watch(2, SiteWatch((), (), measured(DAYS[1])))
    watch(3, SiteWatch((), (), measured(DAYS[2], rate=0.3)))
    held = {day: [m.until for m in bench.ledger.view(day_end(day)).of(Measured)] for day in DAYS}
    assert held == {DAYS[0]: [], DAYS[1]: [DAYS[1]], DAYS[2]: [DAYS[2]]}


def test_a_measurement_that_cannot_be_made_any_more_is_taken_back(bench, watch):
    watch(2, SiteWatch((), (), measured(DAYS[1])))
    watch(3, SiteWatch((), ()))
    assert bench.ledger.view().of(Measured) == ()


def test_a_fault_of_the_feed_grows_and_is_taken_back_once_it_is_mended(bench, watch):
    told = watch(1, SiteWatch((), (), None, (fault(DAYS[0]),)))
    watch(2, SiteWatch((), (), None, (fault(DAYS[1]),)))
    assert [f.reason for f in bench.ledger.view().of(Fault)] == [fault(DAYS[1]).reason]
    assert told.notes == [f"the yard: {fault(DAYS[0]).reason}"]
    assert (told.faults, told.unreachable, told.wrong) == ([], False, False)
    other = Fault(room="look", subject="catalogue s2", reason="it did not answer", transient=True)
    bench.keep([other])
    watch(3, SiteWatch((), ()))
    assert [f.subject for f in bench.ledger.view().of(Fault)] == ["catalogue s2"]
