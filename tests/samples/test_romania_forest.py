from __future__ import annotations

import importlib.util
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio
from tests import servers

import sitewatch
from sitewatch.case import load_case
from sitewatch.look import fence_mask, load_pass, read_chip, search, site_grid
from sitewatch.look.sensors import optical
from sitewatch.records import Grid

HOME = Path(sitewatch.__file__).parent / "samples" / "romania-forest"
STAC = HOME / "stac"
BANDS = ("blue", "green", "red", "nir")
STAND = 3
"""Label of the fenced stand in the truth."""


@pytest.fixture(scope="module")
def case():
    return load_case(HOME)


@pytest.fixture(scope="module")
def found(case):
    return search(case.catalogues[0], case.sites[0], folder=HOME)


def by_day(found, *days):
    wanted = {date.fromisoformat(day) for day in days}
    return [one for one in found if one.acquired.date() in wanted]


def chips(case, found):
    (catalogue,) = case.catalogues
    return [load_pass(one, catalogue) for one in found]


def repacker():
    """The script that made the catalogue; it lies beside the package, not in it."""
    path = Path(__file__).parents[2] / "tools" / "repack_romania.py"
    spec = importlib.util.spec_from_file_location("repack_romania", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_sample_is_small():
    assert sum(path.stat().st_size for path in HOME.rglob("*") if path.is_file()) < 8_000_000


def test_the_passes_cover_the_years(found):
    years = Counter(one.acquired.year for one in found)
    assert len(found) >= 70
    assert all(years[year] >= 10 for year in range(2016, 2021))
    assert [one.acquired for one in found] == sorted(one.acquired for one in found)


def test_no_hour_is_invented_and_no_pass_is_known_before_its_day_is_over(found):
    for one in found:
        assert one.acquired_until - one.acquired == timedelta(hours=23, minutes=59, seconds=59)
        assert one.available_at == one.acquired_until + timedelta(hours=24)


def test_who_made_it_stands_beside_every_pass(case, found):
    (chip,) = chips(case, found[:1])
    assert chip.attribution == "contains modified Copernicus Sentinel data 2015-2021"
    assert chip.record().attribution == chip.attribution
    assert "Copernicus" in chip.licence
    assert "Copernicus" in chip.provider


def test_the_catalogue_is_whole_and_leads_nowhere_else():
    listed = {link.target for link in pystac.Collection.from_file(STAC / "collection.json").get_links("item")}
    assert {STAC / str(target) for target in listed} == set((STAC / "items").iterdir())
    wanted = set()
    for path in (STAC / "items").iterdir():
        item = json.loads(path.read_text())
        assert not [link for link in item["links"] if "://" in link["href"]]
        wanted |= {(path.parent / asset["href"]).resolve() for asset in item["assets"].values()}
    assert wanted == set((STAC / "pixels").iterdir())


def test_the_header_of_every_file_comes_first_and_its_pixels_in_one_piece():
    """What makes a GeoTIFF of this size cloud-optimised: one request brings it, in reading order."""
    for path in (STAC / "pixels").iterdir():
        assert path.read_bytes()[:8] == b"II*\x00\x08\x00\x00\x00"
        with rasterio.open(path) as file:
            assert file.block_shapes == [(100, 100)]


def test_the_clouds_hide_what_happens_between_two_clear_looks(case, found):
    around = by_day(found, "2019-04-07", "2019-04-17", "2019-04-22", "2019-06-11", "2019-06-16")
    assert len(around) == 5
    (site,) = case.sites
    grid = site_grid(site)
    readings = [read_chip(chip.data) for chip in chips(case, around)]
    cube = optical.cube(readings, [one.acquired for one in around], grid)
    clear = np.isfinite(cube.values[:, 0][:, fence_mask(site, grid)]).mean(1)
    assert (clear[[0, 4]] > 0.95).all()
    assert (clear[1:4] == 0).all()


def test_a_stac_api_with_files_on_a_server_gives_the_same_passes(case, found, tmp_path):
    days = by_day(found, "2018-08-15", "2019-04-07", "2019-06-16")
    (catalogue,) = case.catalogues
    with servers.serve(servers.files(STAC)) as shop:
        items = [json.loads((STAC / "items" / f"{one.ids[0]}.json").read_text()) for one in days]
        for item in items:
            item["links"] = []
            for asset in item["assets"].values():
                asset["href"] = asset["href"].replace("..", shop.url)
        collection = json.loads((STAC / "collection.json").read_text())
        with servers.stac_api(collection, items, tmp_path) as url:
            public = catalogue.model_copy(update={"folder": None, "url": url})
            far = search(public, case.sites[0], folder=tmp_path)
            assert [one.ids for one in far] == [one.ids for one in days]
            assert [c.data for c in chips(case, far)] == [c.data for c in chips(case, days)]
        assert any("_nir.tif" in line for line in shop.asked)


def test_the_fence_holds_one_stand_and_no_other_change(case, shared):
    truth = np.load(shared / "optical" / "romania_truth_2019_2020.npz")
    tool = repacker()
    _, _, transform = tool.read_source(shared / "optical" / "romania_s2_10m.nc")
    native = Grid(crs="EPSG:3035", transform=tuple(transform)[:6], shape=(100, 100))
    inside = fence_mask(case.sites[0], native)
    assert set(np.unique(truth["patch"][inside])) == {0, STAND}
    assert inside[truth["patch"] == STAND].all()
    assert inside.sum() < 2 * (truth["patch"] == STAND).sum()
    assert truth["last_without"][STAND - 1] == np.datetime64("2019-04-07")
    assert truth["first_with"][STAND - 1] == np.datetime64("2019-06-16")


def test_every_pixel_is_as_in_the_source(shared):
    days, planes, transform = repacker().read_source(shared / "optical" / "romania_s2_10m.nc")
    kept = 0
    for index, day in enumerate(days):
        for name in (*BANDS, "scl"):
            path = STAC / "pixels" / f"{day:%Y%m%d}_{name}.tif"
            if path.exists():
                kept += 1
                with rasterio.open(path) as file:
                    assert (file.crs.to_epsg(), file.transform) == (3035, transform)
                    np.testing.assert_array_equal(file.read(1), planes[name][index])
    assert kept == len(list((STAC / "pixels").iterdir()))


@pytest.mark.slow
def test_the_script_makes_the_catalogue_that_is_shipped(shared, tmp_path):
    tool = repacker()
    held = tool.repack(shared / "optical" / "romania_s2_10m.nc", tmp_path)
    assert len(held) == len(list((STAC / "items").iterdir()))
    for path in tmp_path.rglob("*.json"):
        assert path.read_bytes() == (STAC / path.relative_to(tmp_path)).read_bytes()
    again = tmp_path / "again.tif"
    first = tmp_path / "pixels" / "20180815_nir.tif"
    with rasterio.open(first) as file:
        tool.write_raster(again, file.read(1), file.transform)
    assert again.read_bytes() == first.read_bytes()
    assert {p.name for p in first.parent.iterdir()} == {p.name for p in (STAC / "pixels").iterdir()}
