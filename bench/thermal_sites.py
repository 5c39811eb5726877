"""Simulated thermal sites: land of several kinds seen through a 100 m support, and a factory that starts. Not imagery.

What is made up, in kelvin: five kinds of land in patches (level sd 2, half the yearly range 15 sd 2), each pixel its
own level (sd 1) and season (sd 0.7); weather of each pass (sd 4, common) and of each kind (sd 0.7 from pass to pass and
0.7 that lasts for about 20 days); noise of 0.5 to 1, correlated by the support; a pass every 8 days, of whose pixels
about 60 % are lost to cloud, more in winter; every sixth partly cloudy pass with an unmasked rim of cold cloud.
A factory is a square of 1 to 9 ha anywhere within the fence, hotter from its day on by some kelvin, each pass 10 % more
or less, through the support. Crops that rotate, irrigation, snow and air pollution are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter

from sites import Bools, Floats
from sitewatch.look.sensors.thermal import BAND, PIXEL_M, SUPPORT_M

SIDE = 40
"""Pixels of a site: 1.2 km."""
FENCE = slice(13, 27)
"""Rows and columns of the fence: 420 m."""
EVERY = 8
"""Days between passes (two satellites)."""
FIRST, START = date(2019, 1, 2), date(2022, 1, 1)
"""First pass, and first watched day."""
WATCHED_DAYS = 730
KINDS = 5
FINE = 3
"""Parts of a pixel's side in which a factory is drawn."""
SUPPORT_PX = SUPPORT_M / PIXEL_M / 2.355
"""Standard deviation of the support, pixels: a Gaussian of 100 m at half its height."""


@dataclass(frozen=True, eq=False)
class HeatSite:
    """A simulated site without a factory, and where and when one would start."""

    values: Floats
    """(time, y, x), kelvin, NaN where unseen."""
    days: list[date]
    inside: Bools
    """(y, x)."""
    begins: date
    """When a factory would start: any day of the watch that leaves 120 days."""
    corner: tuple[float, float]
    """Where in the fence, as shares of the room that there is."""
    load: Floats
    """(time,): how hard it works, about 1."""

    def cube(self, values: Floats | None = None) -> xr.DataArray:
        """Values (time, y, x), else the site's own, as a cube for the monitor, passes that saw nothing left out."""
        shown = self.values if values is None else values
        taken = np.isfinite(shown).any((1, 2))
        along = PIXEL_M * np.arange(SIDE, dtype=float)
        coords = {"time": np.array(self.days, "datetime64[ns]")[taken], "band": [BAND], "y": along[::-1], "x": along}
        return xr.DataArray(shown[taken, None], dims=("time", "band", "y", "x"), coords=coords)

    def with_factory(self, hectares: float, kelvin: float) -> tuple[Floats, Bools]:
        """Values (time, y, x) with a factory, and the pixels (y, x) that are its own by half or more."""
        shape, owned = factory(hectares, self.corner)
        works = np.array([day >= self.begins for day in self.days]) * self.load
        return (self.values + np.float32(kelvin) * works[:, None, None] * shape).astype(np.float32), owned


def factory(hectares: float, corner: tuple[float, float]) -> tuple[Floats, Bools]:
    """How much of its heat each pixel shows, (y, x), 0 to 1, through the support; and the pixels that are its own."""
    side, low = round(np.sqrt(hectares) * 100 / (PIXEL_M / FINE)), FENCE.start * FINE
    room = (FENCE.stop - FENCE.start) * FINE - side
    at = [low + round(share * room) for share in corner]
    drawn = np.zeros((SIDE * FINE, SIDE * FINE))
    drawn[at[0] : at[0] + side, at[1] : at[1] + side] = 1
    seen = gaussian_filter(drawn, SUPPORT_PX * FINE)
    shape, owned = (a.reshape(SIDE, FINE, SIDE, FINE).mean((1, 3)) for a in (seen, drawn))
    return shape.astype(np.float32), owned >= 0.5


def site(seed: int) -> HeatSite:
    """A simulated site; the same for the same seed."""
    rng = np.random.default_rng(seed)
    count = ((START - FIRST).days + WATCHED_DAYS) // EVERY
    days = [FIRST + timedelta(days=EVERY * i) for i in range(count)]
    phase = 2 * np.pi * np.array([day.timetuple().tm_yday - 20 for day in days]) / 365.25
    kinds = np.argmax([gaussian_filter(rng.normal(size=(SIDE, SIDE)), 3) for _ in range(KINDS)], axis=0)
    level = rng.normal(288, 2, KINDS)[kinds] + rng.normal(0, 1, (SIDE, SIDE))
    swing = rng.normal(15, 2, KINDS)[kinds] + rng.normal(0, 0.7, (SIDE, SIDE))
    lag = rng.normal(0, 0.15, KINDS)[kinds]
    lasting = np.zeros((count, KINDS))
    keeps = np.exp(-EVERY / 20)
    for i in range(count):
        lasting[i] = (keeps * lasting[i - 1] if i else 0) + rng.normal(0, 0.7 * np.sqrt(1 - keeps**2), KINDS)
    weather = rng.normal(0, 4, count)[:, None] + rng.normal(0, 0.7, (count, KINDS)) + lasting
    noise = rng.uniform(0.5, 1.0)
    usual = np.sqrt(np.square(gaussian_filter(rng.normal(size=(200, 200)), SUPPORT_PX)).mean())
    values = np.empty((count, SIDE, SIDE), np.float32)
    for i in range(count):
        ground = gaussian_filter(level - swing * np.cos(phase[i] - lag) + weather[i][kinds], SUPPORT_PX)
        image = ground + noise / usual * gaussian_filter(rng.normal(size=(SIDE, SIDE)), SUPPORT_PX)
        values[i] = clouded(image, float(np.cos(phase[i])), rng)
    inside = np.zeros((SIDE, SIDE), bool)
    inside[FENCE, FENCE] = True
    return HeatSite(
        values, days, inside, START + timedelta(days=int(rng.integers(0, WATCHED_DAYS - 120))),
        (float(rng.random()), float(rng.random())), np.clip(rng.normal(1, 0.1, count), 0.7, 1.3),
    )  # fmt: skip


def clouded(image: NDArray[np.float64], winter: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """One pass (y, x) with what cloud leaves of it; `winter` is 1 in January and -1 in July."""
    lost, partly, cover = rng.random() < 0.5 + 0.15 * winter, rng.random() < 0.5, rng.uniform(0.1, 0.7)
    field, rim, cold = gaussian_filter(rng.normal(size=image.shape), 5), rng.random() < 1 / 6, rng.uniform(2, 8)
    if lost:
        return np.full_like(image, np.nan)
    if not partly:
        return image
    cloud = field > np.quantile(field, 1 - cover)
    if rim:  # the screen draws its edge too tightly
        image = image - cold * (binary_dilation(cloud, iterations=2) & ~cloud)
    return np.where(cloud, np.nan, image)
