"""Passes of Landsat and of Sentinel-1 become chips: numbers as delivered, their quality layers, what they say."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import numpy as np
import pytest
from rasterio.io import MemoryFile

from sitewatch.look import load_pass, read_chip, search, watch_site
from sitewatch.look.chips import LoadError
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
    return load_pass(found, catalogue, site, found.grid)


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
