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
from sitewatch.records import Alert, Look, Pass, Result, Site, State


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
