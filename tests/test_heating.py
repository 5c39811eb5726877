"""What `look` keeps of a case's hotspots: a summary for each site, a change for each event, and nothing twice."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, date, datetime, timedelta

import pytest

from sitewatch.errors import InputError
from sitewatch.records import Artifact, Heat, HeatChange, day_end
from sitewatch.verbs import Bench, verify_case
from sitewatch.verbs.heating import follow_heat
from sitewatch.verbs.outcome import Outcome
from tests import fires

NOW = datetime(2023, 1, 1, tzinfo=UTC)
CASE = f"""
title = "A plant"
[[sites]]
id = "plant"
name = "the plant"
fence = {[list(corner) for corner in fires.FENCE]}
watch_from = {fires.START}
"""
HOTSPOTS = """
[[hotspots]]
table = "heat/fires.csv"
licence = "free and open"
attribution = "data from a public archive"
"""


@pytest.fixture
def folder(tmp_path):
    """A case whose plant stops."""
    (tmp_path / "case.toml").write_text(CASE + HOTSPOTS)
    (tmp_path / "heat").mkdir()
    (tmp_path / "heat" / "fires.csv").write_text(fires.fires(stop=fires.STOP))
    return tmp_path


def look(folder, now=NOW):
    """One run, its outcome, and all that stands after it."""
    with Bench.open(folder, clock=lambda: now) as bench:
        outcome = Outcome("look")
        follow_heat(bench, outcome)
        return outcome, bench.ledger.view()


def known(folder, day):
    """What stands of the site's heat in a view of a day."""
    with Bench.open(folder, clock=lambda: NOW) as bench:
        view = bench.ledger.view(day_end(day))
        return [one.until for one in view.of(Heat)], [one.first_flagged for one in view.of(HeatChange)]


def written(folder, text, *, hotspots=HOTSPOTS):
    (folder / "case.toml").write_text(CASE + hotspots)
    (folder / "heat" / "fires.csv").write_text(text)


def test_a_plant_that_stops_becomes_a_summary_and_a_change(folder):
    outcome, view = look(folder)
    (heat,), (change,) = view.of(Heat), view.of(HeatChange)
    assert dict(outcome.new) == {"artifact": 1, "heat": 1, "heat_change": 1}
    assert (heat.start, heat.until, heat.reason, heat.limit) == (fires.START, fires.LAST, "", 0.98)
    assert [day.day for day in heat.days] == [fires.START + timedelta(n) for n in range(150)]
    assert change.change == "went_quiet"
    assert change.onset_first <= fires.STOP <= change.onset_last <= change.first_flagged
    assert change.after.share.hi < change.before.share.lo
    assert change.only_cloud.best == pytest.approx(
        1 - next(day.quiet for day in heat.days if day.day == change.first_flagged), abs=1e-4
    )
    assert heat.days[-1].quiet > 0.99
    assert heat.days[0].quiet < 0.1
    assert [line.startswith("the plant: ") for line in outcome.notes] == [True, True]
    assert "Went quiet between" in outcome.notes[1]


def test_the_bytes_of_the_file_are_kept_with_their_terms(folder):
    _, view = look(folder)
    (heat,) = view.of(Heat)
    (file,) = (one for one in view.of(Artifact) if one.sha256 in heat.tables)
    assert (file.origin, file.licence, file.attribution) == (
        "heat/fires.csv", "free and open", "data from a public archive",
    )  # fmt: skip
    with Bench.open(folder, clock=lambda: NOW) as bench:
        assert bench.ledger.get(file.sha256) == (folder / "heat" / "fires.csv").read_bytes()
    assert verify_case(folder).damage == ()


def test_the_second_run_records_nothing_and_counts_nothing(folder, monkeypatch):
    look(folder)
    again, _ = look(folder)
    monkeypatch.setattr("sitewatch.verbs.heating.watch_rate", lambda *_, **__: pytest.fail("counted again"))
    third, _ = look(folder)
    assert (dict(again.new), again.notes, dict(third.new)) == ({}, [], {})


def test_the_same_counted_again_says_the_same(folder):
    _, first = look(folder)
    (folder / "ledger" / "done" / "heat-plant").unlink()
    again, view = look(folder)
    assert dict(again.new) == {}
    assert [one.id for one in view.of(HeatChange)] == [one.id for one in first.of(HeatChange)]


def test_a_change_and_a_summary_are_known_only_after_their_days(folder):
    _, view = look(folder)
    (change,) = view.of(HeatChange)
    flagged = change.first_flagged
    assert change.available_at == day_end(flagged) + timedelta(hours=3)
    assert known(folder, flagged) == ([], [])
    assert known(folder, flagged + timedelta(1)) == ([], [flagged])
    assert known(folder, fires.LAST) == ([], [flagged])
    assert known(folder, fires.LAST + timedelta(1)) == ([fires.LAST], [flagged])


def test_a_day_far_in_the_west_ends_later_by_the_clock_of_greenwich(folder):
    west = -150.0
    corners = [[lon - fires.LON + west, lat] for lon, lat in fires.FENCE]
    text = fires.fires(lon=west)
    swapped = text.replace(",0120,", ",x,").replace(",1220,", ",0120,").replace(",x,", ",1220,")
    swapped = swapped.replace(",1220,N,", ",1120,N,").replace(",0120,N,", ",2220,N,")
    case = CASE.replace(str([list(corner) for corner in fires.FENCE]), str(corners)) + HOTSPOTS
    (folder / "case.toml").write_text(case)
    (folder / "heat" / "fires.csv").write_text(swapped)
    _, view = look(folder)
    (heat,) = view.of(Heat)
    assert heat.available_at == day_end(heat.until) + timedelta(hours=10 - 6 + 3)


def test_a_file_that_goes_on_supersedes_the_summary_and_leaves_the_change(folder):
    early = date(2022, 9, 15)
    written(folder, fires.fires(stop=fires.STOP, last=early))
    _, first = look(folder)
    written(folder, fires.fires(stop=fires.STOP))
    outcome, view = look(folder)
    assert dict(outcome.new) == {"artifact": 1, "heat": 1}
    assert view.of(HeatChange) == first.of(HeatChange)
    (before,) = first.of(Heat)
    (heat,) = view.of(Heat)
    assert heat.supersedes == before.id
    assert heat.days[: len(before.days)] == before.days
    assert known(folder, before.until + timedelta(20))[0] == [before.until]


def test_a_change_that_another_file_does_not_show_is_taken_back(folder):
    look(folder)
    written(folder, fires.fires())
    _, view = look(folder)
    assert (len(view.of(Heat)), view.of(HeatChange)) == (1, ())
    written(folder, fires.fires(stop=fires.STOP))
    _, view = look(folder)
    assert [one.change for one in view.of(HeatChange)] == ["went_quiet"]
    assert look(folder)[0].new == {}


def test_a_case_that_names_no_hotspots_any_more_takes_them_back_and_naming_them_again_restores_them(folder):
    for hotspots, count in ((HOTSPOTS, 1), ("", 0), (HOTSPOTS, 1), ("", 0), (HOTSPOTS, 1)):
        written(folder, fires.fires(stop=fires.STOP), hotspots=hotspots)
        _, view = look(folder)
        assert (len(view.of(Heat)), len(view.of(HeatChange))) == (count, count)


def test_days_that_are_not_over_wait_for_the_next_run(folder):
    now = datetime(2022, 9, 20, 1, tzinfo=UTC)
    _, view = look(folder, now)
    (heat,) = view.of(Heat)
    assert heat.until == date(2022, 9, 18)
    assert heat.available_at <= now
    _, view = look(folder, now + timedelta(hours=2))
    assert [one.until for one in view.of(Heat)] == [date(2022, 9, 19)]


def test_a_watch_that_is_still_to_come_is_told(folder):
    with pytest.raises(
        InputError, match=r"site plant \(heat/fires\.csv\): the watch starts on 2022-06-01, a day whose"
    ):
        look(folder, datetime(2022, 5, 20, tzinfo=UTC))


def test_archive_and_near_real_time_are_one_series(folder):
    lines = fires.fires(stop=fires.STOP).splitlines()
    old = [line for line in lines[1:] if line.split(",")[5] < "2022-07-15"]
    new = [line for line in lines[1:] if line not in old]
    (folder / "heat" / "nrt.csv").write_text("\n".join([lines[0], *new]) + "\n")
    both = HOTSPOTS.replace('table = "heat/fires.csv"', 'tables = ["heat/fires.csv", "heat/nrt.csv"]')
    _, whole = look(folder)
    written(folder, "\n".join([lines[0], *old]) + "\n", hotspots=both)
    outcome, view = look(folder)
    assert dict(outcome.new) == {"artifact": 2, "heat": 1}
    assert view.of(HeatChange) == whole.of(HeatChange)
    assert len(view.of(Heat)[0].tables) == 2
    written(folder, fires.fires(stop=fires.STOP), hotspots=both)
    with pytest.raises(InputError, match=r"nrt\.csv: repeats a detection of .*fires\.csv: N on 2022-07-15"):
        look(folder)


def test_a_cloud_series_takes_the_place_of_the_neighbours(folder):
    (folder / "heat" / "sky.csv").write_text(fires.clouds())
    _, guessed = look(folder)
    written(folder, fires.fires(stop=fires.STOP), hotspots=HOTSPOTS + 'clouds = "heat/sky.csv"\n')
    outcome, view = look(folder)
    (heat,), (change,) = view.of(Heat), view.of(HeatChange)
    assert (heat.clouds, change.clouds) == ("given", "given")
    assert guessed.of(Heat)[0].clouds.startswith("estimated from 5 neighbouring sources")
    assert {one.sha256: one.licence for one in view.of(Artifact)}[heat.series] is None
    assert outcome.new["artifact"] == 1


def test_what_nobody_can_say_is_kept_with_its_reason(folder):
    alone = [line for line in fires.fires().splitlines() if line.startswith(("latitude", "50.00000,10.00000"))]
    written(folder, "\n".join(alone) + "\n")
    outcome, view = look(folder)
    (heat,) = view.of(Heat)
    assert (heat.days, heat.clouds, view.of(HeatChange)) == ((), "unknown", ())
    assert heat.reason.startswith("0 persistent sources of other hotspots within 300 km")
    assert outcome.notes[-1] == f"the plant: {heat.reason}."
    assert look(folder)[0].new == {}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda text: text.replace(",frp,", ",power,"), r"fires\.csv:1: missing columns: frp; .*give a CSV with"),
        (lambda text: text.replace(",4.9,", ",hot,", 1), r"fires\.csv:2:frp: found 'hot', needed is a number"),
        (
            lambda text: text.replace(",0120,", ",9920,", 1),
            r"fires\.csv:2:acq_time: found '9920', needed is a time HHMM",
        ),
        (lambda text: "", r"fires\.csv:1: missing columns"),
        (
            lambda text: text.replace("latitude,longitude", "longitude,latitude"),
            r"site plant \(heat/fires\.csv\): .*latitude and longitude seem swapped",
        ),
        (
            lambda text: "\n".join(line for line in text.splitlines() if "2022-0" not in line or "latitude" in line),
            r"case\.toml: hotspots of site plant \(heat/fires\.csv\): the watch starts on 2022-06-01, and the hotspots",
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_name_and_line(folder, spoil, says):
    written(folder, spoil(fires.fires()))
    with pytest.raises(InputError, match=says):
        look(folder)


def test_bytes_that_are_no_text_and_a_file_that_has_gone_are_told(folder):
    (folder / "heat" / "fires.csv").write_bytes(fires.fires().encode().replace(b"VIIRS", b"VIIR\xe4", 1))
    with pytest.raises(InputError, match=r"fires\.csv:2: a byte that is no UTF-8"):
        look(folder)
    with Bench.open(folder, clock=lambda: NOW) as bench:
        (folder / "heat" / "fires.csv").unlink()
        with pytest.raises(InputError, match=r"fires\.csv: cannot be read: No such file"):
            follow_heat(bench, Outcome("look"))


def test_a_wrong_cloud_series_is_told_with_its_line(folder):
    (folder / "heat" / "sky.csv").write_text("date,clear\n2022-01-01,45\n")
    written(folder, fires.fires(), hotspots=HOTSPOTS + 'clouds = "heat/sky.csv"\n')
    with pytest.raises(InputError, match=r"sky\.csv:2:clear: found '45', needed is a share from 0 \(all cloud\)"):
        look(folder)


def test_a_run_tells_it_in_the_brief_and_a_second_run_changes_no_byte(folder):
    pages = []
    for _ in range(2):
        with Bench.open(folder, clock=lambda: NOW) as bench:
            outcomes = [bench.look(), bench.read(), bench.weigh(), bench.tell()]
        pages.append((folder / "brief.html").read_bytes())
    assert [dict(one.new) for one in outcomes] == [{}, {}, {}, {}]
    assert pages[0] == pages[1]
    (site,) = json.loads((folder / "brief.json").read_text())["sites"]
    assert [one["change"] for one in site["heat"]["changes"]] == ["went_quiet"]


# --- A real steelworks

BREMEN = """
title = "A steelworks by the Weser"
[[sites]]
id = "bremen"
name = "the steelworks at Bremen"
fence = [[8.655, 53.113], [8.720, 53.113], [8.720, 53.148], [8.655, 53.148]]
watch_from = 2023-07-01
[[hotspots]]
table = "fires.csv"
"""


@pytest.mark.parametrize("stop", [None, "2023-08-20"])
def test_a_steelworks_that_ran_raises_nothing_and_one_that_is_shut_in_the_file_is_found(tmp_path, shared, stop):
    """Real hotspots of 2023; the shutdown is planted: later detections of the plant are taken away."""
    head, *rows = (shared / "heat" / "viirs_snpp_2023_germany.csv").read_text().splitlines()
    if stop:
        rows = [
            row for row in rows if not _at_bremen(head, row) or row.split(",")[head.split(",").index("acq_date")] < stop
        ]
    (tmp_path / "fires.csv").write_text("\n".join([head, *rows]) + "\n")
    (tmp_path / "case.toml").write_text(BREMEN)
    _, view = look(tmp_path, datetime(2024, 6, 1, tzinfo=UTC))
    (heat,) = view.of(Heat)
    assert (heat.until, heat.reason, len(heat.days)) == (date(2023, 12, 31), "", 184)
    told = [(one.change, one.first_flagged) for one in view.of(HeatChange)]
    assert told == ([("went_quiet", date(2023, 8, 25))] if stop else [])


def _at_bremen(head, row):
    (cells,) = csv.DictReader(io.StringIO(f"{head}\n{row}"))
    east, north = (float(cells["longitude"]) - 8.685) * 67, (float(cells["latitude"]) - 53.13) * 111
    return math.hypot(east, north) < 4
