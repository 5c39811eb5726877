"""A pair of images: what is new and gone, in both orders; and which pairs are refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from rasterio.warp import reproject, transform_bounds
from scipy.ndimage import gaussian_filter

from sitewatch.errors import InputError
from sitewatch.look.structures import Comparison, StructureChange, StructureSettings, compare_arrays, compare_files
from tests.look.structures.scenes import AFTER, BEFORE, GONE, NEW, SIDE, STANDING, day, ground, written

HALF = (0.5, 0.5)


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare_arrays(BEFORE, AFTER, HALF)


def middle(house: tuple[int, int, int, int]) -> tuple[float, float]:
    return (house[0] + house[2] / 2) / 2, (house[1] + house[3] / 2) / 2


def near(found: Comparison, house: tuple[int, int, int, int], apart: float = 4.0) -> list[StructureChange]:
    row, column = middle(house)
    return [r.change for r in found.regions if np.hypot(r.centre[0] - row, r.centre[1] - column) < apart]


def test_the_gone_and_the_new_house_are_told_with_their_signs_and_no_other(found: Comparison) -> None:
    assert near(found, GONE) == [StructureChange.REMOVED]
    assert near(found, NEW) == [StructureChange.NEW]
    assert len(found.regions) == 2
    for region, house in zip(sorted(found.regions, key=lambda r: r.change), (NEW, GONE), strict=True):
        assert region.area_m2 == pytest.approx(house[2] * house[3] / 4, rel=0.4)


def test_exchanged_images_give_exactly_the_negative(found: Comparison) -> None:
    other = compare_arrays(AFTER, BEFORE, HALF)
    assert np.array_equal(other.signed, -found.signed)
    assert np.abs(found.signed).max() > 0
    assert np.array_equal(other.labels, found.labels)
    assert [(r.box, r.area_m2, r.log_odds) for r in other.regions] == [
        (r.box, r.area_m2, r.log_odds) for r in found.regions
    ]
    assert all(a.change is not b.change for a, b in zip(found.regions, other.regions, strict=True))


def test_the_second_image_is_found_where_it_lies(found: Comparison) -> None:
    aside = found.registration.matrix @ [SIDE / 2, SIDE / 2, 1] - SIDE / 2
    sign = 1 if found.first == "before" else -1
    assert aside * sign == pytest.approx([1.4, -0.8], abs=0.3)
    assert found.registration.residual_m == found.registration.residual_px / 2 < 0.5


def test_the_same_image_twice_shows_no_change() -> None:
    same = compare_arrays(BEFORE, BEFORE, HALF)
    assert same.regions == ()
    assert not same.signed.any()
    assert same.registration.residual_px < 0.05
    assert same.level.gain == pytest.approx(1)


def test_moved_shadows_and_another_light_are_no_change() -> None:
    other = day(STANDING, gain=0.7, seed=5, sun=(-7, 6))
    assert compare_arrays(day(STANDING), other, HALF).regions == ()


def test_unseen_ground_tells_nothing() -> None:
    seen = np.ones((SIDE, SIDE), bool)
    seen[GONE[0] - 5 : GONE[0] + 45, GONE[1] : GONE[1] + 60] = False
    found = compare_arrays(BEFORE, AFTER, HALF, seen=(seen, np.ones_like(seen)))
    assert near(found, GONE, 12) == []
    assert near(found, NEW) == [StructureChange.NEW]
    row, column = (round(v) for v in middle(GONE))
    assert not found.seen[row, column]


def test_files_give_the_map_and_both_orders(tmp_path: Path, found: Comparison) -> None:
    paths = written(tmp_path / "b.tif", BEFORE), written(tmp_path / "a.tif", AFTER)
    one, two = compare_files(*paths), compare_files(*paths[::-1])
    assert np.array_equal(one.signed, -two.signed)
    assert near(one, GONE) == [StructureChange.REMOVED]
    assert (one.transform, one.pixel_m) == ((1.0, 0.0, 300_000.0, 0.0, -1.0, 4_000_000.0), 1.0)
    assert rasterio.crs.CRS.from_wkt(one.crs) == rasterio.crs.CRS.from_epsg(32652)


def test_windows_give_what_the_whole_gives(found: Comparison) -> None:
    parted = compare_arrays(BEFORE, AFTER, HALF, settings=StructureSettings(window_px=80, margin_px=60), workers=2)
    assert [r.change for r in parted.regions] == [r.change for r in found.regions]
    assert np.mean((parted.labels > 0) == (found.labels > 0)) > 0.995


def test_another_reference_system_and_pixel_are_laid_on_the_coarser_grid(tmp_path: Path) -> None:
    before = written(tmp_path / "b.tif", BEFORE)
    with rasterio.open(before) as file:
        bounds, crs = file.bounds, file.crs
    west, south, east, north = transform_bounds(crs, "EPSG:4326", *bounds)
    place = Affine(4e-6, 0, west, 0, -4e-6, north)
    width, height = round((east - west) / 4e-6), round((north - south) / 4e-6)
    warped = np.zeros((3, height, width), np.uint8)
    reproject(
        AFTER, warped, src_transform=Affine(0.5, 0, 300_000, 0, -0.5, 4_000_000), src_crs=crs, dst_transform=place,
        dst_crs="EPSG:4326", resampling=rasterio.enums.Resampling.bilinear,
    )  # fmt: skip
    after = written(tmp_path / "a.tif", warped, crs="EPSG:4326", transform=place, nodata=0)
    found = compare_files(before, after)
    assert rasterio.crs.CRS.from_wkt(found.crs).to_epsg() == 32652
    assert near(found, GONE, 5) == [StructureChange.REMOVED]
    assert near(found, NEW, 5) == [StructureChange.NEW]


def test_sixteen_bits_with_nodata(tmp_path: Path) -> None:
    images = [image.astype(np.uint16) * 40 + 1 for image in (BEFORE, AFTER)]
    images[1][:, :60] = 0
    images[0][:, :, 290:] = 0
    paths = [
        written(tmp_path / f"{n}.tif", image, nodata=0) for n, image in enumerate(images)
    ]  # fmt: skip
    found = compare_files(*paths)
    assert near(found, GONE) == [StructureChange.REMOVED]
    assert near(found, NEW) == [StructureChange.NEW]
    assert len(found.regions) == 2
    assert not found.seen[:28].any()
    assert not found.seen[:, 146:].any()


# --- Refused


def refused(before: Path, after: Path) -> str:
    with pytest.raises(InputError) as error:
        compare_files(before, after)
    return str(error.value)


def test_a_pair_that_does_not_overlap(tmp_path: Path) -> None:
    before = written(tmp_path / "b.tif", BEFORE)
    after = written(tmp_path / "a.tif", AFTER, transform=Affine(0.5, 0, 300_500, 0, -0.5, 4_000_000))
    assert re.search(r"b\.tif and .*a\.tif share 0%", refused(before, after))


def test_a_pair_of_two_places_on_one_ground() -> None:
    other = np.stack([np.rot90(band) for band in day(((200, 40, 30, 50),), seed=9)])
    turned = np.stack([np.rot90(band, 2) for band in ground(7)])
    for wrong in (other, turned.astype(np.uint8)):
        with pytest.raises(InputError, match="cannot be laid together"):
            compare_arrays(BEFORE, wrong, HALF)


def test_five_times_apart_in_scale(tmp_path: Path) -> None:
    before = written(tmp_path / "b.tif", BEFORE, transform=Affine(0.3, 0, 300_000, 0, -0.3, 4_000_000))
    after = written(tmp_path / "a.tif", AFTER, transform=Affine(1.5, 0, 300_000, 0, -1.5, 4_000_000))
    assert "5.0 times apart" in refused(before, after)
    with pytest.raises(InputError, match="times apart"):
        compare_arrays(BEFORE, AFTER, (0.3, 1.5))


def test_pixels_too_coarse_for_a_house(tmp_path: Path) -> None:
    places = {"transform": Affine(10, 0, 300_000, 0, -10, 4_000_000)}
    paths = written(tmp_path / "b.tif", BEFORE, **places), written(tmp_path / "a.tif", AFTER, **places)
    assert "10 m wide; structures need 2.5 m" in refused(*paths)


@pytest.mark.parametrize("kind", ["noise", "smooth", "one value"])
def test_one_cloud(kind: str) -> None:
    rng = np.random.default_rng(3)
    cloud = np.full((SIDE, SIDE), 230.0)
    if kind != "one value":
        cloud += rng.normal(0, 3, cloud.shape)
    if kind == "smooth":
        cloud += 300 * gaussian_filter(rng.normal(size=cloud.shape), 25)
    image = np.repeat(np.clip(cloud, 0, 255).astype(np.uint8)[None], 3, 0)
    for pair in ((BEFORE, image), (image, BEFORE)):
        with pytest.raises(InputError, match="cloud"):
            compare_arrays(*pair, HALF)


def test_no_pixel_size(tmp_path: Path) -> None:
    before = written(tmp_path / "b.tif", BEFORE)
    bare = tmp_path / "bare.tif"
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        written(bare, AFTER, crs=None, transform=None)
    assert "no georeference (no corner and no pixel size)" in refused(before, bare)
    for wrong in (0.0, float("nan"), -0.5):
        with pytest.raises(InputError, match="no size"):
            compare_arrays(BEFORE, AFTER, (0.5, wrong))


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_file_that_lies_about_its_size(tmp_path: Path, kept: float) -> None:
    before = written(tmp_path / "b.tif", BEFORE)
    whole = written(tmp_path / "a.tif", AFTER).read_bytes()
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole[: int(len(whole) * kept)])
    assert re.search(r"cut\.tif: it is cut short or damaged", refused(before, cut))
    cut.write_bytes(
        written(tmp_path / "c.tif", AFTER, transform=Affine(0.6, 0, 3e5, 0, -0.6, 4e6)).read_bytes()[:150_000]
    )
    assert re.search(r"cut\.tif: it is cut short or damaged", refused(cut, before))


def test_no_band_in_common(tmp_path: Path) -> None:
    before = written(tmp_path / "b.tif", BEFORE)
    after = written(tmp_path / "a.tif", AFTER[:1], photometric="MINISBLACK")
    assert "none in common" in refused(before, after)


def test_arrays_that_do_not_fit() -> None:
    with pytest.raises(InputError, match="right would be"):
        compare_arrays(BEFORE, AFTER[:, :100], HALF)
    with pytest.raises(InputError, match="resample"):
        compare_arrays(BEFORE, AFTER, (0.5, 0.6))


def test_a_band_that_holds_one_value() -> None:
    flat = AFTER.copy()
    flat[1] = 7
    with pytest.raises(InputError, match="a band holds one value"):
        compare_arrays(BEFORE, flat, HALF)
