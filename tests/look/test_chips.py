from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pystac
import pytest
import rasterio
from rasterio.io import MemoryFile
from shapely.geometry import box, mapping

from sitewatch.errors import InputError, ServiceError
from sitewatch.look import load_pass, read_chip, search, site_grid
from sitewatch.look.chips import LoadError
from sitewatch.look.loading import _shown, _told
from tests import servers
from tests.look import skies

FAST = {"GDAL_HTTP_MAX_RETRY": "0", "GDAL_HTTP_TIMEOUT": "5"}


def loaded(folder, *items, gdal=FAST, **changes):
    """The single pass of a folder of items, loaded."""
    skies.write_folder(folder / "stac", list(items))
    catalogue, site = skies.catalogue(**changes), skies.site()
    (found,) = search(catalogue, site, folder=folder)
    return load_pass(found, catalogue, gdal=gdal)


def window(grid):
    """Rows and columns of the made-up tile that the grid covers."""
    row, column = round((skies.TOP - grid.transform[5]) / 10), round((grid.transform[2] - skies.LEFT) / 10)
    return slice(row, row + grid.shape[0]), slice(column, column + grid.shape[1])


@pytest.fixture
def scene(tmp_path):
    return skies.write_scene(tmp_path / "stac", "one")


def test_on_its_own_grid_a_scene_is_copied_pixel_by_pixel(tmp_path, scene):
    chip = loaded(tmp_path, skies.item("one", scene))
    with MemoryFile(chip.data) as memory, memory.open() as file:
        counts = file.read()
        assert file.descriptions == (*skies.BANDS, "scl")
        assert file.scales == (1e-4, 1e-4, 1e-4, 1e-4, 1.0)
        assert file.offsets == (0, 0, 0, 0, 0)
        assert file.nodata == 0
        assert file.crs == skies.CRS
        assert file.compression.value == "DEFLATE"
        assert file.tags()["RESAMPLING"] == "none"
        assert file.tags()["LICENCE"] == "CC-BY-4.0"
        assert file.tags()["ACQUIRED"] == "2018-06-01T09:20:31+00:00"
        assert file.tags(1)["ASSET"] == "blue"
    rows, columns = window(chip.grid)
    for band in range(4):
        np.testing.assert_array_equal(counts[band], skies.ramp(band)[rows, columns])


def test_the_scene_classification_keeps_its_numbers(tmp_path):
    classes = np.random.default_rng(0).integers(0, 12, (skies.SIZE // 2, skies.SIZE // 2)).astype(np.uint8)
    scene = skies.write_scene(tmp_path / "stac", "one", scl=classes)
    chip = loaded(tmp_path, skies.item("one", scene))
    rows, columns = window(chip.grid)
    np.testing.assert_array_equal(read_chip(chip.data).quality["scl"], np.kron(classes, np.ones((2, 2)))[rows, columns])


def test_the_same_input_gives_the_same_bytes_and_the_record_their_address(tmp_path, scene):
    one, two = (loaded(tmp_path, skies.item("one", scene)) for _ in range(2))
    assert one.data == two.data
    record = one.record()
    assert record.chip == hashlib.sha256(one.data).hexdigest()
    assert record.id == two.record().id
    assert (record.items, record.bands, record.platform) == (("one",), skies.BANDS, "sentinel-2a")
    assert record.acquired == datetime(2018, 6, 1, 9, 20, 31, tzinfo=UTC)


def test_a_chip_is_read_back_as_reflectance(tmp_path, scene):
    reading = read_chip(loaded(tmp_path, skies.item("one", scene), bands=("nir", "blue")).data)
    assert reading.names == ("nir", "blue")
    assert reading.values.dtype == np.float32
    rows, columns = window(site_grid(skies.site()))
    np.testing.assert_allclose(reading.values[1], skies.ramp(0)[rows, columns] * 1e-4, rtol=1e-6)


def test_scale_and_offset_of_the_item_are_used(tmp_path, scene):
    item = skies.item("one", scene, **{"s2:processing_baseline": "05.00"})
    for asset in item.assets.values():
        asset.extra_fields["raster:bands"][0]["offset"] = -0.1
    reading = read_chip(loaded(tmp_path, item).data)
    rows, columns = window(site_grid(skies.site()))
    np.testing.assert_allclose(reading.values[0], skies.ramp(0)[rows, columns] * 1e-4 - 0.1, atol=1e-6)


def test_another_nodata_becomes_zero_and_is_read_as_unseen(tmp_path, scene):
    counts = skies.ramp(0).astype(np.int16)
    counts[70:80] = -9999
    path = tmp_path / "stac" / "one" / "signed.tif"
    skies.write_tif(path, counts)
    with rasterio.open(path, "r+") as file:
        file.nodata = -9999
    reading = read_chip(loaded(tmp_path, skies.item("one", scene | {"blue": "one/signed.tif"})).data)
    rows, columns = window(site_grid(skies.site()))
    np.testing.assert_array_equal(np.isnan(reading.values[0]), counts[rows, columns] == -9999)


def test_a_scene_in_another_reference_system_is_resampled(tmp_path):
    folder = tmp_path / "stac"
    x, y = rasterio.warp.transform(skies.CRS, "EPSG:3035", [skies.LEFT + 800], [skies.TOP - 800])
    corner = (round(x[0], -1) - 1502.5, round(y[0], -1) + 1497.5)
    row, column = np.mgrid[0:300, 0:300]
    eastings, northings = corner[0] + 10 * column + 5, corner[1] - 10 * row - 5
    xs, ys = rasterio.warp.transform("EPSG:3035", skies.CRS, eastings.ravel(), northings.ravel())
    plane = (2000 + 0.5 * (np.array(xs) - skies.LEFT) - 0.3 * (np.array(ys) - skies.TOP)).reshape(300, 300)
    hrefs = {
        band: str(
            skies.write_tif(folder / f"{band}.tif", np.rint(plane).astype(np.uint16), crs="EPSG:3035", corner=corner)
        )
        for band in skies.BANDS
    }
    classes = np.where(plane > 3000, 4, 5).astype(np.uint8)
    hrefs["scl"] = str(skies.write_tif(folder / "scl.tif", classes, crs="EPSG:3035", corner=corner))
    chip = loaded(tmp_path, skies.item("one", hrefs))
    reading = read_chip(chip.data)
    _, _, left, _, _, top = chip.grid.transform
    rows, columns = np.mgrid[0 : chip.grid.shape[0], 0 : chip.grid.shape[1]]
    expected = 2000 + 0.5 * (left + 10 * columns + 5 - skies.LEFT) - 0.3 * (top - 10 * rows - 5 - skies.TOP)
    np.testing.assert_allclose(reading.values[0] * 1e4, expected, atol=1.5)
    assert set(np.unique(reading.quality["scl"])) == {4, 5}
    with MemoryFile(chip.data) as memory, memory.open() as file:
        assert file.tags()["RESAMPLING"] == "cubic"


def test_an_empty_scene_is_loaded_and_holds_nothing(tmp_path):
    chip = loaded(tmp_path, skies.item("one", skies.write_scene(tmp_path / "stac", "one", empty=True)))
    reading = read_chip(chip.data)
    assert np.isnan(reading.values).all()
    assert (reading.quality["scl"] == 0).all()


def test_two_tiles_fill_each_other_whatever_their_calibration(tmp_path):
    """The left half is a tile of an old baseline, the right half one whose counts carry an offset of 1000."""
    folder, half = tmp_path / "stac", skies.SIZE // 2
    tiles = []
    for name, part, offset in (("left", slice(None, half), 0), ("right", slice(half, None), -0.1)):
        hrefs = skies.write_scene(folder, name)
        for index, band in enumerate(skies.BANDS):
            counts = np.zeros((skies.SIZE, skies.SIZE), np.uint16)
            counts[:, part] = skies.ramp(index)[:, part] + np.uint16(-offset * 1e4)
            skies.write_tif(folder / hrefs[band], counts)
        item = skies.item(name, hrefs, **{"grid:code": name})
        west, south, east, north = item.bbox
        middle = (west + east) / 2
        edges = (west, middle + 0.0005) if name == "left" else (middle - 0.0005, east)
        item.bbox = [edges[0], south, edges[1], north]
        item.geometry = mapping(box(*item.bbox))
        for asset in item.assets.values():
            asset.extra_fields["raster:bands"][0]["offset"] = offset
        tiles.append(item)
    chip = loaded(tmp_path, *tiles)
    assert sorted(chip.items) == ["left", "right"]
    rows, columns = window(chip.grid)
    np.testing.assert_allclose(read_chip(chip.data).values[2], skies.ramp(2)[rows, columns] * 1e-4, atol=1e-6)


# --- What fails is named


def refused(folder, item, words, gdal=FAST):
    with pytest.raises(LoadError, match=words) as error:
        loaded(folder, item, gdal=gdal)
    assert isinstance(error.value, ServiceError)
    told = str(error.value)
    assert told.startswith("item one")  # whoever tells it says which pass it is
    assert str(folder) not in told
    return told


def test_an_item_without_the_band_names_what_it_has(tmp_path, scene):
    del scene["nir"]
    refused(tmp_path, skies.item("one", scene), r"has no asset for band nir; it has blue, green, red, scl")


def test_a_missing_file_is_named(tmp_path, scene):
    (tmp_path / "stac" / scene["red"]).unlink()
    refused(tmp_path, skies.item("one", scene), r"asset red \(.*red\.tif\) could not be read")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.8])
def test_a_file_cut_short_is_named(tmp_path, scene, kept):
    path = tmp_path / "stac" / scene["nir"]
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    refused(tmp_path, skies.item("one", scene), r"asset nir \(.*nir\.tif\) could not be read")


def test_values_that_are_no_counts_are_refused(tmp_path, scene):
    skies.write_tif(tmp_path / "stac" / scene["blue"], skies.ramp(0).astype(np.float32))
    refused(tmp_path, skies.item("one", scene), r"asset blue .*holds float32 values")


def test_a_file_that_lies_nowhere_is_refused(tmp_path, scene):
    skies.write_tif(tmp_path / "stac" / scene["blue"], skies.ramp(0), crs=None)
    refused(tmp_path, skies.item("one", scene), r"asset blue .*names no reference system")


@pytest.fixture
def remote(tmp_path, scene):
    """An item whose assets lie on a server; tests put faults in place of single files."""
    faults: dict[str, servers.Answer] = {}
    with servers.serve(servers.files(tmp_path / "stac", faults)) as server:
        yield skies.item("one", {key: f"{server.url}/{href}" for key, href in scene.items()}), faults, server


def test_assets_are_read_over_http(tmp_path, scene, remote):
    item, _, server = remote
    assert loaded(tmp_path / "far", item).data == loaded(tmp_path, skies.item("one", scene)).data
    assert {line.split()[0] for line in server.asked} <= {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (servers.Answer(b"gone", 404, "text/plain"), "404"),
        (servers.HTML, "not recognized as being in a supported file format"),
        (servers.Answer(b"", 200, "image/tiff"), "not recognized"),
        (servers.Answer(b"oops", 500, "text/plain"), "500"),
    ],
)
def test_a_wrong_answer_in_place_of_an_asset_is_named(tmp_path, remote, answer, words):
    item, faults, server = remote
    faults["/one/green.tif"] = answer
    refused(tmp_path / "far", item, rf"asset green \({server.url}/one/green\.tif\) could not be read: .*{words}")


def test_a_failure_tells_no_signature_and_no_password(tmp_path, remote):
    item, faults, server = remote
    faults["/one/green.tif"] = servers.Answer(b"no", 403, "text/plain")
    address = server.url.replace("//", "//reader:secret@") + "/one/green.tif?sig=abc%2Fdef&se=2030"
    item.assets["green"].href = address
    told = refused(tmp_path / "far", item, rf"asset green \({server.url}/one/green\.tif\) could not be read")
    assert not [word for word in ("secret", "reader", "sig=", "abc", "se=2030") if word in told]


@pytest.mark.parametrize(
    ("href", "shown"),
    [
        ("/data/stac/one/red.tif", "red.tif"),
        ("file:///data/stac/one/red.tif", "red.tif"),
        ("https://a:b@host.example:8443/one/red.tif?sig=x/y@z#part", "https://host.example:8443/one/red.tif"),
        ("/vsicurl/https://host.example/red.tif?sig=x", "https://host.example/red.tif"),
        ("s3://bucket/one/red.tif", "s3://bucket/one/red.tif"),
    ],
)
def test_an_address_is_shown_without_what_is_secret_in_it(href, shown):
    assert _shown(href) == shown
    assert _told(f"'{href}' not recognized, see https://x:y@host.example/log?key=1 for more", [href]) == (
        f"'{shown}' not recognized, see https://host.example/log for more"
    )


def test_an_asset_cut_short_on_its_way_is_named(tmp_path, remote):
    item, faults, server = remote
    whole = (tmp_path / "stac" / "one" / "green.tif").read_bytes()
    faults["/one/green.tif"] = servers.Answer(whole[: len(whole) // 2], 200, "image/tiff")
    refused(tmp_path / "far", item, rf"asset green \({server.url}/one/green\.tif\) could not be read")


# --- Chips that are none


def test_bytes_that_are_no_chip_are_refused(tmp_path, scene):
    whole = loaded(tmp_path, skies.item("one", scene)).data
    for data in (b"", b"<html>", whole[: len(whole) // 3]):
        with pytest.raises(InputError, match=f"a chip of {len(data)} bytes is not a readable GeoTIFF"):
            read_chip(data)


def test_a_picture_without_named_bands_is_no_chip(tmp_path):
    path = skies.write_tif(tmp_path / "picture.tif", skies.ramp(0))
    with pytest.raises(InputError, match="bands are named; found None"):
        read_chip(path.read_bytes())


def test_reading_chips_and_searching_need_no_loader():
    """The loader takes seconds to import."""
    ask = "import sys; from sitewatch.look import read_chip, search; print('odc.stac' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout == "False\n"


def test_items_are_left_as_they_were(tmp_path, scene):
    item = skies.item("one", scene)
    before = item.to_dict()
    loaded(tmp_path, item)
    assert item.to_dict() == before
    assert isinstance(item, pystac.Item)
