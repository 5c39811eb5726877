"""What `look` keeps of a watch: one measurement that a newer one supersedes, faults of the feed while they stand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sitewatch.look import SiteWatch, site_grid
from sitewatch.records import Alert, AlertState, Fault, Measured, Pass, Range, Region, State, When, day_end
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
        monkeypatch.setattr(looking, "watch_site", lambda *_, **__: asked.append(days) or said)
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


# --- An analyst confirms

TABLE = """
[[looks]]
table = "looks.csv"
p_detect = [0.6, 0.8, 0.9]
p_false = [0.02, 0.05, 0.1]
"""
ROWS = """\
site,acquired,published,publisher,provider,observable,result
yard,2019-07-10,2019-07-20,Institute,Maker,{observable},seen
"""
RING = ((22.156, 45.205), (22.157, 45.205), (22.157, 45.206), (22.156, 45.205))


def raised():
    """Two steps of one alert."""
    steps, history = [], ()
    for state, day in ((State.POSSIBLE, DAYS[0]), (State.PROBABLE, DAYS[1])):
        history = (*history, AlertState(state=state, at=day_end(day), reason="made"))
        steps.append(
            Alert(
                available_at=day_end(day), supersedes=steps[-1].id if steps else None, site="yard", number=1,
                history=history, onset=When(earliest=day_end(date(2019, 4, 1)), latest=day_end(DAYS[0])),
                first_flag=day_end(DAYS[0]), region=Region(pixels=4, area_m2=400, centre=RING[0], outline=(RING,)),
                statistic=50.0, limit=45.0, looks_used=(), looks_missed=(),
            )
        )  # fmt: skip
    return tuple(steps)


@pytest.mark.parametrize("observable", ["change", "change-1"])
def test_an_analyst_who_sees_the_change_confirms_the_alert_and_taking_it_back_undoes_it(tmp_path, watch, observable):
    folder = tmp_path / "read"
    folder.mkdir()
    (folder / "case.toml").write_text(CASE + TABLE)
    turns = [(observable, [State.CONFIRMED]), ("lorries", [State.PROBABLE])]
    for said, states in turns * 3:
        (folder / "looks.csv").write_text(ROWS.format(observable=said))
        with Bench.open(folder, clock=lambda: NOW) as opened:
            (site,) = opened.case.sites
            one = Pass(
                available_at=day_end(DAYS[0]), site="yard", sensor="optical", platform="sentinel-2a", provider="Maker",
                acquired=day_end(DAYS[0]), catalogue="s2", items=("a",), chip="a" * 64, bands=("red",),
                grid=site_grid(site),
            )  # fmt: skip
            watch(1, SiteWatch((), raised()))
            looking._watch(opened, site, [one], Outcome("look"))
            alerts = opened.ledger.view().of(Alert)
            assert [alert.state for alert in alerts] == states
            assert [w.sensor for alert in alerts for w in alert.witnesses] == ["analyst"] * (said == observable)
