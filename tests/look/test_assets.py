from __future__ import annotations

import pystac
import pytest

from sitewatch.look.assets import find_asset
from tests.look import skies

COUNTS = {"data_type": "uint16", "nodata": 0}


def item(assets, **properties):
    made = skies.item("one", {}, **properties)
    for key, (href, fields) in assets.items():
        made.add_asset(key, pystac.Asset(href, extra_fields=fields))
    return made


def eo(*names):
    return {"eo:bands": [{"name": n.upper(), "common_name": n} for n in names]}


def test_keys_are_common_names_and_the_same_band_is_there_as_jpeg_2000():
    made = item(
        {
            "blue-jp2": ("b.jp2", eo("blue")),
            "blue": ("b.tif", eo("blue")),
            "visual": ("v.tif", eo("red", "green", "blue")),
            "scl": ("s.tif", {}),
            "scl-jp2": ("s.jp2", {}),
        }
    )
    assert find_asset(made, "blue").key == "blue"
    assert find_asset(made, "scl").key == "scl"
    assert find_asset(made, "red") is None


def test_keys_are_the_agencys_band_names():
    made = item({"B02": ("b.tif", eo("blue")), "B08": ("n.tif", eo("nir")), "SCL": ("s.tif", {}), "AOT": ("a.tif", {})})
    assert [find_asset(made, name).key for name in ("blue", "nir", "scl")] == ["B02", "B08", "SCL"]


def test_of_a_band_at_several_sizes_the_finest_is_taken():
    blue = {"bands": [{"name": "B02", "eo:common_name": "blue"}]}
    made = item(
        {
            "B02_60m": ("60.jp2", blue | {"gsd": 60}),
            "B02_10m": ("10.jp2", blue | {"gsd": 10, "raster:scale": 1e-4, "raster:offset": -0.1}),
            "SCL_60m": ("s60.jp2", {"gsd": 60}),
            "SCL_20m": ("s20.jp2", {"gsd": 20}),
        }
    )
    blue = find_asset(made, "blue")
    assert (blue.key, blue.scale, blue.offset) == ("B02_10m", 1e-4, -0.1)
    assert find_asset(made, "scl").key == "SCL_20m"


@pytest.mark.parametrize(
    ("band", "properties", "expected", "said"),
    [
        (COUNTS | {"scale": 2e-4, "offset": -0.05}, {}, (2e-4, -0.05), "scale: item; offset: item"),
        (COUNTS, {"platform": "unknown"}, (1e-4, 0), "scale: default; offset: default"),
        (COUNTS, {"s2:processing_baseline": "05.09"}, (1e-4, -0.1), "product specification"),
        (COUNTS | {"offset": 0}, {"s2:processing_baseline": "05.09"}, (1e-4, 0), "offset: item"),
        (COUNTS | {"offset": -0.1}, {"s2:processing_baseline": "02.14"}, (1e-4, 0), "none before baseline 04.00"),
        (
            COUNTS | {"offset": -0.1},
            {"s2:processing_baseline": "05.09", "earthsearch:boa_offset_applied": True},
            (1e-4, 0),
            "it is applied",
        ),
        (
            COUNTS | {"offset": -0.1},
            {"s2:processing_baseline": "05.09", "earthsearch:boa_offset_applied": False},
            (1e-4, -0.1),
            "offset: item",
        ),
    ],
)
def test_scale_and_offset_come_from_where_they_are_surest(band, properties, expected, said):
    asset = find_asset(item({"blue": ("b.tif", eo("blue") | {"raster:bands": [band]})}, **properties), "blue")
    assert (asset.scale, asset.offset) == expected
    assert said in asset.calibration


def test_classes_have_no_scale():
    classes = find_asset(item({"scl": ("s.tif", {"raster:bands": [{"scale": 1e-4}]})}), "scl")
    assert (classes.scale, classes.offset) == (1, 0)
