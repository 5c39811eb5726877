"""Vehicles in GeoTIFFs: tiles give what the whole gives, and images that cannot be used are told why."""

from pathlib import Path

import numpy as np
import pytest
import rasterio

from sitewatch.errors import InputError
from sitewatch.look.vehicles import Detector, Vehicles, VehicleSettings, find_vehicles
from tests.look.vehicles.graphs import CORNER, ORIENTED, UPRIGHT, fixed, graph, ground, write

SHAPE = (300, 280)


def rows(found: Vehicles):
    """All numbers of all boxes, from left to right."""
    boxes = found.boxes
    table = np.column_stack([boxes.centre, boxes.size, boxes.angle, boxes.score, boxes.label])
    return table[np.lexsort((table[:, 1], table[:, 0]))]


def look(path: Path, detector: Detector, **options) -> Vehicles:
    return find_vehicles(path, detector, progress=lambda what, done, total: None, **options)


def refused(path: Path, detector: Detector, **options) -> str:
    with pytest.raises(InputError) as error:
        look(path, detector, **options)
    return str(error.value)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """An upright detector of tiles of 128 pixels."""
    return Detector.open(graph(tmp_path_factory.mktemp("d") / "d.onnx", UPRIGHT, (128, 128), oriented=False))


@pytest.fixture(scope="module")
def scene():
    return ground(SHAPE, UPRIGHT, 30, 3)


@pytest.fixture
def image(scene, tmp_path):
    return write(tmp_path / "a.tif", np.stack([scene[0]] * 3), photometric="RGB")


def centres(placed):
    return np.array(sorted((one.x, one.y) for one in placed))


# --- Tiles


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("oriented", [False, True])
def test_tiles_give_what_the_whole_gives(tmp_path, oriented, listed):
    marks = ORIENTED if oriented else UPRIGHT
    values, placed = ground(SHAPE, marks, 36, 1)
    path = write(tmp_path / "a.tif", np.stack([values] * 3), photometric="RGB")
    parts, whole = (
        look(path, Detector.open(graph(tmp_path / "d.onnx", marks, size, oriented=oriented, listed=listed)))
        for size in ((128, 128), SHAPE)
    )
    assert (parts.tiles, whole.tiles) == (16, 1)
    assert rows(parts) == pytest.approx(rows(whole), abs=1e-4)
    assert rows(parts)[:, :2] == pytest.approx(centres(placed))
    truth = {(one.x, one.y): (one.mark.length, one.mark.width, one.mark.angle, one.mark.label) for one in placed}
    for x, y, *rest, score, label in rows(parts):
        assert (*rest, label) == pytest.approx(truth[x, y], abs=1e-5)
        assert score == pytest.approx(1, abs=1e-4)
    assert parts.oriented == oriented


def test_a_vehicle_on_every_seam_is_counted_once(small, tmp_path):
    for shift in (0, 2, 5):
        values = np.zeros((300, 280), np.uint8)
        for n in range(7):
            values[20 + 37 * n : 45 + 37 * n, 55 + 5 * n + shift : 64 + 5 * n + shift] = 255
        found = look(write(tmp_path / "a.tif", values[None]), small)
        assert len(found.vehicles) == 7


def test_an_image_smaller_than_a_tile(small, tmp_path):
    values, placed = ground((100, 90), UPRIGHT[:1], 3, 5)
    found = look(write(tmp_path / "a.tif", values[None]), small)
    assert rows(found)[:, :2] == pytest.approx(centres(placed))
    assert found.seen == 1


def test_where_a_vehicle_lies_on_the_map(small, image):
    found = look(image, small)
    one = found.vehicles[0]
    assert one.on_map is not None
    assert one.on_map.mean(0) == pytest.approx((CORNER[0] + one.centre[0] / 2, CORNER[1] - one.centre[1] / 2))
    assert found.pixel == pytest.approx(0.5, rel=1e-3)
    assert found.reason is None
    assert one.label in ("small vehicle", "large vehicle")


def test_what_is_said_is_size_and_length(tmp_path):
    values, _ = ground((128, 128), ORIENTED[1:2], 1, 0)
    detector = Detector.open(graph(tmp_path / "d.onnx", ORIENTED, (128, 128), oriented=True))
    found = look(write(tmp_path / "a.tif", values[None]), detector)
    assert [one.said for one in found.vehicles] == ["large vehicle, 13 m +/- 2"]


def test_only_classes_that_are_vehicles_count(small, image):
    large = look(image, small, classes=["large vehicle"])
    assert {one.label for one in large.vehicles} == {"large vehicle"}
    assert 0 < len(large.vehicles) < len(look(image, small).vehicles)


def test_a_note_where_the_longest_vehicle_does_not_fit_into_the_overlap(small, scene, tmp_path):
    path = write(tmp_path / "a.tif", scene[0][None], pixel=0.1)
    (note,) = look(path, small).notes
    assert "tiles of 128 x 128 pixels overlap by 6 m" in note


# --- Numbers, bands, holes


@pytest.mark.parametrize("dtype", ["uint16", "int16", "float32"])
def test_sixteen_bits_with_nodata_give_the_same_vehicles(small, image, scene, tmp_path, dtype):
    values = (scene[0].astype(float) * 5 + 300).astype(dtype)
    values[:20] = values[:, :10] = 0
    path = write(tmp_path / "b.tif", np.stack([values] * 3), nodata=0)
    expected = rows(look(image, small))
    expected = expected[(expected[:, 1] > 40) & (expected[:, 0] > 30)]
    found = look(path, small)
    inside = rows(found)
    inside = inside[(inside[:, 1] > 40) & (inside[:, 0] > 30)]
    assert inside[:, :5] == pytest.approx(expected[:, :5], abs=1e-6)
    assert found.seen == pytest.approx(280 / 300 * 270 / 280)
    assert any("holds data over" in note for note in found.notes)


@pytest.mark.parametrize("count", [1, 3, 4])
def test_one_three_and_four_bands(small, image, scene, tmp_path, count):
    bands = [scene[0], *(np.zeros_like(scene[0]) for _ in range(count - 1))]
    path = write(tmp_path / "b.tif", np.stack(bands), photometric="MINISBLACK" if count == 1 else "RGB")
    assert rows(look(path, small)) == pytest.approx(rows(look(image, small)))


def test_four_bands_that_nobody_names_are_asked_for(small, image, scene, tmp_path):
    dark = np.zeros_like(scene[0])
    path = write(tmp_path / "b.tif", np.stack([dark, dark, scene[0], dark]), photometric="MINISBLACK", alpha="NO")
    assert "it has 4 bands and does not say which are red, green and blue" in refused(path, small)
    assert rows(look(path, small, bands=(3, 2, 1))) == pytest.approx(rows(look(image, small)))
    assert "it has 4; right would be" in refused(path, small, bands=(3, 2, 9))
    with rasterio.open(path, "r+") as file:
        for number, name in enumerate(("blue", "green", "red", "nir"), start=1):
            file.set_band_description(number, name)
    assert rows(look(path, small)) == pytest.approx(rows(look(image, small)))


def test_a_hole_in_the_image_is_not_searched(tmp_path):
    output = np.zeros((1, 6, 50))
    output[0, :, 0] = (30, 30, 12, 5, 0.9, 0)
    everywhere = Detector.open(fixed(tmp_path / "d.onnx", output))
    values = np.full((1, 64, 64), 9, np.uint8)
    assert len(look(write(tmp_path / "a.tif", values), everywhere).vehicles) == 1
    values[:, 20:40, 20:40] = 0
    assert len(look(write(tmp_path / "a.tif", values, nodata=0), everywhere).vehicles) == 0


def test_blocks_that_the_file_does_not_hold_are_no_data(small, tmp_path):
    path = tmp_path / "a.tif"
    profile = {"driver": "GTiff", "width": 256, "height": 256, "count": 1, "dtype": "uint8", "crs": "EPSG:32652",
               "transform": rasterio.Affine(0.5, 0, 5e5, 0, -0.5, 4e6), "tiled": True, "blockxsize": 64,
               "blockysize": 64, "sparse_ok": True}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(np.full((1, 64, 128), 9, np.uint8), window=rasterio.windows.Window(0, 0, 128, 64))
    assert look(path, small).seen == pytest.approx(2 / 16)


# --- Images that cannot be used, or not for lengths


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"transform": None}, "the image has no pixel size"),
        ({"crs": None}, "names no coordinate reference system"),
        ({"pixel": 30.0}, "pixels of 30 m are none in which a vehicle can be measured"),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_without_a_pixel_size_vehicles_are_only_counted(small, image, scene, tmp_path, changes, words):
    path = write(tmp_path / "b.tif", np.stack([scene[0]] * 3), photometric="RGB", **changes)
    found = look(path, small)
    assert found.reason is not None
    assert words in found.reason
    assert {(one.length, one.width, one.on_map is None, one.said) for one in found.vehicles} == {
        (None, None, True, "vehicle")
    }
    assert len(found.vehicles) == len(look(image, small).vehicles)


def test_a_file_that_is_cut_short(small, image):
    content = image.read_bytes()
    image.write_bytes(content[: len(content) * 2 // 3])
    assert "it is cut short or damaged" in refused(image, small)


def test_a_header_that_promises_more_than_the_file_holds(small, tmp_path):
    path = tmp_path / "a.tif"
    profile = {"driver": "GTiff", "width": 60_000, "height": 60_000, "count": 1, "dtype": "uint8", "crs": "EPSG:32652",
               "transform": rasterio.Affine(0.5, 0, 5e5, 0, -0.5, 4e6), "tiled": True, "sparse_ok": True}  # fmt: skip
    with rasterio.open(path, "w", **profile):
        pass
    said = refused(path, small)
    assert "its header says 60,000 x 60,000 pixels, and the file holds" in said


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_an_image_that_is_all_nodata(small, tmp_path, dtype):
    path = write(tmp_path / "a.tif", np.zeros((1, 200, 200), dtype), nodata=0)
    assert "it holds no data" in refused(path, small)


def test_numbers_that_are_not_finite_everywhere(small, tmp_path):
    assert "it holds no data" in refused(write(tmp_path / "a.tif", np.full((1, 90, 90), np.nan, np.float32)), small)


def test_an_image_of_one_number(small, tmp_path):
    assert look(write(tmp_path / "a.tif", np.full((1, 90, 90), 700, np.uint16)), small).vehicles == ()


def test_a_palette_and_complex_numbers(small, tmp_path):
    path = tmp_path / "p.tif"
    write(path, np.ones((1, 64, 64), np.uint8))
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {0: (0, 0, 0, 255), 1: (255, 0, 0, 255)})
    assert "gdal_translate -expand rgb p.tif p-rgb.tif" in refused(path, small)
    assert "complex" in refused(write(tmp_path / "c.tif", np.ones((1, 64, 64), np.complex64)), small)


def test_files_that_are_no_geotiff(small, tmp_path):
    assert "it cannot be read: No such file" in refused(tmp_path / "none.tif", small)
    (tmp_path / "a.png").write_bytes(b"\x89PNG" + bytes(50))
    assert "found a PNG picture" in refused(tmp_path / "a.png", small)


def test_settings_reach_the_search(small, image):
    assert look(image, small, settings=VehicleSettings(least_score=1.01)).vehicles == ()
