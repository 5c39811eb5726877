"""Plates of a pair: one stretch, one scale, true north, and nothing that invites a wrong reading."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image
from pyproj import Proj

from sitewatch.errors import InputError, LedgerError
from sitewatch.records import Grid, Pass
from sitewatch.tell import chips
from sitewatch.tell.chips import TRUE_COLOUR, ChipImage, read_chip, shared_stretch
from sitewatch.tell.figures import Plates, before_after, licence_line, metres, way_north
from tests.tell import sample

OUTLINE = (sample.ring(26, 24, 44, 40),)


def made_pass(**changes: object) -> Pass:
    fields = {
        "site": "stand", "sensor": "optical", "platform": "Sentinel-2A", "provider": "ESA", "catalogue": "local",
        "acquired": datetime(2019, 4, 7, 9, 20, 31, tzinfo=UTC), "items": ("one",), "chip": "0" * 64,
        "bands": sample.BANDS, "grid": sample.GRID, "attribution": "contains modified Copernicus Sentinel data",
    }  # fmt: skip
    return Pass.model_validate({**fields, **changes})


def image(*, cut: bool, bands: tuple[str, ...] = sample.BANDS, **changes: object) -> ChipImage:
    return read_chip(made_pass(bands=bands, **changes), sample.chip(1, cut=cut, bands=bands))


def plates(**changes: object) -> list[Plates]:
    return before_after(
        image(cut=False, **changes), image(cut=True, **changes), outline=OUTLINE, fence=sample.FENCE, number=1
    )


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_a_chip_is_read_as_reflectance_with_gaps() -> None:
    chip = image(cut=False)
    assert chip.shape == (64, 64)
    assert np.isnan(chip.bands["red"][:3, :3]).all()
    assert 0.02 < float(np.nanmedian(chip.bands["red"])) < 0.04
    assert float(np.nanmedian(chip.bands["nir"])) == pytest.approx(0.32, abs=0.02)
    assert chip.extent == (450_000.0, 450_640.0, 5_199_360.0, 5_200_000.0)


def test_the_screen_of_the_scene_is_kept_apart_from_the_bands() -> None:
    chip = image(cut=True, bands=(*sample.BANDS, "scl"))
    assert "scl" not in chip.bands
    assert chip.unseen[50:60, 5:20].all()
    assert chip.unseen[48:62, 8:18].all()  # the rim of two pixels
    assert not chip.unseen[47, :].any()
    assert chip.unseen[:3, :3].all()  # no data is no ground


@pytest.mark.parametrize(("code", "seen"), [(2, False), (4, True), (6, True), (7, True), (8, False), (11, False)])
def test_only_what_the_monitor_saw_is_left_unhatched(code: int, seen: bool) -> None:
    bands = {name: np.full((9, 9), 0.1, np.float32) for name in sample.BANDS}
    screen = np.full((9, 9), 4, np.float32)
    screen[4, 4] = code
    unseen = chips._unseen(bands, {"scl": screen})
    assert unseen[4, 4] == (not seen)
    assert unseen.sum() == (0 if seen else 13 if code == 8 else 1)  # a rim of two pixels around a cloud alone
    bands["red"][0, 0] = 2.5
    assert chips._unseen(bands, {"scl": screen})[0, 0]


@pytest.mark.parametrize(
    ("flag", "doubt", "hidden"), [(64, 100, 0), (1 << 3, 100, 13), (1 << 5, 100, 1), (64, 501, 1), (64, -9999, 1)]
)
def test_landsats_flags_and_doubt_are_hatched(flag: int, doubt: int, hidden: int) -> None:
    flags, doubts = np.full((9, 9), 64, np.float32), np.full((9, 9), 100, np.float32)
    flags[4, 4], doubts[4, 4] = flag, doubt
    heat = {"lwir11": np.full((9, 9), 290, np.float32)}
    assert chips._unseen(heat, {"qa_pixel": flags, "st_qa": doubts}).sum() == hidden


def test_a_plate_says_whether_it_shows_hatching() -> None:
    assert [p.hatched for p in plates(bands=(*sample.BANDS, "scl"))] == [True, True]
    assert [p.hatched for p in plates()] == [False, False]


def test_bytes_that_are_cut_short_are_refused() -> None:
    with pytest.raises(LedgerError, match="sitewatch verify"):
        read_chip(made_pass(), sample.chip(1, cut=False)[:200])


def test_one_stretch_for_both_keeps_a_change_of_brightness() -> None:
    dark = np.full((8, 8, 3), 0.1, np.float32)
    dark[0, 0] = 0.0
    bright = np.full((8, 8, 3), 0.3, np.float32)
    shown_dark, shown_bright = shared_stretch(dark, bright, low=0, high=100)
    assert shown_dark[4, 4, 0] == pytest.approx(1 / 3)
    assert shown_bright[4, 4, 0] == pytest.approx(1)


def test_noise_is_not_stretched_into_ground() -> None:
    quiet = np.random.default_rng(1).normal(0.05, 0.001, (30, 30, 3)).astype(np.float32)
    shown, _ = shared_stretch(quiet, quiet)
    assert float(shown.max() - shown.min()) < 0.3


def test_an_empty_pass_shows_as_empty() -> None:
    empty = np.full((4, 4, 3), np.nan, np.float32)
    assert np.isnan(shared_stretch(empty, empty)[0]).all()


def test_the_pair_comes_in_true_colour_and_near_infrared_at_one_size() -> None:
    both = plates()
    assert [p.kind for p in both] == ["true colour", "near infrared"]
    for plate in both:
        assert pixels(plate.before).shape == pixels(plate.after).shape
        assert len(plate.before) < 300_000
    assert [p.kind for p in plates(bands=TRUE_COLOUR[::-1])] == ["true colour"]


def test_the_change_is_visible_and_outlined() -> None:
    true_colour = plates()[0]
    before, after = pixels(true_colour.before), pixels(true_colour.after)
    height, width, _ = before.shape
    inside = np.s_[int(height * 0.35) : int(height * 0.45), int(width * 0.4) : int(width * 0.6)]
    assert after[inside].mean() > before[inside].mean() + 80
    yellow = (after[..., 0] > 240) & (after[..., 1] > 190) & (after[..., 2] < 60)
    assert yellow.sum() > 500


def test_clouded_pixels_are_hatched() -> None:
    def pink(png: bytes) -> int:
        shown = pixels(png)
        return int(((shown[..., 0] > 240) & (abs(shown[..., 1] - 89) < 12) & (abs(shown[..., 2] - 166) < 12)).sum())

    bands = (*sample.BANDS, "scl")
    scened = plates(bands=bands)[0]
    assert pink(scened.after) > 500
    assert pink(scened.before) == 0


def test_the_same_pair_gives_the_same_bytes() -> None:
    assert plates() == plates()


def test_passes_on_different_grids_are_refused() -> None:
    other = Grid(crs="EPSG:3035", transform=sample.GRID.transform, shape=sample.GRID.shape)
    moved = read_chip(made_pass(grid=other), sample.chip(1, cut=False))
    with pytest.raises(InputError, match="different grids"):
        before_after(image(cut=False), moved, outline=OUTLINE, fence=sample.FENCE, number=1)


@pytest.mark.parametrize(
    ("crs", "middle"), [("EPSG:3035", (5_272_400.0, 2_532_500.0)), ("EPSG:32635", (450_300.0, 5_199_700.0))]
)
def test_the_arrow_leads_to_true_north(crs: str, middle: tuple[float, float]) -> None:
    grid = Grid(crs=crs, transform=(10.0, 0.0, middle[0] - 300, 0.0, -10.0, middle[1] + 300), shape=(64, 64))
    chip = read_chip(made_pass(grid=grid), sample.chip(1, cut=False))
    x, y = way_north(chip, middle)
    projection = Proj(crs)
    convergence = projection.get_factors(*projection(*middle, inverse=True)).meridian_convergence
    assert np.degrees(np.arctan2(x, y)) == pytest.approx(-convergence, abs=0.02)
    if crs == "EPSG:3035":
        assert abs(np.degrees(np.arctan2(x, y))) > 5


def test_the_scale_is_measured_on_the_ellipsoid() -> None:
    chip = image(cut=False)
    assert metres(chip, (450_100.0, 5_199_700.0), (450_300.0, 5_199_700.0)) == pytest.approx(200, rel=0.001)


def test_a_licence_that_is_not_stated_is_said_to_be_so() -> None:
    assert licence_line(image(cut=False)) == "contains modified Copernicus Sentinel data"
    assert licence_line(image(cut=False, attribution=None)) == "licence not stated by the catalogue"


def test_a_site_without_a_fence_shows_the_region() -> None:
    shown = before_after(image(cut=False), image(cut=True), outline=OUTLINE, fence=(), number=3)
    assert len(shown) == 2
    whole = before_after(image(cut=False), image(cut=True), outline=(), fence=(), number=3)
    assert pixels(whole[0].before).shape[1] == pixels(shown[0].before).shape[1]
