"""Passes of Landsat and of Sentinel-1 become chips: numbers as delivered, their quality layers, what they say."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from rasterio.io import MemoryFile

from sitewatch.look import load_pass, read_chip, search, site_grid, watch_site
from sitewatch.look.assets import BandAsset
from sitewatch.look.chips import Chip, LoadError, write_chip
from sitewatch.look.sensors.optical import cube
from sitewatch.look.sensors.temperature import brightness
from sitewatch.records import Result
from tests.look import skies

NIGHT = datetime(2018, 6, 1, 20, 30, tzinfo=UTC)
MTL = {
    "LANDSAT_METADATA_FILE": {
        "LEVEL1_RADIOMETRIC_RESCALING": {"RADIANCE_MULT_BAND_10": "3.3420E-04", "RADIANCE_ADD_BAND_10": "0.10000"},
        "LEVEL1_THERMAL_CONSTANTS": {"K1_CONSTANT_BAND_10": "774.8853", "K2_CONSTANT_BAND_10": "1321.0789"},
    }
}
GRID = site_grid(skies.site())
CORNER = skies.LEFT // 30 * 30 - 15, skies.TOP // 30 * 30 + 15
SIZE = skies.SIZE // 3 + 2


def layers(folder, **layers):
    """Rasters of Landsat's pixels; gives their addresses below the folder, by asset key."""
    told = {}
    for key, values in layers.items():
        path = skies.write_tif(folder / "stac" / f"scene_{key.upper()}.TIF", values, pixel=30, corner=CORNER, nodata=0)
        told[key] = str(path.relative_to(folder / "stac"))
    return told


def loaded(folder, *items, bands):
    skies.write_folder(folder / "stac", list(items))
    catalogue, site = skies.catalogue(bands=bands), skies.site()
    (found,) = search(catalogue, site, folder=folder)
    return load_pass(found, catalogue)


def ramp(start, step=1):
    row, column = np.mgrid[0:SIZE, 0:SIZE]
    return (start + step * (row + column)).astype(np.uint16)


def clear():
    return np.full((SIZE, SIZE), 1 << 6, np.uint16)


def test_landsat_in_colours_is_reflectance_screened_by_its_flags(tmp_path):
    flags = clear()
    flags[26, 26] = 1 << 3
    made = layers(tmp_path, red=ramp(10_000), nir=ramp(16_000), qa_pixel=flags)
    chip = loaded(tmp_path, skies.landsat("one", made, correction="L2SR"), bands=("red", "nir"))
    assert (chip.sensor, chip.grid.transform[0]) == ("landsat", 30)
    reading = read_chip(chip.data)
    assert float(np.nanmin(reading.values[0])) == pytest.approx(ramp(10_000).min() * 2.75e-5 - 0.2, abs=2e-3)
    seen = np.isfinite(cube([reading], [chip.acquired], chip.grid).values[0]).all(0)
    assert (~seen).sum() == 13  # the cloud and its rim


def test_the_night_is_kelvin_by_the_scenes_own_constants(tmp_path):
    made = layers(tmp_path, lwir11=ramp(20_000, 20), qa_pixel=clear())
    (tmp_path / "stac" / "scene_MTL.json").write_text(json.dumps(MTL))
    item = skies.landsat("one", made | {"mtl.json": "scene_MTL.json"}, when=NIGHT, correction="L1GT")
    chip = loaded(tmp_path, item, bands=("lwir11",))
    assert chip.sensor == "thermal_night"
    with MemoryFile(chip.data) as memory, memory.open() as file:
        assert file.dtypes == ("float32", "float32")
        assert np.isnan(file.nodata)
    reading = read_chip(chip.data)
    expected = brightness(ramp(20_000, 20), MTL)
    assert set(np.round(reading.values[0].ravel(), 3)) <= set(np.round(expected.ravel(), 3))
    assert reading.quality["qa_pixel"].dtype == np.int32


def test_a_stated_radiance_scale_is_not_applied_to_kelvin(tmp_path):
    made = layers(tmp_path, lwir11=ramp(20_000, 20), qa_pixel=clear())
    (tmp_path / "stac" / "scene_MTL.json").write_text(json.dumps(MTL))
    item = skies.landsat("one", made | {"mtl.json": "scene_MTL.json"}, when=NIGHT, correction="L1GT")
    item.assets["lwir11"].extra_fields["raster:bands"] = [{"scale": 3.342e-4, "offset": 0.1, "nodata": 0}]
    assert float(np.nanmedian(read_chip(loaded(tmp_path, item, bands=("lwir11",)).data).values)) > 250


@pytest.mark.parametrize(
    ("mtl", "words"),
    [
        (None, "has no asset MTL.json"),
        ("gone.MTL.json", "gone.MTL.json could not be read"),
        ("broken_MTL.json", "the MTL lacks RADIANCE_MULT_BAND_10"),
    ],
)
def test_without_its_constants_the_night_is_not_loaded(tmp_path, mtl, words):
    made = layers(tmp_path, lwir11=ramp(20_000), qa_pixel=clear())
    (tmp_path / "stac" / "broken_MTL.json").write_text("{}")
    item = skies.landsat("one", made | ({"mtl.json": mtl} if mtl else {}), when=NIGHT, correction="L1GT")
    with pytest.raises(LoadError, match=words):
        loaded(tmp_path, item, bands=("lwir11",))


def test_gamma0_is_kept_as_delivered_with_its_orbit_and_unit(tmp_path):
    power = np.linspace(0.01, 0.4, skies.SIZE**2, dtype=np.float32).reshape(skies.SIZE, -1)
    power[:40] = -32768
    skies.write_tif(tmp_path / "stac" / "vv.tif", power, nodata=-32768)
    item = skies.radar("one", {"vv": "vv.tif"}, says="gamma0, linear power")
    chip = loaded(tmp_path, item, bands=("vv",))
    reading = read_chip(chip.data)
    assert [reading.tags[name] for name in ("ORBIT", "DIRECTION", "UNIT")] == [
        "29", "ascending", "gamma0, linear power",
    ]  # fmt: skip
    held = reading.values[np.isfinite(reading.values)]
    assert np.isin(held, power).all()
    assert np.isnan(reading.values).any()


def test_counts_in_the_place_of_gamma0_are_refused(tmp_path):
    skies.write_tif(tmp_path / "stac" / "vv.tif", skies.ramp(0))
    with pytest.raises(LoadError, match="uint16 values where gamma0 in floating point is read"):
        loaded(tmp_path, skies.radar("one", {"vv": "vv.tif"}), bands=("vv",))


def test_temperatures_that_are_no_kelvin_make_a_look_with_its_reason(tmp_path):
    celsius = np.full((SIZE, SIZE), 2500, np.uint16)  # hundredths of a degree, as some archives have it
    made = layers(tmp_path, lwir11=celsius, qa_pixel=clear(), st_qa=clear())
    item = skies.landsat("one", made)
    item.assets["lwir11"].extra_fields["raster:bands"] = [{"scale": 0.01, "offset": 0, "nodata": 0}]
    chip = loaded(tmp_path, item, bands=("lwir11",))
    site = skies.site(watch_from=date(2018, 1, 1))
    watched = watch_site(site, [chip.record()], lambda _: chip.data, sensor="thermal")
    assert [k.result for k in watched.looks] == [Result.NOT_ASSESSABLE]
    assert "Celsius" in watched.looks[0].reason


def test_a_radar_pass_whose_unit_nobody_can_tell_makes_a_look_with_its_reason(tmp_path):
    counts = np.full((skies.SIZE, skies.SIZE), 140.0, np.float32)
    skies.write_tif(tmp_path / "stac" / "vv.tif", counts)
    chip = loaded(tmp_path, skies.radar("one", {"vv": "vv.tif"}), bands=("vv",))
    watched = watch_site(skies.site(), [chip.record()], lambda _: chip.data, sensor="radar")
    assert "fits neither linear power nor dB" in watched.looks[0].reason


def test_a_fence_too_small_for_the_sensor_is_no_watch(tmp_path):
    made = layers(tmp_path, lwir11=ramp(40_000), qa_pixel=clear(), st_qa=clear())
    small = skies.site(fence=skies.square(skies.LEFT + 750, skies.TOP - 850, 12), watch_from=date(2018, 1, 1))
    skies.write_folder(tmp_path / "stac", [skies.landsat("one", made)])
    catalogue = skies.catalogue(bands=("lwir11",))
    (found,) = search(catalogue, small, folder=tmp_path)
    chip = load_pass(found, catalogue)
    watched = watch_site(small, [chip.record()], lambda _: chip.data, sensor="thermal")
    (look,) = watched.looks
    assert look.result is Result.NOT_ASSESSABLE
    assert "pixel" in look.reason
    assert (watched.alerts, watched.measured) == ((), None)


@pytest.mark.parametrize(
    ("odd", "words"), [("vv alone", "it has no VH, and most radar passes here have it"), ("twice", "of the same pass")]
)
def test_one_odd_radar_pass_blinds_no_other(tmp_path, odd, words):
    rng = np.random.default_rng(1)
    chips = []
    site = skies.site(watch_from=date(2018, 1, 1))
    for number in range(40):
        when = datetime(2017, 1, 1, 16, tzinfo=UTC) + timedelta(days=12 * number)
        bands = ("vv",) if odd == "vv alone" and number == 7 else ("vv", "vh")
        again = odd == "twice" and number == 7
        for copy in range(2 if again else 1):
            planes = [rng.gamma(10, 0.01, (GRID.shape)).astype(np.float32) for _ in bands]
            assets = tuple(BandAsset(b, b, "", 1.0, 0.0, "", None, None) for b in bands)
            tags = {"ORBIT": "29", "DIRECTION": "ascending", "UNIT": "power"}
            chips.append(
                Chip(
                    site=site.slug, platform=f"sentinel-1{'ab'[copy]}", provider="Maker", acquired_until=None,
                    acquired=when + timedelta(seconds=25 * copy), available_at=when, catalogue="s1",
                    items=(f"r{number}{copy}",), bands=bands, grid=GRID, licence=None, attribution=None, sensor="radar",
                    data=write_chip(np.stack(planes), assets, GRID, tags),
                )
            )  # fmt: skip
    blobs = {chip.record().chip: chip.data for chip in chips}
    watched = watch_site(site, [chip.record() for chip in chips], blobs.__getitem__, sensor="radar", trials=False)
    refused = [k for k in watched.looks if words in (k.reason or "")]
    assert len(refused) == 1
    assert sum(k.result is Result.NOT_SEEN for k in watched.looks) > 5
