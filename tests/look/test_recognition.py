"""What product an item is: told from its metadata, and refused in words where that does not fit the bands."""

from __future__ import annotations

from datetime import UTC, datetime

import pystac
import pytest

from sitewatch.look.items import Unusable
from sitewatch.look.products import HEAT, LANDSAT, NIGHT_HEAT, RADAR, SENTINEL_2
from sitewatch.look.recognition import recognised
from tests.look import skies

PLACE = (22.15, 45.2)
DAY, NIGHT = datetime(2018, 6, 1, 9, 20, tzinfo=UTC), datetime(2018, 6, 1, 20, 30, tzinfo=UTC)
COLOURS = ("blue", "red")
HEAT_FILES = {
    "lwir11": "LC08_L2SP_185029_20180601_20200831_02_T1_ST_B10.TIF",
    "qa_pixel": "LC08_L2SP_185029_20180601_20200831_02_T1_QA_PIXEL.TIF",
    "qa": "LC08_L2SP_185029_20180601_20200831_02_T1_ST_QA.TIF",
}
GAMMA0 = {"vv": "iw-vv.rtc.tiff", "vh": "iw-vh.rtc.tiff"}


def test_a_sentinel_2_item_is_one_whatever_its_collection_is_called():
    made = skies.item("one", {"blue": "b.tif", "red": "r.tif", "scl": "s.tif"})
    made.collection_id = "mirror-of-something"
    assert recognised(made, COLOURS, PLACE) is SENTINEL_2


@pytest.mark.parametrize("changes", [{}, {"platform": "LANDSAT_8"}, {"platform": None, "landsat:correction": "L2SR"}])
def test_landsat_in_colours_is_told_by_platform_mission_properties_or_quality_layer(changes):
    made = skies.landsat("one", {"blue": "B2.tif", "red": "B4.tif", "qa_pixel": "x_QA_PIXEL.TIF"}, **changes)
    assert recognised(made, COLOURS, PLACE) is LANDSAT


def test_its_quality_layer_alone_tells_landsat_and_its_files_tell_the_level():
    made = skies.item("one", {"blue": "LC08_L2SP_1_SR_B2.TIF", "red": "LC08_L2SP_1_SR_B4.TIF"}, platform="sat-x")
    made.add_asset("flags", pystac.Asset("LC08_L2SP_1_QA_PIXEL.TIF"))
    assert recognised(made, COLOURS, PLACE) is LANDSAT


def test_surface_temperature_is_level_2_by_day_and_brightness_level_1_by_night():
    assert recognised(skies.landsat("one", HEAT_FILES, when=DAY), ("lwir11",), PLACE) is HEAT
    files = {"lwir11": "LC08_L1GT_1_B10.TIF", "qa_pixel": "LC08_L1GT_1_QA_PIXEL.TIF"}
    night = skies.landsat("two", files, when=NIGHT, correction="L1GT")
    assert recognised(night, ("lwir11",), PLACE) is NIGHT_HEAT


@pytest.mark.parametrize(
    ("when", "correction", "words"),
    [
        (NIGHT, "L2SP", "Level 2, taken by night; heat by night from Level-1"),
        (DAY, "L1TP", "Level 1, taken by day; heat by day comes from Level-2"),
    ],
)
def test_heat_of_the_wrong_level_for_its_hour_is_refused(when, correction, words):
    with pytest.raises(Unusable, match=words):
        recognised(skies.landsat("one", HEAT_FILES, when=when, correction=correction), ("lwir11",), PLACE)


@pytest.mark.parametrize(
    ("item", "bands", "words"),
    [
        (skies.item("a", {"blue": "b.tif"}), ("lwir11",), "does not say that it is of Landsat .platform sentinel-2a"),
        (skies.landsat("b", {"blue": "b.tif"}, correction="L1TP"), COLOURS, "Level 1, radiance at the sensor"),
        (skies.landsat("c", {"blue": "b.tif"}), ("lwir11",), "no asset for band lwir11"),
        (
            skies.landsat("d", {"lwir11": "t.tif"}, correction="", **{"landsat:correction": None}),
            ("lwir11",), "states no landsat:correction",
        ),
        (skies.landsat("m", {"blue": "b.tif", "nir08": "n.tif", "qa_pixel": "q.tif"}), ("blue", "nir"),
         "no asset for nir; Landsat's near infrared is nir08; it has blue, nir08, qa_pixel"),
        (skies.radar("n", {"vv": "x.tif"}), ("vv", "vh"), "no asset for vh"),
        (skies.radar("o", GAMMA0, says="sigma0, terrain-corrected"), ("vv",), "nothing .* tells of gamma0"),
        (skies.radar("e", GAMMA0, says="VV data"), ("vv",), "nothing .* tells of gamma0 .*sar:product_type GRD"),
        (skies.radar("f", {"vh": "x.tif"}), ("vv", "vh"), "no asset for polarisation vv; it has vh"),
        (skies.radar("g", GAMMA0, platform="ALOS-2", constellation="ALOS"), ("vv",), "not say .* of Sentinel-1"),
        (skies.radar("h", GAMMA0, orbit=None), ("vv",), "sat:relative_orbit is None and its sat:orbit_state"),
        (skies.radar("i", GAMMA0, direction="sideways"), ("vv",), "sat:orbit_state 'sideways'; each orbit"),
        (skies.radar("j", GAMMA0, orbit=176), ("vv",), "sat:relative_orbit is 176; needed is a whole number"),
        (skies.item("k", {"blue": "b.tif"}), ("vv",), "no asset for polarisation vv; it has blue"),
    ],
    ids=lambda given: given.id if isinstance(given, pystac.Item) else None,
)  # fmt: skip
def test_what_the_bands_cannot_be_read_from_is_refused_in_words(item, bands, words):
    with pytest.raises(Unusable, match=words):
        recognised(item, bands, PLACE)


def test_radar_keeps_its_pixel():
    assert recognised(skies.radar("one", GAMMA0), ("vv", "vh"), PLACE) == RADAR
    coarse = skies.radar("two", GAMMA0)
    coarse.assets["vv"].extra_fields["raster:bands"][0]["spatial_resolution"] = 20.0
    assert recognised(coarse, ("vv", "vh"), PLACE).pixel_m == 20
