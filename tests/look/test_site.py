from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sitewatch.look import fence_mask, site_grid, watch_site
from sitewatch.look.assets import BandAsset
from sitewatch.look.chips import write_chip
from sitewatch.records import Pass, Result, State
from tests.look import skies

SITE = skies.site()
WIDE = site_grid(SITE)
GRID = WIDE.model_copy(
    update={
        "shape": (40, 40),
        "transform": (*WIDE.transform[:2], WIDE.transform[2] + 490, *WIDE.transform[3:5], WIDE.transform[5] - 490),
    }
)
"""The middle of the site's grid: a ring that is wide enough, and quick to watch."""
START = datetime(2016, 10, 1, 9, 20, tzinfo=UTC)
COUNT = 50
CHANGE = 40
"""The pass from which a part of the fence is bare."""


def chip(index: int, *, changed: bool = False, empty: bool = False) -> bytes:
    """A chip of a quiet field."""
    rng = np.random.default_rng(index)
    counts = np.clip(rng.normal(1500, 40, (5, *GRID.shape)), 1, None).astype(np.uint16)
    if changed:
        counts[:4, fence_mask(SITE, GRID)] += 800
    if empty:
        counts[:4] = 0
    counts[4] = 4
    bands = [
        BandAsset(band, band, "", 1.0 if band == "scl" else 1e-4, 0, "", 0, "uint16") for band in (*skies.BANDS, "scl")
    ]
    return write_chip(counts, bands, GRID, {})


class Shelf:
    """Passes and their chips."""

    def __init__(self, count: int = COUNT, change: int = CHANGE) -> None:
        self.blobs: dict[str, bytes] = {}
        moments = [START + timedelta(days=15 * i) for i in range(count)]
        self.passes = [self.put(m, chip(i, changed=i >= change)) for i, m in enumerate(moments)]

    def put(self, moment: datetime, data: bytes, *, latency: timedelta | None = timedelta(days=1), **changes) -> Pass:
        key = hashlib.sha256(data).hexdigest()
        self.blobs[key] = data
        given = {"catalogue": "s2", "items": (f"{moment:%Y%m%d}",), "platform": "sentinel-2a"} | changes
        return Pass(
            site=SITE.slug, sensor="optical", provider="Maker", acquired=moment, chip=key, bands=skies.BANDS, grid=GRID,
            available_at=None if latency is None else moment + latency, **given,
        )  # fmt: skip

    def watch(self, passes=None, *, trials=False):
        return watch_site(SITE, self.passes if passes is None else passes, self.blobs.__getitem__, trials=trials)


@pytest.fixture(scope="module")
def shelf():
    return Shelf()


@pytest.fixture(scope="module")
def alone(shelf):
    return shelf.watch()


def test_the_change_is_found(alone, shelf):
    assert [a.state for a in alone.alerts] == [State.POSSIBLE, State.PROBABLE]
    assert alone.alerts[0].onset.latest == shelf.passes[CHANGE].acquired
    assert [look.pass_id for look in alone.looks] == [p.id for p in shelf.passes]


@pytest.mark.parametrize(
    "twin",
    [
        {"shift": 10, "catalogue": "other", "platform": "Sentinel-2A"},
        {"shift": -599, "catalogue": "other", "platform": "unknown"},
        {"shift": 0, "items": ("made-again",)},
    ],
)
def test_an_overflight_that_is_listed_twice_counts_once(shelf, alone, twin):
    changes = {k: v for k, v in twin.items() if k != "shift"}
    twins = [
        shelf.put(p.acquired + timedelta(seconds=twin["shift"]), shelf.blobs[p.chip], **changes)
        for p in shelf.passes[CHANGE : CHANGE + 2]
    ]
    short = shelf.passes[: CHANGE + 2]
    once = shelf.watch(short)
    assert once.alerts == ()  # two looks are too few
    for order in ([*short, *twins], [*twins, *reversed(short)]):
        both = shelf.watch(order)
        assert both.alerts == ()
        assert {look.pass_id for look in both.looks} == {p.id for p in order}
        assert len(both.looks) == len(order)
        refused = [look for look in both.looks if (look.reason or "").startswith("the same pass as ")]
        assert len(refused) == 2
        assert {look.result for look in refused} == {Result.NOT_ASSESSABLE}
        assert all("from catalogue" in look.reason and look.reason.endswith("which is used") for look in refused)
        assert both == shelf.watch(sorted(order, key=lambda p: p.id))


def test_of_two_alike_the_one_recorded_last_is_used_but_never_an_emptier_one(shelf):
    last = shelf.passes[-1]
    known = {p.id: p.model_copy(update={"recorded_at": START}) for p in shelf.passes}
    later = {"items": ("made-again",), "recorded_at": START + timedelta(days=9)}
    anew = shelf.put(last.acquired, shelf.blobs[last.chip], **later)
    hollow = shelf.put(last.acquired, chip(5, empty=True), **later)
    for twin, dropped in ((anew, last.id), (hollow, hollow.id)):
        looks = shelf.watch([*known.values(), twin]).looks
        assert [look.pass_id for look in looks if "the same pass as" in look.reason] == [dropped]


def test_two_satellites_of_one_moment_do_not_stop_the_watch(shelf, alone):
    other = shelf.put(shelf.passes[-1].acquired, shelf.blobs[shelf.passes[-1].chip], platform="landsat-8")
    both = shelf.watch([*shelf.passes, other])
    assert len(both.alerts) == len(alone.alerts)
    (told,) = [look.reason for look in both.looks if look.reason.startswith("listed for the same moment")]
    assert "passes of one moment have no order" in told


def test_two_satellites_minutes_apart_are_two_looks(shelf):
    last = shelf.passes[-1]
    other = shelf.put(last.acquired + timedelta(minutes=5), shelf.blobs[last.chip], platform="sentinel-2b")
    results = {look.pass_id: look.result for look in shelf.watch([*shelf.passes, other]).looks}
    assert results[other.id] is results[last.id] is Result.SEEN


def test_what_is_said_rests_on_all_passes_before_it(shelf, alone):
    late = shelf.passes[3].acquired + timedelta(days=365 * 10)
    slow = shelf.passes[3].model_copy(update={"available_at": late})
    watched = shelf.watch([slow if p is shelf.passes[3] else p for p in shelf.passes])
    assert [look.available_at for look in watched.looks[:3]] == [p.available_at for p in shelf.passes[:3]]
    assert {r.available_at for r in (*watched.looks[3:], *watched.alerts)} == {late}
    assert max(a.available_at for a in alone.alerts) < late
    never = shelf.passes[3].model_copy(update={"available_at": None})
    hidden = shelf.watch([never if p is shelf.passes[3] else p for p in shelf.passes])
    assert {r.available_at for r in (*hidden.looks[3:], *hidden.alerts)} == {None}
    assert hidden.looks[2].available_at == shelf.passes[2].available_at


def test_the_watch_is_measured_once_its_newest_pass_is_known_and_alike_each_time(shelf, alone):
    first, again = shelf.watch(trials=True), shelf.watch(trials=True)
    assert first == again
    assert (first.looks, first.alerts) == (alone.looks, alone.alerts)
    measured = first.measured
    assert (measured.start, measured.until) == (SITE.watch_from, shelf.passes[-1].acquired.date())
    assert measured.available_at == shelf.passes[-1].available_at
    assert measured.false_alarms is not None or measured.note
    assert measured.power or measured.unplanted
    assert alone.measured is None
    last = shelf.passes[-1].model_copy(update={"available_at": None})
    assert shelf.watch([*shelf.passes[:-1], last], trials=True).measured.available_at is None


def test_an_image_of_the_analysts_own_never_enters_the_watch(shelf, alone):
    own = shelf.passes[-1].model_copy(
        update={"sensor": "analyst", "acquired": shelf.passes[-1].acquired + timedelta(days=3), "bands": ("pan",)}
    )
    assert shelf.watch([own, *shelf.passes]) == alone
    assert shelf.watch([own]).looks == ()


def test_a_history_too_short_gives_every_pass_its_reason(shelf):
    watched = shelf.watch(shelf.passes[:3], trials=True)
    looks = watched.looks
    assert (watched.measured, watched.faults) == (None, ())
    assert [look.result for look in looks] == [Result.NOT_ASSESSABLE] * 3
    assert all("the history holds 3 passes" in look.reason for look in looks)
