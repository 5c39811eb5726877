"""The bundled forest against the truth of its scene: one real stand, cut between two clear looks."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
import xarray
from rasterio.features import rasterize
from rasterio.transform import Affine
from rasterio.warp import transform_geom

from sitewatch.ledger import Ledger
from sitewatch.look import cover
from sitewatch.records import Alert, Look, Measured, Pass, Result, Site, State


@pytest.fixture(scope="module")
def view(demo):
    with Ledger.open(demo / "romania-forest" / "ledger", create=False) as ledger:
        return ledger.view()


@pytest.fixture(scope="module")
def stand(view, shared):
    """The stand of the truth that the fence was drawn around: the last day without the cut, the first with it."""
    with xarray.open_dataset(shared / "optical" / "romania_s2_10m.nc") as scene:
        x, y = float(scene.x[0]), float(scene.y[0])
    (site,) = view.of(Site)
    fence = transform_geom("EPSG:4326", "EPSG:3035", {"type": "Polygon", "coordinates": [site.fence]})
    inside = rasterize([fence], (100, 100), transform=Affine(10, 0, x - 5, 0, -10, y + 5)).astype(bool)
    truth = np.load(shared / "optical" / "romania_truth_2019_2020.npz")
    (label,) = {int(i) for i in np.unique(truth["patch"][inside])} - {0}
    assert inside[truth["patch"] == label].mean() > 0.9
    return tuple(date.fromisoformat(str(truth[name][label - 1])) for name in ("last_without", "first_with"))


def test_the_onset_overlaps_the_truth_of_the_stand(view, stand):
    (alert,) = view.of(Alert)
    last, first = stand
    assert alert.onset.earliest.date() <= first
    assert last <= alert.onset.latest.date()
    assert alert.state is State.PROBABLE


def test_the_onset_is_as_narrow_as_the_truth(view, stand):
    (alert,) = view.of(Alert)
    assert (alert.onset.earliest.date(), alert.onset.latest.date()) == stand


def test_the_cloud_of_15_august_2018_raises_no_alert(view):
    passes = {p.acquired.date(): p.id for p in view.of(Pass)}
    (look,) = [look for look in view.of(Look) if look.pass_id == passes[date(2018, 8, 15)]]
    assert look.result is Result.NOT_SEEN
    assert all(alert.first_flag.date() > date(2019, 6, 1) for alert in view.of(Alert))


def test_what_the_clouds_hid_is_told(view):
    (alert,) = view.of(Alert)
    days = {p.id: p.acquired.date() for p in view.of(Pass)}
    hidden = sorted(days[i] for i in alert.looks_missed if days[i] < date(2019, 6, 16))
    assert hidden == [date(2019, 4, 17), date(2019, 4, 22), date(2019, 6, 11)]


def test_every_pass_is_a_look_with_a_reason(view):
    looks = {look.pass_id: look for look in view.of(Look)}
    assert set(looks) == {p.id for p in view.of(Pass)}
    assert all(look.reason for look in looks.values())


def test_each_satellite_shows_its_own_cycle_and_its_next_passes(view):
    (site,) = view.of(Site)
    told = cover(site, view.of(Pass), view.of(Look), date(2021, 1, 2))
    assert [(t.platform, t.passes, t.period, t.dates, t.strays, t.stopped) for t in told.outlook.tracks] == [
        ("sentinel-2a", 81, 10, 1, 0, False), ("sentinel-2b", 53, 10, 1, 0, False)
    ]  # fmt: skip
    due = [(p.platform[-2:], p.at.date().isoformat()) for p in told.outlook.passes]
    assert due == [("2b", "2021-01-06"), ("2a", "2021-01-11"), ("2b", "2021-01-16"), ("2a", "2021-01-21")]


def test_the_brief_tells_when_how_surely_and_what_was_hidden(demo):
    page = (demo / "romania-forest" / "brief.html").read_text()
    for words in ("7 Apr 2019", "16 Jun 2019", "probable", "17 Apr 2019", "contains modified Copernicus Sentinel data"):
        assert words.lower() in page.lower()
    (site,) = json.loads((demo / "romania-forest" / "brief.json").read_text())["sites"]
    assert len(site["alerts"]) == 1


def test_on_an_earlier_day_the_brief_knows_less(demo):
    folder = demo / "romania-forest" / "asof"
    days = ("2019-06-30", "2019-07-10", "2019-08-31")
    before, possible, probable = (
        json.loads((folder / f"{day}.json").read_text())["sites"][0]["alerts"] for day in days
    )
    assert before == []
    assert [possible[0]["state"], probable[0]["state"]] == ["possible", "probable"]


def test_how_often_the_site_cries_wolf_is_measured_once_and_told(view, demo):
    (measured,) = view.of(Measured)
    assert measured.placebos >= 8
    assert measured.false_alarms.lo <= measured.false_alarms.best <= measured.false_alarms.hi < 1
    (alert,) = view.of(Alert)
    assert 0 < measured.rank(alert).p_value <= 1
    folder = demo / "romania-forest"
    (site,) = json.loads((folder / "brief.json").read_text())["sites"]
    assert site["trials"][0]["says"].startswith("At this site the monitor raises 0.")
    assert f"n = {measured.rank(alert).of}" in site["alerts"][0]["surely"]
    (earlier,) = json.loads((folder / "asof" / "2019-07-10.json").read_text())["sites"]
    assert earlier["trials"][0]["says"].endswith("was not measured; a question uses the assumption of the case.")
