"""The analyst's own images: what of a GeoTIFF is kept, and what each kind of file that cannot be used is told."""

from __future__ import annotations

import hashlib
import re
import struct
import subprocess
import sys
import warnings
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.control import GroundControlPoint
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from rasterio.warp import transform

from sitewatch.errors import InputError
from sitewatch.look import geotiff
from sitewatch.look.images import Image, Taken, load_image
from tests.look import skies

SITE = skies.site()
"""A fence of 100 m whose south-western corner lies 750 m east and 850 m south of the corner of the tile."""
WEST, SOUTH = skies.LEFT + 750, skies.TOP - 850
TAKEN = Taken(
    datetime(2018, 6, 1, 9, 20, tzinfo=UTC), None, datetime(2018, 6, 4, tzinfo=UTC), "Eye in the Sky", "for this study"
)
RGB = ("red", "green", "blue")


def ground(count: int = 3, size: int = 400, dtype: Any = np.uint8) -> NDArray[Any]:
    """Numbers that tell rows, columns and bands apart."""
    row, column = np.mgrid[0:size, 0:size]
    return np.stack([(1 + band + 7 * row + 3 * column) % 250 for band in range(count)]).astype(dtype)


def write(path: Path, values: NDArray[Any], *, mask: NDArray[Any] | None = None, **changes: Any) -> Path:
    """A GeoTIFF of pixels of 1 m that begins 150 m north-west of the fence's north-western corner."""
    names = changes.pop("names", RGB)
    profile = {
        "driver": "GTiff", "count": len(values), "height": values.shape[1], "width": values.shape[2],
        "dtype": values.dtype, "crs": skies.CRS, "transform": Affine(1, 0, WEST - 150, 0, -1, SOUTH + 250),
        "tiled": True, "blockxsize": 128, "blockysize": 128, "compress": "deflate", "photometric": "MINISBLACK",
    } | changes  # fmt: skip
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as file:
        file.write(values)
        for number, name in enumerate(names, start=1):
            file.set_band_description(number, name)
        if mask is not None:
            file.write_mask(mask)
    return path


def load(path: Path, **changes: Any) -> Image:
    return load_image(path, SITE, TAKEN, **{"progress": lambda what, done, total: None} | changes)


class Clip:
    """A chip's pixels as any reader of GeoTIFFs finds them."""

    def __init__(self, image: Image) -> None:
        with MemoryFile(image.chip.data) as memory, memory.open() as file:
            self.values, self.seen = file.read(), file.dataset_mask() > 0
            self.names, self.tags, self.dtype = file.descriptions, file.tags(), file.dtypes[0]
            self.scales, self.offsets = file.scales, file.offsets
            self.crs, self.transform = str(file.crs), tuple(file.transform)[:6]


# --- What is kept


def test_pixels_are_copied_with_their_type_grid_and_provenance(tmp_path):
    values = ground(4, dtype=np.uint16)
    path = write(tmp_path / "a.tif", values, names=("blue", "green", "red", "nir"))
    image = load(path)
    clip, passed = Clip(image), image.chip.record()
    assert np.array_equal(clip.values, values)  # 400 m square lies within the ring
    assert clip.seen.all()
    assert clip.names == passed.bands == ("blue", "green", "red", "nir")
    assert (clip.dtype, clip.crs, clip.transform) == ("uint16", skies.CRS, passed.grid.transform)
    assert passed.grid.transform == (1, 0, WEST - 150, 0, -1, SOUTH + 250)
    assert (passed.sensor, passed.catalogue, passed.items) == ("analyst", "analyst", ("a.tif",))
    data = path.read_bytes()
    assert passed.original is not None
    assert (passed.original.file, passed.original.size) == ("a.tif", len(data))
    assert passed.original.sha256 == hashlib.sha256(data).hexdigest() == clip.tags["FILE_SHA256"]
    assert passed.chip == hashlib.sha256(image.chip.data).hexdigest()
    assert clip.tags["LICENCE"] == passed.licence == "for this study"
    assert clip.tags["RESAMPLING"] == "none"


def test_the_same_file_gives_the_same_bytes(tmp_path):
    path = write(tmp_path / "a.tif", ground())
    assert load(path).chip == load(path).chip


def test_scale_and_offset_are_kept(tmp_path):
    path = write(tmp_path / "a.tif", ground(1, dtype=np.uint16), names=("pan",))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.0001,), (-0.1,)
    clip = Clip(load(path))
    assert (clip.scales, clip.offsets) == ((0.0001,), (-0.1,))


def test_only_fence_and_ring_are_kept(tmp_path):
    path = write(
        tmp_path / "a.tif", ground(1, 2000), names=("pan",), transform=Affine(2, 0, WEST - 2000, 0, -2, SOUTH + 2000)
    )
    image = load(path)
    a, _, left, _, _, top = image.chip.grid.transform
    height, width = image.chip.grid.shape
    assert a == 2
    assert left == pytest.approx(WEST - 640, abs=5)
    assert top == pytest.approx(SOUTH + 100 + 640, abs=5)
    assert (width, height) == pytest.approx((690, 690), abs=4)
    assert "the fence and up to 640 m around it" in image.kept
    whole = ground(1, 2000)
    first = round((top - (SOUTH + 2000)) / -2), round((left - (WEST - 2000)) / 2)
    assert np.array_equal(Clip(image).values[0], whole[0, first[0] : first[0] + height, first[1] : first[1] + width])


def test_a_ring_too_large_is_kept_narrower_and_said(tmp_path):
    path = write(
        tmp_path / "a.tif", ground(1, 1600), names=("pan",), transform=Affine(1, 0, WEST - 750, 0, -1, SOUTH + 850)
    )
    image = load(path, most=500_000)
    height, width = image.chip.grid.shape
    assert 300**2 < height * width <= 500_000
    assert image.chip.grid.transform[0] == 1
    assert "a ring of 640 m would be over" in image.kept
    assert "mean" not in image.kept


def test_a_fence_too_large_is_thinned_to_means_and_said(tmp_path):
    values = ground(1, 400, np.float32)
    path = write(tmp_path / "a.tif", values, names=("pan",))
    image = load(path, most=10_000)
    grid = image.chip.grid
    assert grid.shape[0] * grid.shape[1] * 4 <= 10_000
    by = round(grid.transform[0])
    assert by == 4
    assert f"every {by} x {by} pixels are kept as their mean" in image.kept
    row, column = round(SOUTH + 250 - grid.transform[5]), round(grid.transform[2] - (WEST - 150))
    assert Clip(image).values[0, 0, 0] == pytest.approx(values[0, row : row + by, column : column + by].mean())


def test_means_leave_out_what_holds_no_data(tmp_path):
    values = np.full((1, 400, 400), 100, np.uint8)
    values[0, ::2] = 0
    clip = Clip(load(write(tmp_path / "a.tif", values, names=("pan",), nodata=0), most=10_000))
    assert clip.seen.all()
    assert (clip.values == 100).all()


# --- No data


def half(shape: tuple[int, int] = (400, 400)) -> NDArray[np.bool_]:
    """True in the western half of the fence and all that lies west of it."""
    return np.broadcast_to(np.arange(shape[1]) < 200, shape)


def test_a_no_data_value_an_alpha_band_a_mask_and_no_numbers_are_not_seen(tmp_path):
    empty = np.where(half(), np.maximum(ground(1)[0], 1), 0).astype(np.uint8)[None]
    alpha = np.concatenate([ground(3), np.where(half(), 255, 0).astype(np.uint8)[None]])
    holes = np.where(half(), ground(1)[0], np.nan).astype(np.float32)[None]
    endless = np.where(half(), ground(1)[0], np.inf).astype(np.float32)[None]
    black = np.zeros((1, 400, 400), np.uint8)
    images = {
        "value": load(write(tmp_path / "v.tif", empty, names=("pan",), nodata=0)),
        "alpha": load(write(tmp_path / "a.tif", alpha, names=(), photometric="RGB", alpha="YES")),
        "mask": load(write(tmp_path / "m.tif", black, names=("pan",), mask=half())),
        "nan": load(write(tmp_path / "n.tif", holes, names=("pan",))),
        "inf": load(write(tmp_path / "i.tif", endless, names=("pan",))),
    }
    for name, image in images.items():
        assert np.array_equal(Clip(image).seen, half()), name
        assert image.kept.endswith("the image holds data over 50 % of the fence"), name
    assert images["alpha"].chip.bands == RGB
    assert (Clip(images["mask"]).values == 0).all()  # black ground is ground


@pytest.mark.parametrize(
    ("values", "given"),
    [
        (np.zeros((1, 400, 400), np.uint8), {"nodata": 0}),
        (np.full((1, 400, 400), np.nan, np.float32), {}),
        (np.full((1, 400, 400), np.inf, np.float32), {}),
        (np.full((1, 400, 400), 7, np.uint8), {"mask": np.zeros((400, 400), bool)}),
    ],
    ids=["no data", "no numbers", "infinite", "masked"],
)
def test_an_image_without_data_over_the_fence_is_refused(tmp_path, values, given):
    path = write(tmp_path / "a.tif", values, names=("pan",), **given)
    with pytest.raises(InputError, match=r"a\.tif: .* holds no data there: all 10,000 pixels are empty"):
        load(path)


# --- Bands


def test_bands_are_named_by_description_by_colour_or_by_the_analyst(tmp_path):
    by_colour = write(tmp_path / "c.tif", ground(3), names=(), photometric="RGB")
    described = write(tmp_path / "d.tif", ground(2), names=("Near infrared", "R"))
    told = write(tmp_path / "t.tif", ground(4, dtype=np.uint16), names=())
    assert load(by_colour).chip.bands == RGB
    assert load(described).chip.bands == ("nir", "red")
    assert load(write(tmp_path / "g.tif", ground(1), names=())).chip.bands == ("gray",)
    image = load(told, names=("blue", "-", "red", "nir"))
    assert image.chip.bands == ("blue", "red", "nir")
    assert np.array_equal(Clip(image).values, ground(4, dtype=np.uint16)[[0, 2, 3]])


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), r"nothing in the file names band 1, 2, 3, 4 of 4; .*--bands blue,green,red,nir"),
        (("red", "green"), "--bands names 2 bands, the file has 4"),
        (("red", "green", "blue", "red"), "more than one band is called red"),
        (("red", "green", "blue", "Near IR"), "--bands: found 'Near IR'; right would be"),
        (("-", "-", "-", "-"), "--bands keeps no band"),
    ],
)
def test_bands_that_nobody_names_or_that_are_named_wrong_are_refused(tmp_path, names, words):
    path = write(tmp_path / "a.tif", ground(4, dtype=np.uint16), names=())
    with pytest.raises(InputError, match=words):
        load(path, names=names)


def test_a_paletted_image_becomes_its_colours(tmp_path):
    path = tmp_path / "p.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=400, width=400, dtype="uint8", crs=skies.CRS,
        transform=Affine(1, 0, WEST - 150, 0, -1, SOUTH + 250), photometric="PALETTE",
    ) as file:  # fmt: skip
        file.write(np.where(half(), 3, 9).astype(np.uint8), 1)
        file.write_colormap(1, {3: (200, 100, 50, 255), 9: (1, 2, 3, 255)})
    image = load(path)
    clip = Clip(image)
    assert image.chip.bands == RGB
    assert clip.values[:, 0, 0].tolist() == [200, 100, 50]
    assert clip.values[:, 0, -1].tolist() == [1, 2, 3]
    assert clip.seen.all()
    assert "the palette's colours are kept as three bands" in image.kept
    with pytest.raises(InputError, match="leave --bands out"):
        load(path, names=RGB)


# --- Where it lies


def place_of(image: Image, value: int) -> tuple[float, float]:
    """Longitude and latitude of the middle of the pixels of a value."""
    clip = Clip(image)
    a, b, c, d, e, f = clip.transform
    rows, columns = np.nonzero((clip.values[0] == value) & clip.seen)
    x, y = columns.mean() + 0.5, rows.mean() + 0.5
    (longitude,), (latitude,) = transform(clip.crs, "EPSG:4326", [a * x + b * y + c], [d * x + e * y + f])
    return longitude, latitude


MARK = WEST + 40, SOUTH + 60
"""The middle of a bright square of 9 m inside the fence."""


def marked(affine: Affine, crs: str, size: int) -> NDArray[np.uint8]:
    """Dark ground with the bright square, as seen in some frame."""
    row, column = np.mgrid[0:size, 0:size] + 0.5
    x, y = affine.a * column + affine.b * row + affine.c, affine.d * column + affine.e * row + affine.f
    easting, northing = Transformer.from_crs(crs, skies.CRS, always_xy=True).transform(x, y)
    bright = (abs(easting - MARK[0]) < 4.5) & (abs(northing - MARK[1]) < 4.5)
    return np.where(bright, 250, 20).astype(np.uint8)[None]


def frames() -> dict[str, tuple[Affine, str, str]]:
    """Frames around the mark: their transform, reference system, and how the clip is made."""
    longitude, latitude = Transformer.from_crs(skies.CRS, 4326, always_xy=True).transform(*MARK)
    mercator = Transformer.from_crs(skies.CRS, 3857, always_xy=True).transform(*MARK)
    c, s = 0.8, 0.6  # a turn of 37 degrees
    return {
        "plain": (Affine(1, 0, MARK[0] - 200, 0, -1, MARK[1] + 200), skies.CRS, "none"),
        "degrees": (Affine(1e-5, 0, longitude - 2e-3, 0, -1e-5, latitude + 2e-3), "EPSG:4326", "nearest"),
        "rotated": (Affine(c, s, MARK[0] - 200 * (c + s), s, -c, MARK[1] + 200 * (c - s)), skies.CRS, "nearest"),
        "south-up": (Affine(1, 0, MARK[0] - 200, 0, 1, MARK[1] - 200), skies.CRS, "nearest"),
        "mercator": (Affine(1, 0, mercator[0] - 200, 0, -1, mercator[1] + 200), "EPSG:3857", "nearest"),
        "oblong": (Affine(1, 0, MARK[0] - 200, 0, -0.7, MARK[1] + 140), skies.CRS, "nearest"),
    }


@pytest.mark.parametrize("frame", frames())
def test_the_ground_stays_where_it_is_in_every_frame(tmp_path, frame):
    affine, crs, made = frames()[frame]
    path = write(tmp_path / "a.tif", marked(affine, crs, 400), names=("pan",), crs=crs, transform=affine)
    image = load(path)
    a, b, _, d, e, _ = image.chip.grid.transform
    assert (b, d) == (0, 0)
    assert a == pytest.approx(-e)
    assert Clip(image).tags["RESAMPLING"] == made
    assert image.chip.grid.crs == skies.CRS
    longitude, latitude = place_of(image, 250)
    east, north = Transformer.from_crs(4326, skies.CRS, always_xy=True).transform(longitude, latitude)
    assert (east, north) == pytest.approx(MARK, abs=0.75)
    assert set(np.unique(Clip(image).values)) <= {0, 20, 250}  # nothing is mixed
    assert (made == "none") == ("nearest of the file's" not in image.kept)


def test_what_a_rotated_frame_leaves_open_is_not_seen(tmp_path):
    affine, crs, _ = frames()["rotated"]
    clip = Clip(load(write(tmp_path / "a.tif", marked(affine, crs, 400), names=("pan",), crs=crs, transform=affine)))
    assert not clip.seen[0, 0]
    assert 0.4 < clip.seen.mean() < 0.9


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"])
def test_every_type_of_number_is_kept_in_a_plain_frame_and_in_a_turned_one(tmp_path, dtype):
    for frame in ("plain", "rotated"):
        affine, crs, _ = frames()[frame]
        values = (marked(affine, crs, 400) // 10).astype(dtype)
        clip = Clip(load(write(tmp_path / f"{frame}.tif", values, names=("pan",), crs=crs, transform=affine)))
        assert clip.dtype == dtype
        assert set(np.unique(clip.values[0][clip.seen])) == {2, 25}


def test_an_image_elsewhere_is_told_where_it_lies_and_where_the_fence(tmp_path):
    path = write(tmp_path / "a.tif", ground(), transform=Affine(1, 0, WEST + 50_000, 0, -1, SOUTH))
    with pytest.raises(InputError) as told:
        load(path)
    assert re.search(
        r"shows nothing of the fence: it lies at longitude 22\.\d+ to 22\.\d+, latitude 45\.\d+ to 45\.\d+, the fence "
        r"of site yard lies at longitude 22\.1\d+ to .*, 5\d km away; name the site that it shows",
        str(told.value),
    )


def test_an_image_that_only_touches_the_fence_or_is_too_coarse_is_refused(tmp_path):
    touching = write(tmp_path / "t.tif", ground(), transform=Affine(1, 0, WEST + 99.8, 0, -1, SOUTH + 250))
    coarse = write(tmp_path / "c.tif", ground(3, 8), transform=Affine(500, 0, WEST - 1000, 0, -500, SOUTH + 2000))
    for path in (touching, coarse):
        with pytest.raises(
            InputError, match=r"none of its pixels of .* m has its centre inside the fence of site yard"
        ):
            load(path)


# --- Files that cannot be used


def png(path: Path) -> Path:
    """A whole PNG without any georeference."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + bytes(4) for _ in range(4)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b""))
    return path


def bare(path: Path, **given: Any) -> Path:
    """A TIFF of one band with only what is given."""
    profile = {"driver": "GTiff", "count": 1, "height": 400, "width": 400, "dtype": "uint8"} | given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path, "w", **profile) as file:
            file.write(ground(1).astype(profile["dtype"]))
    return path


HERE = Affine(1, 0, WEST - 150, 0, -1, SOUTH + 250)


def test_what_is_no_geotiff_says_what_it_is_and_what_would_mend_it(tmp_path):
    (tmp_path / "empty.tif").write_bytes(b"")
    (tmp_path / "text.tif").write_text("<VRTDataset>http://127.0.0.1:9/x.tif</VRTDataset>")
    (tmp_path / "head.tif").write_bytes(b"II*\0garbage")
    for path, words in (
        (tmp_path / "empty.tif", r"empty\.tif: the file is empty; get it again"),
        (tmp_path / "text.tif", r"text\.tif: found no TIFF; right would be a GeoTIFF"),
        (tmp_path / "head.tif", r"head\.tif: it is cut short or damaged"),
        (png(tmp_path / "shot.png"), r"found a PNG picture; .*gdal_translate shot\.png shot\.tif; .*georeference it"),
        (tmp_path / "none.tif", r"none\.tif: it cannot be read: No such file"),
        (tmp_path, "found something that is no file"),
    ):
        with pytest.raises(InputError, match=words):
            load(path)


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    def locked(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path / "a.tif", ground())
    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(InputError, match=r"a\.tif: it cannot be read: Permission denied; mend its rights"):
        load(path)


def test_a_file_without_a_place_says_what_would_give_it_one(tmp_path):
    points = [GroundControlPoint(row, col, WEST + col, SOUTH - row) for row, col in ((0, 0), (0, 9), (9, 0), (9, 9))]
    for path, words in (
        (
            bare(tmp_path / "a.tif", transform=HERE),
            r"a\.tif: it names no coordinate reference system.*gdal_translate -a_srs EPSG:CODE a\.tif .*gdal_edit\.py",
        ),
        (bare(tmp_path / "b.tif"), r"b\.tif: it has no georeference .*georeference it in a GIS"),
        (bare(tmp_path / "c.tif", crs=skies.CRS), "it has no georeference"),
        (
            bare(tmp_path / "d.tif", gcps=points, crs=skies.CRS),
            r"4 ground control points .*gdalwarp -t_srs EPSG:32634 -r cubic d\.tif d-map\.tif",
        ),
    ):
        with pytest.raises(InputError, match=words):
            load(path)


def test_a_world_file_beside_it_does_not_count(tmp_path):
    path = bare(tmp_path / "a.tif", crs=skies.CRS)
    (tmp_path / "a.tfw").write_text(f"1\n0\n0\n-1\n{WEST - 150}\n{SOUTH + 250}\n")
    with pytest.raises(InputError, match="a world file beside it is not read"):
        load(path)


def test_complex_numbers_are_refused(tmp_path):
    path = bare(tmp_path / "a.tif", transform=HERE, crs=skies.CRS, dtype="complex64")
    with pytest.raises(InputError, match=r"complex \(complex64\).*their amplitude"):
        load(path)


def test_a_file_that_is_cut_short_is_refused(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (3, 400, 400)).astype(np.uint8)
    path = write(tmp_path / "a.tif", noise, compress="none")
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(InputError, match=r"a\.tif: it is cut short or damaged .*; get it again"):
        load(path)


def test_blocks_too_large_to_be_read_one_by_one_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(geotiff, "LARGEST_BLOCK", 100_000)
    path = write(tmp_path / "a.tif", ground(), tiled=False, blockysize=400)
    with pytest.raises(InputError, match=r"blocks of 400 x 400, .*gdal_translate -co TILED=YES"):
        load(path)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path):
    path = write(tmp_path / "a.tif", ground())

    def copying(what: str, done: int, total: int) -> None:
        if what.startswith("reading"):
            with path.open("ab") as file:
                file.write(b"more")

    with pytest.raises(InputError, match="the file changed while it was read"):
        load(path, progress=copying)


# --- Size


LARGE = """
import re, sys
from pathlib import Path
from tests.look.test_images import SITE, TAKEN, load_image
told = []
image = load_image(Path(sys.argv[1]), SITE, TAKEN, progress=lambda what, done, total: told.append((what, done, total)))
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]  # its own alone, unlike ru_maxrss
print(int(peak) // 1024, len(told), *image.chip.grid.shape)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to tell a process's peak memory")
@pytest.mark.parametrize(("pixel", "count"), [(0.25, 3), (0.002, 1)], ids=["a narrower ring", "a thinned fence"])
def test_an_image_of_40000_pixels_is_read_in_strips(tmp_path, pixel, count):
    """1.6 thousand million pixels; a process of its own never holds more than a few strips and what it keeps."""
    side = 40_000
    profile = {
        "driver": "GTiff", "count": count, "height": side, "width": side, "dtype": "uint8", "crs": skies.CRS,
        "transform": Affine(pixel, 0, WEST + 50 - pixel * side / 2, 0, -pixel, SOUTH + 50 + pixel * side / 2),
        "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "sparse_ok": True,
        "photometric": "RGB" if count == 3 else "MINISBLACK", "bigtiff": "YES",
    }  # fmt: skip
    with rasterio.open(tmp_path / "a.tif", "w", **profile) as file:
        file.write(np.full((count, 512, 512), 9, np.uint8), window=rasterio.windows.Window(19968, 19968, 512, 512))
    command = [sys.executable, "-c", LARGE, str(tmp_path / "a.tif")]
    said = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    megabytes, told, height, width = map(int, said.stdout.split())
    assert 50 < megabytes < 400
    assert told > 2
    assert 0.5 * 32 * 2**20 < count * height * width <= 32 * 2**20
